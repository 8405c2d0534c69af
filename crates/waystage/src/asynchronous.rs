//! The engine for asynchronous services: the same verbs, each of them a future on tokio.
//!
//! Every call runs to its end on a thread for blocking work, whatever becomes of its future: a
//! future that is dropped, timed out or aborted has recorded its facts, or will, or never began;
//! sending the same facts again settles it, because they carry their keys. How many calls run at a
//! time is bounded; the others wait in line without a thread.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::NaiveDate;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use waystage_core::contribution::Projection;
use waystage_core::id::{Actor, ParticipantId, Position};
use waystage_core::replayed::Replayed;
use waystage_core::view::{Basis, View};
use waystage_evidence::{SecretKey, SignedCheckpoint};
use waystage_replay::models::{Checked, Refreshed};
use waystage_replay::{Progress, Sum};
use waystage_store::{Following, KnownEvent, Receipt, StoredEvent};

use crate::access::Access;
use crate::adopt::Adoption;
use crate::determine::Run;
use crate::engine::Status;
use crate::error::EngineError;
use crate::evidence::{Anchor, Trust, Verification};
use crate::intake::{ImportPlan, ImportReport};
use crate::models::{ModelsAt, ReadModels, Rebuild, Rebuilt};
use crate::record::NewFact;

/// Calls that write at a time: as many as may share one commit without a thread for each caller.
const WRITING_MAX: usize = 64;
/// Calls that read at a time.
const READING_MAX: usize = 16;
/// Calls that wait for events at a time.
const FOLLOWING_MAX: usize = 64;
/// How long one of them waits on its thread before it goes to the end of the line.
const LOOK: Duration = Duration::from_millis(500);

/// An engine over one log, for use from asynchronous code. Clones are the same engine.
///
/// ```
/// use waystage::{Adoption, asynchronous::Engine};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let engine = Engine::of(waystage::Engine::in_memory("example.org/async"));
/// engine.adopt(Adoption::bundled()).await?;
/// assert_eq!(engine.status().await?.participants, 0);
/// # Ok::<(), waystage::EngineError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    blocking: Arc<crate::Engine>,
    writing: Arc<Semaphore>,
    reading: Arc<Semaphore>,
    following: Arc<Semaphore>,
}

impl Engine {
    /// Returns the asynchronous face of an engine.
    pub fn of(engine: crate::Engine) -> Self {
        Self {
            blocking: Arc::new(engine),
            writing: Arc::new(Semaphore::new(WRITING_MAX)),
            reading: Arc::new(Semaphore::new(READING_MAX)),
            following: Arc::new(Semaphore::new(FOLLOWING_MAX)),
        }
    }

    /// Creates a store: see [`Engine::create`](crate::Engine::create).
    pub async fn create(folder: PathBuf, origin: String) -> Result<Self, EngineError> {
        answered(spawn_blocking(move || crate::Engine::create(&folder, &origin)).await)
            .map(Self::of)
    }

    /// Opens a store: see [`Engine::open`](crate::Engine::open).
    pub async fn open(folder: PathBuf) -> Result<Self, EngineError> {
        answered(spawn_blocking(move || crate::Engine::open(&folder)).await).map(Self::of)
    }

    /// Opens a store that must hold a known event: see
    /// [`Engine::open_knowing`](crate::Engine::open_knowing).
    pub async fn open_knowing(folder: PathBuf, known: KnownEvent) -> Result<Self, EngineError> {
        answered(spawn_blocking(move || crate::Engine::open_knowing(&folder, known)).await)
            .map(Self::of)
    }

    /// Returns the engine itself, for what never blocks: making facts and ids, and the clock. Its
    /// other verbs read the store: ask for them through [`Engine::read`].
    pub fn blocking(&self) -> &crate::Engine {
        &self.blocking
    }

    /// Returns how many more calls may write at once before others wait in line.
    pub fn free_to_write(&self) -> usize {
        self.writing.available_permits()
    }

    /// Records facts of one participant: see [`Engine::record`](crate::Engine::record). After a
    /// dropped future, record the same facts again.
    pub async fn record(
        &self,
        participant: ParticipantId,
        facts: Vec<NewFact>,
    ) -> Result<Vec<Receipt>, EngineError> {
        self.ask(&self.writing, move |engine| engine.record(participant, facts)).await
    }

