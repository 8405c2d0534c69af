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
use waystage_core::table::{Cell, Table, Tabular, Value, measure, text};

use crate::columns::{PARTICIPATION, PARTICIPATION_ID, PROGRAMME, place, with_answers};
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
        /// The other participation itself.
        id: ParticipationId,
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

// Time alone changes nothing here: gates ask about the day of the referral, and two spells that are
// open have the last day of the view in common already, while one that ended gains no day.
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
                id: other.id,
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

const GATES: usize = 0;
const DOUBTS: usize = 1;

impl Tabular for Eligibility {
    fn tables(&self) -> Vec<Table> {
        let gates = Table::new(
            "eligibility_gates",
            "What a gate reads of the referrals to its programme, each on its own day.",
        );
        let doubts = Table::new(
            "eligibility_doubts",
            "A participation that a commissioner asks about, and why; one row for each reason.",
        );
        let gates = gates
            .column(PROGRAMME)
            .column(text("gate", "The gate, by its name within the programme."));
        let doubts = doubts
            .column(PROGRAMME)
            .column(PARTICIPATION)
            .column(PARTICIPATION_ID)
            .column(text(
                "doubt",
                "Why: `gate` where a gate reads not met, `at_once` where another programme has a \
                 day in common.",
            ))
            .column(text("gate", "The gate that reads not met; nothing where none does."))
            .column(text("other_programme", "The other programme, where there is one."))
            .column(text(
                "other_participation",
                "The participation of the other programme, as its source calls it.",
            ))
            .column(text(
                "other_participation_id",
                "The id of the participation of the other programme.",
            ))
            .column(text(
                "because",
                "The events that say so, as their sources call them, with semicolons between them; \
                 a backslash stands before a semicolon that belongs to a name.",
            ))
            .measure(measure("doubts", "1 for each reason to ask about a participation."));
        vec![with_answers(gates), doubts]
    }

    fn cell(&self, key: EligibilityKey) -> Cell {
        match key {
            EligibilityKey::Gate { programme, gate, answer } => {
                Cell::of(GATES, vec![programme.into(), gate.into()], place(answer))
            }
            EligibilityKey::Ineligible(row) => Cell::of(DOUBTS, doubt(row), 0),
        }
    }
}

fn doubt(of: Ineligible) -> Vec<Value> {
    let own = [of.programme.into(), of.participation.into(), of.id.to_string().into()];
    let why = match of.doubt {
        Doubt::Gate(gate) => {
            ["gate".into(), gate.into(), Value::Nothing, Value::Nothing, Value::Nothing]
        }
        Doubt::AtOnceOn { programme, participation, id } => [
            "at_once".into(),
            Value::Nothing,
            programme.into(),
            participation.into(),
            id.to_string().into(),
        ],
    };
    own.into_iter().chain(why).chain([listed(&of.because)]).collect()
}

/// Returns names as one text that no other names give: nothing where there is none.
fn listed(names: &[String]) -> Value {
    if names.is_empty() {
        return Value::Nothing;
    }
    let names = names.iter().map(|name| name.replace('\\', "\\\\").replace(';', "\\;"));
    names.collect::<Vec<_>>().join("; ").into()
}
