//! The commands of the read models: their tables, their JSON, and the rule sheet of a pack. The
//! figures are those that `provision.rs` works out by hand.

use serde_json::{Value, json};

use crate::{Store, keys, says, world};

/// The view of these tests.
const LATE: &[&str] = &["--as-of", "2024-10-01", "--basis", "reported"];

fn store() -> Store {
    let store = Store::new();
    let folder = store.folder.path().join("extract");
    world::write(&folder);
    let folder = folder.to_string_lossy().into_owned();
    let output = store.run(&["import", &folder, "--source", "t", "--strict"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    store
}

fn table(store: &Store, arguments: &[&str]) -> String {
    let output = store.run(&[arguments, LATE].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(store: &Store, arguments: &[&str]) -> Value {
    let mut documents = store.json(&[arguments, LATE].concat());
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

/// Asserts that the table has a line with these words.
fn has_line(text: &str, words: &str) {
    let squeezed = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = squeezed.collect();
    assert!(lines.iter().any(|line| line == words), "no line {words:?} in\n{}", lines.join("\n"));
}

#[test]
fn standards_print_their_denominators_and_group_by_what_is_asked() {
    let store = store();
    let text = table(&store, &["standards"]);
    // met, late, missing, open, not due, unknown, referrals; 4 of the 7 that fell due, 1 of 5
    has_line(&text, "example acknowledge 4 1 2 1 0 0 8 57.1%");
    has_line(&text, "example plan 1 1 3 0 3 0 8 20.0%");
    has_line(&text, "example acknowledge: the day of the referral is day 0");
    let document = json(&store, &["standards", "--by", "programme,area"]);
    assert_eq!(keys(&document), ["assumptions", "by", "parked", "rows", "view"]);
    assert_eq!(document["by"], json!(["area"]), "every row is of one programme anyway");
    let row = json!({
        "area": "E08000001", "programme": "example", "standard": "acknowledge", "referrals": 5,
        "met": 2, "late": 0, "missing": 2, "open": 1, "not_due": 0, "unknown": 0,
    });
    assert_eq!(document["rows"][0], row);
}

#[test]
fn eligibility_prints_gates_and_whom_to_ask_about() {
    let store = store();
    let text = table(&store, &["eligibility"]);
    has_line(&text, "example assessed 1 1 2 4 8");
    has_line(&text, "example PE at once on other (PE0) ST-E0 ST-E");
    has_line(&text, "example PB out-of-work: not met JS-B RF-B");
    has_line(&text, "example gate age: the day of the referral counts");
    let group = "example group long_term_unemployed from 2024-05-01: suspended, not ended";
    has_line(&text, group);
    let lines = store.json(&[&["eligibility"], LATE].concat());
    assert_eq!(
        lines.len(),
        9 + 15 + 1,
        "a line a gate, one for each that is asked about, the view"
    );
    let last = lines.last().unwrap();
    assert_eq!(keys(last), ["assumptions", "kind", "parked", "view"]);
    assert_eq!(last["assumptions"].as_array().unwrap().len(), 2, "{last}");
    let gate = json!({
        "kind": "gate", "programme": "example", "gate": "age", "met": 4, "not_met": 2,
        "not_yet": 0, "unknown": 2, "referrals": 8,
    });
    assert_eq!(lines[0], gate);
    let at_once: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "at_once").collect();
    let with = json!({ "programme": "other", "participation": "PE0" });
    assert_eq!((&at_once[0]["with"], at_once.len()), (&with, 2));
    let not_met = lines.iter().find(|line| line["kind"] == "not_met").unwrap();
    assert_eq!(keys(not_met), ["because", "gate", "kind", "participation", "programme"]);
}

#[test]
fn needs_print_severity_and_distance() {
    let store = store();
    let text = table(&store, &["needs"]);
    // identified, of two rated, severe, not severe, unknown, no need, rated, starts
    has_line(&text, "example housing 2 100.0% 0 2 0 0 2 5");
    has_line(&text, "example debt 2 100.0% 0 1 1 0 2 5");
    // 15 and 17 points of two
    has_line(&text, "example wellbeing 1 3 2 2 1 0 1 1 7.5 8.5");
    has_line(&text, "example wellbeing 2 1 1 1 1 0 0 - 10.0 8.0");
    has_line(&text, "example severe from 2024-01-01: four and more");
    has_line(&text, "example scoring of wellbeing 1: two points are enough");
    let document = json(&store, &["needs"]);
    let row = &document["rows"][0];
    let expected = ["needs", "programme", "rated", "referrals", "starts", "travelled"];
    assert_eq!(keys(row), expected);
    let need = json!({
        "category": "debt", "identified": 2, "severe": 0, "not_severe": 1, "unknown": 1,
        "no_need": 0,
    });
    assert_eq!(row["needs"][1], need);
    let travelled = json!({
        "instrument": "wellbeing", "version": "1", "assessed": 3, "scored": 2, "scored_twice": 2,
        "better": 1, "same": 0, "worse": 1, "better_for_sure": 1, "meaning_unknown": 0,
        "first_sum": 15, "latest_sum": 17,
    });
    assert_eq!(row["travelled"][1], travelled);
}

#[test]
fn provision_prints_steps_and_waits() {
    let store = store();
    let text = table(&store, &["provision"]);
    // all; eight steps; 31 days of two that were waited for; nobody waits
    let row = "example talking_therapies statutory nhs yes 3 1 3 1 1 0 2 1 0 2 15.5 0 -";
    has_line(&text, row);
    let row = "example gardening self arranged (none) no 1 0 0 0 0 0 1 0 0 0 - 0 -";
    has_line(&text, row);
    let row = "other gardening self arranged club - 1 0 0 0 0 0 1 0 0 0 - 0 -";
    has_line(&text, row);
    let document = json(&store, &["provision"]);
    let row = json!({
        "programme": "example", "category": "debt_advice", "delivery": "signposted",
        "provider": null, "in_catalogue": true, "interventions": 2,
        "steps": {
            "recommended": 1, "referred": 1, "accepted": 0, "declined": 0, "wait_listed": 0,
            "started": 0, "completed": 0, "withdrawn": 0,
        },
        "waited": 0, "waited_days": 0, "waiting": 1, "waiting_days": 30,
    });
    assert_eq!(document["rows"][0], row);
    assert_eq!(keys(&document), ["assumptions", "parked", "rows", "view"]);
}

#[test]
fn key_workers_print_search_and_work_apart() {
    let store = store();
    let text = table(&store, &["key-workers"]);
    has_line(&text, "(none) 3 3 0 referred 2 + 0, started 1 + 0");
    has_line(&text, "KW1 2 0 2 supported 0 + 2");
    let document = json(&store, &["key-workers"]);
    assert_eq!(keys(&document), ["parked", "rows", "view"]);
    let row = json!({
        "key_worker": "KW2", "open": 1, "job_search": 1, "in_work": 0,
        "stages": { "paused": { "job_search": 1, "in_work": 0 } },
    });
    assert_eq!(document["rows"][2], row);
    assert_eq!(document["rows"][0]["key_worker"], Value::Null);
}

#[test]
fn targets_print_plan_and_fact_and_cohorts() {
    let store = store();
    let text = table(&store, &["targets", "--month", "2024-05"]);
    // three of two in May, five of four since March, six of four ever: 150%
    has_line(&text, "example referrals referrals all 3 / 2 5 / 4 6 / 4 6 / 4 150.0%");
    has_line(
        &text,
        "example jobs-of-disabled-people job-start disability 0 / - 0 / - 0 / - 0 / - -",
    );
    assert!(!text.contains("is not over"), "{text}");
    // by year: five who started, four of them (A D E F) three months ago, F alone six months ago;
    // A and D had a job within three months
    has_line(&text, "example job-start 2024 0 / 5 2 / 4 0 / 1");
    has_line(&text, "example sustained from 2020-01-01: a silent job is believed for a week");
    let text = table(&store, &["targets"]);
    assert!(text.contains("2024-10 is not over on 2024-10-01"), "{text}");
    let document = json(&store, &["targets", "--month", "2024-06"]);
    let expected =
        ["assumptions", "cohorts", "month", "month_is_over", "parked", "targets", "view"];
    assert_eq!(keys(&document), expected);
    assert_eq!((&document["month"], &document["month_is_over"]), (&json!("2024-06"), &json!(true)));
    let jobs = document["targets"].as_array().unwrap().iter().find(|row| row["target"] == "jobs");
    let both = json!({ "actual": 1, "planned": 2 });
    let expected = json!({
        "programme": "example", "target": "jobs", "measure": "job_starts", "rule": null,
        "area": null, "group": null, "in_month": both, "rolling_three": both,
        "rolling_twelve": both, "cumulative": both,
    });
    assert_eq!(jobs.unwrap(), &expected);
    let cohort =
        document["cohorts"].as_array().unwrap().iter().find(|row| {
            row["rule"] == "sustained" && row["cohort"] == "2024-05" && row["months"] == 3
        });
    let expected = json!({
        "programme": "example", "rule": "sustained", "cohort": "2024-05", "months": 3,
        "old_enough": 1, "met": 0, "unknown": 1,
    });
    assert_eq!(cohort.unwrap(), &expected);
    let (code, text) = says(&store.run(&["targets", "--month", "May"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("write a month such as 2021-09"), "{text}");
}

#[test]
fn fees_print_what_was_earned_and_what_has_no_amount() {
    let store = store();
    let text = table(&store, &["fees"]);
    // two at 100.00 before June, F's before, and two at 120.00 after
    has_line(&text, "example start 2024 5 £540.00 0");
    has_line(&text, "example job-start 2024 2 £0.00 2");
    has_line(&text, "example earned/higher 2024 1 £900.00 0");
    has_line(&text, "example (delivery, months) 2024 10 £15,000.00 7");
    has_line(&text, "example fee on start from 2024-06-01: the new amount is a guess");
    has_line(&text, "example delivery fee from 2024-04-01: the amount is not published");
    let document = json(&store, &["fees"]);
    assert_eq!(
        keys(&document),
        ["accelerated", "assumptions", "delivery", "earned", "parked", "view"]
    );
    let earned = json!({
        "programme": "example", "fee": "earned", "tier": "higher", "month": "2024-05", "count": 1,
        "pence": 90_000, "amount_unknown": 0,
    });
    assert_eq!(document["earned"][0], earned);
    let delivery = json!({
        "programme": "example", "month": "2024-01", "count": 1, "pence": 500_000,
        "amount_unknown": 0,
    });
    assert_eq!(document["delivery"][0], delivery);
}

#[test]
fn a_pack_is_shown_as_a_rule_sheet_with_every_section() {
    let store = store();
    let output = store.run(&["programmes", "show", "example"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "long_term_unemployed: Long-term unemployed people",
        "from 2024-05-01: mandatory, no referrals are taken",
        "source: Notice of 1 May 2024",
        "assumed: suspended, not ended",
        "age: 18 to 64 years old?",
        "alone: on no other programme at the same time?",
        "benefit: on one of uc?",
        "never: never started other?",
        "in-work: in work, 50 days (the first day is day 1), a pause changes nothing",
        "total: total, 200 days (the first day is day 0), a pause stops the clock",
        "wellbeing: Three questions, 4 questions (mind 3, answered 1 to 5; words 1)",
        "version 1: answers are added up, higher is better, severe at 6 or less, a change of 2 means something",
        "version 2: answers are added up, lower is better",
        "from 2024-07-01: severe at 5 of 6 or more",
        "talking_therapies: Talking therapies; A clinic; delivered statutory",
        "debt_advice: Debt advice; delivered any way",
        "job-start from 2024-01-01: 5 working days after the outcome, once, with payslip or hmrc",
        "earned from 2024-01-01: 10 days after the outcome, as often as need be, with any evidence",
        "2024-01-01 to 2024-03-31: £5,000.00 a month",
        "2024-04-01 to 2024-12-31: amount not stated",
        "referrals: referrals, 7 planned, 2024-04 to 2024-06",
        "jobs-of-disabled-people: outcomes of job-start for disability, 1 planned, 2024-06 to 2024-06",
        "fund: kept until 2034-12-31 and 24 months after the end, starts from 2024-01-01",
        "source: A regulation",
        "fee on earned/higher from 2024-01-01: £900.00",
        "acknowledge: the day of the referral is day 0",
    ] {
        has_line(&text, line);
    }
    assert_eq!(text.matches("suspended, not ended").count(), 1, "said once:\n{text}");
    let sheet = &store.json(&["programmes", "show", "example"])[0];
    let sections = [
        ("client_groups", 2),
        ("gates", 9),
        ("limits", 3),
        ("instruments", 1),
        ("severe", 2),
        ("interventions", 2),
        ("claims", 2),
        ("delivery_fees", 2),
        ("targets", 5),
        ("retention", 1),
    ];
    for (section, length) in sections {
        assert_eq!(sheet[section].as_array().unwrap().len(), length, "{section}");
    }
    let gate = json!({
        "id": "age", "test": "age", "asks": "18 to 64 years old?", "least": 18, "most": 64,
        "reference": "Guidance, part 2", "assumption": "the day of the referral counts",
    });
    assert_eq!(sheet["gates"][3], gate);
    let terms = json!({
        "effective_from": "2024-01-01", "wait_working_days": 5, "wait_days": null, "attempts": 1,
        "evidence": ["payslip", "hmrc"], "reference": "Guidance, part 4", "assumption": null,
        "line_closes": null,
    });
    assert_eq!(sheet["claims"][0]["versions"][0], terms);
    assert_eq!(sheet["targets"][0]["profile"], json!({ "2024-04": 2, "2024-05": 2, "2024-06": 3 }));
    assert_eq!(sheet["instruments"][0]["count"], 4);
}
