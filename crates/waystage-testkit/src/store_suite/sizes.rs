//! Rules about large numbers: of events in an append, a stream and a log, of participants, of rows
//! in a page, and of positions.

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{EventStore, NewEvent, Receipt, Refusal, StoreError};

use super::reading::a_small_log;
use super::sample::{direct, head, january, noon, person, record, refused, rows, send, sourced};

/// More events than a store may take by the hundred or the thousand.
const LARGE: u64 = 2_500;

fn large() -> Vec<NewEvent> {
    (1..=LARGE).map(direct).collect()
}

fn versions(receipts: &[Receipt]) -> Vec<u64> {
    receipts.iter().map(|receipt| receipt.version.get()).collect()
}

pub(super) fn an_append_of_2500_events_is_one(store: &dyn EventStore) {
    let receipts = record(store, 0, person(1), large());
    assert!(versions(&receipts).into_iter().eq(1..=LARGE));
    assert!(receipts.iter().all(|receipt| receipt.recorded_at == noon(0)));
    let stored: Vec<_> = rows(store).iter().map(|row| row.receipt(false)).collect();
    assert!(stored == receipts, "{} of {LARGE} events are stored", stored.len());
}

pub(super) fn a_stream_of_2500_events_is_read_whole(store: &dyn EventStore) {
    record(store, 0, person(1), large());
    let found = store.rows_of(person(1)).unwrap();
    assert!(found.iter().map(|row| row.version.get()).eq(1..=LARGE), "{} events", found.len());
    assert!(found == rows(store));
}

pub(super) fn one_refusal_refuses_an_append_of_2500_events(store: &dyn EventStore) {
    let fresh = head(store, person(1));
    let mut events = large();
    events.last_mut().unwrap().on = january(20);
    match refused(store, noon(0), vec![(fresh, events)]) {
        StoreError::Refused(Refusal::InTheFuture { .. }) => {}
        error => panic!("{error}"),
    }
    assert_eq!(store.last_position().unwrap(), None);
}

pub(super) fn an_append_of_2500_events_sent_again_is_known_whole(store: &dyn EventStore) {
    let first = record(store, 0, person(1), large());
    let again = record(store, 1, person(1), large());
    assert!(again.iter().all(|receipt| receipt.duplicate), "an event was not known again");
    let first: Vec<_> =
        first.into_iter().map(|first| Receipt { duplicate: true, ..first }).collect();
    assert!(again == first, "other receipts than the first");
    assert_eq!(rows(store).len(), again.len());
}

pub(super) fn more_than_a_thousand_participants_are_listed(store: &dyn EventStore) {
    let people: Vec<ParticipantId> =
        (1..=1_100_u128).map(|number| ParticipantId::from_bytes(number.to_be_bytes())).collect();
    let streams = people.iter().copied().zip((1..).map(|number| vec![direct(number)])).collect();
    assert_eq!(send(store, noon(0), streams).unwrap().len(), people.len());
    let listed = store.participants().unwrap();
    assert!(listed == people, "{} are listed", listed.len());
}

pub(super) fn the_largest_page_can_be_asked_for_everywhere(store: &dyn EventStore) {
    a_small_log(store);
    let all = rows(store);
    for size in [1 << 8, 1 << 16, 1 << 31, 1 << 32, usize::MAX - 1, usize::MAX] {
        for (skipped, row) in (1..).zip(&all) {
            let page = store.rows_after(Some(row.position), size).unwrap();
            assert!(page == all[skipped..], "{} events in a page of {size}", page.len());
        }
        assert!(store.rows_after(None, size).unwrap() == all, "a page of {size} from the first");
    }
}

pub(super) fn nothing_follows_a_position_that_32_bits_cannot_hold(store: &dyn EventStore) {
    a_small_log(store);
    for bits in [31, 32, 40, 53, 62, 63] {
        for more in 0..4 {
            let beyond = Position::new((1 << bits) + more);
            assert_eq!(store.rows_after(beyond, 10).unwrap(), [], "after {beyond:?}");
        }
    }
}

pub(super) fn a_stream_of_70000_events_has_dense_versions(store: &dyn EventStore) {
    let mut receipts = Vec::new();
    for (seconds, range) in (0..).zip([1..=30_000, 30_001..=60_000, 60_001..=70_000]) {
        receipts.extend(record(store, seconds, person(1), range.map(direct).collect()));
    }
    assert!(versions(&receipts).into_iter().eq(1..=70_000));
    let found = store.rows_of(person(1)).unwrap();
    assert!(found.iter().map(|row| row.receipt(false)).eq(receipts), "{} events", found.len());
}

pub(super) fn keys_are_known_after_10000_other_events(store: &dyn EventStore) {
    let first = record(store, 0, person(1), vec![direct(1), sourced("R-1")]);
    record(store, 1, person(2), (2..=10_500).map(direct).collect());
    let again = record(store, 2, person(1), vec![direct(1), sourced("R-1")]);
    for (again, first) in again.into_iter().zip(first) {
        assert_eq!(again, Receipt { duplicate: true, ..first });
    }
}
