//! Rules about events that are sent again: the first receipt comes back, and nothing is recorded.

use waystage_core::id::Actor;
use waystage_store::{EventStore, NewEvent, Receipt};

use super::sample::{
    append, direct, head, id, noon, person, record, rows, send, sourced, sourced_from,
};

/// Asserts that an event is recorded already where this receipt says.
fn is_known(answer: &[Receipt], first: Receipt) {
    let [again] = answer else {
        panic!("one receipt was expected and not {answer:?}");
    };
    assert!(again.duplicate, "it was not known again");
    assert_eq!((again.position, again.id), (first.position, first.id));
}

fn gets_its_first_receipt(store: &dyn EventStore, event: &NewEvent) {
    let first = record(store, 0, person(1), vec![event.clone()])[0];
    assert!(!first.duplicate);
    let before = rows(store);
    for seconds in [1, 2] {
        let again = record(store, seconds, person(1), vec![event.clone()]);
        let expected = Receipt { duplicate: true, ..first };
        assert_eq!(again, [expected]);
    }
    assert_eq!(rows(store), before);
}

pub(super) fn a_sourced_event_sent_again_gets_its_first_receipt(store: &dyn EventStore) {
    gets_its_first_receipt(store, &sourced("R-1"));
}

pub(super) fn a_direct_event_sent_again_gets_its_first_receipt(store: &dyn EventStore) {
    gets_its_first_receipt(store, &direct(1));
}

pub(super) fn a_duplicate_within_one_append_is_seen(store: &dyn EventStore) {
    let twice = |event: NewEvent| vec![event.clone(), event];
    let receipts = record(store, 0, person(1), twice(sourced("R-1")));
    is_known(&receipts[1..], receipts[0]);
    let receipts = record(store, 1, person(1), twice(direct(1)));
    is_known(&receipts[1..], receipts[0]);
    assert_eq!(rows(store).len(), 2);
}

pub(super) fn a_duplicate_is_seen_although_the_head_is_stale(store: &dyn EventStore) {
    let stale = head(store, person(1));
    let first = append(store, noon(0), vec![(stale, vec![sourced("R-1")])]).unwrap()[0];
    let again = append(store, noon(1), vec![(stale, vec![sourced("R-1")])]).unwrap();
    is_known(&again, first);
    record(store, 2, person(1), vec![direct(1)]);
    let again = append(store, noon(3), vec![(stale, vec![sourced("R-1")])]).unwrap();
    is_known(&again, first);
    assert_eq!(rows(store).len(), 2);
}

pub(super) fn a_duplicate_is_seen_after_many_other_events(store: &dyn EventStore) {
    let one = record(store, 0, person(1), vec![sourced("R-1")])[0];
    let two = record(store, 1, person(1), vec![direct(100)])[0];
    record(store, 2, person(1), (1..=20).map(direct).collect());
    record(store, 3, person(2), (21..=40).map(direct).collect());
    is_known(&record(store, 4, person(1), vec![sourced("R-1")]), one);
    is_known(&record(store, 5, person(1), vec![direct(100)]), two);
    assert_eq!(rows(store).len(), 42);
}

pub(super) fn new_events_beside_a_duplicate_are_recorded(store: &dyn EventStore) {
    let first = record(store, 0, person(1), vec![sourced("R-1")])[0];
    let mixed =
        vec![(person(2), vec![direct(1)]), (person(1), vec![direct(2), sourced("R-1"), direct(3)])];
    let receipts = send(store, noon(1), mixed).unwrap();
    let flags: Vec<_> = receipts.iter().map(|receipt| receipt.duplicate).collect();
    assert_eq!(flags, [false, false, true, false]);
    is_known(&receipts[2..3], first);
    let found: Vec<_> = rows(store).iter().map(|row| row.id).collect();
    let expected = [sourced("R-1"), direct(1), direct(2), direct(3)].map(|event| event.id);
    assert_eq!(found, expected);
}

pub(super) fn who_recorded_it_what_led_to_it_and_when_make_no_difference(store: &dyn EventStore) {
    for (seconds, event) in [(0, sourced("R-1")), (100, direct(1))] {
        let first = record(store, seconds, person(1), vec![event.clone()])[0];
        let mut others = [event.clone(), event.clone(), event.clone(), event];
        others[0].actor = Actor::from("user:02");
        others[1].correlation = Some(id(70));
        others[2].causation = Some(id(71));
        for (later, other) in (1..).zip(others) {
            is_known(&record(store, seconds + later, person(1), vec![other]), first);
        }
    }
    assert_eq!(rows(store).len(), 2);
}

pub(super) fn the_id_of_a_sourced_event_makes_no_difference(store: &dyn EventStore) {
    let first = record(store, 0, person(1), vec![sourced("R-1")])[0];
    let mut other = sourced("R-1");
    other.id = id(7);
    is_known(&record(store, 1, person(1), vec![other]), first);
    assert_eq!(rows(store).len(), 1);
}

pub(super) fn the_same_reference_under_two_sources_is_two_events(store: &dyn EventStore) {
    let [a, b] = ["extract:a", "extract:b"].map(|source| sourced_from(source, "R-1"));
    let receipts = record(store, 0, person(1), vec![a.clone(), b.clone()]);
    assert!(receipts.iter().all(|receipt| !receipt.duplicate));
    for (receipt, event) in receipts.iter().zip([a, b]) {
        let found = store.find(&event.key()).unwrap().unwrap();
        assert_eq!((found.position, found.id), (receipt.position, event.id));
    }
    let elsewhere = record(store, 1, person(2), vec![sourced_from("extract:c", "R-1")]);
    assert!(!elsewhere[0].duplicate);
    assert_eq!(rows(store).len(), 3);
}

pub(super) fn like_events_with_ids_of_their_own_are_two_events(store: &dyn EventStore) {
    let mut other = direct(1);
    other.id = id(2);
    record(store, 0, person(1), vec![direct(1)]);
    let receipts = record(store, 1, person(1), vec![other]);
    assert!(!receipts[0].duplicate);
    assert_eq!(rows(store).len(), 2);
}
