//! Stores that keep something else than was given, or say something else of it.

use std::fmt::Write;

use waystage_core::id::Actor;
use waystage_core::time::Timestamp;
use waystage_store::Digest;

use super::store::{Parts, RIGHT, changing, right};
use super::{ONE, Wrong};

/// Writes JSON in ASCII, as some serialisers do; it says the same.
fn in_ascii(payload: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(payload).unwrap();
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(ascii, "\\u{unit:04x}").unwrap();
            }
        }
    }
    ascii.into_bytes()
}

const COLUMNS: &str = "every_column_is_read_back_as_it_was_given";

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "loses what led to an event",
        breaks: COLUMNS,
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "ids_of_nothing_but_zeros_are_kept",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| changing(log, append, |_, event| event.causation = None),
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps milliseconds of the time of report",
        breaks: COLUMNS,
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "a_used_key_reported_a_microsecond_apart_is_refused",
            "times_of_report_are_kept_wherever_they_lie",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| {
                changing(log, append, |_, event| {
                    let micros = event.reported_at.map(|at| at.micros().div_euclid(1000) * 1000);
                    event.reported_at = micros.map(Timestamp::from_micros);
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "cuts a name at its first zero byte",
        breaks: COLUMNS,
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "names_are_kept_letter_by_letter",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| {
                changing(log, append, |_, event| {
                    let cut = event.actor.as_str().split('\0').next().map(Actor::from);
                    event.actor = cut.unwrap();
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "writes the payload again in its own way",
        breaks: "payload_bytes_are_kept_exactly",
        parts: Parts {
            append: |log, append| {
                changing(log, append, |_, event| event.payload = in_ascii(&event.payload))
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "hashes each event as if it were the first of its stream",
        breaks: "each_leaf_follows_from_the_columns_and_the_leaf_before",
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "chains_of_leaves_go_on_when_a_log_is_reopened",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| {
                let mut done = right(log, append);
                for event in &mut done.keep {
                    event.leaf = event.leaf_of(&log.origin, Digest::from_bytes([0; 32]));
                }
                if let Ok(receipts) = &mut done.answer {
                    for receipt in receipts {
                        let own = done.keep.iter().find(|kept| kept.position == receipt.position);
                        *receipt = own.map_or(*receipt, |kept| kept.receipt(receipt.duplicate));
                    }
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "gives every receipt the leaf of the last event of the append",
        breaks: "receipts_say_what_is_stored",
        also: &[
            "a_log_of_5000_events_is_the_same_when_it_is_reopened",
            "an_append_of_2500_events_is_one",
            "an_append_of_2500_events_sent_again_is_known_whole",
            "duplicates_are_settled_while_the_clock_is_behind",
            "duplicates_of_several_streams_are_settled_before_heads",
        ],
        parts: Parts {
            append: |log, append| {
                let mut done = right(log, append);
                if let (Ok(receipts), Some(last)) = (&mut done.answer, done.keep.last()) {
                    for receipt in receipts {
                        receipt.leaf = last.leaf;
                    }
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "reads streams without the times of report",
        breaks: "every_way_of_reading_gives_the_same_rows",
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            rows_of: |log, participant| {
                let mut rows = (RIGHT.rows_of)(log, participant);
                for row in &mut rows {
                    row.reported_at = None;
                }
                rows
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "finds an event without what it belongs to",
        breaks: "every_way_of_reading_gives_the_same_rows",
        parts: Parts {
            find: |log, key| {
                let mut found = (RIGHT.find)(log, key)?;
                found.correlation = None;
                Some(found)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "gives itself a name",
        breaks: "the_origin_is_kept",
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "an_origin_with_capitals_and_a_slash_at_its_end_is_kept",
            "an_origin_with_spaces_around_it_is_kept",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts { origin: |_| "memory".to_owned(), ..RIGHT },
        ..ONE
    },
];
