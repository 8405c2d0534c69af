//! For tests only: the store suite that every adapter passes, and generated worlds in which the
//! laws are tried. It is never an ordinary dependency.

pub mod laws;
pub mod model_suite;
mod rules;
pub mod store_suite;
pub mod world;
pub mod wrong_stores;
