//! Bytes that anybody can compute again: the hashed frame of an event, the tree over all of them,
//! proofs, signed notes and what they say, ids derived from a source's references, and digests that
//! compare two stores. Nothing here knows what an event means, reads a file or a clock.

#![forbid(unsafe_code)]

mod certificate;
mod checkpoint;
mod decoded;
mod digest;
mod frame;
mod key;
mod naming;
mod note;
mod proof;
mod proof_file;
mod recovery;
mod rotation;
mod text;
mod tree;

pub use certificate::{Certificate, CertificateError, CertifiedBasis};
pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use decoded::{DecodedFrame, FrameError};
pub use digest::{ContentDigest, Digest, sha256};
pub use frame::{EventFrame, NO_LEAF};
pub use key::{KeyError, KeyKind, PublicKey, SecretKey};
pub use naming::{event_id, thing_id};
pub use note::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, NoteError, NoteSignature, SignedNote};
pub use proof::{
    KeptNodes, Leaves, MissingNode, Nodes, ProofError, consistency_proof, inclusion_proof,
    range_at, root_at, verify_consistency, verify_inclusion,
};
pub use proof_file::{PROOF_FILE_BYTES_MAX, ProofFile, ProofFileError, ProvenEvent};
pub use recovery::{Recovery, next_origin};
pub use rotation::{ChainError, KeyChain, Rotation};
pub use tree::{CompactRange, SIZE_MAX, empty_root, leaf, node};
