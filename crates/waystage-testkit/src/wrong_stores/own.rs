//! Stores on which the log's own stream is not a stream like any other.

use waystage_core::id::ParticipantId;
use waystage_store::StoreError;

use super::duplicates::minding_duplicate;
use super::keys::overlooking;
use super::store::{Parts, RIGHT, despite};
use super::{ONE, Wrong, appends};

const LOG: ParticipantId = ParticipantId::LOG;

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        also: &["every_key_is_known_when_a_log_is_reopened"],
        ..appends(
            "minds an entry of the log that is sent again",
            "an_entry_of_the_log_sent_again_gets_its_first_receipt",
            |log, append| minding_duplicate(log, append, |before, _| before.participant == LOG),
        )
    },
    appends(
        "overlooks what an entry of the log says",
        "a_used_key_of_the_log_with_another_entry_is_refused",
        |log, append| {
            overlooking(log, &append, |before, participant, _| {
                [before.participant, participant] == [LOG; 2]
            })
        },
    ),
    appends(
        "compares no head of the log's own stream",
        "a_stale_head_of_the_logs_own_stream_is_a_conflict",
        |log, append| {
            despite(log, append, |error| {
                matches!(error, StoreError::Conflict { participant: LOG, .. })
            })
        },
    ),
    Wrong {
        does: "gives the last position of a participant's event",
        breaks: "the_last_position_may_be_the_logs_own",
        also: &["a_wait_ends_at_once_where_something_is_there"],
        parts: Parts {
            last_position: |log| {
                let last = log.events.iter().rfind(|event| event.participant != LOG);
                last.map(|last| last.position)
            },
            ..RIGHT
        },
        ..ONE
    },
];
