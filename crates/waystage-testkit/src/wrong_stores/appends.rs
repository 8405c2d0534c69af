//! Stores that record part of an append, mistake heads, or mistake what they may take.

use waystage_core::id::{ParticipantId, Version};
use waystage_store::{Append, Limit, Refusal, StoreError, codec};

use super::store::{Done, Log, Parts, RIGHT, by_hand, despite, refuse, right};
use super::{ONE, Wrong};

/// Keeps the events before the one that is refused.
fn keeping_what_came_before(log: &Log, append: Append, refused: fn(&StoreError) -> bool) -> Done {
    let done = right(log, append.clone());
    match &done.answer {
        Err(error) if refused(error) => {}
        _ => return done,
    }
    let mut shorter = append;
    while let Some(last) = shorter.streams.last_mut() {
        if last.events.pop().is_none() {
            shorter.streams.pop();
        }
        let before = right(log, shorter.clone());
        if before.answer.is_ok() {
            return Done { keep: before.keep, ..done };
        }
    }
    done
}

fn takes_the_limit(which: Limit) -> StoreError {
    StoreError::LimitExceeded { which, limit: 0, got: 0 }
}

/// Calls a limit exceeded where something has this size.
fn minding_size(log: &Log, append: Append, which: Limit, size: usize) -> Done {
    let mut events = append.streams.iter().flat_map(|stream| &stream.events);
    let reached = events.any(|event| match which {
        Limit::PayloadBytes => codec::encode(&event.record).unwrap().bytes.len() == size,
        Limit::NameBytes => event.actor.as_str().len() == size,
    });
    if reached { refuse(takes_the_limit(which)) } else { right(log, append) }
}

