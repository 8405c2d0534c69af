//! Events on their way in and as they are stored.

use std::fmt;

use chrono::NaiveDate;
use waystage_core::id::{Actor, EventId, ParticipantId, Position, Version};
use waystage_core::journey::{Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_evidence::{Digest, EventFrame};

use crate::error::StoreError;
use crate::reader::EventReader;

/// An event that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id: derived from its source, or handed in.
    pub id: EventId,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// When the source says that it knew.
    pub reported_at: Option<Timestamp>,
    /// Who records it, a pseudonym.
    pub actor: Actor,
    /// Who supplied it, and its name there; the idempotency key where it is given.
    pub sourced: Option<Sourced>,
    /// What it belongs to.
    pub correlation: Option<EventId>,
    /// What led to it.
    pub causation: Option<EventId>,
    /// What it says.
    pub record: Record,
}

impl NewEvent {
    /// Returns the event's idempotency key.
    pub fn key(&self) -> Key {
        self.sourced.clone().map_or(Key::Id(self.id), Key::Sourced)
    }
}

/// What makes an event the same event when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The source and its reference.
    Sourced(Sourced),
    /// The event's id, where there is no source.
    Id(EventId),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sourced(sourced) => write!(f, "{} of {}", sourced.reference, sourced.source),
            Self::Id(id) => write!(f, "{id}"),
        }
    }
}

/// An event as it is stored: every column, and the exact bytes of its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Place in the log.
    pub position: Position,
    /// Whose stream.
    pub participant: ParticipantId,
    /// Place in the stream.
    pub version: Version,
    /// The event's id.
    pub id: EventId,
    /// The stored name of its kind.
    pub kind: std::sync::Arc<str>,
    /// The version of its payload's shape.
    pub schema: u32,
    /// When the store witnessed it.
    pub recorded_at: Timestamp,
    /// When the source says that it knew.
    pub reported_at: Option<Timestamp>,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// Who recorded it.
    pub actor: Actor,
    /// Who supplied it, and its name there.
    pub sourced: Option<Sourced>,
    /// What it belongs to.
    pub correlation: Option<EventId>,
    /// What led to it.
    pub causation: Option<EventId>,
    /// The payload: JSON, exactly as it was written.
    pub payload: Vec<u8>,
    /// The hash of the event's frame.
    pub leaf: Digest,
}

impl StoredEvent {
    /// Returns the event's idempotency key.
    pub fn key(&self) -> Key {
        self.sourced.clone().map_or(Key::Id(self.id), Key::Sourced)
    }

    /// Returns the leaf that the stored columns give, for this log and this event before it.
    pub fn leaf_of(&self, origin: &str, previous_leaf: Digest) -> Digest {
        self.framed(origin, previous_leaf, |frame| frame.leaf())
    }

    /// Returns the bytes that the leaf is the hash of.
    pub fn leaf_data_of(&self, origin: &str, previous_leaf: Digest) -> Vec<u8> {
        self.framed(origin, previous_leaf, |frame| frame.leaf_data())
    }

    fn framed<T>(
        &self,
        origin: &str,
        previous_leaf: Digest,
        take: impl FnOnce(&EventFrame<'_>) -> T,
    ) -> T {
        take(&EventFrame {
            origin,
            position: self.position.get(),
            participant: self.participant.as_bytes(),
            version: self.version.get(),
            previous_leaf,
            event_id: self.id.as_bytes(),
            kind: &self.kind,
            schema: self.schema,
            recorded_at: self.recorded_at.micros(),
            reported_at: self.reported_at.map(Timestamp::micros),
            on: &self.on.to_string(),
            actor: self.actor.as_str(),
            sourced: self
                .sourced
                .as_ref()
                .map(|sourced| (sourced.source.as_str(), sourced.reference.as_str())),
            correlation: self.correlation.as_ref().map(EventId::as_bytes),
            causation: self.causation.as_ref().map(EventId::as_bytes),
            payload: &self.payload,
            sealed_hash: None,
        })
    }

    /// Returns the receipt of this event.
    pub fn receipt(&self, duplicate: bool) -> Receipt {
        Receipt {
            position: self.position,
            version: self.version,
            id: self.id,
            recorded_at: self.recorded_at,
            leaf: self.leaf,
            duplicate,
        }
    }
}

/// Proof that an event is in the log, and where.
#[must_use = "a receipt says where the event is, and whether it was there before"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Place in the log.
    pub position: Position,
    /// Place in the stream.
    pub version: Version,
    /// The event's id.
    pub id: EventId,
    /// When the store witnessed it.
    pub recorded_at: Timestamp,
    /// The hash of the event's frame.
    pub leaf: Digest,
    /// Whether it had been recorded before; the receipt is then the first one again.
    pub duplicate: bool,
}

/// An event that is known to be in a log: from its receipt, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownEvent {
    /// Its position.
    pub position: Position,
    /// The hash of its frame.
    pub leaf: Digest,
}

impl From<Receipt> for KnownEvent {
    fn from(receipt: Receipt) -> Self {
        Self { position: receipt.position, leaf: receipt.leaf }
    }
}

impl KnownEvent {
    /// Checks that a log holds this event.
    ///
    /// # Errors
    ///
    /// [`StoreError::BehindReceipt`] where it ends before, or holds another event there: it is an
    /// older copy, or went another way since.
    pub fn check(&self, reader: &(impl EventReader + ?Sized)) -> Result<(), StoreError> {
        let before = Position::new(self.position.get() - 1);
        let there = reader.rows_after(before, 1)?;
        match there.first() {
            Some(there) if (there.position, there.leaf) == (self.position, self.leaf) => Ok(()),
            _ => {
                let last = reader.last_position()?;
                Err(StoreError::BehindReceipt { known: self.position, last })
            }
        }
    }
}
