//! For tests only: [given/when/then](mod@given) for facts, rules and projections, the [laws] of
//! read models in generated [worlds](world), and the store suite that every adapter passes. It is
//! never an ordinary dependency.
//!
#![doc = include_str!("../../../docs/guides/test-a-projection.md")]

pub mod given;
pub mod laws;
mod logs;
pub mod model_suite;
mod parts;
pub mod store_suite;
pub mod world;
pub mod wrong_stores;

pub use given::{given, person};
