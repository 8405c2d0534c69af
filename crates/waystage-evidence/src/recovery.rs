//! Going on after a loss: a new epoch of a log under a new origin, declared by both epochs' keys.

use crate::checkpoint::Checkpoint;
use crate::key::{KeyKind, PublicKey, SecretKey};
use crate::note::SignedNote;
use crate::rotation::{ChainError, KeyChain};

const BEGINS: &str = "waystage/recovery/v1\n";

/// What a log's owner says when a store goes on that is older than a checkpoint somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The last checkpoint of the old epoch that is known; some of it may be lost.
    pub old: Checkpoint,
    /// The new epoch's origin, and the tree with the declaration as its last leaf.
    pub new: Checkpoint,
    /// The new epoch's key.
    pub key: PublicKey,
}

/// Returns the origin of the epoch after this one: `…/e2` behind a first epoch's origin, then
/// `…/e3` and so on.
///
/// ```
/// use waystage_evidence::next_origin;
///
/// assert_eq!(next_origin("example.org/log"), "example.org/log/e2");
/// assert_eq!(next_origin("example.org/log/e2"), "example.org/log/e3");
/// ```
pub fn next_origin(origin: &str) -> String {
    let epoch = origin.rsplit_once("/e").and_then(|(first, epoch)| {
        let number = crate::text::number(epoch).filter(|number| *number >= 2)?;
        Some((first, number.checked_add(1)?))
    });
    let (first, number) = epoch.unwrap_or((origin, 2));
    format!("{first}/e{number}")
}

impl Recovery {
    /// Returns the text that both keys sign.
    pub fn text(&self) -> String {
        format!("{BEGINS}{}{}{}\n", self.old.text(), self.new.text(), self.key)
    }

    /// Reads such a text; nothing may stand behind it.
    pub fn parse_text(text: &str) -> Result<Self, ChainError> {
        let read = || {
            let lines: Vec<&str> = text.strip_prefix(BEGINS)?.split_inclusive('\n').collect();
            let [old @ .., _, _, _, key] = lines.as_slice() else { return None };
            let new = lines.get(3..6)?;
            Some(Self {
                old: Checkpoint::parse_text(&old.concat()).ok()?,
                new: Checkpoint::parse_text(&new.concat()).ok()?,
                key: key.strip_suffix('\n')?.parse().ok()?,
            })
        };
        read().ok_or(ChainError::Shape("recovery"))
    }

    /// Reads what a note says, whoever signed it. [`Recovery::verified`] asks who did.
    pub fn of_note(note: &SignedNote) -> Result<Self, ChainError> {
        Self::parse_text(note.text())
    }

    /// Signs it with the last key of the old epoch and the key of the new one.
    pub fn sign(&self, old: &SecretKey, new: &SecretKey) -> Result<SignedNote, ChainError> {
        self.check_keys()?;
        let is_the_logs = old.public().kind() == KeyKind::Log;
        if !is_the_logs || old.public().name() != self.old.origin {
            return Err(ChainError::OldKey);
        }
        if *new.public() != self.key {
            return Err(ChainError::NewKey { origin: self.new.origin.clone() });
        }
        Ok(SignedNote::sign(&self.text(), &[old, new])?)
    }

    /// Reads a note that the old epoch's chain stands for: signed by the last key that it trusts
    /// and by the new epoch's key, which is in the answer.
    pub fn verified(note: &SignedNote, old: &KeyChain) -> Result<Self, ChainError> {
        let recovery = Self::of_note(note)?;
        old.check_origin(&recovery.old.origin)?;
        recovery.check_keys()?;
        note.verify(old.key())?;
        note.verify(&recovery.key)?;
        old.check_point(&recovery.old)?;
        Ok(recovery)
    }

    fn check_keys(&self) -> Result<(), ChainError> {
        let origin = next_origin(&self.old.origin);
        if self.new.origin != origin {
            return Err(ChainError::Origin { origin, found: self.new.origin.clone() });
        }
        if self.key.kind() != KeyKind::Log || self.key.name() != origin {
            return Err(ChainError::NewKey { origin });
        }
        // a tree with the declaration in it has a leaf
        if self.new.size > 0 { Ok(()) } else { Err(ChainError::Shape("recovery")) }
    }
}
