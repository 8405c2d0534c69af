//! Trying a law on generated worlds, always the same ones.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Tries a law and returns what broke it, if anything did.
pub(crate) fn tried<T: std::fmt::Debug>(
    cases: u32,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> Result<(), TestCaseError>,
) -> Result<(), String> {
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[17; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    runner.run(worlds, law).map_err(|error| error.to_string())
}

/// Tries a law that holds; `LAW_FACTOR=50` tries fifty times as many worlds.
pub(crate) fn holds<T: std::fmt::Debug>(
    cases: u32,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let factor = std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok());
    if let Err(broken) = tried(cases * factor.unwrap_or(1), worlds, law) {
        panic!("{broken}");
    }
}
