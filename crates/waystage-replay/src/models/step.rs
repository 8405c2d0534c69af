//! One participant's step from one stand to another: what they contributed is derived again and
//! taken away, what they contribute now is added. Nothing of it is kept in between; the log and the
//! stand say it all.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;
use rayon::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::ParticipantId;
use waystage_core::journey::Recorded;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::Cell;
use waystage_store::models::{ModelChange, ModelError, Parked};
use waystage_store::{EventReader, StoreError, StoredEvent, decode_where};

use super::set::KeptModel;
use super::tally::Tally;
use crate::reading::{parked, wanted_by};

/// How many participants one thread takes at a time, at least: fewer are not worth adding up apart.
const BATCH_MIN: usize = 32;
/// How many batches a thread takes: enough for an even load, and few to add up in the end.
const BATCHES_OF_A_THREAD: usize = 4;

/// A step of some models between two stands.
pub(crate) struct Step<'a> {
    pub(crate) reader: &'a dyn EventReader,
    /// The models of the set that take the step.
    pub(crate) models: &'a [&'a KeptModel],
    /// Who is parked where the step begins, by model.
    pub(crate) parked: Vec<BTreeSet<ParticipantId>>,
    /// How the stand is read that it begins at; none where nothing is held yet.
    pub(crate) before: Option<Lens>,
    /// How the stand is read that it leads to; none where the log is empty there too.
    pub(crate) after: Option<Lens>,
    /// Told how many participants and events each batch had.
    pub(crate) watch: &'a (dyn Fn(u64, u64) + Sync),
}

/// How a stand is read, and a participant's events that it holds.
type Held<'a> = (&'a Lens, Cow<'a, [Recorded]>);

/// What a step comes to.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// What changes, by model, in the order of the models; the cells stand apart.
    models: Vec<ModelChange>,
    cells: Vec<Tally>,
    pub(crate) participants: u64,
    /// Events read and decoded.
    pub(crate) events_read: u64,
    /// Events folded into journeys: twice where an old part is taken away.
    pub(crate) events_folded: u64,
}

/// One participant's new part of one model.
type New = Result<(Contributions<Cell>, Option<NaiveDate>), Parked>;

