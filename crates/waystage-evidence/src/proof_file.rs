//! Proof files (C2SP tlog-proof): one event as it was recorded, and all that is needed to show that
//! it is in the log of a checkpoint.

use std::fmt;
use std::str::FromStr;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::decoded::{DecodedFrame, FrameError};
use crate::digest::Digest;
use crate::note::NOTE_BYTES_MAX;
use crate::proof::{ProofError, verify_inclusion};
use crate::rotation::{ChainError, KeyChain};
use crate::text::{base64, base64_of_digest, digest_of_base64, number, of_base64};
use crate::tree::leaf;

/// The most bytes of a proof file that are read: an event of the largest payload, and a note.
pub const PROOF_FILE_BYTES_MAX: usize = 2 * 1024 * 1024 + NOTE_BYTES_MAX;

/// The most hashes that an inclusion proof has.
const HASHES_MAX: usize = 63;

const BEGINS: &str = "c2sp.org/tlog-proof@v1\n";

/// Why a proof file proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFileError {
    /// Larger than is read.
    #[error("the proof file has {got} bytes, and at most {PROOF_FILE_BYTES_MAX} are read")]
    TooLong {
        /// Its size in bytes.
        got: usize,
    },
    /// A line that does not fit.
    #[error("the proof file's {0} does not fit: take the whole file again, byte for byte")]
    Shape(&'static str),
    /// The event names another log than the checkpoint.
    #[error(
        "the event was recorded in {found} and the proof is of {origin}: they do not belong together"
    )]
    Origin {
        /// The log, at that place.
        origin: String,
        /// What the event says.
        found: String,
    },
    /// The event names another place than the proof.
    #[error("the event was recorded at position {position}, and the proof is of index {index}: its index is {}", position.saturating_sub(1))]
    Position {
        /// The place in the log that the event says, from 1.
        position: u64,
        /// The index that the file says, from 0.
        index: u64,
    },
    /// The event is none.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The proof does not lead to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The checkpoint is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is not one that the trusted keys signed.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// One event, its place, the hashes from its sibling upwards, and a checkpoint. It prints and reads
/// as the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// The event, as it was hashed.
    pub leaf_data: Vec<u8>,
    /// Its index, from 0.
    pub index: u64,
    /// The inclusion proof.
    pub hashes: Vec<Digest>,
    /// The checkpoint, with all its signature lines.
    pub note: SignedCheckpoint,
}

/// What a proof file shows: this event is in the log of this checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenEvent {
    /// The event.
    pub event: DecodedFrame,
    /// The log that it is in.
    pub checkpoint: Checkpoint,
}

impl ProofFile {
    /// Checks everything: the checkpoint is signed by the key that is trusted at its size, the
    /// event's own origin and position are those of its place, and its leaf is in the tree.
    pub fn verify(&self, keys: &KeyChain) -> Result<ProvenEvent, ProofFileError> {
        keys.verify(&self.note)?;
        let event = DecodedFrame::of_leaf_data(&self.leaf_data)?;
        if event.position - 1 != self.index {
            return Err(ProofFileError::Position { position: event.position, index: self.index });
        }
        let origin = keys.origin_at(self.index);
        if event.origin != origin {
            let (origin, found) = (origin.to_owned(), event.origin);
            return Err(ProofFileError::Origin { origin, found });
        }
        let checkpoint = &self.note.checkpoint;
        let leaf = leaf(&self.leaf_data);
        verify_inclusion(leaf, self.index, checkpoint.size, &self.hashes, checkpoint.root)?;
        Ok(ProvenEvent { event, checkpoint: checkpoint.clone() })
    }
}

/// Reads one line, with what it begins with.
fn line<'a>(text: &'a str, begins: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(begins)?.split_once('\n')
}

impl FromStr for ProofFile {
    type Err = ProofFileError;

    fn from_str(file: &str) -> Result<Self, ProofFileError> {
        let shape = ProofFileError::Shape;
        if file.len() > PROOF_FILE_BYTES_MAX {
            return Err(ProofFileError::TooLong { got: file.len() });
        }
        let rest = file.strip_prefix(BEGINS).ok_or(shape("first line"))?;
        let (extra, rest) = line(rest, "extra ").ok_or(shape("line `extra`"))?;
        let leaf_data = of_base64(extra).ok_or(shape("line `extra`"))?;
        let (index, mut rest) = line(rest, "index ").ok_or(shape("line `index`"))?;
        let index = number(index).ok_or(shape("line `index`"))?;
        let mut hashes = Vec::new();
        let note = loop {
            let (hash, after) = rest.split_once('\n').ok_or(shape("empty line"))?;
            rest = after;
            if hash.is_empty() {
                break rest;
            }
            let hash = digest_of_base64(hash).filter(|_| hashes.len() < HASHES_MAX);
            hashes.push(hash.ok_or(shape("list of hashes"))?);
        };
        Ok(Self { leaf_data, index, hashes, note: note.parse()? })
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGINS}extra {}\nindex {}\n", base64(&self.leaf_data), self.index)?;
        let mut hashes = self.hashes.iter();
        hashes.try_for_each(|hash| writeln!(f, "{}", base64_of_digest(hash)))?;
        write!(f, "\n{}", self.note)
    }
}
