//! What a what-if says beyond readings and figures: income that no participant earns, causes that
//! are causes, and names that are nobody's.

use std::fs;

use serde_json::Value;

use super::{Store, VIEW};

const HEAD: &str = "[scenario]\nname = \"supposed\"\npurpose = \"a test\"\n";

/// Asks what would be under a scenario; returns the document and what was said beside it.
fn asked(store: &Store, changes: &str, more: &[&str]) -> (Value, String) {
    let path = store.folder.path().join("supposed.toml");
    fs::write(&path, format!("{HEAD}{changes}")).unwrap();
    let asked = ["--json", "what-if", "--scenario", path.to_str().unwrap()];
    let output = store.run(&[&asked, more, VIEW].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (document, said)
}

fn list<'d>(document: &'d Value, key: &str) -> &'d Vec<Value> {
    document[key].as_array().unwrap()
}

#[test]
fn delivery_fees_that_nobody_earns_are_part_of_what_would_be_otherwise() {
    let store = Store::with_extract();
    let monthly = "[[pack]]\nprogramme = \"working-well-expansion\"\n[[pack.delivery_fee]]\n\
        [pack.delivery_fee.add]\nfrom = 2021-07-01\nuntil = 2024-09-30\npence_a_month = 1062500\n";
    let (document, _) = asked(&store, monthly, &[]);
    assert!(list(&document, "changed").is_empty() && list(&document, "figures").is_empty());
    let delivery = list(&document, "delivery");
    assert_eq!(delivery.len(), 1);
    assert_eq!(delivery[0]["programme"], "working-well-expansion");
    let pence = |side: &str| delivery[0][side]["pence"].as_i64().unwrap();
    // July, August and September 2021
    assert_eq!(pence("after") - pence("before"), 3 * 1_062_500);
    assert_eq!(document["income"]["delivery_pence"], 3 * 1_062_500);
    assert_eq!(document["income"]["all_pence"], 3 * 1_062_500);
    let path = store.folder.path().join("supposed.toml");
    let path = path.to_str().unwrap();
    let output = store.run(&[&["what-if", "--scenario", path], VIEW].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("delivery fees £31,875.00"), "{text}");
    assert!(!text.contains("nothing would be otherwise"), "{text}");
    let csv = store.folder.path().join("sheets");
    let side = format!("scenario:{path}");
    let sheets = ["diff", "view:", &side, "--csv", csv.to_str().unwrap()];
    assert_eq!(store.run(&[&sheets, VIEW].concat()).status.code(), Some(1));
    let figures = fs::read_to_string(csv.join("figures.csv")).unwrap();
    assert!(
        figures.contains("delivery,delivery,programme=working-well-expansion,pence,"),
        "{figures}"
    );
}

#[test]
fn rules_and_tables_are_causes_only_of_what_they_change() {
    let store = Store::with_extract();
    // nothing of the first changes anything; the second does, of somebody else's programme
    let both = "[[pack]]\nprogramme = \"working-well-expansion\"\n[[pack.rule]]\n\
        id = \"sustained-12-months\"\nset = { max_gap_days = 60 }\n[[rates]]\n\
        id = \"real-living-wage-uk\"\n[[rates.row]]\neffective_from = 2018-04-01\npence = 1\n[[change]]\ndo = \"without\"\n\
        where = { kinds = \"JobStarted\" }\n";
    let (document, said) = asked(&store, both, &["--model", "funnel"]);
    assert!(!document.is_null(), "{said}");
    let people = list(&document, "people");
    assert!(people.len() > 5, "{said}");
    let by_rules = |name: &str| {
        let figures = list(&document, "figures").iter();
        let shares = figures.flat_map(|figure| list(figure, "because"));
        shares.filter(|share| share["participant"] == name).any(|share| share["by_rules"] != 0)
    };
    let mut innocent = 0;
    for person in people {
        let is_named = !list(person, "rules").is_empty() || person["tables"] == true;
        let did = by_rules(person["participant"].as_str().unwrap());
        innocent += usize::from(!did);
        assert_eq!(did, is_named, "{person}");
    }
    assert!(innocent > 0);
}

#[test]
fn a_reading_that_is_not_there_says_so_and_no_other_reason() {
    let store = Store::with_extract();
    let off = "[[pack]]\nprogramme = \"whp-national\"\n[[pack.rule]]\nid = \"*\"\noff = true\n\
        [[pack.fee]]\non = \"*\"\noff = true\n";
    let (document, said) = asked(&store, off, &["--changes-only", "--model", "funnel"]);
    assert!(!document.is_null(), "{said}");
    let changed = list(&document, "changed");
    assert!(!changed.is_empty());
    for change in changed {
        assert!(change["after"].is_null());
        assert_eq!(change["reason"], "not read after: there is no such rule");
    }
}

#[test]
fn a_job_is_called_so_for_somebody_and_one_of_nobody_is_told() {
    let store = Store::with_extract();
    let ended = |participant: &str, job: &str| {
        format!(
            "[[change]]\ndo = \"also\"\nparticipant = \"{participant}\"\non = 2016-09-01\n\
             fact = {{ kind = \"JobEnded\", job = \"{job}\", reason = \"resigned\", sector = \"employed\" }}\n"
        )
    };
    let only = ["--changes-only", "--model", "funnel"];
    let (by_reference, said) = asked(&store, &ended("PX2H6V4P", "PX2H6V4P/1"), &only);
    assert!(!by_reference.is_null(), "{said}");
    assert!(!said.contains("that its participant does not have"), "{said}");
    let nobody = "[[change]]\ndo = \"without\"\nwhere = { participant = \"PX2H6V4P\" }\n";
    let (without_them, _) = asked(&store, nobody, &only);
    let id = list(&without_them, "people")[0]["id"].as_str().unwrap();
    let (by_id, said) = asked(&store, &ended(id, "PX2H6V4P/1"), &only);
    assert!(!said.contains("that its participant does not have"), "{said}");
    assert_eq!(by_id["digest"], by_reference["digest"]);
    let (_, said) = asked(&store, &ended("PX2H6V4P", "PX2H6V4P-1"), &only);
    let warning = "change 1 assumes a fact about a job that its participant does not have";
    assert!(said.contains(warning), "{said}");
    let instead = "[[change]]\ndo = \"instead\"\nwhere = { kinds = \"JobEnded\" }\n\
        fact = { kind = \"JobEnded\", job = \"PX2H6V4P/1\", reason = \"resigned\", sector = \"employed\" }\n";
    let (document, said) = asked(&store, instead, &only);
    assert!(document.is_null());
    assert!(
        said.contains("for one participant: name the participant, or write the job's id"),
        "{said}"
    );
}

#[test]
fn a_difference_with_a_scenario_takes_the_same_files_as_a_what_if() {
    let store = Store::with_extract();
    let new = "[[change]]\ndo = \"also\"\nparticipant = \"somebody-new\"\non = 2020-01-02\n\
        fact = { kind = \"JobStarted\", job = \"J\", weekly_minutes = 960, sector = \"employed\" }\n";
    let (document, said) = asked(&store, new, &[]);
    assert!(said.contains("1 of the 1 participants of whom it assumes facts are nobody"), "{said}");
    let side = format!("scenario:{}", store.folder.path().join("supposed.toml").display());
    let output = store.run(&[&["--json", "diff", "view:", &side], VIEW].concat());
    assert_eq!(output.status.code(), Some(i32::from(!list(&document, "people").is_empty())));
    let diff: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diff["people"], document["people"]);
}
