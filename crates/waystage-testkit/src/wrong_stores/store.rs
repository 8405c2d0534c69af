//! A store whose every part can be exchanged for a wrong one: the right parts, and the tools that
//! wrong ones are made with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{self, ThreadId};
use std::time::Duration;

use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, Digest, EventReader, EventStore, Key, LogState, LogTip, NewEvent, Receipt, Refusal,
    StoreError, StoredEvent, StreamTip, Wakeup, codec, plan,
};

use crate::store_suite::StoreUnderTest;

pub(super) type Answer = Result<Vec<Receipt>, StoreError>;

/// What an append keeps, and what it answers.
pub(super) struct Done {
    pub(super) keep: Vec<StoredEvent>,
    pub(super) answer: Answer,
}

/// The parts of a store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    pub(super) append: fn(&Log, Append) -> Done,
    pub(super) shared: fn(&Shared, Append) -> Answer,
    pub(super) rows_of: fn(&Log, ParticipantId) -> Vec<StoredEvent>,
    pub(super) rows_after: fn(&Log, u64, usize) -> Vec<StoredEvent>,
    pub(super) participants: fn(&Log) -> Vec<ParticipantId>,
    pub(super) last_position: fn(&Log) -> Option<Position>,
    pub(super) find: fn(&Log, &Key) -> Option<StoredEvent>,
    pub(super) rings: fn(&Wakeup, &Log, &[Receipt]),
    pub(super) wait_after: fn(&Shared, Option<Position>, Duration) -> Option<Position>,
    pub(super) origin: fn(&Log) -> String,
    pub(super) reopened: fn(&mut Log),
}

/// The parts that are right.
pub(super) const RIGHT: Parts = Parts {
    append: right,
    shared: one_at_a_time,
    rows_of: |log, participant| log.of(participant).cloned().collect(),
    rows_after,
    participants: |log| {
        let streams: BTreeSet<_> = log.events.iter().map(|event| event.participant).collect();
        streams.into_iter().filter(|id| *id != ParticipantId::LOG).collect()
    },
    last_position: |log| log.events.last().map(|event| event.position),
    find: |log, key| log.known(key).cloned(),
    rings: |bell, log, _| {
        if let Some(last) = log.events.last() {
            bell.ring(last.position);
        }
    },
    wait_after: |shared, position, patience| shared.bell.wait_after(position, patience),
    origin: |log| log.origin.clone(),
    reopened: |log| log.reopened = true,
};

/// The events, in the order of their positions.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) origin: String,
    pub(super) events: Vec<StoredEvent>,
    /// Where the first event of each key is.
    pub(super) keys: BTreeMap<Key, usize>,
    /// Events that have a place and are not to be seen yet.
    pub(super) hidden: Vec<StoredEvent>,
    /// Before this index, keys are forgotten.
    pub(super) keys_from: usize,
    /// Places that were given and not used.
    pub(super) spent: AtomicU64,
    /// Keys that a reader looked for in vain.
    pub(super) missed: Mutex<BTreeSet<Key>>,
    /// How many events there were when a thread first looked; the first of them is the writer's.
    pub(super) looked: Mutex<Vec<(ThreadId, usize)>>,
    /// How often it was opened again, and how many events there were each time.
    pub(super) openings: Vec<usize>,
    pub(super) reopened: bool,
}

impl Log {
    pub(super) fn of(&self, participant: ParticipantId) -> impl Iterator<Item = &StoredEvent> {
        self.events.iter().filter(move |event| event.participant == participant)
    }

    pub(super) fn known(&self, key: &Key) -> Option<&StoredEvent> {
        let index = self.keys.get(key).filter(|index| **index >= self.keys_from);
        index.and_then(|&index| self.events.get(index))
    }

    /// Appends events as they are.
    pub(super) fn extend(&mut self, events: impl IntoIterator<Item = StoredEvent>) {
        for event in events {
            self.keys.entry(event.key()).or_insert(self.events.len());
            self.events.push(event);
        }
    }

    /// Holds these events and no other.
    pub(super) fn hold(&mut self, events: Vec<StoredEvent>) {
        self.events.clear();
        self.keys.clear();
        self.extend(events);
    }
}

