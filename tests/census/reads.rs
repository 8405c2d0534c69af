//! Wrong stores whose reads skip, cut, mix or misorder.

use std::collections::BTreeMap;
use std::sync::Mutex;

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{Append, Key, Plan, Receipt, StoreError, StoredEvent};

use crate::parts::{Log, Store, Twist, Wrong, alter, site};

/// Reads pages in a way of its own.
struct Pages(fn(&Log, Option<Position>, usize) -> Vec<StoredEvent>);

impl Twist for Pages {
    fn rows_after(&self, log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
        (self.0)(log, after, count_max)
    }
}

/// Reads streams in a way of its own.
struct Streams(fn(&Log, ParticipantId) -> Vec<StoredEvent>);

impl Twist for Streams {
    fn rows_of(&self, log: &Log, participant: ParticipantId) -> Vec<StoredEvent> {
        (self.0)(log, participant)
    }
}

/// Lists participants in a way of its own.
struct Lists(fn(&Log) -> Vec<ParticipantId>);

impl Twist for Lists {
    fn participants(&self, log: &Log) -> Vec<ParticipantId> {
        (self.0)(log)
    }
}

/// Says the last position in a way of its own.
struct Lasts(fn(&Log) -> Option<Position>);

impl Twist for Lasts {
    fn last_position(&self, log: &Log) -> Option<Position> {
        (self.0)(log)
    }
}

fn number(after: Option<Position>) -> u64 {
    after.map_or(0, Position::get)
}

fn as_text(log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
    let after = number(after).to_string();
    let after = if after == "0" { String::new() } else { after };
    let later = log.events.iter().filter(|event| event.position.get().to_string() > after);
    later.take(count_max).cloned().collect()
}

#[allow(clippy::cast_possible_wrap)] // that is the mistake
fn signed(log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
    let after = number(after) as i64;
    let later = log.events.iter().filter(|event| event.position.get() as i64 > after);
    later.take(count_max).cloned().collect()
}

#[allow(clippy::cast_possible_truncation)] // that is the mistake
fn short_limit(log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
    log.page(after, usize::from(count_max as u16))
}

fn overflowing(log: &Log, after: Option<Position>, count_max: usize) -> Vec<StoredEvent> {
    let from = number(after);
    let to = from.wrapping_add(count_max as u64);
    let within = |event: &&StoredEvent| event.position.get() > from && event.position.get() <= to;
    log.events.iter().filter(within).cloned().collect()
}

fn sorted_by_id(mut rows: Vec<StoredEvent>) -> Vec<StoredEvent> {
    rows.sort_by_key(|row| (row.recorded_at, row.id));
    rows
}

fn mixed(log: &Log, same: impl Fn(ParticipantId) -> bool) -> Vec<StoredEvent> {
    log.events.iter().filter(|event| same(event.participant)).cloned().collect()
}

fn to_zero(id: ParticipantId) -> Vec<u8> {
    id.as_bytes().iter().copied().take_while(|byte| *byte != 0).collect()
}

/// Keeps the participants that it was sent for, whatever became of the append.
#[derive(Default)]
struct ListsTheRefused(Mutex<Vec<ParticipantId>>);

impl Twist for ListsTheRefused {
    fn append(&self, store: &Store<Self>, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let sent = append.streams.iter().map(|to| to.head.participant());
        self.0.lock().unwrap().extend(sent);
        store.record(append)
    }

    fn participants(&self, log: &Log) -> Vec<ParticipantId> {
        let mut listed = log.listed();
        listed.extend(self.0.lock().unwrap().iter().filter(|id| **id != ParticipantId::LOG));
        listed.sort_unstable();
        listed.dedup();
        listed
    }
}

/// Remembers that a key was not there when it was looked for.
#[derive(Default)]
struct RemembersAbsence(Mutex<BTreeMap<Key, ()>>);

impl Twist for RemembersAbsence {
    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        let mut absent = self.0.lock().unwrap();
        let found = log.keyed(key).filter(|_| !absent.contains_key(key));
        if found.is_none() {
            absent.insert(key.clone(), ());
        }
        found
    }
}

/// Remembers that a stream was empty when it was read.
#[derive(Default)]
struct RemembersEmptiness(Mutex<Vec<ParticipantId>>);

impl Twist for RemembersEmptiness {
    fn rows_of(&self, log: &Log, participant: ParticipantId) -> Vec<StoredEvent> {
        let rows = log.stream(participant);
        let mut empty = self.0.lock().unwrap();
        if rows.is_empty() {
            empty.push(participant);
        }
        if empty.contains(&participant) { Vec::new() } else { rows }
    }
}

