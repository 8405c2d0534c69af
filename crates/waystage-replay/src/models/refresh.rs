//! Bringing kept models up to date: whom new events, decisions or the day touch is read again, and
//! nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::programme::Adoptions;
use waystage_core::replayed::Lens;
use waystage_store::EventReader;
use waystage_store::models::{Anchor, Built, Change, ModelError, ModelStore, Parked, Slot, Stand};

use super::set::{KeptModel, ModelSet, packs_digest, view_of};
use super::step::{Step, Touched};
use crate::replay::Progress;

/// How many events are looked through at a time for whom they touch.
const PAGE: usize = 4096;

/// Where models are to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// The last event that is to be in; none in an empty log.
    pub through: Option<Position>,
    /// The day up to which facts are read.
    pub as_of: NaiveDate,
}

/// What bringing models up to date took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// Where they stand.
    pub stand: Stand,
    /// Participants who were read again.
    pub participants: u64,
    /// Events that were read for it.
    pub events_read: u64,
    /// Events that were folded: those of an old part that is taken away count too.
    pub events_folded: u64,
    /// Cells that changed.
    pub cells: u64,
}

/// Keeps models in step with a log. It reads the log and writes the models, never the other way.
pub struct Upkeep<'a> {
    pub(crate) reader: &'a dyn EventReader,
    pub(crate) store: &'a dyn ModelStore,
    pub(crate) set: &'a ModelSet,
    pub(crate) adoptions: Arc<Adoptions>,
    pub(crate) watch: Option<&'a (dyn Fn(Progress) + Sync)>,
    retries_parked: bool,
}

impl<'a> Upkeep<'a> {
    /// Returns the upkeep of a set of models. The adoptions must have been read after the log
    /// reached whatever goal is asked for.
    pub fn new(
        reader: &'a dyn EventReader,
        store: &'a dyn ModelStore,
        set: &'a ModelSet,
        adoptions: Arc<Adoptions>,
    ) -> Self {
        Self { reader, store, set, adoptions, watch: None, retries_parked: false }
    }

