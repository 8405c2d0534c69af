//! Read models in memory: the contract's shortest form, and a store for tests. Nothing survives it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use waystage_core::id::ParticipantId;
use waystage_core::table::{Table, Value};
use waystage_evidence::Digest;

use super::fit::check_shapes;
use super::generations::{Generation, Generations};
use super::layout::{Layout, row_changes};
use super::{
    Change, ModelChange, ModelError, ModelStore, Parked, Row, Shape, Slot, Snapshot, Stand,
};

/// Read models in memory.
#[derive(Debug, Default)]
pub struct MemoryModels {
    kept: Mutex<Arc<Kept>>,
}

/// All that is kept. A snapshot is one more hold of it; a change makes another.
type Kept = Generations<Arc<Contents>>;

/// What is kept of a model.
#[derive(Debug, Clone)]
struct Contents {
    layouts: Vec<Layout>,
    rows: Vec<BTreeMap<Vec<Value>, Vec<i64>>>,
    due: BTreeMap<ParticipantId, NaiveDate>,
    parked: BTreeMap<ParticipantId, Parked>,
}

impl MemoryModels {
    /// Returns a store that keeps nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Arc<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is kept, as a whole or not at all.
    fn change(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let mut held = self.kept();
        let mut kept = Kept::clone(&held);
        change(&mut kept)?;
        *held = Arc::new(kept);
        Ok(())
    }
}

impl Contents {
    fn of(shape: &Shape) -> Self {
        Self {
            layouts: shape.tables.iter().map(Layout::of).collect(),
            rows: vec![BTreeMap::new(); shape.tables.len()],
            due: BTreeMap::new(),
            parked: BTreeMap::new(),
        }
    }

    fn take(&mut self, change: &ModelChange) -> Result<(), ModelError> {
        for added in row_changes(&change.model, &self.layouts, &change.cells) {
            let added = added?;
            let Some(rows) = self.rows.get_mut(added.table) else { continue };
            let amounts = match rows.get(added.row) {
                Some(held) => added.onto(held)?,
                None => added.amounts,
            };
            if amounts.iter().all(|amount| *amount == 0) {
                rows.remove(added.row);
            } else {
                rows.insert(added.row.to_vec(), amounts);
            }
        }
        for (participant, day) in &change.due {
            match day {
                Some(day) => self.due.insert(*participant, *day),
                None => self.due.remove(participant),
            };
        }
        for (participant, parked) in &change.parked {
            match parked {
                Some(parked) => {
                    let parked = Parked { participant: *participant, ..parked.clone() };
                    self.parked.insert(*participant, parked)
                }
                None => self.parked.remove(participant),
            };
        }
        Ok(())
    }
}

impl ModelStore for MemoryModels {
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError> {
        Ok(self.kept().stand(slot))
    }

    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError> {
        Ok(self.kept().fingerprints(slot))
    }

    fn begin(&self, shapes: &[Shape], stand: &Stand) -> Result<(), ModelError> {
        self.change(|kept| {
            let live = kept.0.get(&Slot::Live).into_iter().flat_map(|live| &live.models);
            let tables = live.flat_map(|(name, model)| {
                model.kept.layouts.iter().map(move |layout| (name.as_str(), layout.name.as_str()))
            });
            check_shapes(shapes, tables)?;
            let models = shapes.iter().map(|shape| {
                (shape.name.clone(), shape.fingerprint, Arc::new(Contents::of(shape)))
            });
            kept.begin(stand, models);
            Ok(())
        })
    }

    fn apply(&self, slot: Slot, change: &Change) -> Result<(), ModelError> {
        self.change(|kept| {
            kept.advance(slot, change)?;
            let Some(generation) = kept.0.get_mut(&slot) else { return Ok(()) };
            for change in &change.models {
                if let Some(model) = generation.models.get_mut(&change.model) {
                    Arc::make_mut(&mut model.kept).take(change)?;
                }
            }
            Ok(())
        })
    }

    fn switch(&self) -> Result<(), ModelError> {
        self.change(Generations::switch)
    }

    fn reinstate(&self) -> Result<(), ModelError> {
        self.change(Generations::reinstate)
    }

    fn abandon(&self) -> Result<(), ModelError> {
        self.change(|kept| {
            kept.abandon();
            Ok(())
        })
    }

    fn due(&self, slot: Slot, by: NaiveDate) -> Result<Vec<(ParticipantId, String)>, ModelError> {
        let kept = self.kept();
        let models = kept.0.get(&slot).into_iter().flat_map(Generation::answering);
        let mut due: Vec<_> = models
            .flat_map(|(name, model)| {
                let due = model.kept.due.iter().filter(|(_, day)| **day <= by);
                due.map(|(participant, _)| (*participant, name.clone()))
            })
            .collect();
        due.sort();
        Ok(due)
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, ModelError> {
        Ok(Box::new(MemorySnapshot(Arc::clone(&self.kept()))))
    }
}

/// A hold of what was kept at one moment.
struct MemorySnapshot(Arc<Kept>);

impl Snapshot for MemorySnapshot {
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError> {
        Ok(self.0.stand(slot))
    }

    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError> {
        Ok(self.0.fingerprints(slot))
    }

    fn rows(&self, slot: Slot, table: &Table) -> Result<Vec<Row>, ModelError> {
        let asked = Layout::of(table);
        for (name, model) in self.0.0.get(&slot).into_iter().flat_map(|each| &each.models) {
            for (layout, rows) in model.kept.layouts.iter().zip(&model.kept.rows) {
                if layout.name != asked.name {
                    continue;
                }
                if *layout != asked {
                    return Err(ModelError::Stale { model: name.clone() });
                }
                let row = |(row, amounts): (&Vec<Value>, &Vec<i64>)| Row {
                    row: row.clone(),
                    amounts: amounts.clone(),
                };
                return Ok(rows.iter().map(row).collect());
            }
        }
        Err(ModelError::NotKept { model: asked.name })
    }

    fn parked(&self, slot: Slot, model: &str) -> Result<Vec<Parked>, ModelError> {
        let model = self.0.model(slot, model)?;
        Ok(model.kept.parked.values().cloned().collect())
    }
}
