//! Wrong stores that are right as long as one thread uses them. Another thread than the one that
//! made the store waits in the dangerous place until a second one comes, or for some milliseconds,
//! so that a race is lost whenever there is one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{Append, Key, LogTip, Receipt, StoreError, StoredEvent};

use crate::parts::{Log, Sent, Store, Twist, Wrong, seal, site};

const GAP: Duration = Duration::from_millis(4);

/// A dangerous place.
struct Place {
    maker: ThreadId,
    count: Mutex<u64>,
    came: Condvar,
}

impl Default for Place {
    fn default() -> Self {
        Self { maker: thread::current().id(), count: Mutex::default(), came: Condvar::new() }
    }
}

impl Place {
    /// Lets those who wait go on.
    fn come(&self) {
        *self.count.lock().unwrap() += 1;
        self.came.notify_all();
    }

    /// Waits until another one comes, where this is not the thread that made the store.
    fn meet(&self) {
        if thread::current().id() != self.maker {
            self.come();
            self.wait();
        }
    }

    fn wait(&self) {
        let count = self.count.lock().unwrap();
        let here = *count;
        let _ = self.came.wait_timeout_while(count, GAP, |count| *count == here).unwrap();
    }
}

/// Compares heads, lets others in, and appends behind whatever is there by then.
#[derive(Default)]
struct ComparesHeadsTooEarly(Place);

impl Twist for ComparesHeadsTooEarly {
    fn append(&self, store: &Store<Self>, mut append: Append) -> Result<Vec<Receipt>, StoreError> {
        let planned = store.plan(&store.read(), &append);
        planned?;
        self.0.meet();
        let mut log = store.write();
        for to in &mut append.streams {
            to.head = log.head(to.head.participant());
        }
        store.record_in(&mut log, append)
    }
}

/// Settles keys, lets others in, and does not look again.
#[derive(Default)]
struct SettlesKeysTooEarly {
    place: Place,
    known: Mutex<HashMap<ThreadId, usize>>,
}

impl Twist for SettlesKeysTooEarly {
    fn settled(&self, log: &Log, key: &Key, _sent: &Sent) -> Option<StoredEvent> {
        let known = self.known.lock().unwrap().get(&thread::current().id()).copied();
        let at = *log.keys.get(key)?;
        (at < known.unwrap_or(usize::MAX)).then(|| log.events[at].clone())
    }

    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let count = store.read().events.len();
        self.known.lock().unwrap().insert(thread::current().id(), count);
        self.place.meet();
        store.record(append)
    }
}

/// Shows the first event of an append before the rest.
#[derive(Default)]
struct ShowsParts {
    turn: Mutex<()>,
    read: Place,
}

impl Twist for ShowsParts {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let _turn = self.turn.lock().unwrap();
        let planned = store.plan(&store.read(), &append);
        let plan = planned?;
        if plan.keep.len() > 1 {
            store.commit(&mut store.write(), &plan.keep[..1]);
            self.read.wait();
            store.commit(&mut store.write(), &plan.keep[1..]);
        } else {
            store.commit(&mut store.write(), &plan.keep);
        }
        Ok(plan.receipts)
    }

    fn rows_of(&self, log: &Log, participant: ParticipantId) -> Vec<StoredEvent> {
        self.read.come();
        log.stream(participant)
    }

    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        self.read.come();
        log.page(after, count_max)
    }

    fn last_position(&self, log: &Log) -> Option<Position> {
        self.read.come();
        log.tip().map(|tip| tip.position)
    }
}

/// Takes positions first and shows events later, in whatever order they are done.
#[derive(Default)]
struct ShowsLaterPositionsFirst {
    place: Place,
    read: Place,
    taken: Mutex<Option<LogTip>>,
    busy: Mutex<BTreeMap<ParticipantId, ThreadId>>,
}

impl Twist for ShowsLaterPositionsFirst {
    fn log_tip(&self, log: &Log) -> Option<LogTip> {
        let taken = *self.taken.lock().unwrap();
        match (log.tip(), taken) {
            (Some(tip), Some(taken)) if taken.position > tip.position => Some(taken),
            (tip, taken) => tip.or(taken),
        }
    }

    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let alone = thread::current().id() == self.place.maker || append.streams.len() != 1;
        let participant = append.streams.first().map(|to| to.head.participant());
        let Some(participant) = participant.filter(|_| !alone) else {
            return store.record(append);
        };
        let mut log = store.write();
        let mut busy = self.busy.lock().unwrap();
        if !busy.is_empty() {
            // the second one overtakes, on another stream and with other keys
            if busy.contains_key(&participant) {
                drop((busy, log));
                self.place.wait();
                return self.append(store, append);
            }
            drop(busy);
            let plan = store.plan(&log, &append)?;
            let count = plan.keep.len();
            store.commit(&mut log, &plan.keep);
            drop(log);
            if count > 0 {
                self.place.come();
            }
            return Ok(plan.receipts);
        }
        let mut plan = store.plan(&log, &append)?;
        let Some(last) = plan.keep.last() else { return Ok(plan.receipts) };
        *self.taken.lock().unwrap() =
            Some(LogTip { position: last.position, recorded_at: last.recorded_at });
        busy.insert(participant, thread::current().id());
        drop((busy, log));
        self.place.wait();
        self.read.wait();
        let mut log = store.write();
        seal(&log, &mut plan.keep);
        let mut events = log.events.clone();
        events.extend(plan.keep.iter().cloned());
        events.sort_by_key(|event| event.position);
        log.hold(events);
        *self.taken.lock().unwrap() = None;
        self.busy.lock().unwrap().clear();
        self.rings(&store.bell, &log, &plan.keep);
        drop(log);
        self.place.come();
        Ok(plan.receipts)
    }

    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        self.read.come();
        log.page(after, count_max)
    }
}

