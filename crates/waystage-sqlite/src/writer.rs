//! The writer: one thread, one connection, one commit for all who ask at the same time. Each append
//! stays atomic and gets its own receipts or its own refusal; nobody is answered before the commit
//! that holds their events has been synced.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use waystage_core::id::Position;
use waystage_store::{EncodedAppend, KeptNote, Receipt, StoreError, Wakeup};

use crate::failure::{failed, failed_at_commit};
use crate::log::Tables;
use crate::{notes, tree, write};

/// Appends that may wait; who comes after them waits for a place.
const QUEUE: usize = 1024;
/// Appends that share one commit at most.
const GROUP_MAX: usize = 512;
/// The size at which the write-ahead log must be brought into the file before more is written.
const WAL_BYTES_MAX: u64 = 64 << 20;
/// How long the writer tries to do so while a reader stands in the way.
const PATIENCE: Duration = Duration::from_secs(5);

const NO_WRITER: &str = "the writer's thread has ended";

type Answer = Result<Vec<Receipt>, StoreError>;

/// What the writer is asked for.
enum Asked {
    /// Events.
    Append(Box<EncodedAppend>, SyncSender<Answer>),
    /// To keep a signed note.
    Note(KeptNote, SyncSender<Result<(), StoreError>>),
}

type Asker = (SyncSender<Answer>, EncodedAppend);

/// What the writer's thread works with.
pub(crate) struct Desk {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) origin: String,
    pub(crate) tables: Arc<Tables>,
    pub(crate) wakeup: Arc<Wakeup>,
}

