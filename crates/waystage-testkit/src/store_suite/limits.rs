//! Rules about what a store takes, and into which stream.

use waystage_core::determination::{LogEntry, PackAdopted};
use waystage_core::id::{Actor, ParticipantId};
use waystage_core::journey::{Record, Sourced};
use waystage_store::{
    EventStore, Limit, NAME_BYTES_MAX, NewEvent, PAYLOAD_BYTES_MAX, Refusal, StoreError, codec,
};

use super::sample::{direct, head, noon, person, record, refused, rows, sourced, started};

/// Returns the entry that a pack with this text was adopted.
pub(super) fn pack(text: &str) -> Record {
    Record::Log(LogEntry::PackAdopted(PackAdopted {
        id: "suite".into(),
        digest: "00".repeat(32),
        text: text.to_owned(),
    }))
}

/// Returns an entry of the log under an id of this number, with this text and the number.
pub(super) fn entry(number: u64, text: &str) -> NewEvent {
    NewEvent { record: pack(&format!("{text} {number}")), ..direct(number) }
}

fn is_in_the_wrong_stream(store: &dyn EventStore, participant: ParticipantId, event: NewEvent) {
    let fresh = head(store, participant);
    match refused(store, noon(1), vec![(fresh, vec![event])]) {
        StoreError::Refused(Refusal::WrongStream { stream, .. }) => {
            assert_eq!(stream, participant);
        }
        error => panic!("{error}"),
    }
}

pub(super) fn log_entries_go_into_the_logs_own_stream_only(store: &dyn EventStore) {
    let mut entry = direct(1);
    entry.record = pack("text");
    record(store, 0, ParticipantId::LOG, vec![entry.clone()]);
    assert_eq!(store.rows_of(ParticipantId::LOG).unwrap().len(), 1);
    entry.id = direct(2).id;
    is_in_the_wrong_stream(store, person(1), entry);
}

pub(super) fn all_else_goes_into_participants_streams_only(store: &dyn EventStore) {
    record(store, 0, person(1), vec![direct(1)]);
    is_in_the_wrong_stream(store, ParticipantId::LOG, direct(2));
    is_in_the_wrong_stream(store, ParticipantId::LOG, sourced("R-1"));
}

/// Returns an event whose payload has this many bytes.
fn of_size(bytes: usize) -> NewEvent {
    let around = codec::encode(&started("")).unwrap().bytes.len();
    let mut event = direct(1);
    event.record = started(&"x".repeat(bytes - around));
    event
}

pub(super) fn a_payload_of_a_mebibyte_is_kept(store: &dyn EventStore) {
    record(store, 0, person(1), vec![of_size(PAYLOAD_BYTES_MAX)]);
    assert_eq!(rows(store)[0].payload.len(), 1 << 20);
}

pub(super) fn a_payload_over_a_mebibyte_is_refused(store: &dyn EventStore) {
    let fresh = head(store, person(1));
    let events = vec![direct(2), of_size(PAYLOAD_BYTES_MAX + 1)];
    match refused(store, noon(0), vec![(fresh, events)]) {
        StoreError::LimitExceeded { which, limit, got } => {
            assert_eq!((which, limit, got), (Limit::PayloadBytes, 1 << 20, (1 << 20) + 1));
        }
        error => panic!("{error}"),
    }
}

/// Returns events with an actor, a source and a reference of this many bytes, one each.
fn with_names_of(bytes: usize) -> [NewEvent; 3] {
    named(&("é".repeat(bytes / 2) + &"x".repeat(bytes % 2)))
}

/// Returns events with this actor, this source and this reference, one each.
fn named(name: &str) -> [NewEvent; 3] {
    let from = |source: &str, reference: &str| {
        Some(Sourced { source: source.into(), reference: reference.into() })
    };
    let mut events = [1, 2, 3].map(direct);
    events[0].actor = Actor::from(name);
    events[1].sourced = from(name, "R-1");
    events[2].sourced = from("extract:suite", name);
    events
}

pub(super) fn names_of_1024_bytes_are_kept(store: &dyn EventStore) {
    let events = with_names_of(NAME_BYTES_MAX);
    record(store, 0, person(1), events.to_vec());
    for (row, event) in rows(store).iter().zip(events) {
        assert_eq!((&row.actor, &row.sourced), (&event.actor, &event.sourced));
    }
}

pub(super) fn names_over_1024_bytes_are_refused(store: &dyn EventStore) {
    let fresh = head(store, person(1));
    let plain = named(&"x".repeat(NAME_BYTES_MAX + 1));
    for event in with_names_of(NAME_BYTES_MAX + 1).into_iter().chain(plain) {
        match refused(store, noon(0), vec![(fresh, vec![direct(9), event])]) {
            StoreError::LimitExceeded { which, limit, got } => {
                assert_eq!((which, limit, got), (Limit::NameBytes, 1024, 1025));
            }
            error => panic!("{error}"),
        }
    }
}
