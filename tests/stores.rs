//! Every store keeps the rules of the store suite, and the suite tells wrong stores from right.

// These are tests: what is not there when it should be has to stop them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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

/// Returns in what a wrong store differs from its row of the table.
fn surprise(store: &Wrong) -> Option<String> {
    let broken = store_suite::broken(|| store.store());
    let certain: BTreeSet<_> = store.also.iter().copied().chain([store.breaks]).collect();
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
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
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

#[test]
fn a_store_of_right_parts_breaks_no_rule() {
    assert_eq!(store_suite::broken(wrong_stores::right), BTreeMap::new());
}
