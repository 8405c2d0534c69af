//! Generated scenarios over generated worlds: changes of every sort, with selectors of every sort,
//! with and without other programmes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use waystage_core::id::{JobId, Named, ParticipantId, Reference};
use waystage_core::journey::correction::Amendment;
use waystage_core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Kind, Record};
use waystage_core::scenario::{Also, Change, Condition, Overlay, Scenario, Selector};
use waystage_core::view::Basis;
use waystage_store::NewEvent;
use waystage_testkit::world::{World, far_end, worlds};

/// What a generated scenario is drawn from.
pub(crate) type Draws = (Vec<(u8, usize, u8, i32)>, Option<bool>);

/// Returns worlds, another world for its programmes, and what scenarios are drawn from.
pub(crate) fn asked() -> impl Strategy<Value = (World, World, Draws)> {
    let change = (0_u8..7, any::<usize>(), 0_u8..13, -120_i32..120);
    let overlay = prop_oneof![3 => Just(None), 1 => any::<bool>().prop_map(Some)];
    (worlds(), worlds(), (prop::collection::vec(change, 0..3), overlay))
}

/// Returns the scenario of some draws.
pub(crate) fn scenario(world: &World, other: &World, (changes, overlay): &Draws) -> Scenario {
    let changes = changes.iter().filter_map(|draw| change(world, *draw));
    let overlays = overlay.iter().map(|whole| overlay_of(other, *whole));
    Scenario {
        name: "generated".to_owned(),
        changes: changes.collect(),
        overlays: overlays.collect(),
        ..Scenario::empty()
    }
}

fn change(world: &World, (sort, index, by, days): (u8, usize, u8, i32)) -> Option<Change> {
    let (participant, event) = world.events.get(index % world.events.len().max(1))?;
    let selector = selector(world, *participant, event, by);
    Some(match sort {
        0 => Change::Without(selector),
        1 => Change::Instead(selector, job(600)),
        2 => Change::Redate(selector, days),
        3 => Change::Rereport(selector, days),
        4 => Change::Amend(selector, Amendment::WeeklyMinutes(WeeklyMinutes(300))),
        5 => Change::Amend(selector, Amendment::Provider("another".to_owned())),
        _ => {
            // somebody whom no log knows, now and then
            let stranger = ParticipantId::from_bytes([9; 16]);
            let participant = if days % 5 == 0 { stranger } else { *participant };
            let (on, fact, reported_at) = (event.on, job(1200), None);
            Change::Also(Also { participant, on, fact, reported_at })
        }
    })
}

fn job(minutes: u32) -> Fact {
    let job = Named::new(JobId::from_bytes([7; 16]), "assumed-job");
    let started = JobStarted::employed(job, WeeklyMinutes(minutes));
    Fact::Employment(Employment::JobStarted(started))
}

/// Returns a selector that is about an event, by one condition or two.
fn selector(world: &World, participant: ParticipantId, event: &NewEvent, by: u8) -> Selector {
    let Record::Fact(fact) = &event.record else { return Selector::events([event.id]) };
    let kind = Condition::Kinds([fact.kind()].into());
    let of_person = world.events.iter().filter(|(whose, _)| *whose == participant);
    let referred = of_person.into_iter().find_map(|(_, event)| match &event.record {
        Record::Fact(Fact::Entry(Entry::Referred(referred))) => Some(referred.clone()),
        _ => None,
    });
    let names: BTreeSet<Reference> =
        event.sourced.iter().map(|sourced| sourced.reference.clone()).collect();
    let characteristics = world.events.iter().find_map(|(whose, event)| match &event.record {
        Record::Fact(Fact::Entry(Entry::CharacteristicsRecorded(fact)))
            if *whose == participant =>
        {
            Some(fact.participant_ref.clone())
        }
        _ => None,
    });
    let own = Condition::Participants([participant].into());
    let conditions = match (by, referred) {
        (0, _) => vec![Condition::Events([event.id].into())],
        (1, _) => vec![Condition::References(names)],
        (2, _) => vec![kind],
        (3, _) => vec![kind, Condition::On { from: Some(event.on), until: None }],
        (4, _) => vec![Condition::On { from: None, until: Some(event.on) }, own],
        (5, _) => vec![
            Condition::Reported { from: event.reported_at, until: None },
            Condition::Kinds([Kind::JobStarted, Kind::JobEnded].into()),
        ],
        (6, _) => vec![Condition::ParticipantReferences(characteristics.into_iter().collect())],
        (7, Some(row)) => vec![Condition::Programmes([row.programme].into())],
        (8, Some(row)) => vec![Condition::Areas([row.local_authority].into()), kind],
        (9, Some(row)) => vec![Condition::Groups(row.group.into_iter().collect())],
        (10, Some(row)) => vec![Condition::Providers([row.provider].into())],
        (11, Some(row)) => vec![Condition::EverReferredTo([row.provider].into()), kind],
        (12, Some(row)) => vec![Condition::Participations([row.participation.reference].into())],
        (_, _) => vec![own],
    };
    Selector::of(conditions)
}

/// Returns another world's programmes: all with their tables, or one programme alone.
fn overlay_of(other: &World, whole: bool) -> Overlay {
    let programmes = other.adoptions.in_force(&far_end(Basis::Reported));
    let mut overlay = Overlay {
        programmes: programmes.programmes.into_values().collect(),
        rates: programmes.rates.into_values().collect(),
        calendars: programmes.calendars.into_values().collect(),
        from: None,
    };
    if !whole {
        overlay.programmes.truncate(1);
        overlay.rates.clear();
        overlay.calendars.clear();
    }
    overlay
}
