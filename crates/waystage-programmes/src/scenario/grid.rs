//! `[grid]`: one parameter of a rule, swept over values; each is a scenario of its own.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeString, DeValue};
use waystage_core::id::{ProgrammeId, RuleId};
use waystage_core::scenario::Scenario;

use super::Standing;
use super::edit::{PackEdit, programmes};
use super::item::ItemEdit;
use super::sections::RULES;
use crate::entry::Entry;
use crate::kind::{OneOrMore, Text, Whole};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// A parameter that is swept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// The programmes that have a rule that is swept.
    pub programmes: BTreeSet<ProgrammeId>,
    /// The rule, or `*` for all rules that have the parameter.
    pub rule: String,
    /// The rules that are swept, of each programme that has one.
    pub swept: BTreeMap<ProgrammeId, BTreeSet<RuleId>>,
    /// The tier of the rule, where one is named.
    pub tier: Option<String>,
    /// The parameter, as the pack language calls it.
    pub parameter: String,
    /// Its values and their scenarios, in their order.
    pub points: Vec<Point>,
}

/// One value of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The value, as it is written.
    pub value: String,
    /// The scenario with this value.
    pub scenario: Scenario,
}

/// How many values a grid may have.
const POINTS_MAX: u64 = 200;
const NUMBER: Whole<u64> = Whole::new(0, 1_000_000_000, 7);
const STEP: Whole<u64> = Whole::new(1, 1_000_000_000, 7);
const KEYS: &[&str] = &["programme", "rule", "tier", "parameter", "from", "to", "step", "values"];

/// A grid as it stands in the file.
pub(super) struct Sweep {
    programmes: BTreeSet<ProgrammeId>,
    rule: (String, usize),
    tier: Option<String>,
    parameter: (String, std::ops::Range<usize>),
    /// Each value as it is written, with its place.
    values: Vec<(String, usize)>,
    at: usize,
}

/// Reads the grid; none where there is none.
pub(super) fn sweep(
    file: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Option<Sweep>, Noted> {
    let Some(entry) = file.table(notes, ("grid", "[grid]"), "[grid]")? else { return Ok(None) };
    entry.only(notes, KEYS);
    let named = entry.required(notes, "programme", OneOrMore(Text));
    let programmes =
        named.and_then(|named| programmes(&named, entry.at_value("programme"), standing, notes));
    let rule = entry.required(notes, "rule", Text);
    let tier = entry.optional(notes, "tier", Text);
    let parameter = entry.required(notes, "parameter", Text);
    let parameter = parameter.and_then(|parameter| of_the_tier(&entry, parameter, notes));
    let values = values(&entry, notes);
    let at = entry.at_value("parameter");
    Ok(Some(Sweep {
        programmes: programmes?,
        rule: (rule?, entry.at_value("rule")),
        tier: tier?,
        parameter: (parameter?, at..at),
        values: values?,
        at: entry.at,
    }))
}

/// Returns the parameter where a tier could have it, if a tier is named.
fn of_the_tier(
    entry: &Entry<'_>,
    parameter: String,
    notes: &mut Notes<'_>,
) -> Result<String, Noted> {
    let key = "tier";
    if entry.has(key) && RULES.owns(&parameter) {
        let write = format!("remove it, as {parameter:?} is of every tier");
        let problem = Problem::IdleBeside { key, beside: parameter, write };
        return Err(notes.refuse(entry.at_key(key), problem));
    }
    Ok(parameter)
}

fn values(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<(String, usize)>, Noted> {
    let beside = ["from", "to", "step"].into_iter().find(|key| entry.has(key));
    if let Some(first) = beside.filter(|_| entry.has("values")) {
        let (second, entry_name) = ("values", entry.name);
        let problem = Problem::BothGiven { first, second, entry: entry_name };
        return Err(notes.refuse(entry.at_key("values"), problem));
    }
    if let Some(values) = entry.toml().get("values").and_then(|it| it.get_ref().as_array()) {
        let written =
            values.iter().map(|value| (notes.text(value.span()).to_owned(), value.span().start));
        let written: Vec<(String, usize)> = written.collect();
        return counted(written, entry.at_value("values"), notes);
    }
    if !entry.has("from") {
        return Err(notes.refuse(entry.at, Problem::EmptyGrid {}));
    }
    let from = entry.required(notes, "from", NUMBER);
    let to = entry.required(notes, "to", NUMBER);
    let step = entry.optional(notes, "step", STEP);
    let (from, to, step) = (from?, to?, step?.unwrap_or(1));
    let at = entry.at_value("from");
    let count = to.checked_sub(from).map_or(0, |span| span / step + 1);
    if count > POINTS_MAX {
        return Err(notes.refuse(at, Problem::GridTooLong { count, most: POINTS_MAX }));
    }
    let written = (0..count).map(|index| ((from + index * step).to_string(), at));
    counted(written.collect(), at, notes)
}

fn counted(
    values: Vec<(String, usize)>,
    at: usize,
    notes: &mut Notes<'_>,
) -> Result<Vec<(String, usize)>, Noted> {
    match u64::try_from(values.len()).unwrap_or(u64::MAX) {
        0 => Err(notes.refuse(at, Problem::EmptyGrid {})),
        count if count > POINTS_MAX => {
            Err(notes.refuse(at, Problem::GridTooLong { count, most: POINTS_MAX }))
        }
        _ => Ok(values),
    }
}

impl Sweep {
    /// Returns the values with the edit of each.
    pub(super) fn points(&self) -> Vec<(String, PackEdit<'_>)> {
        let points = self.values.iter().filter_map(|(written, at)| {
            // each was read as a value before, or is a number
            let value = DeValue::parse(written).ok()?.into_inner();
            let (name, span) = &self.parameter;
            let key = Spanned::new(span.clone(), DeString::from(name.as_str()));
            let pair = (key, Spanned::new(*at..*at + written.len(), value));
            let (rule, rule_at) = &self.rule;
            let item = ItemEdit::sweeping(self.at, (rule, *rule_at), self.tier.as_deref(), pair);
            let programmes = self.programmes.clone();
            Some((
                written.clone(),
                PackEdit { at: self.at, programmes, head: None, items: vec![item] },
            ))
        });
        points.collect()
    }

    /// Returns the grid of these points, which set the parameter in rules of these names.
    pub(super) fn grid(
        self,
        swept: BTreeMap<ProgrammeId, BTreeSet<String>>,
        points: Vec<Point>,
    ) -> Grid {
        let ids = |names: BTreeSet<String>| names.into_iter().map(RuleId::from).collect();
        let swept = swept.into_iter().map(|(programme, names)| (programme, ids(names)));
        let swept: BTreeMap<ProgrammeId, BTreeSet<RuleId>> = swept.collect();
        let programmes = swept.keys().cloned().collect();
        let (rule, parameter) = (self.rule.0, self.parameter.0);
        Grid { programmes, rule, swept, tier: self.tier, parameter, points }
    }
}
