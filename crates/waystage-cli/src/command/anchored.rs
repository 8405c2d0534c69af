//! Opening a store that must not be older than its anchor.

use std::path::{Path, PathBuf};

use waystage::evidence::Anchor;
use waystage::{Engine, EngineError};

use crate::arguments::Arguments;

/// Opens the store; where its anchor is there, the store must not be older.
pub(crate) fn open(arguments: &Arguments) -> Result<Engine, EngineError> {
    Engine::open_anchored(&arguments.store, &anchor(arguments))
}

/// Opens another store than the one that is worked on, with the anchor beside it.
pub(crate) fn open_elsewhere(folder: &Path) -> Result<Engine, EngineError> {
    Engine::open_anchored(folder, &Anchor::at(beside(folder, "anchor")))
}

/// Returns the anchor that is named, or the one beside the store.
pub(crate) fn anchor(arguments: &Arguments) -> Anchor {
    let path = arguments.anchor.clone();
    Anchor::at(path.unwrap_or_else(|| beside(&arguments.store, "anchor")))
}

/// Returns the anchor of the log of who looked: beside the log's own, under its name.
pub(crate) fn access_anchor(anchor: &Anchor) -> Anchor {
    let mut path = anchor.path().as_os_str().to_owned();
    path.push(".access");
    Anchor::at(PathBuf::from(path))
}

/// Returns the file beside a store's folder that has its name and an ending.
pub(crate) fn beside(folder: &Path, ending: &str) -> PathBuf {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    folder.with_file_name(name)
}
