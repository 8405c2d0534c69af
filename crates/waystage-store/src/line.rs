//! A stored event as a line of text: a JSON object with its columns, and its payload byte for byte.
//! For what is frozen in files beside code; a log keeps more than this, and chains it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waystage_core::id::{Actor, EventId, ParticipantId, Position, Reference, Source, Version};
use waystage_core::journey::Sourced;
use waystage_core::time::Timestamp;
use waystage_evidence::Digest;

use crate::event::StoredEvent;

/// A text that is no line of a stored event, or an event that is not to be written as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a stored event as a line of JSON: {says}")]
pub struct NotALine {
    says: String,
}

impl From<serde_json::Error> for NotALine {
    fn from(error: serde_json::Error) -> Self {
        Self { says: error.to_string() }
    }
}

/// The fields of a line, in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    participant: ParticipantId,
    version: Version,
    id: EventId,
    kind: &'a str,
    schema: u32,
    recorded_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_at: Option<Timestamp>,
    on: NaiveDate,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ref: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation: Option<EventId>,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// Reads a line as the event at this place. Its leaf is all zeros: a line is chained to nothing.
pub fn read(line: &str, position: Position) -> Result<StoredEvent, NotALine> {
    let line: Line<'_> = serde_json::from_str(line)?;
    let sourced = line.source.zip(line.source_ref);
    Ok(StoredEvent {
        position,
        participant: line.participant,
        version: line.version,
        id: line.id,
        kind: line.kind.into(),
        schema: line.schema,
        recorded_at: line.recorded_at,
        reported_at: line.reported_at,
        on: line.on,
        actor: line.actor,
        sourced: sourced.map(|(source, reference)| Sourced { source, reference }),
        correlation: line.correlation,
        causation: line.causation,
        payload: line.payload.get().as_bytes().to_vec(),
        leaf: Digest::from_bytes([0; 32]),
    })
}

/// Writes an event as a line, without its place and its leaf.
pub fn write(event: &StoredEvent) -> Result<String, NotALine> {
    let sourced = event.sourced.as_ref();
    let line = Line {
        participant: event.participant,
        version: event.version,
        id: event.id,
        kind: &event.kind,
        schema: event.schema,
        recorded_at: event.recorded_at,
        reported_at: event.reported_at,
        on: event.on,
        actor: event.actor.clone(),
        source: sourced.map(|sourced| sourced.source.clone()),
        source_ref: sourced.map(|sourced| sourced.reference.clone()),
        correlation: event.correlation,
        causation: event.causation,
        payload: serde_json::from_slice(&event.payload)?,
    };
    Ok(serde_json::to_string(&line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(payload: &str) -> StoredEvent {
        StoredEvent {
            position: Position::FIRST,
            participant: ParticipantId::from_bytes([1; 16]),
            version: Version::FIRST,
            id: EventId::from_bytes([2; 16]),
            kind: "ConsentRecorded".into(),
            schema: 1,
            recorded_at: Timestamp::from_micros(1),
            reported_at: None,
            on: "2026-01-01".parse().expect("a day"),
            actor: "user:1".into(),
            sourced: None,
            correlation: None,
            causation: Some(EventId::from_bytes([3; 16])),
            payload: payload.as_bytes().to_vec(),
            leaf: Digest::from_bytes([0; 32]),
        }
    }

    #[test]
    fn a_line_reads_back_as_the_event_it_was_written_of_byte_for_byte() {
        let plain = event(r#"{"purpose" : "\u0061",  "method":null}"#);
        let sourced = Sourced { source: "a \"source\"".into(), reference: "line\nbreak".into() };
        let reported_at = Some(Timestamp::from_micros(7));
        let supplied = StoredEvent { sourced: Some(sourced), reported_at, ..plain.clone() };
        for event in [plain, supplied] {
            let line = write(&event).expect("a line");
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(read(&line, event.position), Ok(event));
        }
    }

    #[test]
    fn what_is_no_line_is_named() {
        let error = |line: &str| read(line, Position::FIRST).expect_err("no line").to_string();
        assert_eq!(
            error("{}"),
            "not a stored event as a line of JSON: missing field `participant` at line 1 column 2"
        );
        let line = write(&event("{}")).expect("a line");
        assert!(error(&line.replacen('{', "{\"x\":1,", 1)).contains("unknown field `x`"));
        let broken = write(&event("{")).expect_err("no JSON").to_string();
        assert!(broken.starts_with("not a stored event as a line of JSON: EOF"), "{broken}");
    }
}
