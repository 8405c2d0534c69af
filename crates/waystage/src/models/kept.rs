//! The models that an engine keeps: bringing them up to date, and reading them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use waystage_core::id::Position;
use waystage_core::view::Basis;
use waystage_replay::Progress;
use waystage_replay::models::{
    Building, BuiltModels, Checked, Goal, ModelSet, Refreshed, Switched, Upkeep,
};
use waystage_store::models::{ModelError, ModelStore, Slot};
use waystage_store::{EventReader, KnownEvent, Receipt, StoreError};

use super::snapshot::ModelsAt;
use super::wiring::{AsOf, Pace};
use crate::adopted::Adopted;
use crate::clock::{Clock, since};
use crate::error::EngineError;
use crate::meter::Meter;

/// Everything that keeping models needs of an engine; a follower's thread holds it too.
pub(crate) struct Kept {
    pub(crate) reader: Arc<dyn EventReader>,
    pub(crate) store: Box<dyn ModelStore>,
    pub(crate) set: ModelSet,
    pub(crate) pace: Pace,
    pub(crate) basis: Option<Basis>,
    pub(crate) as_of: Mutex<AsOf>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) adopted: Arc<Adopted>,
    pub(crate) meter: Arc<dyn Meter>,
    /// Held by whoever brings the live models further or switches to others.
    pub(crate) moving: Mutex<()>,
    /// Held by whoever builds models, or puts former ones in the place where they are built.
    pub(crate) building: Mutex<()>,
    /// The position that the live models hold, for those who wait for it.
    pub(crate) reached: Mutex<Option<Position>>,
    pub(crate) moved: Condvar,
    /// Why the models could last not be brought up to date, if they could not.
    pub(crate) failure: Mutex<Option<String>>,
    pub(crate) stopping: AtomicBool,
    /// Bring the models along; nothing of the caller's runs on them.
    pub(crate) threads: rayon::ThreadPool,
    /// Build and check, and tell the caller how far they are.
    pub(crate) builders: rayon::ThreadPool,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    /// Brings the live models to the end of the log and to the day.
    pub(crate) fn refresh(&self) -> Result<Refreshed, EngineError> {
        let _moving = held(&self.moving);
        self.told(self.refresh_held())
    }

    /// Keeps in mind why the models could not be brought up to date, if they could not.
    fn told<T>(&self, done: Result<T, EngineError>) -> Result<T, EngineError> {
        *held(&self.failure) = done.as_ref().err().map(ToString::to_string);
        done
    }

    /// Brings the live models to the end of the log, unless they hold a position already.
    pub(crate) fn reach(&self, wanted: Option<Position>) -> Result<(), EngineError> {
        let _moving = held(&self.moving);
        self.told(self.reach_held(wanted))
    }

    fn reach_held(&self, wanted: Option<Position>) -> Result<(), EngineError> {
        if wanted.is_some()
            && let Some(stand) = self.store.stand(Slot::Live)?
            && wanted <= stand.position()
            && !self.is_another_day(Some(stand.as_of))
        {
            return Ok(());
        }
        self.refresh_held().map(|_| ())
    }

    /// Brings the live models to the end of the log and to the day, and tries those who are parked
    /// again: this engine may read what the one before could not.
    pub(crate) fn take_over(&self) -> Result<(), EngineError> {
        let _moving = held(&self.moving);
        let goal = self.goal()?;
        let taken_over =
            self.with_upkeep(|upkeep| upkeep.retrying_parked().refresh(Slot::Live, goal));
        self.told(taken_over.map(|refreshed| self.tell_reached(refreshed.stand.position())))
    }

    fn refresh_held(&self) -> Result<Refreshed, EngineError> {
        let span = tracing::info_span!(
            "waystage.refresh",
            position = tracing::field::Empty,
            participants = tracing::field::Empty,
            events = tracing::field::Empty,
            cells = tracing::field::Empty
        );
        let _entered = span.enter();
        let begun = self.clock.now();
        let goal = self.goal()?;
        let refreshed = self.with_upkeep(|upkeep| upkeep.refresh(Slot::Live, goal))?;
        let position = refreshed.stand.position();
        span.record("position", position.map_or(0, Position::get));
        span.record("participants", refreshed.participants);
        span.record("events", refreshed.events_folded);
        span.record("cells", refreshed.cells);
        self.meter.count("waystage.refresh.participants", refreshed.participants);
        self.meter.count("waystage.refresh.events_folded", refreshed.events_folded);
        self.meter.took("waystage.refresh", since(begun, self.clock.now()));
        self.meter.level("waystage.models.position", position.map_or(0, Position::get));
        self.tell_reached(position);
        Ok(refreshed)
    }

    /// Checks that the log holds what the models do.
    pub(crate) fn check_anchor(&self) -> Result<(), EngineError> {
        if self.store.stand(Slot::Live)?.is_none() {
            return Ok(());
        }
        self.with_upkeep(|upkeep| upkeep.stand(Slot::Live)).map(|_| ())
    }

    fn tell_reached(&self, position: Option<Position>) {
        *held(&self.reached) = position;
        self.moved.notify_all();
    }

    /// Returns where the models are to stand: at the end of the log, as of the day.
    fn goal(&self) -> Result<Goal, EngineError> {
        let stands = self.store.stand(Slot::Live)?.map(|stand| stand.as_of);
        let today = self.clock.now().date();
        let as_of = match *held(&self.as_of) {
            AsOf::On(day) => day,
            AsOf::Today => stands.into_iter().fold(today, NaiveDate::max),
            AsOf::Kept => stands.unwrap_or(today),
        };
        Ok(Goal { through: self.reader.last_position()?, as_of })
    }

    /// Works with the upkeep of the models, with what the log has adopted by now. The goal must
    /// have been taken before.
    ///
    /// It is done by threads of the models' own, and this one sleeps meanwhile: a caller who comes
    /// from a pool of threads must not be given other callers' work while it holds the models, and
    /// must not wait for threads that wait for it. What panics there is a failure like any other.
    fn with_upkeep<T: Send>(
        &self,
        work: impl FnOnce(Upkeep<'_>) -> Result<T, ModelError> + Send,
    ) -> Result<T, EngineError> {
        self.with_upkeep_on(&self.threads, &|_| {}, work)
    }

    fn with_upkeep_on<T: Send>(
        &self,
        threads: &rayon::ThreadPool,
        watch: &(dyn Fn(Progress) + Sync),
        work: impl FnOnce(Upkeep<'_>) -> Result<T, ModelError> + Send,
    ) -> Result<T, EngineError> {
        let adoptions = self.adopted.read(&*self.reader)?;
        let upkeep = Upkeep::new(&*self.reader, &*self.store, &self.set, adoptions);
        let upkeep = upkeep.watched(watch);
        let span = tracing::Span::current();
        let done = std::thread::scope(|scope| {
            let work = || span.in_scope(|| threads.install(|| work(upkeep)));
            scope.spawn(work).join()
        });
        let panicked = || ModelError::Unfit { says: "keeping them panicked".to_owned() };
        Ok(done.unwrap_or_else(|_| Err(panicked()))?)
    }

    /// Builds models beside those that answer, without holding up anybody.
    pub(crate) fn build(
        &self,
        names: &[&str],
        rebuild: &Rebuild<'_>,
    ) -> Result<BuiltModels, EngineError> {
        let span = tracing::info_span!(
            "waystage.rebuild",
            participants = tracing::field::Empty,
            events = tracing::field::Empty,
            resumed = tracing::field::Empty,
            finished = tracing::field::Empty
        );
        let _entered = span.enter();
        let begun = self.clock.now();
        let goal = self.goal()?;
        let stop = || rebuild.cancelled() || self.stopping.load(Ordering::Relaxed);
        let basis = self.basis_of(names)?;
        let building = Building::to(goal, basis).in_steps_of(rebuild.in_steps_of).until(&stop);
        let built = self.with_upkeep_on(&self.builders, rebuild.watch, |upkeep| {
            upkeep.build(names, building)
        })?;
        span.record("participants", built.participants);
        span.record("events", built.events);
        span.record("resumed", built.resumed);
        span.record("finished", built.finished);
        self.meter.count("waystage.rebuild.participants", built.participants);
        self.meter.count("waystage.rebuild.events", built.events);
        self.meter.took("waystage.rebuild", since(begun, self.clock.now()));
        Ok(built)
    }

    /// Returns the basis on which models of these names are to be built (all where none is named):
    /// beside others that stay it is theirs, since all of a file stand at one place.
    fn basis_of(&self, names: &[&str]) -> Result<Basis, EngineError> {
        let snapshot = self.store.snapshot()?;
        let live = snapshot.stand(Slot::Live)?.map(|stand| stand.basis);
        let kept = snapshot.fingerprints(Slot::Live)?;
        let stays = |(name, _): &(String, _)| !names.is_empty() && !names.contains(&name.as_str());
        let basis = if kept.iter().any(stays) { live } else { self.basis.or(live) };
        Ok(basis.unwrap_or(Basis::Recorded))
    }

    /// Makes the previous models the next ones, unless they could not answer.
    fn reinstate(&self) -> Result<(), EngineError> {
        let kept = self.store.snapshot()?.fingerprints(Slot::Previous)?;
        if !kept.is_empty() {
            self.with_upkeep(|upkeep| upkeep.stand(Slot::Previous))?;
        }
        for (name, fingerprint) in kept {
            if self.set.get(&name).is_none_or(|model| model.shape.fingerprint != fingerprint) {
                return Err(ModelError::Stale { model: name }.into());
            }
        }
        Ok(self.store.reinstate()?)
    }

    /// Brings what was built and what answers to one place, compares, and switches.
    pub(crate) fn switch(&self) -> Result<Switched, EngineError> {
        let _moving = held(&self.moving);
        self.switch_held()
    }

    fn switch_held(&self) -> Result<Switched, EngineError> {
        let span = tracing::info_span!("waystage.switch", differences = tracing::field::Empty);
        let _entered = span.enter();
        let goal = self.goal()?;
        let switched = self.with_upkeep(|upkeep| upkeep.switch(goal))?;
        span.record("differences", switched.differences.len() as u64);
        self.meter.count("waystage.switch", 1);
        *held(&self.failure) = None;
        self.tell_reached(switched.stand.position());
        Ok(switched)
    }
}

/// How models are rebuilt.
#[derive(Clone, Copy)]
pub struct Rebuild<'a> {
    /// Told how far it is.
    pub watch: &'a (dyn Fn(Progress) + Sync),
    /// Set to true, it stops the build after the step it is in; another rebuild goes on from there.
    pub cancel: Option<&'a AtomicBool>,
    /// Participants in a step.
    pub in_steps_of: usize,
}

