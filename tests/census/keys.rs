//! Wrong stores that find the wrong event by a key, or lose a key. "(source, source_ref), or the
//! event id where there is no source, is the key", whatever happened since.

use std::collections::BTreeSet;
use std::sync::Mutex;

use waystage_core::id::{EventId, ParticipantId};
use waystage_core::journey::Sourced;
use waystage_core::time::Timestamp;
use waystage_store::{Append, Key, Plan, StoreError, StoredEvent};

use crate::names::numeric;
use crate::parts::{Log, Sent, Twist, Wrong, alter, site};

/// Knows keys by less than they are; what is stored stays as it was sent.
struct Folds(fn(&Sourced) -> (String, String), fn(EventId) -> EventId);

impl Twist for Folds {
    fn key(&self, key: &Key) -> Key {
        match key {
            Key::Sourced(sourced) => {
                let (source, reference) = (self.0)(sourced);
                Key::Sourced(Sourced { source: source.into(), reference: reference.into() })
            }
            Key::Id(id) => Key::Id((self.1)(*id)),
        }
    }
}

fn as_it_is(sourced: &Sourced) -> (String, String) {
    (sourced.source.to_string(), sourced.reference.to_string())
}

fn joined(sourced: &Sourced, by: &str) -> (String, String) {
    (String::new(), format!("{}{by}{}", sourced.source, sourced.reference))
}

fn references(sourced: &Sourced, fold: impl Fn(&str) -> String) -> (String, String) {
    (sourced.source.to_string(), fold(sourced.reference.as_str()))
}

fn keep_bytes(id: EventId, kept: std::ops::Range<usize>) -> EventId {
    let mut bytes = [0; 16];
    bytes[kept.clone()].copy_from_slice(&id.as_bytes()[kept]);
    EventId::from_bytes(bytes)
}

fn unaccented(name: &str) -> String {
    let plain = |each: char| match each {
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    };
    name.chars().map(plain).collect()
}

/// Settles keys in a way of its own; readers find them right.
struct Settles(fn(&Log, &Key, &Sent) -> Option<StoredEvent>);

impl Twist for Settles {
    fn settled(&self, log: &Log, key: &Key, sent: &Sent) -> Option<StoredEvent> {
        (self.0)(log, key, sent)
    }
}

/// Finds keys for readers in a way of its own; appends settle them right.
struct Finds(fn(&Log, &Key) -> Option<StoredEvent>);

impl Twist for Finds {
    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        (self.0)(log, key)
    }
}

/// Keeps only some of the keys when it is opened again.
struct OpensWith(fn(&Log, &StoredEvent) -> bool);

impl Twist for OpensWith {
    fn reopened(&self, log: &mut Log) {
        let lost: Vec<Key> =
            log.events.iter().filter(|event| !(self.0)(log, event)).map(|e| e.key()).collect();
        for key in lost {
            log.keys.remove(&key);
        }
    }
}

fn by_id(log: &Log, id: EventId) -> Option<StoredEvent> {
    log.events.iter().find(|event| event.id == id).cloned()
}

fn any_by_id(log: &Log, key: &Key) -> Option<StoredEvent> {
    match key {
        Key::Id(id) => by_id(log, *id),
        Key::Sourced(_) => log.keyed(key),
    }
}

fn unique_ids(log: &Log, key: &Key, sent: &Sent) -> Option<StoredEvent> {
    log.keyed(key).or_else(|| by_id(log, sent.get(key)?.1.id))
}

fn within(log: &Log, key: &Key, count: usize) -> Option<StoredEvent> {
    let at = *log.keys.get(key)?;
    (at + count >= log.events.len()).then(|| log.events[at].clone())
}

fn recent(log: &Log, key: &Key, span: i64) -> Option<StoredEvent> {
    let last = log.tip().map_or(0, |tip| tip.recorded_at.micros());
    log.keyed(key).filter(|found| last - found.recorded_at.micros() <= span)
}

/// Returns whether a text matches a pattern in which an underscore stands for any character.
fn like(pattern: &str, text: &str) -> bool {
    let mut text = text.chars();
    pattern.chars().all(|each| text.next().is_some_and(|c| each == '_' || each == c))
        && text.next().is_none()
}

fn by_pattern(log: &Log, key: &Key) -> Option<StoredEvent> {
    let Key::Sourced(sourced) = key else { return log.keyed(key) };
    let matches = |event: &&StoredEvent| {
        event.sourced.as_ref().is_some_and(|there| {
            there.source == sourced.source
                && like(sourced.reference.as_str(), there.reference.as_str())
        })
    };
    if sourced.reference.as_str().contains('_') {
        log.events.iter().find(matches).cloned()
    } else {
        log.keyed(key)
    }
}

/// Looks up the first 999 keys of an append and takes the others for new.
#[derive(Default)]
struct LooksUpSoMany(Mutex<BTreeSet<Key>>);

