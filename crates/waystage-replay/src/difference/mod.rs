//! The difference between two replays: of two views, two stores, two scenarios. Each changed figure
//! comes with the participants who changed it, and each participant with the facts and the rules
//! that are others.

mod facts;
mod figures;
mod person;

pub use facts::{FactChange, FactDiffers, NamedEvent};
pub use figures::{FigureChange, ReasonChange, Share};
pub use person::{Behind, PersonDifference, ReadingChange};

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, ProgrammeId};
use waystage_core::journey::Recorded;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::{Cell, Model, Table};
use waystage_store::models::Parked;
use waystage_store::{EventReader, StoreError};

use crate::reading::{all_of, guarded, parked, read_there};
use crate::replay::Progress;

const BATCH: usize = 128;

/// One of the two that are compared.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The log.
    pub reader: &'a dyn EventReader,
    /// What it is read with.
    pub lens: &'a Lens,
}

/// A comparison that is to be made.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    before: Side<'a>,
    after: Side<'a>,
    models: &'a [&'a dyn Model],
    only: Option<&'a BTreeSet<ParticipantId>>,
    watch: Option<&'a (dyn Fn(Progress) + Sync)>,
}

/// How one model differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelDifference {
    /// The model.
    pub name: String,
    /// Its tables.
    pub tables: Vec<Table>,
    /// What has to be added to the first to get the second: the cells that differ, and by how much.
    pub change: Contributions<Cell>,
    /// The first, where everybody was compared; none where only some were.
    pub before: Option<Contributions<Cell>>,
}

/// How two replays differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct Difference {
    /// Each model that was compared, in the order given.
    pub models: Vec<ModelDifference>,
    /// Everybody for whom a reading or a figure differs, in order of their ids.
    pub people: Vec<PersonDifference>,
    /// Participants who were compared.
    pub participants: u64,
    /// Events that were folded for it, on both sides.
    pub folded: u64,
    /// Who could not be read on one side or the other: they are in neither.
    pub parked: Vec<Parked>,
}

impl Difference {
    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// The programmes that are others on the second side.
pub(super) struct Rules {
    programmes: BTreeSet<ProgrammeId>,
    tables: bool,
}

impl Rules {
    fn between(before: &Lens, after: &Lens) -> Self {
        let (one, other) = (before.programmes(), after.programmes());
        let ids = one.programmes.keys().chain(other.programmes.keys());
        let programmes =
            ids.filter(|id| one.programmes.get(*id) != other.programmes.get(*id)).cloned();
        Self {
            programmes: programmes.collect(),
            tables: one.rates != other.rates
                || one.calendars != other.calendars
                || one.geographies != other.geographies,
        }
    }

    fn differ(&self) -> bool {
        self.tables || !self.programmes.is_empty()
    }
}

impl<'a> Comparison<'a> {
    /// Compares a first side with a second, in these models and in every reading.
    pub const fn new(before: Side<'a>, after: Side<'a>, models: &'a [&'a dyn Model]) -> Self {
        Self { before, after, models, only: None, watch: None }
    }

    /// Compares these participants alone: nobody else differs.
    #[must_use]
    pub const fn only(self, participants: &'a BTreeSet<ParticipantId>) -> Self {
        Self { only: Some(participants), ..self }
    }

