//! Copies of a log that is in use: whole, checked event by event, synced, and never over anything
//! that is there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use waystage_store::{StoreError, verify};

use crate::failure::failed;
use crate::log::{SqliteLog, beside, lost, name};
use crate::profile;

/// Pages that are copied in one step.
const PAGES: i32 = 512;

impl SqliteLog {
    /// Copies the log as it stands into a new file, while it is in use, and returns how many events
    /// the copy holds. The copy is read back and every leaf computed again before it gets its name.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyExists`] where something is there already; nothing is left behind then,
    /// nor after any other error.
    pub fn backup(&self, to: &Path) -> Result<u64, StoreError> {
        let to = profile::resolved(to)?;
        for taken in ["", "-wal", "-shm"].map(|end| beside(&to, end)) {
            if fs::symlink_metadata(&taken).is_ok() {
                return Err(StoreError::AlreadyExists { path: taken.display().to_string() });
            }
        }
        let copy = beside(&to, ".copying");
        let copied = self.copied(&copy, &to);
        for left_over in ["", "-wal", "-shm", ".lease"].map(|end| beside(&copy, end)) {
            let _ = fs::remove_file(left_over);
        }
        copied
    }

    fn copied(&self, copy: &Path, to: &Path) -> Result<u64, StoreError> {
        let _ = fs::remove_file(copy);
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(copy)
            .map_err(|e| lost(copy, &e))?;
        self.reading(|reading| {
            // on one snapshot: without it each append would make the copy begin anew
            reading.connection.execute_batch("BEGIN").map_err(failed)?;
            let copied = reading.log_tip().and_then(|_| pages(reading.connection, copy));
            let ended = reading.connection.execute_batch("COMMIT").map_err(failed);
            copied.and(ended)
        })?;
        let events = verify(&Self::open(copy)?)?;
        name(copy, to)?;
        Ok(events)
    }

    /// Copies a log from a backup into a new file, checked as a backup is, and opens it.
    pub fn restore(from: &Path, to: &Path) -> Result<Self, StoreError> {
        let _ = Self::open(from)?.backup(to)?;
        Self::open(to)
    }
}

/// Copies every page of the snapshot that a connection reads.
fn pages(connection: &Connection, copy: &Path) -> Result<(), StoreError> {
    let mut target = profile::open_unsettled(copy)?;
    let copying = Backup::new(connection, &mut target).map_err(failed)?;
    loop {
        match copying.step(PAGES).map_err(failed)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(10)),
            _ => {}
        }
    }
}
