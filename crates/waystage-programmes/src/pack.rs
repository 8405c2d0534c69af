//! A pack: one programme in one file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::de::DeTable;
use waystage_core::id::{CalendarId, ProgrammeId, RuleId};
use waystage_core::programme::Programme;

use crate::entry::Entry;
use crate::error::PackErrors;
use crate::fee::fees;
use crate::kind::{Area, Day, Text};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::place::Place;
use crate::problem::Problem;
use crate::provision::{Named, SECTIONS, claim, provision};
use crate::rule::{PlacedRule, rules};
use crate::standard::{self, standards, without_calendar};

/// A programme, and the places at which its pack names things that stand elsewhere.
pub(crate) struct Pack {
    pub(crate) programme: Programme,
    pub(crate) id: Place,
    pub(crate) calendar: Place,
    /// By rule and version.
    pub(crate) rate_tables: BTreeMap<(RuleId, NaiveDate), Place>,
}

/// Reads a pack. `file` is only its name in messages.
///
/// ```
/// # use waystage_programmes::read_pack;
/// let errors = read_pack("pilot.toml", "[programme]\nid = 7\n").unwrap_err();
/// let first = "pilot.toml:1:1: [programme] has no \"name\": write name = \"a name for people\"";
/// assert_eq!(errors.to_string().lines().next(), Some(first));
/// ```
pub fn read_pack(file: &str, text: &str) -> Result<Programme, PackErrors> {
    placed(file, text).map(|pack| pack.programme)
}

/// Reads a pack and keeps the places that checks between files need.
pub(crate) fn placed(file: &str, text: &str) -> Result<Pack, PackErrors> {
    let mut notes = Notes::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let read = match syntax(&mut notes, &errors) {
        Ok(()) => pack(&Entry::file("the pack", &table), &mut notes),
        Err(refusal) => Err(refusal),
    };
    notes.finish(read)
}

/// Notes what the parser says, once for each line; one slip often has several echoes.
pub(crate) fn syntax(notes: &mut Notes<'_>, errors: &[toml::de::Error]) -> Result<(), Noted> {
    let mut said: Vec<usize> = Vec::new();
    let mut wrong = None;
    for error in errors {
        let span = error.span().unwrap_or_default();
        let line = notes.line(span.start);
        if said.contains(&line) {
            continue;
        }
        said.push(line);
        let reason = error.message().to_owned();
        let problem = match reason.as_str() {
            "duplicate key" => Problem::KeyTwice { key: notes.text(span.clone()).to_owned() },
            _ => Problem::Syntax { reason },
        };
        wrong = Some(notes.refuse(span.start, problem));
    }
    wrong.map_or(Ok(()), Err)
}

