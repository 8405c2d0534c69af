//! Wrong stores that compare heads wrongly, or say wrongly what did not fit. "Duplicates are settled
//! before heads are compared", and a conflict is that "somebody else appended to the stream since it
//! was read".

use std::collections::BTreeMap;

use waystage_core::id::{ParticipantId, Version};
use waystage_core::journey::Record;
use waystage_store::{Append, Plan, Receipt, Refusal, StoreError, ToStream};

use crate::parts::{Log, Store, Twist, Wrong, alter, site};

/// Waives the comparison of some heads.
struct Waives(fn(&Log, &[ToStream], usize) -> bool);

impl Twist for Waives {
    fn sent(&self, log: &Log, mut append: Append) -> Result<Append, StoreError> {
        let waived: Vec<bool> =
            (0..append.streams.len()).map(|at| (self.0)(log, &append.streams, at)).collect();
        for (to, waived) in append.streams.iter_mut().zip(waived) {
            if waived {
                to.head = log.head(to.head.participant());
            }
        }
        Ok(append)
    }
}

/// Refuses appends that a right store takes.
struct Refuses(fn(&Log, &[ToStream]) -> Option<StoreError>);

impl Twist for Refuses {
    fn sent(&self, log: &Log, append: Append) -> Result<Append, StoreError> {
        (self.0)(log, &append.streams).map_or(Ok(append), Err)
    }
}

/// Says another error than the one that it had.
struct Says(fn(StoreError) -> StoreError);

impl Twist for Says {
    fn refused(
        &self,
        _store: &Store<Self>,
        _log: &mut Log,
        _append: &Append,
        error: StoreError,
    ) -> Result<Vec<Receipt>, StoreError> {
        Err((self.0)(error))
    }
}

/// Counts the versions of a stream that stands twice in an append from the log's tip each time.
struct RestartsVersions;

impl Twist for RestartsVersions {
    fn planned(&self, log: &Log, append: &Append, plan: &mut Plan) {
        let mut versions: BTreeMap<_, Version> = BTreeMap::new();
        let mut wrong = Vec::new();
        let mut kept = plan.keep.iter().map(|event| event.id).peekable();
        for to in &append.streams {
            let participant = to.head.participant();
            let mut last = log.tip_of(participant).map(|tip| tip.version);
            for event in &to.events {
                if kept.next_if(|id| *id == event.id).is_some() {
                    let version = Version::after(last);
                    wrong.push(version);
                    last = Some(version);
                    versions.insert(participant, version);
                }
            }
        }
        if wrong.len() == plan.keep.len() {
            alter(log, plan, |(at, event)| event.version = wrong[at]);
        }
    }
}

fn actual(log: &Log, to: &ToStream) -> Option<Version> {
    log.tip_of(to.head.participant()).map(|tip| tip.version)
}

fn conflict(log: &Log, to: &ToStream) -> Option<StoreError> {
    let (expected, actual) = (to.head.version(), actual(log, to));
    let participant = to.head.participant();
    (expected != actual).then_some(StoreError::Conflict { participant, expected, actual })
}

fn holds_a_duplicate(log: &Log, to: &ToStream) -> bool {
    to.events.iter().any(|event| log.keys.contains_key(&event.key()))
}

fn only_determinations(to: &ToStream) -> bool {
    to.events.iter().all(|event| matches!(event.record, Record::Determination(_)))
}

fn twice(streams: &[ToStream]) -> Option<&ToStream> {
    streams.iter().enumerate().find_map(|(at, to)| {
        let same = |other: &ToStream| other.head.participant() == to.head.participant();
        streams[..at].iter().any(same).then_some(to)
    })
}

