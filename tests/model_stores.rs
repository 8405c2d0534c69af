//! Every store of read models keeps the rules of the model suite; and what concerns a file alone.

// These are tests: what is not there when it should be has to stop them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "model_stores/files.rs"]
mod files;
#[path = "model_stores/kept.rs"]
mod kept;
#[path = "model_stores/killed.rs"]
mod killed;
#[path = "model_stores/outside.rs"]
mod outside;

use std::path::PathBuf;

use tempfile::TempDir;
use waystage_sqlite::SqliteModels;
use waystage_store::models::{MemoryModels, ModelStore};
use waystage_testkit::model_suite;
use waystage_testkit::model_suite::ModelsUnderTest;

struct InMemory;

impl ModelsUnderTest for InMemory {
    fn create(&mut self) -> Box<dyn ModelStore> {
        Box::new(MemoryModels::new())
    }

    fn reopen(&mut self) -> Option<Box<dyn ModelStore>> {
        None
    }
}

struct InAFile {
    folder: TempDir,
}

impl InAFile {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journeys.views.db")
    }
}

impl ModelsUnderTest for InAFile {
    fn create(&mut self) -> Box<dyn ModelStore> {
        Box::new(SqliteModels::open(&self.path()).unwrap())
    }

    fn reopen(&mut self) -> Option<Box<dyn ModelStore>> {
        Some(Box::new(SqliteModels::open(&self.path()).unwrap()))
    }
}

model_suite!(in_memory, InMemory);
model_suite!(in_a_file, InAFile::new());