pub(crate) fn pack(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Pack, Noted> {
    top_keys(file, notes);
    let head = programme_entry(file, notes);
    let standard_entries = file.tables(notes, ("standard", "[[standard]]"));
    let standard_entries = standard_entries.unwrap_or_default();
    let rule_entries = file.tables(notes, ("rule", "[[rule]]"));
    let rule_entries = rule_entries.unwrap_or_default();
    let fee_entries = file.tables(notes, ("fee", "[[fee]]"));
    let fee_entries = fee_entries.unwrap_or_default();

    let programme = head.and_then(|entry| programme(&entry, notes));
    if head.is_ok_and(|entry| !entry.has("calendar")) {
        without_calendar(&standard_entries, ("a standard", standard::WORKING_DAYS), notes);
        for claim in file.glance_tables("claim") {
            let versions = claim.glance_tables("version");
            without_calendar(&versions, ("a wait", claim::WORKING_DAYS), notes);
        }
    }
    let standards = standards(&standard_entries, notes);
    let known = programme.as_ref().ok().map(|programme| programme.groups.as_slice());
    let rules = rules(&rule_entries, known, notes);
    let fees = fees(&fee_entries, &rule_entries, notes);
    let provision = provision(file, &Named { rules: &rule_entries, groups: known }, notes);

    let (head, rules) = (head?, rules?);
    let places = |placed: &PlacedRule| {
        let id = placed.rule.id.clone();
        let places = placed.rate_tables.clone().into_iter();
        places.map(move |(day, place)| ((id.clone(), day), place))
    };
    Ok(Pack {
        id: notes.place(head.at_value("id")),
        calendar: notes.place(head.at_value("calendar")),
        rate_tables: rules.iter().flat_map(places).collect(),
        programme: Programme {
            standards: standards?,
            rules: rules.into_iter().map(|placed| placed.rule).collect(),
            fees: fees?,
            provision: Box::new(provision?),
            ..programme?
        },
    })
}

fn top_keys(file: &Entry<'_>, notes: &mut Notes<'_>) {
    let own: Vec<&str> =
        ["programme", "standard", "rule", "fee"].into_iter().chain(SECTIONS).collect();
    let others = ["rate_table", "calendar", "geography"];
    misplaced(file, notes, &others, "a tables file");
    file.only_but(notes, &own, &others);
}

/// Notes what belongs in the other kind of file.
pub(crate) fn misplaced(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
    others: &[&'static str],
    home: &'static str,
) {
    for (key, at) in file.keys().filter(|(key, _)| others.contains(key)) {
        let (key, entry) = (key.to_owned(), file.name);
        notes.refuse(at, Problem::Misplaced { key, entry, home });
    }
}

fn programme_entry<'t>(file: &Entry<'t>, notes: &mut Notes<'_>) -> Result<Entry<'t>, Noted> {
    let (key, name) = ("programme", "[programme]");
    file.table(notes, (key, name), name)?.ok_or_else(|| {
        let problem = Problem::MissingKey {
            key,
            entry: file.name,
            write: "[programme] with an id, a name and a reference".to_owned(),
        };
        notes.refuse(file.at, problem)
    })
}

const PROGRAMME: &[&str] =
    &["id", "name", "reference", "referrals", "groups", "areas", "calendar", "assumption"];

/// Reads the programme itself, without its standards, rules and fees.
fn programme(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Programme, Noted> {
    entry.only(notes, PROGRAMME);
    let id = entry.required(notes, "id", Text);
    let name = entry.required(notes, "name", Text);
    let reference = entry.required(notes, "reference", Text);
    let referrals = referrals(entry, notes);
    let groups = entry.optional(notes, "groups", List(Text));
    let areas = entry.optional(notes, "areas", List(Area));
    let calendar = entry.optional(notes, "calendar", Text);
    let assumption = entry.optional(notes, "assumption", Text);
    let (referrals_from, referrals_until) = referrals?;
    Ok(Programme {
        id: ProgrammeId::from(id?),
        name: name?,
        reference: reference?,
        referrals_from,
        referrals_until,
        groups: groups?.unwrap_or_default(),
        areas: areas?.unwrap_or_default(),
        calendar: calendar?.map(CalendarId::from),
        assumption: assumption?,
        standards: Vec::new(),
        rules: Vec::new(),
        fees: Vec::new(),
        provision: Box::default(),
    })
}

type Days = (Option<NaiveDate>, Option<NaiveDate>);

fn referrals(programme: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Days, Noted> {
    let write = "referrals = { from = 2017-11-01, until = 2024-09-30 }";
    let Some(entry) = programme.table(notes, ("referrals", "referrals"), write)? else {
        return Ok((None, None));
    };
    entry.only(notes, &["from", "until"]);
    let from = entry.optional(notes, "from", Day);
    let until = entry.optional(notes, "until", Day);
    match (from?, until?) {
        (Some(from), Some(until)) if until < from => {
            let problem = Problem::UntilBeforeFrom { from, until };
            Err(notes.refuse(entry.at_value("until"), problem))
        }
        days => Ok(days),
    }
}
