//! L4 and L7 over generated worlds and scenarios: what is found by reading whom a scenario could
//! change is what reading everybody on both sides finds.

use std::cell::Cell as Counter;
use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::journey::correction::{Correction, FactWithdrawn};
use waystage_core::journey::{Fact, Record};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::scenario::{Scenario, Selector};
use waystage_core::table::{Cell, Model};
use waystage_core::view::{Basis, View};
use waystage_replay::cells_digest;
use waystage_replay::difference::{Comparison, Difference, Side};
use waystage_replay::models::ModelSet;
use waystage_replay::what_if::{Totals, WhatIf, WouldBe};
use waystage_sqlite::SqliteLog;
use waystage_store::models::{MemoryModels, ModelStore, Slot};
use waystage_store::{EventReader, MemoryStore, NewEvent, read_stream, sha256};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{World, far_end, worlds};

use crate::every::every_model;
use crate::scenarios::{asked, scenario};
use crate::trials::holds;

fn lens(world: &World, view: View) -> Lens {
    Lens::new(view, Arc::new(world.adoptions.clone()))
}

fn what_if(reader: &dyn EventReader, lens: &Lens, scenario: &Scenario) -> WouldBe {
    let boxes = every_model();
    let models: Vec<&dyn Model> = boxes.iter().map(|model| &**model).collect();
    WhatIf::new(reader, lens, scenario, &models).unwrap().summing().made().unwrap()
}

/// Compares everybody on both sides.
fn in_full(store: &MemoryStore, plain: &Lens, scenario: &Scenario, view: View) -> Difference {
    let boxes = every_model();
    let models: Vec<&dyn Model> = boxes.iter().map(|model| &**model).collect();
    let plain = plain.at(view);
    let imagined = plain.clone().scenario(scenario.clone());
    let side = |lens| Side { reader: store, lens };
    Comparison::new(side(&plain), side(&imagined), &models).made().unwrap()
}

/// Adds up a model by hand.
fn summed(store: &MemoryStore, model: &dyn Model, lens: &Lens) -> Contributions<Cell> {
    let mut sum = Contributions::none();
    let mut people: BTreeSet<ParticipantId> = store.participants().unwrap().into_iter().collect();
    people.extend(lens.scenario.assumed_participants());
    for participant in people {
        let stream = read_stream(store, participant).unwrap().events;
        if lens.knows_of(participant, &stream) {
            sum.add(&model.contribute(&Replayed::of(participant, &stream, lens)));
        }
    }
    sum
}

#[test]
fn l4_whom_a_scenario_could_change_is_all_that_has_to_be_read() {
    let (changed, spared) = (Counter::new(0_u32), Counter::new(0_u32));
    holds(250, &asked(), |(world, other, draws)| {
        let store = recorded(&world.events)?;
        let scenario = scenario(&world, &other, &draws);
        for view in [world.view, far_end(Basis::Reported)] {
            let plain = lens(&world, view);
            let would_be = what_if(&store, &plain, &scenario);
            let full = in_full(&store, &plain, &scenario, would_be.view);
            prop_assert_eq!(would_be.difference.parked.len(), 0);
            for (some, all) in would_be.difference.models.iter().zip(&full.models) {
                prop_assert_eq!(&some.change, &all.change, "{}", &some.name);
                if let Some(before) = &some.before {
                    prop_assert_eq!(Some(before), all.before.as_ref(), "{}", &some.name);
                }
            }
            prop_assert_eq!(&would_be.difference.people, &full.people);
            let affected = &would_be.affected.participants;
            let outside = full.people.iter().filter(|each| !affected.contains(&each.participant));
            for person in outside {
                // a comparison of definitions is all that other rules may change for others
                prop_assert!(person.readings.is_empty() && person.facts.is_empty());
                for (model, part) in every_model().iter().zip(&person.by_rules) {
                    prop_assert!(model.reads_every_programme() || part.is_empty());
                }
            }
            // and nobody is named who is not concerned at all
            let all = store.participants().unwrap();
            for participant in affected.iter().filter(|each| all.contains(each)) {
                let stream = read_stream(&store, *participant).unwrap().events;
                let programmes = &would_be.affected.programmes;
                prop_assert!(scenario.touches(*participant, &stream, programmes));
            }
            changed.set(changed.get() + u32::from(!full.is_empty()));
            spared.set(spared.get() + u32::from(affected.len() < all.len()));
        }
        Ok(())
    });
    assert!(changed.get() > 80, "only {} scenarios changed something", changed.get());
    assert!(spared.get() > 80, "only {} scenarios spared somebody", spared.get());
}

#[test]
fn l7_the_baseline_and_the_difference_are_the_models_under_the_scenario() {
    holds(60, &asked(), |(world, other, draws)| {
        let store = recorded(&world.events)?;
        let scenario = scenario(&world, &other, &draws);
        let plain = lens(&world, world.view);
        let would_be = what_if(&store, &plain, &scenario);
        let imagined = plain.at(would_be.view).scenario(scenario.clone());
        let kept = MemoryModels::new();
        let set = ModelSet::new(every_model().into_iter().map(Arc::from), |model| {
            sha256(model.name().as_bytes())
        });
        let run = WhatIf::new(&store, &plain, &scenario, &[]).unwrap();
        let about = [("scenario".to_owned(), "generated".to_owned())];
        let built = run.build(&set, &kept, sha256(b"a scenario"), &about).unwrap();
        prop_assert!(built.parked.is_empty());
        for (model, difference) in every_model().iter().zip(&would_be.difference.models) {
            let before = summed(&store, &**model, &plain.at(would_be.view));
            let mut after = before.clone();
            after.add(&difference.change);
            prop_assert_eq!(&after, &summed(&store, &**model, &imagined), "{}", model.name());
            let snapshot = kept.snapshot().unwrap();
            let cells = snapshot.cells(Slot::Live, &model.tables()).unwrap();
            prop_assert_eq!(&after, &cells, "{}: kept", model.name());
            // what stands there is not known as the model of the log as it is
            let live = snapshot.fingerprints(Slot::Live).unwrap();
            prop_assert!(live.iter().all(|(_, print)| *print != sha256(model.name().as_bytes())));
        }
        Ok(())
    });
}

