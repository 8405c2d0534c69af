//! Every store keeps the rules of the store suite, and the suite tells wrong stores from right.

// These are tests: what is not there when it should be has to stop them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rusqlite::Connection;
use tempfile::TempDir;
use waystage_core::id::{Actor, EventId, ParticipantId, ParticipationId};
use waystage_core::journey::Record;
use waystage_core::journey::entry::{Entry, Marked};
use waystage_core::time::Timestamp;
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, Class, EventReader, EventStore, MemoryStore, NewEvent, StoreError, ToStream,
    read_stream,
};
use waystage_testkit::store_suite;
use waystage_testkit::store_suite::{Rule, StoreUnderTest};
use waystage_testkit::wrong_stores::{self, Wrong};

struct InMemory;

impl StoreUnderTest for InMemory {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        Box::new(MemoryStore::new(origin))
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        None
    }
}

struct InAFile {
    folder: TempDir,
}

impl InAFile {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journeys.db")
    }
}

impl StoreUnderTest for InAFile {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        Box::new(SqliteLog::create(&self.path(), origin).unwrap())
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        Some(Box::new(SqliteLog::open(&self.path()).unwrap()))
    }
}

store_suite!(in_memory, InMemory);
store_suite!(in_a_file, InAFile::new());

/// Returns in what a wrong store differs from its row of the table. A rule that needs a large log
/// is tried only on the stores that name it.
fn surprise(store: &Wrong) -> Option<String> {
    let certain: BTreeSet<_> = store.also.iter().copied().chain([store.breaks]).collect();
    let is_tried = |rule: &Rule| !rule.is_large() || certain.contains(rule.name);
    let tried = store_suite::RULES.iter().filter(|rule| is_tried(rule));
    let said = |rule: &Rule| {
        // among threads it is a matter of luck: who has to break a rule may try three times
        let trials = if certain.contains(rule.name) { 3 } else { 1 };
        let says = (0..trials).find_map(|_| rule.broken_by(&mut *store.store()))?;
        Some((rule.name, says))
    };
    let broken: BTreeMap<_, _> = tried.filter_map(said).collect();
    let kept: Vec<_> = certain.iter().filter(|rule| !broken.contains_key(*rule)).collect();
    let is_more = |rule: &str| !certain.contains(rule) && !store.perhaps.contains(&rule);
    let more: Vec<_> = broken.iter().filter(|(rule, _)| is_more(rule)).collect();
    let as_expected = kept.is_empty() && more.is_empty();
    (!as_expected).then(|| format!("{}\n  keeps {kept:?}\n  breaks {more:#?}", store.does))
}

#[test]
fn each_wrong_store_breaks_its_rule_and_no_other() {
    let all: Vec<_> = Wrong::all().collect();
    let next = AtomicUsize::new(0);
    let surprises: Vec<_> = thread::scope(|scope| {
        let work = || -> Vec<String> {
            let mut said = Vec::new();
            while let Some(store) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                said.extend(surprise(store));
            }
            said
        };
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn each_rule_has_a_wrong_store_that_breaks_it() {
    let unbroken: Vec<_> = store_suite::RULES
        .iter()
        .map(|rule| rule.name)
        .filter(|rule| !Wrong::all().any(|store| store.breaks == *rule))
        .collect();
    assert_eq!(unbroken, [""; 0], "rules that nothing shows to bite");
    for store in Wrong::all() {
        store_suite::Rule::named(store.breaks);
    }
}

/// The page that shows which wrong stores break each rule, and where on it.
const PAGE: &str = "docs/STORE_SUITE.md";
const BEGIN: &str = "| rule | wrong stores that break it |\n|---|---|\n";

/// Returns the rows of the page: a rule, and first the stores that are made to break it.
fn rows_of_the_page() -> String {
    let row = |rule: &Rule| {
        let made = Wrong::all().filter(|store| store.breaks == rule.name);
        let others = Wrong::all().filter(|store| store.also.contains(&rule.name));
        let does: Vec<_> = made.chain(others).map(|store| store.does).collect();
        format!("| `{}` | {} |\n", rule.name, does.join("; "))
    };
    store_suite::RULES.iter().map(row).collect()
}

#[test]
fn the_page_shows_which_wrong_stores_break_each_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let at = page.find(BEGIN).expect("the page has no table of rules") + BEGIN.len();
    let end = page[at..].find("\n\n").map_or(page.len(), |end| at + end + 1);
    let new = format!("{}{}{}", &page[..at], rows_of_the_page(), &page[end..]);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, new).unwrap();
    } else {
        assert!(page == new, "{PAGE} is old: BLESS=1 writes it");
    }
}

