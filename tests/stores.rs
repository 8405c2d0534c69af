//! Every store keeps the rules of the store suite, and the suite tells wrong stores from right.

// These are tests: what is not there when it should be has to stop them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use tempfile::TempDir;
use waystage_sqlite::SqliteLog;
use waystage_store::{EventStore, MemoryStore};
use waystage_testkit::store_suite;
use waystage_testkit::store_suite::StoreUnderTest;
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

#[test]
fn each_wrong_store_breaks_its_rule_and_no_other() {
    let mut wrong = String::new();
    for store in Wrong::all() {
        let broken = store_suite::broken(|| store.store());
        let expected = |rule: &&str| *rule == store.breaks || store.also.contains(rule);
        let missing = store.also.iter().copied().chain([store.breaks]);
        let missing: Vec<_> = missing.filter(|rule| !broken.contains_key(rule)).collect();
        let more = broken.iter().filter(|(rule, _)| !expected(rule));
        let more: Vec<_> = more.filter(|(rule, _)| !store.perhaps.contains(rule)).collect();
        if !missing.is_empty() || !more.is_empty() {
            writeln!(wrong, "{}\n  keeps {missing:?}\n  breaks {more:#?}", store.does).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
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

#[test]
fn a_store_of_right_parts_breaks_no_rule() {
    assert_eq!(store_suite::broken(wrong_stores::right), BTreeMap::new());
}

#[test]
fn zz_timing() {
    let mut times = Vec::new();
    for rule in store_suite::RULES {
        let t = std::time::Instant::now();
        rule.check(&mut *wrong_stores::right());
        times.push((t.elapsed(), rule.name));
    }
    times.sort();
    times.reverse();
    let mut w = Vec::new();
    for store in Wrong::all() {
        let t = std::time::Instant::now();
        store_suite::broken(|| store.store());
        w.push((t.elapsed(), store.does));
    }
    w.sort();
    w.reverse();
    panic!("{:#?} {:#?}", &times[..10], &w[..12]);
}
