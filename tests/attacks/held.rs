//! A store with a history, what an auditor holds of it, and what an audit of an altered store says.

use std::fs;
use std::path::{Path, PathBuf};

use crate::unguarded::unguarded;
use rusqlite::Connection;
use tempfile::TempDir;
use waystage::evidence::{Anchor, HeldCheckpoint, Trust};
use waystage::evidence_format::{KeyKind, PublicKey, SecretKey, SignedCheckpoint};
use waystage::{Adoption, Engine, EngineError, ImportPlan};
use waystage_store::StoreError;

pub(crate) const ORIGIN: &str = "example.org/attacked";

/// A store, signed once half-way and once at its end, and what the auditor holds since the first.
pub(crate) struct Store {
    pub(crate) folder: TempDir,
    pub(crate) key: SecretKey,
    pub(crate) anchor: Anchor,
    pub(crate) old: SignedCheckpoint,
    pub(crate) leaves: Vec<u8>,
    pub(crate) size: u64,
}

pub(crate) fn key() -> SecretKey {
    SecretKey::of_seed(ORIGIN, KeyKind::Log, [7; 32]).unwrap()
}

pub(crate) fn plan() -> ImportPlan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small");
    let adoption = Adoption::read(Some(&folder.join("packs")), Some(&folder.join("tables")));
    ImportPlan {
        folder,
        source: "small".into(),
        adoption: adoption.unwrap(),
        batch: 20,
        dry_run: false,
        strict: false,
    }
}

impl Store {
    /// A log of the small extract, signed; then a determine run, and signed again.
    pub(crate) fn made() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let anchor = Anchor::at(folder.path().join("anchor"));
        let engine = Engine::create(&folder.path().join("store"), ORIGIN).unwrap();
        engine.import(&plan(), &|_, _| {}).unwrap();
        let old = engine.checkpoint(&key(), &anchor, &|_| {}).unwrap();
        let leaves = engine.leaves(old.checkpoint.size).unwrap();
        let today = engine.today().as_of;
        engine.determine(today, waystage::core::view::Basis::Recorded).unwrap();
        let new = engine.checkpoint(&key(), &anchor, &|_| {}).unwrap();
        assert!(old.checkpoint.size > 600 && new.checkpoint.size > old.checkpoint.size);
        let size = new.checkpoint.size;
        Self { folder, key: key(), anchor, old, leaves, size }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path().join("journeys.db")
    }

    /// Returns a copy of the store in a folder of its own, with what the auditor holds.
    pub(crate) fn copied(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("store")).unwrap();
        fs::copy(self.file(), folder.path().join("store/journeys.db")).unwrap();
        fs::copy(self.anchor.path(), folder.path().join("anchor")).unwrap();
        let anchor = Anchor::at(folder.path().join("anchor"));
        let (old, leaves) = (self.old.clone(), self.leaves.clone());
        Self { folder, key: key(), anchor, old, leaves, size: self.size }
    }

    /// Runs statements with every trigger out of the way, and puts the triggers back as they were.
    pub(crate) fn sql(&self, statements: &str) {
        unguarded(&self.file(), statements);
    }

    /// Returns what an auditor finds who holds the old checkpoint, its leaves too or not: the first
    /// position that is bad, and the last that it may be; none where nothing is found.
    pub(crate) fn audited(&self, with_leaves: bool) -> Option<(u64, u64)> {
        let leaves = with_leaves.then(|| self.leaves.clone());
        let held = vec![HeldCheckpoint { leaves, ..HeldCheckpoint::of(self.old.clone()) }];
        self.audited_with(held, Some(self.key.public().clone()))
    }

    pub(crate) fn audited_with(
        &self,
        held: Vec<HeldCheckpoint>,
        key: Option<PublicKey>,
    ) -> Option<(u64, u64)> {
        let engine = Engine::open(&self.path()).unwrap();
        let trust = Trust { key, held };
        let Err(error) = engine.verify_log(&trust, &|_| {}) else { return None };
        match error {
            EngineError::Store(StoreError::Corrupt { position, .. }) => {
                Some((position.get(), position.get()))
            }
            EngineError::Store(StoreError::Rewritten { first, through, .. }) => {
                Some((first.get(), through.get()))
            }
            EngineError::Store(StoreError::BehindCheckpoint { held, last }) => {
                Some((last.map_or(0, |last| last.get()) + 1, held))
            }
            other => panic!("{other}"),
        }
    }

    /// Returns the position of the first event of a kind behind the first whole nodes of the tree.
    pub(crate) fn first(&self, kind: &str) -> u64 {
        let raw = Connection::open(self.file()).unwrap();
        let position: i64 = raw
            .query_row(
                "SELECT MIN(position) FROM event JOIN kind ON kind.number = event.kind
                 WHERE kind.name = ?1 AND position > 300",
                [kind],
                |row| row.get(0),
            )
            .unwrap();
        u64::try_from(position).unwrap()
    }
}
