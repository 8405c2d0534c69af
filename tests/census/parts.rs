//! A small log of our own, and the places where a wrong store may differ from a right one. Every
//! place does the right thing unless a wrong store says otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{
    Append, Digest, EventReader, EventStore, Head, Key, LogState, LogTip, NewEvent, Plan, Receipt,
    StoreError, StoredEvent, StreamTip, Wakeup, plan, read_stream,
};
use waystage_testkit::store_suite::StoreUnderTest;

/// A wrong store.
pub(crate) struct Wrong {
    /// What it does, and which sentence of the contract it breaks where that is not plain.
    pub(crate) does: &'static str,
    /// Makes one.
    pub(crate) make: fn() -> Box<dyn StoreUnderTest>,
}

/// What an append brings, by key.
pub(crate) type Sent = BTreeMap<Key, (ParticipantId, NewEvent)>;

/// The events of a log with their two indexes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Log {
    pub(crate) origin: String,
    pub(crate) events: Vec<StoredEvent>,
    pub(crate) streams: BTreeMap<ParticipantId, Vec<usize>>,
    pub(crate) keys: BTreeMap<Key, usize>,
    /// What a wrong store writes down for the time after it is opened again.
    pub(crate) memo: Arc<Mutex<Vec<usize>>>,
}

impl Log {
    pub(crate) fn keep(&mut self, event: StoredEvent, key: Key) {
        let index = self.events.len();
        self.streams.entry(event.participant).or_default().push(index);
        self.keys.entry(key).or_insert(index);
        self.events.push(event);
    }

    /// Holds these events instead, with its indexes made anew.
    pub(crate) fn hold(&mut self, events: Vec<StoredEvent>) {
        let (origin, memo) = (self.origin.clone(), Arc::clone(&self.memo));
        *self = Self { origin, memo, ..Self::default() };
        for event in events {
            let key = event.key();
            self.keep(event, key);
        }
    }

    /// Returns a right view of the first events alone.
    pub(crate) fn first(&self, count: usize) -> Self {
        let mut log = Self { origin: self.origin.clone(), ..Self::default() };
        log.hold(self.events.iter().take(count).cloned().collect());
        log
    }

    pub(crate) fn keyed(&self, key: &Key) -> Option<StoredEvent> {
        self.keys.get(key).and_then(|&index| self.events.get(index)).cloned()
    }

    pub(crate) fn tip(&self) -> Option<LogTip> {
        self.events
            .last()
            .map(|last| LogTip { position: last.position, recorded_at: last.recorded_at })
    }

    pub(crate) fn tip_of(&self, participant: ParticipantId) -> Option<StreamTip> {
        let last = self.streams.get(&participant).and_then(|stream| stream.last());
        let last = last.and_then(|&index| self.events.get(index));
        last.map(|last| StreamTip { version: last.version, leaf: last.leaf })
    }

    pub(crate) fn listed(&self) -> Vec<ParticipantId> {
        self.streams.keys().copied().filter(|id| *id != ParticipantId::LOG).collect()
    }

    pub(crate) fn stream(&self, participant: ParticipantId) -> Vec<StoredEvent> {
        let stream = self.streams.get(&participant).map_or(&[][..], Vec::as_slice);
        stream.iter().map(|&index| self.events[index].clone()).collect()
    }

    pub(crate) fn page(&self, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        let skip = self.events.partition_point(|event| Some(event.position) <= after);
        self.events.iter().skip(skip).take(count_max).cloned().collect()
    }

    /// Returns a head that agrees with the log.
    pub(crate) fn head(&self, participant: ParticipantId) -> Head {
        read_stream(self, participant).unwrap().head()
    }
}

impl EventReader for Log {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.tip().map(|tip| tip.position))
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        Ok(self.listed())
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.stream(participant))
    }

    fn rows_after(
        &self,
        after: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.page(after, count_max))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.keyed(key))
    }
}