#[test]
fn a_store_of_right_parts_breaks_no_rule() {
    assert_eq!(store_suite::broken(wrong_stores::right), BTreeMap::new());
}

#[test]
fn a_store_that_cannot_wait_breaks_no_rule() {
    assert_eq!(store_suite::broken(wrong_stores::that_cannot_wait), BTreeMap::new());
}

/// Returns a file with a small log in it.
fn a_file_with_events() -> InAFile {
    let mut file = InAFile::new();
    let store = file.create("example.org/waystage/file");
    record(&*store, "first");
    record(&*store, "sécond\n\"quoted\"");
    file
}

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn event(number: u8, note: &str) -> NewEvent {
    let marked =
        Marked { participation: ParticipationId::from_bytes([2; 16]), note: Some(note.to_owned()) };
    NewEvent {
        id: EventId::from_bytes([number; 16]),
        on: noon().date(),
        reported_at: None,
        actor: Actor::from("user:01"),
        sourced: None,
        correlation: None,
        causation: None,
        record: Record::Fact(Entry::Started(marked).into()),
    }
}

/// Records that a participation started, under an id of its own.
fn record(store: &dyn EventStore, note: &str) {
    let head = read_stream(store, ParticipantId::from_bytes([1; 16])).unwrap().head();
    let read = head.version().map_or(0, |version| version.get());
    let number = u8::try_from(read).unwrap() + 1;
    let streams = vec![ToStream { head, events: vec![event(number, note)] }];
    let receipts = store.append(Append { now: noon(), streams }).unwrap();
    assert_eq!(receipts[0].version.get(), read + 1);
}

/// Returns what opening this path says; the folder is shown as `…`.
fn opening(folder: &TempDir, path: &Path) -> String {
    let error = SqliteLog::open(path).unwrap_err();
    assert_eq!(error.class(), Class::Fatal);
    let shown = folder.path().canonicalize().unwrap();
    error.to_string().replace(shown.to_str().unwrap(), "…")
}

/// Returns what opening a log says after this statement was run in it.
fn opening_after(statement: &str) -> String {
    let file = a_file_with_events();
    let raw = Connection::open(file.path()).unwrap();
    raw.execute_batch(statement).unwrap();
    drop(raw);
    opening(&file.folder, &file.path())
}

#[test]
fn create_leaves_a_file_alone_that_is_there_already() {
    let file = a_file_with_events();
    let before = fs::read(file.path()).unwrap();
    let error = SqliteLog::create(&file.path(), "example.org/other").unwrap_err();
    let path = file.path().canonicalize().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "there is something at {} already: open it, or choose another place",
            path.display()
        )
    );
    assert!(matches!(error, StoreError::AlreadyExists { .. }));
    assert_eq!(fs::read(file.path()).unwrap(), before);
    assert_eq!(SqliteLog::open(&file.path()).unwrap().origin(), "example.org/waystage/file");
}

#[test]
fn create_leaves_a_text_and_a_link_to_nowhere_alone() {
    let file = InAFile::new();
    fs::write(file.path(), "a text").unwrap();
    assert!(SqliteLog::create(&file.path(), "example.org/other").is_err());
    assert_eq!(fs::read(file.path()).unwrap(), b"a text");
    fs::remove_file(file.path()).unwrap();
    std::os::unix::fs::symlink("nowhere.db", file.path()).unwrap();
    assert!(SqliteLog::create(&file.path(), "example.org/other").is_err());
    assert!(!file.folder.path().join("nowhere.db").exists());
}

