//! Every model over generated worlds, kept for real: recorded in parts, the day moved on in
//! between, in every pairing of a log and a store of models. Whatever way it came there, what is
//! kept is what the log gives; and stores and models with a planted fault are found out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/models.rs"]
mod models;

use std::sync::Arc;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waystage_core::calendar::days_after;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::{Cell, Model, Table, Tabular, measure, text};
use waystage_core::view::Basis;
use waystage_replay::cells_digest;
use waystage_replay::models::{Building, Goal, ModelSet, Upkeep, view_of};
use waystage_sqlite::{SqliteLog, SqliteModels};
use waystage_store::models::{
    Change, MemoryModels, ModelError, ModelStore, Shape, Slot, Snapshot, Stand,
};
use waystage_store::{Digest, EventStore, MemoryStore, read_stream, sha256};
use waystage_testkit::laws::record;
use waystage_testkit::world::{World, worlds};

/// Parts of a world with how many days pass before each: where the models are brought along.
type Parts = Vec<(usize, u16)>;

fn with_parts() -> impl Strategy<Value = (World, Parts)> {
    (worlds(), proptest::collection::vec((1_usize..12, 0_u16..200), 1..6))
}

fn set(models: Vec<Arc<dyn Model>>) -> ModelSet {
    ModelSet::new(models, |model| sha256(model.name().as_bytes()))
}

fn every() -> Vec<Arc<dyn Model>> {
    models::every_model().into_iter().map(Arc::from).collect()
}

/// Keeps models while a world is recorded in parts, and returns where they stand in the end.
fn keep(
    world: &World,
    parts: &Parts,
    log: &dyn EventStore,
    store: &dyn ModelStore,
    set: &ModelSet,
) -> Result<Stand, ModelError> {
    let adoptions: Arc<_> = world.adoptions.clone().into();
    let upkeep = || Upkeep::new(log, store, set, Arc::clone(&adoptions));
    let mut as_of = NaiveDate::from_ymd_opt(2019, 2, 1).unwrap();
    let nothing = Goal { through: None, as_of };
    let basis = if parts.len().is_multiple_of(2) { Basis::Recorded } else { Basis::Reported };
    upkeep().build(&[], Building::to(nothing, basis))?;
    upkeep().switch(nothing)?;
    let mut left = &world.events[..];
    let last = [(usize::MAX, 60)];
    for (count, days) in parts.iter().chain(&last) {
        let (now, later) = left.split_at((*count).min(left.len()));
        left = later;
        record(log, now).unwrap();
        as_of = days_after(as_of, u32::from(*days));
        upkeep().refresh(Slot::Live, Goal { through: log.last_position().unwrap(), as_of })?;
    }
    Ok(store.stand(Slot::Live)?.unwrap())
}

/// What a model gives at a stand, added up from the log by nothing but contributions.
fn fresh(world: &World, log: &dyn EventStore, stand: &Stand, model: &dyn Model) -> Digest {
    let mut sum = Contributions::none();
    if let Some(view) = view_of(stand) {
        let lens = Lens::new(view, world.adoptions.clone().into());
        for participant in log.participants().unwrap() {
            let stream = read_stream(log, participant).unwrap().events;
            sum.add(&model.contribute(&Replayed::of(participant, &stream, &lens)));
        }
    }
    cells_digest(&model.tables(), &sum)
}

fn same(
    world: &World,
    parts: &Parts,
    log: &dyn EventStore,
    store: &dyn ModelStore,
    models: Vec<Arc<dyn Model>>,
) -> Result<Vec<Digest>, TestCaseError> {
    let set = set(models);
    let stand = keep(world, parts, log, store, &set)
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    let snapshot = store.snapshot().unwrap();
    let mut digests = Vec::new();
    for kept in set.models() {
        let tables = &kept.shape.tables;
        let held = cells_digest(tables, &snapshot.cells(Slot::Live, tables).unwrap());
        let given = fresh(world, log, &stand, &*kept.model);
        prop_assert_eq!(held, given, "{} at {}", kept.shape.name, stand);
        digests.push(held);
    }
    Ok(digests)
}

