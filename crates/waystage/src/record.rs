//! Recording facts directly: read the stream, check the structure, append; again if somebody else
//! was faster. Structure is all that is checked; what a programme thinks of a fact is for its rules
//! to read.

use chrono::NaiveDate;
use waystage_core::id::{Actor, EventId, ParticipantId};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, NewEvent, Receipt, StoreError, ToStream, Wanted, check_structure, naming,
    read_stream_where,
};

use crate::clock::since;
use crate::engine::Engine;
use crate::error::EngineError;

const RETRIES: usize = 5;

/// A fact that is to be recorded. It carries its key from the start: recording the same value
/// again, after a failure of any kind, is always safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// The event's id; its key, where no source supplied it.
    pub id: EventId,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// What happened.
    pub fact: Fact,
    /// Who records it, a pseudonym.
    pub actor: Actor,
    /// When the source says that it knew.
    pub reported_at: Option<Timestamp>,
    /// Who supplied it and its name there. Sending it again with the same name is safe.
    pub sourced: Option<Sourced>,
}

impl NewFact {
    /// Returns a fact that happened on a day, recorded directly by an actor under an id that was
    /// never used before. [`Engine::fact`] makes the id as well.
    pub fn new(id: EventId, on: NaiveDate, actor: impl Into<Actor>, fact: impl Into<Fact>) -> Self {
        let (fact, actor) = (fact.into(), actor.into());
        Self { id, on, fact, actor, reported_at: None, sourced: None }
    }

    /// Returns the fact as supplied by a source, under its name there and reported at an instant.
    /// Its id follows from these.
    #[must_use]
    pub fn sourced(self, sourced: Sourced, reported_at: Timestamp) -> Self {
        let id = naming::event(&sourced, reported_at);
        Self { id, sourced: Some(sourced), reported_at: Some(reported_at), ..self }
    }

    pub(crate) fn into_event(self) -> NewEvent {
        NewEvent {
            id: self.id,
            on: self.on,
            reported_at: self.reported_at,
            actor: self.actor,
            sourced: self.sourced,
            correlation: None,
            causation: None,
            record: Record::Fact(self.fact),
        }
    }
}

impl Engine {
    /// Records facts of one participant, all or none, and returns a receipt for each. When it
    /// returns, they are durable. Facts that were recorded before get their first receipts again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] where a fact names something that is not recorded, a key is used for
    /// other content, or a day lies in the future; nothing was recorded then.
    pub fn record(
        &self,
        participant: ParticipantId,
        facts: Vec<NewFact>,
    ) -> Result<Vec<Receipt>, EngineError> {
        let span = tracing::info_span!(
            "waystage.record",
            facts = facts.len() as u64,
            duplicates = tracing::field::Empty,
            position = tracing::field::Empty,
            attempts = tracing::field::Empty
        );
        let _entered = span.enter();
        let begun = self.now();
        let events: Vec<NewEvent> = facts.into_iter().map(NewFact::into_event).collect();
        for attempt in 1..=RETRIES {
            // what cannot be read of a participant is no reason to refuse what is told of them
            let stream = read_stream_where(&*self.store, participant, &|_| Wanted::IfReadable)?;
            check_structure(&stream.events, &events).map_err(StoreError::from)?;
            let streams = vec![ToStream { head: stream.head(), events: events.clone() }];
            match self.store.append(Append { now: self.now(), streams }) {
                Err(StoreError::Conflict { .. }) => {}
                answer => {
                    let receipts = answer?;
                    span.record("attempts", attempt as u64);
                    let last = receipts.iter().map(|receipt| receipt.position).max();
                    self.in_step_with(last);
                    self.told(&span, &receipts, begun);
                    return Ok(receipts);
                }
            }
        }
        Err(EngineError::Contended { participant })
    }

    fn told(&self, span: &tracing::Span, receipts: &[Receipt], begun: Timestamp) {
        let duplicates = receipts.iter().filter(|receipt| receipt.duplicate).count() as u64;
        span.record("duplicates", duplicates);
        if let Some(last) = receipts.last() {
            span.record("position", last.position.get());
        }
        self.meter.count("waystage.record.facts", receipts.len() as u64 - duplicates);
        self.meter.count("waystage.record.duplicates", duplicates);
        self.meter.took("waystage.record", since(begun, self.now()));
    }

    /// Returns a fact that happened on a day, recorded directly by an actor, under a new id.
    pub fn fact(&self, on: NaiveDate, actor: impl Into<Actor>, fact: impl Into<Fact>) -> NewFact {
        NewFact::new(self.new_id(), on, actor, fact)
    }
}
