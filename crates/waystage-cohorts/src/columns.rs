//! Columns and measures that several tables have: one name, one meaning.

use waystage_core::rules::Answer;
use waystage_core::table::{Column, Measure, Table, measure, text};

/// The programme.
pub(crate) const PROGRAMME: Column =
    text("programme", "The programme of the participation, by its name in facts.");

/// The rule.
pub(crate) const RULE: Column = text("rule", "The rule, by its name within the programme.");

/// The tier.
pub(crate) const TIER: Column =
    text("tier", "The tier of the rule; nothing where the rule has no tiers.");

/// The participation, for people.
pub(crate) const PARTICIPATION: Column =
    text("participation", "The participation, as its source calls it.");

/// The participation itself.
pub(crate) const PARTICIPATION_ID: Column =
    text("participation_id", "The id of the participation: two sources may use one reference.");

/// Returns how people write a rule: with its tier where it has tiers, `rule/tier`.
pub(crate) fn name(rule: &str, tier: Option<&str>) -> String {
    match tier {
        Some(tier) => format!("{rule}/{tier}"),
        None => rule.to_owned(),
    }
}

/// The four readings, in the order of [`place`].
const ANSWERS: [Measure; 4] = [
    measure("met", "Participations of which it reads met."),
    measure("not_met", "Participations of which it reads not met: no day to come can satisfy it."),
    measure("not_yet", "Participations of which it reads not yet: days to come may satisfy it."),
    measure("unknown", "Participations of which it reads unknown: what decides was not reported."),
];

/// Adds a measure for each of the four readings.
pub(crate) fn with_answers(table: Table) -> Table {
    ANSWERS.into_iter().fold(table, Table::measure)
}

/// Returns the place of a reading among these measures.
pub(crate) const fn place(answer: Answer) -> usize {
    match answer {
        Answer::Met => 0,
        Answer::NotMet => 1,
        Answer::NotYet => 2,
        Answer::Unknown => 3,
    }
}
