//! A log file: creating, opening, and the store that it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rusqlite::Connection;
use waystage_core::id::{ParticipantId, Position, Version};
use waystage_evidence::{CompactRange, Digest};
use waystage_store::{
    Append, Epoch, EventReader, EventStore, KeptNote, Key, KnownEvent, NoteSort, Pattern, Receipt,
    Sifted, StoreError, StoredEvent, Wakeup, codec,
};

use crate::deadline::Deadline;
use crate::failure::{Doing, failed, of_file};
use crate::lease::Lease;
use crate::names::Names;
use crate::read::Reading;
use crate::writer::{Desk, Writer};
use crate::{lease, notes, profile, schema, sift, tree, upgrade};

/// How long one read may take where nothing else is said.
const READ_MAX: Duration = Duration::from_secs(30);

/// The names that a file numbers.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) kinds: Names,
    pub(crate) actors: Names,
    pub(crate) sources: Names,
}

impl Tables {
    pub(crate) fn new() -> Self {
        Self { kinds: Names::KINDS(), actors: Names::ACTORS(), sources: Names::SOURCES() }
    }

    /// Forgets names that a transaction may have numbered that was undone.
    pub(crate) fn forget(&self) {
        [&self.kinds, &self.actors, &self.sources].into_iter().for_each(Names::forget);
    }
}

/// A log in an SQLite file. It can be shared between threads: one thread of its own writes, for all
/// who ask, and each reader has a connection of its own. It holds the store exclusively until it is
/// dropped.
#[derive(Debug)]
pub struct SqliteLog {
    path: PathBuf,
    origin: String,
    tables: Arc<Tables>,
    wakeup: Arc<Wakeup>,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    read_max: RwLock<Duration>,
    // the last field: it is given back when everything else has ended
    lease: Lease,
}

impl SqliteLog {
    /// Creates a log of this identity in a new file and opens it. The file appears whole or not at
    /// all; one that is there already is left alone.
    pub fn create(path: &Path, origin: &str) -> Result<Self, StoreError> {
        profile::gate()?;
        let path = profile::resolved(path)?;
        lease::check_filesystem(&path)?;
        let lease = Lease::take(&path)?;
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
        let in_the_making = beside(&path, ".creating");
        for left_over in ["", "-wal", "-shm"].map(|end| beside(&in_the_making, end)) {
            let _ = fs::remove_file(left_over);
        }
        make(&in_the_making, origin)?;
        name(&in_the_making, &path)?;
        Self::open_leased(path, lease)
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
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::NotFound { path: shown });
            }
            Err(error) => return Err(of_file(Doing::Reading, &path, &error)),
        }
        lease::check_filesystem(&path)?;
        let lease = Lease::take(&path)?;
        schema::check_head(&path)?;
        upgrade::bring_up(&path)?;
        Self::open_leased(path, lease)
    }

    /// Opens the log in this file, which must hold an event that is known to have been recorded. A
    /// file that was restored from an older copy, or that went another way since, is refused.
    pub fn open_knowing(path: &Path, known: KnownEvent) -> Result<Self, StoreError> {
        let log = Self::open(path)?;
        known.check(&log)?;
        Ok(log)
    }

    pub(crate) fn open_leased(path: PathBuf, lease: Lease) -> Result<Self, StoreError> {
        let connection = profile::open_writer(&path)?;
        profile::bring_in(&connection)?;
        // what a killed writer left unsynced must be on the disk before anybody builds on it, and
        // the emptied journal too, or its old frames could come back over the newer file
        let journal = beside(&path, "-wal");
        fs::File::open(&journal)
            .and_then(|file| file.sync_all())
            .map_err(|e| lost(&journal, &e))?;
        let epochs = epochs(&connection)?;
        let origin = epochs.last().map_or_else(String::new, |epoch| epoch.origin.clone());
        let tables = Arc::new(Tables::new());
        let tip = Reading { connection: &connection, tables: &tables }.log_tip()?;
        let wakeup = Arc::new(Wakeup::new(tip.map(|tip| tip.position)));
        let desk = Desk {
            connection,
            path: path.clone(),
            origin: origin.clone(),
            tables: Arc::clone(&tables),
            wakeup: Arc::clone(&wakeup),
        };
        let writer = Writer::start(desk)?;
        Ok(Self {
            path,
            origin,
            tables,
            wakeup,
            writer,
            readers: Mutex::default(),
            read_max: RwLock::new(READ_MAX),
            lease,
        })
    }

    /// Returns how many callers wait for an append to be recorded.
    pub fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sets how long one read may take from now on; 30 seconds where this is never called. A read
    /// sees the log as it stands at its beginning, and while it lasts the write-ahead log cannot be
    /// emptied.
    pub fn set_read_max(&self, allowed: Duration) {
        *self.read_max.write().unwrap_or_else(PoisonError::into_inner) = allowed;
    }

    /// Reads on a snapshot that ends with the call. A connection on which something failed is not
    /// used again.
    pub(crate) fn reading<T>(
        &self,
        read: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.lease.check_process()?;
        let pooled = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match pooled {
            Some(connection) => connection,
            None => profile::open_reader(&self.path)?,
        };
        let allowed = *self.read_max.read().unwrap_or_else(PoisonError::into_inner);
        let deadline = Deadline::set(&mut connection, allowed)?;
        let answer = read(&Reading { connection: &connection, tables: &self.tables });
        if answer.is_ok() {
            self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        deadline.judge(answer)
    }
}

