//! Reading rows: one statement for each way of asking, each on a snapshot of its own.

use chrono::NaiveDate;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};
use waystage_core::id::{Actor, EventId, ParticipantId, Position, Reference, Source, Version};
use waystage_core::journey::Sourced;
use waystage_core::time::Timestamp;
use waystage_store::{Digest, Key, LogTip, StoreError, StoredEvent, StreamTip};

use crate::failure::failed;
use crate::log::Tables;

const LOG_TIP: &str = "SELECT position, recorded_at FROM event ORDER BY position DESC LIMIT 1";
const NUMBER: &str = "SELECT number FROM participant WHERE id = ?1";
const PARTICIPANTS: &str = "SELECT id FROM participant WHERE id <> zeroblob(16) ORDER BY id";
const STREAM_TIP: &str = "SELECT version, leaf FROM event WHERE participant = ?1
    ORDER BY version DESC LIMIT 1";

macro_rules! rows {
    ($rest:literal) => {
        concat!(
            "SELECT e.position, p.id, e.version, e.id, e.kind, e.schema, e.recorded_at, \
             e.reported_at, e.happened_on, e.actor, e.source, e.source_ref, e.correlation, \
             e.causation, e.payload, e.leaf \
             FROM event AS e JOIN participant AS p ON p.number = e.participant ",
            $rest
        )
    };
}

const ROWS_OF: &str = rows!("WHERE e.participant = ?1 ORDER BY e.version");
const ROWS_AFTER: &str = rows!("WHERE e.position > ?1 ORDER BY e.position LIMIT ?2");
const BY_SOURCE: &str =
    rows!("WHERE e.source = (SELECT number FROM source WHERE name = ?1) AND e.source_ref = ?2");
const BY_ID: &str = rows!("WHERE e.id = ?1 AND e.source IS NULL");

/// A connection and the names of the file.
pub(crate) struct Reading<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) tables: &'a Tables,
}

