//! Signing: a checkpoint is signed only of what was read again and computed again, follows from
//! the one before, and is anchored before anybody sees it.

use waystage_evidence::{Checkpoint, Rotation, SecretKey, SignedCheckpoint, SignedNote};
use waystage_store::{KeptNote, NoteSort, examine, examine_since};

use crate::engine::Engine;
use crate::error::EngineError;

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
    /// [`EngineError::WrongKey`] where the key is not the log's, or not its present one. A
    /// [`StoreError`](waystage_store::StoreError) where the log does not fit itself or what was
    /// signed before: nothing is signed then.
    pub fn checkpoint(
        &self,
        key: &SecretKey,
        anchor: &Anchor,
        watch: &dyn Fn(u64),
    ) -> Result<SignedCheckpoint, EngineError> {
        let reader = self.reader();
        let last = newest(reader)?;
        self.check_signer(key, last.as_ref())?;
        let verified = match &last {
            Some(last) => examine_since(reader, &held(last, Vec::new()), watch)?,
            None => examine(reader, &[], watch)?,
        };
        let origin = reader.origin().to_owned();
        let checkpoint = Checkpoint { origin, size: verified.size, root: verified.root };
        let note = checkpoint.sign(&[key]).map_err(|error| refused("the checkpoint", &error))?;
        // where nothing came since, the one before is good: a key that was changed in between is
        // not trusted for a tree of this size
        let (signed, is_new) = match last {
            Some(last) if last.checkpoint == checkpoint => (last, false),
            _ => (SignedCheckpoint { checkpoint, note }, true),
        };
        anchor.advance(&signed, &|before| follows(reader, before))?;
        if is_new {
            let (size, text) = (signed.checkpoint.size, signed.to_string());
            self.store.keep_note(KeptNote { sort: NoteSort::Checkpoint, size, text })?;
        }
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

    /// Keeps a checkpoint of this log with further signature lines, such as a witness's.
    ///
    /// # Errors
    ///
    /// [`EngineError::Evidence`] where it is of another log, and as opening an anchored log where
    /// it is not a beginning of this one.
    pub fn keep_cosigned(&self, signed: &SignedCheckpoint) -> Result<(), EngineError> {
        follows(self.reader(), &signed.checkpoint)?;
        let (size, text) = (signed.checkpoint.size, signed.to_string());
        Ok(self.store.keep_note(KeptNote { sort: NoteSort::Checkpoint, size, text })?)
    }

    /// Checks that a key is the one that signs now.
    pub(super) fn check_signer(
        &self,
        key: &SecretKey,
        last: Option<&SignedCheckpoint>,
    ) -> Result<(), EngineError> {
        let (origin, public) = (self.reader().origin(), key.public());
        let wrong = |says: String| Err(EngineError::WrongKey { says });
        if public.name() != origin {
            return wrong(format!("it is a key of {}, and the log is {origin}", public.name()));
        }
        let rotations = self.reader().notes(NoteSort::Rotation)?;
        let rotations = rotations.iter().filter_map(|note| {
            Rotation::of_note(&note.text.parse().ok()?).ok().filter(|at| at.at.origin == origin)
        });
        match rotations.reduce(|_, later| later) {
            Some(rotation) if rotation.new != *public => {
                wrong(format!("the log is signed with {} now", rotation.new))
            }
            Some(_) => Ok(()),
            None => match last.filter(|last| last.checkpoint.origin == origin) {
                Some(last) if last.verify(public).is_err() => {
                    wrong("it did not sign the checkpoint before: change keys with both".to_owned())
                }
                _ => Ok(()),
            },
        }
    }
}
