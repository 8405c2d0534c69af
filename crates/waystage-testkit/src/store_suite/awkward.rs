//! Rules about a store that is opened again with a log that is awkward to load: large, of many
//! shapes, opened more than once, or closed at once after its last append. What it should hold is
//! known from a store in memory, so that nobody reads it before it is closed.

use waystage_core::determination::Changed;
use waystage_core::id::{Actor, ParticipantId};
use waystage_core::journey::correction::{Correction, FactWithdrawn};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{Digest, EventStore, MemoryStore, NewEvent, Receipt, StoredEvent};

use super::clock::plus;
use super::ids::withdrawn;
use super::limits::entry;
use super::sample::{direct, id, noon, person, record, rows, send, sourced, started};
use super::{ORIGIN, StoreUnderTest};

type Streams = Vec<(ParticipantId, Vec<NewEvent>)>;

/// Returns the events of a participant that say much or say the same.
fn of_one() -> Vec<NewEvent> {
    let mut all = sourced("R-1");
    all.reported_at = Some(plus(noon(0), 123_457));
    (all.correlation, all.causation) = (Some(id(70)), Some(id(71)));
    let taken_back = FactWithdrawn { corrects: id(2), reason: None };
    let correction = Record::Fact(Fact::Correction(Correction::FactWithdrawn(taken_back)));
    let long = "x".repeat(70_000);
    vec![
        all,
        direct(2),
        NewEvent { record: correction, ..direct(3) },
        NewEvent { record: started("again"), ..direct(4) },
        NewEvent { record: started("again"), ..direct(5) },
        NewEvent { record: started(&long), ..direct(6) },
        NewEvent { on: "1899-02-28".parse().unwrap(), ..direct(7) },
    ]
}

/// Returns events whose names break lines and rows.
fn with_names() -> Vec<NewEvent> {
    let names = ["line\nbreak", "a\ttab", "\u{1f}unit", "\u{2028}line", "a\0zero", " around "];
    let with = |(number, name): (u64, &&str)| {
        let sourced = Some(Sourced { source: (*name).into(), reference: (*name).into() });
        NewEvent { actor: Actor::from(*name), sourced, ..direct(number) }
    };
    (20..).zip(&names).map(with).collect()
}

/// Returns what is appended one after the other: the last is a single event of somebody new.
fn appends() -> Vec<(Timestamp, Streams)> {
    vec![
        (plus(noon(0), 1), vec![(ParticipantId::LOG, vec![entry(1, "text")])]),
        (plus(noon(0), 1_002), vec![(person(1), of_one())]),
        (plus(noon(1), 999), vec![(person(3), with_names()), (person(2), vec![direct(10)])]),
        (noon(2), vec![(person(2), vec![withdrawn(11, Changed::NotRead)])]),
        (noon(3), vec![(person(4), vec![direct(12)])]),
    ]
}

type Everything =
    (String, Option<u64>, Vec<ParticipantId>, Vec<StoredEvent>, Vec<Vec<StoredEvent>>);

fn everything(store: &dyn EventStore) -> Everything {
    let people = store.participants().unwrap();
    let streams = people.iter().chain([&ParticipantId::LOG]);
    let streams = streams.map(|id| store.rows_of(*id).unwrap()).collect();
    let last = store.last_position().unwrap().map(|last| last.get());
    (store.origin().to_owned(), last, people, rows(store), streams)
}

fn is_the_same(store: &dyn EventStore, twin: &MemoryStore) {
    let both = rows(store).into_iter().zip(rows(twin));
    for (row, expected) in both.filter(|(row, _)| row.payload.len() < 1_000) {
        assert_eq!(row, expected);
    }
    assert!(everything(store) == everything(twin), "it is not the same");
}

pub(super) fn a_log_of_every_shape_is_the_same_after_each_opening(store: &mut dyn StoreUnderTest) {
    let twin = MemoryStore::new(ORIGIN);
    let open = store.create(ORIGIN);
    for (now, streams) in appends() {
        send(&*open, now, streams.clone()).unwrap();
        send(&twin, now, streams).unwrap();
    }
    drop(open);
    for _ in 0..3 {
        let Some(open) = store.reopen() else { return };
        is_the_same(&*open, &twin);
    }
}

