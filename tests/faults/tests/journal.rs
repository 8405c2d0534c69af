//! R8 and parts of R7: the write-ahead log is cut off, damaged, from another generation, or lies
//! over an older file. What opens holds a beginning of the log, and says so to whoever knows more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::fs;
use std::path::{Path, PathBuf};

use waystage_faults::workload::{self, ORIGIN};
use waystage_faults::{Chance, factor, fast_folder};
use waystage_sqlite::SqliteLog;
use waystage_store::{KnownEvent, StoreError, StoredEvent, verify};

/// A store as it stands on the disk while it is used: file and journal.
#[derive(Clone)]
struct Files {
    database: Vec<u8>,
    journal: Vec<u8>,
    rows: Vec<StoredEvent>,
}

fn journal_of(folder: &Path) -> PathBuf {
    folder.join("journeys.db-wal")
}

fn taken(folder: &Path, log: &SqliteLog) -> Files {
    Files {
        database: fs::read(workload::file(folder)).unwrap(),
        journal: fs::read(journal_of(folder)).unwrap(),
        rows: workload::rows(log).unwrap(),
    }
}

/// Makes a store of so many groups and returns it as it stands after some of them.
fn store(groups: u64, at: &[u64]) -> Vec<Files> {
    let folder = fast_folder();
    let log = SqliteLog::create(&workload::file(folder.path()), ORIGIN).unwrap();
    let mut found = Vec::new();
    for index in 0..=groups {
        if at.contains(&index) {
            found.push(taken(folder.path(), &log));
        }
        workload::append(&log, index).unwrap();
    }
    found
}

#[derive(Debug, Default)]
struct Counts {
    whole: u64,
    beginning: u64,
    detected: u64,
}

impl Counts {
    /// Opens what is left, and looks at what it holds.
    fn look(&mut self, database: &[u8], journal: &[u8], rows: &[StoredEvent], what: &str) {
        let folder = fast_folder();
        let path = workload::file(folder.path());
        fs::write(&path, database).unwrap();
        fs::write(journal_of(folder.path()), journal).unwrap();
        let log = match SqliteLog::open(&path) {
            Ok(log) => log,
            Err(error) => {
                assert!(!matches!(error, StoreError::Locked { .. }), "{what}: {error}");
                self.detected += 1;
                return;
            }
        };
        if verify(&log).is_err() {
            self.detected += 1;
            return;
        }
        let there = workload::rows(&log).unwrap();
        assert!(rows.starts_with(&there), "{what}: it holds what was never recorded");
        drop(log);
        let last = rows.last().unwrap();
        let known = KnownEvent { position: last.position, leaf: last.leaf };
        match SqliteLog::open_knowing(&path, known) {
            Ok(_) => {
                assert_eq!(there.len(), rows.len(), "{what}");
                self.whole += 1;
            }
            Err(StoreError::BehindReceipt { .. }) => {
                assert!(there.len() < rows.len(), "{what}");
                self.beginning += 1;
            }
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

#[test]
fn a_journal_that_was_cut_off_leaves_a_beginning_that_is_told_from_the_whole() {
    let files = store(24, &[24]).remove(0);
    let mut counts = Counts::default();
    let stride = usize::try_from(193 / factor().min(193)).unwrap().max(1);
    for length in (0..files.journal.len()).step_by(stride) {
        let journal = &files.journal[..length];
        counts.look(&files.database, journal, &files.rows, &format!("cut to {length} bytes"));
    }
    counts.look(&files.database, &files.journal, &files.rows, "whole");
    println!("a journal of {} bytes, cut each {stride}: {counts:?}", files.journal.len());
    assert!(counts.whole > 0 && counts.beginning > 100);
    assert_eq!(counts.detected, 0, "a journal without its end is no damage");
}

#[test]
fn a_journal_with_damaged_last_frames_leaves_a_beginning() {
    let files = store(24, &[24]).remove(0);
    let last = files.journal.len() - 3 * (4096 + 24);
    let mut chance = Chance::new(5);
    let mut counts = Counts::default();
    let stride = usize::try_from(61 / factor().min(61)).unwrap().max(1);
    for at in (last..files.journal.len()).step_by(stride) {
        let mut journal = files.journal.clone();
        journal[at] ^= 1 << chance.below(8);
        counts.look(&files.database, &journal, &files.rows, &format!("byte {at} flipped"));
    }
    println!("last three frames, each {stride} bytes: {counts:?}");
    assert!(counts.beginning > 50);
}

#[test]
fn a_journal_of_another_generation_and_an_older_file_under_a_newer_one_are_told() {
    // so many groups that the journal is brought into the file in between
    let mut all = store(420, &[8, 200, 420]);
    let newest = all.pop().unwrap();
    let mut counts = Counts::default();
    for (index, older) in all.iter().enumerate() {
        let what = format!("the newest journal over file {index}");
        counts.look(&older.database, &newest.journal, &newest.rows, &what);
        let what = format!("journal {index} beside the newest file");
        counts.look(&newest.database, &older.journal, &newest.rows, &what);
    }
    counts.look(&newest.database, &[], &newest.rows, "the newest file alone");
    println!("files and journals that do not belong together: {counts:?}");
    assert!(counts.whole < 5);
}