#[test]
fn create_in_a_folder_that_is_not_there_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no").join("journeys.db");
    let error = SqliteLog::create(&path, "example.org/other").unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
}

#[test]
fn open_makes_no_file_where_there_is_none() {
    let file = InAFile::new();
    assert_eq!(
        opening(&file.folder, &file.path()),
        "there is no store at …/journeys.db: create one with `init`, or check the path"
    );
    assert_eq!(fs::read_dir(file.folder.path()).unwrap().count(), 0);
}

#[test]
fn open_follows_no_link_and_opens_no_folder() {
    let file = a_file_with_events();
    let link = file.folder.path().join("link.db");
    std::os::unix::fs::symlink(file.path(), &link).unwrap();
    assert_eq!(opening(&file.folder, &link), "…/link.db cannot be opened: it is no plain file");
    let folder = file.folder.path().join("folder.db");
    fs::create_dir(&folder).unwrap();
    assert_eq!(opening(&file.folder, &folder), "…/folder.db cannot be opened: it is no plain file");
}

#[test]
fn a_log_is_opened_through_a_link_to_its_folder() {
    let file = a_file_with_events();
    let link = file.folder.path().join("link");
    std::os::unix::fs::symlink(file.folder.path(), &link).unwrap();
    let store = SqliteLog::open(&link.join("journeys.db")).unwrap();
    assert_eq!(store.rows_after(None, 9).unwrap().len(), 2);
}

#[test]
fn open_refuses_files_that_are_no_logs() {
    let file = InAFile::new();
    for (content, says) in [
        ("", "it is no waystage log"),
        ("participant,on,kind\nP-1,2026-01-01,Started\n", "it is no SQLite file"),
    ] {
        fs::write(file.path(), content).unwrap();
        assert_eq!(
            opening(&file.folder, &file.path()),
            format!("…/journeys.db cannot be opened: {says}")
        );
    }
}

#[test]
fn open_refuses_a_file_that_differs_from_what_it_makes() {
    for (statement, says) in [
        ("PRAGMA application_id = 7", "it is no waystage log"),
        ("PRAGMA user_version = 3", "its layout is version 3 and this engine reads version 2"),
        ("DROP TRIGGER note_is_never_changed", "its note_is_never_changed is missing"),
        ("DROP TABLE tree_node", "its tree_node is missing"),
        ("DROP TRIGGER event_is_never_changed", "its event_is_never_changed is missing"),
        ("DROP TRIGGER event_is_never_deleted", "its event_is_never_deleted is missing"),
        ("DROP INDEX event_of_source", "its event_of_source is missing"),
        ("CREATE TABLE notes (text)", "its notes is not as this engine makes it"),
        (
            "CREATE VIEW event_of_today AS SELECT * FROM event",
            "its event_of_today is not as this engine makes it",
        ),
        ("ALTER TABLE event ADD COLUMN note TEXT", "its event is not as this engine makes it"),
        (
            "CREATE TRIGGER quiet AFTER INSERT ON event BEGIN DELETE FROM actor; END",
            "its quiet is not as this engine makes it",
        ),
    ] {
        assert_eq!(
            opening_after(statement),
            format!("…/journeys.db cannot be opened: {says}"),
            "{statement}"
        );
    }
}

#[test]
fn events_are_neither_changed_nor_deleted_by_plain_statements() {
    let file = a_file_with_events();
    let before = SqliteLog::open(&file.path()).unwrap().rows_after(None, 9).unwrap();
    let raw = Connection::open(file.path()).unwrap();
    for (statement, says) in [
        ("UPDATE event SET payload = '{}'", "events are never changed: record a correction"),
        (
            "UPDATE event SET happened_on = '2020-01-01' WHERE position = 2",
            "events are never changed: record a correction",
        ),
        ("DELETE FROM event", "events are never deleted: record a withdrawal"),
        ("DELETE FROM event WHERE position = 2", "events are never deleted: record a withdrawal"),
    ] {
        assert_eq!(raw.execute_batch(statement).unwrap_err().to_string(), says, "{statement}");
    }
    drop(raw);
    assert_eq!(SqliteLog::open(&file.path()).unwrap().rows_after(None, 9).unwrap(), before);
}