pub(super) fn what_is_recorded_after_each_opening_is_kept(store: &mut dyn StoreUnderTest) {
    let twin = MemoryStore::new(ORIGIN);
    drop(store.create(ORIGIN));
    for (now, streams) in appends() {
        let Some(open) = store.reopen() else { return };
        send(&*open, now, streams.clone()).unwrap();
        drop(open);
        send(&twin, now, streams).unwrap();
    }
    let Some(open) = store.reopen() else { return };
    is_the_same(&*open, &twin);
}

pub(super) fn a_log_of_5000_events_is_the_same_when_it_is_reopened(store: &mut dyn StoreUnderTest) {
    let open = store.create(ORIGIN);
    let receipts = record(&*open, 0, person(1), (1..=5_000).map(direct).collect());
    drop(open);
    let Some(open) = store.reopen() else { return };
    let found: Vec<_> = rows(&*open).iter().map(|row| row.receipt(false)).collect();
    assert!(found == receipts, "it holds {} events", found.len());
    assert_eq!(open.rows_of(person(1)).unwrap().len(), 5_000);
}

/// Returns every event with whose it is, and when it is recorded.
fn of_two_days() -> Vec<(i64, ParticipantId, Vec<NewEvent>)> {
    let day = 24 * 3600;
    vec![
        (0, ParticipantId::LOG, vec![entry(1, "text"), entry(2, "text")]),
        (1, person(1), vec![direct(3), sourced("R-1"), sourced("R-2"), direct(4)]),
        (2, person(2), (10..1_210).map(direct).collect()),
        (day, ParticipantId::LOG, vec![entry(5, "text")]),
        (day, person(1), vec![sourced("R-3"), direct(6)]),
    ]
}

fn after_two_days(store: &mut dyn StoreUnderTest) -> Option<(Vec<Receipt>, Box<dyn EventStore>)> {
    let open = store.create(ORIGIN);
    let record = |(seconds, participant, events)| record(&*open, seconds, participant, events);
    let receipts = of_two_days().into_iter().flat_map(record).collect();
    drop(open);
    Some((receipts, store.reopen()?))
}

pub(super) fn every_key_is_known_when_a_log_is_reopened(store: &mut dyn StoreUnderTest) {
    let Some((first, open)) = after_two_days(store) else { return };
    let again: Vec<_> = of_two_days()
        .into_iter()
        .flat_map(|(_, participant, events)| record(&*open, 48 * 3600, participant, events))
        .collect();
    for (again, first) in again.iter().zip(first) {
        assert!(again.duplicate, "{} was not known again", first.position);
        assert_eq!(again.position, first.position);
    }
}

pub(super) fn every_key_is_found_when_a_log_is_reopened(store: &mut dyn StoreUnderTest) {
    let Some((first, open)) = after_two_days(store) else { return };
    let events = of_two_days().into_iter().flat_map(|(_, _, events)| events);
    for (event, first) in events.zip(first) {
        let found = open.find(&event.key()).unwrap().map(|row| row.position);
        assert_eq!(found, Some(first.position), "{}", event.key());
    }
}

pub(super) fn chains_of_leaves_go_on_when_a_log_is_reopened(store: &mut dyn StoreUnderTest) {
    let open = store.create(ORIGIN);
    record(&*open, 0, person(1), vec![direct(1), direct(2)]);
    drop(open);
    let Some(open) = store.reopen() else { return };
    let streams = vec![(person(1), vec![direct(3)]), (person(2), vec![direct(4)])];
    send(&*open, noon(1), streams).unwrap();
    let all = rows(&*open);
    for (row, before) in [(&all[2], all[1].leaf), (&all[3], Digest::from_bytes([0; 32]))] {
        assert_eq!(row.leaf, row.leaf_of(ORIGIN, before), "at {}", row.position);
    }
}

/// Asserts that a log keeps this identity, before anything is recorded and after.
fn is_called(store: &mut dyn StoreUnderTest, origin: &str) {
    let open = store.create(origin);
    assert_eq!(open.origin(), origin);
    drop(open);
    for number in 1..3 {
        let Some(open) = store.reopen() else { return };
        assert_eq!(open.origin(), origin);
        record(&*open, 0, person(1), vec![direct(number)]);
    }
}

pub(super) fn an_origin_with_capitals_and_a_slash_at_its_end_is_kept(
    store: &mut dyn StoreUnderTest,
) {
    is_called(store, "Example.ORG/Waystage/Ŵàlés//");
}

pub(super) fn an_origin_with_spaces_around_it_is_kept(store: &mut dyn StoreUnderTest) {
    is_called(store, " example.org/waystage suite\n ");
}
