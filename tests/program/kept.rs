//! The commands of kept read models: built, compared, kept up to date by what records, made anew;
//! and participants of whom an event cannot be read.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::unguarded::unguarded;
use crate::{Store, keys};

const REBUILD: &[&str] = &["rebuild", "--as-of", "2021-09-30"];

fn small() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small").to_string_lossy().into_owned()
}

fn imported() -> Store {
    let store = Store::new();
    store.run(&["import", &small(), "--source", "small"]);
    store
}

fn file(store: &Store, name: &str) -> std::path::PathBuf {
    store.folder.path().join("store").join(name)
}

fn tables(store: &Store) -> Connection {
    Connection::open(file(store, "waystage.views.db")).unwrap()
}

fn one(store: &Store, arguments: &[&str]) -> Value {
    let mut documents = store.json(arguments);
    assert_eq!(documents.len(), 1, "{arguments:?}");
    documents.remove(0)
}

fn referrals(store: &Store) -> i64 {
    tables(store).query_row("SELECT sum(referrals) FROM funnel", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_rebuild_makes_tables_that_hold_what_the_funnel_prints_and_imports_keep_them_so() {
    let store = imported();
    let text = String::from_utf8(store.run(REBUILD).stdout).unwrap();
    assert!(text.contains("built 13 read models from"), "{text}");
    assert!(text.contains("as of 2021-09-30, basis recorded"), "{text}");
    let view = ["funnel", "--as-of", "2021-09-30", "--by", "programme"];
    let printed = |store: &Store| -> i64 {
        let rows = one(store, &view)["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["referrals"].as_i64().unwrap()).sum()
    };
    let before = referrals(&store);
    assert_eq!(before, printed(&store));
    store.run(&["import", &small(), "--source", "again"]);
    assert_eq!(referrals(&store), printed(&store));
    assert_eq!(referrals(&store), 2 * before);
    store.run(&["determine", "--as-of", "2021-09-30"]);
    let status = one(&store, &["status"]);
    assert_eq!(status["models"]["behind"], 0);
    assert_eq!(status["models"]["stand"]["as_of"], "2021-09-30");
    let verified = one(&store, &["rebuild", "--verify"]);
    let expected = [
        "clean",
        "differences",
        "events",
        "models",
        "not_checked",
        "parked_otherwise",
        "participants",
        "stand",
    ];
    assert_eq!(keys(&verified), expected);
    assert_eq!(verified["clean"], true);
    let about: String = tables(&store)
        .query_row(
            "SELECT says FROM about_columns WHERE table_name = 'funnel' AND column_name = 'area'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(about.ends_with('.'), "{about}");
}

#[test]
fn a_wrong_row_is_reported_with_exit_code_1_and_mended_by_a_rebuild() {
    let store = imported();
    store.run(REBUILD);
    tables(&store).execute("UPDATE funnel SET starts = starts + 5 WHERE rowid = 1", []).unwrap();
    for command in [&["rebuild", "--verify"][..], &["scrub"]] {
        let output = store.run(command);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("funnel") && text.contains("starts"), "{text}");
        assert!(text.contains("`waystage rebuild` makes them anew"), "{text}");
    }
    let found = store.run(&["scrub", "--json", "--model", "funnel"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let difference = &found["differences"][0];
    assert_eq!(
        (&difference["table"], &difference["measure"]),
        (&json!("funnel"), &json!("starts"))
    );
    assert!(difference["from"].as_u64().is_some(), "{difference}");
    assert!(difference["key"]["programme"].as_str().is_some(), "{difference}");
    let rebuilt = store.run(REBUILD);
    assert_eq!(rebuilt.status.code(), Some(1), "it says that what answered was wrong");
    assert_eq!(store.run(&["rebuild", "--verify"]).status.code(), Some(0));
}

#[test]
fn one_rebuild_command_works_from_every_state_of_the_file() {
    let store = imported();
    store.run(REBUILD);
    let path = file(&store, "waystage.views.db");
    let whole = fs::read(&path).unwrap();
    for (state, bytes) in [
        ("missing", None),
        ("empty", Some(Vec::new())),
        ("cut", Some(whole[..whole.len() / 2].to_vec())),
        ("no database", Some(b"no database".repeat(1000))),
    ] {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(file(&store, &format!("waystage.views.db{end}")));
        }
        if let Some(bytes) = bytes {
            fs::write(&path, bytes).unwrap();
        }
        let output = store.run(REBUILD);
        assert_eq!(output.status.code(), Some(0), "{state}: {output:?}");
        let verified = store.run(&["rebuild", "--verify"]);
        assert_eq!(verified.status.code(), Some(0), "{state}: {verified:?}");
    }
}

#[test]
fn a_model_that_is_not_there_is_named_and_nothing_is_built() {
    let store = imported();
    let output = store.run(&["rebuild", "--model", "funnels"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the read model funnels is not kept here"), "{text}");
    let output = store.run(&["rebuild", "--verify"]);
    assert_ne!(output.status.code(), Some(0), "there is nothing to verify: {output:?}");
}

#[test]
fn reports_say_without_whom_they_are_and_a_skip_is_recorded() {
    let store = imported();
    store.run(REBUILD);
    assert_eq!(store.run(&["parked"]).status.code(), Some(0));
    let position: i64 = Connection::open(file(&store, "journeys.db"))
        .unwrap()
        .query_row(
            "SELECT max(position) FROM event JOIN kind ON kind.number = event.kind
             WHERE kind.name = 'Started'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    unguarded(
        &file(&store, "journeys.db"),
        &format!("UPDATE event SET schema = 9 WHERE position = {position}"),
    );
    let output = store.run(&["funnel"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("without 1 participants, of whom something cannot be read"), "{text}");
    let document = store.run(&["funnel", "--json"]);
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["parked"], 1);
    let listed = store.run(&["parked", "--json"]);
    assert_eq!(listed.status.code(), Some(1));
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["position"], position);
    // what was built when it could be read is another than what is built without it
    let at = position.to_string();
    assert_eq!(store.run(REBUILD).status.code(), Some(1));
    assert_eq!(one(&store, &["status"])["models"]["models"][0]["parked"], 1);
    let output = store.run(&["skip", &at, "--reason", "sent by mistake", "--by", "user:op"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(store.run(&["funnel"]).status.code(), Some(0));
    assert_eq!(store.run(&["parked"]).status.code(), Some(0));
    assert_eq!(store.run(&["rebuild", "--verify"]).status.code(), Some(0));
    let no_event = store.run(&["skip", "1", "--reason", "the log's own"]);
    assert_eq!(no_event.status.code(), Some(2), "{no_event:?}");
}
