//! Bytes that anybody can compute again: the hashed frame of an event, ids derived from a source's
//! references, and digests that compare two stores. Nothing here knows what an event means.

#![forbid(unsafe_code)]

mod digest;
mod frame;
mod naming;

pub use digest::{ContentDigest, Digest, sha256};
pub use frame::{EventFrame, NO_LEAF};
pub use naming::{event_id, thing_id};
