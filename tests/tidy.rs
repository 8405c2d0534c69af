//! The house is tidy: crates use only what they may, banned words stay out, files and functions
//! keep their size, and every file says what lives in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may use of ours, in ordinary dependencies.
const ARROWS: &[(&str, &[&str])] = &[
    ("waystage-core", &[]),
    ("waystage-evidence", &[]),
    ("waystage-programmes", &["waystage-core"]),
    ("waystage-store", &["waystage-core", "waystage-evidence"]),
    ("waystage-sqlite", &["waystage-core", "waystage-store", "waystage-evidence"]),
    ("waystage-caseload", &["waystage-core"]),
    ("waystage-cohorts", &["waystage-core"]),
    ("waystage-replay", &["waystage-core", "waystage-store"]),
    ("waystage-exchange", &["waystage-core", "waystage-store"]),
    (
        "waystage",
        &[
            "waystage-core",
            "waystage-evidence",
            "waystage-exchange",
            "waystage-programmes",
            "waystage-replay",
            "waystage-sqlite",
            "waystage-store",
        ],
    ),
    ("waystage-cli", &["waystage", "waystage-caseload", "waystage-cohorts"]),
    ("waystage-testkit", &["waystage-core", "waystage-store", "waystage-replay"]),
];

/// What each crate must not name although it is no arrow of ours.
const STRANGERS: &[(&str, &[&str])] = &[
    ("waystage-core", &["serde_json", "tokio", "rusqlite", "sha2", "rand"]),
    ("waystage-evidence", &["chrono", "serde", "tokio", "rusqlite"]),
    ("waystage-store", &["tokio", "rusqlite", "sha2"]),
    ("waystage-replay", &["tokio", "rusqlite", "serde_json"]),
    ("waystage-caseload", &["tokio", "rusqlite", "serde_json"]),
    ("waystage-cohorts", &["tokio", "rusqlite", "serde_json"]),
    ("waystage-exchange", &["tokio", "rusqlite"]),
];

/// The one file that is asynchronous.
const ASYNCHRONOUS: &str = "crates/waystage/src/asynchronous.rs";

/// Banned text, what to write instead, and the files or folders where it may stand.
const BANS: &[(&str, &str, &[&str])] = &[
    ("Utc::now", "an argument, or the clock handed in", &[]),
    ("Local::now", "an argument, or the clock handed in", &[]),
    ("SystemTime", "an argument, or the clock handed in", &["crates/waystage/src/clock.rs"]),
    (
        "Instant::now",
        "an argument",
        &[
            "crates/waystage-cli/src",
            "crates/waystage-sqlite/src/deadline.rs",
            "crates/waystage-testkit/src/store_suite/waiting.rs",
        ],
    ),
    ("Ulid::generate", "an id handed in", &[]),
    ("Ulid::new", "an id handed in", &[]),
    ("Ulid::from_datetime", "an id handed in", &["crates/waystage/src/clock.rs"]),
    ("HashMap", "BTreeMap: the order of output is stable", &[]),
    ("HashSet", "BTreeSet: the order of output is stable", &[]),
    ("f64", "integers, pence, a pair", &[]),
    ("f32", "integers, pence, a pair", &[]),
    ("rusqlite", "the store traits", &["crates/waystage-sqlite/src"]),
    ("tokio", "a synchronous function", &[ASYNCHRONOUS]),
    ("async fn", "a synchronous function", &[ASYNCHRONOUS]),
    (".await", "a synchronous function", &[ASYNCHRONOUS]),
    (
        "EventStore",
        "the reader trait",
        &[
            "crates/waystage-store/src",
            "crates/waystage-sqlite/src",
            "crates/waystage-exchange/src/extract/import.rs",
            "crates/waystage/src/engine.rs",
            "crates/waystage-testkit/src",
        ],
    ),
    ("Months::new", "the calendar's functions", &["crates/waystage-core/src/calendar.rs"]),
    ("Duration::days", "the calendar's functions", &[]),
    (
        "checked_add_days",
        "the calendar's functions",
        &[
            "crates/waystage-core/src/calendar.rs",
            "crates/waystage-cli/src/demo/population/calendar.rs",
        ],
    ),
    (".transaction()", "the immediate write handle", &[]),
    ("unchecked_transaction", "the immediate write handle", &[]),
    ("is_replaying", "one definition for live and replay", &[]),
    ("anyhow", "an error enum", &[]),
    ("dbg!(", "nothing", &[]),
    ("todo!(", "the thing itself", &[]),
    ("unimplemented!(", "the thing itself", &[]),
    ("FIXME", "the thing itself", &[]),
    (".unwrap()", "an error that says what to do", &["crates/waystage-testkit/src"]),
    (".expect(", "an error that says what to do", &["crates/waystage-testkit/src"]),
];

