//! Kept models compared with the log: everybody is replayed at the place where the models stand and
//! added up by a plain loop. Nothing of what is kept goes into it but that place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use waystage::{AsOf, Engine, EngineError, ReadModels};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipantId;
use waystage_core::programme::Adoptions;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::{Cell, Model, Table, Tabular, measure, text};
use waystage_replay::models::{ModelSet, view_of};
use waystage_replay::{Replay, cells_digest};
use waystage_store::models::{Built, ModelStore, Slot, Stand};
use waystage_store::{Digest, EventReader};

use crate::models::every_model;

/// On about how many days it is looked who is due.
const DUE_DAYS: usize = 6;

/// Counts whoever is replayed, and reads nothing of them: it sees those too whom others skip.
struct Heads;

impl Projection for Heads {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "heads"
    }

    fn contribute(&self, _: &Replayed<'_>) -> Contributions<&'static str> {
        Contributions::of([("everybody", 1)])
    }
}

impl Tabular for Heads {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new("heads", "Participants of whom anything is recorded.")
            .column(text("who", "Always the same."))
            .measure(measure("participants", "Participants."));
        vec![table]
    }

    fn cell(&self, key: &'static str) -> Cell {
        Cell::of(0, vec![key.into()], 0)
    }
}

/// Returns every model that is kept here: those of the repository, and one that counts heads.
pub fn models() -> Vec<Arc<dyn Model>> {
    let mut models: Vec<Arc<dyn Model>> = every_model().into_iter().map(Into::into).collect();
    models.push(Arc::new(Heads));
    models
}

/// Returns every model, to be kept as of a day.
pub fn every(day: NaiveDate) -> ReadModels {
    ReadModels::new().with_all(models()).as_of(AsOf::On(day))
}

/// Returns the set of every model.
pub fn set() -> ModelSet {
    let corpus = waystage::corpus::golden().unwrap();
    ModelSet::of(models(), &corpus)
}

/// What one model comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sum {
    /// Its amounts.
    pub cells: Contributions<Cell>,
    /// For whom it may be another on which later day.
    pub due: BTreeMap<ParticipantId, NaiveDate>,
}

/// Adds up every model from the log at a stand; of a build that is under way, as far as it came.
pub fn sums(reader: &dyn EventReader, adoptions: Arc<Adoptions>, stand: &Stand) -> Vec<Sum> {
    let models = models();
    let mut sums = vec![Sum::default(); models.len()];
    let Some(view) = view_of(stand) else { return sums };
    // of whom nothing was recorded by then, nothing is counted
    let counts = |replayed: &Replayed<'_>| match stand.built {
        _ if replayed.stream().is_empty() => false,
        Built::Whole => true,
        Built::Through(last) => Some(replayed.journey.participant) <= last,
    };
    let lens = Lens::new(view, adoptions);
    let each = Replay::new(reader, &lens).each(|replayed| {
        let participant = replayed.journey.participant;
        let of = |model: &Arc<dyn Model>| (model.contribute(replayed), model.due(replayed));
        let parts: Vec<_> =
            if counts(replayed) { models.iter().map(of).collect() } else { Vec::new() };
        (participant, parts)
    });
    let each = each.unwrap();
    assert!(each.parked.is_empty(), "everything here can be read");
    for (participant, parts) in each {
        for (sum, (cells, due)) in sums.iter_mut().zip(parts) {
            for (cell, amount) in cells {
                sum.cells.count(cell, amount);
            }
            sum.due.extend(due.map(|day| (participant, day)));
        }
    }
    sums
}

/// What a comparison came to.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Where the models stood.
    pub stand: Stand,
    /// How many models were compared.
    pub models: u64,
    /// How many amounts they have.
    pub cells: u64,
    /// What differs.
    pub differences: Vec<String>,
}

impl Compared {
    /// Asserts that nothing differs.
    pub fn assert_clean(&self, when: &str) {
        assert!(self.differences.is_empty(), "{when}, at {}: {:#?}", self.stand, self.differences);
    }
}

