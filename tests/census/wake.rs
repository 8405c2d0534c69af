//! Wrong stores that wake wrongly. A wait lasts "until the log holds something after a position, for
//! as long as `patience` at most, and returns its last position". None of these gives back at once,
//! as a store that cannot wait may.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{Append, Receipt, StoreError, StoredEvent, Wakeup};

use crate::parts::{Log, Store, Twist, Wrong, site};

type Wait<T> = fn(&Store<T>, Option<Position>, Duration) -> Option<Position>;

/// Waits in a way of its own.
struct Waits(Wait<Self>);

impl Twist for Waits {
    fn wait_after(
        &self,
        store: &Store<Self>,
        after: Option<Position>,
        patience: Duration,
    ) -> Option<Position> {
        (self.0)(store, after, patience)
    }
}

/// Rings in a way of its own.
struct Rings(fn(&Wakeup, &Log, &[StoredEvent]));

impl Twist for Rings {
    fn rings(&self, bell: &Wakeup, log: &Log, kept: &[StoredEvent]) {
        (self.0)(bell, log, kept);
    }
}

/// Does not tell its bell where the log ends when it is opened.
struct OpensWithASilentBell;

impl Twist for OpensWithASilentBell {
    fn bell(&self, _log: &Log) -> Wakeup {
        Wakeup::default()
    }
}

/// Rings for the next position although the append was refused.
struct RingsForTheRefused;

impl Twist for RingsForTheRefused {
    fn refused(
        &self,
        store: &Store<Self>,
        log: &mut Log,
        _append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        store.bell.ring(Position::after(log.tip().map(|tip| tip.position)));
        Err(error)
    }
}

/// Wakes one of those who wait.
#[derive(Default)]
struct WakesOne {
    last: Mutex<Option<Position>>,
    rung: Condvar,
}

impl Twist for WakesOne {
    fn rings(&self, _bell: &Wakeup, log: &Log, _kept: &[StoredEvent]) {
        *self.last.lock().unwrap() = log.tip().map(|tip| tip.position);
        self.rung.notify_one();
    }

    fn wait_after(
        &self,
        _store: &Store<Self>,
        after: Option<Position>,
        patience: Duration,
    ) -> Option<Position> {
        let last = self.last.lock().unwrap();
        *self.rung.wait_timeout_while(last, patience, |last| *last <= after).unwrap().0
    }

    fn reopened(&self, log: &mut Log) {
        *self.last.lock().unwrap() = log.tip().map(|tip| tip.position);
    }
}

/// Looks, and only then begins to listen: what is recorded between is not heard.
#[derive(Default)]
struct ListensLate {
    count: AtomicU64,
    about_to_listen: AtomicU64,
    turn: Mutex<()>,
    rung: Condvar,
}

impl Twist for ListensLate {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let receipts = store.record(append);
        self.count.fetch_add(1, Ordering::SeqCst);
        self.rung.notify_all();
        receipts
    }

    fn wait_after(
        &self,
        store: &Store<Self>,
        after: Option<Position>,
        patience: Duration,
    ) -> Option<Position> {
        let last = store.read().tip().map(|tip| tip.position);
        if last > after || patience.is_zero() {
            return last;
        }
        // the gap is as long as it takes until something is recorded, or some milliseconds
        let before = self.count.load(Ordering::SeqCst);
        self.about_to_listen.fetch_add(1, Ordering::SeqCst);
        for _ in 0..20 {
            if self.count.load(Ordering::SeqCst) != before {
                break;
            }
            std::thread::sleep(Duration::from_micros(250));
        }
        let turn = self.turn.lock().unwrap();
        let _ = self.rung.wait_timeout(turn, patience).unwrap();
        store.read().tip().map(|tip| tip.position)
    }
}

fn last<T: Twist>(store: &Store<T>) -> Option<Position> {
    store.read().tip().map(|tip| tip.position)
}

fn sleeps(store: &Store<Waits>, after: Option<Position>, patience: Duration) -> Option<Position> {
    if last(store) <= after {
        std::thread::sleep(patience.min(Duration::from_secs(20)));
    }
    last(store)
}

fn for_the_next(store: &Store<Waits>, _: Option<Position>, patience: Duration) -> Option<Position> {
    store.bell.wait_after(last(store), patience)
}

fn as_asked(store: &Store<Waits>, after: Option<Position>, patience: Duration) -> Option<Position> {
    store.bell.wait_after(after, patience).max(after)
}

