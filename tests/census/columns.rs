//! Wrong stores that keep another column than the one they were given. Their leaves agree with what
//! they keep, so that only a comparison with what was sent can notice: an event as it is stored has
//! "every column, and the exact bytes of its payload".

use chrono::{Datelike, Days, NaiveDate};
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::time::Timestamp;
use waystage_store::{Append, Key, NewEvent, Plan, StoreError, StoredEvent};

use crate::parts::{Log, Sent, Twist, Wrong, alter, each, site};

/// Changes events before anything is decided, so that a repetition is changed alike.
struct Takes(fn(&mut NewEvent));

impl Twist for Takes {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        Ok(each(append, self.0))
    }
}

/// Changes what is kept, and compares a repetition with what it would have kept of it.
struct Keeps(fn(&mut StoredEvent));

impl Twist for Keeps {
    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        alter(log, plan, |(_, event)| (self.0)(event));
    }

    fn settled(&self, log: &Log, key: &Key, sent: &Sent) -> Option<StoredEvent> {
        let found = log.keyed(key)?;
        let Some((_, again)) = sent.get(key) else { return Some(found) };
        let payload = waystage_store::codec::encode(&again.record).ok()?;
        let mut would = found.clone();
        (would.kind, would.schema) = (payload.kind.into(), payload.schema);
        (would.payload, would.actor) = (payload.bytes.clone(), again.actor.clone());
        (would.reported_at, would.on) = (again.reported_at, again.on);
        (self.0)(&mut would);
        let same = would.payload == found.payload && would.kind == found.kind;
        Some(if same { StoredEvent { payload: payload.bytes, ..found } } else { found })
    }
}

/// Keeps ids as version 4 UUIDs.
struct UuidsForIds;

fn uuid(id: EventId) -> EventId {
    let mut bytes = *id.as_bytes();
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    EventId::from_bytes(bytes)
}

impl Twist for UuidsForIds {
    fn key(&self, key: &Key) -> Key {
        match key {
            Key::Id(id) => Key::Id(uuid(*id)),
            Key::Sourced(_) => key.clone(),
        }
    }

    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        Ok(each(append, |event| event.id = uuid(event.id)))
    }
}

