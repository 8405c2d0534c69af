//! Audits: an honest log is clean, and whatever is changed in it is found, with nothing that does
//! not follow from the change.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "audit/determinations.rs"]
mod determinations;
#[path = "audit/extracts.rs"]
mod extracts;
#[path = "audit/log.rs"]
mod log;
#[path = "audit/now.rs"]
mod now;
#[path = "audit/paid.rs"]
mod paid;
#[path = "audit/refused.rs"]
mod refused;
#[path = "audit/sampled.rs"]
mod sampled;
#[path = "support/small.rs"]
mod small;
#[path = "support/texts.rs"]
mod texts;
