//! Scenarios, as properties over generated worlds: each change to the facts is what the log would
//! read if it had come true, and whoever a scenario does not touch reads the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "scenarios/overlays.rs"]
mod overlays;
#[path = "scenarios/picked.rs"]
mod picked;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use waystage_core::calendar::moved;
use waystage_core::id::{EventId, JobId, Named, ParticipantId};
use waystage_core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::employment::{Employment, JobStarted, Sector, WeeklyMinutes};
use waystage_core::journey::evidence::{EarningsReported, Evidence, StatementKind};
use waystage_core::journey::{Fact, Record, Recorded};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::Reading;
use waystage_core::scenario::{Also, Change, Scenario, Selector};
use waystage_core::view::{Basis, View};
use waystage_store::{EventReader, NewEvent, read_stream};
use waystage_testkit::laws::{self, honest, recorded};
use waystage_testkit::world::{World, far_end, noon, worlds};

type Told = (ParticipantId, NewEvent);
type Streams = BTreeMap<ParticipantId, Vec<Recorded>>;

/// Tries a law on generated worlds; `LAW_FACTOR=50` tries fifty times as many.
fn holds<T: std::fmt::Debug>(
    cases: u32,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let factor = std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok());
    let cases = cases * factor.unwrap_or(1);
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    if let Err(broken) = TestRunner::new_with_rng(config, seed).run(worlds, law) {
        panic!("{broken}");
    }
}

fn streams(events: &[Told]) -> Result<Streams, TestCaseError> {
    let store = recorded(events)?;
    let all = store.participants().unwrap().into_iter();
    Ok(all.map(|id| (id, read_stream(&store, id).unwrap().events)).collect())
}

/// Everything that is read of the streams: journeys, readings and findings, in words that hold no
/// place in the log.
fn read(streams: &Streams, lens: &Lens) -> Vec<String> {
    let each = streams.iter().map(|(id, stream)| {
        let replayed = Replayed::of(*id, stream, lens);
        let journey = &replayed.journey;
        let facts: Vec<_> = journey
            .facts
            .iter()
            .map(|(_, seen)| (seen.recorded.id, seen.on, &seen.fact, &seen.shaped_by))
            .collect();
        format!(
            "{id}\n{facts:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            journey.participations, journey.jobs, journey.statements, replayed.readings
        )
    });
    each.collect()
}

fn lens(world: &World, view: View) -> Lens {
    Lens::new(view, world.adoptions.clone().into())
}

fn under(world: &World, view: View, changes: Vec<Change>) -> Lens {
    lens(world, view).scenario(Scenario { changes, ..Scenario::empty() })
}

/// Returns views of all that is told, in which a correction that is told last is known.
fn ends(world: &World) -> [View; 2] {
    let far = far_end(Basis::Reported);
    [far, View { as_of: world.view.as_of, ..far }]
}

/// Checks that a change reads as a log in which it came true.
fn comes_true(world: &World, change: &Change, true_events: &[Told]) -> Result<(), TestCaseError> {
    let (imagined, real) = (streams(&world.events)?, streams(true_events)?);
    for view in ends(world) {
        let imagined = read(&imagined, &under(world, view, vec![change.clone()]));
        prop_assert_eq!(imagined, read(&real, &lens(world, view)));
    }
    Ok(())
}

fn chosen(world: &World, chosen: usize) -> Option<&Told> {
    world.events.get(chosen % world.events.len().max(1))
}

fn told_last(told: &NewEvent, id: EventId, fact: Fact) -> NewEvent {
    let record = Record::Fact(fact);
    NewEvent { id, reported_at: Some(noon(2999)), sourced: None, record, ..told.clone() }
}

fn amended(corrects: EventId, amendment: Amendment) -> Fact {
    let fact = FactAmended { corrects, amendment, reason: None };
    Fact::Correction(Correction::FactAmended(fact))
}

fn withdrawn(corrects: EventId) -> Fact {
    Fact::Correction(Correction::FactWithdrawn(FactWithdrawn { corrects, reason: None }))
}

/// Returns the chosen event as the store holds it.
fn in_stream(streams: &Streams, (participant, event): &Told) -> Recorded {
    let stream = &streams[participant];
    stream.iter().find(|each| each.id == event.id).unwrap().clone()
}

