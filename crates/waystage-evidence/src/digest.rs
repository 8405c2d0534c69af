//! SHA-256, and a digest over a set of events that does not depend on their order in the log.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; it prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes the 32 bytes as they are.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the first sixteen bytes, as derived ids use them.
    pub(crate) fn first_sixteen(&self) -> [u8; 16] {
        let mut id = [0; 16];
        id.copy_from_slice(&self.0[..16]);
        id
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Returns the SHA-256 of these bytes.
///
/// ```
/// let empty = waystage_evidence::sha256(b"");
/// assert!(empty.to_string().starts_with("e3b0c44298fc1c14"));
/// ```
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Returns the SHA-256 of these parts, one after the other.
pub(crate) fn sha256_of(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}

/// Appends `x` with its length before it, as every variable part of a hashed text is written.
pub(crate) fn enc(bytes: &mut Vec<u8>, x: &[u8]) {
    let length = u32::try_from(x.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(x);
}

/// A digest over what a set of events says, whatever their positions and the instants at which
/// they were recorded. Two stores that hold the same facts have the same digest.
#[derive(Debug, Default)]
pub struct ContentDigest {
    events: Vec<[u8; 32]>,
}

impl ContentDigest {
    /// Takes in one event.
    pub fn take(
        &mut self,
        participant: &[u8; 16],
        id: &[u8; 16],
        kind: &str,
        on: &str,
        reported_at: Option<i64>,
        payload: &[u8],
    ) {
        let mut bytes = b"waystage.content.v1\n".to_vec();
        enc(&mut bytes, participant);
        enc(&mut bytes, id);
        enc(&mut bytes, kind.as_bytes());
        enc(&mut bytes, on.as_bytes());
        enc(&mut bytes, &reported_at.map_or(Vec::new(), |at| at.to_be_bytes().to_vec()));
        enc(&mut bytes, payload);
        self.events.push(sha256(&bytes).0);
    }

    /// Returns the number of events and their digest.
    pub fn finish(mut self) -> (u64, Digest) {
        self.events.sort_unstable();
        let mut hasher = Sha256::new();
        for event in &self.events {
            hasher.update(event);
        }
        (self.events.len() as u64, Digest(hasher.finalize().into()))
    }
}
