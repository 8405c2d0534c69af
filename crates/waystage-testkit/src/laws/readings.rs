//! The laws of readings and stores. What reads the world is handed in: the engine itself, or a
//! reader with a planted fault that the law must find.

use std::collections::{BTreeMap, BTreeSet};

use proptest::test_runner::TestCaseError;
use waystage_core::id::{ParticipantId, ProgrammeId};
use waystage_core::journey::Recorded;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Reading, RuleReading};
use waystage_core::scenario::{Scenario, Selector};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::{
    EventReader, EventStore, MemoryStore, NewEvent, StoreError, facts_digest, read_stream,
};

use crate::logs::{self, rearranged, withdrawal};
use crate::world::{World, far_end, noon};

/// What a law answers: nothing, or what broke it.
pub type Upheld = Result<(), TestCaseError>;

/// How a participant's stream is read through a lens.
pub type Read<'a> = &'a dyn Fn(ParticipantId, &[Recorded], &Lens) -> Vec<RuleReading>;

/// Reads as the engine does.
pub fn honest(participant: ParticipantId, stream: &[Recorded], lens: &Lens) -> Vec<RuleReading> {
    Replayed::of(participant, stream, lens).readings
}

fn broken(says: &str) -> TestCaseError {
    TestCaseError::fail(says.to_owned())
}

fn store_failed(error: &StoreError) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Records events one append each, in their order, each at a later instant.
pub fn record(store: &dyn EventStore, events: &[(ParticipantId, NewEvent)]) -> Upheld {
    logs::record(store, events).map_err(|error| store_failed(&error))
}

/// Returns a memory store that holds these events.
pub fn recorded(events: &[(ParticipantId, NewEvent)]) -> Result<MemoryStore, TestCaseError> {
    let store = MemoryStore::new("example.org/generated");
    record(&store, events)?;
    Ok(store)
}

/// Returns everything that is read of a store in a view.
pub fn read_all(
    store: &dyn EventReader,
    world: &World,
    view: View,
    scenario: &Scenario,
    read: Read<'_>,
) -> Result<Vec<RuleReading>, TestCaseError> {
    let lens = Lens::new(view, world.adoptions.clone().into()).scenario(scenario.clone());
    let mut readings = Vec::new();
    for participant in store.participants().map_err(|error| store_failed(&error))? {
        let stream = read_stream(store, participant).map_err(|error| store_failed(&error))?;
        readings.extend(read(participant, &stream.events, &lens));
    }
    Ok(readings)
}

/// L1: the order in which facts arrive changes nothing on the basis `reported`, and at the end
/// nothing on either basis. `keys` give the other order; corrections stay behind their targets.
pub fn arrival_order(world: &World, keys: &[u64], read: Read<'_>) -> Upheld {
    let there = recorded(&world.events)?;
    let here = recorded(&rearranged(&world.events, keys))?;
    let reported = View { basis: Basis::Reported, ..world.view };
    for view in [reported, far_end(Basis::Reported), far_end(Basis::Recorded)] {
        let empty = Scenario::empty();
        let there = read_all(&there, world, view, &empty, read)?;
        if there != read_all(&here, world, view, &empty, read)? {
            return Err(broken("another order of arrival gives other readings"));
        }
    }
    Ok(())
}

/// L2, for two stores: they hold the same facts, by digest, and read the same.
pub fn same_in_both(
    world: &World,
    one: &dyn EventStore,
    other: &dyn EventStore,
    read: Read<'_>,
) -> Upheld {
    record(one, &world.events)?;
    record(other, &world.events)?;
    let digests = (facts_digest(one), facts_digest(other));
    let (Ok(of_one), Ok(of_other)) = digests else { return Err(broken("a digest failed")) };
    if of_one != of_other {
        return Err(broken("the stores hold other facts"));
    }
    for view in [world.view, far_end(Basis::Recorded)] {
        let empty = Scenario::empty();
        let of_one = read_all(one, world, view, &empty, read)?;
        if of_one != read_all(other, world, view, &empty, read)? {
            return Err(broken("the stores read otherwise"));
        }
    }
    Ok(())
}

