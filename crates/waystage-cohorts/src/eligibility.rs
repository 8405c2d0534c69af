//! Who joined and might not have: what each gate reads, and the participations that a commissioner
//! asks about, each with the events that say why. Nothing here refuses anybody.

use std::collections::BTreeMap;

use waystage_core::calendar::Span;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipationId;
use waystage_core::journey::Participation;
use waystage_core::readings::{Case, spells};
use waystage_core::replayed::Replayed;
use waystage_core::rules::Answer;

use crate::funnel::FourCounts;

/// Why a participation is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// A gate reads not met.
    Gate(String),
    /// Somebody is on another programme at the same time: the same work may be paid for twice.
    AtOnceOn {
        /// The other programme.
        programme: String,
        /// The other participation, as its source calls it.
        participation: String,
    },
}

/// A participation that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ineligible {
    /// The programme.
    pub programme: String,
    /// The participation, as its source calls it.
    pub participation: String,
    /// Why.
    pub doubt: Doubt,
    /// The events that say so, as their sources call them.
    pub because: Vec<String>,
    /// The participation itself: two sources may use one reference.
    pub id: ParticipationId,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EligibilityKey {
    /// Participations by what a gate reads.
    Gate {
        /// The programme.
        programme: String,
        /// The gate's name within it.
        gate: String,
        /// What it reads.
        answer: Answer,
    },
    /// A participation that is asked about.
    Ineligible(Ineligible),
}

/// Gates by programme and answer, and the participations that are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eligibility;

impl Projection for Eligibility {
    type Key = EligibilityKey;

    fn name(&self) -> &'static str {
        "eligibility"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<EligibilityKey> {
        let mut contributions = Contributions::none();
        for case in Case::all(replayed) {
            for reading in case.gates() {
                if reading.answer == Answer::NotMet {
                    let because = reading.because.iter().map(|event| replayed.label(*event));
                    let doubt = Doubt::Gate(reading.gate.clone());
                    let row = asked(case.participation, doubt, because.collect());
                    contributions.count(EligibilityKey::Ineligible(row), 1);
                }
                let programme = case.programme.id.to_string();
                let (gate, answer) = (reading.gate, reading.answer);
                contributions.count(EligibilityKey::Gate { programme, gate, answer }, 1);
            }
        }
        for row in at_once(replayed) {
            contributions.count(EligibilityKey::Ineligible(row), 1);
        }
        contributions
    }
}

fn asked(of: &Participation, doubt: Doubt, because: Vec<String>) -> Ineligible {
    Ineligible {
        programme: of.programme.to_string(),
        participation: of.reference.to_string(),
        doubt,
        because,
        id: of.id,
    }
}

/// Returns every participation that has a day in common with one of another programme, by their
/// starts and leavings; no pack has to be adopted for it.
fn at_once(replayed: &Replayed<'_>) -> Vec<Ineligible> {
    let journey = &replayed.journey;
    let on = |of| spells(journey, of, replayed.lens.view.as_of);
    let meet = |own: &[Span], others: &[Span]| {
        own.iter().any(|own| others.iter().any(|other| own.and(*other).is_some()))
    };
    let mut rows = Vec::new();
    for own in &journey.participations {
        let own_spells = on(own);
        for other in journey.participations.iter().filter(|each| each.programme != own.programme) {
            if !meet(&own_spells, &on(other)) {
                continue;
            }
            let starts = [own.started, other.started].into_iter().flatten();
            let because = journey.facts.events(starts.map(|step| step.fact).collect());
            let because = because.into_iter().map(|event| replayed.label(event)).collect();
            let doubt = Doubt::AtOnceOn {
                programme: other.programme.to_string(),
                participation: other.reference.to_string(),
            };
            rows.push(asked(own, doubt, because));
        }
    }
    rows
}

impl Eligibility {
    /// Returns what each gate reads, by programme and gate.
    pub fn gates(model: &Contributions<EligibilityKey>) -> BTreeMap<(String, String), FourCounts> {
        let mut gates: BTreeMap<(String, String), FourCounts> = BTreeMap::new();
        for (key, amount) in model.iter() {
            if let EligibilityKey::Gate { programme, gate, answer } = key {
                let counts = gates.entry((programme.clone(), gate.clone())).or_default();
                counts.count(*answer, amount);
            }
        }
        gates
    }

    /// Returns the participations that are asked about, in order.
    pub fn ineligible(model: &Contributions<EligibilityKey>) -> Vec<&Ineligible> {
        let rows = model.iter().filter_map(|(key, _)| match key {
            EligibilityKey::Ineligible(row) => Some(row),
            EligibilityKey::Gate { .. } => None,
        });
        rows.collect()
    }
}
