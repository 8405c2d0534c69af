//! What to do about participants of whom something cannot be read. Both acts are recorded in the
//! log's own stream: whatever is replayed knows of them, and an audit finds who did it and why.

use waystage_core::determination::{EventSkipped, LogEntry, ParticipantRetried};
use waystage_core::id::{Actor, ParticipantId, Position};
use waystage_store::models::{Parked, Slot};
use waystage_store::{Append, NewEvent, Receipt, StoreError, ToStream, codec, read_log};

use crate::engine::Engine;
use crate::error::EngineError;

const RETRIES: usize = 5;

impl Engine {
    /// Returns who cannot be read in the view of today, in order of their ids: every report is
    /// without them.
    pub fn parked(&self) -> Result<Vec<Parked>, EngineError> {
        let lens = self.lens(self.today())?;
        Ok(self.replay(&lens).each(|_| ())?.parked)
    }

    /// Goes on without an event: it is left out of whatever reads the log beyond this place, and
    /// its participant is read again. Views up to an earlier position stay as they were.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoSuchEvent`] where there is none at that place, or it is the log's own;
    /// [`EngineError::NothingToSkip`] where the event can be read and nobody fails on its
    /// participant: a fact that is wrong is withdrawn, not skipped.
    pub fn skip(
        &self,
        position: Position,
        by: impl Into<Actor>,
        reason: &str,
    ) -> Result<Receipt, EngineError> {
        let rows = self.reader().rows_after(Position::new(position.get() - 1), 1)?;
        let skipped = rows.first().filter(|row| row.participant != ParticipantId::LOG);
        let Some(row) = skipped else { return Err(EngineError::NoSuchEvent { position }) };
        if codec::decode(row).is_ok() && !self.fails_on(row.participant)? {
            return Err(EngineError::NothingToSkip { position });
        }
        let reason = reason.to_owned();
        let skipped = EventSkipped { participant: row.participant, position, reason };
        self.decide(LogEntry::EventSkipped(skipped), &by.into())
    }

    /// Reads a participant again with everything that was recorded: none of their events is skipped
    /// any more. Whether they can be read now is seen in [`Engine::parked`].
    pub fn retry(
        &self,
        participant: ParticipantId,
        by: impl Into<Actor>,
        reason: &str,
    ) -> Result<Receipt, EngineError> {
        let retried = ParticipantRetried { participant, reason: reason.to_owned() };
        self.decide(LogEntry::ParticipantRetried(retried), &by.into())
    }

    /// Returns whether a kept model fails on a participant.
    fn fails_on(&self, participant: ParticipantId) -> Result<bool, EngineError> {
        let Some(models) = &self.models else { return Ok(false) };
        let snapshot = models.kept.store.snapshot()?;
        for (model, _) in snapshot.fingerprints(Slot::Live)? {
            let parked = snapshot.parked(Slot::Live, &model)?;
            if parked.iter().any(|each| each.participant == participant) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn decide(&self, entry: LogEntry, by: &Actor) -> Result<Receipt, EngineError> {
        let event = NewEvent { actor: by.clone(), ..self.log_event(entry) };
        for _ in 0..RETRIES {
            let head = read_log(self.reader())?.head();
            let streams = vec![ToStream { head, events: vec![event.clone()] }];
            let receipts = match self.store.append(Append { now: self.now(), streams }) {
                Err(StoreError::Conflict { .. }) => continue,
                answer => answer?,
            };
            if let Some(receipt) = receipts.first() {
                self.in_step();
                return Ok(*receipt);
            }
        }
        Err(EngineError::Contended { participant: ParticipantId::LOG })
    }
}