fn none_in_vain(
    store: &Store<Waits>,
    after: Option<Position>,
    patience: Duration,
) -> Option<Position> {
    store.bell.wait_after(after, patience).filter(|last| Some(*last) > after)
}

fn one_more(store: &Store<Waits>, after: Option<Position>, patience: Duration) -> Option<Position> {
    let last = store.bell.wait_after(after, patience);
    if last > after { Some(Position::after(after)) } else { last }
}

fn as_it_was(
    store: &Store<Waits>,
    after: Option<Position>,
    patience: Duration,
) -> Option<Position> {
    let before = last(store);
    store.bell.wait_after(after, patience);
    before
}

fn in_rounds(
    store: &Store<Waits>,
    after: Option<Position>,
    patience: Duration,
) -> Option<Position> {
    let round = Duration::from_millis(250);
    let rounds = u32::try_from(patience.as_millis() / 250).unwrap_or(100).min(100) + 1;
    store.bell.wait_after(after, round * rounds)
}

fn until(store: &Store<Waits>, after: Option<Position>, patience: Duration) -> Option<Position> {
    let end = Instant::now() + patience;
    store.bell.wait_after(after, end.saturating_duration_since(Instant::now()))
}

fn by_seconds(
    store: &Store<Waits>,
    after: Option<Position>,
    patience: Duration,
) -> Option<Position> {
    store.bell.wait_after(after, Duration::from_secs(patience.as_secs().max(1)))
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "does not tell its bell where the log ends when it is opened again",
        make: || site(|| OpensWithASilentBell),
    },
    Wrong {
        does: "is not woken by the log's own stream",
        make: || {
            site(|| {
                Rings(|bell, _, kept| {
                    if let Some(last) =
                        kept.iter().rev().find(|event| event.participant != ParticipantId::LOG)
                    {
                        bell.ring(last.position)
                    }
                })
            })
        },
    },
    Wrong {
        does: "rings for the first position of an append",
        make: || {
            site(|| {
                Rings(|bell, _, kept| {
                    if let Some(first) = kept.first() {
                        bell.ring(first.position)
                    }
                })
            })
        },
    },
    Wrong {
        does: "is not woken by an append of several streams",
        make: || {
            site(|| {
                Rings(|bell, _, kept| {
                    if let Some(last) = kept.last().filter(|last| {
                        kept.iter().all(|event| event.participant == last.participant)
                    }) {
                        bell.ring(last.position)
                    }
                })
            })
        },
    },
    Wrong {
        does: "rings for the position after the last",
        make: || {
            site(|| {
                Rings(|bell, log, _| {
                    if let Some(tip) = log.tip() {
                        bell.ring(Position::after(Some(tip.position)))
                    }
                })
            })
        },
    },
    Wrong {
        does: "rings for the next position although the append was refused",
        make: || site(|| RingsForTheRefused),
    },
    Wrong {
        does: "waits for the next append although there is something after the position",
        make: || site(|| Waits(for_the_next)),
    },
    Wrong {
        does: "returns the position that it was asked with where the log ends before it",
        make: || site(|| Waits(as_asked)),
    },
    Wrong {
        does: "returns no position where it waited in vain",
        make: || site(|| Waits(none_in_vain)),
    },
    Wrong {
        does: "returns the position after the one that it was asked with, not the last",
        make: || site(|| Waits(one_more)),
    },
    Wrong {
        does: "waits in rounds of 250 ms, whatever the patience",
        make: || site(|| Waits(in_rounds)),
    },
    Wrong { does: "waits a whole second at least", make: || site(|| Waits(by_seconds)) },
    Wrong {
        does: "fails at the longest patience, which no instant can hold",
        make: || site(|| Waits(until)),
    },
];

/// Those that only a second thread can tell from a right one.
pub(crate) const AMONG_THREADS: &[Wrong] = &[
    Wrong { does: "wakes one of those who wait", make: || site(WakesOne::default) },
    Wrong {
        does: "looks first and listens later, so that what is recorded between is not heard",
        make: || site(ListensLate::default),
    },
    Wrong {
        does: "sleeps for as long as it may although something is recorded",
        make: || site(|| Waits(sleeps)),
    },
    Wrong {
        does: "returns the last position of when it began to wait",
        make: || site(|| Waits(as_it_was)),
    },
];