/// Returns the withdrawal of an event, told when that was.
fn withdrawal(event: &NewEvent) -> NewEvent {
    let fact = FactWithdrawn { corrects: event.id, reason: None };
    let record = Record::Fact(Fact::Correction(Correction::FactWithdrawn(fact)));
    NewEvent { id: EventId::from_bytes([8; 16]), sourced: None, record, ..event.clone() }
}

#[test]
fn l4_without_a_fact_is_the_log_with_it_withdrawn() {
    holds(80, &(worlds(), any::<usize>()), |(world, index)| {
        let Some((participant, event)) = world.events.get(index % world.events.len().max(1)) else {
            return Ok(());
        };
        let view = far_end(Basis::Reported);
        let without = Scenario::without("one fact less", Selector::events([event.id]));
        let store = recorded(&world.events)?;
        let would_be = what_if(&store, &lens(&world, view), &without);
        let mut events = world.events.clone();
        events.push((*participant, withdrawal(event)));
        let withdrawn = recorded(&events)?;
        for (model, difference) in every_model().iter().zip(&would_be.difference.models) {
            let mut after = summed(&store, &**model, &lens(&world, view));
            after.add(&difference.change);
            let real = summed(&withdrawn, &**model, &lens(&world, view));
            prop_assert_eq!(after, real, "{}", model.name());
        }
        prop_assert!(would_be.affected.participants.iter().eq([participant]));
        Ok(())
    });
}

#[test]
fn l4_the_empty_scenario_changes_nothing_reads_nobody_and_builds_the_live_models() {
    holds(40, &worlds(), |world| {
        let store = recorded(&world.events)?;
        let plain = lens(&world, world.view);
        let named = Scenario { name: "nothing".to_owned(), ..Scenario::empty() };
        let would_be = what_if(&store, &plain, &named);
        prop_assert!(would_be.difference.is_empty());
        prop_assert_eq!(would_be.totals, Totals::LeftOut);
        let counts = (would_be.recomputed, would_be.difference.folded, would_be.affected.sifted);
        prop_assert_eq!(counts, (0, 0, 0));
        let kept = MemoryModels::new();
        let set = ModelSet::new(every_model().into_iter().map(Arc::from), |_| sha256(b"one"));
        let run = WhatIf::new(&store, &plain, &named, &[]).unwrap();
        let _ = run.build(&set, &kept, sha256(b"nothing"), &[]).unwrap();
        let snapshot = kept.snapshot().unwrap();
        for model in every_model() {
            let tables = model.tables();
            let cells = snapshot.cells(Slot::Live, &tables).unwrap();
            let live = summed(&store, &*model, &plain.at(would_be.view));
            prop_assert_eq!(cells_digest(&tables, &cells), cells_digest(&tables, &live));
        }
        Ok(())
    });
}

#[test]
fn a_file_and_memory_find_the_same_people_and_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let number = Counter::new(0);
    holds(24, &asked(), |(world, other, draws)| {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.db", number.get()));
        let in_file = SqliteLog::create(&path, "example.org/generated").unwrap();
        let in_memory = recorded(&world.events)?;
        waystage_testkit::laws::same_in_both(
            &world,
            &MemoryStore::new("example.org/generated"),
            &in_file,
            &waystage_testkit::laws::honest,
        )?;
        let scenario = scenario(&world, &other, &draws);
        let plain =
            lens(&world, View { known_at: far_end(Basis::Reported).known_at, ..world.view });
        let plain = plain.at(plain.view.basis(Basis::Reported));
        let (one, other) =
            (what_if(&in_memory, &plain, &scenario), what_if(&in_file, &plain, &scenario));
        prop_assert_eq!(&one.affected.participants, &other.affected.participants);
        prop_assert_eq!(one.digest(), other.digest());
        Ok(())
    });
}

#[test]
fn one_journey_read_by_other_programmes_is_the_replay_with_them() {
    let differed = Counter::new(0_u32);
    holds(150, &asked(), |(world, other, (changes, _))| {
        let store = recorded(&world.events)?;
        let same_facts = |overlay| scenario(&world, &other, &(changes.clone(), overlay));
        let plain = lens(&world, world.view).scenario(same_facts(None));
        let laid = lens(&world, world.view).scenario(same_facts(Some(true)));
        for participant in store.participants().unwrap() {
            let stream = read_stream(&store, participant).unwrap().events;
            let one = Replayed::of(participant, &stream, &plain);
            let other = Replayed::of(participant, &stream, &laid);
            let judged = one.judged(&laid);
            prop_assert_eq!(&judged.readings, &other.readings);
            prop_assert_eq!(&judged.journey.findings, &other.journey.findings);
            for model in every_model() {
                prop_assert_eq!(model.contribute(&judged), model.contribute(&other));
                prop_assert_eq!(model.due(&judged), model.due(&other));
            }
            differed.set(differed.get() + u32::from(one.readings != other.readings));
        }
        Ok(())
    });
    assert!(differed.get() > 50, "only {} people read otherwise", differed.get());
}
