//! Stores that are right as long as nothing is large.

use waystage_core::id::Version;
use waystage_core::time::Timestamp;
use waystage_store::Append;

use super::duplicates::{again_where, keys};
use super::store::{Done, Log, Parts, RIGHT, changing, right};
use super::{ONE, Wrong, appends};

const STREAM: &str = "a_stream_of_2500_events_is_read_whole";
const SEVENTY_THOUSAND: &str = "a_stream_of_70000_events_has_dense_versions";

/// Keeps whole thousands before what is refused.
fn keeping_thousands(log: &Log, append: Append) -> Done {
    let done = right(log, append.clone());
    let mut shorter = append;
    match &mut shorter.streams[..] {
        [only] if done.answer.is_err() && only.events.len() > 1_000 => {
            let thousands = (only.events.len() - 1) / 1_000;
            only.events.truncate(thousands * 1_000);
        }
        _ => return done,
    }
    Done { keep: right(log, shorter).keep, ..done }
}

pub(super) const WRONG: &[Wrong] = &[
    appends(
        "gives every thousand events of an append an instant",
        "an_append_of_2500_events_is_one",
        |log, append| {
            changing(log, append, |index, event| {
                let later = i64::try_from(index / 1_000).unwrap();
                event.recorded_at = Timestamp::from_micros(event.recorded_at.micros() + later);
            })
        },
    ),
    Wrong {
        does: "ends a stream at a thousand events",
        breaks: STREAM,
        also: &["a_log_of_5000_events_is_the_same_when_it_is_reopened", SEVENTY_THOUSAND],
        parts: Parts {
            rows_of: |log, participant| log.of(participant).take(1_000).cloned().collect(),
            ..RIGHT
        },
        ..ONE
    },
    appends(
        "keeps whole thousands of events before what is refused",
        "one_refusal_refuses_an_append_of_2500_events",
        keeping_thousands,
    ),
    Wrong {
        also: &["every_key_is_known_when_a_log_is_reopened"],
        ..appends(
            "knows the first 999 keys of an append",
            "an_append_of_2500_events_sent_again_is_known_whole",
            |log, append| again_where(log, append, |_, append| keys(append).len() > 999),
        )
    },
    Wrong {
        does: "lists a thousand participants",
        breaks: "more_than_a_thousand_participants_are_listed",
        parts: Parts {
            participants: |log| (RIGHT.participants)(log).into_iter().take(1_000).collect(),
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps sixteen bits of the size of a page",
        breaks: "the_largest_page_can_be_asked_for_everywhere",
        parts: Parts {
            rows_after: |log, position, count_max| {
                (RIGHT.rows_after)(log, position, count_max & 0xffff)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps 32 bits of the position that a page follows",
        breaks: "nothing_follows_a_position_that_32_bits_cannot_hold",
        parts: Parts {
            rows_after: |log, position, count_max| {
                (RIGHT.rows_after)(log, position & 0xffff_ffff, count_max)
            },
            ..RIGHT
        },
        ..ONE
    },
    appends(
        "forgets a key after 10,000 other events",
        "keys_are_known_after_10000_other_events",
        |log, append| {
            again_where(log, append, |log, append| {
                let index = |key| log.keys.get(&key).copied();
                let mut known = keys(append).into_iter().filter_map(index);
                known.any(|index| index + 10_000 < log.events.len())
            })
        },
    ),
    appends("keeps sixteen bits of a version", SEVENTY_THOUSAND, |log, append| {
        changing(log, append, |_, event| {
            let short = event.version.get() & 0xffff;
            event.version = Version::new(short.max(1)).unwrap();
        })
    }),
];
