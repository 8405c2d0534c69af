//! Samples: the same from the same log and seed wherever they are drawn, exact where everything is
//! drawn, and of every programme and rule.

use std::collections::BTreeSet;

use proptest::prelude::*;
use waystage::replay::audit::{Audited, Interval, Plan, Sample, allocate};
use waystage_core::id::EventId;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::sha256;

use crate::small::imported;

fn audited() -> Audited {
    let (engine, _) = imported();
    let view = View::new("2025-10-19".parse().unwrap(), Timestamp::MAX).basis(Basis::Reported);
    engine.access("user:test", "a test").audit(view, &|_| {}).unwrap()
}

fn plan(size: u64, seed: &str) -> Plan {
    Plan { size, seed: seed.to_owned(), from: None, until: None }
}

fn drawn(sample: &Sample) -> BTreeSet<EventId> {
    sample.items().map(|item| item.claim.claim.id).collect()
}

#[test]
fn a_sample_of_everything_is_the_truth() {
    let audited = audited();
    let sample = audited.sample(plan(1_000, "7"));
    assert_eq!(drawn(&sample).len(), audited.claims.len());
    let in_error: Vec<_> = audited
        .claims
        .iter()
        .filter(|claim| {
            let named =
                |it: &waystage::replay::audit::AuditFinding| it.puts_in_error(claim.claim.id);
            !claim.supported_now || audited.findings.iter().any(named)
        })
        .collect();
    let pence: i128 = in_error.iter().filter_map(|it| it.amount_pence).map(i128::from).sum();
    let count = in_error.len() as u64;
    assert!(count > 0 && pence > 0);
    let estimate = &sample.estimate;
    assert_eq!((estimate.population, estimate.sampled), (30, 30));
    assert_eq!(estimate.errors, count);
    assert_eq!(estimate.interval, Interval { least: count, most: count });
    let amounts = [estimate.error_pence, estimate.least_pence, estimate.most_pence];
    assert_eq!(amounts, [pence; 3]);
    assert_eq!(estimate.extrapolated.rounded(), pence);
    assert!(estimate.extrapolated.numerator.is_zero());
}

#[test]
fn the_same_seed_draws_the_same_claims_and_another_seed_others() {
    let (one, other) = (audited(), audited());
    let mut samples = BTreeSet::new();
    for seed in ["1", "2", "3", "4", "5"] {
        let sample = one.sample(plan(10, seed));
        assert_eq!(sample, other.sample(plan(10, seed)));
        assert_eq!(drawn(&sample).len(), 10);
        samples.insert(drawn(&sample));
    }
    assert!(samples.len() > 3, "{samples:?}");
}

#[test]
fn the_claims_with_the_lowest_hashes_of_a_stratum_are_drawn() {
    let audited = audited();
    for stratum in &audited.sample(plan(12, "seed")).strata {
        let lot = |id: EventId| sha256(format!("waystage.sample.v1\nseed\n{id}").as_bytes());
        let of = audited.claims.iter();
        let of = of.filter(|it| it.programme == stratum.programme && it.rule == stratum.rule);
        let mut all: Vec<EventId> = of.map(|it| it.claim.id).collect();
        all.sort_by_key(|id| lot(*id));
        let drawn: Vec<EventId> = stratum.items.iter().map(|it| it.claim.claim.id).collect();
        assert_eq!(drawn, all[..drawn.len()]);
        assert_eq!(stratum.population, all.len() as u64);
    }
}

#[test]
fn bounds_hold_the_truth_and_what_was_seen_whatever_is_drawn() {
    let audited = audited();
    let truth = audited.sample(plan(1_000, "1")).estimate;
    let (mut held, mut tried) = (0, 0);
    for size in 1..30 {
        for seed in 0..20 {
            let sample = audited.sample(plan(size, &seed.to_string()));
            let estimate = &sample.estimate;
            assert_eq!(estimate.sampled, size);
            assert!(estimate.interval.least >= estimate.errors);
            assert!(estimate.least_pence <= estimate.most_pence);
            let Interval { least, most } = estimate.interval;
            if least <= truth.errors && truth.errors <= most {
                held += 1;
                // then the amount is held too: so many claims have no less and no more
                assert!(estimate.least_pence <= truth.error_pence);
                assert!(truth.error_pence <= estimate.most_pence);
            }
            tried += 1;
        }
    }
    assert!(held * 100 >= tried * 95, "{held} of {tried}");
}

#[test]
fn only_claims_of_the_days_asked_for_are_drawn_from() {
    let audited = audited();
    let (from, until) = ("2019-01-01".parse().unwrap(), "2021-12-31".parse().unwrap());
    let quarter = Plan { from: Some(from), until: Some(until), ..plan(1_000, "1") };
    let sample = audited.sample(quarter);
    let days: Vec<_> = sample.items().map(|item| item.claim.submitted_on).collect();
    assert!(days.iter().all(|day| from <= *day && *day <= until) && days.len() > 3);
    let count = audited.claims.iter();
    let count = count.filter(|it| from <= it.submitted_on && it.submitted_on <= until).count();
    assert_eq!(sample.estimate.population, count as u64);
}

proptest! {
    #[test]
    fn an_allocation_adds_up_and_leaves_nobody_out(
        populations in prop::collection::vec(0_u64..500, 0..20),
        size in 0_u64..3000,
    ) {
        let given = allocate(&populations, size);
        let total: u64 = populations.iter().sum();
        prop_assert_eq!(given.iter().sum::<u64>(), size.min(total));
        prop_assert!(given.iter().zip(&populations).all(|(given, of)| given <= of));
        let strata = populations.iter().filter(|of| **of > 0).count() as u64;
        if strata <= size {
            prop_assert!(given.iter().zip(&populations).all(|(given, of)| *given > 0 || *of == 0));
            for (given, of) in given.iter().zip(&populations) {
                // no further from its share than rounding, and what the others' first takes away
                let share = (size.min(total) * of).div_ceil(total.max(1));
                prop_assert!(*given <= share.max(1), "{} of {}", given, share);
            }
        }
    }
}