fn amendments() -> impl Strategy<Value = Amendment> {
    let day = |text: &str| text.parse().unwrap();
    prop::sample::select(vec![
        Amendment::On(day("2019-04-01")),
        Amendment::WeeklyMinutes(WeeklyMinutes(600)),
        Amendment::Sector(Sector::SelfEmployed),
        Amendment::CoversTo(day("2019-12-01")),
        Amendment::GrossPence(123_456),
        Amendment::Qualifying(false),
        Amendment::ReceivedOn(day("2019-02-01")),
        Amendment::Provider("another".to_owned()),
        Amendment::Severity(6),
    ])
}

/// Returns facts that decide something.
fn facts() -> impl Strategy<Value = Fact> {
    let job = || Named::new(JobId::from_bytes([7; 16]), "assumed-job");
    let minutes = prop::sample::select(vec![60_u32, 960, 2400]);
    let starts = minutes.prop_map(move |minutes| {
        let started = JobStarted::employed(job(), WeeklyMinutes(minutes));
        Fact::Employment(Employment::JobStarted(started))
    });
    let day: NaiveDate = "2019-06-30".parse().unwrap();
    let earns = (1_i64..900_000).prop_map(move |gross_pence| {
        Fact::Evidence(Evidence::EarningsReported(EarningsReported {
            statement_kind: StatementKind::Original,
            scheme: "assumed".to_owned(),
            period_from: day,
            period_to: day,
            gross_pence,
            qualifying: true,
        }))
    });
    prop_oneof![starts, earns]
}

fn with_choice() -> impl Strategy<Value = (World, usize)> {
    (worlds(), any::<usize>())
}

#[test]
fn to_amend_is_the_log_with_the_amendment_reported_last() {
    let acted = std::cell::Cell::new(0_u32);
    holds(300, &(with_choice(), amendments()), |((world, index), amendment)| {
        let Some(told) = chosen(&world, index) else { return Ok(()) };
        let event = in_stream(&streams(&world.events)?, told);
        let mut events = world.events.clone();
        if event.fact().unwrap().can_be_amended(&amendment) {
            let id = Scenario::assumed_id(0, &event);
            let fact = amended(event.id, amendment.clone());
            events.push((told.0, told_last(&told.1, id, fact)));
            acted.set(acted.get() + 1);
        }
        comes_true(&world, &Change::Amend(Selector::events([event.id]), amendment), &events)
    });
    assert!(acted.get() > 40, "only {} amendments had something to act on", acted.get());
}

#[test]
fn what_is_amended_is_known_so_whenever_the_fact_is_known() {
    let acted = std::cell::Cell::new(0_u32);
    holds(400, &(with_choice(), amendments()), |((world, index), amendment)| {
        let Some(told) = chosen(&world, index) else { return Ok(()) };
        let event = in_stream(&streams(&world.events)?, told);
        let is_corrected = world.events.iter().any(|(_, each)| match &each.record {
            Record::Fact(Fact::Correction(correction)) => correction.corrects() == event.id,
            _ => false,
        });
        if is_corrected || !event.fact().unwrap().can_be_amended(&amendment) {
            return Ok(());
        }
        let id = Scenario::assumed_id(0, &event);
        let mut amends = told_last(&told.1, id, amended(event.id, amendment.clone()));
        amends.reported_at = told.1.reported_at;
        let mut events = world.events.clone();
        events.push((told.0, amends));
        let change = Change::Amend(Selector::events([event.id]), amendment);
        let (imagined, real) = (streams(&world.events)?, streams(&events)?);
        let view = View { basis: Basis::Reported, ..world.view };
        let imagined = read(&imagined, &under(&world, view, vec![change]));
        prop_assert_eq!(imagined, read(&real, &lens(&world, view)));
        acted.set(acted.get() + 1);
        Ok(())
    });
    assert!(acted.get() > 40, "only {} amendments had something to act on", acted.get());
}

#[test]
fn to_redate_is_the_log_with_the_day_amended_last() {
    holds(300, &(with_choice(), -200_i32..200), |((world, index), days)| {
        let Some(told) = chosen(&world, index) else { return Ok(()) };
        let all = streams(&world.events)?;
        let event = in_stream(&all, told);
        let end = lens(&world, View { as_of: NaiveDate::MAX, ..far_end(Basis::Reported) });
        let replayed = Replayed::of(told.0, &all[&told.0], &end);
        let mut seen = replayed.journey.facts.iter();
        let on = seen.find(|(_, seen)| seen.recorded.id == event.id).map(|(_, seen)| seen.on);
        let mut events = world.events.clone();
        if let Some(on) = on {
            let id = Scenario::assumed_id(0, &event);
            let fact = amended(event.id, Amendment::On(moved(on, days)));
            events.push((told.0, told_last(&told.1, id, fact)));
        }
        comes_true(&world, &Change::Redate(Selector::events([event.id]), days), &events)
    });
}

