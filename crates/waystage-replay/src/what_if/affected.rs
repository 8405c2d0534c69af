//! Whom a scenario could change at all. Rows are sifted without being decoded; only the streams
//! that are let through are read, and asked exactly.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;
use waystage_core::id::{ParticipantId, ProgrammeId};
use waystage_core::journey::Kind;
use waystage_core::replayed::Lens;
use waystage_core::scenario::{Change, Condition, Scenario, Selector};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, Through, View};
use waystage_store::{EventReader, Pattern, StoreError, codec};

use crate::reading::{parked, read};

/// Who is affected, and what finding them took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Affected {
    /// Everybody whom the scenario could change: a change picks a fact of theirs or assumes one, or
    /// they were referred to a programme that it reads otherwise. Nobody else has another journey
    /// or another reading under it.
    pub participants: BTreeSet<ParticipantId>,
    /// The programmes that the scenario reads otherwise.
    pub programmes: BTreeSet<ProgrammeId>,
    /// Rows that were looked at without being decoded.
    pub sifted: u64,
    /// Events that were decoded, of streams that could be concerned.
    pub decoded: u64,
}

/// Returns whom the scenario of the second lens could change. Both are of one view of one log.
pub(crate) fn affected(
    reader: &dyn EventReader,
    plain: &Lens,
    imagined: &Lens,
) -> Result<Affected, StoreError> {
    affected_by(reader, plain, &imagined.scenario, programmes(plain, imagined))
}

/// Returns whom the changes to facts of a scenario, or other rules of programmes, could change.
pub(super) fn affected_by(
    reader: &dyn EventReader,
    plain: &Lens,
    scenario: &Scenario,
    programmes: BTreeSet<ProgrammeId>,
) -> Result<Affected, StoreError> {
    let assumed = scenario.assumed_participants();
    let questions = questions(scenario, &programmes);
    if questions.is_empty() {
        return Ok(Affected { participants: assumed, programmes, ..Affected::default() });
    }
    let (candidates, sifted) = candidates(reader, plain, &questions)?;
    let imagined = plain.clone().scenario(scenario.clone());
    let asked: Vec<(ParticipantId, bool, u64)> = candidates
        .into_par_iter()
        .map(|participant| match read(reader, participant, &imagined) {
            Ok(stream) => {
                let touches = scenario.touches(participant, &stream.events, &programmes);
                Ok((participant, touches, stream.events.len() as u64))
            }
            // they may be affected: whoever reads them parks them, and says so
            Err(error) => parked(participant, error).map(|_| (participant, true, 0)),
        })
        .collect::<Result<_, StoreError>>()?;
    let mut participants = assumed;
    participants.extend(asked.iter().filter(|(_, touches, _)| *touches).map(|(id, ..)| *id));
    let decoded = asked.iter().map(|(.., events)| events).sum();
    Ok(Affected { participants, programmes, sifted, decoded })
}

/// Returns the programmes whose readings may be others under the scenario: by the rules of the
/// view, and by those of each earlier instant that a reading may look back to, as a claim's does.
pub(crate) fn programmes(plain: &Lens, imagined: &Lens) -> BTreeSet<ProgrammeId> {
    let mut programmes = programmes_there(plain, imagined);
    let view = plain.view;
    if view.basis == Basis::Recorded && !imagined.scenario.overlays.is_empty() {
        let mut instants: BTreeSet<Timestamp> =
            plain.adoptions().known(&view).map(|adoption| adoption.recorded_at).collect();
        let before =
            instants.first().map(|first| Timestamp::from_micros(first.micros().saturating_sub(1)));
        instants.extend(before);
        for known_at in instants {
            let then = View { known_at, ..view };
            programmes.extend(programmes_there(&plain.at(then), &imagined.at(then)));
        }
    }
    programmes
}

fn programmes_there(plain: &Lens, imagined: &Lens) -> BTreeSet<ProgrammeId> {
    let (one, other) = (plain.programmes(), imagined.programmes());
    let ids = one.programmes.keys().chain(other.programmes.keys());
    let changed = ids.filter(|id| one.programmes.get(*id) != other.programmes.get(*id));
    let mut programmes: BTreeSet<ProgrammeId> = changed.cloned().collect();
    let same_tables = one.rates == other.rates
        && one.calendars == other.calendars
        && one.geographies == other.geographies;
    if !same_tables {
        programmes.extend(imagined.scenario.affected(one));
    }
    programmes
}

/// What a stream has to hold to be concerned: a row for each pattern.
type Question = Vec<Pattern>;

