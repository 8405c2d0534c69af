//! Wrong stores on which a refused append, or one of duplicates alone, leaves a trace. An append
//! records events, "all of them or none", and "one conflict refuses the whole append".

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use waystage_core::id::Position;
use waystage_core::time::Timestamp;
use waystage_store::{Append, Key, LogTip, Plan, Receipt, Refusal, StoreError};

use crate::parts::{Log, Store, Twist, Wrong, alter, site};

/// Keeps some of a refused append.
struct Leaves {
    when: fn(&StoreError) -> bool,
    rest: fn(Append) -> Vec<Append>,
}

impl Twist for Leaves {
    fn refused(
        &self,
        store: &Store<Self>,
        log: &mut Log,
        append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        if (self.when)(&error) {
            let plans = (self.rest)(append.clone()).into_iter();
            if let Some(plan) = plans.filter_map(|rest| store.plan(log, &rest).ok()).next() {
                store.commit(log, &plan.keep);
            }
        }
        Err(error)
    }
}

fn sized(append: &Append) -> usize {
    append.streams.iter().map(|to| to.events.len()).sum()
}

/// Returns the first events of an append.
fn first(append: &Append, mut count: usize) -> Append {
    let mut append = append.clone();
    for to in &mut append.streams {
        to.events.truncate(count);
        count -= to.events.len();
    }
    append
}

/// Returns what precedes in pieces of so many, the longest first.
fn pieces(append: &Append, piece: usize) -> Vec<Append> {
    let whole = (sized(append).saturating_sub(1)) / piece;
    (1..=whole).rev().map(|count| first(append, count * piece)).collect()
}

fn leading_streams(append: Append) -> Vec<Append> {
    let lead = |count| Append { streams: append.streams[..count].to_vec(), ..append };
    (1..append.streams.len()).rev().map(lead).collect()
}

fn following_streams(append: Append) -> Vec<Append> {
    let follow = |from| Append { streams: append.streams[from..].to_vec(), ..append };
    (1..append.streams.len()).map(follow).collect()
}

fn any(_: &StoreError) -> bool {
    true
}

fn by_key(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused(Refusal::KeyUsed { .. }))
}

fn by_head(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict { .. })
}

fn by_date(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused(Refusal::InTheFuture { .. }))
}

/// Takes the numbers of refused appends for used.
#[derive(Default)]
struct BurnsPositions {
    high: AtomicU64,
}

impl Twist for BurnsPositions {
    fn log_tip(&self, log: &Log) -> Option<LogTip> {
        let high = Position::new(self.high.load(Ordering::Relaxed));
        let tip = log.tip();
        let position = tip.map(|tip| tip.position).max(high)?;
        Some(LogTip { position, recorded_at: tip.map_or(Timestamp::MIN, |tip| tip.recorded_at) })
    }

    fn refused(
        &self,
        _store: &Store<Self>,
        log: &mut Log,
        _append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        let last = self.log_tip(log).map_or(0, |tip| tip.position.get());
        self.high.store(last + 1, Ordering::Relaxed);
        Err(error)
    }
}

/// Takes the instant of an append that kept nothing for the log's last.
struct MovesTheClock {
    last: AtomicI64,
    on_refusals: bool,
}

impl MovesTheClock {
    fn new(on_refusals: bool) -> Self {
        Self { last: AtomicI64::new(i64::MIN), on_refusals }
    }
}

impl Twist for MovesTheClock {
    fn log_tip(&self, log: &Log) -> Option<LogTip> {
        let last = Timestamp::from_micros(self.last.load(Ordering::Relaxed));
        log.tip().map(|tip| LogTip { recorded_at: tip.recorded_at.max(last), ..tip })
    }

    fn planned(&self, _log: &Log, append: &Append, plan: &mut Plan) {
        if !self.on_refusals && plan.keep.is_empty() {
            self.last.fetch_max(append.now.micros(), Ordering::Relaxed);
        }
    }

    fn refused(
        &self,
        _store: &Store<Self>,
        _log: &mut Log,
        append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        if self.on_refusals {
            self.last.fetch_max(append.now.micros(), Ordering::Relaxed);
        }
        Err(error)
    }
}

/// Takes the keys of refused appends for used.
#[derive(Default)]
struct BurnsKeys(Mutex<BTreeSet<Key>>);

impl Twist for BurnsKeys {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        let burnt = self.0.lock().unwrap();
        let mut keys = append.streams.iter().flat_map(|to| &to.events).map(|event| event.key());
        match keys.find(|key| burnt.contains(key)) {
            Some(key) => Err(Refusal::KeyUsed { key: key.to_string() }.into()),
            None => Ok(append),
        }
    }

    fn refused(
        &self,
        _store: &Store<Self>,
        log: &mut Log,
        append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        if !by_head(&error) {
            let keys = append.streams.iter().flat_map(|to| &to.events).map(|event| event.key());
            self.0.lock().unwrap().extend(keys.filter(|key| !log.keys.contains_key(key)));
        }
        Err(error)
    }
}