impl Default for Rebuild<'_> {
    fn default() -> Self {
        Self { watch: &|_| {}, cancel: None, in_steps_of: 4096 }
    }
}

impl Rebuild<'_> {
    fn cancelled(&self) -> bool {
        self.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }
}

/// What a rebuild came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// The build.
    pub built: BuiltModels,
    /// The switch; none where the build was cancelled before it was whole.
    pub switched: Option<Switched>,
}

/// The read models that an engine keeps.
pub struct Models {
    pub(crate) kept: Arc<Kept>,
    pub(crate) follower: Option<std::thread::JoinHandle<()>>,
}

impl Models {
    /// Brings the models to the end of the log and to the day. Only whom new events, decisions or
    /// the day touch is read again.
    pub fn refresh(&self) -> Result<Refreshed, EngineError> {
        self.kept.refresh()
    }

    /// Moves the models to another day: forwards, those are read again of whom the days in between
    /// change something; backwards, everyone.
    pub fn move_to(&self, as_of: NaiveDate) -> Result<Refreshed, EngineError> {
        *held(&self.kept.as_of) = AsOf::On(as_of);
        self.kept.refresh()
    }

    /// Has the models stand at today again, by the engine's clock, and move on with it.
    pub fn move_with_the_clock(&self) -> Result<Refreshed, EngineError> {
        *held(&self.kept.as_of) = AsOf::Today;
        self.kept.refresh()
    }