fn number(version: Option<Version>) -> u64 {
    version.map_or(0, Version::get)
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "takes the head of an empty stream for any head",
        make: || site(|| Waives(|_, all, at| all[at].head.version().is_none())),
    },
    Wrong {
        does: "takes a head that is behind",
        make: || site(|| Waives(|log, all, at| all[at].head.version() < actual(log, &all[at]))),
    },
    Wrong {
        does: "takes a head that is behind by more than one",
        make: || {
            site(|| {
                Waives(|log, all, at| {
                    number(all[at].head.version()) + 1 < number(actual(log, &all[at]))
                })
            })
        },
    },
    Wrong {
        does: "takes a head that is ahead, read from another store",
        make: || site(|| Waives(|log, all, at| all[at].head.version() > actual(log, &all[at]))),
    },
    Wrong {
        does: "takes a head that was read from another store where this one's stream is empty",
        make: || site(|| Waives(|log, all, at| actual(log, &all[at]).is_none())),
    },
    Wrong {
        does: "compares the head of the first stream only",
        make: || site(|| Waives(|_, _, at| at > 0)),
    },
    Wrong {
        does: "compares the head of the last stream only",
        make: || site(|| Waives(|_, all, at| at + 1 < all.len())),
    },
    Wrong {
        does: "compares the heads of the first and the last stream only",
        make: || site(|| Waives(|_, all, at| at > 0 && at + 1 < all.len())),
    },
    Wrong {
        does: "does not compare the head of the log's own stream",
        make: || site(|| Waives(|_, all, at| all[at].head.participant() == ParticipantId::LOG)),
    },
    Wrong {
        does: "does not compare heads where only determinations are appended",
        make: || site(|| Waives(|_, all, at| only_determinations(&all[at]))),
    },
    Wrong {
        does: "does not compare the head where one event of the stream is a duplicate",
        make: || site(|| Waives(|log, all, at| holds_a_duplicate(log, &all[at]))),
    },
    Wrong {
        does: "does not compare heads where an event of another stream is a duplicate",
        make: || {
            site(|| {
                Waives(|log, all, at| {
                    all.iter()
                        .enumerate()
                        .any(|(other, to)| other != at && holds_a_duplicate(log, to))
                })
            })
        },
    },
    Wrong {
        does: "does not compare the head where every event is sourced",
        make: || {
            site(|| Waives(|_, all, at| all[at].events.iter().all(|event| event.sourced.is_some())))
        },
    },
    Wrong {
        does: "compares the last eight bits of heads",
        make: || {
            site(|| {
                Waives(|log, all, at| {
                    number(actual(log, &all[at])) % 256 == number(all[at].head.version()) % 256
                })
            })
        },
    },
    Wrong {
        does: "compares heads before duplicates are settled",
        make: || site(|| Refuses(|log, all| all.iter().find_map(|to| conflict(log, to)))),
    },
    Wrong {
        does: "compares heads before duplicates are settled where an append has several streams",
        make: || {
            site(|| {
                Refuses(|log, all| {
                    all.iter().filter(|_| all.len() > 1).find_map(|to| conflict(log, to))
                })
            })
        },
    },
    Wrong {
        does: "compares heads before duplicates in the log's own stream are settled",
        make: || {
            site(|| {
                Refuses(|log, all| {
                    all.iter()
                        .filter(|to| to.head.participant() == ParticipantId::LOG)
                        .find_map(|to| conflict(log, to))
                })
            })
        },
    },
    Wrong {
        does: "refuses a stream that stands twice in an append",
        make: || {
            site(|| {
                Refuses(|log, all| {
                    twice(all).map(|to| StoreError::Conflict {
                        participant: to.head.participant(),
                        expected: to.head.version(),
                        actual: actual(log, to),
                    })
                })
            })
        },
    },
    Wrong {
        does: "counts versions anew where a stream stands twice in an append",
        make: || site(|| RestartsVersions),
    },
    Wrong {
        does: "says the versions of a conflict the wrong way round",
        make: || {
            site(|| {
                Says(|error| match error {
                    StoreError::Conflict { participant, expected, actual } => {
                        StoreError::Conflict { participant, expected: actual, actual: expected }
                    }
                    other => other,
                })
            })
        },
    },
    Wrong {
        does: "says of a conflict that the stream is empty",
        make: || {
            site(|| {
                Says(|error| match error {
                    StoreError::Conflict { participant, expected, .. } => {
                        StoreError::Conflict { participant, expected, actual: None }
                    }
                    other => other,
                })
            })
        },
    },
    Wrong {
        does: "names the log's own stream in every conflict",
        make: || {
            site(|| {
                Says(|error| match error {
                    StoreError::Conflict { expected, actual, .. } => {
                        StoreError::Conflict { participant: ParticipantId::LOG, expected, actual }
                    }
                    other => other,
                })
            })
        },
    },
    Wrong {
        does: "says busy where it is a conflict",
        make: || {
            site(|| {
                Says(|error| match error {
                    StoreError::Conflict { .. } => StoreError::Busy,
                    other => other,
                })
            })
        },
    },
    Wrong {
        does: "says that the outcome is unknown where a used key was refused",
        make: || {
            site(|| {
                Says(|error| match error {
                    StoreError::Refused(Refusal::KeyUsed { .. }) => {
                        StoreError::OutcomeUnknown { says: "a wrong answer".to_owned() }
                    }
                    other => other,
                })
            })
        },
    },
    Wrong {
        does: "says a used key where a fact is dated in the future",
        make: || {
            site(|| {
                Says(|error| match error {
                    StoreError::Refused(Refusal::InTheFuture { on, .. }) => {
                        StoreError::Refused(Refusal::KeyUsed { key: on.to_string() })
                    }
                    other => other,
                })
            })
        },
    },
];
