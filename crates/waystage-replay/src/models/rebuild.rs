//! Building models beside the ones that answer: in steps of whole participants, each with its place
//! kept, so that a build that was cut off goes on where it stopped. Then they are compared, and the
//! new ones take the place of the old in one transaction.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::id::ParticipantId;
use waystage_core::view::Basis;
use waystage_store::models::{Built, Change, ModelError, Parked, Shape, Slot, Stand};

use super::check::Difference;
use super::refresh::{Goal, Upkeep};
use super::set::KeptModel;
use super::step::{Step, Taken, Touched};
use crate::replay::Progress;

/// How many participants a step of a build takes, where nothing else is said.
const WINDOW: usize = 4096;

/// How models are built.
#[derive(Clone, Copy)]
pub struct Building<'a> {
    /// Where they are to stand. A build that goes on keeps the place that it was begun for.
    pub goal: Goal,
    /// What "known" means.
    pub basis: Basis,
    /// Participants in one step, after which the build can go on if it is cut off.
    pub window: usize,
    /// Asked before each step: whether to stop, to go on another time.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Building<'a> {
    /// Returns a build for a goal that nobody cancels.
    pub fn to(goal: Goal, basis: Basis) -> Self {
        Self { goal, basis, window: WINDOW, cancelled: &|| false }
    }

    /// Takes so many participants in a step; at least one.
    #[must_use]
    pub fn in_steps_of(self, participants: usize) -> Self {
        Self { window: participants.max(1), ..self }
    }

    /// Is cancelled where this says so.
    #[must_use]
    pub fn until(self, cancelled: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { cancelled, ..self }
    }
}

/// What a build came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltModels {
    /// Where the next generation stands.
    pub stand: Stand,
    /// Whether it went on with what an earlier build had left.
    pub resumed: bool,
    /// Whether all of it is there; it is not where it was cancelled.
    pub finished: bool,
    /// Participants who were replayed.
    pub participants: u64,
    /// Events that were read.
    pub events: u64,
}

/// What a switch came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// Where the models stand that answer now.
    pub stand: Stand,
    /// The models that were switched to.
    pub models: Vec<String>,
    /// Whom each of them is without, and why: their events could not be read, or it failed on them.
    pub parked: Vec<(String, Parked)>,
    /// Where they differ from what answered before, under the same names and at the same place.
    /// Of models that behave as before, any difference means that what answered had gone wrong.
    pub differences: Vec<Difference>,
    /// Of the models that answered before, those that behaved as these do.
    pub same_behaviour: Vec<String>,
}

