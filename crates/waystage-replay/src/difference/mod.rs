//! The difference between two replays: of two views, two stores, two scenarios. Each changed figure
//! comes with the participants who changed it, and each participant with the facts and the rules
//! that are others.

mod delivery;
mod facts;
mod figures;
mod person;

pub use delivery::{Delivery, DeliveryChange};
pub use facts::{FactChange, FactDiffers, NamedEvent};
pub use figures::{FigureChange, ReasonChange, Share};
pub(crate) use person::readings_differ;
pub use person::{Behind, PersonDifference, ReadingChange};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, ProgrammeId};
use waystage_core::journey::Recorded;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::{Cell, Model, Table};
use waystage_store::models::Parked;
use waystage_store::{EventReader, StoreError};

use self::person::Naming;
use crate::reading::{all_of, contributed, parked, read_there, replayed};
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
    /// What of the second comes from participants of whom a scenario assumes facts.
    pub assumed: Contributions<Cell>,
}

/// How two replays differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct Difference {
    /// Each model that was compared, in the order given.
    pub models: Vec<ModelDifference>,
    /// Everybody for whom a reading or a figure differs, in order of their ids.
    pub people: Vec<PersonDifference>,
    /// Programmes whose delivery fees differ: by packs and the day alone, whoever took part.
    pub delivery: Vec<DeliveryChange>,
    /// Participants who were compared.
    pub participants: u64,
    /// Events that were folded for it, on both sides, and again between them.
    pub folded: u64,
    /// Those events, each counted once where both sides read one log in one view.
    pub events: u64,
    /// Facts of the second side that a scenario assumes, or has otherwise than they are recorded.
    pub assumed_facts: u64,
    /// Who could not be read on one side or the other: they are in neither.
    pub parked: Vec<Parked>,
}

impl Difference {
    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.delivery.is_empty()
    }
}

/// The programmes that are others on the second side.
pub(super) struct Rules {
    programmes: BTreeSet<ProgrammeId>,
    tables: Tables,
    /// For each model and each of its tables, where rows name a programme.
    columns: Vec<Vec<Naming>>,
}

/// Whether tables that rules name (rates, calendars, places) are others on the second side.
enum Tables {
    Same,
    /// Which, no one can tell: the logs adopted others.
    Others,
    /// Those that a scenario changes; these programmes name them.
    NamedBy(BTreeSet<ProgrammeId>),
}

impl Rules {
    fn between(before: &Lens, after: &Lens, models: &[&dyn Model]) -> Self {
        let (one, other) = (before.programmes(), after.programmes());
        let ids = one.programmes.keys().chain(other.programmes.keys());
        let differ = ids.filter(|id| one.programmes.get(*id) != other.programmes.get(*id));
        let mut programmes: BTreeSet<ProgrammeId> = differ.cloned().collect();
        if before.scenario.overlays != after.scenario.overlays {
            // rules of another day may differ where those of the view do not
            programmes.extend(crate::what_if::affected::programmes(before, after));
        }
        let same_tables = one.rates == other.rates
            && one.calendars == other.calendars
            && one.geographies == other.geographies;
        let of_a_scenario = Arc::ptr_eq(before.adoptions(), after.adoptions())
            && before.view == after.view
            && before.scenario.overlays.is_empty();
        let tables = match (same_tables, of_a_scenario) {
            (true, _) => Tables::Same,
            (false, true) => {
                let naming = |programmes| after.scenario.naming_tables(programmes);
                Tables::NamedBy(&naming(one) | &naming(other))
            }
            (false, false) => Tables::Others,
        };
        let columns = models.iter().map(|model| model.tables().iter().map(Naming::of).collect());
        Self { programmes, tables, columns: columns.collect() }
    }

    fn differ(&self) -> bool {
        self.tables_differ() || !self.programmes.is_empty()
    }

    const fn tables_differ(&self) -> bool {
        !matches!(self.tables, Tables::Same)
    }

