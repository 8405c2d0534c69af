//! The oracle of acknowledged writes: a log holds every acknowledged event at the position and with
//! the leaf that were acknowledged, each key at most once, groups whole, positions dense.

use std::collections::BTreeMap;
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
                ["ERR", _, class, name] => self.errors.push((class.to_owned(), name.to_owned())),
                _ => return Err(format!("it printed {line:?}")),
            }
        }
        Ok(())
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
    check_open(&log, ledger)
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
