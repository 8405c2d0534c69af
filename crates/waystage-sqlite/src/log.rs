//! A log file: creating, opening, and the store that it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use waystage_core::id::{ParticipantId, Position};
use waystage_store::{
    Append, EventReader, EventStore, Key, Receipt, StoreError, StoredEvent, codec,
};

use crate::failure::failed;
use crate::names::Names;
use crate::read::Reading;
use crate::{profile, schema, write};

/// The names that a file numbers.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) kinds: Names,
    pub(crate) actors: Names,
    pub(crate) sources: Names,
}

impl Tables {
    fn new() -> Self {
        Self { kinds: Names::KINDS(), actors: Names::ACTORS(), sources: Names::SOURCES() }
    }
}

/// A log in an SQLite file. It can be shared between threads: one writes at a time, and each reads
/// on a connection of its own.
#[derive(Debug)]
pub struct SqliteLog {
    path: PathBuf,
    origin: String,
    tables: Tables,
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Connection>>,
}

#[derive(Debug)]
struct Writer {
    connection: Connection,
    poisoned: bool,
}

impl SqliteLog {
    /// Creates a log of this identity in a new file and opens it. The file appears whole or not at
    /// all; one that is there already is left alone.
    pub fn create(path: &Path, origin: &str) -> Result<Self, StoreError> {
        profile::gate()?;
        let path = profile::resolved(path)?;
        let shown = path.display().to_string();
        if fs::symlink_metadata(&path).is_ok() {
            return Err(StoreError::AlreadyExists { path: shown });
        }
        for end in ["-wal", "-shm"] {
            let journal = beside(&path, end);
            if fs::symlink_metadata(&journal).is_ok() {
                // of a log that was deleted: SQLite would take it for the new one's
                return Err(StoreError::AlreadyExists { path: journal.display().to_string() });
            }
        }
        let in_the_making = path.with_extension("db.creating");
        let left_over = ["", "-wal", "-shm"].map(|end| {
            let mut name = in_the_making.clone().into_os_string();
            name.push(end);
            PathBuf::from(name)
        });
        for file in &left_over {
            let _ = fs::remove_file(file);
        }
        make(&in_the_making, origin)?;
        let lost = |error: std::io::Error| StoreError::Storage {
            code: error.raw_os_error().unwrap_or(0),
            says: format!("{shown}: {error}"),
        };
        fs::File::open(&in_the_making).and_then(|file| file.sync_all()).map_err(lost)?;
        fs::hard_link(&in_the_making, &path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => StoreError::AlreadyExists { path: shown.clone() },
            _ => lost(error),
        })?;
        fs::remove_file(&in_the_making).map_err(lost)?;
        if let Some(folder) = path.parent() {
            fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(lost)?;
        }
        Self::open(&path)
    }

    /// Opens the log in this file. It must be there and be exactly as this engine makes it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        profile::gate()?;
        codec::check().map_err(|broken| StoreError::UnsupportedFormat {
            path: path.display().to_string(),
            says: broken.to_string(),
        })?;
        let path = profile::resolved(path)?;
        let shown = path.display().to_string();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => {
                let says = "it is no plain file".to_owned();
                return Err(StoreError::UnsupportedFormat { path: shown, says });
            }
            Err(_) => return Err(StoreError::NotFound { path: shown }),
        }
        let connection = profile::open_writer(&path)?;
        let origin =
            connection.query_row("SELECT origin FROM log", [], |row| row.get(0)).map_err(failed)?;
        Ok(Self {
            path,
            origin,
            tables: Tables::new(),
            writer: Mutex::new(Writer { connection, poisoned: false }),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn reading<T>(
        &self,
        read: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => profile::open_reader(&self.path)?,
        };
        let answer = read(&Reading { connection: &connection, tables: &self.tables });
        if answer.is_ok() {
            self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        answer
    }
}

/// Returns the file that stands beside a database under its name and an ending.
fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Makes the tables of a log in a new file, in one transaction, and closes it.
fn make(path: &Path, origin: &str) -> Result<(), StoreError> {
    fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
        StoreError::Storage {
            code: error.raw_os_error().unwrap_or(0),
            says: format!("{}: {error}", path.display()),
        }
    })?;
    let mut connection = profile::open_empty(path)?;
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    for (_, statement) in schema::OBJECTS {
        transaction.execute(statement, []).map_err(failed)?;
    }
    transaction
        .execute("INSERT INTO log (only_row, origin) VALUES (1, ?1)", [origin])
        .map_err(failed)?;
    transaction.pragma_update(None, "application_id", schema::APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", schema::USER_VERSION).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))
}

impl EventReader for SqliteLog {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        self.reading(|reading| Ok(reading.log_tip()?.map(|tip| tip.position)))
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        self.reading(|reading| reading.participants())
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        self.reading(|reading| reading.rows_of(participant))
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.reading(|reading| reading.rows_after(position, count_max))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        self.reading(|reading| reading.find(key))
    }
}

impl EventStore for SqliteLog {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let append = append.encode()?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.poisoned {
            return Err(StoreError::Poisoned);
        }
        let answer = write::append(&mut writer.connection, &self.origin, &self.tables, append);
        writer.poisoned = matches!(answer, Err(StoreError::OutcomeUnknown));
        answer
    }
}