/// Where a store may differ from a right one.
pub(crate) trait Twist: Sized + Send + Sync + 'static {
    /// The key under which the index knows a key.
    fn key(&self, key: &Key) -> Key {
        key.clone()
    }
    /// The append as it is taken in.
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        Ok(append)
    }
    /// The end of the log, as the plan is told.
    fn log_tip(&self, log: &Log) -> Option<LogTip> {
        log.tip()
    }
    /// The end of a stream, as the plan is told.
    fn stream_tip(&self, log: &Log, participant: ParticipantId) -> Option<StreamTip> {
        log.tip_of(participant)
    }
    /// The event of a key, as the plan is told.
    fn settled(&self, log: &Log, key: &Key, _sent: &Sent) -> Option<StoredEvent> {
        log.keyed(&self.key(key))
    }
    /// The plan as it is carried out.
    fn planned(&self, _log: &Log, _append: &Append, _plan: &mut Plan) {}
    /// What a refused append leaves behind and answers.
    fn refused(
        &self,
        _store: &Store<Self>,
        _log: &mut Log,
        _append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        Err(error)
    }
    /// How the bell is rung.
    fn rings(&self, bell: &Wakeup, log: &Log, _kept: &[StoredEvent]) {
        if let Some(last) = log.events.last() {
            bell.ring(last.position);
        }
    }
    /// The whole append.
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        store.record(append)
    }
    /// The last position.
    fn last_position(&self, log: &Log) -> Option<Position> {
        log.tip().map(|tip| tip.position)
    }
    /// The participants.
    fn participants(&self, log: &Log) -> Vec<ParticipantId> {
        log.listed()
    }
    /// A stream.
    fn rows_of(&self, log: &Log, participant: ParticipantId) -> Vec<StoredEvent> {
        log.stream(participant)
    }
    /// A page of the log.
    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        log.page(after, count_max)
    }
    /// The event of a key.
    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        log.keyed(&self.key(key))
    }
    /// The wait.
    fn wait_after(
        &self,
        store: &Store<Self>,
        after: Option<Position>,
        patience: Duration,
    ) -> Option<Position> {
        store.bell.wait_after(after, patience)
    }
    /// What opening again makes of what was kept.
    fn reopened(&self, _log: &mut Log) {}
    /// The bell of a store that was opened.
    fn bell(&self, log: &Log) -> Wakeup {
        Wakeup::new(log.tip().map(|tip| tip.position))
    }
}

/// A store that is right but for its twist.
pub(crate) struct Store<T> {
    origin: String,
    pub(crate) twist: T,
    log: Arc<RwLock<Log>>,
    pub(crate) bell: Wakeup,
}

struct Desk<'a, T> {
    twist: &'a T,
    log: &'a Log,
    sent: Sent,
}

impl<T: Twist> LogState for Desk<'_, T> {
    fn origin(&self) -> &str {
        &self.log.origin
    }

    fn log_tip(&self) -> Result<Option<LogTip>, StoreError> {
        Ok(self.twist.log_tip(self.log))
    }

    fn stream_tip(&self, participant: ParticipantId) -> Result<Option<StreamTip>, StoreError> {
        Ok(self.twist.stream_tip(self.log, participant))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.twist.settled(self.log, key, &self.sent))
    }
}

