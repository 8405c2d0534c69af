//! Rules about heads: every stream's is compared, whatever is appended beside it, and duplicates
//! are settled before.

use waystage_core::determination::Changed;
use waystage_core::id::Version;
use waystage_store::{EventStore, Head, NewEvent, Receipt, StoreError};

use super::ids::withdrawn;
use super::sample::{append, direct, head, noon, person, record, refused, rows, send, sourced};

fn is_a_conflict(store: &dyn EventStore, streams: Vec<(Head, Vec<NewEvent>)>) {
    let error = refused(store, noon(9), streams);
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
}

pub(super) fn the_head_of_each_stream_of_an_append_is_compared(store: &dyn EventStore) {
    let stale = [1, 2, 3, 4].map(|number| head(store, person(number)));
    for number in 1..=4 {
        record(store, 0, person(number), vec![direct(number.into())]);
    }
    for at in 0..4 {
        let mut heads = [1, 2, 3, 4].map(|number| head(store, person(number)));
        heads[at] = stale[at];
        let streams = (11..).zip(heads).map(|(number, head)| (head, vec![direct(number)]));
        is_a_conflict(store, streams.collect());
    }
}

pub(super) fn heads_are_compared_for_determinations_alone(store: &dyn EventStore) {
    let stale = head(store, person(1));
    record(store, 0, person(1), vec![withdrawn(1, Changed::NotRead)]);
    let again = withdrawn(2, Changed::Otherwise);
    is_a_conflict(store, vec![(stale, vec![again.clone()])]);
    is_a_conflict(store, vec![(stale, vec![again, withdrawn(3, Changed::NotRead)])]);
}

pub(super) fn heads_are_compared_for_sourced_events_alone(store: &dyn EventStore) {
    let stale = head(store, person(1));
    record(store, 0, person(1), vec![sourced("R-1")]);
    is_a_conflict(store, vec![(stale, vec![sourced("R-2")])]);
    is_a_conflict(store, vec![(stale, vec![sourced("R-2"), sourced("R-3")])]);
}

pub(super) fn heads_are_compared_beside_duplicates(store: &dyn EventStore) {
    let [one, two] = [1, 2].map(|number| head(store, person(number)));
    record(store, 0, person(1), vec![direct(1), sourced("R-1")]);
    record(store, 1, person(2), vec![direct(2)]);
    for known in [direct(1), sourced("R-1")] {
        is_a_conflict(store, vec![(one, vec![known.clone(), direct(3)])]);
        is_a_conflict(store, vec![(one, vec![direct(3), known.clone()])]);
        is_a_conflict(store, vec![(one, vec![known.clone()]), (two, vec![direct(3)])]);
        is_a_conflict(store, vec![(two, vec![direct(3)]), (one, vec![known])]);
    }
}

pub(super) fn heads_that_lie_256_versions_apart_are_a_conflict(store: &dyn EventStore) {
    let never = head(store, person(1));
    record(store, 0, person(1), vec![direct(1)]);
    let once = head(store, person(1));
    record(store, 1, person(1), (2..=256).map(direct).collect());
    is_a_conflict(store, vec![(never, vec![direct(300)])]);
    record(store, 2, person(1), vec![direct(257)]);
    is_a_conflict(store, vec![(once, vec![direct(300)])]);
}

pub(super) fn a_stream_named_twice_in_an_append_is_one_stream(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1)]);
    let one = head(store, person(1));
    let other = head(store, person(2));
    let streams =
        vec![(one, vec![direct(2), direct(3)]), (other, vec![direct(4)]), (one, vec![direct(5)])];
    let receipts = append(store, noon(1), streams).unwrap();
    let versions: Vec<_> = receipts.iter().map(|receipt| receipt.version.get()).collect();
    assert_eq!(versions, [2, 3, 1, 4]);
    let found = store.rows_of(person(1)).unwrap();
    let found: Vec<_> = found.iter().map(|row| (row.version.get(), row.id)).collect();
    let expected: Vec<_> = (1..).zip([1, 2, 3, 5].map(|number| direct(number).id)).collect();
    assert_eq!(found, expected);
    assert_eq!(head(store, person(1)).version(), Version::new(4));
}

pub(super) fn duplicates_of_several_streams_are_settled_before_heads(store: &dyn EventStore) {
    let stale = [1, 2].map(|number| head(store, person(number)));
    let both = |head: [Head; 2]| vec![(head[0], vec![direct(1)]), (head[1], vec![sourced("R-1")])];
    let first = append(store, noon(0), both(stale)).unwrap();
    let known: Vec<_> = first.iter().map(|first| Receipt { duplicate: true, ..*first }).collect();
    assert_eq!(append(store, noon(1), both(stale)).unwrap(), known);
    // beside a new event of a stream whose head is good
    let mut mixed = both(stale);
    mixed.push((head(store, person(3)), vec![direct(3)]));
    let receipts = append(store, noon(2), mixed).unwrap();
    assert_eq!(receipts[..2], known);
    assert!(!receipts[2].duplicate);
    assert_eq!(rows(store).len(), 3);
}

pub(super) fn a_duplicate_is_answered_with_its_own_version(store: &dyn EventStore) {
    let all = vec![direct(1), sourced("R-1"), direct(2)];
    let first = record(store, 0, person(1), all.clone());
    record(store, 1, person(1), vec![direct(3)]);
    for (first, event) in first.iter().zip(all) {
        let again = send(store, noon(2), vec![(person(1), vec![event])]).unwrap()[0];
        assert!(again.duplicate, "it was not known again");
        assert_eq!(again.version, first.version);
    }
}
