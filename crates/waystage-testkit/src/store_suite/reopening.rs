//! Rules about a store that is opened again. A store that does not survive has nothing to show.

use waystage_core::id::ParticipantId;
use waystage_core::time::Timestamp;
use waystage_store::EventStore;

use super::limits::pack;
use super::sample::{direct, head, noon, person, record, refused, rows, send, sourced};
use super::{ORIGIN, StoreUnderTest};

fn a_small_log(store: &dyn EventStore) {
    let mut entry = direct(1);
    entry.record = pack("text");
    record(store, 0, ParticipantId::LOG, vec![entry]);
    let streams = vec![(person(1), vec![direct(2), sourced("R-1")]), (person(2), vec![direct(3)])];
    send(store, noon(1), streams).unwrap();
}

pub(super) fn a_reopened_store_gives_the_same(store: &mut dyn StoreUnderTest) {
    let everything = |store: &dyn EventStore| {
        let origin = store.origin().to_owned();
        let last = store.last_position().unwrap();
        (origin, last, store.participants().unwrap(), rows(store))
    };
    let open = store.create(ORIGIN);
    a_small_log(&*open);
    let before = everything(&*open);
    drop(open);
    for _ in 0..2 {
        let Some(open) = store.reopen() else { return };
        assert_eq!(everything(&*open), before);
    }
}

pub(super) fn a_reopened_store_goes_on_where_it_ended(store: &mut dyn StoreUnderTest) {
    let open = store.create(ORIGIN);
    a_small_log(&*open);
    let before = rows(&*open);
    drop(open);
    let Some(open) = store.reopen() else { return };
    let fresh = head(&*open, person(1));
    refused(&*open, noon(-60), vec![(fresh, vec![direct(4)])]);
    let next = record(&*open, 1, person(1), vec![direct(4)])[0];
    let last = before.last().unwrap();
    assert_eq!(next.position.get(), last.position.get() + 1);
    assert_eq!(next.version.get(), 3);
    let after_the_last = Timestamp::from_micros(last.recorded_at.micros() + 1);
    assert_eq!(next.recorded_at, after_the_last);
    assert_eq!(rows(&*open)[..before.len()], before);
}

pub(super) fn a_reopened_store_knows_its_duplicates(store: &mut dyn StoreUnderTest) {
    let open = store.create(ORIGIN);
    a_small_log(&*open);
    let before = rows(&*open);
    drop(open);
    let Some(open) = store.reopen() else { return };
    for (event, participant) in [(sourced("R-1"), person(1)), (direct(3), person(2))] {
        let again = record(&*open, 2, participant, vec![event.clone()])[0];
        assert!(again.duplicate, "it was not known again");
        let found = before.iter().find(|row| row.id == event.id).unwrap();
        assert_eq!(again, found.receipt(true));
    }
    assert_eq!(rows(&*open), before);
}
