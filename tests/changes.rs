//! On which later day time alone changes what is read, tried against every day to come of generated
//! worlds: nothing changes before it, something does on it, and without one nothing ever does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waystage_core::calendar::days_after;
use waystage_core::readings::{Case, LimitReading, StandardReading};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{RuleReading, next_change};
use waystage_core::view::View;
use waystage_store::{EventReader, read_stream};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{World, worlds};

/// Everything that is read of a participant, as of a day.
type Read = (Vec<RuleReading>, Vec<StandardReading>, Vec<LimitReading>, usize, Vec<bool>);

fn read(replayed: &Replayed<'_>) -> Read {
    let as_of = replayed.lens.view.as_of;
    let standards = Case::all(replayed).flat_map(|case| case.standards().collect::<Vec<_>>());
    let limits = Case::all(replayed).flat_map(|case| case.limits().collect::<Vec<_>>());
    let jobs = replayed.journey.jobs.iter();
    let held = jobs.map(|job| job.ended.is_none_or(|ended| as_of <= ended.on)).collect();
    let facts = replayed.journey.facts.len();
    (replayed.readings.clone(), standards.collect(), limits.collect(), facts, held)
}

/// Tries every day after the view's, and counts the changes by whether rules were their reason.
fn every_day(world: &World, days: u32, seen: &mut [usize; 3]) -> Result<(), TestCaseError> {
    let store = recorded(&world.events)?;
    let lens = Lens::new(world.view, world.adoptions.clone().into());
    for participant in store.participants().unwrap() {
        let stream = read_stream(&store, participant).unwrap().events;
        let now = Replayed::of(participant, &stream, &lens);
        let (first, change) = (read(&now), now.next_change());
        for day in 1..=days {
            let as_of = days_after(world.view.as_of, day);
            let later = lens.at(View { as_of, ..world.view });
            let later = Replayed::of(participant, &stream, &later);
            if change.is_none_or(|change| as_of < change) {
                prop_assert_eq!(&read(&later), &first, "changed on {}, not {:?}", as_of, change);
                continue;
            }
            let by_rules = Case::all(&now)
                .filter_map(|case| {
                    let (of, programme) = (case.participation, case.programme);
                    next_change(case.journey, of, programme, case.programmes, case.as_of)
                })
                .min();
            // a fact that comes into sight on the same day may undo what the rules would read
            if by_rules == change && now.journey.facts.to_come() != change {
                seen[0] += 1;
                prop_assert_ne!(&read(&later).0, &first.0, "nothing changed on {}", as_of);
            } else {
                seen[1] += 1;
            }
            break;
        }
        seen[2] += usize::from(change.is_none());
    }
    Ok(())
}

#[test]
fn time_alone_changes_nothing_before_the_day_that_is_told_and_something_on_it() {
    let factor: u32 =
        std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1);
    let cases = 200 * factor;
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(config, chance);
    let seen = std::cell::RefCell::new([0; 3]);
    runner.run(&worlds(), |world| every_day(&world, 900, &mut seen.borrow_mut())).unwrap();
    let [rules, others, never] = seen.into_inner();
    assert!(rules > 20 && others > 20 && never > 10, "{rules}, {others}, {never}");
}
