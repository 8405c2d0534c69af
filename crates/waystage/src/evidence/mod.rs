//! Evidence: what lets somebody who trusts nobody find every later change. Checkpoints are signed
//! here, held against the log, and proofs are made from it. The forms are laid out in
//! `docs/evidence/FORMAT.md`, and a second verifier stands beside that page.

mod anchor;
mod certifying;
mod proving;
mod recovering;
mod signing;
mod verifying;

pub use anchor::Anchor;
pub(crate) use certifying::view_of;
pub use certifying::{Certified, Disagreement};
pub use recovering::Declared;
pub use verifying::{DeclaredLoss, HeldCheckpoint, Trust, Verification};

use waystage_core::determination::{LogEntry, LogRecovered};
use waystage_core::id::Position;
use waystage_core::journey::Record;
use waystage_evidence::{
    Checkpoint, KeyChain, PublicKey, Recovery, Rotation, SignedCheckpoint, SignedNote, root_at,
};
use waystage_store::{Epoch, EventReader, KeptTree, NoteSort, StoreError, codec};

use crate::error::EngineError;

/// Where a checkpoint stands among the epochs of a log.
enum Place {
    /// In the log as it is.
    Within,
    /// It is of a log that went on with an older copy: what it has beyond the end of its epoch is
    /// lost, and that was declared.
    Lost(DeclaredLoss),
}

/// Finds where a checkpoint stands.
fn place(reader: &dyn EventReader, checkpoint: &Checkpoint) -> Result<Place, EngineError> {
    let epochs = reader.epochs()?;
    let Some(index) = epochs.iter().position(|epoch| epoch.origin == checkpoint.origin) else {
        return Err(EngineError::Evidence {
            what: format!("a checkpoint of {}", checkpoint.origin),
            says: format!("this log is {}: it is of another log", reader.origin()),
        });
    };
    let Some(next) = epochs.get(index + 1) else { return Ok(Place::Within) };
    let end = next.first.get() - 1;
    if checkpoint.size <= end {
        return Ok(Place::Within);
    }
    let declared = declaration(reader, next)?;
    let says = "another identity begins here, and nobody declared it";
    let declared = declared.ok_or(StoreError::Corrupt { position: next.first, says })?;
    if declared.lost_through.map_or(0, Position::get) < checkpoint.size {
        return Err(EngineError::Evidence {
            what: format!("a checkpoint of {} of {} events", checkpoint.origin, checkpoint.size),
            says: "it is larger than what was declared lost: events are missing unsaid".to_owned(),
        });
    }
    Ok(Place::Lost(DeclaredLoss {
        from: next.first,
        through: Position::new(checkpoint.size).unwrap_or(next.first),
        operator: declared.operator,
        approver: declared.approver,
        reason: declared.reason,
    }))
}

/// Returns the event that declares an epoch.
fn declaration(
    reader: &dyn EventReader,
    epoch: &Epoch,
) -> Result<Option<LogRecovered>, StoreError> {
    let rows = reader.rows_after(Position::new(epoch.first.get() - 1), 1)?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(match codec::decode(row)?.record {
        Record::Log(LogEntry::LogRecovered(recovered)) => Some(recovered),
        _ => None,
    })
}

/// Checks that a log holds what it held at a checkpoint, by the tree that it keeps: quickly, and
/// without looking at the events.
fn follows(reader: &dyn EventReader, held: &Checkpoint) -> Result<(), EngineError> {
    if matches!(place(reader, held)?, Place::Lost(_)) {
        return Ok(());
    }
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

/// Returns what is trusted of each epoch from the one of this key on, as the log's own notes say.
/// Every note has to be one, of one of the log's epochs.
fn chains(reader: &dyn EventReader, trusted: PublicKey) -> Result<Vec<KeyChain>, EngineError> {
    let parsed = |sort| -> Result<Vec<SignedNote>, EngineError> {
        let notes = reader.notes(sort)?;
        notes
            .iter()
            .map(|note| note.text.parse().map_err(|error| refused(sort.as_str(), &error)))
            .collect()
    };
    let (rotations, recoveries) = (parsed(NoteSort::Rotation)?, parsed(NoteSort::Recovery)?);
    let epochs = reader.epochs()?;
    let check_ours = |origin: &str| {
        if epochs.iter().any(|epoch| epoch.origin == origin) {
            return Ok(());
        }
        Err(refused(origin, &"a change of keys names it, and it is not this log"))
    };
    for note in &rotations {
        let rotation = Rotation::of_note(note);
        let rotation = rotation.map_err(|error| refused(NoteSort::Rotation.as_str(), &error))?;
        check_ours(&rotation.at.origin)?;
    }
    for note in &recoveries {
        let recovery = Recovery::of_note(note);
        let recovery = recovery.map_err(|error| refused(NoteSort::Recovery.as_str(), &error))?;
        check_ours(&recovery.new.origin)?;
    }
    let mut chains = Vec::new();
    let mut chain = KeyChain::trusting(trusted);
    loop {
        for note in &rotations {
            let of_epoch = Rotation::of_note(note).is_ok_and(|at| at.at.origin == chain.origin());
            if of_epoch {
                chain = chain
                    .rotated(note)
                    .map_err(|error| refused(NoteSort::Rotation.as_str(), &error))?;
            }
        }
        chains.push(chain.clone());
        let is_next = |note: &&SignedNote| {
            Recovery::of_note(note).is_ok_and(|at| at.old.origin == chain.origin())
        };
        let Some(next) = recoveries.iter().find(is_next) else { return Ok(chains) };
        chain =
            chain.recovered(next).map_err(|error| refused(NoteSort::Recovery.as_str(), &error))?;
    }
}

fn refused(what: impl Into<String>, error: &impl ToString) -> EngineError {
    EngineError::Evidence { what: what.into(), says: error.to_string() }
}

/// Returns the newest checkpoint that a log keeps; none where none was signed.
fn newest(reader: &dyn EventReader) -> Result<Option<SignedCheckpoint>, EngineError> {
    let notes = reader.notes(NoteSort::Checkpoint)?;
    let last = notes.iter().rev().max_by_key(|note| note.size);
    last.map(|note| note.text.parse())
        .transpose()
        .map_err(|error| refused(NoteSort::Checkpoint.as_str(), &error))
}
