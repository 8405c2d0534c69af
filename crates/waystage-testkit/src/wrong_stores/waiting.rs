//! Stores that do not wake those who wait, wake them wrongly, or wait too long.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use waystage_core::id::{ParticipantId, Position};
use waystage_store::Append;

use super::store::{Answer, Parts, RIGHT, Shared, right};
use super::{ONE, Wrong};

const THERE: &str = "a_wait_ends_at_once_where_something_is_there";
const IN_VAIN: &str = "a_wait_in_vain_gives_the_last_position";
const LONGEST: &str = "the_longest_patience_is_accepted";
const WOKEN: &str = "whoever_waits_is_woken_by_an_append";
const BY_SEVERAL: &str = "whoever_waits_is_woken_by_an_append_to_several_streams";
const BY_THE_LOG: &str = "whoever_waits_is_woken_by_an_entry_of_the_log";
const ALL: &str = "all_who_wait_are_woken";
const NOBODY: &str = "a_refused_append_wakes_nobody";
const REOPENED: &str = "a_reopened_store_knows_what_there_is_to_wait_for";

/// Longer than whoever is woken may take.
const LATE: Duration = Duration::from_millis(1600);

fn last(shared: &Shared) -> Option<Position> {
    (RIGHT.last_position)(&shared.read())
}

/// The parts of a store that cannot wait and returns at once.
pub(super) const CANNOT: Parts = Parts { wait_after: |shared, _, _| last(shared), ..RIGHT };

fn sleeps(shared: &Shared, position: Option<Position>, patience: Duration) -> Option<Position> {
    if last(shared) <= position {
        thread::sleep(patience.min(LATE));
    }
    last(shared)
}

/// Hears one of those who wait, and lets the others sleep.
fn hears_one(shared: &Shared, position: Option<Position>, patience: Duration) -> Option<Position> {
    let others = shared.waiting.fetch_add(1, Ordering::AcqRel);
    let wait = if others == 0 { RIGHT.wait_after } else { sleeps };
    let woken = wait(shared, position, patience);
    shared.waiting.fetch_sub(1, Ordering::AcqRel);
    woken
}

/// Rings before it records.
fn rings_early(shared: &Shared, append: Append) -> Answer {
    let _writer = shared.one_writer();
    let done = right(&shared.read(), append);
    if let Some(last) = done.keep.last() {
        shared.bell.ring(last.position);
        thread::sleep(Duration::from_millis(3));
    }
    shared.write().extend(done.keep);
    done.answer
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "waits for the next append although there is something",
        breaks: THERE,
        also: &[REOPENED],
        perhaps: &[WOKEN, LONGEST],
        parts: Parts {
            wait_after: |shared, _, patience| {
                (RIGHT.wait_after)(shared, last(shared), patience.min(LATE))
            },
            ..RIGHT
        },
    },
    Wrong {
        does: "gives no position where it waited in vain",
        breaks: IN_VAIN,
        also: &[NOBODY, REOPENED],
        parts: Parts {
            wait_after: |shared, position, patience| {
                (RIGHT.wait_after)(shared, position, patience).filter(|last| Some(*last) > position)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "waits for 200 ms at least",
        breaks: "short_patience_is_short",
        parts: Parts {
            wait_after: |shared, position, patience| {
                (RIGHT.wait_after)(shared, position, patience.max(Duration::from_millis(200)))
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "fails at the longest patience",
        breaks: LONGEST,
        parts: Parts {
            wait_after: |shared, position, patience| {
                assert!(patience < Duration::MAX, "no instant is so late");
                (RIGHT.wait_after)(shared, position, patience)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "sleeps although something is recorded",
        breaks: WOKEN,
        also: &[BY_SEVERAL, BY_THE_LOG, ALL, LONGEST, REOPENED],
        parts: Parts { wait_after: sleeps, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "rings before there is something to read",
        breaks: WOKEN,
        also: &[BY_SEVERAL, BY_THE_LOG, ALL, LONGEST, REOPENED],
        parts: Parts { shared: rings_early, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "does not ring for an append to several streams",
        breaks: BY_SEVERAL,
        also: &[THERE],
        parts: Parts {
            rings: |bell, log, receipts| {
                let at = |position| log.events.iter().find(|event| event.position == position);
                let mut people = receipts.iter().filter_map(|receipt| at(receipt.position));
                let first = people.next().map(|event| event.participant);
                if people.all(|event| Some(event.participant) == first) {
                    (RIGHT.rings)(bell, log, receipts);
                }
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "does not ring for the log's own stream",
        breaks: BY_THE_LOG,
        also: &[THERE],
        parts: Parts {
            rings: |bell, log, receipts| {
                let last = log.events.last().map(|event| event.participant);
                if last != Some(ParticipantId::LOG) {
                    (RIGHT.rings)(bell, log, receipts);
                }
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "wakes one of those who wait",
        breaks: ALL,
        parts: Parts { wait_after: hears_one, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "rings for the next position where it refuses",
        breaks: NOBODY,
        parts: Parts {
            rings: |bell, log, receipts| match log.events.last() {
                Some(last) if receipts.is_empty() => {
                    bell.ring(Position::after(Some(last.position)));
                }
                _ => (RIGHT.rings)(bell, log, receipts),
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "knows of nothing to wait for when it is opened again",
        breaks: REOPENED,
        parts: Parts {
            wait_after: |shared, position, patience| {
                let last = (RIGHT.wait_after)(shared, position, patience);
                last.filter(|_| !shared.read().reopened)
            },
            ..RIGHT
        },
        ..ONE
    },
];
