//! The controls: the same events in the same tables, written by bare SQLite with less than full
//! syncs, so that it shows whether a power cut can be seen at all.

use std::path::Path;

use rusqlite::{Connection, params};
use waystage_core::id::{EventId, Position};
use waystage_core::time::Timestamp;
use waystage_sqlite::SqliteLog;
use waystage_store::{EventReader, MemoryStore, Receipt, StoredEvent};

use crate::program::Through;
use crate::workload::{self, ORIGIN};

/// How many pages the journal has before it is brought into the file: few, so that it happens.
const CHECKPOINT_PAGES: i64 = 40;

/// Writes groups in a new log and tells of each once its commit has returned.
pub fn write(folder: &Path, groups: u64, through: Through, tell: impl Fn(&[(u64, Receipt)])) {
    let path = workload::file(folder);
    drop(SqliteLog::create(&path, ORIGIN).unwrap());
    let connection = Connection::open(&path).unwrap();
    let synchronous = i32::from(through == Through::Normal);
    connection.pragma_update(None, "synchronous", synchronous).unwrap();
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).unwrap();
    let memory = MemoryStore::new(ORIGIN);
    for index in 0..groups {
        let before = memory.last_position().unwrap();
        let receipts = workload::append(&memory, index).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for row in memory.rows_after(before, usize::MAX).unwrap() {
            insert(&connection, &row);
        }
        connection.execute_batch("COMMIT").unwrap();
        tell(&receipts);
    }
    assert_eq!(memory.last_position().unwrap().map(Position::get), count(&connection));
}

fn count(connection: &Connection) -> Option<u64> {
    let last: Option<i64> =
        connection.query_row("SELECT max(position) FROM event", [], |row| row.get(0)).unwrap();
    last.map(|last| last.try_into().unwrap())
}

fn number(connection: &Connection, find: &str, insert: &str, name: &dyn rusqlite::ToSql) -> i64 {
    match connection.query_row(find, [name], |row| row.get(0)) {
        Ok(number) => number,
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            connection.execute(insert, [name]).unwrap();
            connection.last_insert_rowid()
        }
        Err(error) => panic!("{error}"),
    }
}

fn insert(connection: &Connection, row: &StoredEvent) {
    let sourced = row.sourced.as_ref().unwrap();
    let participant = number(
        connection,
        "SELECT number FROM participant WHERE id = ?1",
        "INSERT INTO participant (id) VALUES (?1)",
        &row.participant.as_bytes(),
    );
    let kind = number(
        connection,
        "SELECT number FROM kind WHERE name = ?1",
        "INSERT INTO kind (name) VALUES (?1)",
        &&*row.kind,
    );
    let actor = number(
        connection,
        "SELECT number FROM actor WHERE name = ?1",
        "INSERT INTO actor (name) VALUES (?1)",
        &row.actor.as_str(),
    );
    let source = number(
        connection,
        "SELECT number FROM source WHERE name = ?1",
        "INSERT INTO source (name) VALUES (?1)",
        &sourced.source.as_str(),
    );
    connection
        .execute(
            "INSERT INTO event (position, participant, version, id, kind, schema, recorded_at,
                reported_at, happened_on, actor, source, source_ref, correlation, causation,
                payload, leaf)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            params![
                i64::try_from(row.position.get()).unwrap(),
                participant,
                i64::try_from(row.version.get()).unwrap(),
                row.id.as_bytes(),
                kind,
                row.schema,
                row.recorded_at.micros(),
                row.reported_at.map(Timestamp::micros),
                row.on.to_string(),
                actor,
                source,
                sourced.reference.as_str(),
                row.correlation.as_ref().map(EventId::as_bytes),
                row.causation.as_ref().map(EventId::as_bytes),
                std::str::from_utf8(&row.payload).unwrap(),
                row.leaf.as_bytes(),
            ],
        )
        .unwrap();
}
