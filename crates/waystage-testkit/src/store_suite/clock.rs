//! Rules about the recorded instant, and about days that lie ahead of it.

use std::time::Duration;

use waystage_core::time::Timestamp;
use waystage_store::{EventStore, Refusal, StoreError};

use super::sample::{direct, head, january, noon, person, record, refused, rows, send, sourced};

/// Returns an instant and some microseconds.
pub(super) fn plus(instant: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(instant.micros() + micros)
}

pub(super) fn all_events_of_an_append_are_recorded_at_one_instant(store: &dyn EventStore) {
    let streams = vec![(person(1), vec![direct(1), direct(2)]), (person(2), vec![direct(3)])];
    let receipts = send(store, noon(0), streams).unwrap();
    assert!(receipts.iter().all(|receipt| receipt.recorded_at == noon(0)));
    assert!(rows(store).iter().all(|row| row.recorded_at == noon(0)));
}

pub(super) fn recorded_at_is_the_clock_or_one_microsecond_after_the_last(store: &dyn EventStore) {
    let clock_and_recorded = [
        (noon(0), noon(0)),
        (noon(0), plus(noon(0), 1)),
        (plus(noon(0), -7), plus(noon(0), 2)),
        (plus(noon(0), 2), plus(noon(0), 3)),
        (noon(1), noon(1)),
        (plus(noon(1), 1), plus(noon(1), 1)),
    ];
    for (number, (clock, expected)) in (1..).zip(clock_and_recorded) {
        let receipts = send(store, clock, vec![(person(1), vec![direct(number)])]).unwrap();
        assert_eq!(receipts[0].recorded_at, expected, "at {clock}");
    }
    let recorded: Vec<_> = rows(store).iter().map(|row| row.recorded_at).collect();
    assert!(recorded.is_sorted_by(|a, b| a < b), "{recorded:?}");
}

pub(super) fn a_clock_more_than_five_seconds_behind_is_refused(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1)]);
    let behind = plus(noon(-5), -1);
    for number in [1, 2] {
        let fresh = head(store, person(number));
        match refused(store, behind, vec![(fresh, vec![direct(2)])]) {
            StoreError::ClockWentBack { by } => assert_eq!(by, Duration::from_micros(5_000_001)),
            other => panic!("{other}"),
        }
    }
}

pub(super) fn a_clock_five_seconds_behind_is_tolerated(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1)]);
    let receipts = send(store, noon(-5), vec![(person(1), vec![direct(2)])]).unwrap();
    assert_eq!(receipts.len(), 1);
}

pub(super) fn a_direct_fact_dated_later_than_the_day_after_is_refused(store: &dyn EventStore) {
    let fresh = head(store, person(1));
    for day in [3, 31] {
        let mut event = direct(1);
        event.on = january(day);
        event.reported_at = Some(noon(0));
        match refused(store, noon(0), vec![(fresh, vec![event])]) {
            StoreError::Refused(Refusal::InTheFuture { on, recorded }) => {
                assert_eq!((on, recorded), (january(day), january(1)));
            }
            other => panic!("{other}"),
        }
    }
}

pub(super) fn a_direct_fact_dated_the_day_after_is_accepted(store: &dyn EventStore) {
    let mut event = direct(1);
    event.on = january(2);
    record(store, 0, person(1), vec![event]);
    assert_eq!(rows(store)[0].on, january(2));
}

pub(super) fn the_day_after_is_counted_from_the_recorded_instant(store: &dyn EventStore) {
    let last_of_day = plus(noon(12 * 3600), -1);
    send(store, last_of_day, vec![(person(1), vec![direct(1)])]).unwrap();
    let mut event = direct(2);
    event.on = january(3);
    let receipts = send(store, last_of_day, vec![(person(1), vec![event])]).unwrap();
    assert_eq!(receipts[0].recorded_at.date(), january(2));
}

pub(super) fn a_sourced_fact_is_not_refused_for_its_day(store: &dyn EventStore) {
    let mut event = sourced("R-1");
    event.on = january(31);
    record(store, 0, person(1), vec![event]);
    assert_eq!(rows(store)[0].on, january(31));
}
