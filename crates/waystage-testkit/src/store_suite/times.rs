//! Rules about instants and days: kept wherever they lie, and what the clock has to do with them.

use waystage_core::determination::Changed;
use waystage_core::id::ParticipantId;
use waystage_core::time::Timestamp;
use waystage_store::{EventStore, NewEvent, Receipt, Refusal, StoreError};

use super::clock::plus;
use super::ids::withdrawn;
use super::limits::entry;
use super::sample::{
    append, direct, head, january, noon, person, record, refused, rows, send, sourced,
};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// Two o'clock and a half in London on the 25th of October 2026, for the second time.
const REPEATED_HOUR: i64 = 1_792_891_800_000_000;

pub(super) fn times_of_report_are_kept_wherever_they_lie(store: &dyn EventStore) {
    let mut times = vec![0, 1, -1, -999, 999, -1_000_001];
    times.extend([REPEATED_HOUR, REPEATED_HOUR - 3_600_000_000, REPEATED_HOUR + 1]);
    times.extend([i64::from(i32::MAX), i64::from(u32::MAX)].map(|edge| edge * 1_000_000 + 1));
    // from the first day of the year 1 to the last of 9999
    times.extend([-62_135_596_800_000_000, 253_402_300_799_999_999]);
    // what floating seconds lose
    times.extend((1..200).map(|number| noon(number * 7_919).micros() + number * 4_993 + 1));
    let reported = |(number, time): (u64, &i64)| NewEvent {
        reported_at: Some(Timestamp::from_micros(*time)),
        ..direct(number)
    };
    record(store, 0, person(1), (1..).zip(&times).map(reported).collect());
    let kept: Vec<_> =
        rows(store).iter().map(|row| row.reported_at.map(Timestamp::micros)).collect();
    let given: Vec<_> = times.into_iter().map(Some).collect();
    assert_eq!(kept, given);
}

pub(super) fn days_are_kept_wherever_they_lie(store: &dyn EventStore) {
    let days = [
        "0001-01-01",
        "1582-10-04",
        "1582-10-15",
        "1752-09-14",
        "1899-12-30",
        "1900-02-28",
        "1900-03-01",
        "1904-01-01",
        "1960-02-29",
        "1969-12-31",
        "1999-12-31",
        "2000-02-29",
        "2024-02-29",
        "2026-03-29",
        "2026-10-25",
        "2038-01-19",
        "2038-01-20",
        "2079-06-07",
        "2100-02-28",
        "2100-03-01",
        "2149-06-07",
        "9999-12-31",
    ];
    let days: Vec<chrono::NaiveDate> = days.iter().map(|day| day.parse().unwrap()).collect();
    let events = (1..)
        .zip(&days)
        .map(|(number, day)| NewEvent { on: *day, ..sourced(&format!("R-{number}")) });
    record(store, 0, person(1), events.collect());
    let kept: Vec<_> = rows(store).iter().map(|row| row.on).collect();
    assert_eq!(kept, days);
}

pub(super) fn keys_are_known_after_minutes_days_and_years(store: &dyn EventStore) {
    let both = [sourced("R-1"), direct(1)];
    let first = record(store, 0, person(1), both.to_vec());
    let spans = [2 * MINUTE + 1, 61 * MINUTE, DAY + 1, 8 * DAY, 31 * DAY, 366 * DAY, 3660 * DAY];
    for (number, seconds) in (2..).zip(spans) {
        record(store, seconds, person(1), vec![direct(number)]);
        let again = record(store, seconds, person(1), both.to_vec());
        for (again, first) in again.iter().zip(&first) {
            assert!(again.duplicate, "it was not known again after {seconds} s");
            assert_eq!(again.position, first.position);
        }
    }
}

pub(super) fn the_instant_of_a_refused_append_does_not_count(store: &dyn EventStore) {
    let stale = head(store, person(1));
    record(store, 0, person(1), vec![direct(1), sourced("R-1")]);
    let fresh = head(store, person(1));
    let conflict = vec![(stale, vec![direct(2)])];
    let used = vec![(fresh, vec![NewEvent { on: january(2), ..sourced("R-1") }])];
    let late = vec![(fresh, vec![NewEvent { on: january(31), ..direct(2) }])];
    for streams in [conflict, used, late] {
        refused(store, noon(60), streams);
    }
    let next = append(store, noon(1), vec![(fresh, vec![direct(3)])]).unwrap();
    assert_eq!(next[0].recorded_at, noon(1));
}

pub(super) fn instants_rise_from_stream_to_stream(store: &dyn EventStore) {
    for (number, micros) in (1..=4).zip(0..) {
        let receipt = record(store, 0, person(number), vec![direct(number.into())])[0];
        assert_eq!(receipt.recorded_at, plus(noon(0), micros));
    }
}

pub(super) fn the_logs_own_stream_moves_the_clock_too(store: &dyn EventStore) {
    let own = record(store, 10, ParticipantId::LOG, vec![entry(1, "text")])[0];
    let next = record(store, 10, person(1), vec![direct(2)])[0];
    assert_eq!(next.recorded_at, plus(own.recorded_at, 1));
    record(store, 20, ParticipantId::LOG, vec![entry(3, "text")]);
    let fresh = head(store, person(1));
    match refused(store, noon(10), vec![(fresh, vec![direct(4)])]) {
        StoreError::ClockWentBack { .. } => {}
        error => panic!("{error}"),
    }
}

pub(super) fn duplicates_are_settled_while_the_clock_is_behind(store: &dyn EventStore) {
    let ahead = NewEvent { on: january(2), ..direct(1) };
    let all = vec![ahead, direct(2), sourced("R-1")];
    let first = record(store, 0, person(1), all.clone());
    for seconds in [-10, -DAY, -60 * DAY] {
        let again = record(store, seconds, person(1), all.clone());
        for (again, first) in again.iter().zip(&first) {
            assert_eq!(*again, Receipt { duplicate: true, ..*first });
        }
    }
}

pub(super) fn determinations_and_entries_of_the_log_may_lie_ahead(store: &dyn EventStore) {
    let determination = NewEvent { on: january(31), ..withdrawn(1, Changed::NotRead) };
    let own = NewEvent { on: january(31), ..entry(2, "text") };
    let streams = vec![(person(1), vec![determination]), (ParticipantId::LOG, vec![own])];
    send(store, noon(0), streams).unwrap();
    assert!(rows(store).iter().all(|row| row.on == january(31)));
}

pub(super) fn days_ahead_are_counted_in_utc_until_midnight(store: &dyn EventStore) {
    let half_past_eleven = noon(11 * 60 * MINUTE + 30 * MINUTE);
    let fresh = head(store, person(1));
    let late = NewEvent { on: january(3), ..direct(1) };
    match refused(store, half_past_eleven, vec![(fresh, vec![late])]) {
        StoreError::Refused(Refusal::InTheFuture { recorded, .. }) => {
            assert_eq!(recorded, january(1));
        }
        error => panic!("{error}"),
    }
    let tomorrow = NewEvent { on: january(2), ..direct(2) };
    append(store, half_past_eleven, vec![(fresh, vec![tomorrow])]).unwrap();
    let half_past_midnight = noon(12 * 60 * MINUTE + 30 * MINUTE);
    let after = NewEvent { on: january(3), ..direct(3) };
    send(store, half_past_midnight, vec![(person(1), vec![after])]).unwrap();
}