/// Gives two who append at once each other's receipts.
#[derive(Default)]
struct SwapsReceipts {
    place: Place,
    desk: Mutex<Vec<(ThreadId, Vec<Receipt>)>>,
}

impl Twist for SwapsReceipts {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let receipts = store.record(append)?;
        let me = thread::current().id();
        if me == self.place.maker {
            return Ok(receipts);
        }
        self.desk.lock().unwrap().push((me, receipts.clone()));
        self.place.meet();
        let mut desk = self.desk.lock().unwrap();
        let of_another =
            desk.iter().position(|(id, there)| *id != me && there.len() == receipts.len());
        let given = of_another.map(|at| desk[at].1.clone());
        let old = desk.len().saturating_sub(8);
        desk.drain(..old);
        Ok(given.unwrap_or(receipts))
    }
}

/// Refuses everybody who appends at once where one of them is refused.
#[derive(Default)]
struct RefusesTheBatch {
    place: Place,
    refused: Mutex<u64>,
}

impl Twist for RefusesTheBatch {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let before = *self.refused.lock().unwrap();
        self.place.meet();
        let answer = store.record(append);
        if answer.is_err() {
            *self.refused.lock().unwrap() += 1;
            self.place.come();
            return answer;
        }
        self.place.meet();
        if *self.refused.lock().unwrap() > before {
            let participant = ParticipantId::LOG;
            return Err(StoreError::Conflict { participant, expected: None, actual: None });
        }
        answer
    }
}

/// Shows each thread the log as it first read it, for 100 reads or until it appends itself.
#[derive(Default)]
struct ShowsAnOldSnapshot {
    seen: Mutex<HashMap<ThreadId, (usize, u32)>>,
}

impl ShowsAnOldSnapshot {
    fn seen(&self, log: &Log) -> Log {
        let mut seen = self.seen.lock().unwrap();
        let fresh = (log.events.len(), 100);
        let mine = seen.entry(thread::current().id()).or_insert(fresh);
        *mine = if mine.1 == 0 { fresh } else { (mine.0, mine.1 - 1) };
        log.first(mine.0)
    }
}

impl Twist for ShowsAnOldSnapshot {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let answer = store.record(append);
        self.seen.lock().unwrap().remove(&thread::current().id());
        answer
    }

    fn rows_of(&self, log: &Log, participant: ParticipantId) -> Vec<StoredEvent> {
        self.seen(log).stream(participant)
    }

    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        self.seen(log).page(after, count_max)
    }

    fn last_position(&self, log: &Log) -> Option<Position> {
        self.seen(log).tip().map(|tip| tip.position)
    }
}

/// Rings the bell before what it rings for can be read.
#[derive(Default)]
struct RingsTooEarly {
    turn: Mutex<()>,
    read: Place,
}

impl Twist for RingsTooEarly {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let _turn = self.turn.lock().unwrap();
        let planned = store.plan(&store.read(), &append);
        let plan = planned?;
        if let Some(last) = plan.keep.last() {
            store.bell.ring(last.position);
            self.read.wait();
        }
        store.commit(&mut store.write(), &plan.keep);
        Ok(plan.receipts)
    }

    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        let page = log.page(after, count_max);
        self.read.come();
        page
    }

    fn last_position(&self, log: &Log) -> Option<Position> {
        self.read.come();
        log.tip().map(|tip| tip.position)
    }
}

/// Answers before it kept anything, and keeps it when the next call comes.
#[derive(Default)]
struct FindsOneAppendLate {
    known: Mutex<usize>,
}

impl Twist for FindsOneAppendLate {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        *self.known.lock().unwrap() = store.read().events.len();
        store.record(append)
    }

    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        let known = *self.known.lock().unwrap();
        log.keys.get(key).filter(|at| **at < known).map(|&at| log.events[at].clone())
    }

    fn reopened(&self, log: &mut Log) {
        *self.known.lock().unwrap() = log.events.len();
    }
}

/// Is busy where another thread appends at the same time.
#[derive(Default)]
struct IsBusy {
    place: Place,
    inside: Mutex<u32>,
}

impl Twist for IsBusy {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        {
            let mut inside = self.inside.lock().unwrap();
            if *inside > 0 {
                return Err(StoreError::Busy);
            }
            *inside += 1;
        }
        self.place.meet();
        let answer = store.record(append);
        *self.inside.lock().unwrap() -= 1;
        answer
    }
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "compares heads, lets another append in, and does not compare again",
        make: || site(ComparesHeadsTooEarly::default),
    },
    Wrong {
        does: "settles keys, lets another append in, and does not look again",
        make: || site(SettlesKeysTooEarly::default),
    },
    Wrong {
        does: "shows readers the first event of an append before the rest",
        make: || site(ShowsParts::default),
    },
    Wrong {
        does: "shows a later position before an earlier one",
        make: || site(ShowsLaterPositionsFirst::default),
    },
    Wrong {
        does: "gives two who append at once each other's receipts",
        make: || site(SwapsReceipts::default),
    },
    Wrong {
        does: "refuses everybody who appends at once where one is refused",
        make: || site(RefusesTheBatch::default),
    },
    Wrong {
        does: "shows another thread the log as it was when that thread first read it",
        make: || site(ShowsAnOldSnapshot::default),
    },
    Wrong {
        does: "rings before what it rings for can be read",
        make: || site(RingsTooEarly::default),
    },
    Wrong { does: "finds by key one append late", make: || site(FindsOneAppendLate::default) },
    Wrong {
        does: "is busy where two threads of one handle append at once",
        make: || site(IsBusy::default),
    },
];