#[test]
fn instead_is_the_log_with_one_fact_withdrawn_and_another_recorded() {
    holds(300, &(with_choice(), facts()), |((world, index), fact)| {
        let Some(told) = chosen(&world, index) else { return Ok(()) };
        let all = streams(&world.events)?;
        let event = in_stream(&all, told);
        let end = lens(&world, View { as_of: NaiveDate::MAX, ..far_end(Basis::Reported) });
        let replayed = Replayed::of(told.0, &all[&told.0], &end);
        let mut seen = replayed.journey.facts.iter();
        let mut events = world.events.clone();
        if seen.any(|(_, seen)| seen.recorded.id == event.id) {
            let withdrawal = EventId::from_bytes([9; 16]);
            events.push((told.0, told_last(&told.1, withdrawal, withdrawn(event.id))));
            // the same reference in another source: it is told at the same place
            let sourced = told.1.sourced.clone().map(|mut sourced| {
                sourced.source = "assumed".into();
                sourced
            });
            let id = Scenario::assumed_id(0, &event);
            let record = Record::Fact(fact.clone());
            events.push((told.0, NewEvent { id, record, sourced, ..told.1.clone() }));
        }
        comes_true(&world, &Change::Instead(Selector::events([event.id]), fact), &events)
    });
}

#[test]
fn also_is_the_log_with_the_fact_recorded() {
    let rests = std::cell::Cell::new(0_u32);
    holds(300, &(with_choice(), facts(), 0_u32..900), |((world, index), fact, day)| {
        let Some((participant, event)) = chosen(&world, index) else { return Ok(()) };
        let (participant, told) = (*participant, noon(day));
        let (on, reported_at) = (told.date(), Some(told));
        let change = Change::Also(Also { participant, on, fact: fact.clone(), reported_at });
        let all = streams(&world.events)?;
        let view = far_end(Basis::Reported);
        let imagined = under(&world, view, vec![change.clone()]);
        let replayed = Replayed::of(participant, &all[&participant], &imagined);
        let mut assumed = replayed.journey.facts.iter().filter(|(_, seen)| seen.assumed.is_some());
        let id = assumed.next().unwrap().1.recorded.id;
        prop_assert!(assumed.next().is_none() && replayed.holds_assumed());
        for reading in &replayed.readings {
            let Reading::Met(met) = &reading.reading else { continue };
            let names_it = met.because.contains(&id);
            prop_assert_eq!(replayed.rests_on(reading), (0..u32::from(names_it)).collect());
            rests.set(rests.get() + u32::from(names_it));
        }
        prop_assert_eq!(replayed.label(id), "assumed by change 1");
        let record = Record::Fact(fact);
        let event = NewEvent { id, on, reported_at, sourced: None, record, ..event.clone() };
        let mut events = world.events.clone();
        events.push((participant, event));
        comes_true(&world, &change, &events)
    });
    assert!(rests.get() > 30, "only {} readings rested on what was assumed", rests.get());
}

#[test]
fn an_assumed_correction_acts_as_a_recorded_one() {
    let shaped = std::cell::Cell::new(0_u32);
    let amendments = prop::option::weighted(0.7, amendments());
    holds(300, &(with_choice(), amendments, 0_u32..900), |((world, index), amendment, day)| {
        let Some(target) = chosen(&world, index) else { return Ok(()) };
        let event = in_stream(&streams(&world.events)?, target);
        let fact = match amendment {
            Some(amendment) if event.fact().unwrap().can_be_amended(&amendment) => {
                amended(event.id, amendment)
            }
            Some(_) => return Ok(()),
            None => withdrawn(event.id),
        };
        let (participant, told) = (target.0, noon(day));
        let also = Also { participant, on: event.on, fact: fact.clone(), reported_at: Some(told) };
        let change = Change::Also(also);
        let all = streams(&world.events)?;
        let view = far_end(Basis::Reported);
        let imagined = under(&world, view, vec![change.clone()]);
        let replayed = Replayed::of(participant, &all[&participant], &imagined);
        let facts = &replayed.journey.facts;
        let by = facts.iter().find_map(|(_, seen)| {
            let by = seen.shaped_by.iter().find(|by| facts.assumed_by(**by).is_some())?;
            Some((*by, seen.assumed))
        });
        prop_assert_eq!(by.is_some(), replayed.holds_assumed());
        if let Some((id, assumed)) = by {
            prop_assert_eq!(assumed, Some(0));
            shaped.set(shaped.get() + 1);
            let mut corrects = told_last(&target.1, id, fact);
            corrects.reported_at = Some(told);
            let mut events = world.events.clone();
            events.push((participant, corrects));
            return comes_true(&world, &change, &events);
        }
        Ok(())
    });
    assert!(shaped.get() > 20, "only {} corrections shaped something", shaped.get());
}

