//! The anchor: the newest checkpoint, in a file that stands elsewhere than the store and never goes
//! back. A store that is older than its anchor was restored from a copy.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use waystage_evidence::{Checkpoint, SignedCheckpoint};

use crate::error::EngineError;

/// The file of an anchor. It is worth as much as its place is away from the store: put it on
/// another disk, outside what is backed up together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    path: PathBuf,
    may_begin: bool,
}

impl Anchor {
    /// Returns the anchor in this file. It need not be there before the log is signed for the first
    /// time; from then on it has to be.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), may_begin: false }
    }

    /// Returns an anchor in this file that may begin anew, although the log was signed before: for
    /// a copy that somebody made on purpose, elsewhere.
    pub fn beginning_at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), may_begin: true }
    }

    /// Returns whether it may begin for a log that was signed before.
    pub(super) const fn may_begin(&self) -> bool {
        self.may_begin
    }

    /// Returns where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the newest checkpoint that was anchored; none where there is no file yet.
    ///
    /// # Errors
    ///
    /// [`EngineError::Unreadable`] where the file cannot be read, and [`EngineError::Evidence`]
    /// where it is no checkpoint: then restore it, or look for the newest one that somebody holds.
    pub fn read(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable(&error)),
        };
        text.parse().map(Some).map_err(|error| self.refused(&error))
    }

    /// Checks that the anchor can be brought forward: that its folder is there and may be written.
    pub(super) fn prepare(&self) -> Result<(), EngineError> {
        self.locked().map(|_| ())
    }

    fn locked(&self) -> Result<File, EngineError> {
        let lock = self.beside(".lock");
        let held = OpenOptions::new().create(true).truncate(false).write(true).open(&lock);
        let held = held.map_err(|error| self.unusable(&error))?;
        held.lock().map_err(|error| self.unusable(&error))?;
        Ok(held)
    }

    /// Brings the anchor forward to a checkpoint, where `follows` agrees that the one before is a
    /// beginning of the same log. Nobody else brings it forward in the meantime. When it returns,
    /// the file is durable.
    pub(super) fn advance(
        &self,
        to: &SignedCheckpoint,
        follows: &dyn Fn(&Checkpoint) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let _held = self.locked()?;
        if let Some(before) = self.read()? {
            follows(&before.checkpoint)?;
            let same_log = before.checkpoint.origin == to.checkpoint.origin;
            if same_log && to.checkpoint.size <= before.checkpoint.size {
                return Ok(());
            }
        }
        self.replace(&to.to_string()).map_err(|error| self.unusable(&error))
    }

    /// Replaces the file that the path leads to, whole or not at all.
    fn replace(&self, text: &str) -> std::io::Result<()> {
        let there = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let mut new = there.clone().into_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &there)?;
        let folder = there.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(end);
        name.into()
    }

    fn unusable(&self, error: &std::io::Error) -> EngineError {
        EngineError::Unreadable { path: self.path.display().to_string(), says: error.to_string() }
    }

    fn refused(&self, error: &impl ToString) -> EngineError {
        let what = format!("the anchor {}", self.path.display());
        EngineError::Evidence { what, says: error.to_string() }
    }
}
