//! Explanations: what a rule looked at agrees with what it reads, in every generated world; and the
//! parts behind a figure add up to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "explain/accounts.rs"]
mod accounts;
#[path = "support/models.rs"]
mod every;
#[path = "explain/figures.rs"]
mod figures;
#[path = "explain/planted.rs"]
mod planted;
#[path = "explain/sentences.rs"]
mod sentences;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

/// How many times more worlds than usual are tried: `LAW_FACTOR=50 cargo test --test explain`.
fn factor() -> u32 {
    std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

/// Tries a law on generated worlds; it fails with the smallest world that breaks it.
fn holds<T: std::fmt::Debug>(
    cases: u32,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> TestCaseResult,
) {
    let config = Config {
        cases: cases * factor(),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    if let Err(broken) = runner.run(worlds, law) {
        panic!("{broken}");
    }
}
