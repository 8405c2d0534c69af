//! Rules about reading: participants, pages, keys and the end of the log.

use waystage_core::id::{ParticipantId, Position};
use waystage_store::{EventStore, Key, StoredEvent};

use super::limits::pack;
use super::sample::{direct, id, person, record, rows, sourced, sourced_from};

/// Records a few events of three participants and the log's own, in no order of their ids.
pub(super) fn a_small_log(store: &dyn EventStore) {
    let mut entry = direct(1);
    entry.record = pack("text");
    record(store, 0, person(9), vec![direct(2), direct(3)]);
    record(store, 1, ParticipantId::LOG, vec![entry]);
    record(store, 2, person(200), vec![sourced("R-1")]);
    record(store, 3, person(1), vec![direct(4), sourced("R-2")]);
    record(store, 4, person(9), vec![direct(5)]);
}

pub(super) fn participants_are_listed_once_in_order_without_the_logs_own(store: &dyn EventStore) {
    assert_eq!(store.participants().unwrap(), []);
    a_small_log(store);
    assert_eq!(store.participants().unwrap(), [1, 9, 200].map(person));
}

/// Reads the log in pages of this size, and asserts that none is larger.
fn in_pages_of(store: &dyn EventStore, size: usize) -> Vec<StoredEvent> {
    let mut read: Vec<StoredEvent> = Vec::new();
    loop {
        let after = read.last().map(|row| row.position);
        let page = store.rows_after(after, size).unwrap();
        assert!(page.len() <= size, "a page is larger than {size}");
        if page.is_empty() {
            return read;
        }
        read.extend(page);
        assert!(read.len() < 1000, "the pages do not end");
    }
}

pub(super) fn pages_of_any_size_give_each_event_once(store: &dyn EventStore) {
    a_small_log(store);
    let all = rows(store);
    assert_eq!(all.len(), 7);
    for size in (1..=8).chain([4096, usize::MAX]) {
        assert!(in_pages_of(store, size) == all, "in pages of {size}");
    }
    assert_eq!(store.rows_after(None, 0).unwrap(), []);
}

pub(super) fn nothing_follows_the_last_position(store: &dyn EventStore) {
    for position in [None, Position::new(1), Position::new(u64::MAX)] {
        assert_eq!(store.rows_after(position, 10).unwrap(), []);
    }
    a_small_log(store);
    let last = store.last_position().unwrap();
    assert_eq!(store.rows_after(last, 10).unwrap(), []);
    let beyond = last.map(|last| last.get() + 1).and_then(Position::new);
    for position in [beyond, Position::new(u64::MAX)] {
        assert_eq!(store.rows_after(position, 10).unwrap(), []);
    }
}

pub(super) fn an_event_is_found_by_its_key_and_by_no_other(store: &dyn EventStore) {
    let sent = sourced("R-1");
    assert_eq!(store.find(&sent.key()).unwrap(), None);
    a_small_log(store);
    let id_of = |key: &Key| store.find(key).unwrap().map(|row| row.id);
    assert_eq!(id_of(&sent.key()), Some(sent.id));
    assert_eq!(id_of(&direct(4).key()), Some(direct(4).id));
    for unknown in [
        Key::Id(id(99)),
        Key::Id(sent.id),
        sourced("R-9").key(),
        sourced("r-1").key(),
        sourced_from("extract:other", "R-1").key(),
    ] {
        assert_eq!(id_of(&unknown), None, "{unknown}");
    }
}

pub(super) fn the_last_position_is_that_of_the_last_event(store: &dyn EventStore) {
    assert_eq!(store.last_position().unwrap(), None);
    for number in 1..=4 {
        let receipts = record(store, 0, person(number), vec![direct(number.into())]);
        assert_eq!(store.last_position().unwrap(), Some(receipts[0].position));
    }
}

pub(super) fn a_stream_without_events_is_empty(store: &dyn EventStore) {
    assert_eq!(store.rows_of(person(1)).unwrap(), []);
    assert_eq!(store.rows_of(ParticipantId::LOG).unwrap(), []);
    record(store, 0, person(1), vec![direct(1)]);
    assert_eq!(store.rows_of(person(2)).unwrap(), []);
    assert_eq!(store.rows_of(ParticipantId::LOG).unwrap(), []);
    assert_eq!(store.participants().unwrap(), [person(1)]);
}
