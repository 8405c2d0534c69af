//! The file itself: opening it, making it, and making it anew. The folder is locked meanwhile, so
//! that nobody opens a file that is half made, or keeps a journal of one that was deleted.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rusqlite::Connection;
use waystage_store::StoreError;
use waystage_store::models::ModelError;

use super::fault::Fault;
use super::schema::{self, Found};
use crate::failure::{Doing, of_file};
use crate::log::beside;
use crate::profile::{self, Purpose};
use crate::{lease, schema as log_schema};

/// A connection, and which file it is to: the path may be another one's by now.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) connection: Connection,
    file: Option<(u64, u64)>,
}

impl Open {
    /// Returns whether the path still leads to the file of this connection.
    pub(super) fn is_current(&self, path: &Path) -> bool {
        self.file.is_some() && self.file == identity(path)
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// Opens a connection; where there is no file, it is made.
pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Open, ModelError> {
    let _locked = lock_folder(path)?;
    open_locked(path, purpose)
}

/// Deletes what is there and makes the file anew.
pub(super) fn remake(path: &Path) -> Result<Open, ModelError> {
    let _locked = lock_folder(path)?;
    if is_a_log(path) {
        // whoever mistook one path for the other must not lose what cannot be made again
        return Err(StoreError::AlreadyExists { path: path.display().to_string() }.into());
    }
    // the file first: a journal alone is nothing, and a file without its journal is another one
    for file in ["", "-wal", "-shm", "-journal"].map(|end| beside(path, end)) {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(of_file(Doing::Writing, &file, &error).into());
            }
            _ => {}
        }
    }
    open_locked(path, Purpose::KeepModels)
}

/// Locks the folder until the answer is dropped; another process that ends gives its lock back.
fn lock_folder(path: &Path) -> Result<fs::File, ModelError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let locked = fs::File::open(folder).and_then(|folder| folder.lock().map(|()| folder));
    locked.map_err(|error| of_file(Doing::Writing, folder, &error).into())
}

fn open_locked(path: &Path, purpose: Purpose) -> Result<Open, ModelError> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Fault::Unlike("it is no plain file".to_owned()).at(path));
    }
    settled(path, purpose).map_err(|fault| fault.at(path))
}

fn settled(path: &Path, purpose: Purpose) -> Result<Open, Fault> {
    let mut connection = profile::open_models(path)?;
    if schema::check(&connection)? == Found::Nothing {
        profile::settle(&connection, path, Purpose::KeepModels)?;
        schema::make(&mut connection)?;
    }
    profile::settle(&connection, path, purpose)?;
    Ok(Open { connection, file: identity(path) })
}

/// Returns whether a file is a log, or has the lease of one beside it.
fn is_a_log(path: &Path) -> bool {
    let application = profile::open_unsettled(path).and_then(|connection| {
        let id = connection.pragma_query_value(None, "application_id", |row| row.get(0));
        id.map_err(crate::failure::failed)
    });
    lease::path_of(path).exists() || matches!(application, Ok(log_schema::APPLICATION_ID))
}
