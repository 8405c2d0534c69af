//! What the rules send, and short forms of sending and reading it.

use chrono::NaiveDate;
use waystage_core::id::{Actor, EventId, JobId, Named, ParticipantId, ParticipationId, Reference};
use waystage_core::journey::employment::{Employment, JobStarted, Sector, WeeklyMinutes};
use waystage_core::journey::entry::{Entry, Marked};
use waystage_core::journey::{Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, EventStore, Head, NewEvent, Receipt, StoreError, StoredEvent, ToStream, naming,
    read_stream,
};

/// Noon of the first of January 2026, UTC.
const NOON: i64 = 1_767_268_800_000_000;

/// Returns noon of the first of January 2026 and some seconds.
pub(super) fn noon(seconds: i64) -> Timestamp {
    Timestamp::from_micros(NOON + seconds * 1_000_000)
}

/// Returns a day of January 2026.
pub(super) fn january(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

/// Returns one of the participants.
pub(super) fn person(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

/// Returns an id that carries noon.
pub(super) fn id(number: u64) -> EventId {
    let milliseconds = u128::from(NOON.unsigned_abs() / 1000);
    EventId::from_bytes((milliseconds << 80 | u128::from(number)).to_be_bytes())
}

/// Returns the fact that a participation started, with this note.
pub(super) fn started(note: &str) -> Record {
    let marked = Marked {
        participation: ParticipationId::from_bytes([0xaa; 16]),
        note: Some(note.to_owned()),
    };
    Record::Fact(Entry::Started(marked).into())
}

/// Returns the fact that a job started.
pub(super) fn job_started(reason: Option<&str>) -> Record {
    let job = JobStarted {
        job: Named { id: JobId::from_bytes([0xbb; 16]), reference: Reference::from("J-1") },
        weekly_minutes: WeeklyMinutes(960),
        sector: Sector::Employed,
        reason: reason.map(str::to_owned),
    };
    Record::Fact(Employment::JobStarted(job).into())
}

/// Returns an event that is recorded directly, under an id of this number.
pub(super) fn direct(number: u64) -> NewEvent {
    NewEvent {
        id: id(number),
        on: january(1),
        reported_at: None,
        actor: Actor::from("user:01"),
        sourced: None,
        correlation: None,
        causation: None,
        record: started(&format!("direct {number}")),
    }
}

/// Returns an event of the suite's own source, under this reference.
pub(super) fn sourced(reference: &str) -> NewEvent {
    sourced_from("extract:suite", reference)
}

/// Returns an event of a source, under this reference there.
pub(super) fn sourced_from(source: &str, reference: &str) -> NewEvent {
    let sourced = Sourced { source: source.into(), reference: reference.into() };
    let reported_at = noon(-3600);
    NewEvent {
        id: naming::event(&sourced, reported_at),
        on: january(1),
        reported_at: Some(reported_at),
        actor: Actor::from("system:import"),
        record: started("sourced"),
        sourced: Some(sourced),
        correlation: None,
        causation: None,
    }
}

/// Returns proof of how far a stream is read now.
pub(super) fn head(store: &dyn EventStore, participant: ParticipantId) -> Head {
    read_stream(store, participant).unwrap().head()
}

/// Appends to streams whose heads were read before.
pub(super) fn append(
    store: &dyn EventStore,
    now: Timestamp,
    streams: Vec<(Head, Vec<NewEvent>)>,
) -> Result<Vec<Receipt>, StoreError> {
    let streams = streams.into_iter().map(|(head, events)| ToStream { head, events }).collect();
    store.append(Append { now, streams })
}

/// Appends to streams whose heads are read now.
pub(super) fn send(
    store: &dyn EventStore,
    now: Timestamp,
    streams: Vec<(ParticipantId, Vec<NewEvent>)>,
) -> Result<Vec<Receipt>, StoreError> {
    let streams = streams
        .into_iter()
        .map(|(participant, events)| (head(store, participant), events))
        .collect();
    append(store, now, streams)
}

/// Records events of one stream, some seconds after noon.
pub(super) fn record(
    store: &dyn EventStore,
    seconds: i64,
    participant: ParticipantId,
    events: Vec<NewEvent>,
) -> Vec<Receipt> {
    send(store, noon(seconds), vec![(participant, events)]).unwrap()
}

/// Returns every event of the log.
pub(super) fn rows(store: &dyn EventStore) -> Vec<StoredEvent> {
    store.rows_after(None, usize::MAX).unwrap()
}

/// Tries an append that must be refused, asserts that it changed nothing, and returns the refusal.
pub(super) fn refused(
    store: &dyn EventStore,
    now: Timestamp,
    streams: Vec<(Head, Vec<NewEvent>)>,
) -> StoreError {
    let before = rows(store);
    let answer = append(store, now, streams);
    assert!(rows(store) == before, "a refused append has changed the log");
    match answer {
        Ok(receipts) => panic!("it was to be refused and got {receipts:?}"),
        Err(error) => error,
    }
}