fn tried(
    cases: u32,
    law: impl Fn((World, Parts)) -> Result<(), TestCaseError>,
) -> Result<(), String> {
    let factor: u32 =
        std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1);
    let config = Config {
        cases: cases * factor,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &[23; 32]);
    let mut runner = TestRunner::new_with_rng(config, chance);
    runner.run(&with_parts(), law).map_err(|error| error.to_string())
}

#[test]
fn every_model_that_is_kept_holds_what_the_log_gives_in_every_pairing_of_stores() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    tried(24, |(world, parts)| {
        number.set(number.get() + 1);
        let path = |what: &str| folder.path().join(format!("{}-{what}.db", number.get()));
        let memory = MemoryStore::new("example.org/kept");
        let in_memory = same(&world, &parts, &memory, &MemoryModels::new(), every())?;
        let log = SqliteLog::create(&path("log"), "example.org/kept").unwrap();
        let models = SqliteModels::open(&path("views")).unwrap();
        let in_files = same(&world, &parts, &log, &models, every())?;
        prop_assert_eq!(in_memory, in_files, "memory and files hold the same");
        Ok(())
    })
    .unwrap();
}

/// A store that loses what one change in three takes away.
struct Loses(MemoryModels, std::sync::atomic::AtomicU64);

impl ModelStore for Loses {
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError> {
        self.0.stand(slot)
    }

    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError> {
        self.0.fingerprints(slot)
    }

    fn begin(&self, shapes: &[Shape], stand: &Stand) -> Result<(), ModelError> {
        self.0.begin(shapes, stand)
    }

    fn apply(&self, slot: Slot, change: &Change) -> Result<(), ModelError> {
        let mut change = change.clone();
        if self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 3 == 2 {
            for model in &mut change.models {
                let kept = model.cells.clone().into_iter().filter(|(_, amount)| 0 < *amount);
                model.cells = Contributions::of(kept);
            }
        }
        self.0.apply(slot, &change)
    }

    fn switch(&self) -> Result<(), ModelError> {
        self.0.switch()
    }

    fn reinstate(&self) -> Result<(), ModelError> {
        self.0.reinstate()
    }

    fn abandon(&self) -> Result<(), ModelError> {
        self.0.abandon()
    }

    fn due(
        &self,
        slot: Slot,
        by: NaiveDate,
    ) -> Result<Vec<(waystage_core::id::ParticipantId, String)>, ModelError> {
        self.0.due(slot, by)
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, ModelError> {
        self.0.snapshot()
    }
}

#[test]
fn a_store_that_loses_what_is_taken_away_is_found() {
    let broken = tried(60, |(world, parts)| {
        let log = MemoryStore::new("example.org/kept");
        let store = Loses(MemoryModels::new(), 0.into());
        same(&world, &parts, &log, &store, every()).map(|_| ())
    });
    assert!(broken.unwrap_err().contains(" at position "));
}

/// Days since the referral, and no word of it that they grow.
struct Forgets;

impl Projection for Forgets {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "forgets"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<&'static str> {
        let as_of = replayed.lens.view.as_of;
        let days = |on: NaiveDate| as_of.signed_duration_since(on).num_days();
        let participations = replayed.journey.participations.iter();
        Contributions::of(participations.map(|each| ("days", days(each.referred.on))))
    }
}

impl Tabular for Forgets {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("forgets", "Days since referrals.")
                .column(text("what", "Always the same."))
                .measure(measure("days", "Days since the referral.")),
        ]
    }

    fn cell(&self, key: &'static str) -> Cell {
        Cell::of(0, vec![key.into()], 0)
    }
}

#[test]
fn a_model_that_does_not_say_when_time_changes_it_is_found() {
    let broken = tried(60, |(world, parts)| {
        let log = MemoryStore::new("example.org/kept");
        same(&world, &parts, &log, &MemoryModels::new(), vec![Arc::new(Forgets)]).map(|_| ())
    });
    assert!(broken.unwrap_err().contains("forgets at position "));
}
