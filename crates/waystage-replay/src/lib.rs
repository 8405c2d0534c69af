//! The one loop. It holds a reader, so it cannot write events: readings, read models, audits and
//! what-ifs all come from replaying one participant after another, in any order and on any number
//! of threads.

mod determine;
mod digest;
mod fingerprint;
pub mod models;
mod reading;
mod replay;

pub use determine::{Determined, determine};
pub use digest::cells_digest;
pub use fingerprint::{Corpus, fingerprint, fingerprints};
pub use reading::Looked;
pub use replay::{Progress, Replay, Sum};
