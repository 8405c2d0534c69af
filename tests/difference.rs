//! L7, the laws of a difference: the first side and the difference are the second side; people,
//! facts and rules account for all of it; without what is named as its cause it is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/models.rs"]
mod models;
#[path = "support/trials.rs"]
mod trials;

use std::cell::Cell as Counter;
use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use waystage_core::contribution::Contributions;
use waystage_core::id::{EventId, ParticipantId, Position};
use waystage_core::journey::{Fact, Kind, Record, Recorded};
use waystage_core::programme::Skip;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::scenario::{Also, Change, Scenario, Selector};
use waystage_core::table::{Cell, Model};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_replay::difference::{Comparison, Difference, FactDiffers, PersonDifference, Side};
use waystage_store::{EventReader, MemoryStore, NewEvent, read_stream};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{World, far_end, worlds};

use crate::models::every_model;
use crate::trials::{holds, tried};

type Tried = Result<(), TestCaseError>;

/// One side: a store and a lens of it.
type Of<'a> = (&'a MemoryStore, &'a Lens);

fn lens(world: &World, view: View) -> Lens {
    Lens::new(view, Arc::new(world.adoptions.clone()))
}

fn compared(before: Of<'_>, after: Of<'_>) -> Difference {
    let boxes = every_model();
    let models: Vec<&dyn Model> = boxes.iter().map(|model| &**model).collect();
    let one = Side { reader: before.0, lens: before.1 };
    let other = Side { reader: after.0, lens: after.1 };
    Comparison::new(one, other, &models).made().unwrap()
}

/// Adds up a model by hand.
fn summed(model: &dyn Model, (store, lens): Of<'_>) -> Contributions<Cell> {
    let mut people: BTreeSet<ParticipantId> = store.participants().unwrap().into_iter().collect();
    people.extend(lens.scenario.assumed_participants());
    let mut sum = Contributions::none();
    for participant in people {
        let mut stream = read_stream(store, participant).unwrap().events;
        stream.retain(|event| lens.view.reaches(event.position));
        if lens.knows_of(participant, &stream) {
            sum.add(&model.contribute(&Replayed::of(participant, &stream, lens)));
        }
    }
    sum
}

/// The first side and the difference are the second; people, facts and rules are all of it.
fn patches(before: Of<'_>, after: Of<'_>) -> Result<usize, TestCaseError> {
    let difference = compared(before, after);
    prop_assert_eq!(difference.parked.len(), 0);
    for (index, model) in every_model().iter().enumerate() {
        let of_model = &difference.models[index];
        let mut made = of_model.before.clone().unwrap();
        prop_assert_eq!(&made, &summed(&**model, before), "{}: before", model.name());
        made.add(&of_model.change);
        prop_assert_eq!(&made, &summed(&**model, after), "{}: after", model.name());
        let mut accounted = Contributions::none();
        for person in &difference.people {
            accounted.add(&person.by_facts[index]);
            accounted.add(&person.by_rules[index]);
        }
        prop_assert_eq!(&accounted, &of_model.change, "{}: people", model.name());
    }
    for figure in difference.figures() {
        let shares: i64 = figure.shares.iter().map(|each| each.by_facts + each.by_rules).sum();
        prop_assert_eq!(shares, figure.change);
    }
    let readings: usize = difference.people.iter().map(|each| each.readings.len()).sum();
    let by_reason: usize = difference.reasons().values().map(Vec::len).sum();
    prop_assert_eq!(readings, by_reason);
    Ok(difference.people.len())
}

/// Returns two views of a world, and the same two the other way round.
fn pairs(world: &World) -> [(View, View); 4] {
    let (here, far) = (world.view, far_end(world.view.basis));
    let other = match here.basis {
        Basis::Recorded => here.basis(Basis::Reported),
        Basis::Reported => here.basis(Basis::Recorded),
    };
    [(here, far), (far, here), (here, other), (here, View { as_of: here.as_of, ..far })]
}

#[test]
fn l7_one_view_and_the_difference_are_the_other() {
    let people = Counter::new(0);
    holds(60, &worlds(), |world| {
        let store = recorded(&world.events)?;
        for (before, after) in pairs(&world) {
            let (before, after) = (lens(&world, before), lens(&world, after));
            people.set(people.get() + patches((&store, &before), (&store, &after))?);
        }
        Ok(())
    });
    assert!(people.get() > 200, "only {} people differed", people.get());
}