impl Step<'_> {
    /// Takes the step for participants, each in some of the models.
    pub(crate) fn take(
        &self,
        participants: &[(ParticipantId, Touched)],
    ) -> Result<Taken, ModelError> {
        let batches = rayon::current_num_threads() * BATCHES_OF_A_THREAD;
        let batch = participants.len().div_ceil(batches).max(BATCH_MIN);
        let batches = participants.par_chunks(batch).map(|batch| {
            let mut taken = self.nothing();
            for (participant, touched) in batch {
                self.take_one(*participant, touched, &mut taken)?;
            }
            (self.watch)(batch.len() as u64, taken.events_read);
            Ok(taken)
        });
        batches.try_reduce(|| self.nothing(), |one, other| Ok(one.and(other)))
    }

    /// Returns a step in which nobody is read.
    pub(crate) fn nothing(&self) -> Taken {
        let models = self
            .models
            .iter()
            .map(|kept| ModelChange { model: kept.shape.name.clone(), ..ModelChange::default() });
        let cells = self.models.iter().map(|_| Tally::default()).collect();
        Taken { models: models.collect(), cells, ..Taken::default() }
    }

    fn take_one(
        &self,
        participant: ParticipantId,
        touched: &Touched,
        taken: &mut Taken,
    ) -> Result<(), ModelError> {
        let rows = self.reader.rows_of(participant)?;
        taken.participants += 1;
        taken.events_read += rows.len() as u64;
        let which: Vec<usize> =
            (0..self.models.len()).filter(|index| touched.includes(*index)).collect();
        let lens = self.after.as_ref().filter(|lens| is_there(lens, participant, &rows));
        let after = match lens {
            None => Ok(Vec::new()),
            Some(lens) => match decode_where(&rows, &wanted_by(lens, participant)) {
                Ok(events) => Ok(events),
                Err(error) => Err(parked(participant, error)?),
            },
        };
        let held = self.held(participant, &which);
        let before = match held.first() {
            None => None,
            Some(first) => self.events_before(participant, &rows, after.as_ref().ok(), *first)?,
        };
        if let Some((lens, events)) = before {
            taken.events_folded += events.len() as u64;
            for (index, old) in self.old_parts(participant, lens, &events, &held)? {
                taken.cells[index].subtract(old);
            }
        }
        let new = match (lens, &after) {
            (_, Err(parked)) => which.iter().map(|index| (*index, Err(parked.clone()))).collect(),
            (Some(lens), Ok(events)) => {
                taken.events_folded += events.len() as u64;
                self.new_parts(participant, lens, events, &which)
            }
            (None, Ok(_)) => BTreeMap::new(),
        };
        for (index, part) in new {
            self.take_in(taken, index, participant, part);
        }
        Ok(())
    }

    fn take_in(&self, taken: &mut Taken, index: usize, participant: ParticipantId, part: New) {
        let change = &mut taken.models[index];
        match part {
            Ok((cells, due)) => {
                taken.cells[index].add(cells);
                // where nothing was held yet, nothing has to be taken back
                if due.is_some() || self.before.is_some() {
                    change.due.push((participant, due));
                }
                if self.parked[index].contains(&participant) {
                    change.parked.push((participant, None));
                }
            }
            Err(parked) => {
                if self.before.is_some() {
                    change.due.push((participant, None));
                }
                change.parked.push((participant, Some(parked)));
            }
        }
    }

    /// Returns the models that hold a part of the participant: those in which they were parked do
    /// not.
    fn held(&self, participant: ParticipantId, which: &[usize]) -> Vec<usize> {
        let holds = |index: &usize| !self.parked[*index].contains(&participant);
        which.iter().copied().filter(holds).collect()
    }

    /// Returns the events of which the old part was made, where there is one.
    ///
    /// # Errors
    ///
    /// [`ModelError::Stale`] for the first model that holds the part, where the events cannot be
    /// read any more: what cannot be derived again cannot be taken away either.
    fn events_before<'b>(
        &'b self,
        participant: ParticipantId,
        rows: &[StoredEvent],
        after: Option<&'b Vec<Recorded>>,
        first: usize,
    ) -> Result<Option<Held<'b>>, ModelError> {
        let Some(lens) = self.before.as_ref().filter(|lens| is_there(lens, participant, rows))
        else {
            return Ok(None);
        };
        let skipped = |lens: &Lens| lens.adoptions().skipped(&lens.view, participant);
        let same = self.after.as_ref().is_some_and(|after| skipped(after) == skipped(lens));
        match after {
            Some(events) if same => {
                let held = events.partition_point(|event| lens.view.reaches(event.position));
                Ok(Some((lens, Cow::Borrowed(&events[..held]))))
            }
            _ => match decode_where(rows, &wanted_by(lens, participant)) {
                Ok(events) => Ok(Some((lens, Cow::Owned(events)))),
                Err(StoreError::NotDecodable { .. }) => {
                    Err(ModelError::Stale { model: self.name(first) })
                }
                Err(other) => Err(other.into()),
            },
        }
    }

    /// Returns what the participant contributed to the models that hold a part of them.
    fn old_parts(
        &self,
        participant: ParticipantId,
        lens: &Lens,
        events: &[Recorded],
        held: &[usize],
    ) -> Result<Vec<(usize, Contributions<Cell>)>, ModelError> {
        if !lens.knows_of(participant, events) {
            return Ok(Vec::new());
        }
        let replayed = guarded(|| Replayed::of(participant, events, lens));
        let old = held.iter().map(|index| {
            let contribute = |replayed| guarded(|| self.models[*index].model.contribute(replayed));
            let old = replayed.as_ref().and_then(contribute);
            Ok((*index, old.ok_or_else(|| ModelError::Stale { model: self.name(*index) })?))
        });
        old.collect()
    }

    fn new_parts(
        &self,
        participant: ParticipantId,
        lens: &Lens,
        events: &[Recorded],
        which: &[usize],
    ) -> BTreeMap<usize, New> {
        if !lens.knows_of(participant, events) {
            return which.iter().map(|index| (*index, Ok((Contributions::none(), None)))).collect();
        }
        let replayed = guarded(|| Replayed::of(participant, events, lens));
        let part = |index: usize| {
            let model = &self.models[index].model;
            let replayed = replayed.as_ref()?;
            guarded(|| (model.contribute(replayed), model.due(replayed)))
        };
        let failed = |index: usize| Parked {
            participant,
            position: None,
            says: format!("{} fails on this participant: mend it, then rebuild", self.name(index)),
        };
        let parts = which.iter().map(|index| (*index, part(*index).ok_or_else(|| failed(*index))));
        parts.collect()
    }

    fn name(&self, index: usize) -> String {
        self.models[index].shape.name.clone()
    }
}

impl Taken {
    fn and(mut self, other: Self) -> Self {
        self.participants += other.participants;
        self.events_read += other.events_read;
        self.events_folded += other.events_folded;
        for (mine, theirs) in self.cells.iter_mut().zip(other.cells) {
            mine.take_in(theirs);
        }
        for (mine, theirs) in self.models.iter_mut().zip(other.models) {
            mine.due.extend(theirs.due);
            mine.parked.extend(theirs.parked);
        }
        self
    }

    /// Returns what changes, by model, in the order of the models.
    ///
    /// # Errors
    ///
    /// [`ModelError::Unfit`] where an amount is too large to be kept.
    pub(crate) fn changes(self) -> Result<Vec<ModelChange>, ModelError> {
        let with_cells = |(change, tally): (ModelChange, Tally)| {
            let cells = tally.finish().ok_or_else(|| ModelError::Unfit {
                says: format!("an amount of {} is too large: count smaller units", change.model),
            })?;
            Ok(ModelChange { cells, ..change })
        };
        self.models.into_iter().zip(self.cells).map(with_cells).collect()
    }
}

/// In which models a participant takes the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Touched {
    /// All: something was recorded of them, or everybody is read anew.
    Every,
    /// Those, by place: time alone may have changed their part.
    Some(BTreeSet<usize>),
}

impl Touched {
    fn includes(&self, model: usize) -> bool {
        match self {
            Self::Every => true,
            Self::Some(models) => models.contains(&model),
        }
    }
}

/// Returns whether a view reaches the first event of a participant, or a scenario assumes something
/// of them: before it there is nobody who could contribute, whatever a model says of a journey
/// without events.
fn is_there(lens: &Lens, participant: ParticipantId, rows: &[StoredEvent]) -> bool {
    rows.first().is_some_and(|row| lens.view.reaches(row.position))
        || lens.scenario.assumes_of(participant)
}

/// Returns what a function returns, or nothing where it fails: one journey that a model cannot
/// bear must not take the others with it.
pub(super) fn guarded<T>(of: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(of)).ok()
}
