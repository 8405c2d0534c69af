//! What can go wrong at the models' file. The file can be made again from the log, so damage has
//! one name and one remedy; only where the disk or a lock fails can trying again help.

use std::path::Path;

use rusqlite::ffi;
use waystage_store::StoreError;
use waystage_store::models::ModelError;

use crate::failure::{failed, failed_at_commit};

/// Why something could not be done.
#[derive(Debug)]
pub(super) enum Fault {
    /// It was refused, and the file is as it was.
    Refused(ModelError),
    /// SQLite failed, before a commit.
    Sqlite(rusqlite::Error),
    /// SQLite failed at a commit.
    AtCommit(rusqlite::Error),
    /// The file is not as this engine makes it.
    Unlike(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<ModelError> for Fault {
    fn from(error: ModelError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl Fault {
    /// Returns whether the connection can be used again.
    pub(super) const fn leaves_the_connection(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Returns what the fault means for whoever asked.
    pub(super) fn at(self, path: &Path) -> ModelError {
        let damaged = |says| ModelError::Damaged { path: path.display().to_string(), says };
        match self {
            Self::Refused(error) => error,
            Self::Unlike(says) => damaged(says),
            Self::AtCommit(error) => failed_at_commit(error).into(),
            Self::Sqlite(error) if is_damage(&error) => damaged(error.to_string()),
            Self::Sqlite(error) => match failed(error) {
                StoreError::Damaged { says } => damaged(says),
                other => other.into(),
            },
        }
    }
}

/// Returns whether SQLite says that the file is damaged or none of its own. For the log a failing
/// disk has to be thought of first; here the remedy costs nothing but time.
fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|failure| failure.extended_code & 0xFF);
    matches!(code, Some(ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB))
}
