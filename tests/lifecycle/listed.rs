//! The page of defects is complete: every topic that concerns models and rebuilds has its row, and
//! every row has a test that runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::given::{every, filled, plain};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// What each row of the two sections is about, by words that stand in it.
const TOPICS: [&str; 32] = [
    "apart from the rows",
    "taken for a finished beginning",
    "lost its turn",
    "caught up with my write",
    "clocks disagree",
    "order of the live run",
    "loses rows",
    "beside the refresh",
    "empty log",
    "sticks at what was lost",
    "begins anew",
    "side effects",
    "taken for live work",
    "only in a log line",
    "written again",
    "misses what was before",
    "errors are swallowed",
    "work by hand",
    "second derivation",
    "restart",
    "served as current",
    "half a model",
    "beyond repair",
    "delays the others",
    "one way of reading",
    "reads as empty",
    "trusted to be whole",
    "drifts from",
    "verifies nothing",
    "loses its index",
    "other copies",
    "taken out again",
];

/// The rows of the sections about models: what the defect is, and the names of its tests.
fn rows() -> Vec<(String, Vec<String>)> {
    let page = read("docs/DEFECTS_KEPT_OUT.md");
    let from = page.find("## Read models: places and order").expect("the first section");
    let to = page.find("## The tests themselves").expect("the section after them");
    let lines = page[from..to].lines().filter(|line| line.starts_with("| "));
    let rows = lines.filter(|line| !line.starts_with("| defect |")).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let [defect, tests] = cells[..] else { panic!("a row of two cells: {line}") };
        let named = tests.split('`').skip(1).step_by(2).map(str::to_owned);
        (defect.trim().to_owned(), named.collect())
    });
    rows.collect()
}

/// Every file of tests, by its text.
fn sources() -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![root().join("tests"), root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                texts.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

/// Returns whether a text has a test of this name: a function that is marked as one.
fn has_test(text: &str, name: &str) -> bool {
    let function = format!("\nfn {name}() {{");
    let indented = format!("\n    fn {name}() {{");
    let found = [function, indented].iter().find_map(|each| text.find(each.as_str()));
    found.is_some_and(|at| text[..at].trim_end().ends_with("#[test]"))
}

#[test]
fn every_defect_of_models_and_rebuilds_has_a_test_that_runs() {
    let (rows, sources) = (rows(), sources());
    let mut missing = Vec::new();
    for (defect, tests) in &rows {
        if tests.is_empty() {
            missing.push(format!("no test: {defect}"));
        }
        for test in tests {
            if !sources.iter().any(|text| has_test(text, test)) {
                missing.push(format!("{test} is no test: {defect}"));
            }
        }
    }
    for topic in TOPICS {
        let of_topic = rows.iter().filter(|(defect, _)| defect.contains(topic)).count();
        if of_topic != 1 {
            missing.push(format!("{of_topic} rows are about: {topic}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert_eq!(rows.len(), TOPICS.len(), "a row has no topic");
    let defects: BTreeSet<&str> = rows.iter().map(|(defect, _)| defect.as_str()).collect();
    assert_eq!(defects.len(), rows.len());
}

/// That this does not compile is tried by the documentation's own tests; here it is seen to that
/// they stay.
#[test]
fn code_that_replays_or_projects_cannot_name_a_writer() {
    for (file, count) in [
        ("crates/waystage-store/src/reader.rs", 2),
        ("crates/waystage-replay/src/lib.rs", 2),
        ("crates/waystage-core/src/contribution.rs", 2),
        ("crates/waystage-core/src/lib.rs", 1),
    ] {
        let tried = read(file).lines().filter(|line| line.contains("```compile_fail,E0")).count();
        assert_eq!(tried, count, "{file}");
    }
}

/// A row is looked for by all its columns, and who is due by the day: neither reads a whole table,
/// whatever stands in it.
#[test]
fn the_file_of_models_has_an_index_for_every_way_in_which_it_is_searched() {
    let (folder, engine) = filled();
    drop(engine.keep(every()).unwrap());
    let raw = plain(&folder);
    let mut of_tables = raw
        .prepare(
            "SELECT table_name, group_concat(column_name || ' IS ?', ' AND ') FROM about_columns
             WHERE role = 'column' GROUP BY table_name",
        )
        .unwrap();
    let tables: Vec<(String, String)> = of_tables
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(tables.len() > 15);
    let mut searches: Vec<String> = tables
        .into_iter()
        .map(|(table, by)| format!("SELECT rowid FROM {table} WHERE {by}"))
        .collect();
    searches.push("SELECT participant FROM due WHERE due_list = ? AND day <= ?".to_owned());
    searches.push("DELETE FROM due WHERE due_list = ? AND participant = ?".to_owned());
    searches.push("SELECT participant FROM parked WHERE model = ?".to_owned());
    for search in searches {
        let mut plan = raw.prepare(&format!("EXPLAIN QUERY PLAN {search}")).unwrap();
        let steps: Vec<String> = plan
            .query_map(rusqlite::params_from_iter(vec![0; plan.parameter_count()]), |row| {
                row.get(3)
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(
            steps.iter().all(|step| step.starts_with("SEARCH") && step.contains("USING")),
            "{search}: {steps:?}"
        );
    }
}
