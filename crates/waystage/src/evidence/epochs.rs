//! The epochs of a log, and the notes and events that bind one to the next.

use waystage_core::determination::{LogEntry, LogRecovered};
use waystage_core::id::Position;
use waystage_core::journey::Record;
use waystage_evidence::{Checkpoint, Recovery, SignedNote};
use waystage_store::{Epoch, EventReader, Held, StoreError, codec};

use crate::error::EngineError;

use super::trusted::recoveries;
use super::verifying::DeclaredLoss;

/// One epoch, and how it ended.
struct Bound {
    epoch: Epoch,
    /// Its last position, the note that binds the next one to it, and the declaration; none where
    /// it is the present one.
    ended: Option<(u64, Recovery, LogRecovered)>,
}

/// Where a checkpoint stands among the epochs.
pub(super) enum Place {
    /// In the log as it is.
    Within,
    /// It goes beyond the end of its epoch; that was declared.
    Lost(DeclaredLoss),
}

/// The epochs of a log, each bound to the next as the page of the forms has it.
pub(super) struct Epochs(Vec<Bound>);

impl Epochs {
    /// Reads the epochs. Where one begins, there has to be the event that declares it and the
    /// recovery note that binds it to the one before.
    pub(super) fn read(reader: &dyn EventReader) -> Result<Self, EngineError> {
        let epochs = reader.epochs()?;
        let notes = recoveries(reader)?;
        let mut bound = Vec::new();
        for (index, epoch) in epochs.iter().enumerate() {
            let ended = match epochs.get(index + 1) {
                Some(next) => Some(end(reader, epoch, next, &notes)?),
                None => None,
            };
            bound.push(Bound { epoch: epoch.clone(), ended });
        }
        Ok(Self(bound))
    }

    /// Finds where a checkpoint stands.
    pub(super) fn place(
        &self,
        reader: &dyn EventReader,
        checkpoint: &Checkpoint,
    ) -> Result<Place, EngineError> {
        let of_epoch = |bound: &&Bound| bound.epoch.origin == checkpoint.origin;
        let Some(bound) = self.0.iter().find(of_epoch) else {
            return Err(EngineError::Evidence {
                what: format!("a checkpoint of {}", checkpoint.origin),
                says: format!("this log is {}: it is of another log", reader.origin()),
            });
        };
        let Some((end, recovery, declared)) = &bound.ended else { return Ok(Place::Within) };
        if checkpoint.size <= *end {
            return Ok(Place::Within);
        }
        if recovery.old.size < checkpoint.size {
            return Err(EngineError::Evidence {
                what: format!("the checkpoint of {} events", checkpoint.size),
                says: format!(
                    "the loss was declared up to {} events: it goes further, and nobody declared \
                     that lost",
                    recovery.old.size
                ),
            });
        }
        let place = |position| Position::new(position).unwrap_or(Position::FIRST);
        Ok(Place::Lost(DeclaredLoss {
            from: place(end + 1),
            through: place(checkpoint.size),
            operator: declared.operator.clone(),
            approver: declared.approver.clone(),
            reason: declared.reason.clone(),
        }))
    }

    /// Returns the last size that is in the log of the epoch of this identity.
    pub(super) fn end_of(&self, origin: &str) -> Option<u64> {
        let bound = self.0.iter().find(|bound| bound.epoch.origin == origin)?;
        bound.ended.as_ref().map(|(end, ..)| *end)
    }

    /// Returns the roots that recovery notes name of the tree with the declaration in it.
    pub(super) fn roots(&self) -> impl Iterator<Item = Held> {
        self.0.iter().filter_map(|bound| bound.ended.as_ref()).map(|(_, recovery, _)| Held {
            size: recovery.new.size,
            root: recovery.new.root,
            leaves: Vec::new(),
        })
    }
}

/// Returns how an epoch ended: the next one begins with a declaration, and a note binds the two.
fn end(
    reader: &dyn EventReader,
    epoch: &Epoch,
    next: &Epoch,
    notes: &[(SignedNote, Recovery)],
) -> Result<(u64, Recovery, LogRecovered), EngineError> {
    let first = next.first;
    let says = "another identity begins here, and nobody declared it";
    let declared = declaration(reader, first)?.filter(|it| it.origin == next.origin);
    let declared = declared.ok_or(StoreError::Corrupt { position: first, says })?;
    let binds = |(note, recovery): &&(SignedNote, Recovery)| {
        recovery.old.origin == epoch.origin
            && recovery.new.origin == next.origin
            && recovery.new.size == first.get()
            && note.is_signed_by(&recovery.key)
    };
    let says = "another identity begins here, and no recovery note binds it to the one before";
    let (_, recovery) =
        notes.iter().find(binds).ok_or(StoreError::Corrupt { position: first, says })?;
    let old: Option<SignedNote> = declared.old_checkpoint.parse().ok();
    let old = old.and_then(|note| Checkpoint::of_note(&note).ok());
    if old.as_ref() != Some(&recovery.old) {
        let says = "the declaration names another checkpoint than the recovery note";
        return Err(StoreError::Corrupt { position: first, says }.into());
    }
    Ok((first.get() - 1, recovery.clone(), declared))
}

/// Returns the event that declares an epoch, at its first position.
pub(super) fn declaration(
    reader: &dyn EventReader,
    first: Position,
) -> Result<Option<LogRecovered>, StoreError> {
    let rows = reader.rows_after(Position::new(first.get() - 1), 1)?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(match codec::decode(row)?.record {
        Record::Log(LogEntry::LogRecovered(recovered)) => Some(recovered),
        _ => None,
    })
}
