//! The timeline of one participant: everything that was known in the view, in effective order,
//! with what became of each fact, and the determinations that rules made of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::determination::Determination;
use waystage_core::id::EventId;
use waystage_core::journey::correction::Correction;
use waystage_core::journey::{Fact, Kind, Record, Recorded};
use waystage_core::replayed::Replayed;
use waystage_core::time::Timestamp;

use crate::caseload::next_dates;
use crate::describe::describe;

/// What became of a fact in the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is read as it was recorded.
    Stands,
    /// It is read as amended by these.
    Amended {
        /// The amendments in force.
        by: Vec<String>,
        /// How it was recorded.
        was: String,
    },
    /// It was withdrawn by this.
    Withdrawn {
        /// The withdrawal.
        by: String,
    },
    /// It is dated after the last day of the view.
    Later,
    /// It corrects another fact, and is in force.
    Corrects {
        /// The corrected event.
        target: String,
    },
    /// It amends another fact, and a later amendment of the same field holds.
    Overtaken {
        /// The corrected event.
        target: String,
        /// The amendment that holds.
        by: String,
    },
    /// It determines what rules said; it is no fact.
    Determines,
    /// It is recorded, and the scenario has it otherwise: imagined away, replaced by another fact,
    /// or told later than the view knows.
    ImaginedAway,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day, as amended.
    pub on: NaiveDate,
    /// The event, as its source calls it.
    pub event: String,
    /// The kind.
    pub kind: Kind,
    /// What it says, as amended, in words.
    pub says: String,
    /// What became of it.
    pub fate: Fate,
    /// When it became known, on the view's basis.
    pub learned_at: Timestamp,
    /// Whether a scenario assumes it, or has it told or shaped otherwise than it was recorded.
    pub assumed: bool,
}

/// Everything that was known of one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The lines, in effective order.
    pub entries: Vec<Entry>,
    /// Dates to come: when, what, and for which participation.
    pub next: Vec<(NaiveDate, String, String)>,
}

impl Timeline {
    /// Returns the timeline of a replayed participant.
    pub fn of(replayed: &Replayed<'_>) -> Self {
        let view = replayed.lens.view;
        let known = replayed.known();
        let recorded = replayed.stream().iter().filter(|recorded| view.knows(recorded));
        let gone = recorded.filter(|event| known.iter().all(|known| known.id != event.id));
        let seen: BTreeMap<EventId, usize> = replayed
            .journey
            .facts
            .iter()
            .enumerate()
            .map(|(place, (_, seen))| (seen.recorded.id, place))
            .collect();
        let line =
            |recorded: &Recorded, entry: Entry| (entry.on, entry.kind, recorded.told(), entry);
        let known = known.iter().filter_map(|event| {
            let recorded: &Recorded = event;
            Some(line(recorded, entry(replayed, recorded, &seen)?))
        });
        let gone = gone.filter_map(|recorded| {
            let entry = entry(replayed, recorded, &seen)?;
            Some(line(recorded, Entry { fate: Fate::ImaginedAway, ..entry }))
        });
        let mut lines: Vec<(NaiveDate, Kind, Timestamp, Entry)> = known.chain(gone).collect();
        lines.sort_by(|a, b| (a.0, a.1, a.2, &a.3.event).cmp(&(b.0, b.1, b.2, &b.3.event)));
        let next = replayed.journey.participations.iter().flat_map(|participation| {
            next_dates(replayed, participation)
                .into_iter()
                .map(|(on, what)| (on, what, participation.reference.to_string()))
        });
        let mut next: Vec<_> = next.collect();
        next.sort();
        Self { entries: lines.into_iter().map(|(.., entry)| entry).collect(), next }
    }
}

