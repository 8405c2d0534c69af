//! Checking a whole log against itself: dense places, rising instants, every leaf computed again
//! from the stored columns, and every event found by its key and in its stream.

use std::collections::BTreeMap;

use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::time::Timestamp;
use waystage_evidence::{Digest, NO_LEAF, sha256};

use crate::codec;
use crate::error::StoreError;
use crate::event::StoredEvent;
use crate::reader::EventReader;

const PAGE: usize = 4096;

/// What was seen of a stream so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    version: Version,
    leaf: Digest,
    /// The hash of the leaves, one after the other: an index can give a stream other events in
    /// between and the right ones at its end.
    leaves: Digest,
}

impl Seen {
    fn with(before: Option<Self>, row: &StoredEvent) -> Self {
        let before = before.map_or(NO_LEAF, |seen| seen.leaves);
        let leaves = sha256(&[*before.as_bytes(), *row.leaf.as_bytes()].concat());
        Self { version: row.version, leaf: row.leaf, leaves }
    }
}

/// Reads a whole log and checks it against itself. Returns the number of events.
///
/// # Errors
///
/// [`StoreError::Corrupt`] names the first position that does not fit, [`StoreError::Unreadable`]
/// the first that the storage does not give, [`StoreError::NotDecodable`] the first event that this
/// engine cannot read.
pub fn verify(reader: &(impl EventReader + ?Sized)) -> Result<u64, StoreError> {
    let mut tips: BTreeMap<ParticipantId, Seen> = BTreeMap::new();
    let mut last: Option<(Position, Timestamp)> = None;
    loop {
        let rows = page_after(reader, last.map(|(position, _)| position))?;
        if rows.is_empty() {
            streams(reader, &tips)?;
            return Ok(last.map_or(0, |(position, _)| position.get()));
        }
        for row in rows {
            let position = row.position;
            let corrupt = |says| StoreError::Corrupt { position, says };
            if position != Position::after(last.map(|(position, _)| position)) {
                return Err(corrupt("its position does not follow the one before"));
            }
            if last.is_some_and(|(_, instant)| row.recorded_at < instant) {
                return Err(corrupt("it was recorded before the event before it"));
            }
            let seen = tips.get(&row.participant).copied();
            if row.version != Version::after(seen.map(|seen| seen.version)) {
                return Err(corrupt("its version does not follow the one before"));
            }
            if row.leaf != row.leaf_of(reader.origin(), seen.map_or(NO_LEAF, |seen| seen.leaf)) {
                return Err(corrupt("its columns do not give its leaf"));
            }
            codec::decode(&row)?;
            if twice(position, || reader.find(&row.key()))?.as_ref() != Some(&row) {
                return Err(corrupt("it is not found by its key"));
            }
            tips.insert(row.participant, Seen::with(seen, &row));
            last = Some((position, row.recorded_at));
        }
    }
}

const fn is_unreadable(error: &StoreError) -> bool {
    matches!(error, StoreError::ReadFault { .. } | StoreError::Damaged { .. })
}

/// Reads something again where it could not be read: a disk that failed once answers then.
fn twice<T>(position: Position, read: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let still = |error| match error {
        error if is_unreadable(&error) => {
            StoreError::Unreadable { position, says: error.to_string() }
        }
        other => other,
    };
    match read() {
        Err(error) if is_unreadable(&error) => read().map_err(still),
        answer => answer,
    }
}

/// Reads a page; where it cannot be read, one event at a time, up to the first that is not given.
fn page_after(
    reader: &(impl EventReader + ?Sized),
    after: Option<Position>,
) -> Result<Vec<StoredEvent>, StoreError> {
    match reader.rows_after(after, PAGE) {
        Err(error) if is_unreadable(&error) => {}
        answer => return answer,
    }
    let mut rows: Vec<StoredEvent> = Vec::new();
    while rows.len() < PAGE {
        let last = rows.last().map(|row| row.position).or(after);
        match twice(Position::after(last), || reader.rows_after(last, 1)) {
            Ok(more) if more.is_empty() => break,
            Ok(more) => rows.extend(more),
            // what was read is checked first
            Err(StoreError::Unreadable { .. }) if !rows.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(rows)
}

/// Checks that each stream, read on its own, holds what the log says.
fn streams(
    reader: &(impl EventReader + ?Sized),
    tips: &BTreeMap<ParticipantId, Seen>,
) -> Result<(), StoreError> {
    let listed = twice(Position::FIRST, || reader.participants())?;
    let says = "the log and its streams do not hold the same events";
    let known = tips.keys().filter(|id| **id != ParticipantId::LOG);
    if !known.eq(listed.iter()) {
        return Err(StoreError::Corrupt { position: Position::FIRST, says });
    }
    for (participant, seen) in tips {
        let rows = twice(Position::FIRST, || reader.rows_of(*participant))?;
        let read = rows.iter().fold(None, |read, row| Some(Seen::with(read, row)));
        let dense = rows.iter().zip(1_u64..).all(|(row, at)| row.version.get() == at);
        if !dense || read != Some(*seen) {
            let position = rows.last().map_or(Position::FIRST, |row| row.position);
            return Err(StoreError::Corrupt { position, says });
        }
    }
    Ok(())
}