#[test]
fn l7_one_set_of_rules_and_the_difference_are_another() {
    let by_rules = Counter::new(0_usize);
    holds(60, &(worlds(), worlds()), |(world, others)| {
        let store = recorded(&world.events)?;
        let far = far_end(Basis::Reported);
        let (before, after) = (lens(&world, world.view), lens(&others, far));
        let _ = patches((&store, &before), (&store, &after))?;
        // where the facts are the same, all of it is due to rules
        let before = lens(&world, far);
        let _ = patches((&store, &before), (&store, &after))?;
        for person in compared((&store, &before), (&store, &after)).people {
            prop_assert!(person.facts.is_empty() && !person.day);
            prop_assert!(person.tables || !person.rules.is_empty());
            prop_assert!(person.by_facts.iter().all(Contributions::is_empty));
            by_rules.set(by_rules.get() + 1);
        }
        Ok(())
    });
    assert!(by_rules.get() > 30, "only {} people differed by rules", by_rules.get());
}

#[test]
fn l7_a_scenario_differs_by_what_it_assumes() {
    let people = Counter::new(0);
    holds(150, &(worlds(), any::<usize>(), any::<u8>()), |(world, chosen, kind)| {
        let store = recorded(&world.events)?;
        let Some(change) = a_change(&world, chosen, kind) else { return Ok(()) };
        let plain = lens(&world, far_end(Basis::Recorded));
        let scenario = Scenario { changes: vec![change], ..Scenario::empty() };
        let imagined = plain.clone().scenario(scenario);
        people.set(people.get() + patches((&store, &plain), (&store, &imagined))?);
        let _ = patches((&store, &imagined), (&store, &plain))?;
        for person in compared((&store, &plain), (&store, &imagined)).people {
            prop_assert!(!person.facts.is_empty(), "{}: no cause", person.participant);
            prop_assert!(person.facts.iter().all(|fact| fact.assumed), "{:?}", person.facts);
            prop_assert!(person.rules.is_empty() && !person.tables && !person.day);
        }
        Ok(())
    });
    assert!(people.get() > 50, "only {} people differed", people.get());
}

fn a_change(world: &World, chosen: usize, kind: u8) -> Option<Change> {
    let (participant, event) = world.events.get(chosen % world.events.len().max(1))?;
    let Record::Fact(fact) = &event.record else { return None };
    let one = Selector::events([event.id]);
    Some(match kind % 5 {
        0 => Change::Without(Selector::kind(Kind::JobStarted)),
        1 => Change::Without(one),
        2 => Change::Redate(one, 40),
        // the same fact of somebody of whom the log knows nothing
        3 => Change::Also(Also {
            participant: ParticipantId::from_bytes([9; 16]),
            on: event.on,
            fact: fact.clone(),
            reported_at: None,
        }),
        _ => Change::Also(Also {
            participant: *participant,
            on: event.on,
            fact: fact.clone(),
            reported_at: None,
        }),
    })
}

#[test]
fn l7_a_side_does_not_differ_from_itself() {
    holds(60, &(worlds(), any::<usize>(), any::<u8>()), |(world, chosen, kind)| {
        let store = recorded(&world.events)?;
        let change = a_change(&world, chosen, kind);
        let scenario = Scenario { changes: change.into_iter().collect(), ..Scenario::empty() };
        for view in [world.view, far_end(Basis::Recorded)] {
            let plain = lens(&world, view);
            let imagined = plain.clone().scenario(scenario.clone());
            for lens in [&plain, &imagined] {
                nothing(&compared((&store, lens), (&store, lens)))?;
            }
        }
        Ok(())
    });
}

fn nothing(difference: &Difference) -> Tried {
    prop_assert!(difference.is_empty(), "{:?}", difference.people);
    prop_assert!(difference.models.iter().all(|model| model.change.is_empty()));
    Ok(())
}

/// Names the events behind a person's difference.
type Names = fn(&PersonDifference) -> Vec<EventId>;

fn all_named(person: &PersonDifference) -> Vec<EventId> {
    let corrections = person.facts.iter().flat_map(|fact| &fact.corrections);
    person.facts.iter().map(|fact| &fact.event).chain(corrections).map(|each| each.id).collect()
}

/// Returns the lens of a view that leaves these events out of the log.
fn leaving_out(
    world: &World,
    store: &MemoryStore,
    events: &BTreeSet<EventId>,
    (view, known): (View, View),
) -> Lens {
    let people = store.participants().unwrap().into_iter();
    let all = people.flat_map(|id| read_stream(store, id).unwrap().events);
    let skip = |event: Recorded| Skip {
        decided: Position::FIRST,
        recorded_at: Timestamp::MIN,
        participant: event.participant,
        event: Some(event.position),
    };
    let named = all.filter(|event| events.contains(&event.id) && !known.knows(event));
    let skips = named.map(skip).collect();
    Lens::new(view, Arc::new(world.adoptions.clone().skipping(skips)))
}