/// The one file that puts SQL together: of names that it has checked, piece by piece.
const PUTS_SQL_TOGETHER: &str = "crates/waystage-sqlite/src/models/text.rs";

/// Words that say nothing in the name of a type or a module.
const EMPTY_WORDS: &[&str] = &[
    "Manager",
    "Handler",
    "Service",
    "Processor",
    "Util",
    "Common",
    "Data",
    "Info",
    "Base",
    "Entity",
    "Aggregate",
    "Bus",
    "Saga",
    "Context",
];

/// Files that may be longer than the rest, and why.
const LONG_FILES: &[(&str, &str)] = &[
    ("crates/waystage-programmes/tests/", "a museum of messages is one list"),
    ("tests/", "cases are data"),
];

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(below: &str, end: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == end) {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let mut sources = files("crates", "rs");
    sources.extend(files("tests", "rs"));
    sources
}

fn none(offenders: &[String], says: &str) {
    assert!(offenders.is_empty(), "{says}:\n{}", offenders.join("\n"));
}

#[test]
fn crates_use_only_what_they_may() {
    let mut seen = BTreeSet::new();
    let mut offenders = Vec::new();
    for (name, text) in files("crates", "toml") {
        if !name.ends_with("/Cargo.toml") {
            continue;
        }
        let manifest: toml::Table = text.parse().unwrap();
        let package = manifest["package"]["name"].as_str().unwrap().to_owned();
        let Some((_, allowed)) = ARROWS.iter().find(|(each, _)| *each == package) else {
            offenders.push(format!("{package} stands in no list of arrows"));
            continue;
        };
        let strangers = STRANGERS.iter().find(|(each, _)| *each == package);
        let dependencies = manifest.get("dependencies").and_then(|each| each.as_table());
        for used in dependencies.into_iter().flat_map(|table| table.keys()) {
            let ours = used.starts_with("waystage");
            if ours && !allowed.contains(&used.as_str()) {
                offenders.push(format!("{package} uses {used}"));
            }
            if strangers.is_some_and(|(_, banned)| banned.contains(&used.as_str())) {
                offenders.push(format!("{package} uses {used}"));
            }
            if used == "waystage-testkit" {
                offenders.push(format!("{package} uses the testkit outside tests"));
            }
        }
        seen.insert(package);
    }
    none(&offenders, "arrows that may not be (docs/ARCHITECTURE.md has the table)");
    let listed: BTreeSet<String> = ARROWS.iter().map(|(each, _)| (*each).to_owned()).collect();
    assert_eq!(seen, listed, "the list of arrows names crates that are not there");
}

/// Returns the lines of a source file that are code: no comments, no tests.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        let code = line.split("//").next().unwrap_or("");
        lines.push((index + 1, code));
    }
    lines
}

#[test]
fn banned_words_stay_out_of_the_crates() {
    let mut offenders = Vec::new();
    for (name, text) in files("crates", "rs") {
        let is_test = name.contains("/tests/") || name.ends_with("/tests.rs");
        // an example is an application that is built on the façade
        if is_test || name.contains("/examples/") {
            continue;
        }
        for (number, line) in code(&text) {
            for (banned, instead, allowed) in BANS {
                if line.contains(banned) && !allowed.iter().any(|place| name.starts_with(place)) {
                    offenders.push(format!("{name}:{number}: {banned} (write {instead})"));
                }
            }
        }
    }
    none(&offenders, "banned");
}

#[test]
fn replay_cannot_name_what_writes() {
    for (name, text) in files("crates/waystage-replay/src", "rs") {
        assert!(!text.contains("EventStore") && !text.contains("append("), "{name} can write");
    }
}

#[test]
fn sql_is_never_put_together_from_text() {
    let mut offenders = Vec::new();
    for (name, text) in files("crates/waystage-sqlite/src", "rs") {
        for (number, line) in code(&text) {
            let joins = line.contains(".concat()") && name != PUTS_SQL_TOGETHER;
            let builds = joins || line.contains("format!(") || line.contains("push_str(");
            let sql = ["SELECT", "INSERT", "UPDATE ", "DELETE ", "PRAGMA", "CREATE ", "DROP "];
            if builds && sql.iter().any(|word| line.contains(word)) {
                offenders.push(format!("{name}:{number}"));
            }
        }
    }
    none(&offenders, "bind parameters instead");
}

