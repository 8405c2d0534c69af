//! Taking a whole log in from elsewhere: an export, another store. Every event keeps its place, its
//! instant and its leaf.

use std::fs;
use std::path::Path;

use rusqlite::TransactionBehavior;
use waystage_store::{Epoch, KeptNote, StoreError, StoredEvent, examine};

use crate::failure::{failed, failed_at_commit};
use crate::log::{SqliteLog, Tables, beside, make, name};
use crate::{notes, profile, tree, write};

/// Events that share one transaction; nobody waits for it, the file has no name before the end.
const BATCH: usize = 20_000;

impl SqliteLog {
    /// Makes a log of these events in a new file, exactly as they were recorded elsewhere, checked
    /// event by event, and opens it. The file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] names the first event that does not follow from those before it;
    /// [`StoreError::AlreadyExists`] where something is at the path. Nothing is left behind.
    pub fn take_in(
        path: &Path,
        epochs: &[Epoch],
        events: &mut dyn Iterator<Item = Result<StoredEvent, StoreError>>,
        kept: &mut dyn FnMut() -> Vec<KeptNote>,
    ) -> Result<Self, StoreError> {
        let path = profile::resolved(path)?;
        for taken in ["", "-wal", "-shm"].map(|end| beside(&path, end)) {
            if fs::symlink_metadata(&taken).is_ok() {
                return Err(StoreError::AlreadyExists { path: taken.display().to_string() });
            }
        }
        let making = beside(&path, ".taking");
        let taken = Self::taken(&making, &path, epochs, events, kept);
        for left_over in ["", "-wal", "-shm", ".lease"].map(|end| beside(&making, end)) {
            let _ = fs::remove_file(left_over);
        }
        taken?;
        Self::open(&path)
    }

    fn taken(
        making: &Path,
        path: &Path,
        epochs: &[Epoch],
        events: &mut dyn Iterator<Item = Result<StoredEvent, StoreError>>,
        kept: &mut dyn FnMut() -> Vec<KeptNote>,
    ) -> Result<(), StoreError> {
        for left_over in ["", "-wal", "-shm"].map(|end| beside(making, end)) {
            let _ = fs::remove_file(left_over);
        }
        let origin = epochs.first().map_or("", |epoch| epoch.origin.as_str());
        make(making, origin)?;
        let mut connection = profile::open_writer(making)?;
        let tables = Tables::new();
        loop {
            let batch: Vec<StoredEvent> = (&mut *events).take(BATCH).collect::<Result<_, _>>()?;
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(failed)?;
            write::keep(&transaction, &tables, &batch)?;
            tree::extend(&transaction, batch.iter().map(|event| event.leaf))?;
            let is_last = batch.len() < BATCH;
            if is_last {
                for epoch in epochs.iter().skip(1) {
                    notes::begin(&transaction, epoch)?;
                }
                for note in kept() {
                    notes::keep(&transaction, &note)?;
                }
            }
            transaction.commit().map_err(failed_at_commit)?;
            if is_last {
                break;
            }
        }
        profile::bring_in(&connection)?;
        connection.close().map_err(|(_, error)| failed(error))?;
        examine(&Self::open(making)?, &[], &|_| {})?;
        name(making, path)
    }
}
