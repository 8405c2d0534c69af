//! The hashed frame, version 1: every recorded column of an event in a fixed order, each variable
//! part with its length before it, so that no two events share a frame and nothing beside it can
//! be edited unseen.

use crate::digest::{Digest, enc};
use crate::tree::leaf;

/// Stands for the leaf before the first of a stream.
pub const NO_LEAF: Digest = Digest::from_bytes([0; 32]);

/// How every frame of this version begins.
pub(crate) const FRAME_BEGINS: &[u8; 18] = b"waystage.event.v1\n";

/// Everything about an event that is hashed.
#[derive(Debug, Clone, Copy)]
pub struct EventFrame<'a> {
    /// The log's identity.
    pub origin: &'a str,
    /// Place in the log, from 1.
    pub position: u64,
    /// Whose stream.
    pub participant: &'a [u8; 16],
    /// Place in the stream, from 1.
    pub version: u64,
    /// The leaf of the stream's event before this one, or [`NO_LEAF`].
    pub previous_leaf: Digest,
    /// The event's id.
    pub event_id: &'a [u8; 16],
    /// The stored name of its kind.
    pub kind: &'a str,
    /// The version of its payload's shape.
    pub schema: u32,
    /// UTC microseconds since 1970.
    pub recorded_at: i64,
    /// UTC microseconds since 1970, where the source says when it knew.
    pub reported_at: Option<i64>,
    /// The day, `YYYY-MM-DD`.
    pub on: &'a str,
    /// Who recorded it.
    pub actor: &'a str,
    /// The source and its reference, where there is a source.
    pub sourced: Option<(&'a str, &'a str)>,
    /// What it belongs to.
    pub correlation: Option<&'a [u8; 16]>,
    /// What led to it.
    pub causation: Option<&'a [u8; 16]>,
    /// The exact stored payload.
    pub payload: &'a [u8],
    /// SHA-256 of the sealed part, where there is one.
    pub sealed_hash: Option<Digest>,
}

impl EventFrame<'_> {
    /// Returns the bytes that are hashed.
    pub fn leaf_data(&self) -> Vec<u8> {
        let (source, reference) = self.sourced.unwrap_or(("", ""));
        let optional = |id: Option<&[u8; 16]>| id.map_or(Vec::new(), |id| id.to_vec());
        let reported_at = self.reported_at.map_or(Vec::new(), |at| at.to_be_bytes().to_vec());
        let mut bytes = FRAME_BEGINS.to_vec();
        enc(&mut bytes, self.origin.as_bytes());
        bytes.extend_from_slice(&self.position.wrapping_sub(1).to_be_bytes());
        enc(&mut bytes, self.participant);
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(self.previous_leaf.as_bytes());
        enc(&mut bytes, self.event_id);
        enc(&mut bytes, self.kind.as_bytes());
        bytes.extend_from_slice(&self.schema.to_be_bytes());
        bytes.extend_from_slice(&self.recorded_at.to_be_bytes());
        enc(&mut bytes, &reported_at);
        enc(&mut bytes, self.on.as_bytes());
        enc(&mut bytes, self.actor.as_bytes());
        enc(&mut bytes, source.as_bytes());
        enc(&mut bytes, reference.as_bytes());
        enc(&mut bytes, &optional(self.correlation));
        enc(&mut bytes, &optional(self.causation));
        enc(&mut bytes, self.payload);
        bytes.extend_from_slice(self.sealed_hash.unwrap_or(NO_LEAF).as_bytes());
        bytes
    }

    /// Returns the leaf: SHA-256 over a zero byte and the frame.
    pub fn leaf(&self) -> Digest {
        leaf(&self.leaf_data())
    }
}
