//! The contract of an event store: what may be read and appended, what stored bytes mean, and a
//! store in memory that is the contract's shortest form. Storage itself lives in adapters.

mod append;
pub mod codec;
mod digest;
mod error;
mod event;
mod evidence;
mod following;
pub mod line;
mod memory;
pub mod models;
pub mod naming;
mod reader;
mod rehearsal;
mod sift;
mod structure;
pub mod upcast;
mod verify;
mod wakeup;

pub use append::{
    Append, Encoded, EncodedAppend, EncodedStream, LogState, LogTip, NAME_BYTES_MAX,
    PAYLOAD_BYTES_MAX, Plan, StreamTip, ToStream, plan,
};
pub use digest::facts_digest;
pub use error::{Class, Limit, Refusal, Retry, StoreError};
pub use event::{Key, KnownEvent, NewEvent, Receipt, StoredEvent};
pub use evidence::{Epoch, KeptNote, KeptTree, NODE_STEP, NoteSort, node_of_leaves, origin_at};
pub use following::Following;
pub use memory::MemoryStore;
pub use reader::{
    EventReader, EventStore, Head, Stream, Wanted, decode_where, log_head, read_log, read_stream,
    read_stream_where,
};
pub use rehearsal::{Rehearsed, rehearse};
pub use sift::{Glimpse, Pattern, Sifted};
pub use structure::check_structure;
pub use verify::{Held, Verified, examine, examine_since, examine_streams, verify};
pub use wakeup::Wakeup;
pub use waystage_evidence::{Digest, NO_LEAF, sha256};
