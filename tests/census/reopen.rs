//! Wrong stores that are another when they are opened again: once an append returned its events
//! "are durable", and "what was read once is never missing later".

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::journey::Fact;
use waystage_core::journey::Record;
use waystage_core::time::Timestamp;
use waystage_store::{Append, EventReader, Key, Plan, StoredEvent, StreamTip, codec, read_stream};

use crate::parts::{Log, Twist, Wrong, seal, site};

/// Makes another log of the kept one when it is opened.
struct Opens(fn(&mut Log));

impl Twist for Opens {
    fn reopened(&self, log: &mut Log) {
        (self.0)(log);
    }
}

/// Knows only what came since it was opened again, in one respect.
#[derive(Default)]
struct Since {
    from: AtomicUsize,
}

/// Lists the participants of whom something was recorded since it was opened.
#[derive(Default)]
struct ListsTheNew(Since);

impl Twist for ListsTheNew {
    fn participants(&self, log: &Log) -> Vec<ParticipantId> {
        let from = self.0.from.load(Ordering::Relaxed);
        let new: BTreeSet<_> = log.events[from..].iter().map(|event| event.participant).collect();
        log.listed().into_iter().filter(|id| new.contains(id)).collect()
    }

    fn reopened(&self, log: &mut Log) {
        self.0.from.store(log.events.len(), Ordering::Relaxed);
    }
}

/// Does not know where streams ended before it was opened.
#[derive(Default)]
struct ForgetsTips(Since);

impl Twist for ForgetsTips {
    fn stream_tip(&self, log: &Log, participant: ParticipantId) -> Option<StreamTip> {
        let from = self.0.from.load(Ordering::Relaxed);
        let last = *log.streams.get(&participant)?.last()?;
        (last >= from).then(|| log.tip_of(participant)).flatten()
    }

    fn reopened(&self, log: &mut Log) {
        self.0.from.store(log.events.len(), Ordering::Relaxed);
    }
}

/// Says that the log is empty until something is recorded.
#[derive(Default)]
struct SaysItIsEmpty(Since);

impl Twist for SaysItIsEmpty {
    fn last_position(&self, log: &Log) -> Option<Position> {
        let from = self.0.from.load(Ordering::Relaxed);
        log.tip().map(|tip| tip.position).filter(|_| log.events.len() > from)
    }

    fn reopened(&self, log: &mut Log) {
        self.0.from.store(log.events.len(), Ordering::Relaxed);
    }
}

/// Finds for readers only what was recorded since it was opened.
#[derive(Default)]
struct FindsTheNew(Since);

impl Twist for FindsTheNew {
    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        let from = self.0.from.load(Ordering::Relaxed);
        log.keys.get(key).filter(|at| **at >= from).map(|&at| log.events[at].clone())
    }

    fn reopened(&self, log: &mut Log) {
        self.0.from.store(log.events.len(), Ordering::Relaxed);
    }
}

/// Keeps nothing more once it was opened again, and says that it did.
#[derive(Default)]
struct TurnsReadOnly(Since);

impl Twist for TurnsReadOnly {
    fn planned(&self, _log: &Log, _append: &Append, plan: &mut Plan) {
        if self.0.from.load(Ordering::Relaxed) > 0 {
            plan.keep.clear();
        }
    }

    fn reopened(&self, log: &mut Log) {
        self.0.from.store(log.events.len(), Ordering::Relaxed);
    }
}

/// Writes its last append down when somebody reads, and not before.
struct WritesWhenRead;

impl WritesWhenRead {
    fn write_down(log: &Log) {
        *log.memo.lock().unwrap() = vec![log.events.len()];
    }
}

impl Twist for WritesWhenRead {
    fn participants(&self, log: &Log) -> Vec<ParticipantId> {
        Self::write_down(log);
        log.listed()
    }

    fn rows_of(&self, log: &Log, participant: ParticipantId) -> Vec<StoredEvent> {
        Self::write_down(log);
        log.stream(participant)
    }

    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        Self::write_down(log);
        log.page(after, count_max)
    }

    fn last_position(&self, log: &Log) -> Option<Position> {
        Self::write_down(log);
        log.tip().map(|tip| tip.position)
    }

    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        Self::write_down(log);
        log.keyed(key)
    }

    fn reopened(&self, log: &mut Log) {
        let written = log.memo.lock().unwrap().first().copied().unwrap_or(0);
        let last = log.tip().map(|tip| tip.recorded_at);
        let mut events = log.events.clone();
        if written < events.len() {
            events.retain(|event| Some(event.recorded_at) != last);
        }
        log.hold(events);
    }
}