/// The way to the writer's thread. Dropping it lets the thread finish what was asked.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<SyncSender<Asked>>,
    thread: Option<JoinHandle<()>>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    pub(crate) fn start(desk: Desk) -> Result<Self, StoreError> {
        let (queue, asked) = sync_channel(QUEUE);
        let thread = Builder::new()
            .name("waystage-writer".to_owned())
            .spawn(move || desk.work(&asked))
            .map_err(|error| StoreError::NoResources {
                says: format!("the writer's thread: {error}"),
            })?;
        let waiting = Arc::new(AtomicUsize::new(0));
        Ok(Self { queue: Some(queue), thread: Some(thread), waiting })
    }

    /// Asks for an append and waits for its answer.
    pub(crate) fn append(&self, append: EncodedAppend) -> Answer {
        self.ask(|answer| Asked::Append(Box::new(append), answer))
    }

    /// Asks for a note to be kept and waits until it is.
    pub(crate) fn keep_note(&self, note: KeptNote) -> Result<(), StoreError> {
        self.ask(|answer| Asked::Note(note, answer))
    }

    fn ask<T>(
        &self,
        asked: impl FnOnce(SyncSender<Result<T, StoreError>>) -> Asked,
    ) -> Result<T, StoreError> {
        let (answer, answered) = sync_channel(1);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let asked = self.queue.as_ref().map(|queue| queue.send(asked(answer)));
        let answer = match asked {
            // the thread is gone only after it failed; what was asked was never looked at
            None | Some(Err(_)) => Err(StoreError::Poisoned { cause: NO_WRITER.to_owned() }),
            Some(Ok(())) => answered
                .recv()
                .unwrap_or_else(|_| Err(StoreError::OutcomeUnknown { says: NO_WRITER.to_owned() })),
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    /// Returns how many callers wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Forgets a thread that is another process's.
    pub(crate) fn forget(&mut self) {
        if let Some(queue) = self.queue.take() {
            std::mem::forget(queue);
        }
        if let Some(thread) = self.thread.take() {
            std::mem::forget(thread);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn work(mut self, asked: &Receiver<Asked>) {
        let mut poisoned: Option<String> = None;
        while let Ok(first) = asked.recv() {
            let mut group = Vec::new();
            for asked in std::iter::once(first).chain(asked.try_iter().take(GROUP_MAX - 1)) {
                match (asked, &poisoned) {
                    (Asked::Append(append, answer), None) => group.push((answer, *append)),
                    (Asked::Note(note, answer), None) => {
                        poisoned = self.answer(std::mem::take(&mut group));
                        let kept = match &poisoned {
                            None => self.keep_note(&note),
                            Some(cause) => Err(Broken::Before(ended(cause))),
                        };
                        if let Err(Broken::AtCommit(says)) = &kept {
                            poisoned = Some(says.clone());
                        }
                        let _ = answer.send(kept.map_err(|broken| broken.again()));
                    }
                    (Asked::Append(_, answer), Some(cause)) => {
                        let _ = answer.send(Err(ended(cause)));
                    }
                    (Asked::Note(_, answer), Some(cause)) => {
                        let _ = answer.send(Err(ended(cause)));
                    }
                }
            }
            if poisoned.is_none() {
                poisoned = self.answer(group);
            }
        }
    }

    /// Keeps a note in a transaction of its own.
    fn keep_note(&mut self, note: &KeptNote) -> Result<(), Broken> {
        self.bound_the_wal()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| Broken::Before(failed(error)))?;
        notes::keep(&transaction, note).map_err(Broken::Before)?;
        committed(transaction)
    }

    /// Records a group in one transaction, answers each, and returns why the commit failed, if it
    /// did half-way.
    fn answer(&mut self, group: Vec<Asker>) -> Option<String> {
        if group.is_empty() {
            return None;
        }
        let (askers, appends): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        match self.record(appends) {
            Ok((answers, last)) => {
                if let Some(last) = last {
                    self.wakeup.ring(last);
                }
                for (asker, answer) in askers.into_iter().zip(answers) {
                    let _ = asker.send(answer);
                }
                None
            }
            Err(broken) => {
                self.tables.forget();
                for asker in askers {
                    let _ = asker.send(Err(broken.again()));
                }
                match broken {
                    Broken::AtCommit(says) => Some(says),
                    Broken::Before(_) => None,
                }
            }
        }
    }

    /// Records what of a group can be recorded. An append that is refused leaves nothing behind and
    /// does not hinder the others; a failure of the storage undoes the whole group.
    fn record(
        &mut self,
        appends: Vec<EncodedAppend>,
    ) -> Result<(Vec<Answer>, Option<Position>), Broken> {
        self.bound_the_wal()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| Broken::Before(failed(error)))?;
        let mut answers = Vec::with_capacity(appends.len());
        let (mut last, mut leaves) = (None, Vec::new());
        for append in appends {
            let planned = write::planned(&transaction, &self.origin, &self.tables, append);
            answers.push(match planned {
                Ok(plan) => {
                    write::keep(&transaction, &self.tables, &plan.keep).map_err(Broken::Before)?;
                    last = plan.keep.last().map(|event| event.position).or(last);
                    leaves.extend(plan.keep.iter().map(|event| event.leaf));
                    Ok(plan.receipts)
                }
                Err(error) if is_of_the_storage(&error) => return Err(Broken::Before(error)),
                Err(refused) => Err(refused),
            });
        }
        if last.is_none() {
            return Ok((answers, None));
        }
        tree::extend(&transaction, leaves).map_err(Broken::Before)?;
        committed(transaction)?;
        Ok((answers, last))
    }

    /// Keeps the write-ahead log within its bound: where a reader holds it back, the writer waits
    /// for that reader a while and then says so.
    fn bound_the_wal(&self) -> Result<(), Broken> {
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        let size = |path| std::fs::metadata(path).map_or(0, |found| found.len());
        if size(&path) <= WAL_BYTES_MAX {
            return Ok(());
        }
        let connection = &self.connection;
        let brought_in = connection
            .busy_timeout(PATIENCE)
            .and_then(|()| {
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            })
            .map(|busy: i64| busy == 0);
        match brought_in {
            Ok(true) => Ok(()),
            Ok(false) => Err(Broken::Before(StoreError::HeldByReader { bytes: size(&path) })),
            Err(error) => Err(Broken::Before(failed(error))),
        }
    }
}

fn committed(transaction: Transaction<'_>) -> Result<(), Broken> {
    transaction.commit().map_err(|error| match failed_at_commit(error) {
        StoreError::OutcomeUnknown { says } => Broken::AtCommit(says),
        not_written => Broken::Before(not_written),
    })
}

fn ended(cause: &str) -> StoreError {
    StoreError::Poisoned { cause: cause.to_owned() }
}

/// Why a group was not recorded.
enum Broken {
    /// Before the commit: nothing of it was written.
    Before(StoreError),
    /// At the commit: nobody knows. With what the storage said.
    AtCommit(String),
}

impl Broken {
    /// Returns the error for one more of those who asked.
    fn again(&self) -> StoreError {
        match self {
            Self::AtCommit(says) => StoreError::OutcomeUnknown { says: says.clone() },
            Self::Before(error) => repeated(error),
        }
    }
}

/// Returns whether an error concerns everybody who asked, not the one append alone.
const fn is_of_the_storage(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Busy
            | StoreError::StorageFull
            | StoreError::NoResources { .. }
            | StoreError::ReadFault { .. }
            | StoreError::WriteFault { .. }
            | StoreError::NotWritable { .. }
            | StoreError::Damaged { .. }
    )
}

/// Returns the same error for one more of those who asked.
fn repeated(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy => StoreError::Busy,
        StoreError::StorageFull => StoreError::StorageFull,
        StoreError::NoResources { says } => StoreError::NoResources { says: says.clone() },
        StoreError::HeldByReader { bytes } => StoreError::HeldByReader { bytes: *bytes },
        StoreError::ReadFault { code, says } => {
            StoreError::ReadFault { code: *code, says: says.clone() }
        }
        StoreError::WriteFault { code, says } => {
            StoreError::WriteFault { code: *code, says: says.clone() }
        }
        StoreError::NotWritable { code, says } => {
            StoreError::NotWritable { code: *code, says: says.clone() }
        }
        other => StoreError::Damaged { says: other.to_string() },
    }
}
