//! Every kind and schema that was ever stored can still be read. `stored-events.txt` has a line for
//! each: kind, schema, payload. A line that is there is never edited; a new kind, a new schema or a
//! new shape of a payload adds lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeSet;

use waystage_core::id::{EventId, ParticipantId, Position, Version};
use waystage_core::journey::Kind;
use waystage_core::time::Timestamp;
use waystage_store::{Digest, StoredEvent, codec};

const STORED: &str = include_str!("stored-events.txt");

fn stored(line: &str) -> StoredEvent {
    let mut parts = line.splitn(3, ' ');
    let (kind, schema) = (parts.next().unwrap(), parts.next().unwrap());
    StoredEvent {
        position: Position::FIRST,
        participant: ParticipantId::from_bytes([1; 16]),
        version: Version::FIRST,
        id: EventId::from_bytes([2; 16]),
        kind: kind.into(),
        schema: schema.parse().unwrap(),
        recorded_at: Timestamp::from_micros(0),
        reported_at: None,
        on: "2026-01-01".parse().unwrap(),
        actor: "user:1".into(),
        sourced: None,
        correlation: None,
        causation: None,
        payload: parts.next().unwrap().as_bytes().to_vec(),
        leaf: Digest::from_bytes([0; 32]),
    }
}

#[test]
fn every_line_ever_stored_decodes() {
    for line in STORED.lines() {
        codec::decode(&stored(line)).unwrap_or_else(|error| panic!("{line}\n{error}"));
    }
}

#[test]
fn what_is_written_today_is_byte_for_byte_a_line_of_its_schema() {
    for line in STORED.lines() {
        let event = stored(line);
        let recorded = codec::decode(&event).unwrap();
        let written = codec::encode(&recorded.record).unwrap();
        if written.schema == event.schema {
            let bytes = String::from_utf8(written.bytes).unwrap();
            assert_eq!(format!("{} {} {bytes}", written.kind, written.schema), line);
        }
    }
}

#[test]
fn every_kind_has_a_line_for_each_schema_up_to_its_present_one() {
    let lines: BTreeSet<(String, u32)> = STORED
        .lines()
        .map(|line| {
            let event = stored(line);
            (event.kind.to_string(), event.schema)
        })
        .collect();
    for kind in Kind::ALL {
        let (name, current) = codec::stored(*kind);
        for schema in 1..=current {
            let key = (name.to_owned(), schema);
            assert!(lines.contains(&key), "add a line for {name} {schema} to stored-events.txt");
        }
    }
}

#[test]
fn a_payload_with_a_field_too_many_is_not_read_as_if_it_were_not_there() {
    for line in STORED.lines() {
        let mut event = stored(line);
        let text = String::from_utf8(event.payload).unwrap();
        event.payload = text.replacen('{', "{\"surprise\":1,", 1).into_bytes();
        assert!(codec::decode(&event).is_err(), "{line}");
    }
}