/// Keeps the events that pass, as they are.
fn only(log: &mut Log, pass: impl Fn(&Log, &StoredEvent) -> bool) {
    let events = log.events.iter().filter(|event| pass(log, event)).cloned().collect();
    log.hold(events);
}

/// Gives the events places, versions and leaves of a log of their own.
fn renumbered(log: &mut Log, events: Vec<StoredEvent>) {
    log.hold(Vec::new());
    for mut event in events {
        event.position = Position::after(log.tip().map(|tip| tip.position));
        event.version = Version::after(log.tip_of(event.participant).map(|tip| tip.version));
        seal(log, std::slice::from_mut(&mut event));
        let key = event.key();
        log.keep(event, key);
    }
}

fn changed(log: &mut Log, change: impl Fn(&mut StoredEvent)) {
    let mut events = log.events.clone();
    events.iter_mut().for_each(change);
    renumbered(log, events);
}

fn without_withdrawn(log: &mut Log) {
    let withdrawn: BTreeSet<_> = log
        .events
        .iter()
        .filter(|event| &*event.kind == "FactWithdrawn")
        .filter_map(|event| match codec::decode(event).ok()?.record {
            Record::Fact(Fact::Correction(correction)) => Some(correction.corrects()),
            _ => None,
        })
        .collect();
    let kept = log.events.iter().filter(|event| !withdrawn.contains(&event.id)).cloned().collect();
    renumbered(log, kept);
}

fn without_repeats(log: &mut Log) {
    let mut seen = BTreeSet::new();
    let new = |event: &&StoredEvent| {
        seen.insert((event.participant, event.kind.clone(), event.on, event.payload.clone()))
    };
    let kept = log.events.iter().filter(new).cloned().collect();
    renumbered(log, kept);
}

fn twice(log: &mut Log) {
    let last = log.tip().map(|tip| tip.recorded_at);
    let mut events = log.events.clone();
    events.extend(log.events.iter().filter(|event| Some(event.recorded_at) == last).cloned());
    renumbered(log, events);
}

fn as_of_the_first_time(log: &mut Log) {
    let known = log.memo.lock().unwrap().first().copied();
    match known {
        Some(count) => log.hold(log.events[..count.min(log.events.len())].to_vec()),
        None => log.memo.lock().unwrap().push(log.events.len()),
    }
}

fn sorted(log: &mut Log) {
    let mut events = log.events.clone();
    events.sort_by_key(|event| (event.recorded_at, event.id));
    renumbered(log, events);
}

/// Keeps the streams that can be read as events on their own.
fn readable(log: &Log, event: &StoredEvent) -> bool {
    read_stream(log as &dyn EventReader, event.participant).is_ok()
}

fn breaks_a_line(event: &StoredEvent) -> bool {
    let names = event.sourced.iter().flat_map(|it| [it.source.as_str(), it.reference.as_str()]);
    names.chain([event.actor.as_str()]).any(|name| name.contains('\n'))
}

fn breaks_a_row(event: &StoredEvent) -> bool {
    let names = event.sourced.iter().flat_map(|it| [it.source.as_str(), it.reference.as_str()]);
    names.chain([event.actor.as_str()]).any(|name| name.contains(['\t', '\u{1f}', '\u{2028}']))
}

