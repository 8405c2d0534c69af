//! The JSON document of a what-if.

use serde_json::{Map, Value, json};
use waystage::Supposed;
use waystage::core::rules::{Reading, RuleReading};
use waystage::replay::difference::{FigureChange, PersonDifference, ReadingChange};

use crate::command::kept::value_json;
use crate::command::view_json;

pub(crate) fn document(supposed: &Supposed) -> Value {
    let would_be = &supposed.would_be;
    let difference = &would_be.difference;
    let (readings, assumed) = would_be.readings_changed();
    let changed: Vec<Value> =
        changed(supposed).into_iter().map(|(_, change)| json_of(change)).collect();
    let figures: Vec<Value> = difference.figures().iter().map(figure).collect();
    let reasons: Vec<Value> = difference
        .reasons()
        .into_iter()
        .map(|(reason, readings)| {
            json!({
                "programme": reason.programme.as_str(),
                "rule": reason.rule,
                "before": reason.before.map(|answer| answer.as_str()),
                "after": reason.after.map(|answer| answer.as_str()),
                "reason": reason.reason,
                "readings": readings.len(),
                "resting_on_assumed": readings.iter().filter(|(_, each)| each.assumed).count(),
            })
        })
        .collect();
    json!({
        "scenario": supposed.scenario.name,
        "purpose": supposed.scenario.purpose,
        "assumptions": supposed.scenario.assumptions,
        "scenario_digest": supposed.scenario_digest,
        "changes": supposed.changes,
        "view": view_json(&would_be.view),
        "affected_participants": would_be.affected.participants.len(),
        "recomputed_participants": would_be.recomputed,
        "everybody_for": would_be.for_everybody,
        "events_folded": difference.events,
        "foldings": difference.folded,
        "events_folded_for_totals": would_be.folded_for_totals,
        "rows_sifted": would_be.affected.sifted,
        "events_decoded_to_find": would_be.affected.decoded,
        "assumed_facts": difference.assumed_facts,
        "readings_changed": readings,
        "readings_resting_on_assumed": assumed,
        "reasons": reasons,
        "changed": changed,
        "figures": figures,
        "totals": would_be.totals.as_str(),
        "digest": supposed.digest().to_string(),
    })
}

/// Returns every reading that changed, in the order of participations, rules and tiers.
pub(super) fn changed(supposed: &Supposed) -> Vec<(&PersonDifference, &ReadingChange)> {
    let people = supposed.would_be.difference.people.iter();
    let all = people.flat_map(|person| person.readings.iter().map(move |each| (person, each)));
    let mut all: Vec<_> = all.collect();
    let key = |each: &ReadingChange| {
        let (rule, tier) = (each.rule.clone(), each.tier.clone());
        (each.reference.clone(), rule, tier, each.participation)
    };
    all.sort_by_key(|(_, each)| key(each));
    all
}

fn json_of(change: &ReadingChange) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("participation", json!(change.reference));
    put("programme", json!(change.programme.as_str()));
    put("rule", json!(change.rule.as_str()));
    if let Some(tier) = &change.tier {
        put("tier", json!(tier.as_str()));
    }
    put("before", reading(change.before.as_ref()));
    put("after", reading(change.after.as_ref()));
    put("because", json!(change.because));
    put("reason", json!(change.reason));
    put("says_before", json!(change.says[0]));
    put("says_after", json!(change.says[1]));
    put("assumed", json!(change.assumed));
    Value::Object(object)
}

fn reading(reading: Option<&RuleReading>) -> Value {
    let Some(reading) = reading else { return Value::Null };
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("reading", json!(reading.reading.answer().as_str()));
    put("version", json!(reading.version.map(|version| version.to_string())));
    match &reading.reading {
        Reading::Met(met) => {
            put("on", json!(met.on.to_string()));
        }
        Reading::NotYet { until: Some(until) } => {
            put("until", json!(until.to_string()));
        }
        Reading::Unknown { missing, evidence } => {
            put("missing", json!(missing.to_string()));
            put("missing_evidence", json!(evidence.as_str()));
        }
        Reading::NotYet { until: None } | Reading::NotMet => {}
    }
    Value::Object(object)
}

fn figure(figure: &FigureChange<'_>) -> Value {
    let key: Map<String, Value> =
        figure.row().map(|(column, value)| (column.to_owned(), value_json(value))).collect();
    let table = figure.table().map(|table| table.name.clone());
    json!({
        "model": figure.model.name,
        "table": table,
        "key": key,
        "measure": figure.measure(),
        "before": figure.before,
        "after": figure.before.map(|before| before + figure.change),
        "change": figure.change,
        "after_of_assumed": figure.model.assumed.get(figure.cell),
        "people": figure.shares.len(),
    })
}
