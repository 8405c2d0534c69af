//! A frame read back from the bytes that were hashed: what a proof shows was recorded.

use crate::digest::Digest;
use crate::frame::{EventFrame, FRAME_BEGINS, NO_LEAF};
use crate::text::{is_day, is_name};

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no event of a log, their {part} does not fit: take them from the log again")]
pub struct FrameError {
    /// The first part that does not fit.
    pub part: &'static str,
}

/// Everything about an event that was hashed, as [`EventFrame`] has it.
///
/// ```
/// use waystage_evidence::DecodedFrame;
///
/// let refused = DecodedFrame::of_leaf_data(b"anything else").unwrap_err();
/// assert_eq!(refused.part, "first line");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedFrame {
    /// The log's identity when it was recorded.
    pub origin: String,
    /// Place in the log, from 1.
    pub position: u64,
    /// Whose stream.
    pub participant: [u8; 16],
    /// Place in the stream, from 1.
    pub version: u64,
    /// The leaf of the stream's event before this one, or [`NO_LEAF`].
    pub previous_leaf: Digest,
    /// The event's id.
    pub event_id: [u8; 16],
    /// The stored name of its kind.
    pub kind: String,
    /// The version of its payload's shape.
    pub schema: u32,
    /// UTC microseconds since 1970.
    pub recorded_at: i64,
    /// UTC microseconds since 1970, where the source says when it knew.
    pub reported_at: Option<i64>,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
    /// Who recorded it.
    pub actor: String,
    /// The source and its reference, where there is a source.
    pub sourced: Option<(String, String)>,
    /// What it belongs to.
    pub correlation: Option<[u8; 16]>,
    /// What led to it.
    pub causation: Option<[u8; 16]>,
    /// The exact stored payload.
    pub payload: Vec<u8>,
    /// SHA-256 of the sealed part, where there is one.
    pub sealed_hash: Option<Digest>,
}

impl DecodedFrame {
    /// Reads the bytes that [`EventFrame::leaf_data`] writes. They are refused where any part does
    /// not fit or something stands behind the last, so that two different texts never give one
    /// frame.
    pub fn of_leaf_data(leaf_data: &[u8]) -> Result<Self, FrameError> {
        let mut rest = Rest(leaf_data);
        let begins = rest.array("first line")?;
        ensure(begins == *FRAME_BEGINS, "first line")?;
        let frame = Self {
            origin: rest.text("origin")?,
            position: rest
                .number("position")?
                .checked_add(1)
                .ok_or(FrameError { part: "position" })?,
            participant: rest.exactly("participant")?,
            version: rest.number("version")?,
            previous_leaf: Digest::from_bytes(rest.array("previous leaf")?),
            event_id: rest.exactly("event id")?,
            kind: rest.text("kind")?,
            schema: u32::from_be_bytes(rest.array("schema")?),
            recorded_at: i64::from_be_bytes(rest.array("recorded_at")?),
            reported_at: rest.maybe("reported_at")?.map(i64::from_be_bytes),
            on: rest.text("day")?,
            actor: rest.text("actor")?,
            sourced: rest.sourced()?,
            correlation: rest.maybe("correlation")?,
            causation: rest.maybe("causation")?,
            payload: rest.part("payload")?.to_vec(),
            sealed_hash: Some(Digest::from_bytes(rest.array("sealed hash")?))
                .filter(|hash| *hash != NO_LEAF),
        };
        ensure(rest.0.is_empty(), "end")?;
        frame.checked()
    }

    /// Refuses values that no event has.
    fn checked(self) -> Result<Self, FrameError> {
        ensure(is_name(&self.origin), "origin")?;
        ensure(self.version > 0, "version")?;
        ensure((self.version == 1) == (self.previous_leaf == NO_LEAF), "previous leaf")?;
        ensure(!self.kind.is_empty() && self.kind.is_ascii(), "kind")?;
        ensure(is_day(&self.on), "day")?;
        Ok(self)
    }

    /// Returns it as what is hashed.
    pub fn frame(&self) -> EventFrame<'_> {
        let sourced = self.sourced.as_ref();
        EventFrame {
            origin: &self.origin,
            position: self.position,
            participant: &self.participant,
            version: self.version,
            previous_leaf: self.previous_leaf,
            event_id: &self.event_id,
            kind: &self.kind,
            schema: self.schema,
            recorded_at: self.recorded_at,
            reported_at: self.reported_at,
            on: &self.on,
            actor: &self.actor,
            sourced: sourced.map(|(source, reference)| (source.as_str(), reference.as_str())),
            correlation: self.correlation.as_ref(),
            causation: self.causation.as_ref(),
            payload: &self.payload,
            sealed_hash: self.sealed_hash,
        }
    }
}

fn ensure(fits: bool, part: &'static str) -> Result<(), FrameError> {
    if fits { Ok(()) } else { Err(FrameError { part }) }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], FrameError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(FrameError { part })?;
        self.0 = rest;
        Ok(*array)
    }

    fn number(&mut self, part: &'static str) -> Result<u64, FrameError> {
        self.array(part).map(u64::from_be_bytes)
    }

    /// Reads a part with its length before it.
    fn part(&mut self, part: &'static str) -> Result<&'a [u8], FrameError> {
        let length = usize::try_from(u32::from_be_bytes(self.array(part)?)).ok();
        let split = length.and_then(|length| self.0.split_at_checked(length));
        let (found, rest) = split.ok_or(FrameError { part })?;
        self.0 = rest;
        Ok(found)
    }

    fn text(&mut self, part: &'static str) -> Result<String, FrameError> {
        let text = String::from_utf8(self.part(part)?.to_vec());
        text.map_err(|_| FrameError { part })
    }

    fn exactly<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], FrameError> {
        self.part(part)?.try_into().map_err(|_| FrameError { part })
    }

    /// Reads a part that has this length or none.
    fn maybe<const N: usize>(&mut self, part: &'static str) -> Result<Option<[u8; N]>, FrameError> {
        let found = self.part(part)?;
        let array = found.try_into().ok();
        ensure(array.is_some() || found.is_empty(), part)?;
        Ok(array)
    }

    /// Reads source and reference: both, or nothing of either.
    fn sourced(&mut self) -> Result<Option<(String, String)>, FrameError> {
        let (source, reference) = (self.text("source")?, self.text("source reference")?);
        ensure(source.is_empty() == reference.is_empty(), "source reference")?;
        Ok(Some((source, reference)).filter(|(source, _)| !source.is_empty()))
    }
}
