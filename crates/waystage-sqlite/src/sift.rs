//! Sifting rows where they lie: a few columns of each are looked at, and nothing is kept of those
//! that no pattern lets through. Several threads take a stretch of the log each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rusqlite::types::ValueRef;
use waystage_core::id::{EventId, ParticipantId, Position};
use waystage_store::{EventReader, Glimpse, Pattern, Sifted, StoreError};

use crate::failure::failed;
use crate::log::SqliteLog;
use crate::profile;
use crate::read::Reading;

/// Rows of a stretch: one read, which must not hold its snapshot for long.
const STRETCH: u64 = 50_000;

/// Kinds that no pattern is of are passed over before a row is handed out; the list of their
/// numbers is NULL where a pattern is of every kind.
const SIFT: &str = "SELECT participant, id, kind, schema, happened_on, source_ref, payload
    FROM event WHERE position > ?1 AND position <= ?2
    AND (?3 IS NULL OR kind IN (SELECT value FROM json_each(?3)))";
const NUMBERS: &str = "SELECT number, id FROM participant";
const KINDS: &str = "SELECT number, name FROM kind";
const OF_THE_LOG: &str = "SELECT count(*) FROM event WHERE position <= ?1
    AND participant = (SELECT number FROM participant WHERE id = ?2)";

/// What every stretch of one sifting needs to know of the file.
struct Plan {
    participants: BTreeMap<i64, ParticipantId>,
    /// The numbers of the kinds that patterns are of, as a JSON array; none where one is of all.
    kinds: Option<String>,
}

/// Sifts a log up to a position, or to where it ends now.
pub(crate) fn sift(
    log: &SqliteLog,
    patterns: &[Pattern],
    through: Option<Position>,
) -> Result<Sifted, StoreError> {
    let Some(last) = log.last_position()? else { return Ok(Sifted::nothing(patterns.len())) };
    let last = through.map_or(last, |through| through.min(last)).get();
    let plan = log.reading(|reading| {
        Ok(Plan { participants: numbers(reading)?, kinds: kinds(reading, patterns)? })
    })?;
    let of_the_log = log.reading(|reading| of_the_log(reading, last))?;
    let next = AtomicU64::new(0);
    let work = || {
        let mut sifted = Sifted::nothing(patterns.len());
        loop {
            let from = next.fetch_add(STRETCH, Ordering::Relaxed);
            if last <= from {
                return Ok(sifted);
            }
            let stretch = (from, last.min(from + STRETCH));
            let look = |reading: &Reading<'_>| {
                let sift = || reading.sift(stretch, patterns, &plan);
                profile::looking_through(reading.connection, sift)
            };
            sifted.add(log.reading(look)?);
        }
    };
    let count = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let threads: Vec<_> = (1..count).map(|_| scope.spawn(work)).collect();
        let mut sifted: Sifted = work()?;
        for thread in threads {
            let panicked = |_| Err(StoreError::NoResources { says: "sifting stopped".to_owned() });
            sifted.add(thread.join().unwrap_or_else(panicked)?);
        }
        sifted.rows = last.saturating_sub(of_the_log);
        Ok(sifted)
    })
}

/// Returns the participants by their numbers.
fn numbers(reading: &Reading<'_>) -> Result<BTreeMap<i64, ParticipantId>, StoreError> {
    let mut statement = reading.prepare(NUMBERS)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut numbers = BTreeMap::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let id = ParticipantId::from_bytes(row.get(1).map_err(failed)?);
        if id != ParticipantId::LOG {
            numbers.insert(row.get(0).map_err(failed)?, id);
        }
    }
    Ok(numbers)
}

/// Returns the numbers of the kinds that any pattern is of; none where a pattern is of all.
fn kinds(reading: &Reading<'_>, patterns: &[Pattern]) -> Result<Option<String>, StoreError> {
    if patterns.iter().any(|pattern| pattern.kinds.is_none()) {
        return Ok(None);
    }
    let mut statement = reading.prepare(KINDS)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut numbers = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let (number, name): (i64, String) =
            (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        if patterns.iter().any(|pattern| pattern.is_of(&name)) {
            numbers.push(number.to_string());
        }
    }
    Ok(Some(format!("[{}]", numbers.join(","))))
}

/// Returns how many rows up to a position are the log's own and of nobody's stream.
fn of_the_log(reading: &Reading<'_>, last: u64) -> Result<u64, StoreError> {
    let mut statement = reading.prepare(OF_THE_LOG)?;
    let parameters = (bound(last), ParticipantId::LOG.as_bytes());
    let count: i64 = statement.query_row(parameters, |row| row.get(0)).map_err(failed)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn bound(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

impl Reading<'_> {
    fn sift(
        &self,
        (from, to): (u64, u64),
        patterns: &[Pattern],
        plan: &Plan,
    ) -> Result<Sifted, StoreError> {
        let mut statement = self.prepare(SIFT)?;
        let parameters = (bound(from), bound(to), &plan.kinds);
        let mut rows = statement.query(parameters).map_err(failed)?;
        let mut sifted = Sifted::nothing(patterns.len());
        while let Some(row) = rows.next().map_err(failed)? {
            let number: i64 = row.get(0).map_err(failed)?;
            // a row of nobody's stream is the log's own
            let Some(&participant) = plan.participants.get(&number) else { continue };
            let kind: i64 = row.get(2).map_err(failed)?;
            let kind = self.tables.kinds.name(self.connection, kind)?;
            let bytes = |index| match row.get_ref(index) {
                Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes,
                _ => &[],
            };
            let glimpse = Glimpse {
                participant,
                id: EventId::from_bytes(row.get(1).map_err(failed)?),
                kind: &kind,
                schema: row.get(3).map_err(failed)?,
                on: std::str::from_utf8(bytes(4)).unwrap_or_default(),
                reference: row.get_ref(5).ok().and_then(|value| value.as_str().ok()),
                payload: bytes(6),
            };
            sifted.look(patterns, &glimpse);
        }
        Ok(sifted)
    }
}