    /// Adopts packs and tables: see [`Engine::adopt`](crate::Engine::adopt).
    pub async fn adopt(&self, adoption: Adoption) -> Result<u64, EngineError> {
        self.ask(&self.writing, move |engine| Ok(engine.adopt(&adoption)?.0)).await
    }

    /// Takes an extract: see [`Engine::import`](crate::Engine::import). An import whose future is
    /// dropped goes on; taking the extract again ends in the same store.
    pub async fn import(
        &self,
        plan: ImportPlan,
        watch: impl Fn(u64, u64) + Send + 'static,
    ) -> Result<ImportReport, EngineError> {
        self.ask(&self.writing, move |engine| engine.import(&plan, &watch)).await
    }

    /// Makes a determine run: see [`Engine::determine`](crate::Engine::determine).
    pub async fn determine(&self, as_of: NaiveDate, basis: Basis) -> Result<Run, EngineError> {
        self.ask(&self.writing, move |engine| engine.determine(as_of, basis)).await
    }

    /// Adds up a read model in a view: see [`Engine::sum`](crate::Engine::sum).
    pub async fn sum<P>(&self, projection: P, view: View) -> Result<Sum<P::Key>, EngineError>
    where
        P: Projection + Send + 'static,
        P::Key: Send + 'static,
    {
        self.read(move |engine| engine.sum(&projection, view)).await
    }

    /// Looks for a purpose: what is done with the access leaves a record; see
    /// [`Engine::access`](crate::Engine::access).
    pub async fn access<T: Send + 'static>(
        &self,
        actor: impl Into<Actor>,
        purpose: impl Into<String>,
        look: impl FnOnce(&Access<'_>) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (actor, purpose) = (actor.into(), purpose.into());
        self.read(move |engine| look(&engine.access(actor, purpose))).await
    }

    /// Signs the log as it stands: see [`Engine::checkpoint`](crate::Engine::checkpoint).
    pub async fn checkpoint(
        &self,
        key: SecretKey,
        anchor: Anchor,
    ) -> Result<SignedCheckpoint, EngineError> {
        self.ask(&self.writing, move |engine| engine.checkpoint(&key, &anchor, &|_| {})).await
    }

    /// Verifies the whole log: see [`Engine::verify_log`](crate::Engine::verify_log).
    pub async fn verify_log(&self, trust: Trust) -> Result<Verification, EngineError> {
        self.read(move |engine| engine.verify_log(&trust, &|_| {})).await
    }

    /// Keeps read models from here on: see [`Engine::keep`](crate::Engine::keep). It is called
    /// before the engine is shared: clones that were made before keep it from being changed.
    ///
    /// # Errors
    ///
    /// [`EngineError::Shared`] where there are clones.
    pub async fn keep(self, models: ReadModels) -> Result<Self, EngineError> {
        let engine = Arc::try_unwrap(self.blocking).map_err(|_| EngineError::Shared)?;
        answered(spawn_blocking(move || engine.keep(models)).await).map(Self::of)
    }

    /// Reads the kept models at one moment: see [`Models::read`](crate::Models::read).
    pub async fn models<T: Send + 'static>(
        &self,
        look: impl FnOnce(&ModelsAt<'_>) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.read(move |engine| engine.models()?.read(look)).await
    }

    /// Brings the kept models up to date: see [`Models::refresh`](crate::Models::refresh).
    pub async fn refresh(&self) -> Result<Refreshed, EngineError> {
        self.ask(&self.writing, |engine| engine.models()?.refresh()).await
    }

    /// Moves the kept models to another day: see [`Models::move_to`](crate::Models::move_to).
    pub async fn move_to(&self, as_of: NaiveDate) -> Result<Refreshed, EngineError> {
        self.ask(&self.writing, move |engine| engine.models()?.move_to(as_of)).await
    }

    /// Waits until what a receipt proves is in the kept models: see
    /// [`Models::wait_for`](crate::Models::wait_for).
    pub async fn wait_for(
        &self,
        receipt: Receipt,
        patience: Duration,
    ) -> Result<bool, EngineError> {
        let mut left = patience;
        loop {
            let look = left.min(LOOK);
            let wait = move |engine: &crate::Engine| engine.models()?.wait_for(&receipt, look);
            let is_in = self.ask(&self.following, wait).await?;
            left = left.saturating_sub(look);
            if is_in || left.is_zero() {
                return Ok(is_in);
            }
        }
    }