impl Reading<'_> {
    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(failed)
    }

    pub(crate) fn log_tip(&self) -> Result<Option<LogTip>, StoreError> {
        let mut statement = self.prepare(LOG_TIP)?;
        let tip: Option<(i64, i64)> = statement
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(failed)?;
        Ok(tip.and_then(|(position, recorded_at)| {
            let position = Position::new(u64::try_from(position).ok()?)?;
            Some(LogTip { position, recorded_at: Timestamp::from_micros(recorded_at) })
        }))
    }

    pub(crate) fn number(&self, participant: ParticipantId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.prepare(NUMBER)?;
        statement.query_row([participant.as_bytes()], |row| row.get(0)).optional().map_err(failed)
    }

    pub(crate) fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        let mut statement = self.prepare(PARTICIPANTS)?;
        let ids = statement.query_map([], |row| row.get(0).map(ParticipantId::from_bytes));
        ids.and_then(Iterator::collect).map_err(failed)
    }

    pub(crate) fn stream_tip(
        &self,
        participant: ParticipantId,
    ) -> Result<Option<StreamTip>, StoreError> {
        let Some(number) = self.number(participant)? else {
            return Ok(None);
        };
        let mut statement = self.prepare(STREAM_TIP)?;
        let tip: Option<(i64, [u8; 32])> = statement
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(failed)?;
        Ok(tip.and_then(|(version, leaf)| {
            let version = Version::new(u64::try_from(version).ok()?)?;
            Some(StreamTip { version, leaf: Digest::from_bytes(leaf) })
        }))
    }

    pub(crate) fn rows_of(
        &self,
        participant: ParticipantId,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        match self.number(participant)? {
            Some(number) => self.rows(ROWS_OF, [number]),
            None => Ok(Vec::new()),
        }
    }

    pub(crate) fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let after = position.map_or(0, Position::get);
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        self.rows(ROWS_AFTER, [after, count_max])
    }

    pub(crate) fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        let rows = match key {
            Key::Id(id) => self.rows(BY_ID, [id.as_bytes()])?,
            Key::Sourced(sourced) => {
                self.rows(BY_SOURCE, (sourced.source.as_str(), sourced.reference.as_str()))?
            }
        };
        Ok(rows.into_iter().next())
    }

    fn rows(&self, sql: &str, params: impl Params) -> Result<Vec<StoredEvent>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(params).map_err(failed)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            events.push(self.event(row)?);
        }
        Ok(events)
    }

    fn event(&self, row: &Row<'_>) -> Result<StoredEvent, StoreError> {
        let at: i64 = row.get(0).map_err(failed)?;
        let Some(position) = u64::try_from(at).ok().and_then(Position::new) else {
            let says = "a position is no number from 1";
            return Err(StoreError::Corrupt { position: Position::FIRST, says });
        };
        let corrupt = |says| StoreError::Corrupt { position, says };
        let version: i64 = row.get(2).map_err(failed)?;
        let source: Option<i64> = row.get(10).map_err(failed)?;
        let names = self.tables;
        let sourced = match source {
            None => None,
            Some(number) => Some(Sourced {
                source: Source::from(names.sources.name(self.connection, number)?),
                reference: Reference::from(text(row, 11).ok_or(corrupt("a reference is no text"))?),
            }),
        };
        let on = text(row, 8).and_then(|text| text.parse::<NaiveDate>().ok());
        let payload = match row.get_ref(14).map_err(failed)? {
            ValueRef::Text(bytes) => bytes.to_vec(),
            _ => return Err(corrupt("a payload is no text")),
        };
        let optional = |index| row.get::<_, Option<[u8; 16]>>(index).map_err(failed);
        let actor: i64 = row.get(9).map_err(failed)?;
        let kind: i64 = row.get(4).map_err(failed)?;
        let recorded_at: i64 = row.get(6).map_err(failed)?;
        let reported_at: Option<i64> = row.get(7).map_err(failed)?;
        Ok(StoredEvent {
            position,
            participant: ParticipantId::from_bytes(row.get(1).map_err(failed)?),
            version: u64::try_from(version)
                .ok()
                .and_then(Version::new)
                .ok_or(corrupt("a version is no number from 1"))?,
            id: EventId::from_bytes(row.get(3).map_err(failed)?),
            kind: names.kinds.name(self.connection, kind)?,
            schema: row.get(5).map_err(failed)?,
            recorded_at: Timestamp::from_micros(recorded_at),
            reported_at: reported_at.map(Timestamp::from_micros),
            on: on.ok_or(corrupt("a day is no date"))?,
            actor: Actor::from(names.actors.name(self.connection, actor)?),
            sourced,
            correlation: optional(12)?.map(EventId::from_bytes),
            causation: optional(13)?.map(EventId::from_bytes),
            payload,
            leaf: Digest::from_bytes(row.get(15).map_err(failed)?),
        })
    }
}

fn text<'a>(row: &'a Row<'_>, index: usize) -> Option<&'a str> {
    row.get_ref(index).ok()?.as_str().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may
mod tests {
    use super::*;
    use crate::schema;

    /// How SQLite answers each statement. A plan that scans where it searched makes every append or
    /// read slower with each event in the log, and nothing else would say so.
    #[test]
    fn every_statement_searches_an_index_and_none_scans_the_events() {
        let connection = Connection::open_in_memory().unwrap();
        for (_, statement) in schema::objects() {
            connection.execute(statement, []).unwrap();
        }
        for (sql, plan) in [
            (LOG_TIP, "SCAN event"), // backwards, for one row
            (NUMBER, "SEARCH participant USING COVERING INDEX"),
            (PARTICIPANTS, "SCAN participant USING COVERING INDEX"),
            (STREAM_TIP, "SEARCH event USING INDEX event_of_participant (participant=?)"),
            (ROWS_OF, "SEARCH e USING INDEX event_of_participant (participant=?)"),
            (ROWS_AFTER, "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"),
            (BY_SOURCE, "SEARCH e USING INDEX event_of_source (source=? AND source_ref=?)"),
            (BY_ID, "SEARCH e USING INDEX event_of_id (id=?)"),
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = statement.raw_query();
            let mut plans = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                plans.push(row.get::<_, String>(3).unwrap());
            }
            assert!(plans.iter().any(|step| step.starts_with(plan)), "{sql}: {plans:?}");
            assert!(plans.iter().all(|step| !step.contains("TEMP B-TREE")), "{sql}: {plans:?}");
            let scans = plans.iter().filter(|step| step.starts_with("SCAN")).count();
            assert_eq!(scans, usize::from(plan.starts_with("SCAN")), "{sql}: {plans:?}");
        }
    }
}
