//! Overlays: other programmes and tables in the place of those in force.

use proptest::prelude::*;
use waystage_core::calendar::{day_before, days_after};
use waystage_core::programme::{Adoption, Adoptions, Programme};
use waystage_core::replayed::Lens;
use waystage_core::scenario::{Overlay, Scenario};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_testkit::world::{PROGRAMME, World, far_end, worlds};

use super::{Streams, holds, lens, read, streams};

fn overlay(world: &World) -> Overlay {
    let programmes = world.adoptions.in_force(&far_end(Basis::Reported));
    Overlay {
        programmes: programmes.programmes.into_values().collect(),
        rates: programmes.rates.into_values().collect(),
        calendars: programmes.calendars.into_values().collect(),
        from: None,
    }
}

/// Returns the world's adoptions, and after them the other's.
fn adopting(world: &World, other: &World) -> Adoptions {
    let view = far_end(Basis::Reported);
    let before = world.adoptions.known(&view).cloned();
    let after = other.adoptions.known(&view).cloned().map(|adoption| Adoption {
        position: waystage_core::id::Position::new(adoption.position.get() + 1_000).unwrap(),
        recorded_at: Timestamp::MIN,
        ..adoption
    });
    Adoptions::new(before.chain(after).collect())
}

#[test]
fn an_overlay_is_the_log_with_its_programmes_adopted() {
    let differed = std::cell::Cell::new(0_u32);
    holds(150, &(worlds(), worlds()), |(world, other)| {
        let all = streams(&world.events)?;
        let adopted = std::sync::Arc::new(adopting(&world, &other));
        let laid = Scenario::overlaid("the other's programmes", overlay(&other));
        let plain = lens(&world, world.view);
        let imagined = plain.clone().scenario(laid.clone());
        for view in [world.view, far_end(Basis::Recorded), far_end(Basis::Reported)] {
            let real = read(&all, &Lens::new(view, adopted.clone()));
            prop_assert_eq!(&real, &read(&all, &lens(&world, view).scenario(laid.clone())));
            // a lens of another view keeps the overlay
            prop_assert_eq!(&real, &read(&all, &imagined.at(view)));
        }
        let changed = read(&all, &plain) != read(&all, &imagined);
        differed.set(differed.get() + u32::from(changed));
        let cleared = imagined.scenario(Scenario::empty());
        prop_assert_eq!(read(&all, &plain), read(&all, &cleared));
        Ok(())
    });
    assert!(differed.get() > 50, "only {} overlays changed something", differed.get());
}

#[test]
fn an_overlay_of_what_is_in_force_changes_nothing() {
    holds(100, &worlds(), |world| {
        let all = streams(&world.events)?;
        let plain = lens(&world, world.view);
        let same = plain.clone().scenario(Scenario::overlaid("the same", overlay(&world)));
        prop_assert_eq!(read(&all, &plain), read(&all, &same));
        Ok(())
    });
}

#[test]
fn an_overlay_touches_only_whoever_was_referred_to_its_programmes() {
    holds(150, &(worlds(), worlds()), |(world, other)| {
        let mut laid = overlay(&other);
        laid.programmes.retain(|programme| programme.id.as_str() == PROGRAMME);
        laid.rates.clear();
        laid.calendars.clear();
        let scenario = Scenario::overlaid("one programme", laid);
        let plain = lens(&world, world.view);
        let affected = scenario.affected(plain.programmes());
        prop_assert_eq!(affected.len(), 1);
        let imagined = plain.clone().scenario(scenario.clone());
        for (id, stream) in streams(&world.events)? {
            if !scenario.touches(id, &stream, &affected) {
                let one = Streams::from([(id, stream)]);
                prop_assert_eq!(read(&one, &plain), read(&one, &imagined));
            }
        }
        Ok(())
    });
}

#[test]
fn an_overlay_from_a_day_keeps_the_versions_of_earlier_days() {
    holds(60, &(worlds(), worlds()), |(world, other)| {
        let from = "2019-03-01".parse().unwrap();
        let laid = Overlay { from: Some(from), ..overlay(&other) };
        let (below, above) = (overlay(&world), overlay(&other));
        let view = View { as_of: from, ..far_end(Basis::Reported) };
        let plain = lens(&world, view);
        let imagined = plain.scenario(Scenario::overlaid("from a day", laid));
        let find = |all: &[Programme], like: &Programme| {
            all.iter().find(|each| each.id == like.id).cloned()
        };
        for programme in imagined.programmes().programmes.values() {
            let old = find(&below.programmes, programme).unwrap();
            let new = find(&above.programmes, programme).unwrap();
            for rule in &programme.rules {
                let new = new.rule(&rule.id).unwrap();
                let same = |one: &waystage_core::programme::Rule| {
                    (one.family, one.judged_by) == (rule.family, rule.judged_by)
                };
                let Some(old) = old.rule(&rule.id).filter(|old| same(old)) else {
                    prop_assert_eq!(rule, new);
                    continue;
                };
                let before = day_before(from);
                prop_assert_eq!(rule.in_force(before), old.in_force(before));
                for day in [from, days_after(from, 30), days_after(from, 3000)] {
                    let terms = |rule: &waystage_core::programme::Rule| {
                        rule.in_force(day).map(|version| version.terms.clone())
                    };
                    prop_assert_eq!(terms(rule), terms(new));
                }
            }
        }
        Ok(())
    });
}
