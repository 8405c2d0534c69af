//! One participant behind a figure: their part, what rules read of them and why, and the events.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::contribution::Contributions;
use waystage_core::id::{Actor, EventId, ParticipantId, Position, Reference};
use waystage_core::journey::{Kind, Participation, Recorded};
use waystage_core::programme::{Rule, RuleVersion};
use waystage_core::replayed::Replayed;
use waystage_core::rules::account::{Account, Why};
use waystage_core::rules::{Answer, Reading, RuleReading, read_rule};
use waystage_core::table::{Table, Value};
use waystage_core::time::Timestamp;
use waystage_store::Digest;

use super::Asked;

/// What one participant adds to a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The participant.
    pub participant: ParticipantId,
    /// What their source calls them, where the view sees it.
    pub reference: Option<Reference>,
    /// The amount that they add.
    pub amount: i64,
    /// The amount by row of the table: a value for each of its columns.
    pub rows: Contributions<Vec<Value>>,
}

/// Why rules read so of many people: what their readings are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The programme whose rule it is.
    pub programme: String,
    /// The rule, with its tier where it has tiers: `rule/tier`.
    pub rule: String,
    /// What it reads.
    pub answer: Answer,
    /// Why, as a word.
    pub why: Why,
    /// Why, with the number that decides.
    pub reason: String,
}

/// A rule read of somebody behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingBehind {
    /// The reading.
    pub reading: RuleReading,
    /// The participation, as its source calls it.
    pub participation: Reference,
    /// Where the rule is written: of the version, where it says so itself.
    pub reference: String,
    /// What the pack assumed for this version where its source is silent.
    pub assumption: Option<String>,
    /// What the rule looked at.
    pub account: Account,
}

/// What an event has to do with a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It gives the part: with the others that do it alone gives it, and without it they do not.
    Gives,
    /// It gives the reason: with the others that do it alone gives the part for the same reasons,
    /// and without it they do not. Those that give the part are among them.
    Explains,
    /// A reading of met rests on it.
    Because,
    /// A rule looked at it, or it stood in the way.
    LookedAt,
    /// It corrects one that a rule looked at.
    Shapes,
}

impl Role {
    /// Returns the role as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gives => "gives",
            Self::Explains => "explains",
            Self::Because => "because",
            Self::LookedAt => "looked_at",
            Self::Shapes => "shapes",
        }
    }
}

/// An event behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBehind {
    /// Its place in the log.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// What kind it is.
    pub kind: Kind,
    /// The day on which it happened, as recorded.
    pub on: NaiveDate,
    /// When the store witnessed it.
    pub recorded_at: Timestamp,
    /// When its source says that it knew.
    pub reported_at: Option<Timestamp>,
    /// Who recorded it, a pseudonym.
    pub actor: Actor,
    /// The name under which people find it: its source's reference, or its id.
    pub label: String,
    /// The hash of its frame, as the log holds it.
    pub leaf: Digest,
    /// What it has to do with the figure.
    pub roles: BTreeSet<Role>,
}

/// One participant behind a figure, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Their part.
    pub part: Part,
    /// What rules read of their participations, as far as the figure's rows name them.
    pub readings: Vec<ReadingBehind>,
    /// The events, in the order of their positions.
    pub events: Vec<EventBehind>,
}

/// The rows of a table that somebody adds to, and the measure.
pub(super) struct Rows<'r> {
    pub(super) asked: &'r Asked<'r>,
    pub(super) table: &'r Table,
    pub(super) measure: &'r str,
    pub(super) amounts: &'r Contributions<Vec<Value>>,
}

impl Rows<'_> {
    /// Returns why rules read so, counted; of a table that names rules, else nothing.
    pub(super) fn reasons_that_count(&self, replayed: &Replayed<'_>) -> Contributions<Reason> {
        let names_rules =
            self.table.columns.iter().any(|each| ["rule", "definition"].contains(&each.name));
        if !names_rules {
            return Contributions::none();
        }
        Contributions::of(self.readings(replayed).iter().map(|each| (each.reason(), 1)))
    }

    /// Returns the readings that these rows are about, each with its account. A row that names a
    /// programme, a rule, a tier, a participation or an answer is about no other, and none is about
    /// a participation that adds nothing to it.
    pub(super) fn readings(&self, replayed: &Replayed<'_>) -> Vec<ReadingBehind> {
        let mut readings = match self.values("definition") {
            Some(definitions) => under(replayed, &definitions),
            None => replayed.readings.clone(),
        };
        let answer = Answer::parse(self.measure);
        let participations = self.asked.participations(replayed);
        readings.retain(|reading| participations.contains(&reading.participation));
        readings.retain(|reading| {
            answer.is_none_or(|answer| reading.reading.answer() == answer)
                && self.amounts.iter().any(|(row, _)| self.is_about(row, reading, replayed))
        });
        readings.into_iter().filter_map(|reading| behind(replayed, reading)).collect()
    }

    fn is_about(&self, row: &[Value], reading: &RuleReading, replayed: &Replayed<'_>) -> bool {
        let mut columns = self.table.columns.iter().zip(row);
        columns.all(|(column, value)| {
            let text = match value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            };
            match column.name {
                "programme" => text == Some(reading.programme.as_str()),
                // a claim may name a tier with the rule
                "rule" => {
                    text.is_some_and(|text| text == reading.rule.as_str() || text == reading.name())
                }
                "tier" => text == reading.tier.as_ref().map(|tier| tier.as_str()),
                "participation_id" => {
                    text.is_some_and(|text| text == reading.participation.to_string())
                }
                "participation" => participation(replayed, reading)
                    .is_some_and(|each| text == Some(each.reference.as_str())),
                "definition" | "other_definition" => {
                    text.is_some_and(|text| text == definition(reading))
                        || self.table.columns.iter().any(|each| each.name == "other_definition")
                }
                _ => true,
            }
        })
    }

    /// Returns the texts that a column and its `other_` hold; none where there is no such column.
    fn values(&self, name: &str) -> Option<BTreeSet<String>> {
        let other = format!("other_{name}");
        let columns = self.table.columns.iter().enumerate();
        let places: Vec<usize> = columns
            .filter(|(_, column)| column.name == name || column.name == other)
            .map(|(place, _)| place)
            .collect();
        let held = self.amounts.iter().flat_map(|(row, _)| {
            places.iter().filter_map(|place| match row.get(*place) {
                Some(Value::Text(text)) => Some(text.clone()),
                _ => None,
            })
        });
        (!places.is_empty()).then(|| held.collect())
    }
}

