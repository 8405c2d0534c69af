//! Every store keeps the rules of the store suite, and the suite tells wrong stores from right.

// These are tests: what is not there when it should be has to stop them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use tempfile::TempDir;
use waystage_sqlite::SqliteLog;
use waystage_store::{EventStore, MemoryStore};
use waystage_testkit::store_suite;
use waystage_testkit::store_suite::StoreUnderTest;

struct InMemory;

impl StoreUnderTest for InMemory {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        Box::new(MemoryStore::new(origin))
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        None
    }
}

struct InAFile {
    folder: TempDir,
}

impl InAFile {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journeys.db")
    }
}

impl StoreUnderTest for InAFile {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        Box::new(SqliteLog::create(&self.path(), origin).unwrap())
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        Some(Box::new(SqliteLog::open(&self.path()).unwrap()))
    }
}

store_suite!(in_memory, InMemory);
store_suite!(in_a_file, InAFile::new());
