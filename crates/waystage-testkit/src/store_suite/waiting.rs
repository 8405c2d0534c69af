//! Rules about waiting. A store that cannot wait returns at once: it has to return the last
//! position as well, and has nothing to show where somebody is woken.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use waystage_core::id::{ParticipantId, Position};
use waystage_store::EventStore;

use super::limits::entry;
use super::quiet;
use super::sample::{direct, head, noon, person, record, refused, send};
use super::{ORIGIN, StoreUnderTest};

/// Longer than anybody has to wait who is woken.
const LONG: Duration = Duration::from_secs(3);
/// How soon whoever is woken is there, on a machine that has much else to do.
const SOON: Duration = Duration::from_millis(1500);
const SHORT: Duration = Duration::from_millis(1);

/// Returns whether a store waits at all where nothing follows its last position.
fn waits(store: &dyn EventStore) -> bool {
    let last = store.last_position().unwrap();
    let span = Duration::from_millis(20);
    (0..2).all(|_| {
        let began = Instant::now();
        store.wait_after(last, span).unwrap();
        began.elapsed() >= span
    })
}

pub(super) fn a_wait_ends_at_once_where_something_is_there(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1), direct(2)]);
    let streams = vec![(person(2), vec![direct(3)]), (person(1), vec![direct(4), direct(5)])];
    send(store, noon(1), streams).unwrap();
    for own in [6, 7] {
        let last = store.last_position().unwrap();
        for after in [None, Position::new(1), last.and_then(|last| Position::new(last.get() - 1))] {
            let began = Instant::now();
            assert_eq!(store.wait_after(after, LONG).unwrap(), last, "after {after:?}");
            assert!(began.elapsed() < SOON, "it waited although something is there");
        }
        record(store, 2, ParticipantId::LOG, vec![entry(own, "text"), entry(own + 10, "text")]);
    }
}

pub(super) fn a_wait_in_vain_gives_the_last_position(store: &dyn EventStore) {
    for after in [None, Position::new(1), Position::new(u64::MAX)] {
        assert_eq!(store.wait_after(after, SHORT).unwrap(), None);
    }
    let last = record(store, 0, person(1), vec![direct(1), direct(2)])[1].position;
    for after in [last.get(), last.get() + 1, last.get() + 7, 1 << 40, u64::MAX] {
        for patience in [Duration::ZERO, SHORT] {
            assert_eq!(store.wait_after(Position::new(after), patience).unwrap(), Some(last));
        }
    }
}

pub(super) fn short_patience_is_short(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1)]);
    let last = store.last_position().unwrap();
    let began = Instant::now();
    for waits in 1..=40 {
        store.wait_after(last, SHORT).unwrap();
        let spent = began.elapsed();
        assert!(spent < Duration::from_secs(5), "{waits} waits of a millisecond took {spent:?}");
    }
}

pub(super) fn the_longest_patience_is_accepted(store: &dyn EventStore) {
    let last = Some(record(store, 0, person(1), vec![direct(1)])[0].position);
    assert_eq!(store.wait_after(None, Duration::MAX).unwrap(), last);
    if !waits(store) {
        return;
    }
    // first with less patience: whoever is not woken here would wait for ever below
    are_woken(store, 1, MOMENT, &|| {
        Some(record(store, 0, person(1), vec![direct(1_000)])[0].position)
    });
    let last = store.last_position().unwrap();
    let is_quiet = quiet::is_on();
    let woken = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            quiet::set(is_quiet);
            // more than once, so that whoever was not woken by the first is not left there
            for number in 2..200 {
                thread::sleep(Duration::from_millis(5));
                if woken.load(Ordering::Acquire) {
                    return;
                }
                record(store, 0, person(1), vec![direct(number)]);
            }
        });
        let waited = store.wait_after(last, Duration::MAX);
        woken.store(true, Ordering::Release);
        assert!(waited.unwrap() > last, "it did not wait for as long as it might");
    });
}

