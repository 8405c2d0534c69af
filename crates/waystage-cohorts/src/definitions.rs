//! The same journeys under every definition of an outcome: each participation is read by the rules
//! of all programmes, as if it had been referred to each of them. It tells who counts where, with
//! the unknown and the not-yet shown; nothing of it is recorded.

use std::collections::BTreeMap;

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::programme::{Family, Programme, Programmes};
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Answer, read_programme};

use crate::funnel::FourCounts;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionsKey {
    /// Participations with a start, which every definition is read on.
    Starts,
    /// Participations by what a definition reads.
    Reads {
        /// The definition: `programme/rule`, or `programme/rule/tier`.
        definition: String,
        /// What it reads.
        answer: Answer,
    },
    /// Participations that two definitions both read as met; the first is the lesser by name.
    Both {
        /// One definition.
        one: String,
        /// The other.
        other: String,
    },
}

/// Outcomes under every definition at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definitions {
    programmes: Vec<Programme>,
}

/// One definition and what it reads of the journeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRow {
    /// The definition: `programme/rule`, or `programme/rule/tier`.
    pub definition: String,
    /// Participations by reading.
    pub counts: FourCounts,
    /// Of those that it reads as met, how many each other definition reads as met too.
    pub also: BTreeMap<String, i64>,
}

impl Definitions {
    /// Reads by the outcome rules of these programmes. Job starts are no outcomes, and the client
    /// groups that a rule is for are another programme's: every rule is read for everybody.
    pub fn of(programmes: &Programmes) -> Self {
        let of_everybody = programmes.programmes.values().map(|programme| {
            let outcomes = programme.rules.iter().filter(|rule| rule.family != Family::JobStart);
            let rules = outcomes.cloned().map(|mut rule| {
                rule.groups.clear();
                rule
            });
            Programme { rules: rules.collect(), ..programme.clone() }
        });
        Self { programmes: of_everybody.filter(|each| !each.rules.is_empty()).collect() }
    }

    /// Returns how many participations were read.
    pub fn starts(model: &Contributions<DefinitionsKey>) -> i64 {
        model.get(&DefinitionsKey::Starts)
    }

    /// Returns the rows of a summed model, by definition.
    pub fn rows(model: &Contributions<DefinitionsKey>) -> Vec<DefinitionRow> {
        let mut rows: BTreeMap<String, DefinitionRow> = BTreeMap::new();
        for (key, amount) in model.iter() {
            match key {
                DefinitionsKey::Starts => {}
                DefinitionsKey::Reads { definition, answer } => {
                    let row = row_of(&mut rows, definition);
                    row.counts.count(*answer, amount);
                }
                DefinitionsKey::Both { one, other } => {
                    for (definition, also) in [(one, other), (other, one)] {
                        row_of(&mut rows, definition).also.insert(also.clone(), amount);
                    }
                }
            }
        }
        rows.into_values().collect()
    }
}

fn row_of<'r>(
    rows: &'r mut BTreeMap<String, DefinitionRow>,
    definition: &str,
) -> &'r mut DefinitionRow {
    rows.entry(definition.to_owned()).or_insert_with(|| DefinitionRow {
        definition: definition.to_owned(),
        counts: FourCounts::default(),
        also: BTreeMap::new(),
    })
}

impl Projection for Definitions {
    type Key = DefinitionsKey;

    fn name(&self) -> &'static str {
        "definitions"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<DefinitionsKey> {
        let mut counts = Contributions::none();
        let started = replayed.journey.participations.iter().filter(|of| of.started.is_some());
        for participation in started {
            counts.count(DefinitionsKey::Starts, 1);
            let mut met: Vec<String> = Vec::new();
            for programme in &self.programmes {
                let readings = read_programme(
                    &replayed.journey,
                    participation,
                    programme,
                    replayed.lens.programmes(),
                    replayed.lens.view.as_of,
                );
                for reading in readings {
                    let definition = format!("{}/{}", programme.id, reading.name());
                    let answer = reading.reading.answer();
                    if answer == Answer::Met {
                        met.push(definition.clone());
                    }
                    counts.count(DefinitionsKey::Reads { definition, answer }, 1);
                }
            }
            met.sort();
            for (place, one) in met.iter().enumerate() {
                for other in &met[place + 1..] {
                    let both = DefinitionsKey::Both { one: one.clone(), other: other.clone() };
                    counts.count(both, 1);
                }
            }
        }
        counts
    }
}
