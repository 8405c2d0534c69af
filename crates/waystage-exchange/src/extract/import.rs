//! Recording a judged extract, one atomic unit after another. A unit holds whole participants, so
//! an import that was cut off leaves whole participants behind, and running it again ends in the
//! same store.

use waystage_core::id::ParticipantId;
use waystage_core::time::Timestamp;
use waystage_store::{Append, EventStore, StoreError, ToStream, read_stream};

use super::judge::Intake;

/// How an import records.
pub struct Import<'a> {
    /// Participants in one atomic unit.
    pub batch: usize,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Told after each unit: events recorded so far, and events in all.
    pub watch: &'a dyn Fn(u64, u64),
}

/// What an import recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Events that were not recorded before.
    pub recorded: u64,
    /// Atomic units.
    pub units: u64,
}

/// Why an import stopped. What was recorded before stays; running it again goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The store failed.
    #[error("the import stopped after {recorded} events ({source}): run it again to go on")]
    Store {
        /// Events recorded before.
        recorded: u64,
        /// What failed.
        #[source]
        source: StoreError,
    },
}

/// Records a judged extract.
pub fn import(
    store: &dyn EventStore,
    intake: Intake,
    how: &Import<'_>,
) -> Result<Imported, ImportError> {
    let all: u64 = intake.accepted.values().map(|events| events.len() as u64).sum();
    let mut imported = Imported::default();
    let mut participants = intake.accepted.into_iter().peekable();
    while participants.peek().is_some() {
        let unit: Vec<_> = participants.by_ref().take(how.batch.max(1)).collect();
        let recorded = record(store, unit, (how.now)())
            .map_err(|source| ImportError::Store { recorded: imported.recorded, source })?;
        imported.recorded += recorded;
        imported.units += 1;
        (how.watch)(imported.recorded, all);
    }
    Ok(imported)
}

fn record(
    store: &dyn EventStore,
    unit: Vec<(ParticipantId, Vec<waystage_store::NewEvent>)>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut streams = Vec::with_capacity(unit.len());
    for (participant, events) in unit {
        let head = read_stream(store, participant)?.head();
        streams.push(ToStream { head, events });
    }
    let receipts = store.append(Append { now, streams })?;
    Ok(receipts.iter().filter(|receipt| !receipt.duplicate).count() as u64)
}
