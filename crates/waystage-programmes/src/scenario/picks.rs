//! `where`: the conditions by which a change picks facts.

use std::collections::BTreeSet;

use waystage_core::id::{ProgrammeId, Reference};
use waystage_core::journey;
use waystage_core::journey::evidence::Method;
use waystage_core::scenario::{Condition, Selector};

use super::Standing;
use crate::entry::{Entry, Field};
use crate::kind::{Area, Day, Id, Instant, Kind, OneOrMore, Text};
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::word::word;

/// The name of a kind of fact, spelt as the log spells it.
#[derive(Clone, Copy)]
struct KindOfFact;

impl Kind for KindOfFact {
    type Read = journey::Kind;

    fn example(&self, _key: &str) -> String {
        "\"JobStarted\"".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<journey::Kind, Noted> {
        let given = Text.read(field, notes)?;
        kind_called(&given).ok_or_else(|| {
            let known: Vec<String> = facts().map(|kind| format!("{kind:?}")).collect();
            let instead = Instead::of(&given, known.iter().map(String::as_str)).or_all();
            let (key, entry) = (field.key, field.entry);
            notes.refuse(field.at(), Problem::UnknownWord { key, entry, given, instead })
        })
    }
}

fn facts() -> impl Iterator<Item = journey::Kind> {
    // determinations and what is about the log itself come after the facts
    let all = journey::Kind::ALL.iter().copied();
    all.take_while(|kind| *kind <= journey::Kind::FactWithdrawn)
}

/// Returns the kind of fact that the log calls so.
pub(super) fn kind_called(name: &str) -> Option<journey::Kind> {
    facts().find(|kind| format!("{kind:?}") == name)
}

/// Reads a kind of fact.
pub(super) fn kind_of_fact(
    entry: &Entry<'_>,
    notes: &mut Notes<'_>,
    key: &'static str,
) -> Result<journey::Kind, Noted> {
    entry.required(notes, key, KindOfFact)
}

const KEYS: &[&str] = &[
    "kinds",
    "on",
    "reported",
    "programme",
    "area",
    "group",
    "provider",
    "participant",
    "participant_id",
    "participation",
    "reference",
    "event",
    "ever_referred_to",
    "method",
    "never_on",
    "never_consented_to",
];

/// Reads what a change picks.
pub(super) fn selector(
    change: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Selector, Noted> {
    let write = "where = { kinds = [\"JobStarted\"] }";
    let Some(entry) = change.table(notes, ("where", "where"), write)? else {
        let (key, write) = ("where", write.to_owned());
        let problem = Problem::MissingKey { key, entry: change.name, write };
        return Err(notes.refuse(change.at, problem));
    };
    entry.only(notes, KEYS);
    if entry.keys().next().is_none() {
        return Err(notes.refuse(entry.at, Problem::PicksEverything {}));
    }
    let programmes = programmes(&entry, standing, notes);
    let read = [
        some(&entry, notes, "kinds", KindOfFact, Condition::Kinds),
        days(&entry, notes),
        instants(&entry, notes),
        programmes,
        some(&entry, notes, "area", Area, Condition::Areas),
        some(&entry, notes, "group", Text, Condition::Groups),
        some(&entry, notes, "provider", Text, Condition::Providers),
        some(&entry, notes, "participant", Text, |names| {
            Condition::ParticipantReferences(references(&names))
        }),
        some(&entry, notes, "participant_id", Id::new(), Condition::Participants),
        some(&entry, notes, "participation", Text, |names| {
            Condition::Participations(references(&names))
        }),
        some(&entry, notes, "reference", Text, |names| Condition::References(references(&names))),
        some(&entry, notes, "event", Id::new(), Condition::Events),
        some(&entry, notes, "ever_referred_to", Text, Condition::EverReferredTo),
        some(&entry, notes, "method", word::<Method>(), Condition::Methods),
        some(&entry, notes, "never_on", Text, Condition::NeverOn),
        some(&entry, notes, "never_consented_to", Text, Condition::NeverConsentedTo),
    ];
    let conditions: Result<Vec<Option<Condition>>, Noted> = read.into_iter().collect();
    Ok(Selector::of(conditions?.into_iter().flatten()))
}

fn references(names: &BTreeSet<String>) -> BTreeSet<Reference> {
    names.iter().map(Reference::from).collect()
}

fn some<K: Kind<Read: Ord + Clone>>(
    entry: &Entry<'_>,
    notes: &mut Notes<'_>,
    key: &'static str,
    kind: K,
    condition: impl Fn(BTreeSet<K::Read>) -> Condition,
) -> Result<Option<Condition>, Noted> {
    let read = entry.optional(notes, key, OneOrMore(kind))?;
    Ok(read.map(|all| condition(all.into_iter().collect())))
}

fn programmes(
    entry: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Option<Condition>, Noted> {
    let Some(read) = entry.optional(notes, "programme", OneOrMore(Text))? else {
        return Ok(None);
    };
    let mut all = BTreeSet::new();
    for id in read {
        all.insert(known_programme(&id, entry.at_value("programme"), standing, notes)?);
    }
    Ok(Some(Condition::Programmes(all)))
}

/// Returns the programme of that name; notes that none is called so.
pub(super) fn known_programme(
    id: &str,
    at: usize,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<ProgrammeId, Noted> {
    let known = &standing.programmes.programmes;
    let given = ProgrammeId::from(id);
    if known.contains_key(&given) {
        return Ok(given);
    }
    let instead = Instead::of(id, known.keys().map(ProgrammeId::as_str));
    Err(notes.refuse(at, Problem::UnknownProgramme { id: id.to_owned(), instead }))
}

fn days(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Option<Condition>, Noted> {
    let write = "on = { from = 2020-01-01, until = 2020-12-31 }";
    let Some(on) = entry.some_table(notes, ("on", "on"), write)? else { return Ok(None) };
    on.only(notes, &["from", "until"]);
    let from = on.optional(notes, "from", Day);
    let until = on.optional(notes, "until", Day);
    let (from, until) = (from?, until?);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let problem = Problem::SpanBackwards { entry: "on", from, until };
        return Err(notes.refuse(on.at_value("until"), problem));
    }
    Ok(Some(Condition::On { from, until }))
}

fn instants(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Option<Condition>, Noted> {
    let write = "reported = { from = 2020-01-01T00:00:00Z }";
    let Some(when) = entry.some_table(notes, ("reported", "reported"), write)? else {
        return Ok(None);
    };
    when.only(notes, &["from", "until"]);
    let from = when.optional(notes, "from", Instant);
    let until = when.optional(notes, "until", Instant);
    let (from, until) = (from?, until?);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let (from, until) = (from.date(), until.date());
        let problem = Problem::SpanBackwards { entry: "reported", from, until };
        return Err(notes.refuse(when.at_value("until"), problem));
    }
    Ok(Some(Condition::Reported { from, until }))
}