impl Twist for LooksUpSoMany {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        let events = append.streams.iter().flat_map(|to| &to.events);
        *self.0.lock().unwrap() = events.take(999).map(|event| event.key()).collect();
        Ok(append)
    }

    fn settled(&self, log: &Log, key: &Key, _sent: &Sent) -> Option<StoredEvent> {
        log.keyed(key).filter(|_| self.0.lock().unwrap().contains(key))
    }
}

/// Keeps an event as often as one append brings it.
#[derive(Default)]
struct KeepsTwins(Mutex<Vec<NewPlace>>);

struct NewPlace {
    stand_in: EventId,
    id: EventId,
    sourced: Option<Sourced>,
}

impl Twist for KeepsTwins {
    fn sent(&self, log: &Log, mut append: Append) -> Result<Append, StoreError> {
        let mut seen = BTreeSet::new();
        let mut twins = self.0.lock().unwrap();
        twins.clear();
        for event in append.streams.iter_mut().flat_map(|to| &mut to.events) {
            if seen.insert(event.key()) || log.keys.contains_key(&event.key()) {
                continue;
            }
            let number = u8::try_from(twins.len()).unwrap_or(u8::MAX);
            let stand_in =
                EventId::from_bytes([0xEE, number, 7, 7, 7, 7, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8]);
            twins.push(NewPlace { stand_in, id: event.id, sourced: event.sourced.take() });
            event.id = stand_in;
        }
        Ok(append)
    }

    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        let twins = self.0.lock().unwrap();
        if twins.is_empty() {
            return;
        }
        alter(log, plan, |(_, event)| {
            if let Some(twin) = twins.iter().find(|twin| twin.stand_in == event.id) {
                (event.id, event.sourced) = (twin.id, twin.sourced.clone());
            }
        });
    }
}

/// Drops an event whose key came earlier in the append, whatever it says.
struct DropsTwins;

impl Twist for DropsTwins {
    fn append(
        &self,
        store: &crate::parts::Store<Self>,
        mut append: Append,
    ) -> Result<Vec<waystage_store::Receipt>, StoreError> {
        let all: Vec<Key> =
            append.streams.iter().flat_map(|to| &to.events).map(|event| event.key()).collect();
        let mut seen = BTreeSet::new();
        for to in &mut append.streams {
            to.events.retain(|event| seen.insert(event.key()));
        }
        let first: Vec<Key> =
            append.streams.iter().flat_map(|to| &to.events).map(|event| event.key()).collect();
        let receipts = store.record(append)?;
        let mut given = BTreeSet::new();
        let receipt_of = |key: &Key| {
            let mut receipt = receipts[first.iter().position(|each| each == key).unwrap()];
            receipt.duplicate |= !given.insert(key.clone());
            receipt
        };
        Ok(all.iter().map(receipt_of).collect())
    }
}

/// Takes a key that a reader looked for in vain for new ever after.
#[derive(Default)]
struct TrustsAnOldSearch(Mutex<BTreeSet<Key>>);

impl Twist for TrustsAnOldSearch {
    fn find(&self, log: &Log, key: &Key) -> Option<StoredEvent> {
        let found = log.keyed(key);
        if found.is_none() {
            self.0.lock().unwrap().insert(key.clone());
        }
        found
    }

    fn settled(&self, log: &Log, key: &Key, _sent: &Sent) -> Option<StoredEvent> {
        log.keyed(key).filter(|_| !self.0.lock().unwrap().contains(key))
    }
}

