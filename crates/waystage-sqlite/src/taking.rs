//! Taking a whole log in from elsewhere: an export, another store. Every event keeps its place, its
//! instant and its leaf.

use std::fs;
use std::path::Path;

use rusqlite::TransactionBehavior;
use waystage_core::id::Position;
use waystage_evidence::{Checkpoint, Recovery, Rotation, SignedNote};
use waystage_store::{Epoch, Held, KeptNote, NoteSort, StoreError, StoredEvent, examine};

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
        kept: &mut dyn FnMut() -> Result<Vec<KeptNote>, StoreError>,
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
        kept: &mut dyn FnMut() -> Result<Vec<KeptNote>, StoreError>,
    ) -> Result<(), StoreError> {
        for left_over in ["", "-wal", "-shm"].map(|end| beside(making, end)) {
            let _ = fs::remove_file(left_over);
        }
        let origin = epochs.first().map_or("", |epoch| epoch.origin.as_str());
        make(making, origin)?;
        let mut connection = profile::open_writer(making)?;
        let tables = Tables::new();
        let mut held = Vec::new();
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
                for note in kept()? {
                    held.push(held_by(&note)?);
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
        let log = Self::open(making)?;
        // a checkpoint of an epoch that ended before it is of what was lost
        let mut epochs = epochs.to_vec();
        epochs.reverse();
        held.retain(|(origin, of): &(String, Held)| {
            let of_size = Position::new(of.size).and_then(|last| {
                epochs.iter().find(|epoch| epoch.first <= last).map(|epoch| &epoch.origin)
            });
            of_size.is_none_or(|of_size| of_size == origin)
        });
        let held: Vec<Held> = held.into_iter().map(|(_, held)| held).collect();
        examine(&log, &held, &|_| {})?;
        drop(log);
        name(making, path)
    }
}

/// Returns what a note says that the log was, and under which identity; every note has to be one.
fn held_by(note: &KeptNote) -> Result<(String, Held), StoreError> {
    let unreadable = || StoreError::Damaged { says: format!("a {} of it is none", note.sort) };
    let signed: SignedNote = note.text.parse().map_err(|_| unreadable())?;
    let at = match note.sort {
        NoteSort::Checkpoint => Checkpoint::of_note(&signed).map_err(|_| unreadable())?,
        NoteSort::Rotation => Rotation::of_note(&signed).map_err(|_| unreadable())?.at,
        NoteSort::Recovery => Recovery::of_note(&signed).map_err(|_| unreadable())?.new,
    };
    Ok((at.origin, Held { size: at.size, root: at.root, leaves: Vec::new() }))
}
