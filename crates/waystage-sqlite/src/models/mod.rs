//! Read models in a file of their own beside the log. Every table has a plain name and is changed
//! in the transaction that says where it stands, so any program that reads SQLite can read it at
//! any time; what is lost with the file is the time that it takes to build it again.

mod apply;
mod books;
mod due;
mod fault;
mod file;
mod form;
mod read;
mod schema;
mod switch;
mod text;
mod values;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use rusqlite::{Transaction, TransactionBehavior};
use waystage_core::id::ParticipantId;
use waystage_store::Digest;
use waystage_store::models::{Change, ModelError, ModelStore, Shape, Slot, Snapshot, Stand};

use self::books::Kept;
use self::fault::Fault;
use self::file::Open;
use self::read::SqliteSnapshot;
use crate::lease;
use crate::profile::{self, Purpose};

/// Connections that are kept for the next snapshots.
const READERS_KEPT: usize = 16;

/// Read models in an SQLite file. It can be shared between threads, and any number of handles and
/// processes may have the file open: changes take turns, each checks where the models stand, and
/// whoever reads sees one moment.
#[derive(Debug)]
pub struct SqliteModels {
    path: PathBuf,
    writer: Mutex<Option<Open>>,
    readers: Mutex<Vec<Open>>,
}

impl SqliteModels {
    /// Opens the read models in this file, or makes the file where there is none.
    ///
    /// # Errors
    ///
    /// [`ModelError::Damaged`] where the file is damaged, no file of read models or of another
    /// layout; it can be made anew.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let path = Self::checked(path)?;
        let writer = file::open(&path, Purpose::KeepModels)?;
        Ok(Self::with(path, writer))
    }

    /// Deletes whatever is in the place of this file and makes it anew, without models. Handles
    /// that were open go on with the new file; what they held is gone. A log is not deleted.
    pub fn remake(path: &Path) -> Result<Self, ModelError> {
        let path = Self::checked(path)?;
        let writer = file::remake(&path)?;
        Ok(Self::with(path, writer))
    }

    fn checked(path: &Path) -> Result<PathBuf, ModelError> {
        profile::gate()?;
        let path = profile::resolved(path)?;
        lease::check_filesystem(&path)?;
        Ok(path)
    }

    fn with(path: PathBuf, writer: Open) -> Self {
        Self { path, writer: Mutex::new(Some(writer)), readers: Mutex::default() }
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Changes the file in one transaction.
    fn change(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<(), Fault>,
    ) -> Result<(), ModelError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match writer.take() {
            Some(open) if open.is_current(&self.path) => open,
            _ => file::open(&self.path, Purpose::KeepModels)?,
        };
        let changed = transact(&mut writer.insert(open).connection, change);
        changed.map_err(|fault| {
            if !fault.leaves_the_connection() {
                *writer = None;
            }
            fault.at(&self.path)
        })
    }

    /// Changes which generations there are.
    fn turn(
        &self,
        turn: impl FnOnce(&mut Kept) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        self.change(|transaction| {
            let before = books::read(transaction)?;
            let mut after = before.clone();
            turn(&mut after)?;
            switch::keep(transaction, &before, &after, &[])
        })
    }

    fn reading(&self) -> Result<SqliteSnapshot<'_>, ModelError> {
        let kept = loop {
            match self.readers().pop() {
                Some(open) if !open.is_current(&self.path) => {}
                found => break found,
            }
        };
        let open = match kept {
            Some(open) => open,
            None => file::open(&self.path, Purpose::ReadModels)?,
        };
        SqliteSnapshot::begin(self, open).map_err(|fault| fault.at(&self.path))
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Open>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, open: Open) {
        let mut readers = self.readers();
        if readers.len() < READERS_KEPT {
            readers.push(open);
        }
    }
}

fn transact(
    connection: &mut rusqlite::Connection,
    change: impl FnOnce(&Transaction<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    change(&transaction)?;
    transaction.commit().map_err(Fault::AtCommit)
}

impl ModelStore for SqliteModels {
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError> {
        self.reading()?.stand(slot)
    }

    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError> {
        self.reading()?.fingerprints(slot)
    }

    fn begin(&self, shapes: &[Shape], stand: &Stand) -> Result<(), ModelError> {
        self.change(|transaction| {
            let before = books::read(transaction)?;
            switch::begin(transaction, &before, shapes, stand)
        })
    }

    fn apply(&self, slot: Slot, change: &Change) -> Result<(), ModelError> {
        self.change(|transaction| apply::apply(transaction, slot, change))
    }

    fn switch(&self) -> Result<(), ModelError> {
        self.turn(Kept::switch)
    }

    fn reinstate(&self) -> Result<(), ModelError> {
        self.turn(Kept::reinstate)
    }

    fn abandon(&self) -> Result<(), ModelError> {
        self.turn(|kept| {
            kept.abandon();
            Ok(())
        })
    }

    fn due(&self, slot: Slot, by: NaiveDate) -> Result<Vec<(ParticipantId, String)>, ModelError> {
        self.reading()?.due(slot, by)
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, ModelError> {
        Ok(Box::new(self.reading()?))
    }
}

#[cfg(test)]
mod tests;