    /// Waits until what a receipt proves is in the models, for as long as `patience` at most, and
    /// returns whether it is. Models that are kept on demand are brought up to date for it. What
    /// the log does not hold, because it is another or an older one, never is.
    pub fn wait_for(&self, receipt: &Receipt, patience: Duration) -> Result<bool, EngineError> {
        match KnownEvent::from(*receipt).check(&*self.kept.reader) {
            Err(StoreError::BehindReceipt { .. }) => return Ok(false),
            checked => checked?,
        }
        let wanted = Some(receipt.position);
        let stands = |kept: &Kept| -> Result<bool, EngineError> {
            Ok(kept.store.stand(Slot::Live)?.is_some_and(|stand| wanted <= stand.position()))
        };
        if stands(&self.kept)? {
            return Ok(true);
        }
        if self.kept.pace != Pace::Following {
            self.kept.refresh()?;
            return stands(&self.kept);
        }
        let reached = held(&self.kept.reached);
        let behind = |reached: &mut Option<Position>| *reached < wanted;
        drop(self.kept.moved.wait_timeout_while(reached, patience, behind));
        stands(&self.kept)
    }

    /// Reads the models at one moment: whatever is read of several of them reconciles.
    ///
    /// Models in step and on demand are brought up to date first where they are behind.
    ///
    /// # Errors
    ///
    /// [`ModelError::Stale`] and [`ModelError::NotKept`] for a model that does not answer as the
    /// present definition of it would.
    pub fn read<T>(
        &self,
        look: impl FnOnce(&ModelsAt<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        if self.kept.pace != Pace::Following {
            self.kept.refresh()?;
        }
        let snapshot = self.kept.store.snapshot()?;
        look(&ModelsAt::of(&*snapshot, &self.kept.set)?)
    }

    /// Builds models anew beside those that answer (all where none is named), compares, and
    /// switches to them in one transaction. What answered before is kept for
    /// [`Models::roll_back`]. A rebuild that was killed or cancelled goes on where it stopped. One
    /// follows another: whoever asks meanwhile waits.
    pub fn rebuild(&self, names: &[&str], how: &Rebuild<'_>) -> Result<Rebuilt, EngineError> {
        let _building = held(&self.kept.building);
        let built = self.kept.build(names, how)?;
        let switched = if built.finished { Some(self.kept.switch()?) } else { None };
        Ok(Rebuilt { built, switched })
    }

    /// Makes the models that answered before the last switch answer again, brought up to date.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotReady`] where there are none; [`ModelError::Stale`] where they behave
    /// otherwise than the definitions that are wired now: they are left as they are, for these.
    pub fn roll_back(&self) -> Result<Switched, EngineError> {
        let _building = held(&self.kept.building);
        let _moving = held(&self.kept.moving);
        self.kept.reinstate()?;
        self.kept.switch_held()
    }

    /// Adds the models up again from the log and compares, changing nothing. `watch` is told how
    /// far it is.
    pub fn verify(
        &self,
        names: &[&str],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Checked, EngineError> {
        let kept = &self.kept;
        kept.with_upkeep_on(&kept.builders, watch, |upkeep| upkeep.verify(names))
    }

    /// As [`Models::verify`], and traces what differs to the first event that explains it.
    pub fn scrub(
        &self,
        names: &[&str],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Checked, EngineError> {
        let kept = &self.kept;
        kept.with_upkeep_on(&kept.builders, watch, |upkeep| upkeep.scrub(names))
    }
}

impl Drop for Models {
    fn drop(&mut self) {
        self.kept.stopping.store(true, Ordering::Relaxed);
        if let Some(follower) = self.follower.take() {
            // it looks up at least twice a second, and finishes what it is about
            let _ = follower.join();
        }
    }
}
