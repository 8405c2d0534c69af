//! The JSON document of a what-if: what any difference says, what was asked and what it took.

use serde_json::{Map, Value, json};
use waystage::Supposed;

use crate::command::view_json;
use crate::difference;

pub(super) fn document(supposed: &Supposed) -> Value {
    let would_be = &supposed.would_be;
    let scenario = &supposed.scenario;
    let (readings, assumed) = would_be.readings_changed();
    let mut document: Map<String, Value> = difference::document(&would_be.difference);
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("scenario", json!(scenario.name));
    put("scenario_digest", json!(supposed.scenario_digest));
    put("purpose", json!(scenario.purpose));
    put("assumptions", json!(scenario.assumptions));
    put("changes", json!(supposed.changes));
    put("view", view_json(&would_be.view));
    put("affected_participants", json!(would_be.affected.participants.len()));
    put("everybody_for", json!(would_be.for_everybody));
    put("readings_changed", json!(readings));
    put("readings_resting_on_assumed", json!(assumed));
    put("assumed_facts", json!(would_be.difference.assumed_facts));
    put("totals", json!(would_be.totals.as_str()));
    put("events_folded", json!(would_be.difference.events));
    put("events_folded_for_totals", json!(would_be.folded_for_totals));
    put("events_decoded_to_find", json!(would_be.affected.decoded));
    put("rows_sifted", json!(would_be.affected.sifted));
    put("digest", json!(supposed.digest().to_string()));
    document.into()
}