    /// Has the progress told now and then.
    #[must_use]
    pub fn watched(self, watch: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Tries those who are parked again, whatever else there is to do: another engine may read what
    /// the one before could not. Without it they are tried when something is recorded of them,
    /// when somebody decides about them, and when the day changes.
    #[must_use]
    pub fn retrying_parked(self) -> Self {
        Self { retries_parked: true, ..self }
    }

    /// Brings the live or the next generation to a goal; nothing where it stands there. A goal
    /// that lies behind in the log is one that somebody else has reached.
    ///
    /// Models that behave otherwise than those that are kept under their names are left behind.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotKept`] and [`ModelError::Stale`] where no model of the set is kept as it
    /// is; [`ModelError::Foreign`] where the models hold what the log does not.
    pub fn refresh(&self, slot: Slot, goal: Goal) -> Result<Refreshed, ModelError> {
        let kept = self.store.fingerprints(slot)?;
        let models = self.set.current(&kept);
        if models.is_empty() {
            self.stand(slot)?;
            return Err(self.none_current(&kept));
        }
        self.bring(slot, goal, &models)
    }

    /// Brings some models of a generation to a goal and leaves the others of it behind.
    pub(crate) fn bring(
        &self,
        slot: Slot,
        goal: Goal,
        models: &[&KeptModel],
    ) -> Result<Refreshed, ModelError> {
        let from = self.stand(slot)?;
        let kept = self.store.fingerprints(slot)?;
        let through = goal.through.max(from.position());
        let to = self.stand_at(Goal { through, ..goal }, from.basis, from.built)?;
        let parked = self.to_retry(slot, &from, &to, models)?;
        if to == from && models.len() == kept.len() && parked.is_empty() {
            return Ok(Refreshed {
                stand: from,
                participants: 0,
                events_read: 0,
                events_folded: 0,
                cells: 0,
            });
        }
        let touched = self.touched(slot, &from, &to, models, parked)?;
        let all = touched.len() as u64;
        let step = self.step(slot, models, Some(&from), &to)?;
        let (done, events) = (AtomicU64::new(0), AtomicU64::new(0));
        let watch = |participants: u64, read: u64| {
            let participants = done.fetch_add(participants, Ordering::Relaxed) + participants;
            let events = events.fetch_add(read, Ordering::Relaxed) + read;
            self.tell(Progress { participants, participants_all: all, events });
        };
        let taken = Step { watch: &watch, ..step }.take(&touched)?;
        let (participants, events_read, events_folded) =
            (taken.participants, taken.events_read, taken.events_folded);
        let change = Change { from, to: to.clone(), models: taken.changes()? };
        self.store.apply(slot, &change)?;
        Ok(Refreshed {
            stand: to,
            participants,
            events_read,
            events_folded,
            cells: change.models.iter().map(|model| model.cells.len() as u64).sum(),
        })
    }

    pub(crate) fn tell(&self, progress: Progress) {
        if let Some(watch) = self.watch {
            watch(progress);
        }
    }

    pub(crate) fn none_current(&self, kept: &[(String, waystage_store::Digest)]) -> ModelError {
        let model = self.set.models().first().map(|kept| kept.shape.name.clone());
        let model = model.unwrap_or_default();
        if kept.iter().any(|(name, _)| *name == model) {
            ModelError::Stale { model }
        } else {
            ModelError::NotKept { model }
        }
    }

    /// Returns where a generation stands.
    ///
    /// # Errors
    ///
    /// [`ModelError::Foreign`] where the log does not hold the last event that the models do.
    pub fn stand(&self, slot: Slot) -> Result<Stand, ModelError> {
        let Some(stand) = self.store.stand(slot)? else {
            return Err(self.none_current(&[]));
        };
        self.check_anchor(&stand)?;
        Ok(stand)
    }

    /// Checks that the log holds the last event of a stand.
    pub(crate) fn check_anchor(&self, stand: &Stand) -> Result<(), ModelError> {
        match stand.anchor {
            Some(anchor) if self.anchor(anchor.position)? != Some(anchor) => {
                Err(ModelError::Foreign { position: anchor.position })
            }
            _ => Ok(()),
        }
    }

    /// Returns the event at a position, by its leaf; none where the log ends before it.
    fn anchor(&self, position: Position) -> Result<Option<Anchor>, ModelError> {
        let rows = self.reader.rows_after(Position::new(position.get() - 1), 1)?;
        Ok(rows.first().map(|row| Anchor { position: row.position, leaf: row.leaf }))
    }

    /// Returns the stand of a goal.
    pub(crate) fn stand_at(
        &self,
        goal: Goal,
        basis: waystage_core::view::Basis,
        built: Built,
    ) -> Result<Stand, ModelError> {
        let anchor = match goal.through {
            Some(position) => self.anchor(position)?,
            None => None,
        };
        let as_of = goal.as_of;
        let bare =
            Stand { anchor, as_of, basis, packs: packs_digest(&self.adoptions, None), built };
        let packs = packs_digest(&self.adoptions, view_of(&bare).as_ref());
        Ok(Stand { packs, ..bare })
    }

    /// Returns the step of models from a stand (or from nothing) to another.
    pub(crate) fn step<'b>(
        &'b self,
        slot: Slot,
        models: &'b [&'b KeptModel],
        from: Option<&Stand>,
        to: &Stand,
    ) -> Result<Step<'b>, ModelError> {
        let mut parked = Vec::new();
        let snapshot = self.store.snapshot()?;
        for model in models {
            let of_model: Vec<Parked> = match from {
                Some(_) => snapshot.parked(slot, &model.shape.name)?,
                None => Vec::new(),
            };
            parked.push(of_model.into_iter().map(|each| each.participant).collect());
        }
        let lens = |stand: &Stand| view_of(stand).map(|view| self.lens(view));
        let (before, after) = (from.and_then(lens), lens(to));
        Ok(Step { reader: self.reader, models, parked, before, after, watch: &|_, _| {} })
    }

    pub(crate) fn lens(&self, view: waystage_core::view::View) -> Lens {
        Lens::new(view, Arc::clone(&self.adoptions))
    }

    /// Returns who has to be read again between two stands, in order of their ids.
    fn touched(
        &self,
        slot: Slot,
        from: &Stand,
        to: &Stand,
        models: &[&KeptModel],
        parked: BTreeSet<ParticipantId>,
    ) -> Result<Vec<(ParticipantId, Touched)>, ModelError> {
        if from.packs != to.packs || to.as_of < from.as_of {
            let everyone = self.reader.participants()?;
            return Ok(everyone.into_iter().map(|each| (each, Touched::Every)).collect());
        }
        let mut touched: BTreeMap<ParticipantId, Touched> = BTreeMap::new();
        if from.as_of < to.as_of {
            for (participant, model) in self.store.due(slot, to.as_of)? {
                let Some(index) = models.iter().position(|kept| kept.shape.name == model) else {
                    continue;
                };
                let due = touched.entry(participant).or_insert(Touched::Some(BTreeSet::new()));
                if let Touched::Some(of_models) = due {
                    of_models.insert(index);
                }
            }
        }
        let recorded = self.recorded_of(from.position(), to.position())?;
        let decided = self.adoptions.decided(from.position(), to.position());
        for participant in recorded.into_iter().chain(decided).chain(parked) {
            touched.insert(participant, Touched::Every);
        }
        Ok(touched.into_iter().collect())
    }

    /// Returns who is parked and may not be any more.
    fn to_retry(
        &self,
        slot: Slot,
        from: &Stand,
        to: &Stand,
        models: &[&KeptModel],
    ) -> Result<BTreeSet<ParticipantId>, ModelError> {
        let mut parked = BTreeSet::new();
        if self.retries_parked || from.as_of != to.as_of {
            let snapshot = self.store.snapshot()?;
            for model in models {
                let of_model = snapshot.parked(slot, &model.shape.name)?;
                parked.extend(of_model.into_iter().map(|each| each.participant));
            }
        }
        Ok(parked)
    }

    /// Returns of whom something was recorded after one position and up to another.
    fn recorded_of(
        &self,
        after: Option<Position>,
        through: Option<Position>,
    ) -> Result<BTreeSet<ParticipantId>, ModelError> {
        let mut of = BTreeSet::new();
        let mut at = after;
        while at < through {
            let rows = self.reader.rows_after(at, PAGE)?;
            let Some(last) = rows.last() else { break };
            at = Some(last.position);
            let inside = rows.iter().filter(|row| Some(row.position) <= through);
            of.extend(inside.map(|row| row.participant));
        }
        of.remove(&ParticipantId::LOG);
        Ok(of)
    }
}
