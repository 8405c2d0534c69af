//! The engine: a log, a clock, a source of ids, and the few verbs that a service needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use waystage_core::contribution::Projection;
use waystage_core::determination::{LogEntry, LossDeclared};
use waystage_core::id::{Actor, EventId, ParticipantId, Position};
use waystage_core::programme::Adoptions;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::time::Timestamp;
use waystage_core::view::View;
use waystage_replay::{Replay, Sum};
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, Digest, EventReader, EventStore, KnownEvent, MemoryStore, NewEvent, Receipt,
    StoreError, ToStream, facts_digest, read_log,
};

use crate::access::AccessLog;
use crate::adopted::Adopted;
use crate::clock::{Clock, IdSource, SharedClock, SystemClock, SystemIds};
use crate::error::EngineError;
use crate::meter::{Meter, NoMeter};
use crate::models::Models;

/// The log's file within a store's folder.
pub(crate) const LOG_FILE: &str = "journeys.db";

/// An engine over one log.
///
/// It blocks; each call may be made from any thread. Reads run on as many threads as the machine
/// has, writes one after another.
pub struct Engine {
    // the first field: a follower's thread ends before the store is given back
    pub(crate) models: Option<Models>,
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) log: Option<Arc<SqliteLog>>,
    pub(crate) clock: Arc<dyn Clock>,
    ids: Box<dyn IdSource>,
    pub(crate) adopted: Arc<Adopted>,
    pub(crate) access: AccessLog,
    pub(crate) meter: Arc<dyn Meter>,
}

/// What a log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The log's identity.
    pub origin: String,
    /// Where its file is; none in memory.
    pub path: Option<PathBuf>,
    /// Its last position.
    pub last_position: Option<Position>,
    /// Participants with a stream.
    pub participants: u64,
    /// Facts recorded.
    pub facts: u64,
    /// The digest of the facts: equal in two stores that hold the same.
    pub facts_digest: Digest,
    /// The programmes whose packs are in force, by name, with the digest of each pack or table.
    pub in_force: Vec<(String, String)>,
    /// Bytes of the file and of its write-ahead log.
    pub bytes: u64,
}

impl Engine {
    /// Creates a store of this identity in a folder, which is made if need be, and opens it.
    pub fn create(folder: &Path, origin: &str) -> Result<Self, EngineError> {
        fs::create_dir_all(folder).map_err(|error| EngineError::Unreadable {
            path: folder.display().to_string(),
            says: error.to_string(),
        })?;
        let log = SqliteLog::create(&folder.join(LOG_FILE), origin)?;
        Ok(Self::of_log(log))
    }

    /// Opens the store in a folder.
    pub fn open(folder: &Path) -> Result<Self, EngineError> {
        Ok(Self::of_log(SqliteLog::open(&folder.join(LOG_FILE))?))
    }

    /// Opens the store in a folder, which must hold an event that is known to have been recorded:
    /// from the newest receipt that the caller kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::BehindReceipt`] where the store is an older copy, or went another way since.
    pub fn open_knowing(folder: &Path, known: KnownEvent) -> Result<Self, EngineError> {
        Ok(Self::of_log(SqliteLog::open_knowing(&folder.join(LOG_FILE), known)?))
    }

    /// Opens the store in a folder although it does not hold an event that is known to have been
    /// recorded, and records in the log's own stream that somebody went on with it, and why.
    /// Returns the receipt of that; none where the store holds the event, and nothing is lost.
    ///
    /// What was recorded after the copy was taken has to be sent again; the same keys make that
    /// safe.
    pub fn open_declaring_loss(
        folder: &Path,
        known: KnownEvent,
        by: impl Into<Actor>,
        reason: &str,
    ) -> Result<(Self, Option<Receipt>), EngineError> {
        let engine = Self::open(folder)?;
        let last = match known.check(engine.reader()) {
            Ok(()) => return Ok((engine, None)),
            Err(StoreError::BehindReceipt { last, .. }) => last,
            Err(other) => return Err(other.into()),
        };
        let declared = LogEntry::LossDeclared(LossDeclared {
            known_position: known.position,
            known_leaf: known.leaf.to_string(),
            through: last,
            reason: reason.to_owned(),
        });
        let event = NewEvent { actor: by.into(), ..engine.log_event(declared) };
        let head = read_log(engine.reader())?.head();
        let streams = vec![ToStream { head, events: vec![event] }];
        let receipts = engine.store.append(Append { now: engine.now(), streams })?;
        Ok((engine, receipts.first().copied()))
    }

    /// Returns whether a folder holds a store.
    pub fn exists(folder: &Path) -> bool {
        fs::symlink_metadata(folder.join(LOG_FILE)).is_ok()
    }

    /// Returns an engine over an empty log in memory; nothing survives it.
    pub fn in_memory(origin: &str) -> Self {
        Self::with(
            Arc::new(MemoryStore::new(origin)),
            Box::new(SystemClock),
            Box::<SystemIds>::default(),
        )
    }