/// Two views that differ in nothing but what is known: without what is named as the cause, which
/// the first does not know, the second is the first.
fn gone(world: &World, named: Names) -> Result<usize, TestCaseError> {
    let store = recorded(&world.events)?;
    let far = View { as_of: world.view.as_of, ..far_end(world.view.basis) };
    let (known, more) = (lens(world, world.view), lens(world, far));
    let difference = compared((&store, &known), (&store, &more));
    for person in &difference.people {
        prop_assert!(!person.facts.is_empty(), "{}: no cause", person.participant);
    }
    let named: BTreeSet<EventId> = difference.people.iter().flat_map(named).collect();
    let without = leaving_out(world, &store, &named, (far, world.view));
    let left = compared((&store, &known), (&store, &without));
    prop_assert!(left.is_empty(), "a difference is left: {:?}", left.people);
    // the other way round the same are named
    let back = compared((&store, &more), (&store, &known));
    let back: BTreeSet<EventId> = back.people.iter().flat_map(all_named).collect();
    prop_assert!(named.is_subset(&back));
    Ok(named.len())
}

#[test]
fn l7_without_the_facts_named_as_its_cause_a_difference_is_gone() {
    let causes = Counter::new(0);
    holds(200, &worlds(), |world| {
        causes.set(causes.get() + gone(&world, all_named)?);
        Ok(())
    });
    assert!(causes.get() > 500, "only {} events were named", causes.get());
}

#[test]
fn l7_finds_a_difference_that_does_not_name_corrections() {
    // the planted fault: what made a fact another is not named
    let facts_alone: Names =
        |person| person.facts.iter().map(|fact| fact.event.id).collect::<Vec<_>>();
    let finds = |says: &str, named: Names| {
        let broken = tried(2000, &worlds(), |world| gone(&world, named).map(|_| ()));
        let broken = broken.expect_err("the law does not find its planted fault");
        assert!(broken.contains(says), "found something else: {broken}");
    };
    finds("a difference is left", facts_alone);
    // and another: what is read on neither side is not named
    let read_alone: Names = |person| {
        let read = person.facts.iter().filter(|fact| fact.differs != FactDiffers::Unread);
        read.flat_map(|fact| fact.corrections.iter().chain([&fact.event]))
            .map(|each| each.id)
            .collect()
    };
    finds("a difference is left", read_alone);
}

type Told = (ParticipantId, NewEvent);

/// Returns the events in the order of these keys; corrections stay behind what they act on.
fn rearranged(events: &[Told], keys: &[u64]) -> Vec<Told> {
    let key = |index: usize| keys.get(index).copied().unwrap_or(index as u64);
    let mut waiting: Vec<(u64, &Told)> =
        events.iter().enumerate().map(|(index, event)| (key(index), event)).collect();
    waiting.sort_by_key(|(key, (_, event))| (*key, event.id));
    let mut order: Vec<Told> = Vec::new();
    while !waiting.is_empty() {
        let ready = |event: &NewEvent| match &event.record {
            Record::Fact(Fact::Correction(correction)) => {
                order.iter().any(|(_, before)| before.id == correction.corrects())
            }
            _ => true,
        };
        let next = waiting.iter().position(|(_, (_, event))| ready(event)).unwrap_or(0);
        order.push(waiting.remove(next).1.clone());
    }
    order
}

#[test]
fn l7_two_stores_that_were_told_in_another_order_do_not_differ() {
    let keys = prop::collection::vec(any::<u64>(), 0..80);
    let recorded_otherwise = Counter::new(0);
    holds(100, &(worlds(), keys), |(world, keys)| {
        let one = recorded(&world.events)?;
        let other = recorded(&rearranged(&world.events, &keys))?;
        for view in [View { basis: Basis::Reported, ..world.view }, far_end(Basis::Reported)] {
            let lens = lens(&world, view);
            nothing(&compared((&one, &lens), (&other, &lens)))?;
        }
        let lens = lens(&world, View { basis: Basis::Recorded, ..world.view });
        let differ = compared((&one, &lens), (&other, &lens)).people.len();
        recorded_otherwise.set(recorded_otherwise.get() + differ);
        Ok(())
    });
    // by what was recorded they do: it is not the same order for everybody
    assert!(recorded_otherwise.get() > 20, "{} differed", recorded_otherwise.get());
}
