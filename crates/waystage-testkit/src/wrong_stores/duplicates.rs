//! Stores that record an event twice, or take one event for another.

use waystage_store::{Append, Key, NewEvent, StoreError, StoredEvent, codec};

use super::store::{Done, Log, Parts, RIGHT, by_hand, minding, only, refuse, right};
use super::{ONE, Wrong};

/// Records again, by hand, what is answered as a duplicate and looks new to somebody.
pub(super) fn again_where(log: &Log, append: Append, new: fn(&Log, &Append) -> bool) -> Done {
    let done = right(log, append.clone());
    match &done.answer {
        Ok(receipts) if receipts.iter().any(|r| r.duplicate) && new(log, &append) => {
            by_hand(log, append)
        }
        _ => done,
    }
}

/// Returns the keys of an append.
pub(super) fn keys(append: &Append) -> Vec<Key> {
    let events = append.streams.iter().flat_map(|stream| &stream.events);
    events.map(NewEvent::key).collect()
}

/// Minds a duplicate that differs in what should make no difference.
pub(super) fn minding_duplicate(
    log: &Log,
    append: Append,
    differs: fn(&StoredEvent, &NewEvent) -> bool,
) -> Done {
    let events = append.streams.iter().flat_map(|stream| &stream.events);
    let odd = events
        .into_iter()
        .any(|event| log.known(&event.key()).is_some_and(|before| differs(before, event)));
    if odd { minding(log, append, |_, _, _| true) } else { right(log, append) }
}

