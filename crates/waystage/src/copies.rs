//! Copies of a store and stores made of copies: the log, and the log of who looked beside it.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use waystage_exchange::log::LogExport;
use waystage_sqlite::SqliteLog;
use waystage_store::{EventReader, StoreError};

use crate::access::{ACCESS_FILE, access_origin};
use crate::engine::{Engine, LOG_FILE};
use crate::error::EngineError;

impl Engine {
    /// Copies the log as it stands into a new file, checked event by event, while it is in use; and
    /// the log of who looked, where there is one, into a file of that name with `.access` behind
    /// it. Returns how many events the copy of the log holds.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyExists`] where something is at either name already, and
    /// [`EngineError::InMemory`] of a log in memory. No copy is left behind then.
    pub fn backup(&self, to: &Path) -> Result<u64, EngineError> {
        let Some(log) = &self.log else { return Err(EngineError::InMemory) };
        let beside = access_copy(to);
        if is_there(&beside)? {
            return Err(StoreError::AlreadyExists { path: beside.display().to_string() }.into());
        }
        let events = log.backup(to)?;
        if self.has_access_log()
            && let Some(accesses) = &self.access_log()?.log
            && let Err(error) = accesses.backup(&beside)
        {
            // half a copy would be taken for one of a store where nobody looked
            let _ = fs::remove_file(to);
            return Err(error.into());
        }
        Ok(events)
    }

    /// Copies a backup into a folder that holds no store yet, checked event by event, and opens it;
    /// and the log of who looked, where its copy is beside the backup. One of this log that is in
    /// the folder already is kept instead: it is as new as the copy, or newer.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyExists`] where there is a log already, and [`EngineError::Unreadable`]
    /// where the log of who looked is of another log. Nothing is left behind then.
    pub fn restore(backup: &Path, folder: &Path) -> Result<Self, EngineError> {
        fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
        let path = folder.join(LOG_FILE);
        let log = SqliteLog::restore(backup, &path)?;
        if let Err(error) = restore_accesses(&log, &access_copy(backup), &folder.join(ACCESS_FILE))
        {
            drop(log);
            discard(&path);
            return Err(error);
        }
        Ok(Self::of_log(log))
    }

    /// Takes an exported log into a folder that holds no store yet, exactly as it was recorded, and
    /// opens it. Every leaf is computed again on the way.
    ///
    /// # Errors
    ///
    /// [`EngineError::ExportRefused`] where the file is no export, [`StoreError::Corrupt`] where an
    /// event of it does not follow from those before it.
    pub fn restore_export(export: &Path, folder: &Path) -> Result<Self, EngineError> {
        fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
        let file = fs::File::open(export).map_err(|error| unreadable(export, &error))?;
        let mut lines = LogExport::begin(BufReader::with_capacity(1 << 20, file))?;
        let epochs = lines.epochs().to_vec();
        let refused = Cell::new(None);
        let lines = RefCell::new(&mut lines);
        let mut events = std::iter::from_fn(|| match lines.borrow_mut().event() {
            Ok(event) => event.map(Ok),
            Err(error) => {
                refused.set(Some(error));
                // it says no more than that: the error itself is returned below
                Some(Err(StoreError::NotEncodable { reason: "the export ends here".to_owned() }))
            }
        });
        let mut notes = || {
            lines.borrow_mut().notes().map_err(|error| {
                refused.set(Some(error));
                StoreError::NotEncodable { reason: "the export ends here".to_owned() }
            })
        };
        let path = folder.join(LOG_FILE);
        let taken = SqliteLog::take_in(&path, &epochs, &mut events, &mut notes);
        match (refused.take(), taken) {
            (Some(refused), _) => Err(refused.into()),
            (None, taken) => Ok(Self::of_log(taken?)),
        }
    }
}

/// Returns where the log of who looked is copied to when the log is copied to a file.
fn access_copy(file: &Path) -> PathBuf {
    behind(file, ".access")
}

fn behind(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn restore_accesses(log: &SqliteLog, copy: &Path, path: &Path) -> Result<(), EngineError> {
    if is_there(path)? {
        return check_origin(log, &SqliteLog::open(path)?, path);
    }
    if !is_there(copy)? {
        return Ok(());
    }
    let accesses = SqliteLog::restore(copy, path)?;
    let checked = check_origin(log, &accesses, copy);
    drop(accesses);
    if checked.is_err() {
        discard(path);
    }
    checked
}

/// Checks that a log of who looked is the one of a log.
fn check_origin(log: &SqliteLog, accesses: &SqliteLog, path: &Path) -> Result<(), EngineError> {
    let expected = access_origin(log)?;
    if accesses.origin() == expected {
        return Ok(());
    }
    let says = format!(
        "it says who looked at another log: it is of {}, and {expected} belongs here",
        accesses.origin()
    );
    Err(EngineError::Unreadable { path: path.display().to_string(), says })
}

/// Returns whether anything is at a path.
fn is_there(path: &Path) -> Result<bool, EngineError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Takes away a log that was made and must not stay.
fn discard(path: &Path) {
    for left_over in ["", "-wal", "-shm", ".lease"].map(|end| behind(path, end)) {
        let _ = fs::remove_file(left_over);
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> EngineError {
    EngineError::Unreadable { path: path.display().to_string(), says: error.to_string() }
}