impl LogState for Log {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn log_tip(&self) -> Result<Option<LogTip>, StoreError> {
        let last = self.events.last();
        Ok(last.map(|last| LogTip { position: last.position, recorded_at: last.recorded_at }))
    }

    fn stream_tip(&self, participant: ParticipantId) -> Result<Option<StreamTip>, StoreError> {
        let last = self.of(participant).last();
        Ok(last.map(|last| StreamTip { version: last.version, leaf: last.leaf }))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.known(key).cloned())
    }
}

/// A log that threads share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) parts: Parts,
    pub(super) log: RwLock<Log>,
    pub(super) writer: Mutex<()>,
    pub(super) reads: AtomicU64,
    pub(super) bell: Wakeup,
    /// How many wait.
    pub(super) waiting: AtomicU64,
    threads: Mutex<Vec<ThreadId>>,
}

impl Shared {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn one_writer(&self) -> std::sync::MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives other threads time until something has happened; where there are none, it never will.
    pub(super) fn pause_until(&self, happened: impl Fn(&Self) -> bool) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let own = thread::current().id();
        if !threads.contains(&own) {
            threads.push(own);
        }
        let turns = if threads.len() > 1 { 100 } else { 0 };
        drop(threads);
        for _ in 0..turns {
            if happened(self) {
                return;
            }
            thread::sleep(Duration::from_micros(20));
        }
    }
}

pub(super) fn right(log: &Log, append: Append) -> Done {
    match append.encode().and_then(|encoded| plan(log, encoded)) {
        Ok(plan) => Done { keep: plan.keep, answer: Ok(plan.receipts) },
        Err(error) => refuse(error),
    }
}

pub(super) fn refuse(error: StoreError) -> Done {
    Done { keep: Vec::new(), answer: Err(error) }
}

fn one_at_a_time(shared: &Shared, append: Append) -> Answer {
    let _writer = shared.one_writer();
    let mut log = shared.write();
    let done = (shared.parts.append)(&log, append);
    log.extend(done.keep);
    done.answer
}

pub(super) fn rows_after(log: &Log, position: u64, count_max: usize) -> Vec<StoredEvent> {
    let after = log.events.iter().filter(|event| event.position.get() > position);
    after.take(count_max).cloned().collect()
}

/// Keeps everything as it comes, and looks nothing up but the next places.
pub(super) fn by_hand(log: &Log, append: Append) -> Done {
    let mut keep: Vec<StoredEvent> = Vec::new();
    let last = log.events.last();
    let just_after = last.map_or(i64::MIN, |last| last.recorded_at.micros() + 1);
    let recorded_at = append.now.micros().max(just_after);
    for stream in append.streams {
        let participant = stream.head.participant();
        for event in stream.events {
            let before = keep.iter().rfind(|kept| kept.participant == participant);
            let before = before.or(log.of(participant).last());
            let payload = codec::encode(&event.record).unwrap();
            let mut stored = StoredEvent {
                position: Position::after(keep.last().or(last).map(|last| last.position)),
                participant,
                version: Version::after(before.map(|before| before.version)),
                id: event.id,
                kind: payload.kind.into(),
                schema: payload.schema,
                recorded_at: Timestamp::from_micros(recorded_at),
                reported_at: event.reported_at,
                on: event.on,
                actor: event.actor,
                sourced: event.sourced,
                correlation: event.correlation,
                causation: event.causation,
                payload: payload.bytes,
                leaf: Digest::from_bytes([0; 32]),
            };
            let previous = before.map_or(stored.leaf, |before| before.leaf);
            stored.leaf = stored.leaf_of(&log.origin, previous);
            keep.push(stored);
        }
    }
    let receipts = keep.iter().map(|stored| stored.receipt(false)).collect();
    Done { keep, answer: Ok(receipts) }
}

/// Keeps by hand what is refused for a reason that is forgiven.
pub(super) fn despite(log: &Log, append: Append, forgiven: fn(&StoreError) -> bool) -> Done {
    let done = right(log, append.clone());
    match &done.answer {
        Err(error) if forgiven(error) => by_hand(log, append),
        _ => done,
    }
}

