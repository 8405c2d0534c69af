//! The tables of a log, and the check that a file holds these and nothing else before any other
//! statement runs on it. Participants, kinds, actors and sources are numbered within a file:
//! integer keys keep the indexes small, and the names are what is hashed and shown.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::Connection;
use waystage_store::StoreError;

use crate::failure::{Doing, failed, of_file};
use crate::lease::NO_LINK;

/// `WAYS`: the file belongs to this engine.
pub(crate) const APPLICATION_ID: i32 = 0x5741_5953;
/// The layout of the tables below.
pub(crate) const USER_VERSION: i32 = 2;

/// What the first layout had, by name, with the statement that makes it: the events.
pub(crate) const EVENTS: &[(&str, &str)] = &[
    (
        "log",
        "CREATE TABLE log (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), origin TEXT NOT NULL) STRICT",
    ),
    (
        "participant",
        "CREATE TABLE participant (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK (length(id) = 16)) STRICT",
    ),
    ("kind", "CREATE TABLE kind (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT"),
    ("actor", "CREATE TABLE actor (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT"),
    (
        "source",
        "CREATE TABLE source (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    ),
    (
        "event",
        "CREATE TABLE event (
  position INTEGER PRIMARY KEY CHECK (position >= 1),
  participant INTEGER NOT NULL REFERENCES participant (number),
  version INTEGER NOT NULL CHECK (version >= 1),
  id BLOB NOT NULL CHECK (length(id) = 16),
  kind INTEGER NOT NULL REFERENCES kind (number),
  schema INTEGER NOT NULL CHECK (schema >= 1),
  recorded_at INTEGER NOT NULL,
  reported_at INTEGER,
  happened_on TEXT NOT NULL,
  actor INTEGER NOT NULL REFERENCES actor (number),
  source INTEGER REFERENCES source (number),
  source_ref TEXT,
  correlation BLOB CHECK (length(correlation) = 16),
  causation BLOB CHECK (length(causation) = 16),
  payload TEXT NOT NULL,
  sealed_hash BLOB CHECK (length(sealed_hash) = 32),
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  CHECK ((source IS NULL) = (source_ref IS NULL))
) STRICT",
    ),
    (
        "event_of_participant",
        "CREATE UNIQUE INDEX event_of_participant ON event (participant, version)",
    ),
    (
        "event_of_source",
        "CREATE UNIQUE INDEX event_of_source ON event (source, source_ref) WHERE source IS NOT NULL",
    ),
    ("event_of_id", "CREATE UNIQUE INDEX event_of_id ON event (id) WHERE source IS NULL"),
    (
        "log_is_never_changed",
        "CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never changed'); END",
    ),
    (
        "log_is_never_deleted",
        "CREATE TRIGGER log_is_never_deleted BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never deleted'); END",
    ),
    (
        "participant_is_never_changed",
        "CREATE TRIGGER participant_is_never_changed BEFORE UPDATE ON participant
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never changed'); END",
    ),
    (
        "participant_is_never_deleted",
        "CREATE TRIGGER participant_is_never_deleted BEFORE DELETE ON participant
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never deleted'); END",
    ),
    (
        "kind_is_never_changed",
        "CREATE TRIGGER kind_is_never_changed BEFORE UPDATE ON kind
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never changed'); END",
    ),
    (
        "kind_is_never_deleted",
        "CREATE TRIGGER kind_is_never_deleted BEFORE DELETE ON kind
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never deleted'); END",
    ),
    (
        "actor_is_never_changed",
        "CREATE TRIGGER actor_is_never_changed BEFORE UPDATE ON actor
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never changed'); END",
    ),
    (
        "actor_is_never_deleted",
        "CREATE TRIGGER actor_is_never_deleted BEFORE DELETE ON actor
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never deleted'); END",
    ),
    (
        "source_is_never_changed",
        "CREATE TRIGGER source_is_never_changed BEFORE UPDATE ON source
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never changed'); END",
    ),
    (
        "source_is_never_deleted",
        "CREATE TRIGGER source_is_never_deleted BEFORE DELETE ON source
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never deleted'); END",
    ),
    (
        "event_is_never_changed",
        "CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are never changed: record a correction'); END",
    ),
    (
        "event_is_never_deleted",
        "CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never deleted: record a withdrawal'); END",
    ),
    (
        "event_is_never_replaced",
        "CREATE TRIGGER event_is_never_replaced BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE position = NEW.position)
  OR EXISTS (SELECT 1 FROM event WHERE participant = NEW.participant AND version = NEW.version)
  OR EXISTS (SELECT 1 FROM event WHERE source = NEW.source AND source_ref = NEW.source_ref)
  OR EXISTS (SELECT 1 FROM event WHERE id = NEW.id AND source IS NULL AND NEW.source IS NULL)
BEGIN SELECT RAISE(ABORT, 'events are never replaced: record a correction'); END",
    ),
];

