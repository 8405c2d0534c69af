//! The log in SQLite, and read models in a file of their own. Positions are given inside an
//! immediate transaction, so their order is the order of commits; payloads are kept as the exact
//! bytes that were written; an append that was acknowledged has been synced.
//!
//! Nothing of SQLite shows in the public face of this crate.

mod backup;
mod deadline;
mod failure;
mod lease;
mod log;
mod models;
mod names;
mod notes;
mod profile;
mod read;
mod recovery;
mod schema;
mod sift;
mod taking;
mod tree;
mod upgrade;
mod write;
mod writer;

pub use log::SqliteLog;
pub use models::SqliteModels;
