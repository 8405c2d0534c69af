//! Signing: a checkpoint is signed only of what was read again and computed again, follows from
//! the one before, and is anchored before anybody sees it.

use waystage_evidence::{Checkpoint, Rotation, SecretKey, SignedCheckpoint, SignedNote};
use waystage_store::{KeptNote, NoteSort, examine, examine_since};

use crate::engine::Engine;
use crate::error::EngineError;

use super::trusted::up_to;
use super::verifying::held;
use super::{Anchor, follows, newest, refused};

impl Engine {
    /// Signs the log as it stands, or returns the newest checkpoint where nothing came since. What
    /// came since is read again and computed again from its columns; the checkpoint before and the
    /// anchor have to be beginnings of it. The anchor is brought forward first, then the log keeps
    /// the note.
    ///
    /// `watch` is told now and then how many events have been looked at.
    ///
    /// # Errors
    ///
    /// [`EngineError::WrongKey`] where the key is not the log's, or not its present one, or the
    /// newest checkpoint that the log keeps was not signed by one of its keys.
    /// [`EngineError::NoAnchor`] where the log was signed and the anchor is gone. A
    /// [`StoreError`](waystage_store::StoreError) where the log does not fit itself or what was
    /// signed before: nothing is signed then.
    pub fn checkpoint(
        &self,
        key: &SecretKey,
        anchor: &Anchor,
        watch: &dyn Fn(u64),
    ) -> Result<SignedCheckpoint, EngineError> {
        let reader = self.reader();
        let keys = up_to(reader, key)?;
        let last = newest(reader)?;
        if let Some(last) = &last {
            keys.verify(last).map_err(|error| EngineError::WrongKey {
                says: format!("the newest checkpoint that is kept is not the log's: {error}"),
            })?;
        }
        if last.is_some() && !anchor.may_begin() && anchor.read()?.is_none() {
            return Err(EngineError::NoAnchor { path: anchor.path().display().to_string() });
        }
        let verified = match &last {
            Some(last) => examine_since(reader, &held(last, Vec::new()), watch)?,
            None => examine(reader, &[], watch)?,
        };
        // nothing is signed twice: after a change of keys the old one signed this size
        if let Some(last) = last.filter(|last| last.checkpoint.size == verified.size) {
            anchor.advance(&last, &|before| follows(reader, before))?;
            return Ok(last);
        }
        let origin = reader.origin().to_owned();
        let checkpoint = Checkpoint { origin, size: verified.size, root: verified.root };
        let note = checkpoint.sign(&[key]).map_err(|error| refused("the checkpoint", &error))?;
        let signed = SignedCheckpoint { checkpoint, note };
        anchor.advance(&signed, &|before| follows(reader, before))?;
        let (sort, size) = (NoteSort::Checkpoint, signed.checkpoint.size);
        self.store.keep_note(KeptNote { sort, size, text: signed.to_string() })?;
        Ok(signed)
    }

    /// Changes the key with which the log is signed. The log is signed once more with the old key;
    /// up to there that one is good, and from there on the new one. Returns the note that says so,
    /// signed by both: hand it to whoever holds the old key.
    ///
    /// # Errors
    ///
    /// As [`Engine::checkpoint`].
    pub fn rotate_key(
        &self,
        old: &SecretKey,
        new: &SecretKey,
        anchor: &Anchor,
    ) -> Result<SignedNote, EngineError> {
        let at = self.checkpoint(old, anchor, &|_| {})?.checkpoint;
        let size = at.size;
        let rotation = Rotation { at, old: old.public().clone(), new: new.public().clone() };
        let note =
            rotation.sign(old, new).map_err(|error| refused("the change of keys", &error))?;
        let text = note.to_string();
        self.store.keep_note(KeptNote { sort: NoteSort::Rotation, size, text })?;
        Ok(note)
    }

    /// Keeps a checkpoint of this log with further signature lines, such as a witness's: one that
    /// the log keeps, with every line that it has there.
    ///
    /// # Errors
    ///
    /// [`EngineError::Evidence`] where the log keeps no such checkpoint.
    pub fn keep_cosigned(&self, signed: &SignedCheckpoint) -> Result<(), EngineError> {
        let (size, text) = (signed.checkpoint.size, signed.to_string());
        let kept = self.reader().notes(NoteSort::Checkpoint)?;
        let is_kept = kept.iter().filter(|note| note.size == size).any(|note| {
            let kept: Option<SignedCheckpoint> = note.text.parse().ok();
            kept.is_some_and(|kept| {
                kept.checkpoint == signed.checkpoint
                    && note.text.lines().all(|line| text.lines().any(|other| other == line))
            })
        });
        if !is_kept {
            let what = format!("the checkpoint of {size} events");
            let says = "the log keeps none with these lines: sign one first".to_owned();
            return Err(EngineError::Evidence { what, says });
        }
        follows(self.reader(), &signed.checkpoint)?;
        Ok(self.store.keep_note(KeptNote { sort: NoteSort::Checkpoint, size, text })?)
    }
}
