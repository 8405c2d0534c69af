//! Wrong stores whose leaves are wrong: each holds "the leaf of this stream's version - 1; zeros for
//! version 1", the log's origin and the leaf index, and every column as it is stored.

use std::sync::atomic::{AtomicBool, Ordering};

use waystage_core::id::Position;
use waystage_core::time::Timestamp;
use waystage_store::{Append, Digest, Plan, StoredEvent};

use crate::parts::{Log, Twist, Wrong, site};

const NOTHING: Digest = Digest::from_bytes([0; 32]);

/// Computes leaves in a way of its own, given the events of the append before this one.
struct Leaves(fn(&Log, &StoredEvent, &[StoredEvent]) -> Digest);

fn chain(log: &Log, plan: &mut Plan, leaf: impl Fn(&Log, &StoredEvent, &[StoredEvent]) -> Digest) {
    for at in 0..plan.keep.len() {
        let (before, rest) = plan.keep.split_at_mut(at);
        rest[0].leaf = leaf(log, &rest[0], before);
        let kept = &rest[0];
        for receipt in plan.receipts.iter_mut().filter(|each| each.position == kept.position) {
            receipt.leaf = kept.leaf;
        }
    }
}

impl Twist for Leaves {
    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        chain(log, plan, self.0);
    }
}

/// Begins every chain anew when it is opened again.
#[derive(Default)]
struct BeginsAnew(AtomicBool);

impl Twist for BeginsAnew {
    fn planned(&self, log: &Log, _append: &Append, plan: &mut Plan) {
        if !plan.keep.is_empty() && self.0.swap(false, Ordering::Relaxed) {
            chain(log, plan, |log, event, before| {
                let own = before.iter().rev().find(|each| each.participant == event.participant);
                event.leaf_of(&log.origin, own.map_or(NOTHING, |own| own.leaf))
            });
        }
    }

    fn reopened(&self, _log: &mut Log) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn previous(log: &Log, event: &StoredEvent, before: &[StoredEvent]) -> Digest {
    let own = before.iter().rev().find(|each| each.participant == event.participant);
    let own = own.map(|own| own.leaf);
    own.or_else(|| log.tip_of(event.participant).map(|tip| tip.leaf)).unwrap_or(NOTHING)
}

fn through_the_log(log: &Log, event: &StoredEvent, before: &[StoredEvent]) -> Digest {
    let last = before.last().or(log.events.last());
    event.leaf_of(&log.origin, last.map_or(NOTHING, |last| last.leaf))
}

fn from_the_tip(log: &Log, event: &StoredEvent, _: &[StoredEvent]) -> Digest {
    let tip = log.tip_of(event.participant);
    event.leaf_of(&log.origin, tip.map_or(NOTHING, |tip| tip.leaf))
}

fn without_origin(log: &Log, event: &StoredEvent, before: &[StoredEvent]) -> Digest {
    event.leaf_of("", previous(log, event, before))
}

fn at_the_first_place(log: &Log, event: &StoredEvent, before: &[StoredEvent]) -> Digest {
    let position = Position::after(log.tip().map(|tip| tip.position));
    StoredEvent { position, ..event.clone() }.leaf_of(&log.origin, previous(log, event, before))
}

fn of_another_report(log: &Log, event: &StoredEvent, before: &[StoredEvent]) -> Digest {
    let reported_at = event.reported_at.or(Some(Timestamp::from_micros(0)));
    StoredEvent { reported_at, ..event.clone() }.leaf_of(&log.origin, previous(log, event, before))
}

fn without_causation(log: &Log, event: &StoredEvent, before: &[StoredEvent]) -> Digest {
    StoredEvent { causation: None, ..event.clone() }
        .leaf_of(&log.origin, previous(log, event, before))
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "chains leaves through the whole log",
        make: || site(|| Leaves(through_the_log)),
    },
    Wrong {
        does: "chains every event of an append to the tip before it",
        make: || site(|| Leaves(from_the_tip)),
    },
    Wrong { does: "computes leaves without the origin", make: || site(|| Leaves(without_origin)) },
    Wrong {
        does: "computes every leaf of an append for its first position",
        make: || site(|| Leaves(at_the_first_place)),
    },
    Wrong {
        does: "computes the leaf of an event without reported_at with the start of 1970",
        make: || site(|| Leaves(of_another_report)),
    },
    Wrong {
        does: "computes leaves without the causation",
        make: || site(|| Leaves(without_causation)),
    },
    Wrong {
        does: "begins every chain anew when it is opened again",
        make: || site(BeginsAnew::default),
    },
];