/// Leaves its transaction open after a refusal, so that the next append finds it.
struct StaysOpen {
    when: fn(&StoreError) -> bool,
    open: AtomicBool,
}

impl StaysOpen {
    fn after(when: fn(&StoreError) -> bool) -> Self {
        Self { when, open: AtomicBool::new(false) }
    }
}

impl Twist for StaysOpen {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        if self.open.swap(false, Ordering::Relaxed) { Err(StoreError::Busy) } else { Ok(append) }
    }

    fn refused(
        &self,
        _store: &Store<Self>,
        _log: &mut Log,
        _append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        self.open.store((self.when)(&error), Ordering::Relaxed);
        Err(error)
    }
}

/// Keeps the first events of an append and gives receipts for all.
struct KeepsSoMany(usize);

impl Twist for KeepsSoMany {
    fn planned(&self, _log: &Log, _append: &Append, plan: &mut Plan) {
        plan.keep.truncate(self.0);
    }
}

/// Commits in pieces, each with an instant of its own.
struct CommitsInPieces(usize);

impl Twist for CommitsInPieces {
    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        let piece = self.0;
        if plan.keep.len() > piece {
            alter(log, plan, |(at, event)| {
                let later = i64::try_from(at / piece).unwrap();
                event.recorded_at = Timestamp::from_micros(event.recorded_at.micros() + later);
            });
        }
    }
}

/// Refuses an append that holds nothing.
struct RefusesNothing(fn(&Append) -> bool);

impl Twist for RefusesNothing {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        if (self.0)(&append) { Err(StoreError::Busy) } else { Ok(append) }
    }
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "keeps the streams before the one that is refused",
        make: || site(|| Leaves { when: any, rest: leading_streams }),
    },
    Wrong {
        does: "keeps the streams after the one that is refused",
        make: || site(|| Leaves { when: any, rest: following_streams }),
    },
    Wrong {
        does: "keeps the streams after one whose head does not fit",
        make: || site(|| Leaves { when: by_head, rest: following_streams }),
    },
    Wrong {
        does: "keeps the events before one whose key is used",
        make: || site(|| Leaves { when: by_key, rest: |append| pieces(&append, 1) }),
    },
    Wrong {
        does: "keeps the events before one that is dated in the future",
        make: || site(|| Leaves { when: by_date, rest: |append| pieces(&append, 1) }),
    },
    Wrong {
        does: "keeps whole pieces of 100 events before the refused one",
        make: || site(|| Leaves { when: any, rest: |append| pieces(&append, 100) }),
    },
    Wrong {
        does: "keeps whole pieces of 1,000 events before the refused one",
        make: || site(|| Leaves { when: any, rest: |append| pieces(&append, 1_000) }),
    },
    Wrong {
        does: "gives every 100 events of an append an instant of their own",
        make: || site(|| CommitsInPieces(100)),
    },
    Wrong {
        does: "gives every 1,000 events of an append an instant of their own",
        make: || site(|| CommitsInPieces(1_000)),
    },
    Wrong {
        does: "keeps the first 100 events of an append, with receipts for all",
        make: || site(|| KeepsSoMany(100)),
    },
    Wrong {
        does: "keeps the first 999 events of an append, with receipts for all",
        make: || site(|| KeepsSoMany(999)),
    },
    Wrong {
        does: "uses up a position when an append is refused",
        make: || site(BurnsPositions::default),
    },
    Wrong {
        does: "takes the instant of a refused append for the last",
        make: || site(|| MovesTheClock::new(true)),
    },
    Wrong {
        does: "takes the instant of an append of duplicates for the last",
        make: || site(|| MovesTheClock::new(false)),
    },
    Wrong {
        does: "takes the keys of a refused append for used",
        make: || site(BurnsKeys::default),
    },
    Wrong { does: "is busy once after a conflict", make: || site(|| StaysOpen::after(by_head)) },
    Wrong { does: "is busy once after a used key", make: || site(|| StaysOpen::after(by_key)) },
    Wrong {
        does: "is busy once after a fact of the future",
        make: || site(|| StaysOpen::after(by_date)),
    },
    Wrong {
        does: "refuses an append without streams",
        make: || site(|| RefusesNothing(|append| append.streams.is_empty())),
    },
    Wrong {
        does: "refuses an append with a stream without events",
        make: || {
            site(|| RefusesNothing(|append| append.streams.iter().any(|to| to.events.is_empty())))
        },
    },
];
