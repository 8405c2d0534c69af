//! Wrong stores that compare too little or too much under one key. "The same key with an equal fact
//! (participant, kind, `on`, `reported_at` and content) is a duplicate and returns the first
//! receipt; with anything different it is a conflict." Actor, correlation and causation "do not take
//! part".

use waystage_core::id::ParticipantId;
use waystage_store::codec::{self, Payload};
use waystage_store::{Key, NewEvent, StoredEvent};

use crate::parts::{Log, Sent, Twist, Wrong, site};

/// What is sent again under a key.
struct Again<'a> {
    participant: ParticipantId,
    event: &'a NewEvent,
    payload: Payload,
}

/// Sees the recorded event otherwise than it is when it is compared with what is sent.
struct Sees(fn(&mut StoredEvent, &Again<'_>));

impl Twist for Sees {
    fn settled(&self, log: &Log, key: &Key, sent: &Sent) -> Option<StoredEvent> {
        let mut found = log.keyed(key)?;
        if let Some((participant, event)) = sent.get(key) {
            let payload = codec::encode(&event.record).ok()?;
            (self.0)(&mut found, &Again { participant: *participant, event, payload });
        }
        Some(found)
    }
}

fn same_content(found: &mut StoredEvent, again: &Again<'_>) {
    found.payload.clone_from(&again.payload.bytes);
}

fn different(found: &mut StoredEvent) {
    found.participant = ParticipantId::from_bytes([0xDD; 16]);
}

fn folded(payload: &[u8]) -> Vec<u8> {
    payload.to_ascii_lowercase()
}

/// Sees no difference where a fold of the payloads is the same.
fn by(found: &mut StoredEvent, again: &Again<'_>, fold: impl Fn(&[u8]) -> Vec<u8>) {
    if *found.kind == *again.payload.kind && fold(&found.payload) == fold(&again.payload.bytes) {
        same_content(found, again);
    }
}

fn squeezed(payload: &[u8]) -> Vec<u8> {
    payload.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

fn sorted(payload: &[u8]) -> Vec<u8> {
    let mut bytes = payload.to_vec();
    bytes.sort_unstable();
    bytes
}

/// Puts the payload beyond a number of bytes out of sight.
fn beyond(found: &mut StoredEvent, again: &Again<'_>, bytes: usize) {
    by(found, again, |payload| payload.iter().copied().take(bytes).collect());
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "does not compare the content",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if *found.kind == *again.payload.kind {
                        same_content(found, again)
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not compare the kind and the content",
        make: || {
            site(|| {
                Sees(|found, again| {
                    found.kind = again.payload.kind.into();
                    same_content(found, again)
                })
            })
        },
    },
    Wrong {
        does: "does not compare the kind where the payloads are the same",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.payload == again.payload.bytes {
                        found.kind = again.payload.kind.into()
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not compare `on`",
        make: || site(|| Sees(|found, again| found.on = again.event.on)),
    },
    Wrong {
        does: "does not compare reported_at",
        make: || site(|| Sees(|found, again| found.reported_at = again.event.reported_at)),
    },
    Wrong {
        does: "does not compare reported_at below the millisecond",
        make: || {
            site(|| {
                Sees(|found, again| {
                    let ms = |at: Option<waystage_core::time::Timestamp>| {
                        at.map(|at| at.micros().div_euclid(1000))
                    };
                    if ms(found.reported_at) == ms(again.event.reported_at) {
                        found.reported_at = again.event.reported_at
                    }
                })
            })
        },
    },
    Wrong {
        does: "sees no difference between a reported_at and none, as NULL compares",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.reported_at.is_none() || again.event.reported_at.is_none() {
                        found.reported_at = again.event.reported_at
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not take reported_at for different where what is sent has none",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if again.event.reported_at.is_none() {
                        found.reported_at = None
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not take reported_at for different where what is recorded has none",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.reported_at.is_none() {
                        found.reported_at = again.event.reported_at
                    }
                })
            })
        },
    },
    Wrong {
        does: "refuses a duplicate without reported_at, because NULL equals nothing",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if again.event.reported_at.is_none() {
                        different(found)
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not compare the participant",
        make: || site(|| Sees(|found, again| found.participant = again.participant)),
    },
    Wrong {
        does: "does not compare the participant of an event without source",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.sourced.is_none() {
                        found.participant = again.participant
                    }
                })
            })
        },
    },
    Wrong {
        does: "compares only the length of the payload",
        make: || {
            site(|| {
                Sees(|found, again| {
                    by(found, again, |payload| payload.len().to_be_bytes().to_vec())
                })
            })
        },
    },
    Wrong {
        does: "compares the sum of the payload's bytes",
        make: || site(|| Sees(|found, again| by(found, again, sorted))),
    },
    Wrong {
        does: "compares payloads without regard to case",
        make: || site(|| Sees(|found, again| by(found, again, folded))),
    },
    Wrong {
        does: "compares payloads without regard to spaces in their texts",
        make: || site(|| Sees(|found, again| by(found, again, squeezed))),
    },
    Wrong {
        does: "compares the first 1,024 bytes of payloads",
        make: || site(|| Sees(|found, again| beyond(found, again, 1_024))),
    },
    Wrong {
        does: "compares the first 65,536 bytes of payloads",
        make: || site(|| Sees(|found, again| beyond(found, again, 65_536))),
    },
    Wrong {
        does: "compares the content not where the kind is a determination",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.kind.contains("Determin") && *found.kind == *again.payload.kind {
                        same_content(found, again)
                    }
                })
            })
        },
    },
    Wrong {
        does: "does not compare the content in the log's own stream",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.participant == ParticipantId::LOG && *found.kind == *again.payload.kind
                    {
                        same_content(found, again)
                    }
                })
            })
        },
    },
    Wrong {
        does: "refuses a duplicate by another actor",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.actor != again.event.actor {
                        different(found)
                    }
                })
            })
        },
    },
    Wrong {
        does: "refuses a duplicate with another correlation",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.correlation != again.event.correlation {
                        different(found)
                    }
                })
            })
        },
    },
    Wrong {
        does: "refuses a duplicate with another causation",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.causation != again.event.causation {
                        different(found)
                    }
                })
            })
        },
    },
    Wrong {
        does: "refuses a sourced duplicate with another event id",
        make: || {
            site(|| {
                Sees(|found, again| {
                    if found.id != again.event.id {
                        different(found)
                    }
                })
            })
        },
    },
    Wrong {
        does: "refuses a duplicate in the log's own stream",
        make: || {
            site(|| {
                Sees(|found, _| {
                    if found.participant == ParticipantId::LOG {
                        different(found)
                    }
                })
            })
        },
    },
];
