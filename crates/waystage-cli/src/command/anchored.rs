//! Opening a store that must not be older than its anchor.

use std::path::{Path, PathBuf};

use waystage::evidence::Anchor;
use waystage::{Engine, EngineError};

use crate::arguments::Anchored;

/// Opens the store in a folder; where an anchor stands beside it, the store must not be older.
pub(crate) fn open(folder: &Path) -> Result<Engine, EngineError> {
    Engine::open_anchored(folder, &Anchor::at(beside(folder, "anchor")))
}

/// Returns the anchor that is named, or the one beside the store.
pub(crate) fn anchor(asked: &Anchored, folder: &Path) -> Anchor {
    Anchor::at(asked.anchor.clone().unwrap_or_else(|| beside(folder, "anchor")))
}

/// Returns the file beside a store's folder that has its name and an ending.
pub(crate) fn beside(folder: &Path, ending: &str) -> PathBuf {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    folder.with_file_name(name)
}
