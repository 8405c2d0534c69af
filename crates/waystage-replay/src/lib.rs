//! The one loop. It holds a reader, so it cannot write: readings, read models, audits and what-ifs
//! all come from replaying one participant after another, in any order and on any number of
//! threads.

mod determine;
mod digest;
mod fingerprint;
mod replay;

pub use determine::{Determined, determine};
pub use digest::cells_digest;
pub use fingerprint::{Corpus, fingerprint, fingerprints};
pub use replay::{Progress, Replay};
