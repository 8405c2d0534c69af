//! Rules about what is kept of an event, and what its receipt says of it.

use std::collections::BTreeMap;

use waystage_core::determination::{Changed, Determination, DeterminationWithdrawn};
use waystage_core::id::{Actor, ParticipantId};
use waystage_core::journey::{Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{Digest, EventStore, NewEvent, codec};

use super::ORIGIN;
use super::limits::pack;
use super::sample::{
    direct, id, january, job_started, noon, person, record, rows, send, sourced, started,
};

/// Texts that a careless store changes.
const ODD: &[&str] = &[
    "",
    " spaced ",
    "Ŵàlés \u{1f9ed} e\u{301}",
    "a'b\"c\\d%_;--",
    "line\nline\r\n\ttab",
    "a\0b",
    "NULL",
    "007",
    "1e3",
];

/// Returns events of every shape: all columns, few columns, odd texts, days far away.
fn shapes() -> Vec<(ParticipantId, NewEvent)> {
    let mut events: Vec<_> = [direct(1), sourced("R-1")].into();
    let mut full = sourced("R-2");
    full.reported_at = Some(Timestamp::from_micros(noon(0).micros() + 123_457));
    full.correlation = Some(id(800));
    full.causation = Some(id(801));
    full.record = job_started(None);
    events.push(full);
    for (number, text) in (10..).zip(ODD) {
        let mut event = direct(number);
        event.record = started(text);
        event.actor = Actor::from(text);
        event.sourced = Some(Sourced {
            source: format!("source{text}").into(),
            reference: format!("{text}reference").into(),
        });
        events.push(event);
    }
    for (number, day) in (30..).zip(["1970-01-01", "1899-12-31", "0001-01-01"]) {
        let mut event = direct(number);
        event.on = day.parse().unwrap();
        event.reported_at = Some(Timestamp::from_micros(-1));
        event.causation = Some(id(number + 1));
        events.push(event);
    }
    let mut withdrawn = direct(40);
    withdrawn.correlation = Some(id(41));
    withdrawn.record =
        Record::Determination(Determination::DeterminationWithdrawn(DeterminationWithdrawn {
            determination: id(1),
            changed: Changed::NotRead,
            run: id(41),
        }));
    events.push(withdrawn);
    let people = (0..events.len()).map(|index| person(if index % 3 == 0 { 2 } else { 1 }));
    let mut all: Vec<_> = people.zip(events).collect();
    let mut entry = direct(50);
    entry.record = pack("text");
    entry.on = january(9);
    all.push((ParticipantId::LOG, entry));
    all
}

fn record_shapes(store: &dyn EventStore) -> Vec<(ParticipantId, NewEvent)> {
    let shapes = shapes();
    for (seconds, (participant, event)) in (0..).zip(&shapes) {
        record(store, seconds, *participant, vec![event.clone()]);
    }
    shapes
}

pub(super) fn every_column_is_read_back_as_it_was_given(store: &dyn EventStore) {
    let shapes = record_shapes(store);
    let found = rows(store);
    assert_eq!(found.len(), shapes.len());
    for (row, (participant, event)) in found.iter().zip(shapes) {
        let payload = codec::encode(&event.record).unwrap();
        assert_eq!((&*row.kind, row.schema), (payload.kind, payload.schema));
        assert_eq!(row.participant, participant);
        let read = NewEvent {
            id: row.id,
            on: row.on,
            reported_at: row.reported_at,
            actor: row.actor.clone(),
            sourced: row.sourced.clone(),
            correlation: row.correlation,
            causation: row.causation,
            record: codec::decode(row).unwrap().record,
        };
        assert_eq!(read, event);
    }
}

pub(super) fn payload_bytes_are_kept_exactly(store: &dyn EventStore) {
    let shapes = record_shapes(store);
    for (row, (_, event)) in rows(store).iter().zip(shapes) {
        let given = codec::encode(&event.record).unwrap().bytes;
        assert!(row.payload == given, "{}", String::from_utf8_lossy(&row.payload));
    }
}

pub(super) fn each_leaf_follows_from_the_columns_and_the_leaf_before(store: &dyn EventStore) {
    record_shapes(store);
    let together =
        vec![(person(1), vec![direct(60), direct(61)]), (person(2), vec![direct(62), direct(63)])];
    send(store, noon(90), together).unwrap();
    let mut last: BTreeMap<ParticipantId, Digest> = BTreeMap::new();
    for row in rows(store) {
        let before = last.get(&row.participant).copied();
        let before = before.unwrap_or(Digest::from_bytes([0; 32]));
        assert_eq!(row.leaf, row.leaf_of(ORIGIN, before), "at {}", row.position);
        last.insert(row.participant, row.leaf);
    }
}

pub(super) fn receipts_say_what_is_stored(store: &dyn EventStore) {
    let mut receipts = record(store, 0, person(1), vec![direct(1), direct(2)]);
    let together =
        vec![(person(2), vec![sourced("R-1")]), (person(1), vec![sourced("R-2"), direct(3)])];
    receipts.extend(send(store, noon(1), together).unwrap());
    let stored: Vec<_> = rows(store).iter().map(|row| row.receipt(false)).collect();
    assert_eq!(receipts, stored);
}

pub(super) fn every_way_of_reading_gives_the_same_rows(store: &dyn EventStore) {
    let shapes = record_shapes(store);
    let all = rows(store);
    for (row, (_, event)) in all.iter().zip(&shapes) {
        assert_eq!(store.find(&event.key()).unwrap().as_ref(), Some(row));
        assert_eq!(row.key(), event.key());
    }
    for participant in [person(1), person(2), ParticipantId::LOG] {
        let of_it = all.iter().filter(|row| row.participant == participant);
        let of_it: Vec<_> = of_it.cloned().collect();
        assert_eq!(store.rows_of(participant).unwrap(), of_it);
    }
}

pub(super) fn the_origin_is_kept(store: &dyn EventStore) {
    assert_eq!(store.origin(), ORIGIN);
    record(store, 0, person(1), vec![direct(1)]);
    assert_eq!(store.origin(), ORIGIN);
}
