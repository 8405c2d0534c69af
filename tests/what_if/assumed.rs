//! What is otherwise under a scenario than it is recorded is never counted as if it were recorded.

use std::cell::Cell;
use std::collections::BTreeMap;

use waystage_core::journey::Kind;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::scenario::{Change, Scenario, Selector};
use waystage_core::view::{Basis, View};
use waystage_store::{EventReader, read_stream};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{World, far_end, worlds};

use crate::scenarios::{asked, scenario};
use crate::trials::holds;

/// Returns how many facts are seen otherwise than without the scenario, once each is found to be
/// marked as assumed.
fn marked(world: &World, view: View, scenario: &Scenario) -> u32 {
    let store = recorded(&world.events).unwrap();
    let plain = Lens::new(view, std::sync::Arc::new(world.adoptions.clone()));
    let under = plain.clone().scenario(scenario.clone());
    let mut otherwise = 0;
    for participant in store.participants().unwrap() {
        let stream = read_stream(&store, participant).unwrap().events;
        let without = Replayed::of(participant, &stream, &plain);
        let as_recorded: BTreeMap<_, _> = without
            .journey
            .facts
            .iter()
            .map(|(_, seen)| (seen.recorded.id, (seen.on, seen.fact.clone())))
            .collect();
        let with = Replayed::of(participant, &stream, &under);
        for (_, seen) in with.journey.facts.iter() {
            let id = seen.recorded.id;
            if as_recorded.get(&id) != Some(&(seen.on, seen.fact.clone())) {
                otherwise += 1;
                assert!(seen.assumed.is_some(), "{seen:?}");
            }
        }
        if !scenario.touches(participant, &stream, &std::collections::BTreeSet::new()) {
            assert!(!with.holds_assumed(), "nothing of theirs is otherwise");
        }
    }
    otherwise
}

#[test]
fn whatever_a_scenario_has_otherwise_is_marked_as_assumed() {
    let otherwise = Cell::new(0);
    holds(60, &asked(), |(world, other, draws)| {
        let scenario = scenario(&world, &other, &draws);
        for basis in [Basis::Recorded, Basis::Reported] {
            otherwise.set(otherwise.get() + marked(&world, far_end(basis), &scenario));
        }
        Ok(())
    });
    assert!(otherwise.get() > 100, "{} facts were otherwise", otherwise.get());
}

#[test]
fn what_comes_back_because_its_correction_never_was_is_assumed() {
    let back = Cell::new(0);
    holds(60, &worlds(), |world| {
        for kind in [Kind::FactWithdrawn, Kind::FactAmended] {
            for change in [
                Change::Without(Selector::kind(kind)),
                Change::Rereport(Selector::kind(kind), 40_000),
            ] {
                let scenario = Scenario { changes: vec![change], ..Scenario::empty() };
                let view = View {
                    known_at: "2030-01-01T00:00:00Z".parse().unwrap(),
                    ..far_end(Basis::Reported)
                };
                back.set(back.get() + marked(&world, view, &scenario));
            }
        }
        Ok(())
    });
    assert!(back.get() > 100, "{} facts came back", back.get());
}