    /// Rebuilds kept models beside those that answer: see
    /// [`Models::rebuild`](crate::Models::rebuild). Where its future is dropped the build stops
    /// after the step it is in; what answered goes on answering, and another rebuild goes on from
    /// there.
    pub async fn rebuild(
        &self,
        names: Vec<String>,
        watch: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Rebuilt, EngineError> {
        let dropped = CancelOnDrop(Arc::default());
        let cancel = Arc::clone(&dropped.0);
        let rebuild = move |engine: &crate::Engine| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let how = Rebuild { watch: &watch, cancel: Some(&cancel), ..Rebuild::default() };
            engine.models()?.rebuild(&names, &how)
        };
        self.ask(&self.writing, rebuild).await
    }

    /// Adds kept models up again from the log and compares: see
    /// [`Models::verify`](crate::Models::verify).
    pub async fn verify(&self, names: Vec<String>) -> Result<Checked, EngineError> {
        self.read(move |engine| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            engine.models()?.verify(&names, &|_| {})
        })
        .await
    }

    /// Replays one participant in a view: see [`Engine::journey`](crate::Engine::journey).
    pub async fn journey<T: Send + 'static>(
        &self,
        participant: ParticipantId,
        view: View,
        look: impl FnOnce(&Replayed<'_>) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        self.read(move |engine| engine.journey(participant, view, look)).await
    }

    /// Goes on without an event that cannot be read: see [`Engine::skip`](crate::Engine::skip).
    pub async fn skip(
        &self,
        position: Position,
        by: Actor,
        reason: String,
    ) -> Result<Receipt, EngineError> {
        self.ask(&self.writing, move |engine| engine.skip(position, by, &reason)).await
    }

    /// Reads a participant again with everything: see [`Engine::retry`](crate::Engine::retry).
    pub async fn retry(
        &self,
        participant: ParticipantId,
        by: Actor,
        reason: String,
    ) -> Result<Receipt, EngineError> {
        self.ask(&self.writing, move |engine| engine.retry(participant, by, &reason)).await
    }

    /// Returns the view of everything that is known now: see
    /// [`Engine::today`](crate::Engine::today).
    pub async fn today(&self) -> Result<View, EngineError> {
        self.read(|engine| Ok(engine.today())).await
    }

    /// Returns what the log holds: see [`Engine::status`](crate::Engine::status).
    pub async fn status(&self) -> Result<Status, EngineError> {
        self.read(crate::Engine::status).await
    }

    /// Copies the log while it is in use: see [`Engine::backup`](crate::Engine::backup).
    pub async fn backup(&self, to: PathBuf) -> Result<u64, EngineError> {
        self.read(move |engine| engine.backup(&to)).await
    }

    /// Returns the next events after a position, at most a thousand; none where there are none
    /// within `patience`. It waits without asking the store, on a thread for half a second at a
    /// time, so that a future that is dropped gives its thread back; of more than 64 that wait at
    /// once each looks in turn, and what it stands in line is no part of its patience.
    pub async fn read_after(
        &self,
        position: Option<Position>,
        patience: Duration,
    ) -> Result<Vec<StoredEvent>, EngineError> {
        let mut left = patience;
        loop {
            let look = left.min(LOOK);
            let next = move |engine: &crate::Engine| {
                Ok(Following::read_after(engine.reader(), position).next(look)?)
            };
            let events = self.ask(&self.following, next).await?;
            left = left.saturating_sub(look);
            if !events.is_empty() || left.is_zero() {
                return Ok(events);
            }
        }
    }

    /// Reads with the engine itself: replays, lenses, whatever has no verb of its own here.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&crate::Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.ask(&self.reading, work).await
    }

    /// Waits in line, then does the work on a thread for blocking work. The place in line is given
    /// back when the work ends, not when somebody stops waiting for it.
    async fn ask<T: Send + 'static>(
        &self,
        line: &Arc<Semaphore>,
        work: impl FnOnce(&crate::Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let place = Arc::clone(line).acquire_owned().await;
        let engine = Arc::clone(&self.blocking);
        let work = move || {
            let answer = work(&engine);
            drop(place);
            answer
        };
        answered(spawn_blocking(work).await)
    }
}

/// Cancels a build when the future that waits for it is dropped.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Returns the answer of a call that ran on another thread, or how it ended without one.
fn answered<T>(
    ended: Result<Result<T, EngineError>, tokio::task::JoinError>,
) -> Result<T, EngineError> {
    ended.unwrap_or_else(|error| Err(EngineError::NoAnswer { says: error.to_string() }))
}
