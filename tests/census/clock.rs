//! Wrong stores whose instants are wrong. `recorded_at` is "one value for all events of an append,
//! strictly above the last append's": what the clock says, "or the one just after its last". A
//! directly recorded fact may not be dated "later than the day after `recorded_at`'s UTC date".

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::NaiveDate;
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::journey::Record;
use waystage_core::time::Timestamp;
use waystage_store::{Append, LogTip, NewEvent, Plan, Refusal, StoreError};

use crate::parts::{Log, Twist, Wrong, alter, each, site};

/// Records another instant.
struct Records(fn(&Log, &Append, (usize, &mut waystage_store::StoredEvent)) -> i64);

impl Twist for Records {
    fn planned(&self, log: &Log, append: &Append, plan: &mut Plan) {
        alter(log, plan, |(at, event)| {
            let micros = (self.0)(log, append, (at, event));
            event.recorded_at = Timestamp::from_micros(micros);
        });
    }
}

/// Looks at the clock in a way of its own before anything else.
struct Looks(fn(&Log, Append) -> Result<Append, StoreError>);

impl Twist for Looks {
    fn sent(&self, log: &Log, append: Append) -> Result<Append, StoreError> {
        (self.0)(log, append)
    }
}

/// Takes the instant of another event for the log's last.
struct Tips(fn(&Log) -> Option<LogTip>);

impl Twist for Tips {
    fn log_tip(&self, log: &Log) -> Option<LogTip> {
        (self.0)(log)
    }
}

/// Does not know the last instant when it is opened again.
#[derive(Default)]
struct ForgetsTheInstant(AtomicBool);

impl Twist for ForgetsTheInstant {
    fn log_tip(&self, log: &Log) -> Option<LogTip> {
        let forgot = self.0.load(Ordering::Relaxed);
        let recorded_at = |tip: LogTip| if forgot { Timestamp::MIN } else { tip.recorded_at };
        log.tip().map(|tip| LogTip { recorded_at: recorded_at(tip), ..tip })
    }

    fn planned(&self, _log: &Log, _append: &Append, plan: &mut Plan) {
        if !plan.keep.is_empty() {
            self.0.store(false, Ordering::Relaxed);
        }
    }

    fn reopened(&self, _log: &mut Log) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes dates from a clock some hours ahead, so that a later day is taken in the evening.
struct Ahead {
    hours: i64,
    dates: Mutex<Vec<(EventId, NaiveDate)>>,
}

impl Ahead {
    fn by(hours: i64) -> Self {
        Self { hours, dates: Mutex::default() }
    }
}

impl Twist for Ahead {
    fn sent(&self, log: &Log, append: Append) -> Result<Append, StoreError> {
        let recorded = instant(log, &append);
        let mut dates = self.dates.lock().unwrap();
        dates.clear();
        let ahead = Timestamp::from_micros(recorded + self.hours * 3_600_000_000).date();
        let here = Timestamp::from_micros(recorded).date();
        Ok(each(append, |event| {
            let new = !log.keys.contains_key(&event.key());
            if new && ahead > here && ahead.succ_opt() == Some(event.on) {
                dates.push((event.id, event.on));
                event.on = ahead;
            }
        }))
    }

    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        let dates = self.dates.lock().unwrap();
        if !dates.is_empty() {
            alter(log, plan, |(_, event)| {
                if let Some((_, on)) = dates.iter().find(|(id, _)| *id == event.id) {
                    event.on = *on;
                }
            });
        }
    }
}

/// Returns the instant that a right store records.
fn instant(log: &Log, append: &Append) -> i64 {
    let now = append.now.micros();
    log.tip().map_or(now, |tip| now.max(tip.recorded_at.micros() + 1))
}

/// Returns by how much the clock stands behind.
fn behind(log: &Log, append: &Append) -> i64 {
    log.tip().map_or(0, |tip| tip.recorded_at.micros().saturating_sub(append.now.micros()))
}

fn refused_beyond(log: &Log, append: Append, micros: i64) -> Result<Append, StoreError> {
    let behind = behind(log, &append);
    if behind > micros {
        let by = Duration::from_micros(behind.unsigned_abs());
        return Err(StoreError::ClockWentBack { by });
    }
    Ok(append)
}

