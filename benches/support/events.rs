//! Events that benchmarks append: job starts, twenty to a stream.
#![allow(dead_code)] // each benchmark needs some of them

use waystage::core::id::{Actor, Named, ParticipantId};
use waystage::core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage::core::journey::{Fact, Record, Sourced};
use waystage::core::time::Timestamp;
use waystage::store::{Append, EventStore, NewEvent, ToStream, naming, read_stream};

pub(crate) fn stream(number: u64) -> ParticipantId {
    let mut id = [1; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    ParticipantId::from_bytes(id)
}

pub(crate) fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn event(key: u64) -> NewEvent {
    let reference = format!("JB-{key}");
    let at = Timestamp::from_micros(noon().micros() + i64::try_from(key).unwrap() * 1000);
    let sourced = Sourced { source: "benches".into(), reference: reference.as_str().into() };
    let job = Named::new(naming::job(&sourced.source, "P", &reference).id, reference.as_str());
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
    NewEvent {
        id: naming::event(&sourced, at),
        on: "2026-01-01".parse().unwrap(),
        reported_at: Some(at),
        actor: Actor::from("user:1"),
        sourced: Some(sourced),
        correlation: None,
        causation: None,
        record: Record::Fact(Fact::Employment(Employment::JobStarted(start))),
    }
}

/// Returns an append of so many events, 20 to a stream, that begins at a key.
pub(crate) fn append(store: &dyn EventStore, first: u64, count: u64) -> Append {
    let mut streams: Vec<ToStream> = Vec::new();
    for key in first..first + count {
        let participant = stream(key / 20);
        match streams.last_mut() {
            Some(last) if last.head.participant() == participant => last.events.push(event(key)),
            _ => {
                let head = read_stream(store, participant).unwrap().head();
                streams.push(ToStream { head, events: vec![event(key)] });
            }
        }
    }
    Append { now: noon(), streams }
}
