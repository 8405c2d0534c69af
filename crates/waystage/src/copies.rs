//! Copies of a store and stores made of copies: the log, and the log of who looked beside it.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use waystage_core::id::Position;
use waystage_exchange::log::LogExport;
use waystage_sqlite::SqliteLog;
use waystage_store::{Digest, EventReader, StoreError};

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
        let accesses = if self.has_access_log() { Some(self.access_log()?) } else { None };
        let events = log.backup(to)?;
        if let Some(accesses) = accesses.as_ref().and_then(|accesses| accesses.log.as_ref())
            && let Err(error) = accesses.backup(&beside)
        {
            // half a copy would be taken for one of a store where nobody looked
            let _ = fs::remove_file(to);
            return Err(error.into());
        }
        Ok(events)
    }

    /// Copies a backup into a folder that holds no store yet, checked event by event, and opens it;
    /// and the log of who looked, where its copy is beside the backup. Where one of this log is in
    /// the folder already, the longer of the two is taken.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyExists`] where there is a log already, and [`EngineError::Unreadable`]
    /// where the log of who looked is of another log, or neither of two goes on from the other.
    /// No log is left behind then, and a log of who looked that was there stays.
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
    let copied = if is_there(copy)? { Some(SqliteLog::open(copy)?) } else { None };
    if let Some(copied) = &copied {
        check_origin(log, copied, copy)?;
    }
    let there = if is_there(path)? { Some(SqliteLog::open(path)?) } else { None };
    let Some(there) = there else {
        if let Some(copied) = copied {
            copied.backup(path)?;
        }
        return Ok(());
    };
    check_origin(log, &there, path)?;
    let Some(copied) = copied else { return Ok(()) };
    if goes_on_from(&there, &copied, copy)? {
        return Ok(());
    }
    // what is there goes only once its successor is whole and checked
    let whole = behind(path, ".restoring");
    discard(&whole);
    copied.backup(&whole)?;
    drop(there);
    discard(path);
    fs::rename(&whole, path).map_err(|error| unreadable(&whole, &error))
}

/// Returns whether a log of who looked has all of a copy, and not the copy more than it: each of
/// its hashes is over the one before, so that two which agree in one place agree up to there.
fn goes_on_from(there: &SqliteLog, copied: &SqliteLog, copy: &Path) -> Result<bool, EngineError> {
    let ends = (there.last_position()?, copied.last_position()?);
    let common = ends.0.min(ends.1);
    let leaf = |log: &SqliteLog| -> Result<Option<Digest>, StoreError> {
        let Some(common) = common else { return Ok(None) };
        let before = Position::new(common.get().saturating_sub(1));
        Ok(log.rows_after(before, 1)?.first().map(|row| row.leaf))
    };
    if leaf(there)? != leaf(copied)? {
        let says = "it and the log of who looked in the folder went different ways: keep both, and \
                    take one of them away";
        let says = says.to_owned();
        return Err(EngineError::Unreadable { path: copy.display().to_string(), says });
    }
    Ok(ends.1 <= ends.0)
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