/// L4: imagining the journey without a fact reads the same as the log with that fact withdrawn, and
/// the empty scenario reads the same as no scenario.
pub fn scenario(world: &World, chosen: usize, read: Read<'_>) -> Upheld {
    let Some((participant, event)) = world.events.get(chosen % world.events.len().max(1)) else {
        return Ok(());
    };
    let store = recorded(&world.events)?;
    let view = far_end(Basis::Reported);
    let nothing = read_all(&store, world, view, &Scenario::empty(), read)?;
    if nothing != read_all(&store, world, view, &Scenario::empty(), &honest)? {
        return Err(broken("the empty scenario changes something"));
    }
    let without = Scenario::without("one fact less", Selector::events([event.id]));
    let imagined = read_all(&store, world, view, &without, read)?;
    record(&store, &[(*participant, withdrawal(event, noon(2999)))])?;
    let withdrawn = read_all(&store, world, view, &Scenario::empty(), &honest)?;
    if imagined != withdrawn {
        return Err(broken("imagining without a fact reads otherwise than withdrawing it"));
    }
    Ok(())
}

/// L8: what was learned after `known_at` changes no reading there; with nothing new learned, a
/// not-yet is over by its `until`; and each rule is read once for each referral.
pub fn readings(world: &World, read: Read<'_>) -> Upheld {
    let empty = Scenario::empty();
    let view = View { basis: Basis::Reported, ..world.view };
    let known: Vec<_> = world
        .events
        .iter()
        .filter(|(_, event)| event.reported_at.is_some_and(|told| told <= view.known_at))
        .cloned()
        .collect();
    let all = recorded(&world.events)?;
    let then = read_all(&recorded(&known)?, world, view, &empty, read)?;
    let now = read_all(&all, world, view, &empty, read)?;
    if then != now {
        return Err(broken("a fact learned later changes a reading"));
    }
    add_up(world, view, &now)?;
    for reading in &now {
        if let Reading::NotYet { until: Some(until) } = reading.reading {
            over_by(world, &all, view, reading, until, read)?;
        }
    }
    Ok(())
}

/// Each rule of the programme is read once for each of its referrals.
fn add_up(world: &World, view: View, readings: &[RuleReading]) -> Upheld {
    let programmes = world.adoptions.in_force(&view);
    let mut of: BTreeMap<(&ProgrammeId, _), BTreeSet<_>> = BTreeMap::new();
    for each in readings {
        let read = of.entry((&each.programme, each.participation)).or_default();
        if !read.insert((&each.rule, &each.tier)) {
            return Err(broken("a rule is read twice for one referral"));
        }
    }
    for ((programme, _), read) in of {
        let rules = programmes.get(programme).map_or(0, |programme| programme.rules.len());
        if read.len() != rules {
            return Err(broken("the four readings do not add up to the referrals"));
        }
    }
    Ok(())
}

fn over_by(
    world: &World,
    store: &dyn EventReader,
    view: View,
    reading: &RuleReading,
    until: chrono::NaiveDate,
    read: Read<'_>,
) -> Upheld {
    let later = View { as_of: until.max(view.as_of), ..view };
    let then = read_all(store, world, later, &Scenario::empty(), read)?;
    let same = then.iter().find(|then| {
        (then.participation, &then.rule, then.version)
            == (reading.participation, &reading.rule, reading.version)
    });
    match same.map(|then| &then.reading) {
        Some(Reading::NotYet { .. }) => Err(broken("a not-yet is not over by its day")),
        _ => Ok(()),
    }
}

/// L6, for readings: the events named for a reading of met, alone, give the same reading.
pub fn because_alone(world: &World, read: Read<'_>) -> Upheld {
    let empty = Scenario::empty();
    let all = read_all(&recorded(&world.events)?, world, world.view, &empty, read)?;
    for reading in all {
        let Reading::Met(met) = &reading.reading else { continue };
        let named: Vec<_> = world
            .events
            .iter()
            .filter(|(_, event)| met.because.contains(&event.id))
            .cloned()
            .collect();
        let view = View { known_at: Timestamp::MAX, ..world.view };
        let alone = read_all(&recorded(&named)?, world, view, &empty, read)?;
        if !alone.contains(&reading) {
            return Err(TestCaseError::fail(format!(
                "{} of {} is met on {} because of {} events, and they alone read otherwise",
                reading.rule,
                reading.participation,
                met.on,
                met.because.len()
            )));
        }
    }
    Ok(())
}