    /// Returns an engine over any store, with a clock and a source of ids of the caller's.
    pub fn with(store: Arc<dyn EventStore>, clock: Box<dyn Clock>, ids: Box<dyn IdSource>) -> Self {
        Self {
            store,
            log: None,
            clock: Arc::from(clock),
            ids,
            adopted: Arc::default(),
            access: AccessLog::default(),
            meter: Arc::new(NoMeter),
            models: None,
        }
    }

    /// Has what the engine does counted. Whoever wants it of the models too says so before they
    /// are kept.
    #[must_use]
    pub fn metered(mut self, meter: Arc<dyn Meter>) -> Self {
        self.meter = meter;
        self
    }

    pub(crate) fn of_log(log: SqliteLog) -> Self {
        Self::of_log_at(log, SharedClock(Arc::new(SystemClock)))
    }

    /// Returns the engine of a log with this clock.
    pub(crate) fn of_log_at(log: SqliteLog, clock: SharedClock) -> Self {
        let log = Arc::new(log);
        let ids = Box::<SystemIds>::default();
        let mut engine = Self::with(Arc::clone(&log) as _, Box::new(clock), ids);
        engine.log = Some(log);
        engine
    }

    /// Returns the engine's clock, for a log beside this one.
    pub(crate) fn clock_of(&self) -> SharedClock {
        SharedClock(Arc::clone(&self.clock))
    }

    /// Returns the present instant, by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the view of everything that is known now, up to today (by UTC).
    ///
    /// What was recorded is known, also where the clock has since been set back: the view knows up
    /// to the later of now and the last recorded instant.
    pub fn today(&self) -> View {
        View::new(self.now().date(), self.known_now())
    }

    /// Returns the later of now and the last recorded instant.
    pub(crate) fn known_now(&self) -> Timestamp {
        let recorded_at = self.last_recorded_at().ok().flatten();
        recorded_at.map_or(self.now(), |recorded_at| recorded_at.max(self.now()))
    }

    /// Returns the instant at which an append is recorded that says this now, if nobody else
    /// appends before it.
    pub(crate) fn recorded_next(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let after = |last: Timestamp| Timestamp::from_micros(last.micros().saturating_add(1));
        Ok(self.last_recorded_at()?.map_or(now, |last| after(last).max(now)))
    }

    fn last_recorded_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let Some(last) = self.store.last_position()? else { return Ok(None) };
        let rows = self.store.rows_after(Position::new(last.get() - 1), 1)?;
        Ok(rows.first().map(|row| row.recorded_at))
    }

    pub(crate) fn new_id(&self) -> EventId {
        self.ids.next(self.now())
    }

    /// Returns a reader of the log. Whoever holds it cannot write.
    pub fn reader(&self) -> &dyn EventReader {
        &*self.store
    }

    /// Returns the log, for whoever goes on reading it.
    pub(crate) fn shared_reader(&self) -> Arc<dyn EventReader> {
        Arc::clone(&self.store) as _
    }

    /// Returns the folder of the store; none in memory.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let log = self.log.as_ref()?;
        Some(log.path().parent().unwrap_or(Path::new(".")).to_owned())
    }

    /// Returns what the log has adopted, in log order.
    pub fn adoptions(&self) -> Result<Arc<Adoptions>, EngineError> {
        self.adopted.read(self.reader())
    }

    /// Returns the lens of a view: with it, replays and models are read.
    pub fn lens(&self, view: View) -> Result<Lens, EngineError> {
        Ok(Lens::new(view, self.adoptions()?))
    }

    /// Returns the replay of this log through a lens.
    pub fn replay<'a>(&'a self, lens: &'a Lens) -> Replay<'a> {
        Replay::new(self.reader(), lens)
    }

    /// Replays one participant in a view and returns what `look` makes of the journey.
    pub fn journey<T>(
        &self,
        participant: ParticipantId,
        view: View,
        look: impl FnOnce(&Replayed<'_>) -> T,
    ) -> Result<T, EngineError> {
        let lens = self.lens(view)?;
        Ok(self.replay(&lens).one(participant, look)?)
    }

    /// Adds up a read model in a view, and says who could not be read.
    pub fn sum<P: Projection>(
        &self,
        projection: &P,
        view: View,
    ) -> Result<Sum<P::Key>, EngineError> {
        let lens = self.lens(view)?;
        Ok(self.replay(&lens).sum(projection)?)
    }

    /// Returns what the log holds. It reads all of it once, for the digest.
    pub fn status(&self) -> Result<Status, EngineError> {
        let (facts, digest) = facts_digest(self.reader())?;
        let adoptions = self.adoptions()?;
        let path = self.log.as_ref().map(|log| log.path().to_owned());
        let bytes = path.as_ref().map_or(0, |path| {
            let with_log = path.with_extension("db-wal");
            [path, &with_log]
                .into_iter()
                .filter_map(|file| fs::metadata(file).ok())
                .map(|of| of.len())
                .sum()
        });
        Ok(Status {
            origin: self.store.origin().to_owned(),
            path,
            last_position: self.store.last_position()?,
            participants: self.store.participants()?.len() as u64,
            facts,
            facts_digest: digest,
            in_force: adoptions.digests(&self.today()).into_iter().collect(),
            bytes,
        })
    }
}