/// Returns the stretches of a log that have an identity of their own, in order.
pub(crate) fn epochs(connection: &Connection) -> Result<Vec<Epoch>, StoreError> {
    let origin: String =
        connection.query_row("SELECT origin FROM log", [], |row| row.get(0)).map_err(failed)?;
    let mut epochs = vec![Epoch { first: Position::FIRST, origin }];
    epochs.extend(notes::epochs(connection)?);
    Ok(epochs)
}

/// Returns the file that stands beside a database under its name and an ending.
pub(crate) fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Returns the error of a file that could not be made, synced or named.
pub(crate) fn lost(path: &Path, error: &std::io::Error) -> StoreError {
    of_file(Doing::Writing, path, error)
}

/// Syncs a finished file and gives it its name, which must be free; the name is durable after this.
pub(crate) fn name(finished: &Path, path: &Path) -> Result<(), StoreError> {
    fs::File::open(finished).and_then(|file| file.sync_all()).map_err(|e| lost(finished, &e))?;
    fs::hard_link(finished, path).map_err(|e| lost(path, &e))?;
    fs::remove_file(finished).map_err(|e| lost(finished, &e))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| lost(folder, &e))
}

/// Makes the tables of a log in a new file, in one transaction, and closes it.
pub(crate) fn make(path: &Path, origin: &str) -> Result<(), StoreError> {
    fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| lost(path, &e))?;
    let mut connection = profile::open_empty(path)?;
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    for (_, statement) in schema::objects() {
        transaction.execute(statement, []).map_err(failed)?;
    }
    transaction
        .execute("INSERT INTO log (only_row, origin) VALUES (1, ?1)", [origin])
        .map_err(failed)?;
    transaction.pragma_update(None, "application_id", schema::APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", schema::USER_VERSION).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    // closing would do so too, and keep silent where it fails
    profile::bring_in(&connection)?;
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

    fn stream_version(&self, participant: ParticipantId) -> Result<Option<Version>, StoreError> {
        self.reading(|reading| Ok(reading.stream_tip(participant)?.map(|tip| tip.version)))
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.reading(|reading| reading.rows_after(position, count_max))
    }

    fn wait_after(
        &self,
        position: Option<Position>,
        patience: Duration,
    ) -> Result<Option<Position>, StoreError> {
        self.lease.check_process()?;
        Ok(self.wakeup.wait_after(position, patience))
    }

    fn sift(&self, patterns: &[Pattern], through: Option<Position>) -> Result<Sifted, StoreError> {
        sift::sift(self, patterns, through)
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        self.reading(|reading| reading.find(key))
    }

    fn epochs(&self) -> Result<Vec<Epoch>, StoreError> {
        self.reading(|reading| epochs(reading.connection))
    }

    fn kept_range(&self) -> Result<Option<CompactRange>, StoreError> {
        self.reading(|reading| tree::range(reading.connection).map(Some))
    }

    fn tree_node(&self, height: u8, index: u64) -> Result<Digest, StoreError> {
        self.reading(|reading| tree::node(reading, height, index))
    }

    fn notes(&self, sort: NoteSort) -> Result<Vec<KeptNote>, StoreError> {
        self.reading(|reading| notes::of_sort(reading, sort))
    }
}

impl EventStore for SqliteLog {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        self.lease.check_process()?;
        self.writer.append(append.encode()?)
    }

    fn keep_note(&self, note: KeptNote) -> Result<(), StoreError> {
        self.lease.check_process()?;
        self.writer.keep_note(note)
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // in a process that was forked, the thread and the connections are the other one's
        if !self.lease.is_of_this_process() {
            self.writer.forget();
            let readers = self.readers.get_mut().unwrap_or_else(PoisonError::into_inner);
            readers.drain(..).for_each(std::mem::forget);
        }
    }
}
