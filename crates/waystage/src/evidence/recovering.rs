//! Going on with a store that is older than what is known of it: declared, signed, and under
//! another identity from there on, so that a fork is never hidden.

use std::path::Path;

use waystage_core::determination::{LogEntry, LogRecovered};
use waystage_core::id::Position;
use waystage_evidence::{Checkpoint, Recovery, SecretKey, SignedCheckpoint, next_origin, root_at};
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, KeptNote, KeptTree, NewEvent, NoteSort, StoreError, ToStream, examine, log_head,
};

use crate::engine::{Engine, LOG_FILE};
use crate::error::EngineError;

use super::epochs::declaration;
use super::trusted::recoveries;
use super::{Anchor, follows, newest, refused};

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
    /// checkpoint that anybody has; the anchor is brought over to the new epoch. Where that was cut
    /// off half-way, the same call goes on with it: keep the new key.
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
        if declared.operator == declared.approver {
            return Err(EngineError::NeedsTwo);
        }
        let engine = Self::open(folder)?;
        check_anchor(anchor, known)?;
        let engine = if engine.has_begun(known)? {
            check_keys(known, engine.reader().origin(), old, new)?;
            engine
        } else {
            let origin = next_origin(engine.reader().origin());
            check_keys(known, &origin, old, new)?;
            let append = engine.declaration_of(known, &origin, declared)?;
            drop(engine);
            Self::of_log(SqliteLog::begin_epoch(&folder.join(LOG_FILE), &origin, append)?.0)
        };
        let signed = engine.bind_epochs(known, (old, new), anchor)?;
        Ok((engine, signed))
    }

    /// Returns whether the present epoch was begun for this loss, and nothing of it signed yet.
    fn has_begun(&self, known: &SignedCheckpoint) -> Result<bool, EngineError> {
        let epochs = self.reader().epochs()?;
        let Some(last) = epochs.last().filter(|_| epochs.len() > 1) else { return Ok(false) };
        let declared = declaration(self.reader(), last.first)?;
        let is_this = declared.is_some_and(|it| it.old_checkpoint == known.to_string());
        Ok(is_this && newest(self.reader())?.is_none())
    }

    /// Returns what declares the loss.
    fn declaration_of(
        &self,
        known: &SignedCheckpoint,
        origin: &str,
        declared: &Declared,
    ) -> Result<Append, EngineError> {
        let end = match follows(self.reader(), &known.checkpoint) {
            Ok(()) => return Err(EngineError::NothingLost),
            Err(EngineError::Store(
                StoreError::BehindCheckpoint { .. } | StoreError::Rewritten { .. },
            )) => self.reader().last_position()?.map_or(0, Position::get),
            Err(other) => return Err(other),
        };
        let lost = (end < known.checkpoint.size)
            .then(|| (Position::new(end + 1), Position::new(known.checkpoint.size)));
        let event = NewEvent {
            actor: declared.operator.as_str().into(),
            ..self.log_event(LogEntry::LogRecovered(LogRecovered {
                origin: origin.to_owned(),
                old_checkpoint: known.to_string(),
                lost_from: lost.and_then(|(from, _)| from),
                lost_through: lost.and_then(|(_, through)| through),
                operator: declared.operator.clone(),
                approver: declared.approver.clone(),
                reason: declared.reason.clone(),
            }))
        };
        let head = log_head(self.reader())?;
        Ok(Append { now: self.now(), streams: vec![ToStream { head, events: vec![event] }] })
    }

    /// Signs what binds the epochs, and the first checkpoint of the new one.
    fn bind_epochs(
        &self,
        known: &SignedCheckpoint,
        (old, new): (&SecretKey, &SecretKey),
        anchor: &Anchor,
    ) -> Result<SignedCheckpoint, EngineError> {
        let reader = self.reader();
        let verified = examine(reader, &[], &|_| {})?;
        let origin = reader.origin().to_owned();
        let first = reader.epochs()?.last().map_or(Position::FIRST, |epoch| epoch.first).get();
        let is_bound = recoveries(reader)?.iter().any(|(_, note)| note.new.origin == origin);
        if !is_bound {
            let root = root_at(&KeptTree(reader), first)?;
            let at = Checkpoint { origin: origin.clone(), size: first, root };
            let key = new.public().clone();
            let recovery = Recovery { old: known.checkpoint.clone(), new: at, key };
            let note = recovery.sign(old, new).map_err(|error| refused("the recovery", &error))?;
            let (sort, text) = (NoteSort::Recovery, note.to_string());
            self.store.keep_note(KeptNote { sort, size: first, text })?;
        }
        let at = Checkpoint { origin, size: verified.size, root: verified.root };
        let note = at.sign(&[new]).map_err(|error| refused("the checkpoint", &error))?;
        let signed = SignedCheckpoint { checkpoint: at, note };
        let goes_on = |before: &Checkpoint| {
            let is_brought_over = before.origin == known.checkpoint.origin;
            if is_brought_over { Ok(()) } else { follows(reader, before) }
        };
        anchor.advance(&signed, &goes_on)?;
        let (sort, size) = (NoteSort::Checkpoint, signed.checkpoint.size);
        self.store.keep_note(KeptNote { sort, size, text: signed.to_string() })?;
        Ok(signed)
    }
}

/// Checks, before anything is written, that the anchor can be brought forward and is not newer than
/// what is known.
fn check_anchor(anchor: &Anchor, known: &SignedCheckpoint) -> Result<(), EngineError> {
    anchor.prepare()?;
    let held = anchor.read()?.map(|held| held.checkpoint);
    let is_newer = held.is_some_and(|held| {
        held.origin == known.checkpoint.origin && known.checkpoint.size < held.size
    });
    if is_newer {
        let what = "the checkpoint that is known".to_owned();
        let says = "the anchor has a newer one: recover from that".to_owned();
        return Err(EngineError::Evidence { what, says });
    }
    Ok(())
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
