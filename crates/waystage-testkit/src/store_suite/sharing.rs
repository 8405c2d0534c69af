//! Rules about threads that share a store: writers lose and repeat nothing, readers see whole
//! appends and miss none.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use waystage_core::id::ParticipantId;
use waystage_store::{EventStore, NewEvent, Receipt, Refusal, StoreError, StoredEvent};

use super::quiet;
use super::sample::{append, direct, head, id, noon, person, record, rows, send, sourced};

const WRITERS: u8 = 4;
const APPENDS: u64 = 8;
const EACH: usize = 8;
const ALL: usize = 32;

/// Runs writers beside each other, and one reader for as long as they write. The writers take
/// their turns together, so that they meet in the store.
fn together<T: Send>(
    write: impl Fn(u8, u64) -> T + Sync,
    read: impl Fn(&AtomicBool) + Sync,
) -> Vec<T> {
    let quiet = quiet::is_on();
    let done = AtomicBool::new(false);
    let arrived = AtomicU64::new(0);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            quiet::set(quiet);
            read(&done);
        });
        let (write, arrived) = (&write, &arrived);
        let take_turns = |writer| {
            move || -> Vec<T> {
                quiet::set(quiet);
                let turn = |turn| {
                    meet(arrived, (turn + 1) * u64::from(WRITERS));
                    write(writer, turn)
                };
                (0..APPENDS).map(turn).collect()
            }
        };
        let writers: Vec<_> = (1..=WRITERS).map(|writer| scope.spawn(take_turns(writer))).collect();
        let ends: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Release);
        if let Err(panic) = reader.join() {
            resume_unwind(panic);
        }
        ends.into_iter().flat_map(|end| end.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Waits until so many have arrived, but not for ever: one of them may have failed.
fn meet(arrived: &AtomicU64, expected: u64) {
    arrived.fetch_add(1, Ordering::AcqRel);
    for turn in 0..1000 {
        if arrived.load(Ordering::Acquire) >= expected {
            return;
        }
        if turn < 900 {
            thread::yield_now();
        } else {
            thread::sleep(Duration::from_micros(100));
        }
    }
}

/// Appends to a stream as soon as nobody was faster, and asserts that it follows what was read.
fn send_until_it_holds(
    store: &dyn EventStore,
    participant: ParticipantId,
    event: &NewEvent,
) -> Receipt {
    let mut conflicts = 0;
    loop {
        let read = head(store, participant);
        match append(store, noon(0), vec![(read, vec![event.clone()])]) {
            Ok(receipts) => {
                let before = read.version().map_or(0, |version| version.get());
                let receipt = receipts[0];
                assert!(
                    receipt.duplicate || receipt.version.get() == before + 1,
                    "version {} was given after {before} was read",
                    receipt.version,
                );
                return receipt;
            }
            Err(StoreError::Conflict { .. }) => conflicts += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(conflicts <= u64::from(WRITERS) * APPENDS, "a conflict without an append");
    }
}

fn number(writer: u8, turn: u64) -> u64 {
    u64::from(writer) * 1000 + turn
}

/// Asserts that positions and versions are dense, and that every receipt is a row of its own.
fn holds_each_once(rows: &[StoredEvent], mut receipts: Vec<Receipt>) {
    let mut versions: BTreeMap<ParticipantId, u64> = BTreeMap::new();
    for (position, row) in (1..).zip(rows) {
        assert_eq!(row.position.get(), position);
        let version = versions.entry(row.participant).or_default();
        *version += 1;
        assert_eq!(row.version.get(), *version);
    }
    receipts.sort_by_key(|receipt| (receipt.position, receipt.id));
    let stored: Vec<_> = rows.iter().map(|row| row.receipt(false)).collect();
    assert!(receipts == stored, "receipts and rows differ");
}

pub(super) fn writers_of_their_own_streams_lose_nothing(store: &dyn EventStore) {
    let write =
        |writer, turn| send_until_it_holds(store, person(writer), &direct(number(writer, turn)));
    let receipts = together(write, |_| ());
    assert_eq!(receipts.len(), ALL);
    holds_each_once(&rows(store), receipts);
}

pub(super) fn writers_of_one_stream_each_append_to_what_they_read(store: &dyn EventStore) {
    let write = |writer, turn| send_until_it_holds(store, person(1), &direct(number(writer, turn)));
    let receipts = together(write, |_| ());
    assert_eq!(receipts.len(), ALL);
    holds_each_once(&rows(store), receipts);
}

pub(super) fn writers_of_the_same_event_record_it_once(store: &dyn EventStore) {
    let write = |_, turn| send_until_it_holds(store, person(1), &sourced(&format!("R-{turn}")));
    let receipts = together(write, |_| ());
    assert_eq!(rows(store).len(), EACH);
    let first: Vec<_> = receipts.iter().filter(|receipt| !receipt.duplicate).collect();
    assert_eq!(first.len(), EACH, "each event is recorded by one writer");
}

pub(super) fn writers_of_one_key_in_several_streams_get_one_receipt(store: &dyn EventStore) {
    let write = |writer, turn| {
        let event = sourced(&format!("R-{turn}"));
        match send(store, noon(0), vec![(person(writer), vec![event])]) {
            Ok(receipts) => u64::from(!receipts[0].duplicate),
            Err(StoreError::Refused(Refusal::KeyUsed { .. })) => 0,
            Err(error) => panic!("{error}"),
        }
    };
    let recorded = together(write, |_| ()).into_iter().sum::<u64>();
    assert_eq!((recorded, rows(store).len()), (APPENDS, EACH), "a key was recorded twice");
}

pub(super) fn a_reader_on_another_thread_sees_what_came_since_it_looked(store: &dyn EventStore) {
    let quiet = quiet::is_on();
    let (ask, asked) = mpsc::channel::<NewEvent>();
    let (answer, answered) = mpsc::channel();
    let look = |event: NewEvent| {
        (
            store.participants().unwrap().len(),
            store.last_position().unwrap(),
            rows(store).len(),
            store.rows_of(person(1)).unwrap().len(),
            store.find(&event.key()).unwrap().is_some(),
        )
    };
    let mut last = record(store, 0, person(1), vec![direct(1)]);
    thread::scope(|scope| {
        scope.spawn(move || {
            quiet::set(quiet);
            for event in asked {
                let _ = answer.send(look(event));
            }
        });
        for number in 1..=3 {
            let event = direct(u64::from(number));
            ask.send(event.clone()).unwrap();
            let seen = answered.recv().expect("the reader has failed");
            let count = usize::from(number);
            assert_eq!(seen, (count, Some(last[0].position), count, 1, true));
            last = record(store, 0, person(number + 1), vec![direct(u64::from(number) + 1)]);
        }
        drop(ask);
    });
}

/// Appends to three streams at once, under one correlation.
fn send_three(store: &dyn EventStore, writer: u8, turn: u64) {
    let three = [0, 1, 2].map(|offset| {
        let mut event = direct(number(writer, turn) * 10 + u64::from(offset));
        event.correlation = Some(id(number(writer, turn)));
        (person(writer * 10 + offset), vec![event])
    });
    assert_eq!(send(store, noon(0), three.into()).unwrap().len(), 3);
}

pub(super) fn readers_see_whole_appends_only(store: &dyn EventStore) {
    let are_whole = |rows: &[StoredEvent]| {
        let mut seen: BTreeMap<_, u32> = BTreeMap::new();
        for row in rows {
            *seen.entry(row.correlation).or_default() += 1;
        }
        assert!(seen.values().all(|count| *count == 3), "part of an append is seen");
    };
    let write = |writer, turn| send_three(store, writer, turn);
    together(write, |done| {
        let mut last = None;
        while !done.load(Ordering::Acquire) {
            let now = store.last_position().unwrap();
            assert!(now >= last, "the log has become shorter");
            last = now;
            let seen = rows(store);
            assert!(seen.last().map(|row| row.position) >= last, "something is missing");
            are_whole(&seen);
            thread::yield_now();
        }
    });
    are_whole(&rows(store));
}

pub(super) fn a_reader_that_follows_misses_nothing(store: &dyn EventStore) {
    let write =
        |writer, turn| send_until_it_holds(store, person(writer), &direct(number(writer, turn)));
    let read = |done: &AtomicBool| {
        let mut after = None;
        let mut seen = 0;
        for size in (1..=5).cycle() {
            let was_done = done.load(Ordering::Acquire);
            let page = store.rows_after(after, size).unwrap();
            seen += page.len();
            after = page.last().map_or(after, |row| Some(row.position));
            if page.is_empty() && was_done {
                break;
            }
            assert!(seen <= 1000, "the log does not end");
            thread::yield_now();
        }
        assert_eq!(seen, rows(store).len(), "events that a reader has passed by");
    };
    assert_eq!(together(write, read).len(), ALL);
}