impl<T: Twist> Store<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn plan(&self, log: &Log, append: &Append) -> Result<Plan, StoreError> {
        let mut sent = Sent::new();
        for to in &append.streams {
            for event in &to.events {
                let entry = (to.head.participant(), event.clone());
                sent.entry(event.key()).or_insert(entry);
            }
        }
        plan(&Desk { twist: &self.twist, log, sent }, append.clone().encode()?)
    }

    pub(crate) fn record(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        self.record_in(&mut self.write(), append)
    }

    pub(crate) fn record_in(
        &self,
        log: &mut Log,
        append: Append,
    ) -> Result<Vec<Receipt>, StoreError> {
        let append = self.twist.sent(log, append)?;
        match self.plan(log, &append) {
            Ok(mut plan) => {
                self.twist.planned(log, &append, &mut plan);
                self.commit(log, &plan.keep);
                Ok(plan.receipts)
            }
            Err(error) => self.twist.refused(self, log, &append, error),
        }
    }

    pub(crate) fn commit(&self, log: &mut Log, kept: &[StoredEvent]) {
        for event in kept {
            log.keep(event.clone(), self.twist.key(&event.key()));
        }
        self.twist.rings(&self.bell, log, kept);
    }
}

impl<T: Twist> EventReader for Store<T> {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.twist.last_position(&self.read()))
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        Ok(self.twist.participants(&self.read()))
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.twist.rows_of(&self.read(), participant))
    }

    fn rows_after(
        &self,
        after: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.twist.rows_after(&self.read(), after, count_max))
    }

    fn wait_after(
        &self,
        after: Option<Position>,
        patience: Duration,
    ) -> Result<Option<Position>, StoreError> {
        Ok(self.twist.wait_after(self, after, patience))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.twist.find(&self.read(), key))
    }
}

impl<T: Twist> EventStore for Store<T> {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        self.twist.append(self, append)
    }
}

/// Where a store is kept between its handles.
struct Site<T> {
    twist: fn() -> T,
    log: Arc<RwLock<Log>>,
}

/// Returns a place for stores of this twist.
pub(crate) fn site<T: Twist>(twist: fn() -> T) -> Box<dyn StoreUnderTest> {
    Box::new(Site { twist, log: Arc::default() })
}

impl<T: Twist> StoreUnderTest for Site<T> {
    fn create(&mut self, origin: &str) -> Box<dyn EventStore> {
        origin.clone_into(&mut self.log.write().unwrap().origin);
        let (log, bell) = (Arc::clone(&self.log), Wakeup::default());
        Box::new(Store { origin: origin.to_owned(), twist: (self.twist)(), log, bell })
    }

    fn reopen(&mut self) -> Option<Box<dyn EventStore>> {
        let twist = (self.twist)();
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        twist.reopened(&mut log);
        let (origin, bell) = (log.origin.clone(), twist.bell(&log));
        drop(log);
        Some(Box::new(Store { origin, twist, log: Arc::clone(&self.log), bell }))
    }
}

/// Nothing is wrong with it.
pub(crate) struct Right;

impl Twist for Right {}

/// Changes what a plan keeps, and gives it leaves and receipts that agree with the change.
pub(crate) fn alter(log: &Log, plan: &mut Plan, change: impl FnMut((usize, &mut StoredEvent))) {
    let places: Vec<Position> = plan.keep.iter().map(|event| event.position).collect();
    plan.keep.iter_mut().enumerate().for_each(change);
    seal(log, &mut plan.keep);
    for receipt in &mut plan.receipts {
        if let Some(index) = places.iter().position(|place| *place == receipt.position) {
            *receipt = plan.keep[index].receipt(receipt.duplicate);
        }
    }
}

/// Computes the leaves of events that follow a log.
pub(crate) fn seal(log: &Log, events: &mut [StoredEvent]) {
    let mut tips: BTreeMap<ParticipantId, Digest> = BTreeMap::new();
    for event in events {
        let before = tips.get(&event.participant).copied();
        let before = before.or_else(|| log.tip_of(event.participant).map(|tip| tip.leaf));
        event.leaf = event.leaf_of(&log.origin, before.unwrap_or(Digest::from_bytes([0; 32])));
        tips.insert(event.participant, event.leaf);
    }
}

/// Changes every event of an append.
pub(crate) fn each(mut append: Append, mut change: impl FnMut(&mut NewEvent)) -> Append {
    append.streams.iter_mut().flat_map(|to| &mut to.events).for_each(&mut change);
    append
}