/// Asserts that so many who wait are woken by an append, each with the last position, which can be
/// read at that moment. The append begins some time after the last of them began to wait.
fn are_woken(
    store: &dyn EventStore,
    count: u64,
    later: Duration,
    append: &dyn Fn() -> Option<Position>,
) {
    let last = store.last_position().unwrap();
    let is_quiet = quiet::is_on();
    let began = AtomicU64::new(0);
    let wait = || {
        quiet::set(is_quiet);
        began.fetch_add(1, Ordering::AcqRel);
        let got = store.wait_after(last, LONG).unwrap();
        let end = Instant::now();
        let seen = store.rows_after(last, usize::MAX).unwrap();
        (got, end, seen.last().map(|row| row.position))
    };
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..count).map(|_| scope.spawn(wait)).collect();
        while began.load(Ordering::Acquire) < count {
            thread::yield_now();
        }
        thread::sleep(later);
        let expected = append();
        let rung = Instant::now();
        for waiting in waiting {
            let (got, end, seen) = match waiting.join() {
                Ok(woken) => woken,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            assert_eq!(got, expected, "it was woken with another position");
            assert_eq!(seen, expected, "it was woken before there was something to read");
            assert!(end.saturating_duration_since(rung) < SOON, "it was not woken");
        }
    });
}

const MOMENT: Duration = Duration::from_millis(10);

pub(super) fn whoever_waits_is_woken_by_an_append(store: &dyn EventStore) {
    if !waits(store) {
        return;
    }
    for (number, later) in (1..).zip([0, 500, 1_000, 2_000, 3_000, 10_000]) {
        let append = || {
            let receipts = record(store, 0, person(1), vec![direct(number)]);
            receipts.last().map(|receipt| receipt.position)
        };
        are_woken(store, 1, Duration::from_micros(later), &append);
    }
}

pub(super) fn whoever_waits_is_woken_by_an_append_to_several_streams(store: &dyn EventStore) {
    if !waits(store) {
        return;
    }
    are_woken(store, 1, MOMENT, &|| {
        let streams = vec![(person(1), vec![direct(1), direct(2)]), (person(2), vec![direct(3)])];
        send(store, noon(0), streams).unwrap().last().map(|receipt| receipt.position)
    });
}

pub(super) fn whoever_waits_is_woken_by_an_entry_of_the_log(store: &dyn EventStore) {
    if !waits(store) {
        return;
    }
    are_woken(store, 1, MOMENT, &|| {
        let receipts = record(store, 0, ParticipantId::LOG, vec![entry(1, "text")]);
        receipts.last().map(|receipt| receipt.position)
    });
}

pub(super) fn all_who_wait_are_woken(store: &dyn EventStore) {
    if !waits(store) {
        return;
    }
    are_woken(store, 3, 3 * MOMENT, &|| {
        let receipts = record(store, 0, person(1), vec![direct(1), direct(2)]);
        receipts.last().map(|receipt| receipt.position)
    });
}

pub(super) fn a_refused_append_wakes_nobody(store: &dyn EventStore) {
    let stale = head(store, person(1));
    let last = Some(record(store, 0, person(1), vec![direct(1)])[0].position);
    if !waits(store) {
        return;
    }
    let is_quiet = quiet::is_on();
    let patience = 10 * MOMENT;
    let wait = || {
        quiet::set(is_quiet);
        let began = Instant::now();
        let got = store.wait_after(last, patience).unwrap();
        assert_eq!(got, last, "it was woken with a position that holds nothing");
        assert!(began.elapsed() >= patience, "it was woken for nothing");
    };
    thread::scope(|scope| {
        let waiting = scope.spawn(wait);
        thread::sleep(MOMENT);
        refused(store, noon(1), vec![(stale, vec![direct(2)])]);
        if let Err(panic) = waiting.join() {
            std::panic::resume_unwind(panic);
        }
    });
    assert_eq!(store.wait_after(last, SHORT).unwrap(), last);
}

pub(super) fn a_reopened_store_knows_what_there_is_to_wait_for(store: &mut dyn StoreUnderTest) {
    let open = store.create(ORIGIN);
    let last = Some(record(&*open, 0, person(1), vec![direct(1), direct(2)])[1].position);
    drop(open);
    let Some(open) = store.reopen() else { return };
    let began = Instant::now();
    for after in [None, Position::new(1)] {
        assert_eq!(open.wait_after(after, LONG).unwrap(), last);
    }
    assert!(began.elapsed() < SOON, "it waited although something is there");
    assert_eq!(open.wait_after(last, SHORT).unwrap(), last);
    if waits(&*open) {
        are_woken(&*open, 1, MOMENT, &|| {
            let receipts = record(&*open, 1, person(1), vec![direct(3)]);
            receipts.last().map(|receipt| receipt.position)
        });
    }
}
