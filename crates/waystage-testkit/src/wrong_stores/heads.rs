//! Stores that do not compare every head, or compare some too early.

use std::collections::BTreeSet;

use waystage_core::id::Version;
use waystage_core::journey::Record;
use waystage_store::{Append, StoreError, ToStream};

use super::store::{Done, Log, by_hand, refuse, right};
use super::{Wrong, appends};

/// Takes an append by hand although the head of this stream of it is stale.
fn forgiving(
    log: &Log,
    append: Append,
    forgiven: fn(&Log, &Append, usize, [u64; 2]) -> bool,
) -> Done {
    let done = right(log, append.clone());
    let Err(StoreError::Conflict { participant, expected, actual }) = &done.answer else {
        return done;
    };
    let versions = [*expected, *actual].map(|version| version.map_or(0, Version::get));
    let at = append.streams.iter().position(|to| to.head.participant() == *participant);
    if at.is_some_and(|at| forgiven(log, &append, at, versions)) {
        return by_hand(log, append);
    }
    done
}

fn conflict(log: &Log, to: &ToStream) -> StoreError {
    let participant = to.head.participant();
    let actual = log.of(participant).last().map(|last| last.version);
    StoreError::Conflict { participant, expected: to.head.version(), actual }
}

/// Compares the heads of several streams before it settles duplicates.
fn several_first(log: &Log, append: Append) -> Done {
    let mut stale = append.streams.iter().filter(|to| {
        let last = log.of(to.head.participant()).last();
        last.map(|last| last.version) != to.head.version()
    });
    let several = append.streams.len() > 1 && right(log, append.clone()).answer.is_ok();
    match stale.find(|_| several) {
        Some(stale) => refuse(conflict(log, stale)),
        None => right(log, append),
    }
}

/// Minds a stream that is named twice.
fn minding_twins(log: &Log, append: Append) -> Done {
    let mut named = BTreeSet::new();
    let twin = append.streams.iter().find(|to| !named.insert(to.head.participant()));
    match twin {
        Some(twin) => refuse(conflict(log, twin)),
        None => right(log, append),
    }
}

/// Answers a duplicate with the version at which its stream is.
fn with_the_last_version(log: &Log, append: Append) -> Done {
    let mut done = right(log, append);
    for receipt in done.answer.iter_mut().flatten().filter(|receipt| receipt.duplicate) {
        let event = log.events.iter().find(|event| event.position == receipt.position);
        let last = event.and_then(|event| log.of(event.participant).last());
        receipt.version = last.map_or(receipt.version, |last| last.version);
    }
    done
}

const SAME: &str = "writers_of_the_same_event_record_it_once";

pub(super) const WRONG: &[Wrong] = &[
    appends(
        "compares the heads of the first and the last stream",
        "the_head_of_each_stream_of_an_append_is_compared",
        |log, append| {
            forgiving(log, append, |_, append, at, _| at > 0 && at + 1 < append.streams.len())
        },
    ),
    appends(
        "compares no heads where determinations alone are appended",
        "heads_are_compared_for_determinations_alone",
        |log, append| {
            forgiving(log, append, |_, append, at, _| {
                let mut events = append.streams[at].events.iter();
                events.all(|event| matches!(event.record, Record::Determination(_)))
            })
        },
    ),
    Wrong {
        perhaps: &[SAME],
        ..appends(
            "compares no heads where sourced events alone are appended",
            "heads_are_compared_for_sourced_events_alone",
            |log, append| {
                forgiving(log, append, |_, append, at, _| {
                    append.streams[at].events.iter().all(|event| event.sourced.is_some())
                })
            },
        )
    },
    appends(
        "compares no heads beside a duplicate",
        "heads_are_compared_beside_duplicates",
        |log, append| {
            forgiving(log, append, |log, append, _, _| {
                let mut events = append.streams.iter().flat_map(|to| &to.events);
                events.any(|event| log.known(&event.key()).is_some())
            })
        },
    ),
    appends(
        "compares the last eight bits of heads",
        "heads_that_lie_256_versions_apart_are_a_conflict",
        |log, append| {
            forgiving(log, append, |_, _, _, versions| versions[0] % 256 == versions[1] % 256)
        },
    ),
    appends(
        "minds a stream that is named twice in an append",
        "a_stream_named_twice_in_an_append_is_one_stream",
        minding_twins,
    ),
    appends(
        "compares the heads of several streams before it settles duplicates",
        "duplicates_of_several_streams_are_settled_before_heads",
        several_first,
    ),
    Wrong {
        also: &[
            "an_append_of_2500_events_sent_again_is_known_whole",
            "an_entry_of_the_log_sent_again_gets_its_first_receipt",
            "duplicates_are_settled_while_the_clock_is_behind",
        ],
        ..appends(
            "answers a duplicate with the version at which its stream is",
            "a_duplicate_is_answered_with_its_own_version",
            with_the_last_version,
        )
    },
];