fn last_instant(log: &Log) -> Option<Timestamp> {
    log.tip().map(|tip| tip.recorded_at)
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "is empty when it is opened again",
        make: || site(|| Opens(|log| log.hold(Vec::new()))),
    },
    Wrong {
        does: "loses the last event when it is opened again",
        make: || {
            site(|| {
                Opens(|log| {
                    let count = log.events.len().saturating_sub(1);
                    log.hold(log.events[..count].to_vec())
                })
            })
        },
    },
    Wrong {
        does: "loses the last append when it is opened again",
        make: || {
            site(|| {
                Opens(|log| {
                    let last = last_instant(log);
                    only(log, |_, event| Some(event.recorded_at) != last)
                })
            })
        },
    },
    Wrong {
        does: "loses the last append when it is opened again, unless somebody read",
        make: || site(|| WritesWhenRead),
    },
    Wrong {
        does: "loses the later streams of the last append when it is opened again",
        make: || {
            site(|| {
                Opens(|log| {
                    let last = last_instant(log);
                    only(log, |log, event| {
                        let first = log.events.iter().find(|each| Some(each.recorded_at) == last);
                        Some(event.recorded_at) != last
                            || first.is_some_and(|first| first.participant == event.participant)
                    })
                })
            })
        },
    },
    Wrong {
        does: "loses the last append when it is opened again, if that is a single event of a new participant",
        make: || {
            site(|| {
                Opens(|log| {
                    let last = last_instant(log);
                    only(log, |log, event| {
                        !(Some(event.recorded_at) == last
                            && event.version == Version::FIRST
                            && log
                                .events
                                .iter()
                                .filter(|each| Some(each.recorded_at) == last)
                                .count()
                                == 1)
                    })
                })
            })
        },
    },
    Wrong {
        does: "loses the log's own stream when it is opened again",
        make: || {
            site(|| Opens(|log| only(log, |_, event| event.participant != ParticipantId::LOG)))
        },
    },
    Wrong {
        does: "loads 1,000 events when it is opened again",
        make: || site(|| Opens(|log| only(log, |_, event| event.position.get() <= 1_000))),
    },
    Wrong {
        does: "loads 4,096 events when it is opened again",
        make: || site(|| Opens(|log| only(log, |_, event| event.position.get() <= 4_096))),
    },
    Wrong {
        does: "replays the last append twice when it is opened again",
        make: || site(|| Opens(twice)),
    },
    Wrong {
        does: "is as it was at the first opening when it is opened a second time",
        make: || site(|| Opens(as_of_the_first_time)),
    },
    Wrong {
        does: "takes appends when it is opened again, and keeps nothing",
        make: || site(TurnsReadOnly::default),
    },
    Wrong {
        does: "lists only participants of whom something was recorded since it was opened",
        make: || site(ListsTheNew::default),
    },
    Wrong {
        does: "does not know where streams ended when it is opened again",
        make: || site(ForgetsTips::default),
    },
    Wrong {
        does: "says that it is empty when it is opened again, until something is recorded",
        make: || site(SaysItIsEmpty::default),
    },
    Wrong {
        does: "finds by key only what was recorded since it was opened",
        make: || site(FindsTheNew::default),
    },
    Wrong {
        does: "is called waystage when it is opened again",
        make: || site(|| Opens(|log| "waystage".clone_into(&mut log.origin))),
    },
    Wrong {
        does: "has no origin when it is opened again before anything was recorded",
        make: || {
            site(|| {
                Opens(|log| {
                    if log.events.is_empty() {
                        log.origin.clear()
                    }
                })
            })
        },
    },
    Wrong {
        does: "has its origin in lower case when it is opened again",
        make: || site(|| Opens(|log| log.origin = log.origin.to_lowercase())),
    },
    Wrong {
        does: "has its origin without a slash at its end when it is opened again",
        make: || site(|| Opens(|log| log.origin = log.origin.trim_end_matches('/').to_owned())),
    },
    Wrong {
        does: "has its origin without spaces around it when it is opened again",
        make: || site(|| Opens(|log| log.origin = log.origin.trim().to_owned())),
    },
    Wrong {
        does: "drops withdrawn facts when it is opened again, and closes the gap",
        make: || site(|| Opens(without_withdrawn)),
    },
    Wrong {
        does: "drops facts that say the same when it is opened again",
        make: || site(|| Opens(without_repeats)),
    },
    Wrong {
        does: "sorts events by instant and id when it is opened again",
        make: || site(|| Opens(sorted)),
    },
    Wrong {
        does: "has no actors when it is opened again",
        make: || site(|| Opens(|log| changed(log, |event| event.actor = "".into()))),
    },
    Wrong {
        does: "has no correlations when it is opened again",
        make: || site(|| Opens(|log| changed(log, |event| event.correlation = None))),
    },
    Wrong {
        does: "has no causations when it is opened again",
        make: || site(|| Opens(|log| changed(log, |event| event.causation = None))),
    },
    Wrong {
        does: "has its instants in milliseconds when it is opened again",
        make: || {
            site(|| {
                Opens(|log| {
                    changed(log, |event| {
                        event.recorded_at = Timestamp::from_micros(
                            event.recorded_at.micros().div_euclid(1000) * 1000,
                        )
                    })
                })
            })
        },
    },
    Wrong {
        does: "has the reported instants in milliseconds when it is opened again",
        make: || {
            site(|| {
                Opens(|log| {
                    changed(log, |event| {
                        event.reported_at = event
                            .reported_at
                            .map(|at| Timestamp::from_micros(at.micros().div_euclid(1000) * 1000))
                    })
                })
            })
        },
    },
    Wrong {
        does: "cannot load an event with a line break in a name, and skips it",
        make: || site(|| Opens(|log| only(log, |_, event| !breaks_a_line(event)))),
    },
    Wrong {
        does: "cannot load an event with a tab or a separator in a name, and skips it",
        make: || site(|| Opens(|log| only(log, |_, event| !breaks_a_row(event)))),
    },
    Wrong {
        does: "cannot load an event over 65,535 bytes, and skips it",
        make: || {
            site(|| {
                Opens(|log| {
                    only(log, |log, event| event.payload.len() < 65_536 && readable(log, event))
                })
            })
        },
    },
];