const SOURCED: &str = "a_sourced_event_sent_again_gets_its_first_receipt";
const NO_DIFFERENCE: &str = "who_recorded_it_what_led_to_it_and_when_make_no_difference";

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "knows no duplicates of sourced events",
        breaks: SOURCED,
        also: &[
            "a_duplicate_is_seen_after_many_other_events",
            "a_duplicate_is_seen_although_the_head_is_stale",
            "a_duplicate_within_one_append_is_seen",
            "a_reopened_store_knows_its_duplicates",
            "new_events_beside_a_duplicate_are_recorded",
            "the_id_of_a_sourced_event_makes_no_difference",
            "who_recorded_it_what_led_to_it_and_when_make_no_difference",
            "writers_of_the_same_event_record_it_once",
            "a_duplicate_is_answered_with_its_own_version",
            "a_key_that_was_looked_for_in_vain_is_known_once_recorded",
            "duplicates_are_settled_while_the_clock_is_behind",
            "duplicates_of_several_streams_are_settled_before_heads",
            "every_key_is_known_when_a_log_is_reopened",
            "keys_are_known_after_minutes_days_and_years",
        ],
        parts: Parts {
            append: |log, append| {
                again_where(log, append, |_, append| {
                    keys(append).iter().any(|key| matches!(key, Key::Sourced(_)))
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "gives a duplicate the instant at which it was sent again",
        breaks: SOURCED,
        also: &[
            "a_reopened_store_knows_its_duplicates",
            "duplicates_are_settled_while_the_clock_is_behind",
            "duplicates_of_several_streams_are_settled_before_heads",
        ],
        parts: Parts {
            append: |log, append| {
                let now = append.now;
                let is_sourced = keys(&append).iter().any(|key| matches!(key, Key::Sourced(_)));
                let mut done = right(log, append);
                if let Ok(receipts) = &mut done.answer {
                    let again = receipts.iter_mut().filter(|r| r.duplicate && is_sourced);
                    again.for_each(|receipt| receipt.recorded_at = now);
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "gives a duplicate the instant at which it was sent again, where it has no source",
        breaks: "a_direct_event_sent_again_gets_its_first_receipt",
        also: &[
            "a_reopened_store_knows_its_duplicates",
            "an_append_of_2500_events_sent_again_is_known_whole",
            "an_entry_of_the_log_sent_again_gets_its_first_receipt",
            "duplicates_are_settled_while_the_clock_is_behind",
            "duplicates_of_several_streams_are_settled_before_heads",
        ],
        parts: Parts {
            append: |log, append| {
                let now = append.now;
                let is_direct = keys(&append).iter().any(|key| matches!(key, Key::Id(_)));
                let mut done = right(log, append);
                if let Ok(receipts) = &mut done.answer {
                    let again = receipts.iter_mut().filter(|r| r.duplicate && is_direct);
                    again.for_each(|receipt| receipt.recorded_at = now);
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "knows no duplicates of events without a source",
        breaks: "a_direct_event_sent_again_gets_its_first_receipt",
        also: &[
            "a_duplicate_is_seen_after_many_other_events",
            "a_duplicate_within_one_append_is_seen",
            "a_reopened_store_knows_its_duplicates",
            "who_recorded_it_what_led_to_it_and_when_make_no_difference",
            "a_duplicate_is_answered_with_its_own_version",
            "a_key_that_was_looked_for_in_vain_is_known_once_recorded",
            "an_append_of_2500_events_sent_again_is_known_whole",
            "an_entry_of_the_log_sent_again_gets_its_first_receipt",
            "every_key_is_known_when_a_log_is_reopened",
        ],
        parts: Parts {
            append: |log, append| {
                again_where(log, append, |_, append| {
                    keys(append).iter().all(|key| matches!(key, Key::Id(_)))
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "knows no duplicates within an append",
        breaks: "a_duplicate_within_one_append_is_seen",
        parts: Parts {
            append: |log, append| {
                again_where(log, append, |log, append| {
                    keys(append).iter().all(|key| log.known(key).is_none())
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "compares heads before it settles duplicates",
        breaks: "a_duplicate_is_seen_although_the_head_is_stale",
        also: &[
            "an_entry_of_the_log_sent_again_gets_its_first_receipt",
            "duplicates_of_several_streams_are_settled_before_heads",
        ],
        parts: Parts {
            append: |log, append| {
                let done = right(log, append.clone());
                for stream in &append.streams {
                    let actual = log.of(stream.head.participant()).last().map(|e| e.version);
                    let expected = stream.head.version();
                    if done.answer.is_ok() && !stream.events.is_empty() && actual != expected {
                        let participant = stream.head.participant();
                        return refuse(StoreError::Conflict { participant, expected, actual });
                    }
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "remembers the keys of the last sixteen events",
        breaks: "a_duplicate_is_seen_after_many_other_events",
        perhaps: &["writers_of_the_same_event_record_it_once"],
        also: &["every_key_is_known_when_a_log_is_reopened"],
        parts: Parts {
            append: |log, append| {
                again_where(log, append, |log, append| {
                    let last = log.events.iter().rev().take(16);
                    let known: Vec<_> = last.map(StoredEvent::key).collect();
                    let mut keys = keys(append).into_iter();
                    keys.all(|key| log.known(&key).is_some() && !known.contains(&key))
                })
            },
            ..RIGHT
        },
    },
    Wrong {
        does: "records nothing beside a duplicate",
        breaks: "new_events_beside_a_duplicate_are_recorded",
        also: &["duplicates_of_several_streams_are_settled_before_heads"],
        parts: Parts {
            append: |log, append| {
                let mut done = right(log, append.clone());
                if keys(&append).iter().any(|key| log.known(key).is_some()) {
                    done.keep.clear();
                }
                done
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a duplicate that somebody else sends",
        breaks: NO_DIFFERENCE,
        parts: Parts {
            append: |log, append| {
                minding_duplicate(log, append, |before, event| before.actor != event.actor)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a duplicate that belongs to something else",
        breaks: NO_DIFFERENCE,
        parts: Parts {
            append: |log, append| {
                minding_duplicate(log, append, |before, event| {
                    before.correlation != event.correlation
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a duplicate that something else led to",
        breaks: NO_DIFFERENCE,
        parts: Parts {
            append: |log, append| {
                minding_duplicate(log, append, |before, event| before.causation != event.causation)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a duplicate that is sent more than three seconds later",
        breaks: NO_DIFFERENCE,
        also: &[
            "a_duplicate_is_seen_after_many_other_events",
            "every_key_is_known_when_a_log_is_reopened",
            "heads_are_compared_beside_duplicates",
            "keys_are_known_after_minutes_days_and_years",
        ],
        parts: Parts {
            append: |log, append| {
                minding(log, append, |log, append, event| {
                    let before = log.known(&event.key()).map(|before| before.recorded_at.micros());
                    before.is_some_and(|before| append.now.micros() - before > 3_000_000)
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a duplicate under another id",
        breaks: "the_id_of_a_sourced_event_makes_no_difference",
        parts: Parts {
            append: |log, append| {
                minding_duplicate(log, append, |before, event| before.id != event.id)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "knows a reference whatever its source",
        breaks: "the_same_reference_under_two_sources_is_two_events",
        also: &[
            "a_source_and_a_reference_are_two_names",
            "each_of_like_names_is_found_by_its_own_key",
            "names_that_differ_in_their_last_letter_are_different_keys",
            "names_that_look_alike_are_different_keys",
        ],
        parts: Parts {
            append: |log, append| {
                minding(log, append, |log, _, event| {
                    let Some(new) = &event.sourced else { return false };
                    let mut others = log.events.iter().filter_map(|before| before.sourced.as_ref());
                    others.any(|old| old.reference == new.reference && old.source != new.source)
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes like events for one",
        breaks: "like_events_with_ids_of_their_own_are_two_events",
        also: &[
            "a_used_key_with_another_kind_of_one_content_is_refused",
            "a_used_key_with_one_letter_changed_is_refused",
        ],
        parts: Parts {
            append: |log, append| {
                let like = only(&append).filter(|(_, event)| event.sourced.is_none());
                let like = like.and_then(|(participant, event)| {
                    let payload = codec::encode(&event.record).unwrap().bytes;
                    let mut before = log.of(participant).filter(|old| old.id != event.id);
                    before.find(|old| old.payload == payload)
                });
                match like {
                    Some(old) => Done { keep: vec![], answer: Ok(vec![old.receipt(true)]) },
                    None => right(log, append),
                }
            },
            ..RIGHT
        },
        ..ONE
    },
];
