//! What a failure of SQLite means for the caller.

use rusqlite::ErrorCode;
use waystage_store::StoreError;

/// Returns what a failure means that happened before a commit: nothing was written.
#[allow(clippy::needless_pass_by_value)] // it stands in `map_err`
pub(crate) fn failed(error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
            ErrorCode::DiskFull => StoreError::StorageFull,
            _ => StoreError::Storage { code: failure.extended_code, says: error.to_string() },
        },
        _ => StoreError::Storage { code: 0, says: error.to_string() },
    }
}

/// Returns what a failure means that happened at the commit itself.
pub(crate) fn failed_at_commit(error: rusqlite::Error) -> StoreError {
    match failed(error) {
        StoreError::Busy => StoreError::Busy,
        _ => StoreError::OutcomeUnknown,
    }
}
