//! An event as the log holds it, decoded: what was recorded, by whom, when, and who supplied it.

use chrono::NaiveDate;

use super::{Fact, Kind};
use crate::determination::{Determination, LogEntry};
use crate::id::{Actor, EventId, ParticipantId, Position, Reference, Source, Version};
use crate::time::Timestamp;
use crate::view::Basis;

/// Who supplied an event, and its name there. Together they are its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sourced {
    /// The system.
    pub source: Source,
    /// The row's reference in that system.
    pub reference: Reference,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Something that happened.
    Fact(Fact),
    /// Something that rules said of the facts.
    Determination(Determination),
    /// Something about the log itself.
    Log(LogEntry),
}

impl Record {
    /// Returns the kind of event.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Fact(fact) => fact.kind(),
            Self::Determination(determination) => determination.kind(),
            Self::Log(entry) => entry.kind(),
        }
    }
}

/// One recorded event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Place in the log.
    pub position: Position,
    /// Place in the participant's stream.
    pub version: Version,
    /// Whose stream.
    pub participant: ParticipantId,
    /// The event's id.
    pub id: EventId,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// The instant at which the store witnessed it.
    pub recorded_at: Timestamp,
    /// When the source says that it knew.
    pub reported_at: Option<Timestamp>,
    /// Who recorded it, a pseudonym.
    pub actor: Actor,
    /// Who supplied it; none where it was recorded directly.
    pub sourced: Option<Sourced>,
    /// What it belongs to: an import, a request.
    pub correlation: Option<EventId>,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// What it says.
    pub record: Record,
}

/// Reported last means last by this order: when it was told, the source's reference, the id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Learned<'a> {
    told: Timestamp,
    reference: Option<&'a str>,
    id: EventId,
}

impl Recorded {
    /// Returns the fact, where the event is one.
    pub const fn fact(&self) -> Option<&Fact> {
        match &self.record {
            Record::Fact(fact) => Some(fact),
            Record::Determination(_) | Record::Log(_) => None,
        }
    }

    /// Returns when it was told: what the source says, or else the time in the event's id.
    pub fn told(&self) -> Timestamp {
        self.reported_at.unwrap_or_else(|| Timestamp::of_event_id(self.id))
    }

    /// Returns when this event became known, on the given basis of knowledge.
    pub fn learned_at(&self, basis: Basis) -> Timestamp {
        match basis {
            Basis::Recorded => self.recorded_at,
            Basis::Reported => self.told(),
        }
    }

    /// Returns what orders events that were told about one day.
    pub fn learned(&self) -> Learned<'_> {
        Learned {
            told: self.told(),
            reference: self.sourced.as_ref().map(|sourced| sourced.reference.as_str()),
            id: self.id,
        }
    }

    /// Returns the name under which people find the event: the source's reference, or its id.
    pub fn label(&self) -> String {
        match &self.sourced {
            Some(sourced) => sourced.reference.to_string(),
            None => self.id.to_string(),
        }
    }
}
