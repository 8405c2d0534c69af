//! The lines of an export: their members, and an event to and from its line.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use waystage_core::id::{Actor, EventId, ParticipantId, Position, Reference, Source, Version};
use waystage_core::journey::Sourced;
use waystage_core::time::Timestamp;
use waystage_store::{Digest, StoredEvent};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    pub(super) epochs: Vec<EpochLine>,
    pub(super) format: String,
    pub(super) size: u64,
}

/// Where an identity begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EpochLine {
    pub(super) first: u64,
    pub(super) origin: String,
}

/// An event; members in the order of their names.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine {
    pub(super) actor: String,
    pub(super) causation: Option<String>,
    pub(super) correlation: Option<String>,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) leaf: String,
    pub(super) on: String,
    pub(super) participant: String,
    pub(super) payload: String,
    pub(super) position: u64,
    pub(super) previous: String,
    pub(super) recorded_at: i64,
    pub(super) reported_at: Option<i64>,
    pub(super) schema: u32,
    pub(super) sealed_hash: Option<String>,
    pub(super) source: Option<String>,
    pub(super) source_ref: Option<String>,
    pub(super) version: u64,
}

/// A signed note.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum NoteLine {
    Checkpoint(String),
    Rotation(String),
    Recovery(String),
}

impl EventLine {
    /// Returns the line of an event; none where its payload is no text.
    pub(super) fn of(row: &StoredEvent, previous: Digest) -> Option<Self> {
        Some(Self {
            actor: row.actor.as_str().to_owned(),
            causation: row.causation.map(|id| hex(id.as_bytes())),
            correlation: row.correlation.map(|id| hex(id.as_bytes())),
            id: hex(row.id.as_bytes()),
            kind: row.kind.to_string(),
            leaf: row.leaf.to_string(),
            on: row.on.to_string(),
            participant: hex(row.participant.as_bytes()),
            payload: String::from_utf8(row.payload.clone()).ok()?,
            position: row.position.get(),
            previous: previous.to_string(),
            recorded_at: row.recorded_at.micros(),
            reported_at: row.reported_at.map(Timestamp::micros),
            schema: row.schema,
            sealed_hash: None,
            source: row.sourced.as_ref().map(|of| of.source.as_str().to_owned()),
            source_ref: row.sourced.as_ref().map(|of| of.reference.as_str().to_owned()),
            version: row.version.get(),
        })
    }

    /// Returns the event of a line, or the name of the member that is none.
    pub(super) fn event(self) -> Result<StoredEvent, &'static str> {
        let id = |text: &Option<String>, member| match text {
            None => Ok(None),
            Some(text) => unhex(text).map(|bytes| Some(EventId::from_bytes(bytes))).ok_or(member),
        };
        if self.sealed_hash.is_some() {
            return Err("sealed_hash");
        }
        let sourced = match (self.source, self.source_ref) {
            (Some(source), Some(reference)) => Some(Sourced {
                source: Source::from(source),
                reference: Reference::from(reference),
            }),
            (None, None) => None,
            _ => return Err("source"),
        };
        let on: NaiveDate = self.on.parse().map_err(|_| "on")?;
        if on.to_string() != self.on {
            return Err("on");
        }
        Ok(StoredEvent {
            position: Position::new(self.position).ok_or("position")?,
            participant: unhex(&self.participant)
                .map(ParticipantId::from_bytes)
                .ok_or("participant")?,
            version: Version::new(self.version).ok_or("version")?,
            id: unhex(&self.id).map(EventId::from_bytes).ok_or("id")?,
            kind: self.kind.as_str().into(),
            schema: self.schema,
            recorded_at: Timestamp::from_micros(self.recorded_at),
            reported_at: self.reported_at.map(Timestamp::from_micros),
            on,
            actor: Actor::from(self.actor),
            sourced,
            correlation: id(&self.correlation, "correlation")?,
            causation: id(&self.causation, "causation")?,
            payload: self.payload.into_bytes(),
            leaf: unhex(&self.leaf).map(Digest::from_bytes).ok_or("leaf")?,
        })
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
