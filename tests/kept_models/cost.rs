//! What keeping models costs is counted in events folded: one late correction costs the events of
//! its participant, however many others there are.

use std::sync::Arc;

use waystage::core::id::{EventId, Named, ParticipantId, ParticipationId};
use waystage::core::journey::code::GssCode;
use waystage::core::journey::correction::{Amendment, Correction, FactAmended};
use waystage::core::journey::entry::{Entry, Marked, Referred};
use waystage::core::journey::support::{ContactMade, Support};
use waystage::core::journey::{Fact, Record};
use waystage::store::{Append, EventStore, MemoryStore, NewEvent, ToStream, read_stream};
use waystage::{AsOf, Engine, Pace, ReadModels, SystemClock, SystemIds};
use waystage_caseload::Caseload;
use waystage_cohorts::{Dimension, Funnel};

use crate::given::day;

fn id(number: u32, of: u8) -> [u8; 16] {
    let mut bytes = [of; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn event(number: u32, of: u8, fact: impl Into<Fact>) -> NewEvent {
    NewEvent {
        id: EventId::from_bytes(id(number, of)),
        on: day("2021-03-01"),
        reported_at: None,
        actor: "user:1".into(),
        sourced: None,
        correlation: None,
        causation: None,
        record: Record::Fact(fact.into()),
    }
}

/// A referral, a start and so many contacts.
fn life(number: u32, contacts: u32) -> Vec<NewEvent> {
    let participation = ParticipationId::from_bytes(id(number, 9));
    let named = Named::new(participation, format!("R-{number}"));
    let area = GssCode::parse("E08000002").unwrap();
    let mut referral = Referred::to("none", named, day("2021-03-01"), area);
    referral.provider = format!("provider-{}", number % 7);
    let mut events = vec![
        event(number, 1, Entry::Referred(referral)),
        event(number, 2, Entry::Started(Marked::of(participation))),
    ];
    for contact in 0..contacts {
        let made = ContactMade { participation, channel: "phone".to_owned(), purpose: None };
        let mut event = event(number, 3, Support::ContactMade(made));
        event.id = EventId::from_bytes({
            let mut bytes = id(number, 3);
            bytes[8..12].copy_from_slice(&contact.to_be_bytes());
            bytes
        });
        events.push(event);
    }
    events
}

/// An engine with so many participants; the first of them has so many contacts.
fn engine(participants: u32, contacts: u32) -> Engine {
    let store = MemoryStore::new("example.org/cost");
    for batch in (1..=participants).collect::<Vec<u32>>().chunks(500) {
        let streams = batch.iter().map(|number| {
            let person = ParticipantId::from_bytes(id(*number, 7));
            let head = read_stream(&store, person).unwrap().head();
            let events = life(*number, if *number == 1 { contacts } else { 1 });
            ToStream { head, events }
        });
        let now = "2021-04-01T12:00:00Z".parse().unwrap();
        let streams = streams.collect();
        let _ = store.append(Append { now, streams }).unwrap();
    }
    let clock = Box::new(SystemClock);
    let engine = Engine::with(Arc::new(store), clock, Box::<SystemIds>::default());
    let models = ReadModels::new()
        .with(Caseload)
        .with(Funnel { by: vec![Dimension::Provider, Dimension::Month] })
        .pace(Pace::OnDemand)
        .as_of(AsOf::On(day("2021-12-31")));
    engine.keep(models).unwrap()
}

/// The events folded for one late correction of the first participant.
fn folded_for_one_correction(engine: &Engine) -> (u64, u64) {
    let person = ParticipantId::from_bytes(id(1, 7));
    engine.models().unwrap().refresh().unwrap();
    let amended = FactAmended {
        corrects: EventId::from_bytes(id(1, 2)),
        amendment: Amendment::On(day("2021-03-05")),
        reason: None,
    };
    let fact = engine.fact(day("2021-04-01"), "user:2", Correction::FactAmended(amended));
    let _ = engine.record(person, vec![fact]).unwrap();
    let refreshed = engine.models().unwrap().refresh().unwrap();
    (refreshed.participants, refreshed.events_folded)
}

#[test]
fn a_late_correction_costs_its_participants_events_whoever_else_there_is() {
    for participants in [1_000, 10_000, 100_000] {
        let engine = engine(participants, 38);
        // forty events held are folded to be taken away, and with the correction to be added
        assert_eq!(folded_for_one_correction(&engine), (1, 40 + 41), "{participants}");
    }
}

#[test]
fn a_late_correction_costs_in_proportion_to_its_participants_events() {
    for contacts in [2, 38, 398, 3_998] {
        let engine = engine(50, contacts);
        let events = u64::from(contacts) + 2;
        assert_eq!(folded_for_one_correction(&engine), (1, events + events + 1));
    }
}

#[test]
fn moving_to_a_day_on_which_nothing_is_due_folds_nothing() {
    let engine = engine(200, 5);
    let models = engine.models().unwrap();
    models.refresh().unwrap();
    let moved = models.move_to(day("2022-01-05")).unwrap();
    assert_eq!((moved.participants, moved.events_folded), (0, 0));
    assert_eq!(moved.stand.as_of, day("2022-01-05"));
}
