//! Stores that give wrong positions, versions or orders.

use std::sync::atomic::Ordering;

use waystage_core::id::{Position, Version};

use super::store::{Parts, RIGHT, changing, right};
use super::{ONE, Wrong};

fn later(position: Position, by: u64) -> Position {
    Position::new(position.get() + by).unwrap()
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "leaves a place free before each append",
        breaks: "positions_are_dense_from_one_in_the_order_of_commits",
        also: &[
            "a_refused_append_leaves_no_gap",
            "a_reopened_store_goes_on_where_it_ended",
            "writers_of_one_stream_each_append_to_what_they_read",
            "writers_of_their_own_streams_lose_nothing",
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| {
                changing(log, append, |_, event| event.position = later(event.position, 1))
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "numbers the events of an append in the order of their ids",
        breaks: "positions_are_dense_from_one_in_the_order_of_commits",
        also: &[
            "a_duplicate_is_answered_with_its_own_version",
            "days_are_kept_wherever_they_lie",
            "duplicates_are_settled_while_the_clock_is_behind",
            "every_key_is_found_when_a_log_is_reopened",
            "every_key_is_known_when_a_log_is_reopened",
            "ids_of_nothing_but_zeros_are_kept",
        ],
        parts: Parts {
            append: |log, append| {
                let mut done = changing(log, append.clone(), |_, _| ());
                let mut ids: Vec<_> = done.keep.iter().map(|event| event.id).collect();
                ids.sort_unstable();
                let one_stream = append.streams.len() == 1;
                if one_stream && done.keep.iter().map(|event| event.id).ne(ids.iter().copied()) {
                    let mut sorted = append;
                    sorted.streams[0].events.sort_by_key(|event| event.id);
                    done = right(log, sorted);
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "counts versions through an append of several streams",
        breaks: "versions_are_dense_from_one_in_each_stream",
        also: &[
            "a_reopened_store_goes_on_where_it_ended",
            "a_reopened_store_knows_its_duplicates",
            "readers_see_whole_appends_only",
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "a_stream_named_twice_in_an_append_is_one_stream",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| {
                let several = append.streams.len() > 1;
                changing(log, append, |index, event| {
                    if several {
                        event.version = Version::new(event.version.get() + index as u64).unwrap();
                    }
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes a place for an append that it refuses",
        breaks: "a_refused_append_leaves_no_gap",
        also: &["a_reopened_store_goes_on_where_it_ended"],
        perhaps: &["writers_of_one_stream_each_append_to_what_they_read"],
        parts: Parts {
            append: |log, append| {
                let done = right(log, append.clone());
                if done.answer.is_err() {
                    log.spent.fetch_add(1, Ordering::AcqRel);
                    return done;
                }
                let spent = log.spent.swap(0, Ordering::AcqRel);
                changing(log, append, |_, event| event.position = later(event.position, spent))
            },
            ..RIGHT
        },
    },
    Wrong {
        does: "answers stream by stream in the order of the participants",
        breaks: "receipts_stand_in_the_order_of_the_append",
        also: &[
            "new_events_beside_a_duplicate_are_recorded",
            "receipts_say_what_is_stored",
            "a_stream_named_twice_in_an_append_is_one_stream",
        ],
        parts: Parts {
            append: |log, append| {
                let mut sorted = append.clone();
                sorted.streams.sort_by_key(|stream| stream.head.participant());
                let mut done = right(log, append);
                if let Ok(receipts) = &mut done.answer {
                    let events = sorted.streams.iter().flat_map(|stream| &stream.events);
                    let ids: Vec<_> = events.map(|event| event.id).collect();
                    receipts.sort_by_key(|receipt| ids.iter().position(|id| *id == receipt.id));
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
];
