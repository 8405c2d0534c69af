//! What a failure of SQLite, or of a file, means for the caller. Every code has its row; what each
//! file operation that fails comes to is kept in `tests/faults/io-errors.txt`.

use std::io;
use std::path::Path;

use rusqlite::ffi;
use waystage_store::StoreError;

/// The process has no file handle left: `EMFILE`, the same number on every Unix.
const TOO_MANY_OPEN_HERE: i32 = 24;
/// The machine has none left: `ENFILE`.
const TOO_MANY_OPEN: i32 = 23;

/// What was being done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Reading,
    Writing,
}

/// Returns what a failure means that happened before a commit: nothing was written.
#[allow(clippy::needless_pass_by_value)] // it stands in `map_err`
pub(crate) fn failed(error: rusqlite::Error) -> StoreError {
    let says = error.to_string();
    match &error {
        rusqlite::Error::SqliteFailure(failure, _) => by_code(failure.extended_code, says),
        // a column that is no such thing: no log of this engine has one
        _ => StoreError::Damaged { says },
    }
}

fn by_code(code: i32, says: String) -> StoreError {
    match code & 0xFF {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => StoreError::Busy,
        ffi::SQLITE_NOMEM => StoreError::NoResources { says },
        ffi::SQLITE_FULL => StoreError::StorageFull,
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM => StoreError::NotWritable { code, says },
        ffi::SQLITE_IOERR => of_io(code, says),
        // a read that fails once comes as damage too, or as a file that is none
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_CANTOPEN | ffi::SQLITE_PROTOCOL => {
            StoreError::ReadFault { code, says }
        }
        // constraints, triggers, types, sizes, missing tables: the log was decided within its own
        // transaction, so the file is not what it was made as
        _ => StoreError::Damaged { says },
    }
}

fn of_io(code: i32, says: String) -> StoreError {
    match code {
        ffi::SQLITE_IOERR_NOMEM => StoreError::NoResources { says },
        ffi::SQLITE_IOERR_WRITE
        | ffi::SQLITE_IOERR_FSYNC
        | ffi::SQLITE_IOERR_DIR_FSYNC
        | ffi::SQLITE_IOERR_TRUNCATE
        | ffi::SQLITE_IOERR_DELETE
        | ffi::SQLITE_IOERR_SHMSIZE => StoreError::WriteFault { code, says },
        _ => StoreError::ReadFault { code, says },
    }
}

/// Returns what a failure means that happened at the commit itself.
///
/// A disk that is full fails the write of a frame, so that the commit's last frame is not whole and
/// recovery cannot take it for a commit; the next commit writes over it. Every other failure may
/// have come after the last frame.
pub(crate) fn failed_at_commit(error: rusqlite::Error) -> StoreError {
    match failed(error) {
        told @ (StoreError::Busy | StoreError::StorageFull) => told,
        other => StoreError::OutcomeUnknown { says: what_it_says(other) },
    }
}

fn what_it_says(error: StoreError) -> String {
    match error {
        StoreError::ReadFault { says, .. }
        | StoreError::WriteFault { says, .. }
        | StoreError::NotWritable { says, .. }
        | StoreError::NoResources { says }
        | StoreError::Damaged { says } => says,
        other => other.to_string(),
    }
}

/// Returns what the failure of a plain file operation means: nothing was recorded.
pub(crate) fn of_file(doing: Doing, path: &Path, error: &io::Error) -> StoreError {
    let code = error.raw_os_error().unwrap_or(0);
    let says = format!("{}: {error}", path.display());
    match (error.kind(), doing) {
        (io::ErrorKind::AlreadyExists, _) => {
            StoreError::AlreadyExists { path: path.display().to_string() }
        }
        (io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded, _) => StoreError::StorageFull,
        (io::ErrorKind::OutOfMemory, _) => StoreError::NoResources { says },
        _ if code == TOO_MANY_OPEN || code == TOO_MANY_OPEN_HERE => {
            StoreError::NoResources { says }
        }
        (io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied, _) => {
            StoreError::NotWritable { code, says }
        }
        (_, Doing::Reading) => StoreError::ReadFault { code, says },
        (_, Doing::Writing) => StoreError::WriteFault { code, says },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_handle_that_cannot_be_had_is_no_fault_of_the_disk() {
        for code in [TOO_MANY_OPEN, TOO_MANY_OPEN_HERE] {
            let error = io::Error::from_raw_os_error(code);
            let told = of_file(Doing::Reading, Path::new("log"), &error);
            assert!(matches!(told, StoreError::NoResources { .. }), "{told:?}");
        }
    }

    #[test]
    fn every_primary_code_of_sqlite_has_a_meaning() {
        for (code, name) in [
            (ffi::SQLITE_BUSY_SNAPSHOT, "Busy"),
            (ffi::SQLITE_LOCKED_SHAREDCACHE, "Busy"),
            (ffi::SQLITE_NOMEM, "NoResources"),
            (ffi::SQLITE_IOERR_NOMEM, "NoResources"),
            (ffi::SQLITE_FULL, "StorageFull"),
            (ffi::SQLITE_READONLY_DIRECTORY, "NotWritable"),
            (ffi::SQLITE_PERM, "NotWritable"),
            (ffi::SQLITE_IOERR_WRITE, "WriteFault"),
            (ffi::SQLITE_IOERR_FSYNC, "WriteFault"),
            (ffi::SQLITE_IOERR_READ, "ReadFault"),
            (ffi::SQLITE_IOERR_CORRUPTFS, "ReadFault"),
            (ffi::SQLITE_CORRUPT, "ReadFault"),
            (ffi::SQLITE_CORRUPT_INDEX, "ReadFault"),
            (ffi::SQLITE_NOTADB, "ReadFault"),
            (ffi::SQLITE_CANTOPEN, "ReadFault"),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, "Damaged"),
            (ffi::SQLITE_CONSTRAINT_TRIGGER, "Damaged"),
            (ffi::SQLITE_TOOBIG, "Damaged"),
            (ffi::SQLITE_ERROR, "Damaged"),
        ] {
            let shown = format!("{:?}", by_code(code, String::new()));
            assert!(shown.starts_with(name), "{code}: {shown}");
        }
    }
}