#[test]
fn names_say_something() {
    let mut offenders = Vec::new();
    for (name, text) in files("crates", "rs") {
        for (number, line) in code(&text) {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2) {
                let is_declared = ["struct", "enum", "trait", "type"].contains(&pair[0]);
                let declared = pair[1].split(|each: char| !each.is_alphanumeric()).next();
                let empty = declared.filter(|_| is_declared).and_then(|declared| {
                    EMPTY_WORDS.iter().find(|word| declared.ends_with(**word))
                });
                if let Some(word) = empty {
                    offenders
                        .push(format!("{name}:{number}: {} says nothing with {word}", pair[1]));
                }
            }
        }
    }
    none(&offenders, "names");
}

#[test]
fn every_file_says_what_lives_in_it() {
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !(text.starts_with("//!") || text.starts_with("#![doc = include_str!")))
        .map(|(name, _)| name)
        .collect();
    none(&offenders, "open the file with one to five lines of //!");
}

#[test]
fn files_functions_and_lines_keep_their_size() {
    let mut offenders = Vec::new();
    for (name, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        let may_be_long = LONG_FILES.iter().any(|(place, _)| name.starts_with(place));
        if lines.len() > FILE_LINES_MAX && !may_be_long {
            offenders.push(format!("{name}: {} lines", lines.len()));
        }
        for (number, length) in functions(&lines) {
            if length > FUNCTION_LINES_MAX && !may_be_long {
                offenders.push(format!("{name}:{number}: a function of {length} lines"));
            }
        }
        // a line may be longer where it is one text that cannot be broken
        let too_wide = |line: &&&str| line.chars().count() > COLUMNS_MAX && !line.contains('"');
        for line in lines.iter().filter(too_wide) {
            offenders.push(format!("{name}: {} columns: {line}", line.chars().count()));
        }
    }
    none(&offenders, "too long: the design is speaking");
}

/// Returns where functions begin and how many lines they have, by their indentation.
fn functions(lines: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let begins = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "pub const fn "];
        if !begins.iter().any(|begin| text.starts_with(begin)) {
            continue;
        }
        let indent = line.len() - text.len();
        let close = format!("{}}}", " ".repeat(indent));
        let only_declared = lines[index..].iter().find_map(|line| match line {
            line if line.contains('{') => Some(false),
            line if line.trim_end().ends_with(';') => Some(true),
            _ => None,
        });
        if only_declared == Some(true) {
            continue;
        }
        let length = lines[index..].iter().position(|line| *line == close);
        found.extend(length.map(|length| (index + 1, length + 1)));
    }
    found
}

#[test]
fn no_test_file_is_forgotten() {
    let manifest: toml::Table =
        fs::read_to_string(root().join("tests/Cargo.toml")).unwrap().parse().unwrap();
    let targets: BTreeSet<String> = manifest["test"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target["path"].as_str().unwrap().to_owned())
        .collect();
    let here = fs::read_dir(root().join("tests")).unwrap();
    let mut offenders = Vec::new();
    for entry in here {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let is_test = Path::new(&name).extension().is_some_and(|end| end == "rs");
        if is_test && !targets.contains(&name) {
            offenders.push(name);
        }
    }
    none(&offenders, "test files that no target runs");
}

#[test]
fn every_decision_and_guide_is_linked_text_that_is_there() {
    let mut offenders = Vec::new();
    let mut pages = files("docs", "md");
    pages.push(("README.md".to_owned(), fs::read_to_string(root().join("README.md")).unwrap()));
    for (name, text) in pages {
        let folder = Path::new(&name).parent().unwrap().to_owned();
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or("");
            let target = target.split('#').next().unwrap_or("");
            if target.is_empty() || target.starts_with("http") {
                continue;
            }
            if !root().join(&folder).join(target).exists() {
                offenders.push(format!("{name} links {target}"));
            }
        }
    }
    none(&offenders, "links that lead nowhere");
}

/// Tests that a page names have to be there: a promise whose test is gone is none.
#[test]
fn tests_that_pages_name_are_there() {
    let mut sources: Vec<String> = files("tests", "rs").into_iter().map(|(_, text)| text).collect();
    sources.extend(files("crates", "rs").into_iter().map(|(_, text)| text));
    let mut offenders = Vec::new();
    for (name, text) in files("docs", "md") {
        for word in text.split('`').skip(1).step_by(2) {
            let is_name = word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte));
            if !is_name || word.matches('_').count() < 4 {
                continue;
            }
            if !sources.iter().any(|source| source.contains(&format!("fn {word}("))) {
                offenders.push(format!("{name} names {word}"));
            }
        }
    }
    none(&offenders, "tests that are named and not there");
}