const ANY: fn(EventId) -> EventId = |id| id;
const MINUTE: i64 = 60_000_000;

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "joins source and reference by nothing",
        make: || site(|| Folds(|s| joined(s, ""), ANY)),
    },
    Wrong {
        does: "joins source and reference by a colon",
        make: || site(|| Folds(|s| joined(s, ":"), ANY)),
    },
    Wrong {
        does: "joins source and reference by a slash",
        make: || site(|| Folds(|s| joined(s, "/"), ANY)),
    },
    Wrong {
        does: "joins source and reference by a NUL",
        make: || site(|| Folds(|s| joined(s, "\0"), ANY)),
    },
    Wrong {
        does: "joins source and reference by a unit separator",
        make: || site(|| Folds(|s| joined(s, "\u{1f}"), ANY)),
    },
    Wrong {
        does: "knows a reference without its source",
        make: || site(|| Folds(|s| (String::new(), s.reference.to_string()), ANY)),
    },
    Wrong {
        does: "knows source and reference in either order",
        make: || {
            site(|| {
                Folds(
                    |s| {
                        let (a, b) = as_it_is(s);
                        if a < b { (a, b) } else { (b, a) }
                    },
                    ANY,
                )
            })
        },
    },
    Wrong {
        does: "knows references without regard to case",
        make: || site(|| Folds(|s| references(s, str::to_ascii_lowercase), ANY)),
    },
    Wrong {
        does: "knows sources without regard to case",
        make: || {
            site(|| Folds(|s| (s.source.as_str().to_lowercase(), s.reference.to_string()), ANY))
        },
    },
    Wrong {
        does: "knows references without regard to the case of letters beyond ASCII",
        make: || {
            site(|| {
                Folds(
                    |s| {
                        references(s, |name| {
                            name.chars()
                                .map(|c| {
                                    if c.is_ascii() {
                                        c
                                    } else {
                                        c.to_lowercase().next().unwrap_or(c)
                                    }
                                })
                                .collect()
                        })
                    },
                    ANY,
                )
            })
        },
    },
    Wrong {
        does: "knows references without spaces at their end",
        make: || site(|| Folds(|s| references(s, |name| name.trim_end().to_owned()), ANY)),
    },
    Wrong {
        does: "knows references without accents",
        make: || site(|| Folds(|s| references(s, unaccented), ANY)),
    },
    Wrong {
        does: "knows references of digits by their number",
        make: || site(|| Folds(|s| references(s, numeric), ANY)),
    },
    Wrong {
        does: "knows references by their first 64 characters",
        make: || site(|| Folds(|s| references(s, |name| name.chars().take(64).collect()), ANY)),
    },
    Wrong {
        does: "knows references by their first 767 characters",
        make: || site(|| Folds(|s| references(s, |name| name.chars().take(767).collect()), ANY)),
    },
    Wrong {
        does: "knows event ids by their first eight bytes",
        make: || site(|| Folds(as_it_is, |id| keep_bytes(id, 0..8))),
    },
    Wrong {
        does: "knows event ids by their last eight bytes",
        make: || site(|| Folds(as_it_is, |id| keep_bytes(id, 8..16))),
    },
    Wrong {
        does: "knows event ids by their first fifteen bytes",
        make: || site(|| Folds(as_it_is, |id| keep_bytes(id, 0..15))),
    },
    Wrong { does: "finds a sourced event by its id", make: || site(|| Finds(any_by_id)) },
    Wrong {
        does: "finds nothing of the log's own stream by key",
        make: || {
            site(|| {
                Finds(|log, key| {
                    log.keyed(key).filter(|found| found.participant != ParticipantId::LOG)
                })
            })
        },
    },
    Wrong {
        does: "takes an underscore in a reference that is looked for as any character",
        make: || site(|| Finds(by_pattern)),
    },
    Wrong {
        does: "takes an underscore in a reference that is sent as any character",
        make: || site(|| Settles(|log, key, _| by_pattern(log, key))),
    },
    Wrong {
        does: "takes an event without source for the sourced one of the same id",
        make: || site(|| Settles(|log, key, _| any_by_id(log, key))),
    },
    Wrong {
        does: "wants event ids to be unique among sourced events too",
        make: || site(|| Settles(unique_ids)),
    },
    Wrong {
        does: "forgets keys after 1,000 further events",
        make: || site(|| Settles(|log, key, _| within(log, key, 1_000))),
    },
    Wrong {
        does: "forgets keys after 10,000 further events",
        make: || site(|| Settles(|log, key, _| within(log, key, 10_000))),
    },
    Wrong {
        does: "forgets keys after two minutes",
        make: || site(|| Settles(|log, key, _| recent(log, key, 2 * MINUTE))),
    },
    Wrong {
        does: "forgets keys after 30 days",
        make: || site(|| Settles(|log, key, _| recent(log, key, 30 * 1440 * MINUTE))),
    },
    Wrong {
        does: "forgets the ids of events without source when it is opened again",
        make: || site(|| OpensWith(|_, event| event.sourced.is_some())),
    },
    Wrong {
        does: "forgets sources and references when it is opened again",
        make: || site(|| OpensWith(|_, event| event.sourced.is_none())),
    },
    Wrong {
        does: "forgets the keys of the log's own stream when it is opened again",
        make: || site(|| OpensWith(|_, event| event.participant != ParticipantId::LOG)),
    },
    Wrong {
        does: "loads only the first 1,000 keys when it is opened again",
        make: || site(|| OpensWith(|_, event| event.position.get() <= 1_000)),
    },
    Wrong {
        does: "loads only the last key of each stream when it is opened again",
        make: || {
            site(|| {
                OpensWith(|log, event| {
                    log.tip_of(event.participant).is_some_and(|tip| tip.version == event.version)
                })
            })
        },
    },
    Wrong {
        does: "forgets the keys of the day before when it is opened again",
        make: || {
            site(|| {
                OpensWith(|log, event| {
                    log.tip().is_some_and(|tip| {
                        tip.recorded_at.date() == Timestamp::date(event.recorded_at)
                    })
                })
            })
        },
    },
    Wrong {
        does: "looks up the first 999 keys of an append and takes the others for new",
        make: || site(LooksUpSoMany::default),
    },
    Wrong {
        does: "keeps an event as often as one append brings it",
        make: || site(KeepsTwins::default),
    },
    Wrong {
        does: "drops an event whose key came earlier in the append, even with other content",
        make: || site(|| DropsTwins),
    },
    Wrong {
        does: "takes a key that a reader looked for in vain for new ever after",
        make: || site(TrustsAnOldSearch::default),
    },
];
