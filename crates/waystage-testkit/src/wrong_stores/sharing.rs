//! Stores that are right as long as they are alone with one thread.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::thread;

use waystage_core::id::ParticipantId;
use waystage_store::{Append, Refusal, StoreError};

use super::store::{Answer, Done, Log, Parts, RIGHT, Shared, by_hand, right};
use super::{ONE, Wrong};

const OWN: &str = "writers_of_their_own_streams_lose_nothing";
const ONE_STREAM: &str = "writers_of_one_stream_each_append_to_what_they_read";
const SAME: &str = "writers_of_the_same_event_record_it_once";
const WHOLE: &str = "readers_see_whole_appends_only";
const ONE_KEY: &str = "writers_of_one_key_in_several_streams_get_one_receipt";
const FOLLOWING: &str = "a_reader_that_follows_misses_nothing";

/// Decides on what it reads now, and lets others go first.
fn deciding_early(shared: &Shared, append: &Append) -> (usize, Answer) {
    let log = shared.read();
    let seen = log.events.len();
    let answer = right(&log, append.clone()).answer;
    drop(log);
    shared.pause_until(|shared| shared.read().events.len() != seen);
    (seen, answer)
}

/// Writes the whole log back as it was read, with its own events behind.
fn last_writer_wins(shared: &Shared, append: Append) -> Answer {
    let log = shared.read();
    let mut events = log.events.clone();
    let done = right(&log, append);
    drop(log);
    if done.keep.is_empty() {
        return done.answer;
    }
    let seen = events.len();
    shared.pause_until(|shared| shared.read().events.len() != seen);
    events.extend(done.keep);
    shared.write().hold(events);
    done.answer
}

/// Takes the next places, whatever was appended since it decided that it may.
fn heads_early(shared: &Shared, append: Append) -> Answer {
    let (seen, answer) = deciding_early(shared, &append);
    answer?;
    let mut log = shared.write();
    let mut events = append.streams.iter().flat_map(|stream| &stream.events);
    let is_new = events.all(|event| log.known(&event.key()).is_none());
    let go_on = if is_new && seen != log.events.len() { by_hand } else { right };
    let done = go_on(&log, append);
    log.extend(done.keep);
    done.answer
}

/// As above, and looks for duplicates early as well.
fn keys_early(shared: &Shared, append: Append) -> Answer {
    let (seen, answer) = deciding_early(shared, &append);
    let is_new = answer?.iter().all(|receipt| !receipt.duplicate);
    let mut log = shared.write();
    let go_on = if is_new && seen != log.events.len() { by_hand } else { right };
    let done = go_on(&log, append);
    log.extend(done.keep);
    done.answer
}

/// Looks for used keys before it takes its turn, and not again.
fn refusals_early(shared: &Shared, append: Append) -> Answer {
    let (_, answer) = deciding_early(shared, &append);
    answer?;
    let mut log = shared.write();
    let done = match right(&log, append.clone()) {
        Done { answer: Err(StoreError::Refused(Refusal::KeyUsed { .. })), .. } => {
            by_hand(&log, append)
        }
        done => done,
    };
    log.extend(done.keep);
    done.answer
}

/// Lists the participants of when this thread looked first; the first of all threads is the
/// writer's and sees all.
fn as_first_seen(log: &Log) -> Vec<ParticipantId> {
    let own = thread::current().id();
    let mut looked = log.looked.lock().unwrap();
    if !looked.iter().any(|(thread, _)| *thread == own) {
        looked.push((own, log.events.len()));
    }
    let seen = looked.iter().skip(1).find(|(thread, _)| *thread == own);
    let count = seen.map_or(log.events.len(), |(_, count)| *count);
    let people: BTreeSet<_> =
        log.events.iter().take(count).map(|event| event.participant).collect();
    people.into_iter().filter(|id| *id != ParticipantId::LOG).collect()
}

/// Remembers the writer.
fn looking(log: &Log, append: Append) -> Done {
    let mut looked = log.looked.lock().unwrap();
    if looked.is_empty() {
        looked.push((thread::current().id(), 0));
    }
    right(log, append)
}

/// Shows the first event of an append, and the others after readers have looked.
fn in_two_steps(shared: &Shared, append: Append) -> Answer {
    let _writer = shared.one_writer();
    let done = right(&shared.read(), append);
    let mut keep = done.keep.into_iter();
    shared.write().extend(keep.next());
    let reads = shared.reads.load(Ordering::Acquire);
    if keep.len() > 0 {
        shared.pause_until(|shared| shared.reads.load(Ordering::Acquire) > reads + 8);
    }
    shared.write().extend(keep);
    done.answer
}

/// Gives places in order, and shows every second append only after a later one was read.
fn seen_late(shared: &Shared, append: Append) -> Answer {
    let writer = shared.one_writer();
    let mut log = shared.write();
    let mut events = [&log.events[..], &log.hidden[..]].concat();
    events.sort_by_key(|event| event.position);
    let mut all = Log { origin: log.origin.clone(), ..Log::default() };
    all.hold(events);
    let done = right(&all, append);
    log.hidden.extend(done.keep.iter().cloned());
    drop((log, writer));
    if let Some(first) = done.keep.first().filter(|first| first.position.get() % 2 == 1) {
        let is_passed = |shared: &Shared| {
            shared.read().events.last().is_some_and(|last| last.position > first.position)
        };
        shared.pause_until(is_passed);
        let reads = shared.reads.load(Ordering::Acquire);
        let is_read = |shared: &Shared| shared.reads.load(Ordering::Acquire) > reads + 8;
        if is_passed(shared) {
            shared.pause_until(is_read);
        }
    }
    let mut log = shared.write();
    log.hidden.retain(|event| !done.keep.contains(event));
    let mut events = [&log.events[..], &done.keep[..]].concat();
    events.sort_by_key(|event| event.position);
    log.hold(events);
    done.answer
}

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "writes the log back as it was read",
        breaks: OWN,
        perhaps: &[ONE_STREAM, SAME, WHOLE, FOLLOWING, ONE_KEY],
        parts: Parts { shared: last_writer_wins, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "compares heads before it takes its turn",
        breaks: ONE_STREAM,
        parts: Parts { shared: heads_early, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "looks for duplicates before it takes its turn",
        breaks: SAME,
        perhaps: &[ONE_STREAM, ONE_KEY],
        parts: Parts { shared: keys_early, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "shows an append in two steps",
        breaks: WHOLE,
        parts: Parts { shared: in_two_steps, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "shows an append after later ones",
        breaks: FOLLOWING,
        perhaps: &[ONE_STREAM, SAME, ONE_KEY],
        parts: Parts { shared: seen_late, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "looks for used keys before it takes its turn",
        breaks: ONE_KEY,
        parts: Parts { shared: refusals_early, ..RIGHT },
        ..ONE
    },
    Wrong {
        does: "lists to another thread the participants of when it first asked",
        breaks: "a_reader_on_another_thread_sees_what_came_since_it_looked",
        parts: Parts { append: looking, participants: as_first_seen, ..RIGHT },
        ..ONE
    },
];
