//! Rules about an append as a whole: all or nothing, and from a head that is good.

use waystage_core::id::Version;
use waystage_store::{EventStore, MemoryStore, Refusal, StoreError};

use super::ORIGIN;
use super::sample::{
    append, direct, head, january, noon, person, record, refused, rows, send, sourced,
};

pub(super) fn an_empty_append_changes_nothing(store: &dyn EventStore) {
    let empty = head(store, person(1));
    assert_eq!(append(store, noon(0), vec![]).unwrap(), []);
    assert_eq!(append(store, noon(0), vec![(empty, vec![])]).unwrap(), []);
    assert_eq!(rows(store), []);
    assert_eq!(store.participants().unwrap(), []);
    assert_eq!(store.last_position().unwrap(), None);
    record(store, 0, person(1), vec![direct(1)]);
    let before = rows(store);
    let fresh = head(store, person(1));
    assert_eq!(append(store, noon(9), vec![(fresh, vec![])]).unwrap(), []);
    assert_eq!(append(store, noon(9), vec![]).unwrap(), []);
    assert_eq!(rows(store), before);
    let next = record(store, 1, person(1), vec![direct(2)]);
    assert_eq!(next[0].recorded_at, noon(1));
}

pub(super) fn an_append_to_several_streams_is_recorded_whole(store: &dyn EventStore) {
    record(store, 0, person(2), vec![direct(1)]);
    let streams = vec![
        (person(3), vec![direct(2), direct(3)]),
        (person(2), vec![direct(4)]),
        (person(1), vec![direct(5), direct(6)]),
    ];
    assert_eq!(send(store, noon(1), streams).unwrap().len(), 5);
    for (number, ids) in [(3, vec![2, 3]), (2, vec![1, 4]), (1, vec![5, 6])] {
        let found = store.rows_of(person(number)).unwrap();
        let found: Vec<_> = found.iter().map(|row| row.id).collect();
        let expected: Vec<_> = ids.into_iter().map(|n| direct(n).id).collect();
        assert_eq!(found, expected);
    }
}

pub(super) fn one_conflict_refuses_the_whole_append(store: &dyn EventStore) {
    let stale = head(store, person(2));
    record(store, 0, person(2), vec![direct(1)]);
    let fresh = head(store, person(1));
    for streams in [
        vec![(fresh, vec![direct(2)]), (stale, vec![direct(3)])],
        vec![(stale, vec![direct(3)]), (fresh, vec![direct(2)])],
    ] {
        let error = refused(store, noon(1), streams);
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    }
    assert_eq!(store.participants().unwrap(), [person(2)]);
}

pub(super) fn one_refusal_refuses_the_whole_append(store: &dyn EventStore) {
    let [one, two] = [1, 2].map(|number| head(store, person(number)));
    let mut late = direct(9);
    late.on = january(20);
    for streams in [
        vec![(one, vec![direct(1), late.clone()])],
        vec![(one, vec![direct(1)]), (two, vec![direct(2), late.clone()])],
        vec![(two, vec![late]), (one, vec![direct(1)])],
    ] {
        let error = refused(store, noon(0), streams);
        let StoreError::Refused(Refusal::InTheFuture { .. }) = error else {
            panic!("{error}");
        };
    }
    assert_eq!(store.participants().unwrap(), []);
}

pub(super) fn one_used_key_refuses_the_whole_append(store: &dyn EventStore) {
    record(store, 0, person(1), vec![sourced("R-1")]);
    let mut other = sourced("R-1");
    other.on = january(2);
    let [one, two] = [1, 2].map(|number| head(store, person(number)));
    for streams in [
        vec![(one, vec![direct(1), other.clone()])],
        vec![(two, vec![direct(1)]), (one, vec![other])],
    ] {
        let error = refused(store, noon(1), streams);
        let StoreError::Refused(Refusal::KeyUsed { .. }) = error else {
            panic!("{error}");
        };
    }
    assert_eq!(store.participants().unwrap(), [person(1)]);
}

pub(super) fn a_stale_head_is_a_conflict_that_names_both_versions(store: &dyn EventStore) {
    let never = head(store, person(1));
    record(store, 0, person(1), vec![direct(1)]);
    let once = head(store, person(1));
    record(store, 1, person(1), vec![direct(2), direct(3)]);
    for (stale, read) in [(never, None), (once, Version::new(1))] {
        match refused(store, noon(2), vec![(stale, vec![direct(4)])]) {
            StoreError::Conflict { participant, expected, actual } => {
                assert_eq!(participant, person(1));
                assert_eq!((expected, actual), (read, Version::new(3)));
            }
            other => panic!("{other}"),
        }
    }
}

pub(super) fn a_head_from_further_on_is_a_conflict(store: &dyn EventStore) {
    let elsewhere = MemoryStore::new(ORIGIN);
    record(&elsewhere, 0, person(1), vec![direct(1), direct(2)]);
    let further = head(&elsewhere, person(1));
    for actual in [None, Version::new(1)] {
        match refused(store, noon(1), vec![(further, vec![direct(3)])]) {
            StoreError::Conflict { expected, actual: found, .. } => {
                assert_eq!((expected, found), (Version::new(2), actual));
            }
            other => panic!("{other}"),
        }
        if actual.is_none() {
            record(store, 0, person(1), vec![direct(1)]);
        }
    }
}

pub(super) fn an_append_to_one_stream_leaves_the_heads_of_others_good(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1)]);
    let heads = [1, 3].map(|number| head(store, person(number)));
    record(store, 1, person(2), vec![direct(2), direct(3)]);
    for (number, head) in (4..).zip(heads) {
        let receipts = append(store, noon(2), vec![(head, vec![direct(number)])]).unwrap();
        assert_eq!(receipts.len(), 1);
    }
}
