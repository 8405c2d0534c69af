//! The same journeys under every definition of an outcome: each participation is read by the rules
//! of all programmes, as if it had been referred to each of them. It tells who counts where, with
//! the unknown and the not-yet shown; nothing of it is recorded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::Participation;
use waystage_core::programme::{Family, Programme, Rule};
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Answer, next_change, read_rule};
use waystage_core::table::{Cell, Table, Tabular, measure, text};

use crate::columns::{PROGRAMME, name, place, with_answers};
use crate::funnel::FourCounts;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionsKey {
    /// Participations with a start, which every definition is read on.
    Starts {
        /// The programme that they were referred to.
        programme: String,
    },
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

/// Outcomes under every definition at once: the outcome rules of all programmes that the lens reads
/// with. Job starts are no outcomes, and the client groups that a rule is for are another
/// programme's: every rule is read for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definitions;

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
    /// Returns how many participations were read.
    pub fn starts(model: &Contributions<DefinitionsKey>) -> i64 {
        let starts = model.iter().filter_map(|(key, amount)| match key {
            DefinitionsKey::Starts { .. } => Some(amount),
            DefinitionsKey::Reads { .. } | DefinitionsKey::Both { .. } => None,
        });
        starts.sum()
    }

    /// Returns the rows of a summed model, by definition.
    pub fn rows(model: &Contributions<DefinitionsKey>) -> Vec<DefinitionRow> {
        let mut rows: BTreeMap<String, DefinitionRow> = BTreeMap::new();
        for (key, amount) in model.iter() {
            match key {
                DefinitionsKey::Starts { .. } => {}
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
        for participation in started(replayed) {
            let programme = participation.programme.to_string();
            counts.count(DefinitionsKey::Starts { programme }, 1);
            let mut met: Vec<String> = Vec::new();
            for (definition, answer) in read(replayed, participation) {
                if answer == Answer::Met {
                    met.push(definition.clone());
                }
                counts.count(DefinitionsKey::Reads { definition, answer }, 1);
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

    /// Rules of every programme are read, not those of the participation's own alone.
    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        let programmes = replayed.lens.programmes();
        let (journey, as_of) = (&replayed.journey, replayed.lens.view.as_of);
        let changes = programmes.programmes.values().filter_map(|programme| {
            outcomes(programme).next()?;
            let programme = for_everybody(programme);
            let changes = started(replayed)
                .filter_map(|of| next_change(journey, of, &programme, programmes, as_of));
            changes.min()
        });
        changes.min()
    }

    fn reads_every_programme(&self) -> bool {
        true
    }
}

fn started<'a>(replayed: &'a Replayed<'_>) -> impl Iterator<Item = &'a Participation> {
    replayed.journey.participations.iter().filter(|of| of.started.is_some())
}

fn outcomes(programme: &Programme) -> impl Iterator<Item = &Rule> {
    programme.rules.iter().filter(|rule| rule.family != Family::JobStart)
}

/// Returns what every definition reads of a participation, in the order of programmes and packs.
fn read(replayed: &Replayed<'_>, of: &Participation) -> Vec<(String, Answer)> {
    let programmes = replayed.lens.programmes();
    let as_of = replayed.lens.view.as_of;
    let mut read = Vec::new();
    for programme in programmes.programmes.values() {
        for rule in outcomes(programme) {
            for tier in rule.tiers() {
                let tier = tier.as_ref();
                let (_, reading) = read_rule(&replayed.journey, of, rule, tier, programmes, as_of);
                let rule = name(rule.id.as_str(), tier.map(|tier| tier.as_str()));
                read.push((format!("{}/{rule}", programme.id), reading.answer()));
            }
        }
    }
    read
}

/// Returns the programme with its rules for everybody. Job starts stay among them: that they change
/// says a day on which nothing may change here, which is no harm.
fn for_everybody(programme: &Programme) -> Cow<'_, Programme> {
    if programme.rules.iter().all(|rule| rule.groups.is_empty()) {
        return Cow::Borrowed(programme);
    }
    let mut programme = programme.clone();
    programme.rules.iter_mut().for_each(|rule| rule.groups.clear());
    Cow::Owned(programme)
}

const DEFINITIONS: usize = 0;
const BOTH: usize = 1;
const STARTS: usize = 2;

impl Tabular for Definitions {
    fn tables(&self) -> Vec<Table> {
        let definition =
            text("definition", "The definition: `programme/rule`, or `programme/rule/tier`.");
        let definitions = Table::new(
            "definitions",
            "What a definition of an outcome reads of all participations that started, whatever \
             programme they were referred to.",
        );
        let both = Table::new(
            "definitions_both",
            "Two definitions that both read met of a participation, the lesser by name first.",
        );
        let starts = Table::new(
            "definitions_starts",
            "Participations that started: what every definition is read on.",
        );
        vec![
            with_answers(definitions.column(definition)),
            both.column(definition)
                .column(text("other_definition", "The other definition, named in the same way."))
                .measure(measure("both_met", "Participations of which both read met.")),
            starts.column(PROGRAMME).measure(measure("starts", "Participations with a start.")),
        ]
    }

    fn cell(&self, key: DefinitionsKey) -> Cell {
        match key {
            DefinitionsKey::Reads { definition, answer } => {
                Cell::of(DEFINITIONS, vec![definition.into()], place(answer))
            }
            DefinitionsKey::Both { one, other } => {
                Cell::of(BOTH, vec![one.into(), other.into()], 0)
            }
            DefinitionsKey::Starts { programme } => Cell::of(STARTS, vec![programme.into()], 0),
        }
    }
}