/// What the second layout added, in the same form: the tree over the leaves and what is signed of
/// it. Peaks and nodes are changed with the events, in one transaction.
pub(crate) const EVIDENCE: &[(&str, &str)] = &[
    (
        "tree",
        "CREATE TABLE tree (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), size INTEGER NOT NULL, peaks BLOB NOT NULL) STRICT",
    ),
    (
        "tree_node",
        "CREATE TABLE tree_node (
  height INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (height, number)
) STRICT, WITHOUT ROWID",
    ),
    (
        "epoch",
        "CREATE TABLE epoch (number INTEGER PRIMARY KEY CHECK (number >= 2), first_position INTEGER NOT NULL UNIQUE, origin TEXT NOT NULL UNIQUE) STRICT",
    ),
    (
        "note",
        "CREATE TABLE note (
  number INTEGER PRIMARY KEY,
  sort TEXT NOT NULL CHECK (sort IN ('checkpoint', 'rotation', 'recovery')),
  size INTEGER NOT NULL,
  text TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT",
    ),
    (
        "tree_node_is_never_changed",
        "CREATE TRIGGER tree_node_is_never_changed BEFORE UPDATE ON tree_node
BEGIN SELECT RAISE(ABORT, 'what proofs are made from is never changed'); END",
    ),
    (
        "tree_node_is_never_deleted",
        "CREATE TRIGGER tree_node_is_never_deleted BEFORE DELETE ON tree_node
BEGIN SELECT RAISE(ABORT, 'what proofs are made from is never deleted'); END",
    ),
    (
        "epoch_is_never_changed",
        "CREATE TRIGGER epoch_is_never_changed BEFORE UPDATE ON epoch
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never changed'); END",
    ),
    (
        "epoch_is_never_deleted",
        "CREATE TRIGGER epoch_is_never_deleted BEFORE DELETE ON epoch
BEGIN SELECT RAISE(ABORT, 'what events are hashed with is never deleted'); END",
    ),
    (
        "note_is_never_changed",
        "CREATE TRIGGER note_is_never_changed BEFORE UPDATE ON note
BEGIN SELECT RAISE(ABORT, 'what was signed is never changed'); END",
    ),
    (
        "note_is_never_deleted",
        "CREATE TRIGGER note_is_never_deleted BEFORE DELETE ON note
BEGIN SELECT RAISE(ABORT, 'what was signed is never deleted'); END",
    ),
];

/// Every object of the file, by name, with the statement that makes it.
pub(crate) fn objects() -> impl Iterator<Item = &'static (&'static str, &'static str)> + Clone {
    EVENTS.iter().chain(EVIDENCE)
}

/// How an SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Where its header has the application id; the layout version stands before it.
const APPLICATION_ID_AT: usize = 68;

/// Checks the first bytes of a file, without SQLite: only what was read there says that a file is
/// no log; an error of SQLite may be a failing disk. Nobody else may have the file open, because
/// closing it here gives up the locks that this process has on it.
pub(crate) fn check_head(path: &Path) -> Result<(), StoreError> {
    let different = |says: &str| {
        let path = path.display().to_string();
        Err(StoreError::UnsupportedFormat { path, says: says.to_owned() })
    };
    let mut head = Vec::new();
    OpenOptions::new()
        .read(true)
        .custom_flags(NO_LINK)
        .open(path)
        .and_then(|file| file.take(100).read_to_end(&mut head))
        .map_err(|error| of_file(Doing::Reading, path, &error))?;
    if !head.is_empty() && !head.starts_with(MAGIC) {
        return different("it is no SQLite file");
    }
    if head.get(APPLICATION_ID_AT..APPLICATION_ID_AT + 4) != Some(&APPLICATION_ID.to_be_bytes()) {
        return different("it is no waystage log");
    }
    Ok(())
}

/// Checks that the file is a log of this layout: application id, layout version, and every object
/// exactly as it is made here.
pub(crate) fn check(connection: &Connection, path: &str) -> Result<(), StoreError> {
    let different = |says: String| StoreError::UnsupportedFormat { path: path.to_owned(), says };
    let number = |pragma: &str| -> Result<i32, StoreError> {
        connection.pragma_query_value(None, pragma, |row| row.get(0)).map_err(failed)
    };
    let application = number("application_id")?;
    if application != APPLICATION_ID {
        return Err(different("it is no waystage log".to_owned()));
    }
    let version = number("user_version")?;
    if version != USER_VERSION {
        return Err(different(format!(
            "its layout is version {version} and this engine reads version {USER_VERSION}"
        )));
    }
    holds(connection, &objects()).map_err(|error| match error {
        Differs::Storage(error) => error,
        Differs::Object(says) => different(says),
    })
}

/// How the objects of a file differ from what they should be.
pub(crate) enum Differs {
    /// The storage did not say.
    Storage(StoreError),
    /// One of them is another, or missing.
    Object(String),
}

/// Checks that a file holds these objects, exactly, and no other.
pub(crate) fn holds<'a>(
    connection: &Connection,
    objects: &(impl Iterator<Item = &'a (&'a str, &'a str)> + Clone),
) -> Result<(), Differs> {
    let lost = |error| Differs::Storage(failed(error));
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        .map_err(lost)?;
    let found: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(lost)?;
    let is_known = |(name, sql): &&(String, String)| {
        objects.clone().any(|(known, made)| known == name && made == sql)
    };
    if let Some((name, _)) = found.iter().find(|object| !is_known(object)) {
        return Err(Differs::Object(format!("its {name} is not as this engine makes it")));
    }
    let is_there = |known: &str| found.iter().any(|(name, _)| name == known);
    match objects.clone().find(|(known, _)| !is_there(known)) {
        Some((missing, _)) => Err(Differs::Object(format!("its {missing} is missing"))),
        None => Ok(()),
    }
}
