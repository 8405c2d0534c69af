//! What stands in for the real parts: models that behave otherwise from some moment on, clocks and
//! ids that a test decides, and what is done to files and events behind the engine's back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use chrono::NaiveDate;
use waystage::core::contribution::{Contributions, Projection};
use waystage::core::id::{EventId, JobId, Named, ParticipantId, ParticipationId, Position};
use waystage::core::journey::code::GssCode;
use waystage::core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage::core::journey::entry::{Entry, Referred};
use waystage::core::replayed::Replayed;
use waystage::core::table::{Cell, Model, Table, Tabular, measure, text};
use waystage::core::time::Timestamp;
use waystage::replay::models::ModelSet;
use waystage::store::models::{Change, ModelError, ModelStore, Row, Shape, Slot, Snapshot, Stand};
use waystage::store::{Digest, EventReader, Key, StoreError, StoredEvent, sha256};
use waystage::{Clock, Engine, IdSource, ModelsAt, NewFact};
use waystage_caseload::Caseload;
use waystage_cohorts::{Dimension, Funnel};

use crate::given::day;

/// Counts participants, and from some moment on fails on one of them: as the next build of a
/// program may, without its author having noticed.
pub(crate) struct FailsLater {
    pub(crate) on: ParticipantId,
    pub(crate) fails: Arc<AtomicBool>,
    pub(crate) version: u32,
}

impl FailsLater {
    /// Returns a model that never fails, of this version.
    pub(crate) fn versioned(version: u32) -> Self {
        Self { on: ParticipantId::LOG, fails: Arc::default(), version }
    }
}

impl Projection for FailsLater {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "counted"
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<&'static str> {
        let fails = self.fails.load(Ordering::Relaxed) && replayed.journey.participant == self.on;
        assert!(!fails, "the planted failure");
        Contributions::of([("participants", 1)])
    }
}

impl Tabular for FailsLater {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("counted", "Participants that could be read.")
                .column(text("what", "Always the same."))
                .measure(measure("participants", "Participants.")),
        ]
    }

    fn cell(&self, key: &'static str) -> Cell {
        Cell::of(0, vec![key.into()], 0)
    }
}

/// Returns a model that never fails, under the name of the one that does.
pub(crate) fn counted() -> FailsLater {
    FailsLater::versioned(1)
}

/// Returns all amounts of a table.
pub(crate) fn amounts(engine: &Engine, table: &str) -> Vec<i64> {
    let rows: Vec<Row> = engine.models().unwrap().read(|at| at.rows(table)).unwrap();
    rows.into_iter().flat_map(|row| row.amounts).collect()
}

/// A fact about somebody: one job more.
pub(crate) fn a_job(engine: &Engine, number: u8) -> Vec<NewFact> {
    let job = Named::new(JobId::from_bytes([number; 16]), "one more");
    let started = JobStarted::employed(job, WeeklyMinutes::from_hours(20));
    vec![engine.fact(day("2020-02-03"), "user:1", Employment::JobStarted(started))]
}

/// The participant with most events, and the third of them.
pub(crate) fn somebody(engine: &Engine) -> (ParticipantId, Position) {
    let people = engine.reader().participants().unwrap();
    let rows = people.iter().map(|person| engine.reader().rows_of(*person).unwrap());
    let rows = rows.max_by_key(Vec::len).unwrap();
    (rows[0].participant, rows[2].position)
}

/// Numbers that look random and are the same on each run.
pub(crate) fn chance(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A store of models that lets a test act before each change, and fail it.
pub(crate) struct Watched<'a> {
    pub(crate) store: &'a dyn ModelStore,
    pub(crate) before: &'a (dyn Fn(Slot, &Change) -> Result<(), ModelError> + Sync),
}

