//! Writing into a log's file behind its back, past the triggers that forbid it.

use std::path::Path;

use rusqlite::Connection;
use waystage::core::id::Position;

/// Runs statements with every trigger out of the way, and puts the triggers back as they were.
pub(crate) fn unguarded(log: &Path, statements: &str) {
    let raw = Connection::open(log).unwrap();
    raw.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let triggers: Vec<(String, String)> = raw
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, _) in &triggers {
        raw.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    raw.execute_batch(statements).unwrap();
    for (_, made) in &triggers {
        raw.execute_batch(made).unwrap();
    }
    raw.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap_or(());
}

/// Makes the event at a position one of another version of the engine, as its file would hold it.
#[allow(dead_code)] // not every test takes the same of it
pub(crate) fn of_schema(store: &Path, position: Position, schema: u32) {
    let set = format!("UPDATE event SET schema = {schema} WHERE position = {position}");
    unguarded(&store.join("journeys.db"), &set);
}
