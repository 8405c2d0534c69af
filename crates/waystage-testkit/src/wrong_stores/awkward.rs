//! Stores that make another log of what they keep when they are opened again.

use std::collections::BTreeMap;

use waystage_core::id::ParticipantId;
use waystage_store::{Append, Digest};

use super::store::{Done, Log, Parts, RIGHT, right};
use super::{ONE, Wrong};

const EACH: &str = "a_log_of_every_shape_is_the_same_after_each_opening";
const KEPT: &str = "what_is_recorded_after_each_opening_is_kept";

/// Begins every chain anew with the first append after it was opened.
fn beginning_anew(log: &Log, append: Append) -> Done {
    let mut done = right(log, append);
    if log.openings.last() != Some(&log.events.len()) {
        return done;
    }
    let mut leaves: BTreeMap<ParticipantId, Digest> = BTreeMap::new();
    for event in &mut done.keep {
        let before = leaves.get(&event.participant).copied();
        event.leaf = event.leaf_of(&log.origin, before.unwrap_or(Digest::from_bytes([0; 32])));
        leaves.insert(event.participant, event.leaf);
    }
    done.answer = Ok(done.keep.iter().map(|kept| kept.receipt(false)).collect());
    done
}

/// Keeps the first events when it is opened.
fn keeping(log: &mut Log, count: usize) {
    let events = log.events.iter().take(count).cloned().collect();
    log.hold(events);
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "has no causations when it is opened again",
        breaks: EACH,
        also: &[KEPT],
        parts: Parts {
            reopened: |log| {
                let mut events = log.events.clone();
                for event in &mut events {
                    event.causation = None;
                }
                log.hold(events);
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "is as it was at its first opening whenever it is opened",
        breaks: KEPT,
        parts: Parts {
            reopened: |log| {
                let first = log.openings.first().copied();
                keeping(log, first.unwrap_or(0));
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "loads 4,096 events when it is opened again",
        breaks: "a_log_of_5000_events_is_the_same_when_it_is_reopened",
        parts: Parts { reopened: |log| keeping(log, 4_096), ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "loads its last thousand keys when it is opened again",
        breaks: "every_key_is_known_when_a_log_is_reopened",
        parts: Parts {
            find: |log, key| log.keys.get(key).map(|&index| log.events[index].clone()),
            reopened: |log| log.keys_from = log.events.len().saturating_sub(1_000),
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "finds by key what was recorded since it was opened",
        breaks: "every_key_is_found_when_a_log_is_reopened",
        parts: Parts {
            find: |log, key| {
                let from = log.openings.last().copied().unwrap_or(0);
                let index = log.keys.get(key).filter(|index| **index >= from);
                index.map(|&index| log.events[index].clone())
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "begins its chains of leaves anew when it is opened again",
        breaks: "chains_of_leaves_go_on_when_a_log_is_reopened",
        also: &[
            KEPT,
            "a_reopened_store_goes_on_where_it_ended",
            "a_reopened_store_knows_its_duplicates",
        ],
        parts: Parts { append: beginning_anew, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "has its name in small letters",
        breaks: "an_origin_with_capitals_and_a_slash_at_its_end_is_kept",
        parts: Parts { origin: |log| log.origin.to_lowercase(), ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "has its name without spaces around it",
        breaks: "an_origin_with_spaces_around_it_is_kept",
        parts: Parts { origin: |log| log.origin.trim().to_owned(), ..RIGHT },
        ..ONE
    },
];
