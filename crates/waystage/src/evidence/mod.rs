//! Evidence: what lets somebody who trusts nobody find every later change. Checkpoints are signed
//! here, held against the log, and proofs are made from it. The forms are laid out in
//! `docs/evidence/FORMAT.md`, and a second verifier stands beside that page.

mod anchor;
mod certifying;
mod epochs;
mod proving;
mod recovering;
mod signing;
mod trusted;
mod verifying;

pub use anchor::Anchor;
pub use certifying::{Certified, Disagreement, certified_view};
pub use recovering::Declared;
pub use verifying::{DeclaredLoss, HeldCheckpoint, Trust, Verification};

use waystage_core::id::Position;
use waystage_evidence::{Checkpoint, SignedCheckpoint, root_at};
use waystage_store::{EventReader, KeptTree, NoteSort, StoreError};

use crate::error::EngineError;

/// Checks that a log holds what it held at a checkpoint, by the tree that it keeps: quickly, and
/// without looking at the events. The checkpoint has to be of the log's present epoch: an anchor is
/// brought over when a loss is declared, so one of an epoch before says that it was not declared
/// here.
fn follows(reader: &dyn EventReader, held: &Checkpoint) -> Result<(), EngineError> {
    if held.origin != reader.origin() {
        let what = format!("a checkpoint of {}", held.origin);
        let says = format!(
            "this log is {}: it is of another log, or of an epoch before a loss that was declared \
             elsewhere; verify the log",
            reader.origin()
        );
        return Err(EngineError::Evidence { what, says });
    }
    goes_on_from(reader, held)
}

/// As [`follows`], whatever the epoch of the checkpoint.
fn goes_on_from(reader: &dyn EventReader, held: &Checkpoint) -> Result<(), EngineError> {
    let last = reader.last_position()?;
    if last.map_or(0, Position::get) < held.size {
        return Err(StoreError::BehindCheckpoint { held: held.size, last }.into());
    }
    if root_at(&KeptTree(reader), held.size)? != held.root {
        return Err(StoreError::Rewritten {
            held: held.size,
            first: Position::FIRST,
            through: Position::new(held.size).unwrap_or(Position::FIRST),
            says: "the tree that was kept has another root at that size; verify the log",
        }
        .into());
    }
    Ok(())
}

fn refused(what: impl Into<String>, error: &impl ToString) -> EngineError {
    EngineError::Evidence { what: what.into(), says: error.to_string() }
}

/// Returns the newest checkpoint of the present epoch that a log keeps, with all the lines that
/// came last; none where none was signed.
fn newest(reader: &dyn EventReader) -> Result<Option<SignedCheckpoint>, EngineError> {
    let mut newest: Option<SignedCheckpoint> = None;
    for note in reader.notes(NoteSort::Checkpoint)? {
        let signed: SignedCheckpoint =
            note.text.parse().map_err(|error| refused(NoteSort::Checkpoint.as_str(), &error))?;
        let is_newer =
            newest.as_ref().is_none_or(|newest| newest.checkpoint.size <= signed.checkpoint.size);
        if signed.checkpoint.origin == reader.origin() && is_newer {
            newest = Some(signed);
        }
    }
    Ok(newest)
}