    /// Has the progress told now and then.
    #[must_use]
    pub const fn watched(self, watch: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Compares. The changes of all people together are the change of each model.
    ///
    /// # Errors
    ///
    /// Where a store fails. An event that cannot be read parks its participant.
    pub fn made(&self) -> Result<Difference, StoreError> {
        let participants = self.participants()?;
        let all = participants.len() as u64;
        let rules = Rules::between(self.before.lens, self.after.lens);
        let middle = self.after.lens.clone().judged_as(self.before.lens);
        let (done, folded) = (AtomicU64::new(0), AtomicU64::new(0));
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut part = Part::of(self.models.len());
            for participant in batch {
                match self.person(*participant, &rules, &middle, &folded) {
                    Ok(Some(compared)) => part.take(compared),
                    Ok(None) => {}
                    Err(Failed::Parked(parked)) => part.parked.push(parked),
                    Err(Failed::Store(error)) => return Err(error),
                }
            }
            let batch = batch.len() as u64;
            let participants = done.fetch_add(batch, Ordering::Relaxed) + batch;
            if let Some(watch) = self.watch {
                let events = folded.load(Ordering::Relaxed);
                watch(Progress { participants, participants_all: all, events });
            }
            Ok(part)
        });
        let parts: Vec<Part> = batches.collect::<Result<_, StoreError>>()?;
        let mut whole = Part::of(self.models.len());
        for part in parts {
            whole.join(part);
        }
        let models = self.models.iter().zip(whole.before).zip(whole.change);
        let models = models.map(|((model, before), change)| ModelDifference {
            name: model.name().to_owned(),
            tables: model.tables(),
            change,
            before: self.only.is_none().then_some(before),
        });
        Ok(Difference {
            models: models.collect(),
            people: whole.people,
            participants: all,
            folded: folded.into_inner(),
            parked: whole.parked,
        })
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        if let Some(only) = self.only {
            return Ok(only.iter().copied().collect());
        }
        let mut all: BTreeSet<ParticipantId> =
            all_of(self.before.reader, self.before.lens)?.into_iter().collect();
        all.extend(all_of(self.after.reader, self.after.lens)?);
        Ok(all.into_iter().collect())
    }

    /// Compares one participant; none where neither side has them.
    fn person(
        &self,
        participant: ParticipantId,
        rules: &Rules,
        middle: &Lens,
        folded: &AtomicU64,
    ) -> Result<Option<Compared>, Failed> {
        let read = |side: &Side<'_>| -> Result<Vec<Recorded>, Failed> {
            match read_there(side.reader, participant, side.lens) {
                Ok(stream) => Ok(stream.map_or(Vec::new(), |stream| stream.events)),
                Err(error) => match parked(participant, error) {
                    Ok(parked) => Err(Failed::Parked(parked)),
                    Err(error) => Err(Failed::Store(error)),
                },
            }
        };
        let (first, second) = (read(&self.before)?, read(&self.after)?);
        let was = self.before.lens.knows_of(participant, &first);
        let is = self.after.lens.knows_of(participant, &second);
        if !was && !is {
            return Ok(None);
        }
        let parts = |events: &[Recorded], known: bool, lens: &Lens| {
            let look = |replayed: &Replayed<'_>| {
                let contribute = |model: &&dyn Model| {
                    if known { model.contribute(replayed) } else { Contributions::none() }
                };
                let parts = self.models.iter().map(contribute);
                parts.collect::<Vec<_>>()
            };
            guarded(participant, events, lens, look).map_err(Failed::Parked)
        };
        folded.fetch_add((first.len() + second.len()) as u64, Ordering::Relaxed);
        let before = parts(&first, was, self.before.lens)?;
        let after = parts(&second, is, self.after.lens)?;
        let one = Replayed::of(participant, &first, self.before.lens);
        let other = Replayed::of(participant, &second, self.after.lens);
        let readings = person::readings(&one, &other);
        let differs = before != after || !readings.is_empty();
        let person = if differs {
            let by_facts = if rules.differ() {
                folded.fetch_add(second.len() as u64, Ordering::Relaxed);
                parts(&second, is, middle)?
            } else {
                after.clone()
            };
            let behind = Behind { rules, before: &before, by_facts: &by_facts, after: &after };
            Some(behind.person(&one, &other, readings))
        } else {
            None
        };
        let change = before.iter().zip(&after).map(|(one, other)| other.difference(one));
        Ok(Some(Compared { change: change.collect(), before, person }))
    }
}

enum Failed {
    Parked(Parked),
    Store(StoreError),
}

/// One participant, compared.
struct Compared {
    before: Vec<Contributions<Cell>>,
    change: Vec<Contributions<Cell>>,
    person: Option<PersonDifference>,
}

/// Some participants, compared.
struct Part {
    before: Vec<Contributions<Cell>>,
    change: Vec<Contributions<Cell>>,
    people: Vec<PersonDifference>,
    parked: Vec<Parked>,
}

impl Part {
    fn of(models: usize) -> Self {
        let none = vec![Contributions::none(); models];
        Self { before: none.clone(), change: none, people: Vec::new(), parked: Vec::new() }
    }

    fn take(&mut self, compared: Compared) {
        add(&mut self.before, compared.before);
        add(&mut self.change, compared.change);
        self.people.extend(compared.person);
    }

    fn join(&mut self, other: Self) {
        add(&mut self.before, other.before);
        add(&mut self.change, other.change);
        self.people.extend(other.people);
        self.parked.extend(other.parked);
    }
}

fn add(to: &mut [Contributions<Cell>], parts: Vec<Contributions<Cell>>) {
    for (sum, part) in to.iter_mut().zip(parts) {
        sum.take_in(part);
    }
}
