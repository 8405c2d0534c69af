//! Events as logs: recorded one after another, in the order told or in another one, into a store or
//! just as a store would decode them.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::{EventId, ParticipantId, Position, Version};
use waystage_core::journey::correction::{Correction, FactWithdrawn};
use waystage_core::journey::{Fact, Record, Recorded, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, EventReader, EventStore, NewEvent, StoreError, ToStream, naming, read_stream,
};

/// An event and whose stream it goes into.
pub(crate) type Told = (ParticipantId, NewEvent);

/// A log, decoded: the stream of each participant.
pub(crate) type Streams = BTreeMap<ParticipantId, Vec<Recorded>>;

/// Records events one append each, in their order, each at a later instant.
pub(crate) fn record(store: &dyn EventStore, events: &[Told]) -> Result<(), StoreError> {
    let mut last = last_instant(store)?;
    for (index, (participant, event)) in events.iter().enumerate() {
        let stream = read_stream(store, *participant)?;
        let streams = vec![ToStream { head: stream.head(), events: vec![event.clone()] }];
        last = instant(last, index, event);
        let _ = store.append(Append { now: last, streams })?;
    }
    Ok(())
}

/// Returns when the event of that number is recorded: when it was told, but later than the last.
fn instant(last: Timestamp, index: usize, event: &NewEvent) -> Timestamp {
    let after = i64::try_from(index).unwrap_or(i64::MAX) * 1_000_000;
    let told = event.reported_at.unwrap_or_else(|| Timestamp::of_event_id(event.id));
    Timestamp::from_micros(told.micros().max(after).max(last.micros() + 1))
}

fn last_instant(store: &dyn EventStore) -> Result<Timestamp, StoreError> {
    let Some(last) = store.last_position()? else { return Ok(Timestamp::from_micros(0)) };
    let rows = store.rows_after(Position::new(last.get() - 1), 1)?;
    Ok(rows.first().map_or(Timestamp::from_micros(0), |row| row.recorded_at))
}

/// Returns the streams of a log in which these events were recorded one append each, in their
/// order. A store that [`record`] was called with decodes the same.
pub(crate) fn streams(events: &[Told]) -> Streams {
    let mut streams = Streams::new();
    let mut last = Timestamp::from_micros(0);
    for (index, (participant, event)) in events.iter().enumerate() {
        let stream = streams.entry(*participant).or_default();
        last = instant(last, index, event);
        stream.push(Recorded {
            position: Position::after(Position::new(index as u64)),
            version: Version::after(Version::new(stream.len() as u64)),
            participant: *participant,
            id: event.id,
            on: event.on,
            recorded_at: last,
            reported_at: event.reported_at,
            actor: event.actor.clone(),
            sourced: event.sourced.clone(),
            correlation: event.correlation,
            causation: event.causation,
            record: event.record.clone(),
        });
    }
    streams
}

/// Returns the streams that a store holds.
pub(crate) fn decoded(store: &dyn EventReader) -> Result<Streams, StoreError> {
    let participants = store.participants()?.into_iter();
    participants.map(|id| Ok((id, read_stream(store, id)?.events))).collect()
}

/// Returns the event that a correction acts on.
pub(crate) fn corrected(record: &Record) -> Option<EventId> {
    match record {
        Record::Fact(Fact::Correction(correction)) => Some(correction.corrects()),
        _ => None,
    }
}

/// Returns the events in the order of these keys; corrections stay behind what they act on.
pub(crate) fn rearranged(events: &[Told], keys: &[u64]) -> Vec<Told> {
    let mut waiting: Vec<(u64, &Told)> = events
        .iter()
        .enumerate()
        .map(|(index, event)| (keys.get(index).copied().unwrap_or(index as u64), event))
        .collect();
    waiting.sort_by_key(|(key, (_, event))| (*key, event.id));
    let mut recorded: BTreeSet<EventId> = BTreeSet::new();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let ready = |event: &NewEvent| {
            corrected(&event.record).is_none_or(|target| recorded.contains(&target))
        };
        let next = waiting.iter().position(|(_, (_, event))| ready(event)).unwrap_or(0);
        let (_, (participant, event)) = waiting.remove(next);
        recorded.insert(event.id);
        order.push((*participant, event.clone()));
    }
    order
}

/// Returns the withdrawal of an event, told at an instant.
pub(crate) fn withdrawal(event: &NewEvent, told: Timestamp) -> NewEvent {
    let source = event.sourced.clone().map_or("generated".into(), |sourced| sourced.source);
    let reference = format!("withdrawal-of-{}", event.id);
    let sourced = Sourced { source, reference: reference.into() };
    let fact = FactWithdrawn { corrects: event.id, reason: None };
    NewEvent {
        id: naming::event(&sourced, told),
        reported_at: Some(told),
        sourced: Some(sourced),
        record: Record::Fact(Fact::Correction(Correction::FactWithdrawn(fact))),
        ..event.clone()
    }
}