const STALE: &str = "a_stale_head_is_a_conflict_that_names_both_versions";

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "answers an empty append with the last receipt",
        breaks: "an_empty_append_changes_nothing",
        parts: Parts {
            append: |log, append| {
                let mut done = right(log, append.clone());
                if append.streams.iter().all(|stream| stream.events.is_empty()) {
                    done.answer =
                        Ok(log.events.last().map(|last| last.receipt(true)).into_iter().collect());
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps the first stream of an append",
        breaks: "an_append_to_several_streams_is_recorded_whole",
        also: &[
            "a_reopened_store_knows_its_duplicates",
            "new_events_beside_a_duplicate_are_recorded",
            "readers_see_whole_appends_only",
            "receipts_say_what_is_stored",
            "versions_are_dense_from_one_in_each_stream",
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "chains_of_leaves_go_on_when_a_log_is_reopened",
            "duplicates_of_several_streams_are_settled_before_heads",
            "more_than_a_thousand_participants_are_listed",
            "what_is_recorded_after_each_opening_is_kept",
            "whoever_waits_is_woken_by_an_append_to_several_streams",
        ],
        parts: Parts {
            append: |log, append| {
                let mut done = right(log, append);
                let first = done.keep.first().map(|event| event.participant);
                done.keep.retain(|event| Some(event.participant) == first);
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps what came before a conflict",
        breaks: "one_conflict_refuses_the_whole_append",
        also: &["the_head_of_each_stream_of_an_append_is_compared"],
        parts: Parts {
            append: |log, append| {
                keeping_what_came_before(log, append, |error| {
                    matches!(error, StoreError::Conflict { .. })
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps what came before a fact of a day ahead",
        breaks: "one_refusal_refuses_the_whole_append",
        also: &["a_refused_append_leaves_no_gap", "one_refusal_refuses_an_append_of_2500_events"],
        parts: Parts {
            append: |log, append| {
                keeping_what_came_before(log, append, |error| {
                    matches!(error, StoreError::Refused(Refusal::InTheFuture { .. }))
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "keeps what came before a used key",
        breaks: "one_used_key_refuses_the_whole_append",
        also: &["a_key_used_within_the_append_is_refused"],
        parts: Parts {
            append: |log, append| {
                keeping_what_came_before(log, append, |error| {
                    matches!(error, StoreError::Refused(Refusal::KeyUsed { .. }))
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "compares no heads",
        breaks: STALE,
        also: &[
            "a_head_from_further_on_is_a_conflict",
            "a_refused_append_leaves_no_gap",
            "one_conflict_refuses_the_whole_append",
            "a_refused_append_wakes_nobody",
            "a_stale_head_of_the_logs_own_stream_is_a_conflict",
            "heads_are_compared_beside_duplicates",
            "heads_are_compared_for_determinations_alone",
            "heads_are_compared_for_sourced_events_alone",
            "heads_that_lie_256_versions_apart_are_a_conflict",
            "the_head_of_each_stream_of_an_append_is_compared",
            "the_instant_of_a_refused_append_does_not_count",
        ],
        perhaps: &["writers_of_one_stream_each_append_to_what_they_read"],
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| matches!(error, StoreError::Conflict { .. }))
            },
            ..RIGHT
        },
    },
    Wrong {
        does: "guesses the version of a stream in a conflict",
        breaks: STALE,
        parts: Parts {
            append: |log, append| {
                let mut done = right(log, append);
                if let Err(StoreError::Conflict { expected, actual, .. }) = &mut done.answer {
                    *actual = (*actual).min(Some(Version::after(*expected)));
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes a head that is further on",
        breaks: "a_head_from_further_on_is_a_conflict",
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| match error {
                    StoreError::Conflict { expected, actual, .. } => expected > actual,
                    _ => false,
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "compares a head with the last event of any stream",
        breaks: "an_append_to_one_stream_leaves_the_heads_of_others_good",
        also: &[
            "each_leaf_follows_from_the_columns_and_the_leaf_before",
            "every_column_is_read_back_as_it_was_given",
            "every_way_of_reading_gives_the_same_rows",
            "payload_bytes_are_kept_exactly",
            "the_last_position_may_be_the_logs_own",
            "the_logs_own_stream_moves_the_clock_too",
        ],
        perhaps: &[
            "writers_of_one_key_in_several_streams_get_one_receipt",
            "a_reader_that_follows_misses_nothing",
            "writers_of_their_own_streams_lose_nothing",
        ],
        parts: Parts {
            append: |log, append| {
                let last = log.events.last().map(|last| last.version);
                let mut heads = append.streams.iter().map(|stream| stream.head);
                let stale = heads.rfind(|head| head.version() == Version::new(1));
                match stale {
                    Some(head) if last > head.version() && append.streams.len() == 1 => {
                        refuse(StoreError::Conflict {
                            participant: head.participant(),
                            expected: head.version(),
                            actual: last,
                        })
                    }
                    _ => right(log, append),
                }
            },
            ..RIGHT
        },
    },
    Wrong {
        does: "takes log entries into participants' streams",
        breaks: "log_entries_go_into_the_logs_own_stream_only",
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| match error {
                    StoreError::Refused(Refusal::WrongStream { stream, .. }) => {
                        *stream != ParticipantId::LOG
                    }
                    _ => false,
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes facts into the log's own stream",
        breaks: "all_else_goes_into_participants_streams_only",
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| match error {
                    StoreError::Refused(Refusal::WrongStream { stream, .. }) => {
                        *stream == ParticipantId::LOG
                    }
                    _ => false,
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a payload of a mebibyte",
        breaks: "a_payload_of_a_mebibyte_is_kept",
        parts: Parts {
            append: |log, append| minding_size(log, append, Limit::PayloadBytes, 1 << 20),
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes payloads of any size",
        breaks: "a_payload_over_a_mebibyte_is_refused",
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| {
                    matches!(error, StoreError::LimitExceeded { which: Limit::PayloadBytes, .. })
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds names of 1024 bytes",
        breaks: "names_of_1024_bytes_are_kept",
        parts: Parts {
            append: |log, append| minding_size(log, append, Limit::NameBytes, 1024),
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "counts the characters of a name",
        breaks: "names_over_1024_bytes_are_refused",
        parts: Parts {
            append: |log, append| {
                let mut events = append.streams.iter().flat_map(|stream| &stream.events);
                let is_short = events.all(|event| event.actor.as_str().chars().count() <= 1024);
                let done = right(log, append.clone());
                match &done.answer {
                    Err(StoreError::LimitExceeded { which: Limit::NameBytes, .. }) if is_short => {
                        by_hand(log, append)
                    }
                    _ => done,
                }
            },
            ..RIGHT
        },
        ..ONE
    },
];
