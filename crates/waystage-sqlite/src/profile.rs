//! How a file is opened, the log's or that of the read models: which flags, settings and limits,
//! each set and read back. The reasons stand in the decision records on the two files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use waystage_store::StoreError;

use crate::failure::failed;
use crate::schema;

const BUSY_WAIT: Duration = Duration::from_secs(5);

/// What a connection is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    WriteLog,
    ReadLog,
    KeepModels,
    ReadModels,
}

impl Purpose {
    /// Returns how far a commit is synced: the log's to the disk before anybody is answered. Read
    /// models are synced when they are brought into the file. After a power cut they are as they
    /// were some commits ago, all of them and their stand alike, and are brought up to date.
    const fn synchronous(self) -> i64 {
        match self {
            Self::WriteLog | Self::ReadLog => 2,
            Self::KeepModels | Self::ReadModels => 1,
        }
    }

    const fn only_queries(self) -> bool {
        matches!(self, Self::ReadLog | Self::ReadModels)
    }

    /// Returns how many statements stay prepared: for read models a few for each table.
    const fn statements(self) -> usize {
        match self {
            Self::WriteLog | Self::ReadLog => 32,
            Self::KeepModels | Self::ReadModels => 256,
        }
    }
}

/// Refuses to work with an SQLite that is known to lose or damage data.
pub(crate) fn gate() -> Result<(), StoreError> {
    let number = rusqlite::version_number();
    if number < 3_051_003 || number == 3_052_000 {
        let version = rusqlite::version().to_owned();
        return Err(StoreError::UnsafeSqlite { version });
    }
    Ok(())
}

/// Returns the path with its folder resolved, so that a link can only be the file itself, which is
/// refused when it is opened.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => Ok(folder.join(name)),
        _ => Err(StoreError::NotFound { path: path.display().to_string() }),
    }
}

/// Opens a connection to a file that is about to be overwritten by a copy.
pub(crate) fn open_unsettled(path: &Path) -> Result<Connection, StoreError> {
    open(path)
}

/// Opens a connection to a new and empty file.
pub(crate) fn open_empty(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    settle(&connection, path, Purpose::WriteLog)?;
    Ok(connection)
}

/// Opens a connection that may write to a log, once the file is known to be one.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    schema::check(&connection, &path.display().to_string())?;
    settle(&connection, path, Purpose::WriteLog)?;
    Ok(connection)
}

/// Brings the whole write-ahead log into the file, synced, and empties it.
pub(crate) fn bring_in(connection: &Connection) -> Result<(), StoreError> {
    let busy: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(failed)?;
    if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
}

/// Opens a connection that only reads a log.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    settle(&connection, path, Purpose::ReadLog)?;
    Ok(connection)
}

/// Opens a connection to a file of read models, which is made empty where there is none. Nothing
/// of it is settled yet.
pub(crate) fn open_models(path: &Path) -> Result<Connection, StoreError> {
    let connection = open_with(path, OpenFlags::SQLITE_OPEN_CREATE)?;
    // a row is looked for by all its columns at once, and each column's meaning is in the schema
    for (limit, value) in
        [(Limit::SQLITE_LIMIT_EXPR_DEPTH, 200), (Limit::SQLITE_LIMIT_SQL_LENGTH, 1_000_000)]
    {
        connection.set_limit(limit, value).map_err(failed)?;
    }
    Ok(connection)
}

/// Opens a connection and limits what it can be made to do. Nothing of the file is changed.
fn open(path: &Path) -> Result<Connection, StoreError> {
    open_with(path, OpenFlags::empty())
}

fn open_with(path: &Path, more: OpenFlags) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags | more).map_err(failed)?;
    guard(&connection)?;
    Ok(connection)
}

fn guard(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_WAIT).map_err(failed)?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        // statements keep their plan whatever is bound: without it each binding prepares anew
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        connection.set_db_config(config, on).map_err(failed)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, 4 << 20),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 20),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 999),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
    ] {
        connection.set_limit(limit, value).map_err(failed)?;
    }
    Ok(())
}

/// Sets how a connection works with its file.
pub(crate) fn settle(
    connection: &Connection,
    path: &Path,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        let says = format!("its journal mode stays {mode}: put it on a local file system");
        return Err(StoreError::UnsupportedFormat { path: path.display().to_string(), says });
    }
    for (pragma, value) in [
        ("synchronous", purpose.synchronous()),
        ("foreign_keys", 1),
        ("cell_size_check", 1),
        ("recursive_triggers", 1),
        ("temp_store", 2),
        ("mmap_size", 0),
        ("journal_size_limit", 64 << 20),
        ("wal_autocheckpoint", 1000),
        ("cache_size", CACHE),
        ("query_only", i64::from(purpose.only_queries())),
    ] {
        set(connection, path, pragma, value)?;
    }
    connection.set_prepared_statement_cache_capacity(purpose.statements());
    Ok(())
}

/// The pages that a connection keeps: in kibibytes, which is what a number below nothing means.
const CACHE: i64 = -65_536;
/// The same for looking through everything once, which reads no page a second time.
const CACHE_TO_LOOK_THROUGH: i64 = -2_048;

/// Looks through a file once with few pages kept. A connection on which that fails has the smaller
/// cache from then on.
pub(crate) fn looking_through<T>(
    connection: &Connection,
    look: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.pragma_update(None, "cache_size", CACHE_TO_LOOK_THROUGH).map_err(failed)?;
    let answer = look()?;
    connection.pragma_update(None, "cache_size", CACHE).map_err(failed)?;
    Ok(answer)
}

/// Sets a pragma and reads it back; SQLite ignores what it cannot do without saying so.
fn set(connection: &Connection, path: &Path, pragma: &str, value: i64) -> Result<(), StoreError> {
    connection.pragma_update(None, pragma, value).map_err(failed)?;
    let now: i64 = match connection.pragma_query_value(None, pragma, |row| row.get(0)) {
        Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(()),
        now => now.map_err(failed)?,
    };
    if now == value {
        return Ok(());
    }
    let says = format!("its {pragma} stays {now} where {value} is needed");
    Err(StoreError::UnsupportedFormat { path: path.display().to_string(), says })
}
