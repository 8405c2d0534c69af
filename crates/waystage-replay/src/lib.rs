//! The one loop. It holds a reader, so it cannot write events: readings, read models, audits and
//! what-ifs all come from replaying one participant after another, in any order and on any number
//! of threads.
//!
//! # No side effects
//!
//! Whoever replays or keeps models has a reader, and a reader is all that they can ask for:
//!
//! ```
//! use waystage_core::replayed::Lens;
//! use waystage_replay::Replay;
//! use waystage_store::EventReader;
//! fn replays<'a>(reader: &'a dyn EventReader, lens: &'a Lens) -> Replay<'a> {
//!     Replay::new(reader, lens)
//! }
//! ```
//!
//! which has no way of writing to the log and cannot become a writer (its documentation tries
//! both); and neither a replay nor the upkeep of models gives away what it holds:
//!
//! ```compile_fail,E0616
//! use waystage_replay::Replay;
//! fn takes(replay: &Replay<'_>) {
//!     let _ = replay.reader;
//! }
//! ```
//!
//! ```compile_fail,E0616
//! use waystage_replay::models::Upkeep;
//! fn takes(upkeep: &Upkeep<'_>) {
//!     let _ = upkeep.reader;
//! }
//! ```

pub mod audit;
mod determine;
pub mod difference;
mod digest;
mod explain;
mod fingerprint;
pub mod models;
mod reading;
mod replay;
pub mod what_if;

pub use determine::{Determined, determine};
pub use digest::cells_digest;
pub use explain::{
    Behind, EventBehind, ExplainError, Explained, Figure, FigureError, Part, ReadingBehind, Reason,
    Role,
};
pub use fingerprint::{Corpus, fingerprint, fingerprints};
pub use reading::Looked;
pub use replay::{Progress, Replay, Sum};
