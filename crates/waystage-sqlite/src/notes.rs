//! What was signed over the tree, and the epochs of the log: few rows, only ever added to.

use rusqlite::Connection;
use waystage_core::id::Position;
use waystage_store::{Epoch, KeptNote, NoteSort, StoreError, sha256};

use crate::failure::failed;
use crate::read::Reading;

const KEEP: &str = "INSERT INTO note (sort, size, text, digest) VALUES (?1, ?2, ?3, ?4)";
const OF_SORT: &str = "SELECT size, text, digest FROM note WHERE sort = ?1 ORDER BY number";
const EPOCHS: &str = "SELECT first_position, origin FROM epoch ORDER BY number";
const BEGIN: &str = "INSERT INTO epoch (number, first_position, origin)
    VALUES ((SELECT COALESCE(MAX(number), 1) + 1 FROM epoch), ?1, ?2)";

/// Keeps a note, within a transaction.
pub(crate) fn keep(connection: &Connection, note: &KeptNote) -> Result<(), StoreError> {
    let size = i64::try_from(note.size).unwrap_or(i64::MAX);
    let digest = sha256(note.text.as_bytes());
    connection
        .prepare_cached(KEEP)
        .and_then(|mut statement| {
            let values = rusqlite::params![note.sort.as_str(), size, note.text, digest.as_bytes()];
            statement.execute(values)
        })
        .map(|_| ())
        .map_err(failed)
}

/// Returns the notes of a sort, in the order in which they came.
pub(crate) fn of_sort(reading: &Reading<'_>, sort: NoteSort) -> Result<Vec<KeptNote>, StoreError> {
    let mut statement = reading.prepare(OF_SORT)?;
    let rows = statement
        .query_map([sort.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(failed)?;
    let mut notes = Vec::new();
    for row in rows {
        let (size, text, digest): (i64, String, [u8; 32]) = row.map_err(failed)?;
        let size =
            u64::try_from(size).ok().filter(|_| *sha256(text.as_bytes()).as_bytes() == digest);
        let Some(size) = size else {
            return Err(StoreError::Damaged { says: format!("a {sort} is not as it was kept") });
        };
        notes.push(KeptNote { sort, size, text });
    }
    Ok(notes)
}

/// Returns the epochs after the first, in order.
pub(crate) fn epochs(connection: &Connection) -> Result<Vec<Epoch>, StoreError> {
    let mut statement = connection.prepare_cached(EPOCHS).map_err(failed)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
    let mut epochs = Vec::new();
    for row in rows {
        let (first, origin): (i64, String) = row.map_err(failed)?;
        let first = u64::try_from(first).ok().and_then(Position::new);
        let damaged = || StoreError::Damaged { says: "an epoch begins nowhere".to_owned() };
        epochs.push(Epoch { first: first.ok_or_else(damaged)?, origin });
    }
    Ok(epochs)
}

/// Begins an epoch, within the transaction of the event that declares it.
pub(crate) fn begin(connection: &Connection, epoch: &Epoch) -> Result<(), StoreError> {
    let first = i64::try_from(epoch.first.get()).unwrap_or(i64::MAX);
    connection
        .prepare_cached(BEGIN)
        .and_then(|mut statement| statement.execute(rusqlite::params![first, epoch.origin]))
        .map(|_| ())
        .map_err(failed)
}