#[test]
fn to_rereport_is_the_log_in_which_it_was_told_then() {
    holds(300, &(with_choice(), -300_i32..300), |((world, index), days)| {
        let Some(told) = chosen(&world, index) else { return Ok(()) };
        let change = Change::Rereport(Selector::events([told.1.id]), days);
        let mut events = world.events.clone();
        let event = &mut events[index % world.events.len()].1;
        event.reported_at = event.reported_at.map(|told| told.moved(days));
        let (imagined, real) = (streams(&world.events)?, streams(&events)?);
        let reported = View { basis: Basis::Reported, ..world.view };
        for view in [reported, far_end(Basis::Reported)] {
            let imagined = read(&imagined, &under(&world, view, vec![change.clone()]));
            prop_assert_eq!(imagined, read(&real, &lens(&world, view)));
        }
        Ok(())
    });
}

/// Returns changes of every kind, to facts of the world.
fn changes(world: &World, draws: &[(u8, usize, i32)], fact: &Fact) -> Vec<Change> {
    let change = |&(kind, index, days): &(u8, usize, i32)| {
        let (participant, event) = chosen(world, index)?;
        let of_kind = || Selector::kind(event.record.kind());
        let one = || Selector::events([event.id]);
        let (participant, on) = (*participant, event.on);
        Some(match kind % 8 {
            0 => Change::Without(one()),
            1 => Change::Instead(one(), fact.clone()),
            2 => Change::Also(Also { participant, on, fact: fact.clone(), reported_at: None }),
            3 => Change::Redate(one(), days),
            4 => Change::Redate(of_kind(), days),
            5 => Change::Rereport(of_kind(), days),
            6 => Change::Amend(of_kind(), Amendment::WeeklyMinutes(WeeklyMinutes(480))),
            _ => Change::Amend(one(), Amendment::On(moved(on, days))),
        })
    };
    draws.iter().filter_map(change).collect()
}

fn draws() -> impl Strategy<Value = Vec<(u8, usize, i32)>> {
    prop::collection::vec((any::<u8>(), any::<usize>(), -100_i32..100), 0..5)
}

#[test]
fn no_order_of_arrival_matters_under_a_scenario() {
    let keys = prop::collection::vec(any::<u64>(), 0..80);
    holds(200, &(worlds(), draws(), facts(), keys), |(world, draws, fact, keys)| {
        let scenario = Scenario { changes: changes(&world, &draws, &fact), ..Scenario::empty() };
        laws::arrival_order(&world, &keys, &|participant, stream, lens| {
            honest(participant, stream, &lens.clone().scenario(scenario.clone()))
        })
    });
}

#[test]
fn whoever_is_not_touched_reads_the_same() {
    let spared = std::cell::Cell::new(0_u32);
    holds(200, &(worlds(), draws(), facts()), |(world, draws, fact)| {
        let scenario = Scenario { changes: changes(&world, &draws, &fact), ..Scenario::empty() };
        let all = streams(&world.events)?;
        let plain = lens(&world, world.view);
        let affected = scenario.affected(plain.programmes());
        prop_assert!(affected.is_empty());
        let imagined = plain.clone().scenario(scenario.clone());
        for (id, stream) in all {
            if !scenario.touches(id, &stream, &affected) {
                let one = Streams::from([(id, stream)]);
                prop_assert_eq!(read(&one, &plain), read(&one, &imagined));
                spared.set(spared.get() + 1);
            }
        }
        Ok(())
    });
    assert!(spared.get() > 50, "only {} were not touched", spared.get());
}

#[test]
fn to_imagine_facts_away_has_no_order() {
    let picks = prop::collection::vec((any::<usize>(), any::<bool>()), 1..6);
    holds(200, &(worlds(), picks), |(world, picks)| {
        let selectors = picks.iter().filter_map(|(index, whole)| {
            let (_, event) = chosen(&world, *index)?;
            let kind = || Selector::kind(event.record.kind());
            Some(if *whole { kind() } else { Selector::events([event.id]) })
        });
        let mut changes: Vec<Change> = selectors.map(Change::Without).collect();
        let all = streams(&world.events)?;
        let forth = read(&all, &under(&world, world.view, changes.clone()));
        changes.reverse();
        prop_assert_eq!(forth, read(&all, &under(&world, world.view, changes)));
        Ok(())
    });
}
