//! How a difference is told: as JSON, as tables and as CSV. Every command that compares tells it
//! the same way.

mod amounts;
mod csv;
mod income;
mod json;
mod tables;

use waystage::core::rules::{Answer, Reading, RuleReading};
use waystage::replay::difference::{FactChange, FactDiffers, FigureChange, PersonDifference};

pub(crate) use amounts::{amounts_json, print_amounts};
pub(crate) use csv::write as write_csv;
pub(crate) use json::document;
pub(crate) use tables::print;

/// Returns what people call a participant: what their source does, or the engine's id.
pub(crate) fn called(person: &PersonDifference) -> String {
    person.reference.clone().unwrap_or_else(|| person.participant.to_string())
}

/// Returns the name of a figure: its table and its measure.
pub(crate) fn figure_name(figure: &FigureChange<'_>) -> String {
    let table = figure.table().map_or("", |table| table.name.as_str());
    format!("{table}.{}", figure.measure())
}

/// Returns the facts of a participant that are read otherwise, in a few words.
pub(crate) fn facts_words(facts: &[FactChange]) -> String {
    let read = facts.iter().filter(|fact| fact.differs != FactDiffers::Unread);
    let said: Vec<String> = read
        .map(|fact| {
            let by: Vec<&str> = fact.corrections.iter().map(|by| by.label.as_str()).collect();
            let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(" ")) };
            let assumed = if fact.assumed { " (assumed)" } else { "" };
            format!("{} {}{by}{assumed}", fact.differs.as_str(), fact.event.label)
        })
        .collect();
    said.join(", ")
}

/// Returns all that is behind a participant's difference, in a few words.
fn causes_words(person: &PersonDifference) -> String {
    let mut causes = vec![facts_words(&person.facts)];
    let rules: Vec<&str> = person.rules.iter().map(|id| id.as_str()).collect();
    if !rules.is_empty() {
        causes.push(format!("rules of {}", rules.join(" ")));
    }
    for (is_one, says) in [(person.tables, "tables"), (person.day, "another day")] {
        if is_one {
            causes.push(says.to_owned());
        }
    }
    causes.retain(|cause| !cause.is_empty());
    causes.join("; ")
}

/// Returns an answer in words; a reading that is not there has none.
fn answer_words(answer: Option<Answer>) -> String {
    answer.map_or("not read".to_owned(), |answer| answer.as_str().replace('_', " "))
}

/// Returns a reading in words, with its day.
fn reading_words(reading: Option<&RuleReading>) -> String {
    let answer = answer_words(reading.map(|reading| reading.reading.answer()));
    match reading.map(|reading| &reading.reading) {
        Some(Reading::Met(met)) => format!("{answer} on {}", met.on),
        Some(Reading::NotYet { until: Some(until) }) => format!("{answer} until {until}"),
        Some(Reading::Unknown { missing, .. }) => format!("{answer} from {missing}"),
        Some(Reading::NotYet { until: None } | Reading::NotMet) | None => answer,
    }
}
