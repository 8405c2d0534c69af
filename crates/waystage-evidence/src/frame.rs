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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;
    use crate::naming::event_id;

    const FIRST_LEAF_DATA: &str = "77617973746167652e6576656e742e76310a000000196578616d706c652e6f72\
        672f77617973746167652f74657374000000000000000000000010000102030405060708090a0b0c0d0e0f0000\
        00000000000100000000000000000000000000000000000000000000000000000000000000000000001001\
        9b76daa800d8b33b707411c3be76b70000000852656665727265640000000100064748462040000000000800\
        064748462040000000000a323032362d30312d30310000000d73797374656d3a696d706f72740000000c6578\
        74726163743a64656d6f00000003522d310000000000000000000000137b2270726f6772616d6d65223a2277\
        7770227d0000000000000000000000000000000000000000000000000000000000000000";

    fn bytes(from: u8) -> [u8; 16] {
        std::array::from_fn(|index| from + u8::try_from(index).expect("small"))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn the_frame_agrees_with_the_published_vectors() {
        let reported = 1_767_225_600_000_u64;
        let ids = ["R-1", "R-2"].map(|reference| event_id(reported, "extract:demo", reference));
        let first = EventFrame {
            origin: "example.org/waystage/test",
            position: 1,
            participant: &bytes(0x00),
            version: 1,
            previous_leaf: NO_LEAF,
            event_id: &ids[0],
            kind: "Referred",
            schema: 1,
            recorded_at: 1_767_225_600_000_000,
            reported_at: Some(1_767_225_600_000_000),
            on: "2026-01-01",
            actor: "system:import",
            sourced: Some(("extract:demo", "R-1")),
            correlation: None,
            causation: None,
            payload: br#"{"programme":"wwp"}"#,
            sealed_hash: None,
        };
        assert_eq!(first.leaf_data().len(), 288);
        assert_eq!(hex(&first.leaf_data()), FIRST_LEAF_DATA);
        let leaf = "46b746715147d71dcbfd6fd797543ea4ab56d88f40b31f1e3523a403c50d23c9";
        assert_eq!(first.leaf().to_string(), leaf);

        let second = EventFrame {
            position: 2,
            participant: &bytes(0x10),
            event_id: &ids[1],
            recorded_at: 1_767_225_600_000_001,
            sourced: Some(("extract:demo", "R-2")),
            sealed_hash: Some(sha256(b"sealed-bytes")),
            ..first
        };
        let leaf = "3a381c7b2dc3c53911c59d07c992a13fb162916351688b5f31e78fc49058fa38";
        assert_eq!(second.leaf().to_string(), leaf);

        let third = EventFrame {
            position: 3,
            version: 2,
            previous_leaf: first.leaf(),
            event_id: &[0xa2; 16],
            kind: "JobStarted",
            recorded_at: 1_767_229_200_000_000,
            reported_at: None,
            actor: "user:01",
            sourced: None,
            correlation: Some(&[0xc0; 16]),
            causation: Some(&ids[0]),
            payload: br#"{"weekly_minutes":960}"#,
            ..first
        };
        assert_eq!(third.leaf_data().len(), 296);
        let leaf = "679fd4e28a101b0446e91329007529c8fefb5168fd18d9cf9791d7947a408f76";
        assert_eq!(third.leaf().to_string(), leaf);
    }
}
