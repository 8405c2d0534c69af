//! Writing within a transaction: what an append does is decided by the contract's own plan.

use rusqlite::Connection;
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::time::Timestamp;
use waystage_store::{
    EncodedAppend, Key, LogState, LogTip, Plan, StoreError, StoredEvent, StreamTip, plan,
};

use crate::failure::failed;
use crate::log::Tables;
use crate::read::Reading;

const INSERT_PARTICIPANT: &str = "INSERT INTO participant (id) VALUES (?1)";
const INSERT_EVENT: &str = "INSERT INTO event (position, participant, version, id, kind, schema,
    recorded_at, reported_at, happened_on, actor, source, source_ref, correlation, causation,
    payload, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

struct State<'a> {
    origin: &'a str,
    reading: Reading<'a>,
}

impl LogState for State<'_> {
    fn origin(&self) -> &str {
        self.origin
    }

    fn log_tip(&self) -> Result<Option<LogTip>, StoreError> {
        self.reading.log_tip()
    }

    fn stream_tip(&self, participant: ParticipantId) -> Result<Option<StreamTip>, StoreError> {
        self.reading.stream_tip(participant)
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        self.reading.find(key)
    }
}

/// Decides what an append does, with what the transaction sees.
pub(crate) fn planned(
    connection: &Connection,
    origin: &str,
    tables: &Tables,
    append: EncodedAppend,
) -> Result<Plan, StoreError> {
    plan(&State { origin, reading: Reading { connection, tables } }, append)
}

/// Keeps the events of a plan.
pub(crate) fn keep(
    connection: &Connection,
    tables: &Tables,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    let mut last = None;
    for event in events {
        let participant = match last {
            Some((participant, number)) if participant == event.participant => number,
            _ => number(connection, tables, event.participant)?,
        };
        last = Some((event.participant, participant));
        insert(connection, tables, participant, event)?;
    }
    Ok(())
}

fn number(
    connection: &Connection,
    tables: &Tables,
    participant: ParticipantId,
) -> Result<i64, StoreError> {
    if let Some(number) = (Reading { connection, tables }).number(participant)? {
        return Ok(number);
    }
    connection
        .prepare_cached(INSERT_PARTICIPANT)
        .and_then(|mut statement| statement.insert([participant.as_bytes()]))
        .map_err(failed)
}

fn insert(
    connection: &Connection,
    tables: &Tables,
    participant: i64,
    event: &StoredEvent,
) -> Result<(), StoreError> {
    let payload = std::str::from_utf8(&event.payload)
        .map_err(|error| StoreError::NotEncodable { reason: error.to_string() })?;
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let source = match &event.sourced {
        Some(sourced) => Some(tables.sources.number(connection, sourced.source.as_str())?),
        None => None,
    };
    let values = rusqlite::params![
        signed(event.position.get()),
        participant,
        signed(event.version.get()),
        event.id.as_bytes(),
        tables.kinds.number(connection, &event.kind)?,
        event.schema,
        event.recorded_at.micros(),
        event.reported_at.map(Timestamp::micros),
        event.on.to_string(),
        tables.actors.number(connection, event.actor.as_str())?,
        source,
        event.sourced.as_ref().map(|sourced| sourced.reference.as_str()),
        event.correlation.as_ref().map(EventId::as_bytes),
        event.causation.as_ref().map(EventId::as_bytes),
        payload,
        event.leaf.as_bytes(),
    ];
    connection
        .prepare_cached(INSERT_EVENT)
        .and_then(|mut statement| statement.execute(values))
        .map(|_| ())
        .map_err(failed)
}
