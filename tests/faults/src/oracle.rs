//! The oracle of acknowledged writes: a log holds every acknowledged event at the position and with
//! the leaf that were acknowledged, each key at most once, groups whole, positions dense.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use waystage_sqlite::SqliteLog;
use waystage_store::{StoredEvent, verify};

use crate::workload;

/// Where an event is, and its leaf in hexadecimal digits.
pub type Place = (u64, String);

/// What a program printed.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The acknowledged keys.
    pub acknowledged: BTreeMap<u64, Place>,
    /// What failed, in order: class and name.
    pub errors: Vec<(String, String)>,
    /// The keys that were told to be written or not, nobody knows.
    unknown: BTreeSet<u64>,
    /// The keys that were told not to be written.
    not_written: BTreeSet<u64>,
}

impl Ledger {
    /// Takes in what a program printed; half a line at the end is no acknowledgement.
    pub fn read(&mut self, printed: &str) -> Result<(), String> {
        for line in printed.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            match *line.split_whitespace().collect::<Vec<_>>() {
                ["ACK", key, position, leaf] => {
                    let place = (position.parse().unwrap(), leaf.to_owned());
                    self.acknowledge(key.parse().unwrap(), &place)?;
                }
                ["ERR", key, class, name] => {
                    self.errors.push((class.to_owned(), name.to_owned()));
                    self.refuse(key, class);
                }
                _ => return Err(format!("it printed {line:?}")),
            }
        }
        Ok(())
    }

    /// Notes what a failure said about an event; a call that is about none names no key.
    fn refuse(&mut self, key: &str, class: &str) {
        let Ok(key) = key.parse() else { return };
        let _ = match class {
            "Unknown" => self.unknown.insert(key),
            _ => self.not_written.insert(key),
        };
    }

    /// Returns whether an event cannot be there, by what was told.
    fn is_ruled_out(&self, key: u64) -> bool {
        self.not_written.contains(&key)
            && !self.unknown.contains(&key)
            && !self.acknowledged.contains_key(&key)
    }

    /// Notes an acknowledgement; a second one has to say the same.
    pub fn acknowledge(&mut self, key: u64, place: &Place) -> Result<(), String> {
        match self.acknowledged.insert(key, place.clone()) {
            Some(before) if before != *place => {
                Err(format!("key {key} was acknowledged as {before:?} and as {place:?}"))
            }
            _ => Ok(()),
        }
    }
}

/// What a log that was under fault turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds what was acknowledged, and this many events.
    Whole(u64),
    /// Something acknowledged is missing or elsewhere.
    Lost(String),
    /// It cannot be opened, or contradicts itself.
    Corrupt(String),
}

impl Verdict {
    /// Returns whether nothing was lost.
    pub const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }
}

/// Opens the log of a folder and compares it with a ledger.
pub fn check(folder: &Path, ledger: &Ledger) -> Verdict {
    let path = workload::file(folder);
    if !path.exists() {
        return if ledger.acknowledged.is_empty() {
            Verdict::Whole(0)
        } else {
            Verdict::Lost("the log is gone".to_owned())
        };
    }
    let log = match SqliteLog::open(&path) {
        Ok(log) => log,
        Err(error) => return Verdict::Corrupt(format!("open: {error}")),
    };
    let verdict = check_open(&log, ledger);
    drop(log);
    copies(folder, verdict)
}

/// Checks that what has the name of a copy is a whole copy, where there is one.
fn copies(folder: &Path, verdict: Verdict) -> Verdict {
    let Verdict::Whole(count) = verdict else { return verdict };
    for path in [workload::backup_of(folder), workload::restored_of(folder)] {
        if !path.exists() {
            continue;
        }
        match SqliteLog::open(&path).and_then(|copy| verify(&copy)) {
            Ok(copied) if copied == count => {}
            Ok(copied) => return Verdict::Lost(format!("{copied} of {count} were copied")),
            Err(error) => return Verdict::Corrupt(format!("{}: {error}", path.display())),
        }
    }
    verdict
}

/// Compares an open log with a ledger.
pub fn check_open(log: &SqliteLog, ledger: &Ledger) -> Verdict {
    let count = match verify(log) {
        Ok(count) => count,
        Err(error) => return Verdict::Corrupt(format!("verify: {error}")),
    };
    match workload::rows(log) {
        Ok(rows) if rows.len() as u64 == count => compare(&rows, ledger),
        Ok(rows) => Verdict::Corrupt(format!("{count} verified, {} read", rows.len())),
        Err(error) => Verdict::Corrupt(format!("rows: {error}")),
    }
}

fn compare(rows: &[StoredEvent], ledger: &Ledger) -> Verdict {
    let mut there = BTreeMap::new();
    for row in rows {
        let place = (row.position.get(), row.leaf.to_string());
        if there.insert(workload::key_of(row), place).is_some() {
            return Verdict::Corrupt(format!("key {} is there twice", workload::key_of(row)));
        }
    }
    for (key, place) in &ledger.acknowledged {
        if there.get(key) != Some(place) {
            let found = there.get(key);
            return Verdict::Lost(format!("key {key}: {place:?} acknowledged, {found:?} found"));
        }
    }
    if let Some(key) = there.keys().find(|key| ledger.is_ruled_out(**key)) {
        return Verdict::Corrupt(format!("key {key} was told not to be written, and is there"));
    }
    let index_max = there.keys().max().map_or(0, |key| workload::group_of(*key) + 1);
    for index in 0..index_max {
        let keys = workload::group(index);
        let whole = keys.clone().all(|key| there.contains_key(&key));
        if !whole && keys.clone().any(|key| there.contains_key(&key)) {
            return Verdict::Corrupt(format!("group {index} is there in part"));
        }
    }
    Verdict::Whole(rows.len() as u64)
}
