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
        also: &["a_reader_that_follows_misses_nothing", "nothing_follows_the_last_position"],
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
        also: &["nothing_follows_the_last_position"],
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
        also: &["a_reopened_store_goes_on_where_it_ended", "a_reopened_store_knows_its_duplicates"],
        parts: Parts {
            reopened: |log| {
                log.events.pop();
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "forgets its keys when it is opened again",
        breaks: "a_reopened_store_knows_its_duplicates",
        parts: Parts { reopened: |log| log.keys_from = log.events.len(), ..RIGHT },
        ..ONE
    },
];
