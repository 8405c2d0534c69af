//! Rules about places: positions, versions, and the order of receipts.

use waystage_store::{EventStore, Receipt, StoreError};

use super::sample::{append, direct, head, january, noon, person, record, refused, rows, send};

fn numbers(receipts: &[Receipt]) -> Vec<u64> {
    receipts.iter().map(|r| r.position.get()).collect()
}

pub(super) fn positions_are_dense_from_one_in_the_order_of_commits(store: &dyn EventStore) {
    let first = record(store, 0, person(2), vec![direct(9), direct(2)]);
    let second = record(store, 1, person(1), vec![direct(7)]);
    let third = record(store, 2, person(2), vec![direct(1)]);
    assert_eq!(numbers(&[first, second, third].concat()), [1, 2, 3, 4]);
    let found: Vec<_> = rows(store).iter().map(|row| (row.position.get(), row.id)).collect();
    let expected: Vec<_> = (1..).zip([9, 2, 7, 1].map(|n| direct(n).id)).collect();
    assert_eq!(found, expected);
}

pub(super) fn versions_are_dense_from_one_in_each_stream(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1), direct(2)]);
    record(store, 1, person(2), vec![direct(3), direct(4), direct(5)]);
    record(store, 2, person(1), vec![direct(6)]);
    let together = vec![(person(3), vec![direct(7)]), (person(2), vec![direct(8)])];
    send(store, noon(3), together).unwrap();
    for (number, ids) in [(1, vec![1, 2, 6]), (2, vec![3, 4, 5, 8]), (3, vec![7])] {
        let rows = store.rows_of(person(number)).unwrap();
        let found: Vec<_> = rows.iter().map(|row| (row.version.get(), row.id)).collect();
        let expected: Vec<_> = (1..).zip(ids.iter().map(|n| direct(*n).id)).collect();
        assert_eq!(found, expected);
    }
}

pub(super) fn a_refused_append_leaves_no_gap(store: &dyn EventStore) {
    let stale = head(store, person(1));
    let last = record(store, 0, person(1), vec![direct(1)])[0];
    let conflict = refused(store, noon(1), vec![(stale, vec![direct(2), direct(3)])]);
    assert!(matches!(conflict, StoreError::Conflict { .. }), "{conflict}");
    let mut late = direct(4);
    late.on = january(20);
    let fresh = head(store, person(1));
    let future = refused(store, noon(1), vec![(fresh, vec![direct(5), late])]);
    assert!(matches!(future, StoreError::Refused(_)), "{future}");
    let next = append(store, noon(1), vec![(fresh, vec![direct(6)])]).unwrap()[0];
    assert_eq!(next.position.get(), last.position.get() + 1);
    assert_eq!(next.version.get(), last.version.get() + 1);
}

pub(super) fn receipts_stand_in_the_order_of_the_append(store: &dyn EventStore) {
    let streams = vec![
        (person(3), vec![direct(1), direct(2)]),
        (person(1), vec![direct(3)]),
        (person(2), vec![direct(4), direct(5)]),
    ];
    let receipts = send(store, noon(0), streams).unwrap();
    let ids: Vec<_> = receipts.iter().map(|receipt| receipt.id).collect();
    assert_eq!(ids, (1..=5).map(|n| direct(n).id).collect::<Vec<_>>());
    let places: Vec<_> = receipts.iter().map(|receipt| receipt.position).collect();
    assert!(places.is_sorted(), "{places:?}");
}
