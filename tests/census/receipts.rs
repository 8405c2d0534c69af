//! Wrong stores whose receipts are wrong: an append "returns one receipt for each", in its order,
//! and of a duplicate "its first receipt is returned".

use std::sync::atomic::{AtomicBool, Ordering};

use waystage_store::{Append, Digest, NewEvent, Plan, Receipt};

use crate::parts::{Log, Twist, Wrong, site};

/// Gives other receipts than those of the plan.
struct Gives(fn(&Log, &Append, &mut Plan));

impl Twist for Gives {
    fn planned(&self, log: &Log, append: &Append, plan: &mut Plan) {
        (self.0)(log, append, plan);
    }
}

/// Gives other receipts once it was opened again.
struct GivesLater {
    change: fn(&mut Receipt),
    later: AtomicBool,
}

impl GivesLater {
    fn new(change: fn(&mut Receipt)) -> Self {
        Self { change, later: AtomicBool::new(false) }
    }
}

impl Twist for GivesLater {
    fn planned(&self, _log: &Log, _append: &Append, plan: &mut Plan) {
        if self.later.load(Ordering::Relaxed) {
            duplicates(plan).for_each(self.change);
        }
    }

    fn reopened(&self, _log: &mut Log) {
        self.later.store(true, Ordering::Relaxed);
    }
}

fn duplicates(plan: &mut Plan) -> impl Iterator<Item = &mut Receipt> {
    plan.receipts.iter_mut().filter(|receipt| receipt.duplicate)
}

fn events(append: &Append) -> impl Iterator<Item = &NewEvent> {
    append.streams.iter().flat_map(|to| &to.events)
}

fn as_sent(_: &Log, append: &Append, plan: &mut Plan) {
    for (receipt, event) in plan.receipts.iter_mut().zip(events(append)) {
        receipt.id = event.id;
    }
}

fn twins_as_new(log: &Log, _: &Append, plan: &mut Plan) {
    let last = log.tip().map(|tip| tip.position);
    duplicates(plan).filter(|receipt| Some(receipt.position) > last).for_each(|receipt| {
        receipt.duplicate = false;
    });
}

fn without_twins(log: &Log, _: &Append, plan: &mut Plan) {
    let last = log.tip().map(|tip| tip.position);
    plan.receipts.retain(|receipt| !(receipt.duplicate && Some(receipt.position) > last));
}

fn at_the_tip(log: &Log, append: &Append, plan: &mut Plan) {
    let whose =
        append.streams.iter().flat_map(|to| to.events.iter().map(|_| to.head.participant()));
    for (receipt, participant) in plan.receipts.iter_mut().zip(whose) {
        if let (true, Some(tip)) = (receipt.duplicate, log.tip_of(participant)) {
            receipt.version = tip.version;
        }
    }
}

fn the_first_copied(_: &Log, _: &Append, plan: &mut Plan) {
    if plan.receipts.iter().all(|receipt| !receipt.duplicate) {
        if let Some(first) = plan.receipts.first().copied() {
            plan.receipts.iter_mut().for_each(|receipt| receipt.position = first.position);
        }
    }
}

fn news_first(_: &Log, _: &Append, plan: &mut Plan) {
    plan.receipts.sort_by_key(|receipt| receipt.duplicate);
}

fn by_participant(_: &Log, append: &Append, plan: &mut Plan) {
    let whose =
        append.streams.iter().flat_map(|to| to.events.iter().map(|_| to.head.participant()));
    let mut both: Vec<_> = whose.zip(plan.receipts.iter().copied()).collect();
    both.sort_by_key(|(participant, _)| *participant);
    plan.receipts = both.into_iter().map(|(_, receipt)| receipt).collect();
}

const NOTHING: Digest = Digest::from_bytes([0; 32]);

pub(crate) const WRONG: &[Wrong] = &[
    Wrong {
        does: "gives receipts for new events only",
        make: || site(|| Gives(|_, _, plan| plan.receipts.retain(|receipt| !receipt.duplicate))),
    },
    Wrong {
        does: "gives no receipts where all are duplicates",
        make: || {
            site(|| {
                Gives(|_, _, plan| {
                    if plan.keep.is_empty() {
                        plan.receipts.clear()
                    }
                })
            })
        },
    },
    Wrong {
        does: "gives a duplicate the instant of its repetition",
        make: || {
            site(|| {
                Gives(|_, append, plan| {
                    duplicates(plan).for_each(|receipt| receipt.recorded_at = append.now)
                })
            })
        },
    },
    Wrong {
        does: "does not mark duplicates",
        make: || {
            site(|| {
                Gives(|_, _, plan| duplicates(plan).for_each(|receipt| receipt.duplicate = false))
            })
        },
    },
    Wrong {
        does: "marks every receipt of an append that holds a duplicate",
        make: || {
            site(|| {
                Gives(|_, _, plan| {
                    let any = plan.receipts.iter().any(|receipt| receipt.duplicate);
                    plan.receipts.iter_mut().for_each(|receipt| receipt.duplicate = any)
                })
            })
        },
    },
    Wrong {
        does: "marks duplicates only where all are",
        make: || {
            site(|| {
                Gives(|_, _, plan| {
                    if !plan.keep.is_empty() {
                        duplicates(plan).for_each(|receipt| receipt.duplicate = false)
                    }
                })
            })
        },
    },
    Wrong {
        does: "gives receipts in order of their positions",
        make: || site(|| Gives(|_, _, plan| plan.receipts.sort_by_key(|receipt| receipt.position))),
    },
    Wrong { does: "gives the receipts of new events first", make: || site(|| Gives(news_first)) },
    Wrong {
        does: "gives receipts in order of the participants",
        make: || site(|| Gives(by_participant)),
    },
    Wrong {
        does: "gives a sourced duplicate the id that it was sent with again",
        make: || site(|| Gives(as_sent)),
    },
    Wrong {
        does: "gives a duplicate the last version of its stream",
        make: || site(|| Gives(at_the_tip)),
    },
    Wrong {
        does: "gives a duplicate no leaf",
        make: || {
            site(|| Gives(|_, _, plan| duplicates(plan).for_each(|receipt| receipt.leaf = NOTHING)))
        },
    },
    Wrong {
        does: "does not mark an event that came earlier in the same append",
        make: || site(|| Gives(twins_as_new)),
    },
    Wrong {
        does: "gives one receipt for an event that an append brings twice",
        make: || site(|| Gives(without_twins)),
    },
    Wrong {
        does: "gives every event of an append the position of the first",
        make: || site(|| Gives(the_first_copied)),
    },
    Wrong {
        does: "does not mark duplicates of what was recorded before it was opened",
        make: || site(|| GivesLater::new(|receipt| receipt.duplicate = false)),
    },
    Wrong {
        does: "gives duplicates no leaf once it was opened again",
        make: || site(|| GivesLater::new(|receipt| receipt.leaf = NOTHING)),
    },
];
