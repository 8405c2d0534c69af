//! Stores that overlook one difference between two events under one key.

use waystage_core::id::ParticipantId;
use waystage_store::{Append, NewEvent, Refusal, StoreError, StoredEvent, codec};

use super::store::{Done, Log, Parts, RIGHT, by_hand, only, right};
use super::{ONE, Wrong};

/// Answers a used key with its first receipt where one difference is overlooked.
pub(super) fn overlooking(
    log: &Log,
    append: &Append,
    difference: fn(&StoredEvent, ParticipantId, &NewEvent) -> bool,
) -> Done {
    let mut done = right(log, append.clone());
    let Err(StoreError::Refused(Refusal::KeyUsed { .. })) = done.answer else {
        return done;
    };
    if let Some((participant, event)) = only(append) {
        let before = log.known(&event.key()).unwrap();
        if difference(before, participant, event) {
            done.answer = Ok(vec![before.receipt(true)]);
        }
    }
    done
}

fn kind_of(event: &NewEvent) -> &'static str {
    codec::stored(event.record.kind()).0
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "overlooks another participant",
        breaks: "a_used_key_with_another_participant_is_refused",
        parts: Parts {
            append: |log, append| {
                overlooking(log, &append, |before, participant, _| {
                    before.participant != participant
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "overlooks another day",
        breaks: "a_used_key_with_another_day_is_refused",
        also: &["the_instant_of_a_refused_append_does_not_count"],
        parts: Parts {
            append: |log, append| {
                overlooking(log, &append, |before, _, event| before.on != event.on)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "overlooks another time of report",
        breaks: "a_used_key_with_another_time_of_report_is_refused",
        also: &["a_used_key_reported_a_microsecond_apart_is_refused"],
        parts: Parts {
            append: |log, append| {
                overlooking(log, &append, |before, _, event| {
                    before.reported_at != event.reported_at
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "overlooks other content",
        breaks: "a_used_key_with_other_content_is_refused",
        also: &[
            "a_used_key_of_the_log_with_another_entry_is_refused",
            "a_used_key_with_another_determination_is_refused",
            "a_used_key_with_content_changed_far_behind_is_refused",
            "a_used_key_with_one_letter_changed_is_refused",
        ],
        parts: Parts {
            append: |log, append| {
                overlooking(log, &append, |before, participant, event| {
                    let payload = codec::encode(&event.record).unwrap();
                    before.participant == participant
                        && &*before.kind == payload.kind
                        && before.payload != payload.bytes
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "overlooks another kind",
        breaks: "a_used_key_with_another_kind_is_refused",
        also: &["a_used_key_with_another_kind_of_one_content_is_refused"],
        parts: Parts {
            append: |log, append| {
                overlooking(log, &append, |before, _, event| &*before.kind != kind_of(event))
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "knows no keys of the same append",
        breaks: "a_key_used_within_the_append_is_refused",
        parts: Parts {
            append: |log, append| {
                let done = right(log, append.clone());
                let mut events = append.streams.iter().flat_map(|stream| &stream.events);
                let is_new = events.all(|event| log.known(&event.key()).is_none());
                match &done.answer {
                    Err(StoreError::Refused(Refusal::KeyUsed { .. })) if is_new => {
                        by_hand(log, append)
                    }
                    _ => done,
                }
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "refuses a used key and writes all the same",
        breaks: "a_used_key_with_another_day_is_refused",
        also: &[
            "a_key_used_within_the_append_is_refused",
            "a_used_key_with_another_kind_is_refused",
            "a_used_key_with_another_participant_is_refused",
            "a_used_key_with_another_time_of_report_is_refused",
            "a_used_key_with_other_content_is_refused",
            "one_used_key_refuses_the_whole_append",
            "a_used_key_of_the_log_with_another_entry_is_refused",
            "a_used_key_reported_a_microsecond_apart_is_refused",
            "a_used_key_with_another_determination_is_refused",
            "a_used_key_with_another_kind_of_one_content_is_refused",
            "a_used_key_with_content_changed_far_behind_is_refused",
            "a_used_key_with_one_letter_changed_is_refused",
            "the_instant_of_a_refused_append_does_not_count",
            "writers_of_one_key_in_several_streams_get_one_receipt",
        ],
        parts: Parts {
            append: |log, append| {
                let done = right(log, append.clone());
                match &done.answer {
                    Err(StoreError::Refused(Refusal::KeyUsed { .. })) => {
                        Done { keep: by_hand(log, append).keep, ..done }
                    }
                    _ => done,
                }
            },
            ..RIGHT
        },
        ..ONE
    },
];
