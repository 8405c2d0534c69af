//! An import that is killed and run again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/texts.rs"]
mod texts;

#[path = "intake/killed.rs"]
mod killed;
#[path = "support/population.rs"]
mod population;
#[path = "support/program.rs"]
mod program;
#[path = "intake/shuffled.rs"]
mod shuffled;