fn definition(reading: &RuleReading) -> String {
    format!("{}/{}", reading.programme, reading.name())
}

fn participation<'r>(
    replayed: &'r Replayed<'_>,
    reading: &RuleReading,
) -> Option<&'r Participation> {
    replayed.journey.participations.iter().find(|each| each.id == reading.participation)
}

/// Reads rules of any programme of every participation that started, as definitions are read.
fn under(replayed: &Replayed<'_>, definitions: &BTreeSet<String>) -> Vec<RuleReading> {
    let programmes = replayed.lens.programmes();
    let as_of = replayed.lens.view.as_of;
    let mut readings = Vec::new();
    let started = replayed.journey.participations.iter().filter(|of| of.started.is_some());
    for of in started {
        for programme in programmes.programmes.values() {
            for rule in &programme.rules {
                for tier in rule.tiers() {
                    let mut reading = RuleReading {
                        participation: of.id,
                        programme: programme.id.clone(),
                        rule: rule.id.clone(),
                        tier,
                        version: None,
                        reading: Reading::NotMet,
                    };
                    if definitions.contains(&definition(&reading)) {
                        let tier = reading.tier.as_ref();
                        (reading.version, reading.reading) =
                            read_rule(&replayed.journey, of, rule, tier, programmes, as_of);
                        readings.push(reading);
                    }
                }
            }
        }
    }
    readings
}

fn behind(replayed: &Replayed<'_>, reading: RuleReading) -> Option<ReadingBehind> {
    let account = replayed.account(&reading)?;
    let rule = replayed.lens.programmes().get(&reading.programme)?.rule(&reading.rule)?;
    let version = version(rule, &reading);
    Some(ReadingBehind {
        participation: participation(replayed, &reading)?.reference.clone(),
        reference: version
            .and_then(|version| version.reference.clone())
            .unwrap_or_else(|| rule.reference.clone()),
        assumption: version.and_then(|version| version.assumption.clone()),
        reading,
        account,
    })
}

fn version<'r>(rule: &'r Rule, reading: &RuleReading) -> Option<&'r RuleVersion> {
    let from = reading.version?;
    rule.versions.iter().find(|version| version.effective_from == from)
}

impl ReadingBehind {
    /// Returns what this reading is counted by among many.
    pub fn reason(&self) -> Reason {
        Reason {
            programme: self.reading.programme.to_string(),
            rule: self.reading.name(),
            answer: self.reading.reading.answer(),
            why: self.account.why(),
            reason: self.account.reason(),
        }
    }
}

/// Returns what each event has to do with these readings.
pub(super) fn roles(
    replayed: &Replayed<'_>,
    readings: &[ReadingBehind],
) -> BTreeMap<EventId, BTreeSet<Role>> {
    let mut roles: BTreeMap<EventId, BTreeSet<Role>> = BTreeMap::new();
    let mut plays = |event: EventId, role: Role| {
        roles.entry(event).or_default().insert(role);
    };
    let seen: BTreeMap<EventId, &[EventId]> = replayed
        .journey
        .facts
        .iter()
        .map(|(_, seen)| (seen.recorded.id, seen.shaped_by.as_slice()))
        .collect();
    for behind in readings {
        if let Reading::Met(met) = &behind.reading.reading {
            for event in &met.because {
                plays(*event, Role::Because);
            }
        }
        for event in behind.account.events() {
            plays(event, Role::LookedAt);
            let shaping = seen.get(&event).copied().unwrap_or_default();
            for event in shaping {
                plays(*event, Role::Shapes);
            }
        }
    }
    roles
}

/// Returns an event as it stands behind a figure.
pub(super) fn event(recorded: &Recorded, leaf: Digest, roles: BTreeSet<Role>) -> EventBehind {
    EventBehind {
        position: recorded.position,
        id: recorded.id,
        kind: recorded.record.kind(),
        on: recorded.on,
        recorded_at: recorded.recorded_at,
        reported_at: recorded.reported_at,
        actor: recorded.actor.clone(),
        label: recorded.label(),
        leaf,
        roles,
    }
}
