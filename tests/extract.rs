//! A whole extract, imported and read in eleven views, against answers that another program
//! computed from the rules: every rejected row, every reading, every funnel row, every claim.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/small.rs"]
mod small;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waystage::core::replayed::Replayed;
use waystage::core::rules::Reading;
use waystage::core::view::{Basis, View};
use waystage_cohorts::{
    Claims, Dimension, Funnel, FunnelRow, Needs, OfferStep, Provision, Standards,
};

use small::{folder, imported};

fn answers() -> Value {
    let text = std::fs::read_to_string(folder().join("answers.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn view(answer: &Value) -> View {
    let as_of = answer["as_of"].as_str().unwrap().parse().unwrap();
    let known_at = answer["known_at"].as_str().unwrap().parse().unwrap();
    View::new(as_of, known_at).basis(Basis::Reported)
}

#[test]
fn every_row_is_accepted_known_again_or_rejected_for_its_first_fault() {
    let answers = answers();
    let (engine, report) = imported();
    let intake = &answers["intake"];
    let files = json!(
        report
            .counted
            .files
            .iter()
            .map(|(file, counts)| {
                let (rows, accepted) = (counts.rows, counts.accepted);
                let (duplicates, rejected) = (counts.duplicates, counts.rejected);
                let counts = json!({
                    "rows": rows, "accepted": accepted,
                    "duplicates": duplicates, "rejected": rejected,
                });
                (file.as_str(), counts)
            })
            .collect::<BTreeMap<_, _>>()
    );
    assert_eq!(files, intake["by_file"]);
    let rejects: Vec<Value> = report
        .counted
        .rejects
        .iter()
        .map(|it| json!([it.file.as_str(), it.line, it.column, it.code.as_str()]))
        .collect();
    let expected: Vec<Value> = intake["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["file"], it["line"], it["column"], it["code"]]))
        .collect();
    assert_eq!(rejects, expected);
    assert_eq!(json!(report.imported.recorded), intake["accepted"]);
    assert_eq!(json!(engine.status().unwrap().facts), intake["accepted"]);
}

#[test]
fn every_reading_of_every_view_agrees() {
    let (engine, _) = imported();
    let mut compared = 0;
    for answer in answers()["views"].as_array().unwrap() {
        let lens = engine.lens(view(answer)).unwrap();
        let readings = engine.replay(&lens).each(readings).unwrap();
        let readings: BTreeMap<String, Value> = readings.into_iter().flatten().collect();
        let mut expected = BTreeMap::new();
        for (participation, rules) in answer["readings"].as_object().unwrap() {
            for (rule, reading) in rules.as_object().unwrap() {
                let plain: Vec<Value> = reading.as_array().unwrap()[..]
                    .iter()
                    .filter(|part| !part.is_array())
                    .cloned()
                    .collect();
                expected.insert(format!("{participation} {rule}"), json!(plain));
                compared += 1;
            }
        }
        assert_eq!(readings, expected, "view {}", answer["id"]);
    }
    assert!(compared > 1_000, "only {compared} readings were compared");
}

fn readings(replayed: &Replayed<'_>) -> Vec<(String, Value)> {
    let named = |id| {
        let participations = &replayed.journey.participations;
        participations.iter().find(|each| each.id == id).unwrap().reference.to_string()
    };
    let day = |day: &chrono::NaiveDate| day.to_string();
    let reading = |reading: &Reading| match reading {
        Reading::Met(met) => json!(["met", day(&met.on)]),
        Reading::NotMet => json!(["not_met"]),
        Reading::NotYet { until } => json!(["not_yet", until.as_ref().map(day)]),
        Reading::Unknown { missing, .. } => json!(["unknown", day(missing)]),
    };
    let each = |each: &waystage::core::rules::RuleReading| {
        (format!("{} {}", named(each.participation), each.rule), reading(&each.reading))
    };
    replayed.readings.iter().map(each).collect()
}

#[test]
fn a_job_start_that_one_row_decides_names_that_row() {
    let (engine, _) = imported();
    let mut compared = 0;
    for answer in answers()["views"].as_array().unwrap() {
        let lens = engine.lens(view(answer)).unwrap();
        let met = engine.replay(&lens).each(because).unwrap();
        let met: BTreeMap<String, Vec<String>> = met.into_iter().flatten().collect();
        for (participation, rules) in answer["readings"].as_object().unwrap() {
            for (rule, reading) in rules.as_object().unwrap() {
                let Some(expected) = reading.get(2).and_then(Value::as_array) else { continue };
                let because = &met[&format!("{participation} {rule}")];
                // the referral and the start stand before what decides
                assert_eq!(json!(because.last()), expected[0], "{participation} {rule}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100);
}

fn because(replayed: &Replayed<'_>) -> Vec<(String, Vec<String>)> {
    replayed
        .readings
        .iter()
        .filter_map(|each| {
            let Reading::Met(met) = &each.reading else { return None };
            let of = replayed.journey.participations.iter();
            let of = of.clone().find(|of| of.id == each.participation)?;
            let events = met.because.iter().map(|event| replayed.label(*event)).collect();
            Some((format!("{} {}", of.reference, each.rule), events))
        })
        .collect()
}

fn counts(row: &FunnelRow) -> Value {
    let rules: BTreeMap<&String, [i64; 4]> = row
        .outcomes
        .iter()
        .map(|(rule, it)| (rule, [it.met, it.not_met, it.not_yet, it.unknown]))
        .collect();
    json!([row.referrals, row.individuals, row.starts, row.job_starts, rules])
}

fn expected_counts(answer: &Value) -> Value {
    let of = |key: &str| answer[key].clone();
    json!([of("referrals"), of("individuals"), of("starts"), of("job_starts"), of("rules")])
}

#[test]
fn every_row_of_the_funnel_agrees() {
    let (engine, _) = imported();
    for answer in answers()["views"].as_array().unwrap() {
        let by = vec![Dimension::Programme, Dimension::Area, Dimension::Month];
        let rows = Funnel::rows(&engine.sum(&Funnel { by }, view(answer)).unwrap());
        let rows: BTreeMap<Vec<Option<String>>, Value> =
            rows.iter().map(|row| (row.row.clone(), counts(row))).collect();
        let expected = answer["funnel"].as_array().unwrap().iter().map(|row| {
            let keys = ["programme", "local_authority", "month"];
            let key = keys.map(|key| row[key].as_str().map(str::to_owned)).to_vec();
            (key, expected_counts(row))
        });
        assert_eq!(rows, expected.collect(), "view {}", answer["id"]);

        let funnel = Funnel { by: vec![Dimension::Programme] };
        let rows = Funnel::rows(&engine.sum(&funnel, view(answer)).unwrap());
        let rows: BTreeMap<String, Value> =
            rows.iter().map(|row| (row.row[0].clone().unwrap(), counts(row))).collect();
        let expected = answer["programmes"].as_object().unwrap();
        let expected = expected.iter().map(|(name, row)| (name.clone(), expected_counts(row)));
        assert_eq!(rows, expected.collect(), "view {}", answer["id"]);
    }
}

/// Adds numbers up by name, leaving out those that come to nothing.
fn by_name(counts: impl Iterator<Item = (String, i64)>) -> Value {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (name, count) in counts.filter(|(_, count)| *count != 0) {
        *sums.entry(name).or_default() += count;
    }
    json!(sums)
}

#[test]
fn every_standard_severe_need_and_intervention_agrees() {
    let (engine, _) = imported();
    for answer in answers()["views"].as_array().unwrap() {
        let (id, view) = (&answer["id"], view(answer));
        let rows = Standards::rows(&engine.sum(&Standards { by: Vec::new() }, view).unwrap());
        let mut standards: BTreeMap<String, BTreeMap<String, [i64; 4]>> = BTreeMap::new();
        for row in rows {
            let it = row.counts;
            let four = [it.met, it.late, it.open, it.missing];
            standards.entry(row.programme).or_default().insert(row.standard, four);
        }
        assert_eq!(json!(standards), answer["standards"], "view {id}");
        let needs = Needs::rows(&engine.sum(&Needs, view).unwrap());
        let severe = needs.into_values().flat_map(|row| row.needs);
        let severe = by_name(severe.map(|(category, need)| (category, need.severe)));
        assert_eq!(severe, answer["severe_needs"], "view {id}");
        let offers = Provision::rows(&engine.sum(&Provision, view).unwrap());
        let started = offers.into_iter().map(|row| {
            let started = row.reached(OfferStep::Started);
            (row.offer.category, started)
        });
        assert_eq!(by_name(started), answer["intervention_starts"], "view {id}");
    }
}

#[test]
fn every_claim_is_supported_or_not_then_and_now() {
    let answers = answers();
    let (engine, _) = imported();
    let far_end = answers["views"].as_array().unwrap().last().unwrap();
    let model = engine.sum(&Claims, view(far_end)).unwrap();
    let claims: BTreeMap<String, Value> = model
        .iter()
        .map(|(it, _)| {
            let day = it.submitted_on.to_string();
            let says = json!([it.participation, it.rule, day, it.supported_then, it.supported_now]);
            (it.claim.clone(), says)
        })
        .collect();
    let expected = answers["claims"]["claims"].as_array().unwrap().iter().map(|it| {
        let (then, now) = (&it["supported_at_submission"], &it["supported_now"]);
        let says = json!([it["participation"], it["rule"], it["submitted_on"], then, now]);
        (it["claim"].as_str().unwrap().to_owned(), says)
    });
    assert_eq!(claims, expected.collect());
}