impl ModelStore for Watched<'_> {
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError> {
        self.store.stand(slot)
    }

    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError> {
        self.store.fingerprints(slot)
    }

    fn begin(&self, shapes: &[Shape], stand: &Stand) -> Result<(), ModelError> {
        self.store.begin(shapes, stand)
    }

    fn apply(&self, slot: Slot, change: &Change) -> Result<(), ModelError> {
        (self.before)(slot, change)?;
        self.store.apply(slot, change)
    }

    fn switch(&self) -> Result<(), ModelError> {
        self.store.switch()
    }

    fn reinstate(&self) -> Result<(), ModelError> {
        self.store.reinstate()
    }

    fn abandon(&self) -> Result<(), ModelError> {
        self.store.abandon()
    }

    fn due(&self, slot: Slot, by: NaiveDate) -> Result<Vec<(ParticipantId, String)>, ModelError> {
        self.store.due(slot, by)
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, ModelError> {
        self.store.snapshot()
    }
}

/// A reader of a log that fails at one participant.
pub(crate) struct FailsAt<'a> {
    pub(crate) reader: &'a dyn EventReader,
    pub(crate) participant: ParticipantId,
}

impl EventReader for FailsAt<'_> {
    fn origin(&self) -> &str {
        self.reader.origin()
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        self.reader.last_position()
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        self.reader.participants()
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        if participant == self.participant {
            return Err(StoreError::Busy);
        }
        self.reader.rows_of(participant)
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.reader.rows_after(position, count_max)
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        self.reader.find(key)
    }
}

/// A clock that stands where a test puts it.
#[derive(Clone)]
pub(crate) struct SetClock(pub(crate) Arc<AtomicI64>);

impl SetClock {
    pub(crate) fn at(instant: &str) -> Self {
        let instant: Timestamp = instant.parse().unwrap();
        Self(Arc::new(AtomicI64::new(instant.micros())))
    }

    /// Moves by days, and by a second so that no two looks are at one instant.
    pub(crate) fn step(&self, days: i64) {
        self.0.fetch_add(days * 86_400_000_000 + 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Ids that are the same in each run.
#[derive(Default)]
pub(crate) struct Numbered(AtomicU64);

impl IdSource for Numbered {
    fn next(&self, now: Timestamp) -> EventId {
        let mut bytes = [0; 16];
        let milliseconds = u64::try_from(now.micros() / 1000).unwrap();
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
        bytes[8..].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        EventId::from_bytes(bytes)
    }
}

/// Models known by their names alone: for tests in which no definition changes.
pub(crate) fn by_name(models: Vec<Arc<dyn Model>>) -> ModelSet {
    ModelSet::new(models, |model| sha256(model.name().as_bytes()))
}

/// Two models of different kinds, and one that counts everybody.
pub(crate) fn three_models() -> Vec<Arc<dyn Model>> {
    let by = vec![Dimension::Programme, Dimension::Month];
    vec![Arc::new(Caseload), Arc::new(Funnel { by }), Arc::new(counted())]
}

/// A referral of somebody new.
pub(crate) fn a_referral(engine: &Engine, number: u8) -> (ParticipantId, Vec<NewFact>) {
    let bytes = [number; 16];
    let participation = Named::new(ParticipationId::from_bytes(bytes), "R-1");
    let area = GssCode::parse("E08000002").unwrap();
    let on = day("2020-05-18");
    let referral = Referred::to("working-well-pilot", participation, on, area);
    let facts = vec![engine.fact(on, "user:7", Entry::Referred(referral))];
    (ParticipantId::from_bytes(bytes), facts)
}

/// Returns the digest of each model that an engine keeps.
pub(crate) fn digests(engine: &Engine) -> Vec<(String, Digest)> {
    let models = engine.models().unwrap();
    let names: Vec<String> =
        models.status().unwrap().models.into_iter().map(|model| model.name).collect();
    let digest = |at: &ModelsAt<'_>| {
        names.into_iter().map(|name| Ok((name.clone(), at.digest(&name)?))).collect()
    };
    models.read(digest).unwrap()
}
