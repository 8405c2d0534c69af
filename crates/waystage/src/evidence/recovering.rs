//! Going on with a store that is older than what is known of it: declared, signed, and under
//! another identity from there on, so that a fork is never hidden.

use std::path::Path;

use waystage_core::determination::{LogEntry, LogRecovered};
use waystage_core::id::Position;
use waystage_evidence::{Checkpoint, Recovery, SecretKey, SignedCheckpoint, next_origin};
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, KeptNote, NewEvent, NoteSort, StoreError, ToStream, examine, read_log,
};

use crate::engine::{Engine, LOG_FILE};
use crate::error::EngineError;

use super::{Anchor, follows, refused};

/// Who declares a loss, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Who declares it, a pseudonym.
    pub operator: String,
    /// Who agreed to it, a pseudonym; another than the operator.
    pub approver: String,
    /// Why, in words.
    pub reason: String,
}

impl Engine {
    /// Opens the store in a folder, whose log must hold what the anchor says that it held.
    ///
    /// # Errors
    ///
    /// [`StoreError::BehindCheckpoint`] where the store is an older copy, and
    /// [`StoreError::Rewritten`] where it went another way.
    pub fn open_anchored(folder: &Path, anchor: &Anchor) -> Result<Self, EngineError> {
        let engine = Self::open(folder)?;
        if let Some(held) = anchor.read()? {
            follows(engine.reader(), &held.checkpoint)?;
        }
        Ok(engine)
    }

    /// Goes on with a store that is older than a checkpoint that is known, and says so: an event of
    /// the log's own stream names what is lost, a new epoch of the log begins with it, and a note
    /// signed with the old epoch's key and the new one's binds the two. `known` is the newest
    /// checkpoint that anybody has; the anchor is brought over to the new epoch.
    ///
    /// What was recorded after the copy was taken has to be sent again; the same keys make that
    /// safe.
    ///
    /// # Errors
    ///
    /// [`EngineError::NothingLost`] where the store holds what was signed.
    /// [`EngineError::WrongKey`] where a key is not the old epoch's, or not one of the new identity
    /// ([`waystage_evidence::next_origin`]).
    pub fn recover(
        folder: &Path,
        known: &SignedCheckpoint,
        (old, new): (&SecretKey, &SecretKey),
        anchor: &Anchor,
        declared: &Declared,
    ) -> Result<(Self, SignedCheckpoint), EngineError> {
        let engine = Self::open(folder)?;
        let origin = next_origin(engine.reader().origin());
        check_keys(known, &origin, old, new)?;
        if declared.operator == declared.approver {
            let says = "somebody else than who declares it has to agree".to_owned();
            return Err(EngineError::Evidence { what: "the declaration".to_owned(), says });
        }
        let is_lost = match follows(engine.reader(), &known.checkpoint) {
            Ok(()) => return Err(EngineError::NothingLost),
            Err(EngineError::Store(
                StoreError::BehindCheckpoint { .. } | StoreError::Rewritten { .. },
            )) => engine.reader().last_position()?,
            Err(other) => return Err(other),
        };
        let end = is_lost.map_or(0, Position::get);
        let lost = (end < known.checkpoint.size)
            .then(|| (Position::new(end + 1), Position::new(known.checkpoint.size)));
        let event = NewEvent {
            actor: declared.operator.as_str().into(),
            ..engine.log_event(LogEntry::LogRecovered(LogRecovered {
                origin: origin.clone(),
                old_checkpoint: known.to_string(),
                lost_from: lost.and_then(|(from, _)| from),
                lost_through: lost.and_then(|(_, through)| through),
                operator: declared.operator.clone(),
                approver: declared.approver.clone(),
                reason: declared.reason.clone(),
            }))
        };
        let head = read_log(engine.reader())?.head();
        let append =
            Append { now: engine.now(), streams: vec![ToStream { head, events: vec![event] }] };
        drop(engine);
        let (log, _) = SqliteLog::begin_epoch(&folder.join(LOG_FILE), &origin, append)?;
        let engine = Self::of_log(log);
        let signed = engine.bind_epochs(known, (old, new), anchor)?;
        Ok((engine, signed))
    }

    /// Signs what binds the epochs, and the first checkpoint of the new one.
    fn bind_epochs(
        &self,
        known: &SignedCheckpoint,
        (old, new): (&SecretKey, &SecretKey),
        anchor: &Anchor,
    ) -> Result<SignedCheckpoint, EngineError> {
        let verified = examine(self.reader(), &[], &|_| {})?;
        let origin = self.reader().origin().to_owned();
        let at = Checkpoint { origin, size: verified.size, root: verified.root };
        let recovery =
            Recovery { old: known.checkpoint.clone(), new: at.clone(), key: new.public().clone() };
        let note = recovery.sign(old, new).map_err(|error| refused("the recovery", &error))?;
        let (size, text) = (at.size, note.to_string());
        self.store.keep_note(KeptNote { sort: NoteSort::Recovery, size, text })?;
        let note = at.sign(&[new]).map_err(|error| refused("the checkpoint", &error))?;
        let signed = SignedCheckpoint { checkpoint: at, note };
        anchor.advance(&signed, &|before| follows(self.reader(), before))?;
        let text = signed.to_string();
        self.store.keep_note(KeptNote { sort: NoteSort::Checkpoint, size, text })?;
        Ok(signed)
    }
}

fn check_keys(
    known: &SignedCheckpoint,
    origin: &str,
    old: &SecretKey,
    new: &SecretKey,
) -> Result<(), EngineError> {
    if known.verify(old.public()).is_err() {
        let says = "it did not sign the checkpoint that is known".to_owned();
        return Err(EngineError::WrongKey { says });
    }
    if new.public().name() != origin {
        let says = format!("the new epoch is {origin}, and it is a key of {}", new.public().name());
        return Err(EngineError::WrongKey { says });
    }
    Ok(())
}
