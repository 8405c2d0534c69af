//! The baseline's totals: taken from kept models, summed once, or left out. The changes of figures
//! are the same either way.

use std::collections::BTreeSet;

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
    /// There are none: only changes were asked for, or no figure changed.
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
        let changed: Vec<usize> = {
            let models = would_be.difference.models.iter().enumerate();
            models.filter(|(_, model)| !model.change.is_empty()).map(|(at, _)| at).collect()
        };
        if changed.is_empty() {
            return Ok(());
        }
        let (totals, before) = match &self.asked_totals {
            Asked::Nothing => return Ok(()),
            // who is parked on either side is on neither, and kept totals may have them
            Asked::Kept(kept) if would_be.difference.parked.is_empty() => {
                (Totals::Kept, changed.iter().map(|at| kept.get(*at).cloned()).collect())
            }
            Asked::Kept(_) | Asked::Summed => {
                let models: Vec<&dyn Model> = changed.iter().map(|at| self.models[*at]).collect();
                let summed = self.summed(&models, would_be)?.into_iter();
                (Totals::Summed, summed.map(Some).collect::<Vec<_>>())
            }
        };
        would_be.totals = totals;
        for (at, before) in changed.into_iter().zip(before) {
            would_be.difference.models[at].before = before;
        }
        Ok(())
    }

    /// Adds up models over everybody, in one pass.
    fn summed(
        &self,
        models: &[&dyn Model],
        would_be: &mut WouldBe,
    ) -> Result<Vec<Contributions<Cell>>, StoreError> {
        let beside: BTreeSet<ParticipantId> =
            would_be.difference.parked.iter().map(|parked| parked.participant).collect();
        let mut participants = self.reader.participants()?;
        participants.retain(|participant| !beside.contains(participant));
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut sum = Sum::of(models.len());
            for participant in batch {
                self.add(*participant, models, &mut sum)?;
            }
            Ok(sum)
        });
        let nothing = || Ok(Sum::of(models.len()));
        let sum = batches.reduce(nothing, |one, other| Ok::<_, StoreError>(one?.and(other?)))?;
        would_be.folded_for_totals = sum.folded;
        let parked = &mut would_be.difference.parked;
        parked.extend(sum.parked);
        parked.sort();
        parked.dedup();
        Ok(sum.cells)
    }

    fn add(
        &self,
        participant: ParticipantId,
        models: &[&dyn Model],
        sum: &mut Sum,
    ) -> Result<(), StoreError> {
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
            models.iter().map(of).collect::<Result<Vec<_>, Parked>>()
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