#[test]
fn the_file_holds_exactly_the_bytes_that_were_written() {
    let file = a_file_with_events();
    let raw = Connection::open(file.path()).unwrap();
    let mut statement = raw
        .prepare("SELECT typeof(payload), CAST(payload AS BLOB) FROM event ORDER BY position")
        .unwrap();
    let stored: Vec<(String, Vec<u8>)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let id = ParticipationId::from_bytes([2; 16]);
    let payload =
        |note: &str| format!(r#"{{"participation":"{id}","note":"{note}"}}"#).into_bytes();
    assert_eq!(
        stored,
        [
            ("text".to_owned(), payload("first")),
            ("text".to_owned(), payload(r#"sécond\n\"quoted\""#)),
        ]
    );
}

#[test]
fn a_log_is_in_wal_mode_and_says_whose_file_it_is() {
    let file = a_file_with_events();
    let raw = Connection::open(file.path()).unwrap();
    let mode: String = raw.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    for (pragma, value) in [("application_id", 0x5741_5953), ("user_version", 2)] {
        let found: i64 = raw.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
        assert_eq!(found, value, "{pragma}");
    }
    let sound: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[test]
fn what_an_interrupted_create_left_does_not_hinder_the_next() {
    let file = InAFile::new();
    for (name, content) in [
        ("journeys.db.creating", "half a file"),
        ("journeys.db.creating-wal", "half a journal"),
        ("journeys.db.creating-shm", ""),
    ] {
        fs::write(file.folder.path().join(name), content).unwrap();
    }
    let store = SqliteLog::create(&file.path(), "example.org/waystage/file").unwrap();
    record(&store, "first");
    drop(store);
    let left = fs::read_dir(file.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("creating")).collect();
    assert_eq!(left, [""; 0]);
    assert_eq!(SqliteLog::open(&file.path()).unwrap().rows_after(None, 9).unwrap().len(), 1);
}

#[test]
fn a_file_that_is_refused_is_left_as_it_was() {
    let file = InAFile::new();
    let raw = Connection::open(file.path()).unwrap();
    raw.execute_batch("CREATE TABLE note (text); INSERT INTO note VALUES ('theirs')").unwrap();
    drop(raw);
    for content in [fs::read(file.path()).unwrap(), Vec::new()] {
        fs::write(file.path(), &content).unwrap();
        assert!(SqliteLog::open(&file.path()).is_err());
        assert!(fs::read(file.path()).unwrap() == content, "a refused file was changed");
    }
}

#[test]
fn a_new_log_takes_nothing_from_the_journal_of_a_deleted_one() {
    let mut file = InAFile::new();
    let journal = file.folder.path().join("journeys.db-wal");
    let old = file.create("example.org/waystage/old");
    record(&*old, "of the old log");
    let left = fs::read(&journal).unwrap();
    drop(old);
    fs::remove_file(file.path()).unwrap();
    fs::write(&journal, left).unwrap();
    if let Ok(new) = SqliteLog::create(&file.path(), "example.org/waystage/new") {
        assert_eq!(new.rows_after(None, 9).unwrap(), []);
    }
}

#[test]
fn events_are_not_replaced_either() {
    let file = a_file_with_events();
    let raw = Connection::open(file.path()).unwrap();
    let replace = "INSERT OR REPLACE INTO event SELECT position, participant, version, id, kind,
        schema, recorded_at, reported_at, happened_on, actor, source, source_ref, correlation,
        causation, '{}', sealed_hash, leaf FROM event WHERE position = 1";
    assert!(raw.execute_batch(replace).is_err());
}
