//! `what-if`: exit codes, the shape of its JSON, its files, grids, and what it refuses.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::{Store, VIEW, says};

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("what_ifs");
    folder.join(name).to_string_lossy().into_owned()
}

fn asked(store: &Store, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = store.run(&[&["--json", "what-if"], arguments].concat());
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let document = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code(), document)
}

#[test]
fn what_would_be_otherwise_is_told_and_says_so_in_its_exit_code() {
    let store = Store::with_extract();
    let gap = file("W1b.toml");
    let (code, document) = asked(&store, &["--scenario", &gap]);
    assert_eq!(code, Some(1));
    for key in ["scenario", "purpose", "scenario_digest", "digest", "totals"] {
        assert!(document[key].is_string(), "{key}: {document}");
    }
    assert_eq!(document["totals"], "summed");
    let affected = document["affected_participants"].as_u64().unwrap();
    let recomputed = document["recomputed_participants"].as_u64().unwrap();
    assert!(affected > 0 && affected < recomputed, "definitions read everybody");
    assert_eq!(document["everybody_for"][0], "definitions");
    let changed = document["changed"].as_array().unwrap();
    assert!(!changed.is_empty());
    for change in changed {
        assert!(change["participation"].is_string() && change["rule"].is_string(), "{change}");
        assert!(change["before"]["reading"].is_string(), "{change}");
        assert!(change["after"]["reading"].is_string(), "{change}");
        assert!(change["because"].is_array() && change["reason"].is_string(), "{change}");
        assert_eq!(change["assumed"], false);
    }
    for figure in document["figures"].as_array().unwrap() {
        assert!(figure["model"].is_string() && figure["key"].is_object(), "{figure}");
        let [before, after, change] =
            ["before", "after", "change"].map(|key| figure[key].as_i64().unwrap());
        assert_eq!(before + change, after, "{figure}");
    }
    // the same question has the same answer
    assert_eq!(asked(&store, &["--scenario", &gap]).1["digest"], document["digest"]);
    // of models that read a participant's own programmes only those who are affected are read
    let some = &["--scenario", &gap, "--changes-only", "--model", "fees", "--model", "funnel"];
    let (code, some) = asked(&store, some);
    assert_eq!((code, &some["totals"]), (Some(1), &Value::from("left_out")));
    assert_eq!(some["recomputed_participants"], document["affected_participants"]);
    assert_eq!(some["changed"], document["changed"]);
    assert!(some["figures"].as_array().unwrap().iter().all(|each| each["before"].is_null()));
    let models = |of: &Value| {
        let figures = of["figures"].as_array().unwrap().iter();
        figures.map(|each| each["model"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(models(&some).iter().all(|model| model == "fees" || model == "funnel"));

    let looks = store.json(&["accesses"]);
    assert!(looks.iter().all(|look| look["what"] == "what-if"), "{looks:?}");
    assert!(
        looks[0]["about"].as_str().unwrap().contains(document["scenario_digest"].as_str().unwrap())
    );
}

#[test]
fn tables_and_sheets_go_into_a_folder_of_their_own() {
    let store = Store::with_extract();
    let out = store.folder.path().join("imagined");
    let (gap, folder) = (file("W1b.toml"), out.to_string_lossy().into_owned());
    let output = store.run(&["what-if", "--scenario", &gap, "--out", &folder, "--csv"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let written = text.lines().filter_map(|line| line.strip_prefix("written: "));
    let written: Vec<&str> = written.collect();
    assert_eq!(written.len(), 4, "{text}");
    let views = written.iter().find(|path| path.ends_with(".views.db")).unwrap();
    let connection = rusqlite::Connection::open(views).unwrap();
    let what: String = connection
        .query_row("SELECT value FROM what_if WHERE name = 'what'", [], |row| row.get(0))
        .unwrap();
    assert!(what.starts_with("a what-if"), "{what}");
    let fees: i64 =
        connection.query_row("SELECT count(*) FROM fees", [], |row| row.get(0)).unwrap();
    assert!(fees > 0);
    for name in ["figures.csv", "readings.csv", "people.csv"] {
        let mut sheet = csv::Reader::from_path(out.join(name)).unwrap();
        assert!(sheet.records().all(|row| row.is_ok()), "{name}");
    }
    // beside the log nothing imagined is written
    let beside = store.folder.path().join("store");
    let beside = beside.to_string_lossy().into_owned();
    let refused = store.run(&["what-if", "--scenario", &gap, "--out", &beside]);
    let (code, error) = says(&refused);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("name another folder"), "{error}");
}

#[test]
fn a_grid_is_one_table_and_an_empty_scenario_nothing() {
    let store = Store::with_extract();
    let folder = store.folder.path();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let head = "[scenario]\nname = \"one\"\npurpose = \"a test\"\n";
    let nothing = write("nothing.toml", head);
    let (code, document) = asked(&store, &[&["--scenario", &nothing], VIEW].concat());
    assert_eq!(code, Some(0));
    assert_eq!(
        (&document["affected_participants"], &document["totals"]),
        (&0.into(), &"left_out".into())
    );
    assert!(document["changed"].as_array().unwrap().is_empty());

    let grid = write(
        "grid.toml",
        &format!(
            "{head}as_of = 2021-09-30\n[grid]\nprogramme = \"working-well-expansion\"\n\
             rule = \"sustained-12-months\"\nparameter = \"max_gap_days\"\nvalues = [28, 7]\n"
        ),
    );
    let out = store.folder.path().join("grid").to_string_lossy().into_owned();
    let refused = store.run(&["what-if", "--scenario", &grid, "--out", &out]);
    assert_eq!(refused.status.code(), Some(2), "a grid makes no read models: {refused:?}");
    let refused = store.run(&["what-if", "--scenario", &grid, "--model", "funnel"]);
    assert_eq!(refused.status.code(), Some(2), "a grid makes no read models: {refused:?}");
    let (code, document) = asked(&store, &["--scenario", &grid]);
    let rows = document["grid"]["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[1]["value"]), (2, &Value::from("7")));
    for row in rows {
        let sum = |of: &Value| {
            ["met", "not_met", "not_yet", "unknown"]
                .map(|key| of[key].as_u64().unwrap())
                .iter()
                .sum::<u64>()
        };
        assert_eq!(sum(row), sum(&document["baseline"]), "{document}");
        assert!(row["fee_pence"].is_u64() && row["participants_changed"].is_u64());
    }
    let changes = rows.iter().any(|row| row["readings_changed"] != 0);
    assert_eq!(code, Some(i32::from(changes)));

    let unknown = store.run(&["what-if", "--scenario", &nothing, "--model", "nonsense"]);
    let (code, error) = says(&unknown);
    assert_eq!(code, Some(2));
    assert!(error.contains("no read model is called nonsense; there are caseload"), "{error}");
    let wrong = write("wrong.toml", "[scenario]\nname = \"one\"\n");
    let (code, error) = says(&store.run(&["what-if", "--scenario", &wrong]));
    assert_ne!(code, Some(0));
    assert!(error.contains("purpose"), "{error}");
}

#[test]
fn an_answer_is_certified_under_its_scenario_and_checked_with_it_alone() {
    let store = Store::with_extract();
    let out = store.folder.path().join("imagined");
    let (gap, folder) = (file("W1b.toml"), out.to_string_lossy().into_owned());
    let made = store.run(&["checkpoint", "--new-key", "--new-anchor"]);
    assert!(made.status.success(), "{made:?}");
    let made = store.run(&["certify", "fees", "--scenario", &gap, "--out", &folder]);
    assert!(made.status.success(), "{made:?}");
    assert!(String::from_utf8(made.stdout).unwrap().contains("scenario "));
    let certificate = out.join("fees.certificate").to_string_lossy().into_owned();
    let check = |more: &[&str]| {
        let output = store.run(&[&["--json", "certify", "--check", &certificate], more].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let members = document["differs"].as_array().unwrap().iter();
        let members = members.map(|each| each["member"].as_str().unwrap().to_owned());
        (output.status.code(), members.collect::<Vec<_>>())
    };
    assert_eq!(check(&["--scenario", &gap]), (Some(0), Vec::new()));
    let without = check(&[]);
    assert_eq!(without.0, Some(1));
    assert!(without.1.iter().any(|member| member == "scenario"), "{without:?}");
    let other = check(&["--scenario", &file("W2.toml")]);
    assert!(other.1.iter().any(|member| member == "scenario"), "{other:?}");
    let published =
        store.run(&["certify", "fees", "--scenario", &gap, "--publish", "never the case"]);
    assert_eq!(published.status.code(), Some(2), "{published:?}");
}

#[test]
fn whoever_a_scenario_assumes_something_of_and_nobody_told_of_is_named_as_new() {
    let store = Store::with_extract();
    let path = store.folder.path().join("also.toml");
    let reference: String = Connection::open(store.folder.path().join("store/journeys.db"))
        .unwrap()
        .query_row(
            "SELECT payload ->> 'participant_ref' FROM event JOIN kind ON kind.number = event.kind
             WHERE kind.name = 'CharacteristicsRecorded' ORDER BY position LIMIT 1",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let also = |participant: &str| {
        format!(
            "[[change]]\ndo = \"also\"\nparticipant = \"{participant}\"\non = 2020-03-02\n\
             fact = {{ kind = \"JobStarted\", job = \"J-3\", weekly_minutes = 960, \
             sector = \"employed\" }}\n"
        )
    };
    let said = |participant: &str| {
        let head = "[scenario]\nname = \"a job\"\npurpose = \"a test\"\n";
        let text = format!("{head}{}{}", also(participant), also(&reference));
        fs::write(&path, text).unwrap();
        let path = path.to_string_lossy().into_owned();
        let output =
            store.run(&["what-if", "--scenario", &path, "--changes-only", "--model", "fees"]);
        assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let text = said("P-A-TYPO");
    assert!(text.contains("1 of the 2 participants of whom it assumes facts are nobody"), "{text}");
    let text = said(&reference);
    assert!(!text.contains("are nobody"), "{text}");
}
