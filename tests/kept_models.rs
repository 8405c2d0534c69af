//! Read models that are kept: whichever way they are brought to a place of the log, they hold there
//! what the log gives, to the last amount.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/models.rs"]
mod models;

#[path = "kept_models/cost.rs"]
mod cost;
#[path = "kept_models/given.rs"]
mod given;
#[path = "kept_models/poison.rs"]
mod poison;
#[path = "kept_models/rebuilding.rs"]
mod rebuilding;
#[path = "support/unguarded.rs"]
mod unguarded;
#[path = "kept_models/upkeep.rs"]
mod upkeep;
