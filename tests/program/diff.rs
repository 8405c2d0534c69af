//! `diff` and `import --preview`, as their users see them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{Store, VIEW, keys, says, small};

/// Returns the document of a comparison, and whether it says that something differs.
fn diff(store: &Store, sides: [&str; 2], more: &[&str]) -> (Value, bool) {
    let arguments = [&["--json", "diff"], &sides[..], more].concat();
    let output = store.run(&arguments);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{output:?}");
    (serde_json::from_slice(&output.stdout).unwrap(), code == Some(1))
}

fn list<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().unwrap()
}

fn put(store: &Store, name: &str, text: &str) -> String {
    let path = store.folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

const EARLIER: &str = "view:known_at=2021-07-14T23:59:59Z";

#[test]
fn two_views_differ_by_figures_readings_people_and_reasons() {
    let store = Store::with_extract();
    let (document, differs) = diff(&store, [EARLIER, "view:"], VIEW);
    assert!(differs);
    let expected = [
        "affected_participants",
        "after",
        "before",
        "changed",
        "delivery",
        "figures",
        "income",
        "parked",
        "people",
        "reasons",
        "recomputed_participants",
    ];
    assert_eq!(keys(&document), expected);
    assert_eq!(document["before"]["view"]["known_at"], "2021-07-14T23:59:59Z");
    assert_eq!(document["after"]["view"]["known_at"], "2021-10-14T23:59:59Z");
    for figure in list(&document, "figures") {
        let of = |key: &str| figure[key].as_i64().unwrap();
        assert_eq!(of("before") + of("change"), of("after"), "{figure}");
        let shares = list(figure, "because").iter();
        assert_eq!(
            shares.map(|share| share["change"].as_i64().unwrap()).sum::<i64>(),
            of("change")
        );
    }
    // a job that was withdrawn in between
    let changed = list(&document, "changed");
    let gone = changed.iter().find(|change| change["participation"] == "WWP-00006").unwrap();
    let expected = [
        "after",
        "assumed",
        "because",
        "before",
        "participant",
        "participation",
        "programme",
        "reason",
        "rule",
        "says",
    ];
    assert_eq!(keys(gone), expected);
    assert_eq!(gone["before"]["reading"], "met");
    assert_eq!(gone["after"]["reading"], "not_met");
    let people = list(&document, "people");
    assert_eq!(document["affected_participants"], people.len());
    let person = people.iter().find(|each| each["participant"] == gone["participant"]).unwrap();
    let fact = &person["facts"][0];
    assert_eq!((&fact["event"], &fact["differs"]), (&json!("JB0003244"), &json!("removed")));
    assert_eq!(fact["corrections"][0]["event"], "CX0004688");
    let readings = list(&document, "reasons").iter().map(|each| each["readings"].as_u64().unwrap());
    assert_eq!(readings.sum::<u64>(), changed.len() as u64);
    // the figures of one side are those that `funnel` gives there
    let starts = |document: &Value, side: &str| -> i64 {
        let figures = list(document, "figures").iter();
        let met = figures.filter(|figure| {
            figure["table"] == "funnel_outcomes"
                && figure["measure"] == "met"
                && figure["key"]["rule"] == "sustained-12-months"
        });
        met.map(|figure| figure[side].as_i64().unwrap()).sum()
    };
    assert_eq!(starts(&document, "before") - 1, starts(&document, "after"));
    // the other way round everything is the reverse
    let (back, _) = diff(&store, ["view:", EARLIER], VIEW);
    let change = |document: &Value| -> i64 {
        list(document, "figures").iter().map(|each| each["change"].as_i64().unwrap()).sum()
    };
    assert_eq!(change(&back), -change(&document));
    assert_eq!(list(&back, "changed").len(), changed.len());
}

#[test]
fn a_difference_is_told_in_a_few_lines() {
    let store = Store::with_extract();
    let output = store.run(&[&["diff", EARLIER, "view:", "--limit", "1"], VIEW].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "4 of 60 participants differ: 5 readings and 90 figures are others",
        "each of the 90 rows is in --json and --csv",
        "working-well-pilot job-start: met, then not met",
        "  PMXMZSDA (WWP-00006): removed JB0003244 by CX0004688",
        "    not met: no job start counts from 2015-06-05 to 2017-06-03; no job start is reported",
        "    because of RF0005732, PG0008086, JB0003244",
        "in figures alone, with every reading the same:",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line:?} is not in\n{text}");
    }
    let output = store.run(&["diff", "now", "now"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("0 of 60 participants differ"), "{text}");
}

#[test]
fn the_guide_shows_what_is_printed() {
    let store = Store::with_extract();
    let output = store.run(&[&["diff", EARLIER, "view:", "--limit", "1"], VIEW].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let guide = include_str!("../../docs/guides/compare.md");
    let (_, block) = guide.split_once("```text output\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    assert!(block.lines().count() > 10);
    for line in block.lines().filter(|line| *line != "…") {
        assert!(text.lines().any(|printed| printed == line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn a_store_its_backup_and_its_export_do_not_differ() {
    let store = Store::with_extract();
    let path = |name: &str| store.folder.path().join(name).to_string_lossy().into_owned();
    let (backup, export) = (path("backup.db"), path("export.json"));
    assert_eq!(store.run(&["backup", &backup]).status.code(), Some(0));
    assert_eq!(store.run(&["export", "log", "--out", &export]).status.code(), Some(0));
    let bytes = [fs::read(&backup).unwrap(), fs::read(&export).unwrap()];
    let own = format!("store:{}", path("store"));
    let (backup_side, export_side) = (format!("backup:{backup}"), format!("backup:{export}"));
    for sides in [["view:", &own], ["view:", &backup_side], [&export_side, &backup_side]] {
        let (document, differs) = diff(&store, sides, VIEW);
        assert!(!differs, "{sides:?}: {document}");
        assert_eq!(document["recomputed_participants"], 60);
    }
    assert_eq!([fs::read(&backup).unwrap(), fs::read(&export).unwrap()], bytes);
    // another store, that holds a part of it
    let other = Store::new();
    let part = extract_with(&other, &[]);
    fs::remove_file(Path::new(&part).join("jobs.csv")).unwrap();
    other.run(&["import", &part, "--source", "small"]);
    let other_side = format!("store:{}", other.folder.path().join("store").display());
    let (document, differs) = diff(&store, [&other_side, "view:"], VIEW);
    assert!(differs && !list(&document, "changed").is_empty());
    let facts = list(&document, "people").iter().flat_map(|person| list(person, "facts"));
    assert!(facts.clone().any(|fact| fact["kind"] == "JobStarted"));
    // both logs keep a record of who looked
    for store in [&store, &other] {
        let looks = store.json(&["accesses"]);
        assert_eq!(looks.last().unwrap()["what"], "diff");
    }
    let output = store.run(&["diff", "backup:no/such/file", "now"]);
    assert_ne!(output.status.code(), Some(0));
}

/// Copies the small extract, with lines added to its corrections.
fn extract_with(store: &Store, corrections: &[&str]) -> String {
    let folder = store.folder.path().join("changed");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(small()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            let mut text = fs::read_to_string(&path).unwrap();
            if path.ends_with("corrections.csv") {
                for line in corrections {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
        }
    }
    for name in ["packs", "tables"] {
        let to = folder.join(name);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(Path::new(&small()).join(name)).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    folder.to_string_lossy().into_owned()
}

#[test]
fn kept_models_are_compared_where_they_stand_and_from_there_on() {
    let store = Store::with_extract();
    let output = store.run(&["diff", "kept", "kept"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(says(&output).1.contains("waystage rebuild"), "{output:?}");
    store.run(&["rebuild", "--as-of", "2021-09-30", "--basis", "reported"]);
    let (document, differs) = diff(&store, ["kept", "kept"], &[]);
    assert!(!differs);
    assert_eq!(document["kept"]["clean"], true);
    assert_eq!(document["before"]["view"]["known_at"], Value::Null);
    // from where they stand to another view, with its causes
    let (document, differs) = diff(&store, ["kept", EARLIER], VIEW);
    assert!(differs && document["kept"]["clean"] == true);
    // they know everything up to there
    let everything = "view:known_at=2999-01-01T00:00:00Z";
    let (same, _) = diff(&store, [everything, EARLIER], VIEW);
    assert_eq!(document["figures"], same["figures"]);
    // an amount that somebody changed is found, cell by cell, as `rebuild --verify` does
    let views = store.folder.path().join("store/waystage.views.db");
    let held = Connection::open(views).unwrap();
    let first = "area = (SELECT min(area) FROM funnel)";
    let tamper = format!("UPDATE funnel SET referrals = referrals + 1 WHERE {first}");
    assert!(held.execute(&tamper, []).unwrap() > 0);
    drop(held);
    let (document, differs) = diff(&store, ["kept", "kept"], &[]);
    assert!(differs);
    assert_eq!(document["affected_participants"], 0);
    let verified = store.run(&["--json", "rebuild", "--verify"]);
    let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(document["kept"]["differences"], verified["differences"]);
    assert!(!list(&verified, "differences").is_empty());
}

#[test]
fn a_scenario_differs_by_the_readings_that_the_answers_say() {
    let store = Store::with_extract();
    let text = fs::read_to_string(Path::new(&small()).join("answers.json")).unwrap();
    let answers: Value = serde_json::from_str(&text).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("what_ifs");
    let mut compared = 0;
    for asked in list(&answers, "what_ifs") {
        let file = folder.join(format!("{}.toml", asked["id"].as_str().unwrap()));
        let side = format!("scenario:{}", file.display());
        let [as_of, known_at] = ["as_of", "known_at"].map(|key| asked[key].as_str().unwrap());
        let view = ["--as-of", as_of, "--known-at", known_at, "--basis", "reported"];
        let (document, _) = diff(&store, ["view:", &side], &view);
        let told = |reading: &Value| match reading {
            Value::Null => json!(["absent"]),
            reading => {
                let day = reading.get("on").or(reading.get("missing")).or(reading.get("until"));
                let answer = &reading["reading"];
                match (answer.as_str().unwrap(), day) {
                    ("not_met", _) => json!([answer]),
                    (_, day) => json!([answer, day]),
                }
            }
        };
        let mut found: Vec<String> = list(&document, "changed")
            .iter()
            .map(|change| {
                let tier = change.get("tier").map(|tier| format!("/{}", tier.as_str().unwrap()));
                let rule =
                    format!("{}{}", change["rule"].as_str().unwrap(), tier.unwrap_or_default());
                let [before, after] = ["before", "after"].map(|side| told(&change[side]));
                json!([change["participation"], rule, before, after]).to_string()
            })
            .collect();
        let mut expected: Vec<String> =
            list(asked, "changes").iter().map(ToString::to_string).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", asked["id"]);
        compared += found.len();
    }
    assert_eq!(compared, 24);
}

#[test]
fn a_scenario_that_is_wrong_or_a_grid_is_refused_with_its_line() {
    let store = Store::with_extract();
    let wrong =
        put(&store, "wrong.toml", "[scenario]\nname = \"n\"\npurpose = \"p\"\nas_off = 1\n");
    let (code, text) = says(&store.run(&["diff", "now", &format!("scenario:{wrong}")]));
    assert_eq!(code, Some(3));
    assert!(text.contains("wrong.toml:4"), "{text}");
    let grid = put(
        &store,
        "grid.toml",
        "[scenario]\nname = \"n\"\npurpose = \"p\"\n[grid]\nprogramme = \"working-well-expansion\"\n\
         rule = \"sustained-12-months\"\nparameter = \"max_gap_days\"\nvalues = [7, 28]\n",
    );
    let (code, text) = says(&store.run(&["diff", "now", &format!("scenario:{grid}")]));
    assert_eq!(code, Some(2));
    assert!(text.contains("take [grid] out"), "{text}");
    for wrong in ["nothing", "view:as-of=2021-01-01", "store:", "view:basis=both", "now:x"] {
        assert_eq!(store.run(&["diff", wrong, "now"]).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn the_sheets_hold_what_the_document_does() {
    let store = Store::with_extract();
    let folder = store.folder.path().join("sheets");
    let to = folder.to_string_lossy().into_owned();
    let (document, _) = diff(&store, [EARLIER, "view:"], &[VIEW, &["--csv", &to]].concat());
    let sheet = |name: &str| -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    };
    let (figures, readings, people) =
        (sheet("figures.csv"), sheet("readings.csv"), sheet("people.csv"));
    assert_eq!(figures.len(), list(&document, "figures").len());
    for (row, figure) in figures.iter().zip(list(&document, "figures")) {
        for key in ["before", "after", "change"] {
            assert_eq!(row[key], figure[key].to_string());
        }
    }
    assert_eq!(readings.len(), list(&document, "changed").len());
    let facts: usize = list(&document, "people").iter().map(|each| list(each, "facts").len()).sum();
    assert_eq!(people.len(), facts);
    assert!(people.iter().any(|row| row["corrections"] == "CX0004688"));
}

#[test]
fn a_preview_says_what_the_import_then_does() {
    let store = Store::with_extract();
    let corrections = [
        "CXNEW1,2021-09-20,2021-09-20T10:00:00Z,JB0003250,amend,on,2021-09-01,typing error",
        "CXNEW2,2021-09-20,2021-09-20T10:00:00Z,PG0008077,withdraw,,,never happened",
        "CXNEW3,2021-09-21,2021-09-21T10:00:00Z,CXNEW2,withdraw,,,it did happen",
    ];
    let (one, three) = (&corrections[..2], &corrections[..]);
    let view = ["--as-of", "2021-09-30", "--basis", "reported"];
    let preview = |folder: &str| -> Value {
        let import = ["--json", "import", folder, "--source", "small", "--preview"];
        let output = store.run(&[&import[..], &view].concat());
        assert_eq!(output.status.code(), Some(3), "rows of the small extract are rejected");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let last = || store.json(&["status"])[0]["last_position"].as_u64().unwrap();
    let tip = last();
    // corrected back at once, a withdrawal changes nothing
    let folder = extract_with(&store, three);
    let all = preview(&folder);
    assert_eq!((&all["accepted"], &all["preview"]["new"]), (&json!(3), &json!(3)));
    assert!(all["preview"]["changed"].as_array().unwrap().is_empty());
    let folder = extract_with(&store, one);
    let previewed = &preview(&folder)["preview"];
    assert_eq!((&previewed["new"], last()), (&json!(2), tip));
    let import = ["import", folder.as_str(), "--source", "small"];
    assert_eq!(store.run(&import).status.code(), Some(3));
    assert_eq!(last(), tip + 2);
    let before = format!("view:through={tip}");
    let (real, differs) = diff(&store, [&before, "view:"], &view);
    assert!(differs);
    assert_eq!(previewed["figures"], real["figures"]);
    assert_eq!(previewed["reasons"], real["reasons"]);
    assert_eq!(list(previewed, "changed").len(), 1);
    let readings = |document: &Value| -> Vec<Value> {
        let mut readings = list(document, "changed").clone();
        for reading in &mut readings {
            reading["assumed"] = Value::Null;
        }
        readings
    };
    assert_eq!(readings(previewed), readings(&real));
    let previews = store.json(&["accesses"]);
    assert_eq!(previews[0]["what"], "preview");
    // what only a preview takes is refused without it
    let output = store.run(&["import", &folder, "--source", "small", "--as-of", "2021-09-30"]);
    assert_eq!(output.status.code(), Some(2));
    // and of a store that is not there nothing is left
    let new = Store::new();
    let output = new.run(&["import", &folder, "--source", "small", "--preview", "--limit", "0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(!new.folder.path().join("store").exists());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("preview: nothing was stored\n"), "{text}");
}