fn entry(
    replayed: &Replayed<'_>,
    recorded: &Recorded,
    seen: &BTreeMap<EventId, usize>,
) -> Option<Entry> {
    let fact = match &recorded.record {
        Record::Fact(fact) => fact,
        Record::Determination(determination) => return Some(of(replayed, recorded, determination)),
        Record::Log(_) => return None,
    };
    let said = describe(fact, &replayed.journey);
    let withdrawn = replayed.journey.facts.withdrawn_by(recorded.id);
    let place = seen.get(&recorded.id);
    let as_seen = place.and_then(|place| replayed.journey.facts.iter().nth(*place));
    let (on, says, fate) = match (fact, withdrawn, as_seen) {
        (Fact::Correction(correction), Some(by), _) => {
            let says = format!("correction of {}: {said}", replayed.label(correction.corrects()));
            (recorded.on, says, Fate::Withdrawn { by: replayed.label(by) })
        }
        (_, Some(by), _) => (recorded.on, said, Fate::Withdrawn { by: replayed.label(by) }),
        (Fact::Correction(correction), None, _) => {
            (recorded.on, said, fate_of(replayed, recorded, correction))
        }
        (_, None, Some((_, seen))) if seen.shaped_by.is_empty() => (seen.on, said, Fate::Stands),
        (_, None, Some((_, seen))) => {
            let by = seen.shaped_by.iter().map(|by| replayed.label(*by)).collect();
            let was =
                if seen.on == recorded.on { said } else { format!("{}: {said}", recorded.on) };
            let says = describe(&seen.fact, &replayed.journey);
            (seen.on, says, Fate::Amended { by, was })
        }
        (_, None, None) => (recorded.on, said, Fate::Later),
    };
    let facts = &replayed.journey.facts;
    let assumed = facts.assumed_by(recorded.id).is_some()
        || as_seen.is_some_and(|(_, seen)| seen.assumed.is_some());
    Some(Entry {
        on,
        event: replayed.label(recorded.id),
        assumed,
        kind: fact.kind(),
        says,
        fate,
        learned_at: recorded.learned_at(replayed.lens.view.basis),
    })
}

/// Returns what became of a correction in force.
fn fate_of(replayed: &Replayed<'_>, recorded: &Recorded, correction: &Correction) -> Fate {
    let target = replayed.label(correction.corrects());
    let Correction::FactAmended(amended) = correction else { return Fate::Corrects { target } };
    let mut seen = replayed.journey.facts.iter().map(|(_, seen)| seen);
    let seen = seen.find(|seen| seen.recorded.id == amended.corrects);
    let holds = seen.and_then(|seen| {
        seen.shaped_by.iter().copied().find(|by| {
            let by = replayed.stream().iter().find(|event| event.id == *by);
            match by.and_then(|by| by.fact()) {
                Some(Fact::Correction(Correction::FactAmended(by))) => {
                    by.amendment.same_field(&amended.amendment)
                }
                _ => false,
            }
        })
    });
    match holds {
        Some(by) if by != recorded.id => Fate::Overtaken { target, by: replayed.label(by) },
        _ => Fate::Corrects { target },
    }
}

fn of(replayed: &Replayed<'_>, recorded: &Recorded, determination: &Determination) -> Entry {
    let says = match determination {
        Determination::OutcomeDetermined(outcome) => {
            let because: Vec<String> =
                outcome.because.iter().map(|event| replayed.label(*event)).collect();
            let tier = outcome.tier.as_ref().map_or_else(String::new, |tier| format!("/{tier}"));
            let (rule, version) = (&outcome.rule, outcome.rule_version);
            format!("{rule}{tier} is met (rule of {version}) because of {}", because.join(", "))
        }
        Determination::DeterminationWithdrawn(withdrawn) => {
            use waystage_core::determination::Changed;
            let what = replayed.label(withdrawn.determination);
            match &withdrawn.changed {
                Changed::Otherwise => format!("determination {what} is read otherwise now"),
                Changed::NoLongerMet { reads } => {
                    format!("determination {what} no longer stands: {}", reads.replace('_', " "))
                }
                Changed::NotRead => format!("determination {what} has nothing left to rest on"),
            }
        }
    };
    Entry {
        on: recorded.on,
        event: recorded.label(),
        kind: recorded.record.kind(),
        says,
        fate: Fate::Determines,
        assumed: false,
        learned_at: recorded.learned_at(replayed.lens.view.basis),
    }
}