/// Lists a participant only where the stream's first event was the first of its append.
#[derive(Default)]
struct ListsTheFirstOfAnAppend(Mutex<Vec<ParticipantId>>);

impl Twist for ListsTheFirstOfAnAppend {
    fn planned(&self, _log: &Log, append: &Append, _plan: &mut Plan) {
        self.0
            .lock()
            .unwrap()
            .extend(append.streams.iter().skip(1).map(|to| to.head.participant()));
    }

    fn participants(&self, log: &Log) -> Vec<ParticipantId> {
        let later = self.0.lock().unwrap();
        let alone = |id: &ParticipantId| log.streams[id].len() == 1 && later.contains(id);
        log.listed().into_iter().filter(|id| !alone(id)).collect()
    }
}

/// Keeps versions in so many bits.
struct NarrowVersions(u64);

impl Twist for NarrowVersions {
    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        let wrap = self.0;
        if plan.keep.iter().all(|event| event.version.get() < wrap) {
            return;
        }
        alter(log, plan, |(_, event)| {
            let wrapped = event.version.get() % wrap;
            event.version = waystage_core::id::Version::new(wrapped.max(1)).unwrap();
        });
    }
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "compares positions as text, so 10 does not follow 9",
        make: || site(|| Pages(as_text)),
    },
    Wrong {
        does: "takes a position over 2^63 for a negative one and pages from the start",
        make: || site(|| Pages(signed)),
    },
    Wrong {
        does: "takes a position over 2^32 by its last 32 bits",
        make: || {
            site(|| {
                Pages(|log, after, max| log.page(Position::new(number(after) & 0xFFFF_FFFF), max))
            })
        },
    },
    Wrong {
        does: "cuts count_max to sixteen bits: a page of 65,536 is empty",
        make: || site(|| Pages(short_limit)),
    },
    Wrong {
        does: "adds count_max to the position and wraps: the largest page after an event is empty",
        make: || site(|| Pages(overflowing)),
    },
    Wrong {
        does: "gives a page of one where none was asked for (at most count_max)",
        make: || site(|| Pages(|log, after, max| log.page(after, max.max(1)))),
    },
    Wrong {
        does: "gives the last event again after the last position",
        make: || {
            site(|| {
                Pages(|log, after, max| {
                    let page = log.page(after, max);
                    if page.is_empty() && max > 0 && log.tip().map(|tip| tip.position) == after {
                        log.events.last().cloned().into_iter().collect()
                    } else {
                        page
                    }
                })
            })
        },
    },
    Wrong {
        does: "gives the last page again after a position beyond the end",
        make: || {
            site(|| {
                Pages(|log, after, max| {
                    let end = log.tip().map(|tip| tip.position);
                    if after > end { log.page(None, max) } else { log.page(after, max) }
                })
            })
        },
    },
    Wrong {
        does: "leaves the log's own stream out of pages, so positions are skipped",
        make: || {
            site(|| {
                Pages(|log, after, max| {
                    log.page(after, usize::MAX)
                        .into_iter()
                        .filter(|row| row.participant != ParticipantId::LOG)
                        .take(max)
                        .collect()
                })
            })
        },
    },
    Wrong {
        does: "skips a row that was reported before 1970, which its unsigned column cannot read",
        make: || {
            site(|| {
                Pages(|log, after, max| {
                    log.page(after, usize::MAX)
                        .into_iter()
                        .filter(|row| row.reported_at.is_none_or(|at| at.micros() >= 0))
                        .take(max)
                        .collect()
                })
            })
        },
    },
    Wrong {
        does: "skips the rows of a stream that were reported before 1970",
        make: || {
            site(|| {
                Streams(|log, id| {
                    log.stream(id)
                        .into_iter()
                        .filter(|row| row.reported_at.is_none_or(|at| at.micros() >= 0))
                        .collect()
                })
            })
        },
    },
    Wrong {
        does: "sorts a page by instant and event id, not by position",
        make: || site(|| Pages(|log, after, max| sorted_by_id(log.page(after, max)))),
    },
    Wrong {
        does: "sorts a stream by instant and event id, not by version",
        make: || site(|| Streams(|log, id| sorted_by_id(log.stream(id)))),
    },
    Wrong {
        does: "ends a stream at 1,000 events",
        make: || site(|| Streams(|log, id| log.stream(id).into_iter().take(1_000).collect())),
    },
    Wrong {
        does: "ends a stream at 10,000 events",
        make: || site(|| Streams(|log, id| log.stream(id).into_iter().take(10_000).collect())),
    },
    Wrong {
        does: "has no stream of the log to read",
        make: || {
            site(|| {
                Streams(
                    |log, id| if id == ParticipantId::LOG { Vec::new() } else { log.stream(id) },
                )
            })
        },
    },
    Wrong {
        does: "mixes streams whose ids share their first eight bytes",
        make: || {
            site(|| {
                Streams(|log, id| mixed(log, |other| other.as_bytes()[..8] == id.as_bytes()[..8]))
            })
        },
    },
    Wrong {
        does: "mixes streams whose ids share their last eight bytes",
        make: || {
            site(|| {
                Streams(|log, id| mixed(log, |other| other.as_bytes()[8..] == id.as_bytes()[8..]))
            })
        },
    },
    Wrong {
        does: "mixes streams whose ids are the same up to a zero byte",
        make: || site(|| Streams(|log, id| mixed(log, |other| to_zero(other) == to_zero(id)))),
    },
    Wrong {
        does: "cannot read the stream of the highest id, which has no successor",
        make: || {
            site(|| {
                Streams(
                    |log, id| {
                        if id.as_bytes() == &[0xFF; 16] { Vec::new() } else { log.stream(id) }
                    },
                )
            })
        },
    },
    Wrong {
        does: "lists participants in order of their first events",
        make: || {
            site(|| {
                Lists(|log| {
                    let mut ids = log.listed();
                    ids.sort_by_key(|id| log.streams[id][0]);
                    ids
                })
            })
        },
    },
    Wrong {
        does: "lists ids with the high bit first, as signed numbers",
        make: || {
            site(|| {
                Lists(|log| {
                    let mut ids = log.listed();
                    ids.sort_by_key(|id| i128::from_be_bytes(*id.as_bytes()));
                    ids
                })
            })
        },
    },
    Wrong {
        does: "lists ids by their bytes from the end",
        make: || {
            site(|| {
                Lists(|log| {
                    let mut ids = log.listed();
                    ids.sort_by_key(|id| u128::from_le_bytes(*id.as_bytes()));
                    ids
                })
            })
        },
    },
    Wrong {
        does: "lists the log's own stream",
        make: || site(|| Lists(|log| log.streams.keys().copied().collect())),
    },
    Wrong {
        does: "takes ids that begin with eight zero bytes for the log's own and lists them not",
        make: || {
            site(|| {
                Lists(|log| {
                    log.listed().into_iter().filter(|id| id.as_bytes()[..8] != [0; 8]).collect()
                })
            })
        },
    },
    Wrong {
        does: "lists at most 100 participants",
        make: || site(|| Lists(|log| log.listed().into_iter().take(100).collect())),
    },
    Wrong {
        does: "lists at most 1,000 participants",
        make: || site(|| Lists(|log| log.listed().into_iter().take(1_000).collect())),
    },
    Wrong {
        does: "lists participants of whom only determinations are recorded not",
        make: || {
            site(|| {
                Lists(|log| {
                    log.listed()
                        .into_iter()
                        .filter(|id| {
                            log.streams[id].iter().any(|&at| {
                                !["OutcomeDetermined", "DeterminationWithdrawn"]
                                    .contains(&&*log.events[at].kind)
                            })
                        })
                        .collect()
                })
            })
        },
    },
    Wrong {
        does: "lists participants whose append was refused or held nothing",
        make: || site(ListsTheRefused::default),
    },
    Wrong {
        does: "lists a participant who came second in an append only after their second event",
        make: || site(ListsTheFirstOfAnAppend::default),
    },
    Wrong {
        does: "does not count the log's own stream in the last position",
        make: || {
            site(|| {
                Lasts(|log| {
                    log.events
                        .iter()
                        .rev()
                        .find(|event| event.participant != ParticipantId::LOG)
                        .map(|event| event.position)
                })
            })
        },
    },
    Wrong {
        does: "says position 1 is the last of an empty log",
        make: || site(|| Lasts(|log| Some(log.tip().map_or(Position::FIRST, |tip| tip.position)))),
    },
    Wrong {
        does: "remembers that a key was absent when it was looked for, and never finds it later",
        make: || site(RemembersAbsence::default),
    },
    Wrong {
        does: "remembers that a stream was empty when it was read, and never reads it later",
        make: || site(RemembersEmptiness::default),
    },
    Wrong {
        does: "keeps versions in eight bits (a version is dense, from 1)",
        make: || site(|| NarrowVersions(256)),
    },
    Wrong { does: "keeps versions in fifteen bits", make: || site(|| NarrowVersions(32_768)) },
    Wrong { does: "keeps versions in sixteen bits", make: || site(|| NarrowVersions(65_536)) },
];
