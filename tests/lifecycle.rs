//! The life of kept models: refreshed, rebuilt, interrupted, damaged, taken over, rolled back.
//! Defects that other systems had there are listed, with the tests, in `docs/DEFECTS_KEPT_OUT.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/models.rs"]
mod models;

#[path = "kept_models/given.rs"]
#[allow(dead_code)] // other tests use the rest of it
mod given;

#[path = "lifecycle/checkpoints.rs"]
mod checkpoints;
#[path = "lifecycle/command.rs"]
mod command;
#[path = "lifecycle/doubles.rs"]
mod doubles;
#[path = "lifecycle/failing.rs"]
mod failing;
#[path = "lifecycle/isolation.rs"]
mod isolation;
#[path = "lifecycle/listed.rs"]
mod listed;
#[path = "lifecycle/mending.rs"]
mod mending;
#[path = "lifecycle/rebuilds.rs"]
mod rebuilds;
#[path = "lifecycle/sameness.rs"]
mod sameness;
#[path = "support/unguarded.rs"]
mod unguarded;
