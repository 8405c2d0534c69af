//! An import that is killed and run again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/texts.rs"]
mod texts;

#[path = "intake/killed.rs"]
mod killed;
#[path = "intake/population.rs"]
mod population;
#[path = "intake/program.rs"]
mod program;
#[path = "intake/shuffled.rs"]
mod shuffled;