impl Upkeep<'_> {
    /// Builds models of the set beside those that answer, in parallel. A build of the same models
    /// that was cut off goes on.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotKept`] where a name is of no model of the set.
    pub fn build(&self, names: &[&str], building: Building<'_>) -> Result<BuiltModels, ModelError> {
        let models = self.named(names)?;
        let (mut at, resumed) = self.begin_or_resume(&models, building)?;
        let mut participants = self.reader.participants()?;
        let all = participants.len() as u64;
        if let Built::Through(Some(done)) = at.built {
            participants.retain(|each| done < *each);
        }
        let done = AtomicU64::new(all - participants.len() as u64);
        let events = AtomicU64::new(0);
        let watch = |taken: u64, read: u64| {
            let participants = done.fetch_add(taken, Ordering::Relaxed) + taken;
            let events = events.fetch_add(read, Ordering::Relaxed) + read;
            self.tell(Progress { participants, participants_all: all, events });
        };
        let step = Step { watch: &watch, ..self.step(Slot::Next, &models, None, &at)? };
        let (mut waiting, mut replayed) = (None::<(Stand, Taken)>, 0);
        let mut finished = true;
        for window in participants.chunks(building.window.max(1)) {
            if (building.cancelled)() {
                finished = false;
                break;
            }
            // what one window came to is written while the next is replayed
            let (written, taken) = rayon::join(
                || self.write(&mut at, waiting.take()),
                || step.take(&everybody(window)),
            );
            written?;
            let taken = taken?;
            replayed += taken.participants;
            let last = window.last().copied();
            waiting = Some((Stand { built: Built::Through(last), ..at.clone() }, taken));
        }
        self.write(&mut at, waiting.take())?;
        if finished {
            let to = Stand { built: Built::Whole, ..at.clone() };
            self.write(&mut at, Some((to, step.nothing())))?;
        }
        let events = events.into_inner();
        Ok(BuiltModels { stand: at, resumed, finished, participants: replayed, events })
    }

    /// Brings what was built and what answers to one place, compares them, and switches. Whoever
    /// calls it keeps others from bringing the models further meanwhile.
    pub fn switch(&self, goal: Goal) -> Result<Switched, ModelError> {
        let next = self.store.fingerprints(Slot::Next)?;
        let models = self.set.current(&next);
        let goal = match self.store.stand(Slot::Live)? {
            Some(_) => {
                let stand = self.bring_along(goal, &models)?;
                Goal { through: stand.position(), as_of: stand.as_of }
            }
            None => goal,
        };
        let stand = self.refresh(Slot::Next, goal)?.stand;
        let live = self.store.fingerprints(Slot::Live)?;
        let mut differences = Vec::new();
        let mut same_behaviour = Vec::new();
        for kept in &models {
            let name = &kept.shape.name;
            let before = live.iter().find(|(each, _)| each == name);
            let same = before.is_some_and(|(_, print)| *print == kept.shape.fingerprint);
            if same && self.store.stand(Slot::Live)?.as_ref() == Some(&stand) {
                same_behaviour.push(name.clone());
                differences.extend(self.between(kept, Slot::Live, Slot::Next)?);
            }
        }
        let parked = self.parked_in(Slot::Next, &models)?;
        self.store.switch()?;
        let models = models.into_iter().map(|kept| kept.shape.name.clone()).collect();
        Ok(Switched { stand, models, parked, differences, same_behaviour })
    }

    /// Brings the models that answer to a goal. Where one of them cannot be brought along (it is of
    /// another definition, or holds what can no longer be derived), those that are about to be
    /// replaced are left behind: whatever state they are in, it must not stand in the way of what
    /// takes their place.
    fn bring_along(&self, goal: Goal, by: &[&KeptModel]) -> Result<Stand, ModelError> {
        match self.refresh(Slot::Live, goal) {
            Err(
                ModelError::Stale { .. } | ModelError::NotKept { .. } | ModelError::Unfit { .. },
            ) => {}
            brought => return Ok(brought?.stand),
        }
        let live = self.store.fingerprints(Slot::Live)?;
        let replaced = |kept: &&KeptModel| by.iter().any(|by| by.shape.name == kept.shape.name);
        let mut staying = self.set.current(&live);
        staying.retain(|kept| !replaced(kept));
        Ok(self.bring(Slot::Live, goal, &staying)?.stand)
    }

    /// Returns whom models of a generation are without, by model.
    fn parked_in(
        &self,
        slot: Slot,
        models: &[&KeptModel],
    ) -> Result<Vec<(String, Parked)>, ModelError> {
        let snapshot = self.store.snapshot()?;
        let mut parked = Vec::new();
        for model in models {
            let name = &model.shape.name;
            let of_model = snapshot.parked(slot, name)?.into_iter();
            parked.extend(of_model.map(|each| (name.clone(), each)));
        }
        Ok(parked)
    }

    /// Returns the models of these names, or all where none is named.
    pub(crate) fn named(&self, names: &[&str]) -> Result<Vec<&KeptModel>, ModelError> {
        if names.is_empty() {
            return Ok(self.set.models().iter().collect());
        }
        let find = |name: &&str| {
            self.set.get(name).ok_or_else(|| ModelError::NotKept { model: (*name).to_owned() })
        };
        names.iter().map(find).collect()
    }

    /// Returns where the build stands, and whether it goes on with an earlier one.
    fn begin_or_resume(
        &self,
        models: &[&KeptModel],
        building: Building<'_>,
    ) -> Result<(Stand, bool), ModelError> {
        if let Some(left) = self.left_over(models, building.basis)? {
            return Ok((left, true));
        }
        let stand = self.stand_at(building.goal, building.basis, Built::Through(None))?;
        let shapes: Vec<Shape> = models.iter().map(|kept| kept.shape.clone()).collect();
        self.store.begin(&shapes, &stand)?;
        Ok((stand, false))
    }

    /// Returns where an earlier build of the same models stopped, if this log can go on with it.
    fn left_over(&self, models: &[&KeptModel], basis: Basis) -> Result<Option<Stand>, ModelError> {
        let mut kept = self.store.fingerprints(Slot::Next)?;
        let shapes = models.iter().map(|each| (each.shape.name.clone(), each.shape.fingerprint));
        let mut wanted: Vec<_> = shapes.collect();
        kept.sort();
        wanted.sort();
        if kept != wanted || kept.is_empty() {
            return Ok(None);
        }
        let stand = match self.stand(Slot::Next) {
            // a whole one may be what answered before, put back by a roll back that was cut off
            Ok(stand) if stand.basis == basis && stand.built != Built::Whole => stand,
            Ok(_) | Err(ModelError::Foreign { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        let goal = Goal { through: stand.position(), as_of: stand.as_of };
        let same = self.stand_at(goal, basis, stand.built)? == stand;
        Ok(same.then_some(stand))
    }

    fn write(&self, at: &mut Stand, taken: Option<(Stand, Taken)>) -> Result<(), ModelError> {
        let Some((to, taken)) = taken else { return Ok(()) };
        let to = Stand { built: to.built, ..at.clone() };
        let change = Change { from: at.clone(), to: to.clone(), models: taken.changes()? };
        self.store.apply(Slot::Next, &change)?;
        *at = to;
        Ok(())
    }
}

fn everybody(participants: &[ParticipantId]) -> Vec<(ParticipantId, Touched)> {
    participants.par_iter().map(|each| (*each, Touched::Every)).collect()
}
