//! Stores that compare too little of the content under a used key.

use waystage_core::id::ParticipantId;
use waystage_store::{NewEvent, StoredEvent, codec};

use super::duplicates::{again_where, keys};
use super::keys::overlooking;
use super::store::{Parts, RIGHT};
use super::{ONE, Wrong, appends};

/// Returns whether a fold makes the content of both the same, where the kind is the same.
fn alike(before: &StoredEvent, event: &NewEvent, fold: fn(&[u8]) -> Vec<u8>) -> bool {
    let payload = codec::encode(&event.record).unwrap();
    &*before.kind == payload.kind && fold(&before.payload) == fold(&payload.bytes)
}

fn is_other_kind(before: &StoredEvent, _: ParticipantId, event: &NewEvent) -> bool {
    let payload = codec::encode(&event.record).unwrap();
    &*before.kind != payload.kind && before.payload == payload.bytes
}

fn is_other_determination(before: &StoredEvent, _: ParticipantId, event: &NewEvent) -> bool {
    let payload = codec::encode(&event.record).unwrap();
    &*before.kind == payload.kind && before.kind.contains("Determin")
}

fn is_of_one_millisecond(before: &StoredEvent, _: ParticipantId, event: &NewEvent) -> bool {
    let both = [before.reported_at, event.reported_at];
    let [one, other] = both.map(|at| at.map(|at| at.micros().div_euclid(1000)));
    one.is_some() && one == other && both[0] != both[1]
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        also: &[
            "a_used_key_reported_a_microsecond_apart_is_refused",
            "a_used_key_with_another_day_is_refused",
            "a_used_key_with_another_participant_is_refused",
            "a_used_key_with_another_time_of_report_is_refused",
            "the_instant_of_a_refused_append_does_not_count",
        ],
        ..appends(
            "overlooks the case of letters",
            "a_used_key_with_one_letter_changed_is_refused",
            |log, append| {
                overlooking(log, &append, |before, _, event| {
                    alike(before, event, <[u8]>::to_ascii_lowercase)
                })
            },
        )
    },
    appends(
        "compares the first 1,024 bytes of contents",
        "a_used_key_with_content_changed_far_behind_is_refused",
        |log, append| {
            overlooking(log, &append, |before, _, event| {
                alike(before, event, |payload| payload.iter().copied().take(1_024).collect())
                    && before.payload.len() > 1_024
            })
        },
    ),
    appends(
        "overlooks the kind where the contents are the same",
        "a_used_key_with_another_kind_of_one_content_is_refused",
        |log, append| overlooking(log, &append, is_other_kind),
    ),
    appends(
        "overlooks what a determination says",
        "a_used_key_with_another_determination_is_refused",
        |log, append| overlooking(log, &append, is_other_determination),
    ),
    appends(
        "compares the milliseconds of reports",
        "a_used_key_reported_a_microsecond_apart_is_refused",
        |log, append| overlooking(log, &append, is_of_one_millisecond),
    ),
    Wrong {
        does: "takes a key for new for ever that was looked for in vain",
        breaks: "a_key_that_was_looked_for_in_vain_is_known_once_recorded",
        parts: Parts {
            append: |log, append| {
                again_where(log, append, |log, append| {
                    let missed = log.missed.lock().unwrap();
                    keys(append).iter().any(|key| missed.contains(key))
                })
            },
            find: |log, key| {
                let found = (RIGHT.find)(log, key);
                if found.is_none() {
                    log.missed.lock().unwrap().insert(key.clone());
                }
                found
            },
            ..RIGHT
        },
        ..ONE
    },
];
