//! Stores that read wrongly what they keep rightly, now or after they were opened again.

use waystage_core::id::{ParticipantId, Position};
use waystage_store::Key;

use super::store::{Parts, RIGHT};
use super::{ONE, Wrong};

const PARTICIPANTS: &str = "participants_are_listed_once_in_order_without_the_logs_own";
const PAGES: &str = "pages_of_any_size_give_each_event_once";
const FOUND: &str = "an_event_is_found_by_its_key_and_by_no_other";
const REOPENED: &str = "a_reopened_store_gives_the_same";

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "lists the log's own stream among the participants",
        breaks: PARTICIPANTS,
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            participants: |log| {
                let mut listed = (RIGHT.participants)(log);
                listed.extend(log.of(ParticipantId::LOG).next().map(|event| event.participant));
                listed.sort_unstable();
                listed
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "lists participants in the order of their arrival",
        breaks: PARTICIPANTS,
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "participants_are_listed_in_the_order_of_their_bytes",
            "participants_with_determinations_only_are_listed",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            participants: |log| {
                let mut listed = (RIGHT.participants)(log);
                listed.sort_by_key(|id| log.of(*id).next().map(|event| event.position));
                listed
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "lists a participant whenever its stream was left and entered again",
        breaks: PARTICIPANTS,
        parts: Parts {
            participants: |log| {
                let people = log.events.iter().map(|event| event.participant);
                let mut listed: Vec<_> = people.filter(|id| *id != ParticipantId::LOG).collect();
                listed.dedup();
                listed.sort_unstable();
                listed
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "gives two events at least",
        breaks: PAGES,
        parts: Parts {
            rows_after: |log, position, count_max| {
                (RIGHT.rows_after)(log, position, count_max.max(2))
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "passes one event by between pages of three",
        breaks: PAGES,
        parts: Parts {
            rows_after: |log, position, count_max| {
                let passed = u64::from(count_max == 3 && position == 3);
                (RIGHT.rows_after)(log, position + passed, count_max)
            },
            ..RIGHT
        },
        perhaps: &["a_reader_that_follows_misses_nothing"],
        ..ONE
    },
    Wrong {
        does: "gives the event at the position as well",
        breaks: PAGES,
        also: &[
            "a_reader_that_follows_misses_nothing",
            "nothing_follows_the_last_position",
            "the_largest_page_can_be_asked_for_everywhere",
        ],
        parts: Parts {
            rows_after: |log, position, count_max| {
                (RIGHT.rows_after)(log, position.saturating_sub(1), count_max)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "starts over beyond the end",
        breaks: "nothing_follows_the_last_position",
        also: &["nothing_follows_a_position_that_32_bits_cannot_hold"],
        parts: Parts {
            rows_after: |log, position, count_max| {
                let beyond = log.events.last().is_some_and(|last| last.position.get() < position);
                (RIGHT.rows_after)(log, if beyond { 0 } else { position }, count_max)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "finds a sourced event by its id",
        breaks: FOUND,
        also: &[
            "a_direct_event_and_a_sourced_one_may_have_one_id",
            "two_sourced_events_may_have_one_id",
        ],
        parts: Parts {
            find: |log, key| match key {
                Key::Id(id) => log.events.iter().find(|event| event.id == *id).cloned(),
                Key::Sourced(_) => (RIGHT.find)(log, key),
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "finds a reference whatever its case",
        breaks: FOUND,
        also: &["each_of_like_names_is_found_by_its_own_key"],
        parts: Parts {
            find: |log, key| {
                let folded = |key: &Key| key.to_string().to_lowercase();
                log.events.iter().find(|event| folded(&event.key()) == folded(key)).cloned()
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "gives the position before the last",
        breaks: "the_last_position_is_that_of_the_last_event",
        also: &[
            "nothing_follows_the_last_position",
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "a_reader_on_another_thread_sees_what_came_since_it_looked",
            "a_wait_ends_at_once_where_something_is_there",
            "the_last_position_may_be_the_logs_own",
            "what_is_recorded_after_each_opening_is_kept",
            "whoever_waits_is_woken_by_an_append",
        ],
        parts: Parts {
            last_position: |log| Position::new(log.events.len().saturating_sub(1) as u64),
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "reads the whole log as its own stream where that has no events",
        breaks: "a_stream_without_events_is_empty",
        also: &[
            "all_else_goes_into_participants_streams_only",
            "an_event_is_found_by_its_key_and_by_no_other",
            "each_leaf_follows_from_the_columns_and_the_leaf_before",
            "every_column_is_read_back_as_it_was_given",
            "every_way_of_reading_gives_the_same_rows",
            "nothing_follows_the_last_position",
            "pages_of_any_size_give_each_event_once",
            "participants_are_listed_once_in_order_without_the_logs_own",
            "payload_bytes_are_kept_exactly",
            "a_wait_ends_at_once_where_something_is_there",
            "nothing_follows_a_position_that_32_bits_cannot_hold",
            "the_largest_page_can_be_asked_for_everywhere",
        ],
        parts: Parts {
            rows_of: |log, participant| {
                let rows = (RIGHT.rows_of)(log, participant);
                if rows.is_empty() && participant == ParticipantId::LOG {
                    return log.events.clone();
                }
                rows
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "has another identity when it is opened again",
        breaks: REOPENED,
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "an_origin_with_capitals_and_a_slash_at_its_end_is_kept",
            "an_origin_with_spaces_around_it_is_kept",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            origin: |log| {
                let suffix = if log.reopened { "/copy" } else { "" };
                log.origin.clone() + suffix
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "loses its last event when it is opened again",
        breaks: REOPENED,
        also: &[
            "a_reopened_store_goes_on_where_it_ended",
            "a_reopened_store_knows_its_duplicates",
            "a_log_of_5000_events_is_the_same_when_it_is_reopened",
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "chains_of_leaves_go_on_when_a_log_is_reopened",
            "every_key_is_found_when_a_log_is_reopened",
            "every_key_is_known_when_a_log_is_reopened",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            reopened: |log| {
                let mut events = log.events.clone();
                events.pop();
                log.hold(events);
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "forgets its keys when it is opened again",
        breaks: "a_reopened_store_knows_its_duplicates",
        also: &[
            "every_key_is_found_when_a_log_is_reopened",
            "every_key_is_known_when_a_log_is_reopened",
        ],
        parts: Parts { reopened: |log| log.keys_from = log.events.len(), ..RIGHT },
        ..ONE
    },
];