    /// Returns whether tables that a programme names are others, or may be.
    fn tables_of(&self, programme: &ProgrammeId) -> bool {
        match &self.tables {
            Tables::Same => false,
            Tables::Others => true,
            Tables::NamedBy(programmes) => programmes.contains(programme),
        }
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
        let rules = Rules::between(self.before.lens, self.after.lens, self.models);
        let middle = self.after.lens.clone().judged_as(self.before.lens);
        let (done, folded) = (AtomicU64::new(0), AtomicU64::new(0));
        let shares = self.sides_share_streams();
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut part = Part::of(self.models.len());
            for participant in batch {
                match self.person(*participant, (&rules, &middle), shares, &folded) {
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
        let cells = whole.before.into_iter().zip(whole.change).zip(whole.assumed);
        let models = self.models.iter().zip(cells);
        let models = models.map(|(model, ((before, change), assumed))| ModelDifference {
            name: model.name().to_owned(),
            tables: model.tables(),
            change,
            before: self.only.is_none().then_some(before),
            assumed,
        });
        Ok(Difference {
            models: models.collect(),
            people: whole.people,
            delivery: delivery::delivery(self.before.lens, self.after.lens),
            participants: all,
            folded: folded.into_inner(),
            events: whole.events,
            assumed_facts: whole.assumed_facts,
            parked: whole.parked,
        })
    }

    /// Returns whether one reading of a stream serves both sides: they read one log in one view.
    fn sides_share_streams(&self) -> bool {
        let (one, other) = (&self.before, &self.after);
        std::ptr::addr_eq(std::ptr::from_ref(one.reader), std::ptr::from_ref(other.reader))
            && one.lens.view == other.lens.view
            && Arc::ptr_eq(one.lens.adoptions(), other.lens.adoptions())
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
        (rules, middle): (&Rules, &Lens),
        shares: bool,
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
        let second = read(&self.after)?;
        let first = if shares { None } else { Some(read(&self.before)?) };
        let events = (second.len() + first.as_ref().map_or(0, Vec::len)) as u64;
        let first = first.as_deref().unwrap_or(&second);
        let was = self.before.lens.knows_of(participant, first);
        let is = self.after.lens.knows_of(participant, &second);
        if !was && !is {
            return Ok(None);
        }
        let replay = |events, lens| replayed(participant, events, lens).map_err(Failed::Parked);
        let parts = |replayed: &Replayed<'_>, known: bool| {
            let parts = self.models.iter().map(|model| contributed(*model, replayed, known));
            parts.collect::<Result<Vec<_>, Parked>>().map_err(Failed::Parked)
        };
        folded.fetch_add((first.len() + second.len()) as u64, Ordering::Relaxed);
        let one = replay(first, self.before.lens)?;
        let other = replay(&second, self.after.lens)?;
        let (before, after) = (parts(&one, was)?, parts(&other, is)?);
        let readings = person::readings(&one, &other);
        let differs = before != after || !readings.is_empty();
        let person = if differs {
            let (by_facts, judged_otherwise) = if rules.differ() {
                folded.fetch_add(second.len() as u64, Ordering::Relaxed);
                let between = replay(&second, middle)?;
                (parts(&between, is)?, person::judged_otherwise(&between, &other))
            } else {
                (after.clone(), BTreeSet::new())
            };
            let (before, by_facts, after) = (&before, &by_facts, &after);
            let behind = Behind { rules, judged_otherwise, before, by_facts, after };
            Some(behind.person(&one, &other, readings))
        } else {
            None
        };
        let change = before.iter().zip(&after).map(|(one, other)| other.difference(one));
        let change = change.collect();
        let assumed = other.journey.facts.iter().filter(|(_, seen)| seen.assumed.is_some());
        let assumed_facts = assumed.count() as u64;
        let assumed = if assumed_facts == 0 { Vec::new() } else { after };
        let before = if self.only.is_some() { Vec::new() } else { before };
        Ok(Some(Compared { before, change, assumed, assumed_facts, events, person }))
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
    /// What they contribute to the second side, where a scenario assumes facts of them.
    assumed: Vec<Contributions<Cell>>,
    assumed_facts: u64,
    events: u64,
    person: Option<PersonDifference>,
}

/// Some participants, compared.
struct Part {
    before: Vec<Contributions<Cell>>,
    change: Vec<Contributions<Cell>>,
    assumed: Vec<Contributions<Cell>>,
    assumed_facts: u64,
    events: u64,
    people: Vec<PersonDifference>,
    parked: Vec<Parked>,
}

impl Part {
    fn of(models: usize) -> Self {
        let none = vec![Contributions::none(); models];
        Self {
            before: none.clone(),
            change: none.clone(),
            assumed: none,
            assumed_facts: 0,
            events: 0,
            people: Vec::new(),
            parked: Vec::new(),
        }
    }

    fn take(&mut self, compared: Compared) {
        add(&mut self.before, compared.before);
        add(&mut self.change, compared.change);
        add(&mut self.assumed, compared.assumed);
        self.assumed_facts += compared.assumed_facts;
        self.events += compared.events;
        self.people.extend(compared.person);
    }

    fn join(&mut self, other: Self) {
        add(&mut self.before, other.before);
        add(&mut self.change, other.change);
        add(&mut self.assumed, other.assumed);
        self.assumed_facts += other.assumed_facts;
        self.events += other.events;
        self.people.extend(other.people);
        self.parked.extend(other.parked);
    }
}

fn add(to: &mut [Contributions<Cell>], parts: Vec<Contributions<Cell>>) {
    for (sum, part) in to.iter_mut().zip(parts) {
        sum.take_in(part);
    }
}
