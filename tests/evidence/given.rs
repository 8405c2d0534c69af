//! The small extract in a store in memory and in a file, and a key.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use waystage::core::id::EventId;
use waystage::core::time::Timestamp;
use waystage::evidence::Anchor;
use waystage::evidence_format::{KeyKind, SecretKey};
use waystage::{Adoption, Clock, Engine, IdSource, ImportPlan};
use waystage_sqlite::SqliteLog;
use waystage_store::{EventStore, MemoryStore};

pub(crate) const ORIGIN: &str = "example.org/evidence";

/// A clock that goes a microsecond further each time it is asked.
struct Ticking(std::sync::atomic::AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let at = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Timestamp::from_micros(at)
    }
}

/// Ids in a row.
struct Counted(std::sync::atomic::AtomicU64);

impl IdSource for Counted {
    fn next(&self, now: Timestamp) -> EventId {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let milliseconds = u64::try_from(now.micros() / 1000).unwrap();
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        EventId::from_bytes(bytes)
    }
}

/// An engine that gives the same bytes wherever it runs.
pub(crate) fn repeatable(store: Arc<dyn EventStore>) -> Engine {
    let noon: Timestamp = "2026-01-05T12:00:00Z".parse().unwrap();
    let clock = Ticking(noon.micros().into());
    Engine::with(store, Box::new(clock), Box::new(Counted(0.into())))
}

pub(crate) fn in_memory() -> Engine {
    repeatable(Arc::new(MemoryStore::new(ORIGIN)))
}

pub(crate) fn in_a_file(folder: &TempDir) -> Engine {
    let path = folder.path().join("journeys.db");
    repeatable(Arc::new(SqliteLog::create(&path, ORIGIN).unwrap()))
}

pub(crate) fn imported(engine: Engine) -> Engine {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small");
    let adoption = Adoption::read(Some(&folder.join("packs")), Some(&folder.join("tables")));
    let plan = ImportPlan {
        folder,
        source: "small".into(),
        adoption: adoption.unwrap(),
        batch: 20,
        dry_run: false,
        strict: false,
    };
    engine.import(&plan, &|_, _| {}).unwrap();
    engine
}

pub(crate) fn key() -> SecretKey {
    SecretKey::of_seed(ORIGIN, KeyKind::Log, [3; 32]).unwrap()
}

pub(crate) fn anchor(folder: &TempDir) -> Anchor {
    Anchor::at(folder.path().join("anchor"))
}
