//! Somebody changes a log behind the engine's back: with SQL, with files, with the signing key. An
//! auditor who holds one old checkpoint finds each, and learns where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "attacks/held.rs"]
mod held;
#[path = "attacks/random.rs"]
mod random;
#[path = "attacks/rewritten.rs"]
mod rewritten;
#[path = "attacks/scripts.rs"]
mod scripts;
#[path = "support/unguarded.rs"]
mod unguarded;
