//! Stores that know ids by less than they are, or take one event's id for another's.

use std::collections::BTreeSet;

use waystage_core::id::ParticipantId;
use waystage_store::StoredEvent;

use super::store::{Parts, RIGHT, changing, minding};
use super::{ONE, Wrong, appends};

fn is_determination(event: &StoredEvent) -> bool {
    ["OutcomeDetermined", "DeterminationWithdrawn"].contains(&&*event.kind)
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "reads the streams of all whose ids share eight bytes as one",
        breaks: "streams_whose_ids_are_alike_in_part_are_apart",
        also: &["participants_are_listed_in_the_order_of_their_bytes"],
        parts: Parts {
            rows_of: |log, participant| {
                let front = |id: ParticipantId| id.as_bytes()[..8].to_vec();
                let same = |event: &&StoredEvent| front(event.participant) == front(participant);
                log.events.iter().filter(same).cloned().collect()
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "lists participants in the order of their last bytes",
        breaks: "participants_are_listed_in_the_order_of_their_bytes",
        also: &["more_than_a_thousand_participants_are_listed"],
        parts: Parts {
            participants: |log| {
                let mut listed = (RIGHT.participants)(log);
                listed.sort_by_key(|id| u128::from_le_bytes(*id.as_bytes()));
                listed
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "lists participants with facts only",
        breaks: "participants_with_determinations_only_are_listed",
        parts: Parts {
            participants: |log| {
                let facts = log.events.iter().filter(|event| !is_determination(event));
                let listed: BTreeSet<_> = facts.map(|event| event.participant).collect();
                listed.into_iter().filter(|id| *id != ParticipantId::LOG).collect()
            },
            ..RIGHT
        },
        ..ONE
    },
    appends(
        "knows the last eight bytes of an event's id",
        "events_whose_ids_are_alike_in_part_are_apart",
        |log, append| {
            minding(log, append, |log, _, event| {
                log.events.iter().any(|before| {
                    let ids = [before.id, event.id];
                    let [end, other] = ids.map(|id| u128::from_be_bytes(*id.as_bytes()) << 64);
                    before.sourced.is_none() && ids[0] != ids[1] && end == other
                })
            })
        },
    ),
    appends(
        "takes a direct event for the sourced one of its id",
        "a_direct_event_and_a_sourced_one_may_have_one_id",
        |log, append| {
            minding(log, append, |log, _, event| {
                let mut sourced = log.events.iter().filter(|before| before.sourced.is_some());
                event.sourced.is_none() && sourced.any(|before| before.id == event.id)
            })
        },
    ),
    appends(
        "wants the ids of sourced events to be unique",
        "two_sourced_events_may_have_one_id",
        |log, append| {
            minding(log, append, |log, _, event| {
                let mut sourced = log.events.iter().filter(|before| before.sourced.is_some());
                let is_new = event.sourced.is_some() && log.known(&event.key()).is_none();
                is_new && sourced.any(|before| before.id == event.id)
            })
        },
    ),
    appends(
        "takes a causation of zeros for none",
        "ids_of_nothing_but_zeros_are_kept",
        |log, append| {
            changing(log, append, |_, event| {
                event.causation.take_if(|id| id.as_bytes() == &[0; 16]);
            })
        },
    ),
];