fn set_right(log: &Log, mut append: Append, micros: i64) -> Result<Append, StoreError> {
    let behind = behind(log, &append);
    if let Some(tip) = log.tip().filter(|_| behind <= micros) {
        append.now = append.now.max(tip.recorded_at);
    }
    Ok(append)
}

/// Refuses new events that are dated beyond what a store of its own mind takes.
fn refuse(
    log: &Log,
    append: Append,
    refused: impl Fn(&NewEvent, NaiveDate) -> bool,
) -> Result<Append, StoreError> {
    let recorded = Timestamp::from_micros(instant(log, &append)).date();
    let new = |event: &&NewEvent| !log.keys.contains_key(&event.key());
    let mut events = append.streams.iter().flat_map(|to| &to.events).filter(new);
    match events.find(|event| refused(event, recorded)) {
        Some(event) => Err(Refusal::InTheFuture { on: event.on, recorded }.into()),
        None => Ok(append),
    }
}

fn later(event: &NewEvent, recorded: NaiveDate) -> bool {
    recorded.succ_opt().is_some_and(|limit| limit < event.on)
}

/// Refuses by what the clock says, although a later instant is recorded.
fn by_the_clock(log: &Log, append: Append) -> Result<Append, StoreError> {
    let now = append.now.date();
    refuse(log, append, |event, _| {
        event.sourced.is_none() && matches!(event.record, Record::Fact(_)) && later(event, now)
    })
}

/// Refuses duplicates too that are dated in the future of what the clock says now.
fn duplicates_too(log: &Log, append: Append) -> Result<Append, StoreError> {
    let now = append.now.date();
    let direct = |event: &&NewEvent| event.sourced.is_none() && later(event, now);
    let mut events = append.streams.iter().flat_map(|to| &to.events);
    match events.find(|event| direct(event) && log.keys.contains_key(&event.key())) {
        Some(event) => Err(Refusal::InTheFuture { on: event.on, recorded: now }.into()),
        None => Ok(append),
    }
}

fn without_the_log(log: &Log) -> Option<LogTip> {
    let mut events = log.events.iter().rev();
    let last = events.find(|event| event.participant != ParticipantId::LOG);
    log.tip().map(|tip| LogTip {
        recorded_at: last.map_or(Timestamp::MIN, |last| last.recorded_at),
        ..tip
    })
}