/// Returns where the models stand and the digest of each, all of one moment.
pub fn digests(engine: &Engine) -> Result<(Stand, Vec<Digest>), EngineError> {
    engine.models()?.read(|at| {
        let each: Result<Vec<Digest>, EngineError> =
            models().iter().map(|model| at.digest(model.name())).collect();
        for model in models() {
            assert!(at.parked(model.name())?.is_empty(), "everything here can be read");
        }
        Ok((at.stand().clone(), each?))
    })
}

/// Takes a snapshot of the models that an engine keeps and compares it with the log at its stand.
pub fn compare(engine: &Engine) -> Compared {
    let (stand, digests) = digests(engine).unwrap();
    let sums = sums(engine.reader(), engine.adoptions().unwrap(), &stand);
    let mut differences = Vec::new();
    for ((model, digest), sum) in models().iter().zip(&digests).zip(&sums) {
        if cells_digest(&model.tables(), &sum.cells) != *digest {
            differences.push(format!("{}: another digest", model.name()));
        }
    }
    Compared {
        stand,
        models: digests.len() as u64,
        cells: sums.iter().map(|sum| sum.cells.len() as u64).sum(),
        differences,
    }
}

/// Compares a generation as its file holds it with the log of an engine, without changing it; none
/// where there is no such generation.
pub fn compare_kept(store: &dyn ModelStore, slot: Slot, engine: &Engine) -> Option<Compared> {
    let snapshot = store.snapshot().unwrap();
    let stand = snapshot.stand(slot).unwrap()?;
    let kept = snapshot.fingerprints(slot).unwrap();
    let sums = sums(engine.reader(), engine.adoptions().unwrap(), &stand);
    let mut differences = anchor(engine.reader(), &stand);
    for (model, sum) in models().iter().zip(&sums) {
        if !kept.iter().any(|(name, _)| name == model.name()) {
            differences.push(format!("{}: not of the generation", model.name()));
            continue;
        }
        let held = snapshot.cells(slot, &model.tables()).unwrap();
        let differ = sum.cells.difference(&held);
        let name = model.name();
        differences.extend(differ.iter().map(|(cell, by)| format!("{name}: {cell:?} by {by}")));
    }
    differences.extend(due_too_late(store, slot, &sums));
    if !store.due(slot, stand.as_of).unwrap().is_empty() {
        differences.push(format!("somebody was due by {} and was not read again", stand.as_of));
    }
    Some(Compared {
        models: kept.len() as u64,
        cells: sums.iter().map(|sum| sum.cells.len() as u64).sum(),
        differences,
        stand,
    })
}

/// Says who is kept as due later than the log has it, looked at on some of the days.
fn due_too_late(store: &dyn ModelStore, slot: Slot, sums: &[Sum]) -> Vec<String> {
    let days: BTreeSet<NaiveDate> = sums.iter().flat_map(|sum| sum.due.values().copied()).collect();
    let apart = (days.len() / DUE_DAYS).max(1);
    let mut late = Vec::new();
    for day in days.iter().rev().step_by(apart) {
        let held: BTreeSet<(ParticipantId, String)> =
            store.due(slot, *day).unwrap().into_iter().collect();
        for (model, sum) in models().iter().zip(sums) {
            let due = sum.due.iter().filter(|(_, due)| *due <= day).map(|(who, _)| *who);
            let missing = due.filter(|who| !held.contains(&(*who, model.name().to_owned())));
            late.extend(missing.map(|who| format!("{}: {who} is due by {day}", model.name())));
        }
    }
    late
}

/// Says where the last event of a stand is not the log's.
fn anchor(reader: &dyn EventReader, stand: &Stand) -> Vec<String> {
    let Some(anchor) = stand.anchor else { return Vec::new() };
    let before = waystage_core::id::Position::new(anchor.position.get() - 1);
    let rows = reader.rows_after(before, 1).unwrap();
    match rows.first() {
        Some(row) if (row.position, row.leaf) == (anchor.position, anchor.leaf) => Vec::new(),
        other => vec![format!("the stand's last event is {anchor:?}, the log's {other:?}")],
    }
}