fn reported(event: &mut NewEvent, change: impl Fn(i64) -> Option<i64>) {
    let micros = event.reported_at.and_then(|at| change(at.micros()));
    event.reported_at = micros.map(Timestamp::from_micros);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // that is the mistake
fn by_seconds(micros: i64) -> i64 {
    ((micros as f64 / 1e6) * 1e6) as i64
}

/// Reads the repeated hour of an October night in London as its first occurrence.
fn by_london(micros: i64) -> i64 {
    let day = Timestamp::from_micros(micros).date();
    let of_day = micros.rem_euclid(86_400_000_000);
    let last_sunday =
        day.month() == 10 && day.day() > 24 && day.weekday().number_from_monday() == 7;
    let repeated = last_sunday && (3_600_000_000..7_200_000_000).contains(&of_day);
    if repeated { micros - 3_600_000_000 } else { micros }
}

/// Counts days since 1970 in sixteen bits.
fn narrow(on: NaiveDate) -> NaiveDate {
    let epoch = NaiveDate::default();
    let days = (on - epoch).num_days().clamp(0, 65_535);
    epoch.checked_add_days(Days::new(days.unsigned_abs())).unwrap()
}

fn two_digits(on: NaiveDate) -> NaiveDate {
    let short = on.year().rem_euclid(100);
    let year = if short < 70 { 2000 + short } else { 1900 + short };
    on.with_year(year).unwrap_or(on)
}

fn text(event: &mut StoredEvent, change: impl Fn(&str) -> String) {
    event.payload = change(std::str::from_utf8(&event.payload).unwrap()).into_bytes();
}

fn serialised_again(event: &mut StoredEvent) {
    let value: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
    event.payload = serde_json::to_vec(&value).unwrap();
}

fn prettily(event: &mut StoredEvent) {
    let value: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
    event.payload = serde_json::to_vec_pretty(&value).unwrap();
}

fn escaped(payload: &str) -> String {
    let mut units = [0; 2];
    let escape = |each: char| -> String {
        if each.is_ascii() {
            return each.to_string();
        }
        each.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    payload.chars().map(escape).collect()
}

/// Drops the keys whose value is null.
fn without_nulls(event: &mut StoredEvent) {
    let mut value: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
    let before = value.as_object().map_or(0, serde_json::Map::len);
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, each| !each.is_null());
    }
    if value.as_object().map_or(0, serde_json::Map::len) < before {
        event.payload = serde_json::to_vec(&value).unwrap();
    }
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "cuts reported_at to milliseconds",
        make: || site(|| Takes(|event| reported(event, |at| Some(at.div_euclid(1000) * 1000)))),
    },
    Wrong {
        does: "keeps reported_at as a floating number of seconds and loses some microseconds",
        make: || site(|| Takes(|event| reported(event, |at| Some(by_seconds(at))))),
    },
    Wrong {
        does: "takes reported_at at the start of 1970 for absent",
        make: || site(|| Takes(|event| reported(event, |at| (at != 0).then_some(at)))),
    },
    Wrong {
        does: "keeps a reported_at before 1970 as the start of 1970",
        make: || site(|| Takes(|event| reported(event, |at| Some(at.max(0))))),
    },
    Wrong {
        does: "keeps reported_at in London's wall time and moves the repeated hour of October",
        make: || site(|| Takes(|event| reported(event, |at| Some(by_london(at))))),
    },
    Wrong {
        does: "gives an event without reported_at the instant of its id",
        make: || {
            site(|| {
                Takes(|event| {
                    event.reported_at = event.reported_at.or(Some(Timestamp::of_event_id(event.id)))
                })
            })
        },
    },
    Wrong {
        does: "keeps event ids as version 4 UUIDs, which changes six of their bits",
        make: || site(|| UuidsForIds),
    },
    Wrong {
        does: "overwrites the causation with the correlation where both are given",
        make: || {
            site(|| {
                Takes(|event| {
                    if event.causation.is_some() && event.correlation.is_some() {
                        event.causation = event.correlation
                    }
                })
            })
        },
    },
    Wrong {
        does: "makes an event without correlation its own correlation",
        make: || site(|| Takes(|event| event.correlation = event.correlation.or(Some(event.id)))),
    },
    Wrong {
        does: "loses a causation that is sixteen zero bytes",
        make: || {
            site(|| {
                Takes(|event| {
                    event.causation =
                        event.causation.filter(|id| id.as_bytes() != ParticipantId::LOG.as_bytes())
                })
            })
        },
    },
    Wrong {
        does: "keeps an empty actor as system",
        make: || {
            site(|| {
                Takes(|event| {
                    if event.actor.as_str().is_empty() {
                        event.actor = "system".into()
                    }
                })
            })
        },
    },
    Wrong {
        does: "keeps actors in lower case",
        make: || site(|| Takes(|event| event.actor = event.actor.as_str().to_lowercase().into())),
    },
    Wrong {
        does: "cuts actors to 255 bytes",
        make: || {
            site(|| {
                Takes(|event| {
                    event.actor = event.actor.as_str().chars().take(255).collect::<String>().into()
                })
            })
        },
    },
    Wrong {
        does: "counts the days of `on` since 1970 in sixteen unsigned bits",
        make: || site(|| Takes(|event| event.on = narrow(event.on))),
    },
    Wrong {
        does: "keeps the year of `on` in two digits",
        make: || site(|| Takes(|event| event.on = two_digits(event.on))),
    },
    Wrong {
        does: "keeps a leap day as the day before it",
        make: || {
            site(|| {
                Takes(|event| {
                    if (event.on.month(), event.on.day()) == (2, 29) {
                        event.on = event.on.pred_opt().unwrap()
                    }
                })
            })
        },
    },
    Wrong {
        does: "writes the payload again with its keys sorted",
        make: || site(|| Keeps(serialised_again)),
    },
    Wrong { does: "writes the payload again with line breaks", make: || site(|| Keeps(prettily)) },
    Wrong {
        does: "writes what is not ASCII in the payload as escapes",
        make: || site(|| Keeps(|event| text(event, escaped))),
    },
    Wrong {
        does: "leaves fields that are null out of the payload",
        make: || site(|| Keeps(without_nulls)),
    },
    Wrong {
        does: "drops NUL characters from the payload",
        make: || site(|| Keeps(|event| text(event, |payload| payload.replace("\\u0000", "")))),
    },
    Wrong {
        does: "takes line breaks out of the payload's texts",
        make: || site(|| Keeps(|event| text(event, |payload| payload.replace("\\r\\n", "\\n")))),
    },
    Wrong {
        does: "cuts payloads to 65,535 bytes",
        make: || site(|| Keeps(|event| event.payload.truncate(65_535))),
    },
    Wrong {
        does: "cuts payloads to 1,000,000 bytes",
        make: || site(|| Keeps(|event| event.payload.truncate(1_000_000))),
    },
    Wrong {
        does: "keeps the causation of a sourced event not",
        make: || {
            site(|| {
                Takes(|event| {
                    if event.sourced.is_some() {
                        event.causation = None
                    }
                })
            })
        },
    },
];
