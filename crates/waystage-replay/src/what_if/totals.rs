//! The baseline's totals: taken from kept models, summed once, or left out. The changes of figures
//! are the same either way.

use rayon::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::ParticipantId;
use waystage_core::table::{Cell, Model};
use waystage_store::StoreError;
use waystage_store::models::Parked;

use super::{WhatIf, WouldBe};
use crate::reading::{contributed, parked, read_there, replayed};

const BATCH: usize = 256;

/// Where the totals of a what-if are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Totals {
    /// From models that are kept at exactly the view.
    Kept,
    /// The baseline was added up once, over everybody.
    Summed,
    /// There are none: only changes were asked for.
    LeftOut,
}

impl Totals {
    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Summed => "summed",
            Self::LeftOut => "left_out",
        }
    }
}

/// Which totals were asked for.
pub(super) enum Asked {
    Nothing,
    Summed,
    Kept(Vec<Contributions<Cell>>),
}

impl WhatIf<'_> {
    pub(super) fn fill_totals(&self, would_be: &mut WouldBe) -> Result<(), StoreError> {
        let (totals, before) = match &self.asked_totals {
            Asked::Nothing => return Ok(()),
            Asked::Kept(kept) => (Totals::Kept, kept.clone()),
            Asked::Summed => (Totals::Summed, self.summed(would_be)?),
        };
        would_be.totals = totals;
        for (model, before) in would_be.difference.models.iter_mut().zip(before) {
            model.before = Some(before);
        }
        Ok(())
    }

    /// Adds up every model over everybody, in one pass.
    fn summed(&self, would_be: &mut WouldBe) -> Result<Vec<Contributions<Cell>>, StoreError> {
        let participants = self.reader.participants()?;
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut sum = Sum::of(self.models.len());
            for participant in batch {
                self.add(*participant, &mut sum)?;
            }
            Ok(sum)
        });
        let nothing = || Ok(Sum::of(self.models.len()));
        let sum = batches.reduce(nothing, |one, other| Ok::<_, StoreError>(one?.and(other?)))?;
        would_be.folded_for_totals = sum.folded;
        let parked = &mut would_be.difference.parked;
        parked.extend(sum.parked);
        parked.sort();
        parked.dedup();
        Ok(sum.cells)
    }

    fn add(&self, participant: ParticipantId, sum: &mut Sum) -> Result<(), StoreError> {
        let stream = match read_there(self.reader, participant, &self.plain) {
            Ok(None) => return Ok(()),
            Ok(Some(stream)) => stream,
            Err(error) => {
                sum.parked.push(parked(participant, error)?);
                return Ok(());
            }
        };
        sum.folded += stream.events.len() as u64;
        let is_known = self.plain.knows_of(participant, &stream.events);
        let parts = replayed(participant, &stream.events, &self.plain).and_then(|replayed| {
            let of = |model: &&dyn Model| contributed(*model, &replayed, is_known);
            self.models.iter().map(of).collect::<Result<Vec<_>, Parked>>()
        });
        match parts {
            Ok(parts) => add_to(&mut sum.cells, parts),
            Err(parked) => sum.parked.push(parked),
        }
        Ok(())
    }
}

/// A baseline on its way.
struct Sum {
    cells: Vec<Contributions<Cell>>,
    parked: Vec<Parked>,
    folded: u64,
}

impl Sum {
    fn of(models: usize) -> Self {
        let cells = (0..models).map(|_| Contributions::none()).collect();
        Self { cells, parked: Vec::new(), folded: 0 }
    }

    fn and(mut self, other: Self) -> Self {
        add_to(&mut self.cells, other.cells);
        self.parked.extend(other.parked);
        self.folded += other.folded;
        self
    }
}

fn add_to(to: &mut [Contributions<Cell>], parts: Vec<Contributions<Cell>>) {
    for (sum, part) in to.iter_mut().zip(parts) {
        sum.take_in(part);
    }
}