const SECOND: i64 = 1_000_000;

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "gives each event of an append an instant of its own",
        make: || {
            site(|| {
                Records(|_, _, (at, event)| event.recorded_at.micros() + i64::try_from(at).unwrap())
            })
        },
    },
    Wrong {
        does: "gives each stream of an append an instant of its own",
        make: || {
            site(|| {
                Records(|log, append, (_, event)| {
                    let at = append
                        .streams
                        .iter()
                        .position(|to| to.head.participant() == event.participant)
                        .unwrap_or(0);
                    instant(log, append) + i64::try_from(at).unwrap()
                })
            })
        },
    },
    Wrong {
        does: "records the last instant again while the clock stands",
        make: || {
            site(|| {
                Records(|log, append, _| {
                    log.tip()
                        .map_or(i64::MIN, |tip| tip.recorded_at.micros())
                        .max(append.now.micros())
                })
            })
        },
    },
    Wrong {
        does: "records what the clock says although it went back a little",
        make: || site(|| Records(|_, append, _| append.now.micros())),
    },
    Wrong {
        does: "records instants that rise in each stream alone",
        make: || {
            site(|| {
                Records(|log, append, (_, event)| {
                    let last = log
                        .streams
                        .get(&event.participant)
                        .and_then(|stream| stream.last())
                        .map(|&at| log.events[at].recorded_at.micros() + 1);
                    append.now.micros().max(last.unwrap_or(i64::MIN))
                })
            })
        },
    },
    Wrong {
        does: "cuts instants to milliseconds",
        make: || {
            site(|| Records(|_, _, (_, event)| event.recorded_at.micros().div_euclid(1000) * 1000))
        },
    },
    Wrong {
        does: "rounds instants up to milliseconds",
        make: || {
            site(|| {
                Records(|_, _, (_, event)| {
                    (event.recorded_at.micros() + 999).div_euclid(1000) * 1000
                })
            })
        },
    },
    Wrong {
        does: "records an instant a millisecond after the last while the clock stands",
        make: || {
            site(|| {
                Records(|log, append, (_, event)| {
                    if log.tip().is_some_and(|tip| tip.recorded_at >= append.now) {
                        event.recorded_at.micros() + 999
                    } else {
                        event.recorded_at.micros()
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not know the last instant when it is opened again",
        make: || site(ForgetsTheInstant::default),
    },
    Wrong {
        does: "does not count the instants of the log's own stream",
        make: || site(|| Tips(without_the_log)),
    },
    Wrong {
        does: "takes a clock that is far behind",
        make: || site(|| Looks(|log, append| set_right(log, append, i64::MAX))),
    },
    Wrong {
        does: "takes a clock that is a minute behind",
        make: || site(|| Looks(|log, append| set_right(log, append, 60 * SECOND))),
    },
    Wrong {
        does: "takes a clock that is six seconds behind",
        make: || site(|| Looks(|log, append| set_right(log, append, 6 * SECOND))),
    },
    Wrong {
        does: "takes a clock that is a microsecond over the five seconds behind",
        make: || site(|| Looks(|log, append| set_right(log, append, 5 * SECOND + 1))),
    },
    Wrong {
        does: "refuses a clock that is five seconds behind, which is tolerated",
        make: || {
            site(|| {
                Looks(|log, append| {
                    if append
                        .streams
                        .iter()
                        .flat_map(|to| &to.events)
                        .all(|event| log.keys.contains_key(&event.key()))
                    {
                        return Ok(append);
                    }
                    refused_beyond(log, append, 5 * SECOND - 1)
                })
            })
        },
    },
    Wrong {
        does: "refuses a clock that is a second behind",
        make: || {
            site(|| {
                Looks(|log, append| {
                    if append
                        .streams
                        .iter()
                        .flat_map(|to| &to.events)
                        .all(|event| log.keys.contains_key(&event.key()))
                    {
                        return Ok(append);
                    }
                    refused_beyond(log, append, SECOND)
                })
            })
        },
    },
    Wrong {
        does: "refuses duplicates while the clock is behind",
        make: || site(|| Looks(|log, append| refused_beyond(log, append, 5 * SECOND))),
    },
    Wrong {
        does: "refuses duplicates that lie in the future of a clock that went back",
        make: || site(|| Looks(duplicates_too)),
    },
    Wrong {
        does: "compares `on` with what the clock says and not with what is recorded",
        make: || site(|| Looks(by_the_clock)),
    },
    Wrong {
        does: "takes dates from an hour ahead and so a fact two days ahead in the evening",
        make: || site(|| Ahead::by(1)),
    },
    Wrong { does: "takes facts two days ahead", make: || site(|| Ahead::by(24)) },
    Wrong {
        does: "refuses a fact of the day after",
        make: || {
            site(|| {
                Looks(|log, append| {
                    refuse(log, append, |event, recorded| {
                        event.sourced.is_none()
                            && matches!(event.record, Record::Fact(_))
                            && event.on > recorded
                    })
                })
            })
        },
    },
    Wrong {
        does: "refuses sourced facts of the future",
        make: || {
            site(|| {
                Looks(|log, append| {
                    refuse(log, append, |event, recorded| {
                        event.sourced.is_some() && later(event, recorded)
                    })
                })
            })
        },
    },
    Wrong {
        does: "refuses determinations of the future",
        make: || {
            site(|| {
                Looks(|log, append| {
                    refuse(log, append, |event, recorded| {
                        matches!(event.record, Record::Determination(_)) && later(event, recorded)
                    })
                })
            })
        },
    },
    Wrong {
        does: "refuses entries of the log that are dated in the future",
        make: || {
            site(|| {
                Looks(|log, append| {
                    refuse(log, append, |event, recorded| {
                        matches!(event.record, Record::Log(_)) && later(event, recorded)
                    })
                })
            })
        },
    },
    Wrong {
        does: "refuses facts from before 1970",
        make: || {
            site(|| {
                Looks(|log, append| refuse(log, append, |event, _| event.on < NaiveDate::default()))
            })
        },
    },
];
