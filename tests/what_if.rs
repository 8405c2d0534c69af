//! What-ifs: only whom a scenario could change is read, and that is enough; nothing of it gets into
//! a log or into live models; the same question has the same answer anywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "what_if/assumed.rs"]
mod assumed;
#[path = "what_if/counted.rs"]
mod counted;
#[path = "support/models.rs"]
mod every;
#[path = "what_if/isolated.rs"]
mod isolated;
#[path = "what_if/laws.rs"]
mod laws;
#[path = "what_if/looking_back.rs"]
mod looking_back;
#[allow(dead_code)] // not every test takes the same of it
#[path = "support/population.rs"]
mod population;
#[path = "what_if/scale.rs"]
mod scale;
#[path = "what_if/scenarios.rs"]
mod scenarios;
#[path = "what_if/swept.rs"]
mod swept;
#[path = "support/texts.rs"]
mod texts;
#[path = "what_if/timeline.rs"]
mod timeline;
#[path = "support/trials.rs"]
mod trials;
#[path = "support/unguarded.rs"]
mod unguarded;
#[path = "what_if/unread.rs"]
mod unread;
