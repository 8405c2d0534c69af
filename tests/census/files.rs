//! Wrong stores over a real file, and the right one.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;
use waystage_core::id::{ParticipantId, Position};
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, EventReader, EventStore, Key, MemoryStore, Receipt, StoreError, StoredEvent,
};
use waystage_testkit::store_suite::StoreUnderTest;

use crate::parts::Wrong;

/// A folder with a log file.
struct Folder {
    folder: TempDir,
    create: fn(SqliteLog) -> Box<dyn EventStore>,
    reopen: fn(PathBuf) -> Box<dyn EventStore>,
}

impl Folder {
    fn path(&self) -> PathBuf {
        self.folder.path().join("log.waystage")
    }
}

impl StoreUnderTest for Folder {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        (self.create)(SqliteLog::create(&self.path(), origin).unwrap())
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        Some((self.reopen)(self.path()))
    }
}

fn folder(
    create: fn(SqliteLog) -> Box<dyn EventStore>,
    reopen: fn(PathBuf) -> Box<dyn EventStore>,
) -> Box<dyn StoreUnderTest> {
    Box::new(Folder { folder: TempDir::new().unwrap(), create, reopen })
}

/// Returns a place for a right store in a file.
pub(crate) fn right() -> Box<dyn StoreUnderTest> {
    folder(|log| Box::new(log), |path| Box::new(SqliteLog::open(&path).unwrap()))
}

/// Copies the main file alone when it is dropped, without the journal beside it.
struct Copied(SqliteLog);

impl Drop for Copied {
    fn drop(&mut self) {
        fs::copy(self.0.path(), self.0.path().with_extension("copy")).unwrap();
    }
}

/// Answers from memory and writes each append to the file when the next one comes.
struct Behind {
    memory: MemoryStore,
    file: SqliteLog,
    pending: Mutex<Option<Append>>,
}

macro_rules! reads_through {
    ($store:ident, $($to:tt)*) => {
        impl EventReader for $store {
            fn origin(&self) -> &str {
                self.$($to)*.origin()
            }

            fn last_position(&self) -> Result<Option<Position>, StoreError> {
                self.$($to)*.last_position()
            }

            fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
                self.$($to)*.participants()
            }

            fn rows_of(&self, id: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
                self.$($to)*.rows_of(id)
            }

            fn rows_after(
                &self,
                after: Option<Position>,
                count_max: usize,
            ) -> Result<Vec<StoredEvent>, StoreError> {
                self.$($to)*.rows_after(after, count_max)
            }

            fn wait_after(
                &self,
                after: Option<Position>,
                patience: Duration,
            ) -> Result<Option<Position>, StoreError> {
                self.$($to)*.wait_after(after, patience)
            }

            fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
                self.$($to)*.find(key)
            }
        }
    };
}

reads_through!(Copied, 0);
reads_through!(Behind, memory);

impl EventStore for Copied {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        self.0.append(append)
    }
}

impl EventStore for Behind {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let mut pending = self.pending.lock().unwrap();
        let receipts = self.memory.append(append.clone())?;
        if let Some(before) = pending.replace(append) {
            let _ = self.file.append(before)?;
        }
        Ok(receipts)
    }
}

fn behind(file: SqliteLog) -> Box<dyn EventStore> {
    let memory = MemoryStore::new(file.origin());
    Box::new(Behind { memory, file, pending: Mutex::default() })
}

/// Opens the copy under the file's own name.
fn open_copy(path: PathBuf) -> Box<dyn EventStore> {
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", path.display()));
    }
    fs::rename(path.with_extension("copy"), &path).unwrap();
    Box::new(Copied(SqliteLog::open(&path).unwrap()))
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "keeps a copy of its file without the journal beside it, and opens that",
        make: || folder(|log| Box::new(Copied(log)), open_copy),
    },
    Wrong {
        does: "answers from memory and writes each append when the next one comes",
        make: || folder(behind, |path| Box::new(SqliteLog::open(&path).unwrap())),
    },
];
