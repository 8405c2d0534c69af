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
use crate::read::Reading;

/// Rows of a stretch: one read, which must not hold its snapshot for long.
const STRETCH: u64 = 50_000;

const SIFT: &str = "SELECT participant, id, kind, schema, happened_on, source_ref, payload
    FROM event WHERE position > ?1 AND position <= ?2
    AND participant IS NOT (SELECT number FROM participant WHERE id = ?3)";
const NUMBERS: &str = "SELECT number, id FROM participant";

/// Sifts a log up to a position, or to where it ends now.
pub(crate) fn sift(
    log: &SqliteLog,
    patterns: &[Pattern],
    through: Option<Position>,
) -> Result<Sifted, StoreError> {
    let Some(last) = log.last_position()? else { return Ok(Sifted::nothing(patterns.len())) };
    let last = through.map_or(last, |through| through.min(last)).get();
    let numbers = log.reading(numbers)?;
    let next = AtomicU64::new(0);
    let work = || {
        let mut sifted = Sifted::nothing(patterns.len());
        loop {
            let from = next.fetch_add(STRETCH, Ordering::Relaxed);
            if last <= from {
                return Ok(sifted);
            }
            let stretch = (from, last.min(from + STRETCH));
            let look = |reading: &Reading<'_>| reading.sift(stretch, patterns, &numbers);
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

impl Reading<'_> {
    fn sift(
        &self,
        (from, to): (u64, u64),
        patterns: &[Pattern],
        numbers: &BTreeMap<i64, ParticipantId>,
    ) -> Result<Sifted, StoreError> {
        let bound = |position| i64::try_from(position).unwrap_or(i64::MAX);
        let log = ParticipantId::LOG.as_bytes();
        let mut statement = self.prepare(SIFT)?;
        let mut rows = statement.query((bound(from), bound(to), log)).map_err(failed)?;
        let mut sifted = Sifted::nothing(patterns.len());
        while let Some(row) = rows.next().map_err(failed)? {
            let kind: i64 = row.get(2).map_err(failed)?;
            let kind = self.tables.kinds.name(self.connection, kind)?;
            if !patterns.iter().any(|pattern| pattern.is_of(&kind)) {
                sifted.rows += 1;
                continue;
            }
            let number: i64 = row.get(0).map_err(failed)?;
            let Some(&participant) = numbers.get(&number) else { continue };
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
