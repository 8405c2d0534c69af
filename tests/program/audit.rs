//! `audit` as its users see it: the shape of its JSON, its exit codes, evidence packs and payments.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Store, keys, says};

const FAR: &[&str] =
    &["--as-of", "2025-10-19", "--known-at", "2025-10-19T23:59:59Z", "--basis", "reported"];

fn audit(store: &Store, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = store.run(&[&["--json", "audit"], arguments, FAR].concat());
    let code = output.status.code();
    (code, serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}")))
}

#[test]
fn a_clean_log_is_exit_code_0_and_a_finding_is_exit_code_1() {
    let store = Store::new();
    store.run(&["init"]);
    let (code, document) = audit(&store, &[]);
    assert_eq!(code, Some(0));
    assert_eq!(keys(&document), ["checked", "clean", "findings"]);
    assert_eq!(document["clean"], true);
    let store = Store::with_extract();
    store.run(&["determine", "--as-of", "2021-09-30", "--basis", "reported"]);
    let (code, document) = audit(&store, &[]);
    assert_eq!(code, Some(1));
    assert_eq!(document["clean"], false);
    let counted = [
        "claims",
        "determinations",
        "events",
        "parked",
        "participants",
        "participations",
        "payments",
        "payments_of_file",
        "replays",
        "runs",
        "withdrawals",
    ];
    assert_eq!(keys(&document["checked"]), counted);
    assert_eq!(document["checked"]["claims"], 30);
    assert_eq!(document["checked"]["runs"], 1);
    let findings = document["findings"].as_array().unwrap();
    let claim = findings.iter().find(|it| it["kind"] == "claim_not_supported_then").unwrap();
    let expected = [
        "event_ids",
        "events",
        "kind",
        "participant",
        "participation",
        "programme",
        "rule",
        "says",
        "source",
        "version",
    ];
    assert_eq!(keys(claim), expected);
    let of = |kind: &str| findings.iter().filter(|it| it["kind"] == kind).count();
    assert_eq!(of("claim_not_supported_then"), 5);
    assert_eq!(of("outcome_never_claimed"), 4);
    let determined = |it: &&Value| it["kind"].as_str().unwrap().starts_with("determination");
    assert_eq!(findings.iter().filter(determined).count(), 0);
}

#[test]
fn people_are_shown_kinds_with_counts_and_examples() {
    let store = Store::with_extract();
    let output = store.run(&[&["audit", "--sample", "10"], FAR].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "5 × claim_not_supported_then: a claim that the rules did not support when it was made",
        "  … and 2 more",
        "every finding, with its events and its source: --json",
        "of all 30 between",
        "method: within each programme and rule",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn a_sample_has_a_folder_for_each_claim_with_what_somebody_needs_to_check_it() {
    let store = Store::with_extract();
    let out = store.folder.path().join("packs");
    let named = out.to_string_lossy().into_owned();
    let asked = ["--sample", "8", "--seed", "x", "--out", &named];
    let (code, document) = audit(&store, &asked);
    assert_eq!(code, Some(1));
    let (_, again) = audit(&store, &["--sample", "8", "--seed", "x"]);
    assert_eq!(document["sample"], again["sample"]);
    let strata = document["sample"]["strata"].as_array().unwrap();
    let items: Vec<&Value> =
        strata.iter().flat_map(|stratum| stratum["items"].as_array().unwrap()).collect();
    assert_eq!(items.len(), 8);
    assert_eq!(document["sample"]["estimate"]["sampled"], 8);
    for item in items {
        let folder = out.join(item["claim"].as_str().unwrap());
        let timeline = fs::read_to_string(folder.join("timeline.txt")).unwrap();
        assert!(timeline.contains(item["claim"].as_str().unwrap()), "{timeline}");
        let shown = [&["show", item["participant"].as_str().unwrap()], FAR].concat();
        assert_eq!(String::from_utf8(store.run(&shown).stdout).unwrap(), timeline);
        let because = json(&folder.join("because.json"));
        assert_eq!(because["as_known_now"]["supported"], item["supported_now"]);
        assert_eq!(because["as_known_then"]["supported"], item["supported_then"]);
        for reading in because["as_known_now"]["readings"].as_array().unwrap() {
            assert!(reading["source"].is_string());
            for event in reading["because"].as_array().unwrap() {
                for key in ["event", "id", "kind", "on", "recorded_at", "actor", "leaf"] {
                    assert!(event[key].is_string(), "{key} of {event}");
                }
            }
        }
        let evidence = json(&folder.join("evidence.json"));
        for piece in evidence.as_array().unwrap() {
            assert!(piece["obtained_on"].is_string() && piece["source_ref"].is_string());
        }
    }
    let output = store.run(&[&["audit"], &asked[..], FAR].concat());
    let (code, said) = says(&output);
    assert_eq!(code, Some(2));
    assert!(said.contains("holds something already: choose another folder"), "{said}");
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_file_of_payments_is_compared_or_refused_with_its_line() {
    let store = Store::with_extract();
    let file = store.folder.path().join("paid.csv");
    let named = file.to_string_lossy().into_owned();
    fs::write(&file, "rule,claim,participation,amount_pence\njob,CM1,P1,many\n").unwrap();
    let (code, said) = says(&store.run(&["audit", "--payments", &named]));
    assert_eq!(code, Some(3));
    let line =
        "paid.csv:2: amount_pence is not a whole number of pence: write 220000 for £2,200.00";
    assert!(said.contains(line), "{said}");
    fs::write(&file, "rule,claim,participation,amount_pence\njob,CM1,P1,7\n").unwrap();
    let (_, document) = audit(&store, &["--payments", &named]);
    let findings = document["findings"].as_array().unwrap();
    let of = |kind: &str| findings.iter().filter(|it| it["kind"] == kind).count() as u64;
    assert_eq!(of("payment_not_in_log"), 1);
    assert_eq!(of("payment_not_in_file"), document["checked"]["payments"].as_u64().unwrap());
    let (code, said) = says(&store.run(&["audit", "--from", "2021-01-01"]));
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn findings_of_one_kind_are_told_and_a_sample_is_judged_by_all() {
    let store = Store::with_extract();
    let sample = ["--sample", "30", "--seed", "x"];
    let (_, all) = audit(&store, &sample);
    let only = [&sample[..], &["--only", "outcome_never_claimed"]].concat();
    let (code, some) = audit(&store, &only);
    assert_eq!(code, Some(1));
    assert_eq!(some["sample"], all["sample"]);
    let findings = |document: &Value| document["findings"].as_array().unwrap().len();
    assert_eq!(findings(&some), 4);
    assert_eq!(some["findings_of_other_kinds"], findings(&all) - 4);
    let (code, none) = audit(&store, &["--only", "packs_differ"]);
    assert_eq!((code, findings(&none), &none["clean"]), (Some(0), 0, &Value::Bool(false)));
    let looks = store.json(&["accesses"]).len();
    let (code, said) = says(&store.run(&["audit", "--only", "typo"]));
    assert_eq!((code, store.json(&["accesses"]).len()), (Some(2), looks), "{said}");
    assert!(said.contains("there is no kind typo; there are "), "{said}");
}