fn questions(scenario: &Scenario, programmes: &BTreeSet<ProgrammeId>) -> Vec<Question> {
    let selectors = scenario.changes.iter().filter_map(Change::selector);
    let mut questions: Vec<Question> = selectors.map(question).collect();
    if !programmes.is_empty() {
        let names = programmes.iter().map(ProgrammeId::as_str);
        questions.push(vec![of(&[Kind::Referred]).naming(names)]);
    }
    questions
}

/// Returns who has a row for each pattern of a question, and how many rows were looked at.
fn candidates(
    reader: &dyn EventReader,
    plain: &Lens,
    questions: &[Question],
) -> Result<(Vec<ParticipantId>, u64), StoreError> {
    let through = match plain.view.through {
        Through::Position(position) => Some(position),
        Through::Head => None,
    };
    let mut candidates = BTreeSet::new();
    let mut open: Vec<&Question> = Vec::new();
    for question in questions {
        // whom a change names by id need not be looked for
        match question.iter().find_map(|pattern| pattern.participants.as_ref()) {
            Some(named) => candidates.extend(named),
            None => open.push(question),
        }
    }
    if open.is_empty() {
        return Ok((candidates.into_iter().collect(), 0));
    }
    let mut patterns: Vec<Pattern> = open.iter().copied().flatten().cloned().collect();
    patterns.dedup();
    let sifted = reader.sift(&patterns, through)?;
    let having = |pattern: &Pattern| {
        let place = patterns.iter().position(|each| each == pattern);
        place.and_then(|place| sifted.having.get(place)).cloned().unwrap_or_default()
    };
    for question in open {
        let sets = question.iter().map(having);
        candidates.extend(sets.reduce(|one, other| &one & &other).unwrap_or_default());
    }
    Ok((candidates.into_iter().collect(), sifted.rows))
}

fn of(kinds: &[Kind]) -> Pattern {
    Pattern::default().of_kinds(kinds.iter().map(|kind| codec::stored(*kind).0))
}

/// Returns what a stream has to hold for a selector to pick anything of it. A condition that rows
/// cannot answer is left to the exact look.
fn question(selector: &Selector) -> Question {
    let mut row = Pattern::default();
    let mut question = Vec::new();
    let mut referred = |names: Vec<&str>| question.push(of(&[Kind::Referred]).naming(names));
    let mut others = Vec::new();
    let mut called = None;
    for condition in selector.conditions() {
        match condition {
            Condition::Events(ids) => row.ids = Some(both(row.ids.take(), ids)),
            Condition::References(names) => {
                let names = names.iter().map(|name| name.as_str().to_owned()).collect();
                row.references = Some(both(row.references.take(), &names));
            }
            Condition::Participants(ids) => {
                row.participants = Some(both(row.participants.take(), ids));
            }
            Condition::Kinds(kinds) => {
                let names = kinds.iter().map(|kind| codec::stored(*kind).0).collect();
                row.kinds = Some(both(row.kinds.take(), &names));
            }
            Condition::On { from, until } => {
                row.from = row.from.max(from.and_then(written));
                row.until = least(row.until, until.and_then(written));
            }
            Condition::Reported { .. } => {}
            Condition::ParticipantReferences(names) => {
                let names = names.iter().map(|name| name.as_str());
                called = Some(of(&[Kind::CharacteristicsRecorded]).naming(names));
            }
            Condition::Participations(names) => {
                referred(names.iter().map(|name| name.as_str()).collect());
            }
            Condition::Programmes(ids) => {
                referred(ids.iter().map(|id| id.as_str()).collect());
            }
            Condition::Areas(codes) => {
                referred(codes.iter().map(|code| code.as_str()).collect());
            }
            Condition::Groups(groups) => referred(groups.iter().map(String::as_str).collect()),
            // an intervention that it delivers names it too, whatever its kind
            Condition::Providers(names) => others.push(Pattern::default().naming(names)),
            Condition::EverReferredTo(names) => {
                referred(names.iter().map(String::as_str).collect());
            }
            Condition::Methods(methods) => {
                let names = methods.iter().map(|method| method.as_str());
                others.push(of(&[Kind::EmploymentVerified]).holding(names));
            }
            // what never happened no row shows
            Condition::NeverOn(_) | Condition::NeverConsentedTo(_) => {}
        }
    }
    if let Some(called) = called {
        // they are few: to look at all they have costs less than to look for what else they need
        return vec![called];
    }
    question.extend(others);
    question.push(row);
    question
}

fn both<T: Ord + Clone>(one: Option<BTreeSet<T>>, other: &BTreeSet<T>) -> BTreeSet<T> {
    one.map_or_else(|| other.clone(), |one| &one & other)
}

fn least(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Returns a day as the log writes it; none where days as texts do not come in order.
fn written(day: NaiveDate) -> Option<String> {
    (0..=9999).contains(&day.year()).then(|| day.to_string())
}
