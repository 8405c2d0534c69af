//! A difference as JSON: what a what-if prints, and the causes.

use serde_json::{Map, Value, json};
use waystage::core::rules::{Reading, RuleReading};
use waystage::exchange::value_json;
use waystage::replay::difference::{
    Difference, FactChange, FigureChange, NamedEvent, PersonDifference, ReadingChange, Share,
};
use waystage::store::codec;

use super::called;
use super::income::{Income, delivery_json};

/// Returns a difference as the keys of a document.
pub(crate) fn document(difference: &Difference) -> Map<String, Value> {
    let people = &difference.people;
    let changed = people
        .iter()
        .flat_map(|person| person.readings.iter().map(move |change| reading_json(person, change)));
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("affected_participants", json!(people.len()));
    put("recomputed_participants", json!(difference.participants));
    put("changed", changed.collect());
    put("figures", difference.figures().iter().map(figure_json).collect());
    put("delivery", delivery_json(difference));
    put("income", Income::of(difference).json());
    put("reasons", reasons_json(difference));
    put("people", people.iter().map(person_json).collect());
    put("parked", json!(difference.parked.len()));
    document
}

fn figure_json(figure: &FigureChange<'_>) -> Value {
    let key: Map<String, Value> =
        figure.row().map(|(column, value)| (column.to_owned(), value_json(value))).collect();
    json!({
        "model": figure.model.name,
        "table": figure.table().map(|table| table.name.as_str()),
        "key": key,
        "measure": figure.measure(),
        "before": figure.before,
        "after": figure.before.map(|before| before + figure.change),
        "change": figure.change,
        "after_of_assumed": figure.model.assumed.get(figure.cell),
        "because": figure.shares.iter().map(share_json).collect::<Vec<_>>(),
    })
}

fn share_json(share: &Share<'_>) -> Value {
    json!({
        "participant": called(share.person),
        "change": share.by_facts + share.by_rules,
        "by_facts": share.by_facts,
        "by_rules": share.by_rules,
    })
}

fn reading_json(person: &PersonDifference, change: &ReadingChange) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("participant", json!(called(person)));
    put("participation", json!(change.reference));
    put("programme", json!(change.programme.as_str()));
    put("rule", json!(change.rule.as_str()));
    if let Some(tier) = &change.tier {
        put("tier", json!(tier.as_str()));
    }
    put("before", answer_json(change.before.as_ref()));
    put("after", answer_json(change.after.as_ref()));
    put("reason", json!(change.reason));
    let [before, after] = &change.says;
    put("says", json!({ "before": before, "after": after }));
    put("because", json!(change.because));
    put("assumed", json!(change.assumed));
    Value::Object(object)
}

/// Returns what a rule reads, with the day that belongs to it; nothing where it is not read.
fn answer_json(reading: Option<&RuleReading>) -> Value {
    let Some(reading) = reading else { return Value::Null };
    let mut object = Map::new();
    let mut put = |key: &str, value: String| object.insert(key.to_owned(), json!(value));
    put("reading", reading.reading.answer().as_str().to_owned());
    match &reading.reading {
        Reading::Met(met) => put("on", met.on.to_string()),
        Reading::NotYet { until: Some(until) } => put("until", until.to_string()),
        Reading::Unknown { missing, .. } => put("missing", missing.to_string()),
        Reading::NotYet { until: None } | Reading::NotMet => None,
    };
    object.insert("version".to_owned(), json!(reading.version.map(|from| from.to_string())));
    Value::Object(object)
}

fn reasons_json(difference: &Difference) -> Value {
    let reasons = difference.reasons();
    let list = reasons.iter().map(|(why, readings)| {
        json!({
            "programme": why.programme.as_str(),
            "rule": why.rule,
            "before": why.before.map(|answer| answer.as_str()),
            "after": why.after.map(|answer| answer.as_str()),
            "reason": why.reason,
            "readings": readings.len(),
            "example": readings.first().map(|(_, change)| change.reference.as_str()),
        })
    });
    list.collect()
}

fn person_json(person: &PersonDifference) -> Value {
    json!({
        "participant": called(person),
        "id": person.participant.to_string(),
        "facts": person.facts.iter().map(fact_json).collect::<Vec<_>>(),
        "rules": person.rules.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "tables": person.tables,
        "day": person.day,
    })
}

fn fact_json(fact: &FactChange) -> Value {
    let mut object = event_json(&fact.event);
    object.insert("differs".to_owned(), json!(fact.differs.as_str()));
    let by: Vec<Value> = fact.corrections.iter().map(|by| Value::Object(event_json(by))).collect();
    object.insert("corrections".to_owned(), json!(by));
    object.insert("assumed".to_owned(), json!(fact.assumed));
    Value::Object(object)
}

fn event_json(event: &NamedEvent) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("event", json!(event.label));
    put("id", json!(event.id.to_string()));
    put("kind", json!(codec::stored(event.kind).0));
    put("on", json!(event.on.to_string()));
    put("position", json!(event.position.get()));
    put("recorded_at", json!(event.recorded_at.to_string()));
    put("actor", json!(event.actor.as_str()));
    object
}
