//! Read models that an engine keeps: wired once, brought up to date by the engine, read at one
//! moment, rebuilt beside what answers.

mod following;
mod kept;
mod parked;
mod snapshot;
mod status;
mod wiring;

pub use kept::{Models, Rebuild, Rebuilt};
pub use snapshot::ModelsAt;
pub use status::{ModelState, ModelStatus, ModelsStatus};
pub use wiring::{AsOf, Pace, ReadModels};

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex};

use waystage_core::id::Position;
use waystage_replay::models::ModelSet;
use waystage_sqlite::SqliteModels;
use waystage_store::StoreError;
use waystage_store::models::MemoryModels;
use waystage_store::models::{ModelError, ModelStore, Shape, Slot, check_shapes};

use self::kept::Kept;
use crate::corpus;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Keeps read models from here on, beside the log, and returns the engine that does.
    ///
    /// Models that were never kept are built; what a crash left behind is caught up. One whose
    /// definition behaves otherwise than the one that was kept under its name does not answer until
    /// it is rebuilt.
    ///
    /// # Errors
    ///
    /// [`ModelError::Damaged`] where the file is none of kept models, and [`ModelError::Foreign`]
    /// where it holds what this log does not: [`ReadModels::anew`] makes it anew.
    pub fn keep(mut self, wired: ReadModels) -> Result<Self, EngineError> {
        self.models = None;
        let corpus = corpus::golden()?;
        let set = ModelSet::of(wired.models, &corpus);
        let shapes: Vec<Shape> = set.models().iter().map(|kept| kept.shape.clone()).collect();
        check_shapes(&shapes, [])?;
        let store: Box<dyn ModelStore> = match self.folder() {
            Some(folder) => {
                let path = folder.join(&wired.file);
                let open = if wired.anew { SqliteModels::remake } else { SqliteModels::open };
                Box::new(open(&path)?)
            }
            None => Box::new(MemoryModels::new()),
        };
        let kept = Arc::new(Kept {
            reader: self.shared_reader(),
            store,
            set,
            pace: wired.pace,
            basis: wired.basis,
            as_of: Mutex::new(wired.as_of),
            clock: Arc::clone(&self.clock),
            adopted: Arc::clone(&self.adopted),
            meter: Arc::clone(&self.meter),
            moving: Mutex::default(),
            building: Mutex::default(),
            reached: Mutex::default(),
            moved: Condvar::new(),
            failure: Mutex::default(),
            stopping: AtomicBool::new(false),
            threads: threads(wired.threads)?,
            builders: threads(wired.threads)?,
        });
        kept.complete(wired.leaves_missing)?;
        let follower = match wired.pace {
            Pace::Following => Some(following::start(&kept)?),
            Pace::InStep | Pace::OnDemand => None,
        };
        self.models = Some(Models { kept, follower });
        Ok(self)
    }

    /// Returns the read models that are kept.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoModels`] where none are: see [`Engine::keep`].
    pub fn models(&self) -> Result<&Models, EngineError> {
        self.models.as_ref().ok_or(EngineError::NoModels)
    }

    /// Brings models that are kept in step up to date with what was just recorded. That it cannot
    /// be done is no failure of the call that recorded: it stands in the models' status.
    pub(crate) fn in_step(&self) {
        self.in_step_with(None);
    }

    /// As [`Engine::in_step`], where it is known what was recorded: whoever waited while another
    /// caller brought the models past it has nothing left to do.
    pub(crate) fn in_step_with(&self, recorded: Option<Position>) {
        if let Some(models) = &self.models
            && models.kept.pace == Pace::InStep
            && let Err(error) = models.kept.reach(recorded)
        {
            tracing::warn!(says = %error, "waystage.refresh.failed");
        }
    }
}

/// Starts the threads that keep models: so many, or as many as the machine has cores.
fn threads(count: usize) -> Result<rayon::ThreadPool, EngineError> {
    let named = rayon::ThreadPoolBuilder::new().thread_name(|_| "waystage-models".to_owned());
    let started = named.num_threads(count).build();
    started.map_err(|error| StoreError::NoResources { says: error.to_string() }.into())
}

impl Kept {
    /// Returns the models that were never kept. One that was left behind is not among them: it
    /// waits for its rebuild, however often the engine is opened again.
    fn never_kept(&self) -> Result<Vec<&str>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let mut missing = Vec::new();
        for model in self.set.models() {
            // it answers for models that were left behind too
            match snapshot.parked(Slot::Live, &model.shape.name) {
                Err(ModelError::NotKept { .. }) => missing.push(model.shape.name.as_str()),
                kept => drop(kept?),
            }
        }
        Ok(missing)
    }

    /// Builds what was never kept, and brings the rest up to date.
    fn complete(&self, leaves_missing: bool) -> Result<(), EngineError> {
        let missing = self.never_kept()?;
        if !missing.is_empty() && !leaves_missing {
            let how = Rebuild::default();
            if self.build(&missing, &how)?.finished {
                self.switch()?;
            }
        }
        if self.pace == Pace::OnDemand {
            return self.check_anchor();
        }
        match self.take_over() {
            Ok(()) => Ok(()),
            // it does not answer, and says so when it is read
            Err(EngineError::Models(ModelError::Stale { .. } | ModelError::NotKept { .. })) => {
                Ok(())
            }
            Err(other) => Err(other),
        }
    }
}