/// Refuses, as a used key, what is right but strikes somebody as odd.
pub(super) fn minding(
    log: &Log,
    append: Append,
    odd: fn(&Log, &Append, &NewEvent) -> bool,
) -> Done {
    let mut events = append.streams.iter().flat_map(|stream| &stream.events);
    match events.find(|event| odd(log, &append, event)) {
        Some(event) => refuse(Refusal::KeyUsed { key: event.key().to_string() }.into()),
        None => right(log, append),
    }
}

/// Changes what is kept, and gives leaves and receipts that fit the change.
pub(super) fn changing(
    log: &Log,
    append: Append,
    change: impl Fn(usize, &mut StoredEvent),
) -> Done {
    let mut done = right(log, append);
    let Ok(receipts) = &mut done.answer else { return done };
    let mut changed: BTreeMap<Position, Receipt> = BTreeMap::new();
    let mut leaves: BTreeMap<ParticipantId, Digest> = BTreeMap::new();
    for (index, event) in done.keep.iter_mut().enumerate() {
        let place = event.position;
        change(index, event);
        let of_stream = leaves.entry(event.participant).or_insert_with(|| {
            let last = log.of(event.participant).last();
            last.map_or(Digest::from_bytes([0; 32]), |last| last.leaf)
        });
        event.leaf = event.leaf_of(&log.origin, *of_stream);
        *of_stream = event.leaf;
        changed.insert(place, event.receipt(false));
    }
    for receipt in receipts {
        if let Some(change) = changed.get(&receipt.position) {
            *receipt = Receipt { duplicate: receipt.duplicate, ..*change };
        }
    }
    done
}

/// Returns the store of an append's only event, and the event.
pub(super) fn only(append: &Append) -> Option<(ParticipantId, &NewEvent)> {
    match &append.streams[..] {
        [stream] => match &stream.events[..] {
            [event] => Some((stream.head.participant(), event)),
            _ => None,
        },
        _ => None,
    }
}

/// A handle of a store that is made of parts.
struct Handle {
    shared: Arc<Shared>,
    origin: String,
}

impl Handle {
    fn reading<T>(&self, read: impl FnOnce(&Log) -> T) -> T {
        self.shared.reads.fetch_add(1, Ordering::AcqRel);
        read(&self.shared.read())
    }
}

impl EventReader for Handle {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.reading(self.shared.parts.last_position))
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        Ok(self.reading(self.shared.parts.participants))
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.reading(|log| (self.shared.parts.rows_of)(log, participant)))
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let after = position.map_or(0, Position::get);
        Ok(self.reading(|log| (self.shared.parts.rows_after)(log, after, count_max)))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.reading(|log| (self.shared.parts.find)(log, key)))
    }

    fn wait_after(
        &self,
        position: Option<Position>,
        patience: Duration,
    ) -> Result<Option<Position>, StoreError> {
        Ok((self.shared.parts.wait_after)(&self.shared, position, patience))
    }
}

impl EventStore for Handle {
    fn append(&self, append: Append) -> Answer {
        let answer = (self.shared.parts.shared)(&self.shared, append);
        let receipts = answer.as_deref().unwrap_or_default();
        (self.shared.parts.rings)(&self.shared.bell, &self.shared.read(), receipts);
        answer
    }
}

/// A store of parts, for the suite. What it holds outlives its handles.
pub(super) struct OfParts {
    shared: Arc<Shared>,
}

impl OfParts {
    pub(super) fn new(parts: Parts) -> Self {
        let shared = Shared {
            parts,
            log: RwLock::default(),
            writer: Mutex::default(),
            reads: AtomicU64::new(0),
            bell: Wakeup::default(),
            waiting: AtomicU64::new(0),
            threads: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    fn handle(&self) -> Box<dyn EventStore> {
        let origin = (self.shared.parts.origin)(&self.shared.read());
        Box::new(Handle { shared: Arc::clone(&self.shared), origin })
    }
}

impl StoreUnderTest for OfParts {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        origin.clone_into(&mut self.shared.write().origin);
        self.handle()
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        let mut log = self.shared.write();
        let count = log.events.len();
        log.openings.push(count);
        (self.shared.parts.reopened)(&mut log);
        drop(log);
        Some(self.handle())
    }
}
