//! Determine runs: outcomes stand in their streams, stay while they hold, and are withdrawn with a
//! reason when knowledge changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use waystage::core::determination::{Changed, Determination};
use waystage::core::id::{EventId, JobId, Named, ParticipantId, ParticipationId};
use waystage::core::journey::Record;
use waystage::core::journey::code::GssCode;
use waystage::core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage::core::journey::employment::{
    Employment, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage::core::journey::entry::{Entry, Marked, Referred};
use waystage::core::time::Timestamp;
use waystage::core::view::Basis;
use waystage::store::{MemoryStore, read_stream};
use waystage::{Adoption, Clock, Engine, EngineError, IdSource, ImportPlan, NewFact};

/// A clock that moves a second at each look.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1_000_000, Ordering::Relaxed))
    }
}

/// Ids in the order of being asked for.
struct Counting(AtomicU64);

impl IdSource for Counting {
    fn next(&self, now: Timestamp) -> EventId {
        let mut bytes = [0; 16];
        let milliseconds = u64::try_from(now.micros() / 1000).unwrap();
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
        bytes[8..].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        EventId::from_bytes(bytes)
    }
}

fn engine() -> Engine {
    let now: Timestamp = "2020-01-01T09:00:00Z".parse().unwrap();
    let engine = Engine::with(
        Arc::new(MemoryStore::new("example.org/determine")),
        Box::new(Ticking(AtomicI64::new(now.micros()))),
        Box::new(Counting(AtomicU64::new(0))),
    );
    engine.adopt(&Adoption::bundled()).unwrap();
    engine
}

const PERSON: ParticipantId = ParticipantId::from_bytes([1; 16]);

/// Returns a fact under an id of its own, later than those before.
fn fact(on: &str, fact: impl Into<waystage::core::journey::Fact>) -> NewFact {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    // no id that the engine counts out ends like this
    let id = u128::from(1_577_869_200_000 + made) << 80 | 0xfac7;
    NewFact::new(EventId::from_bytes(id.to_be_bytes()), on.parse().unwrap(), "user:1", fact)
}

/// Records somebody who worked from 2015-09-01 to 2016-12-31 and returns the events' ids.
fn sustained(engine: &Engine) -> Vec<EventId> {
    let participation = Named::new(ParticipationId::from_bytes([2; 16]), "R-1");
    let job = JobId::from_bytes([3; 16]);
    let area = GssCode::parse("E08000002").unwrap();
    let id = participation.id;
    let received = "2015-05-18".parse().unwrap();
    let referral = Referred::to("working-well-pilot", participation, received, area);
    let start = JobStarted::employed(Named::new(job, "job 1"), WeeklyMinutes::from_hours(20));
    let end = JobEnded { job, weekly_minutes: None, sector: Sector::Employed, reason: None };
    let facts = vec![
        fact("2015-05-18", Entry::Referred(referral)),
        fact("2015-06-01", Entry::Started(Marked::of(id))),
        fact("2015-09-01", Employment::JobStarted(start)),
        fact("2016-12-31", Employment::JobEnded(end)),
    ];
    engine.record(PERSON, facts).unwrap().iter().map(|receipt| receipt.id).collect()
}

fn determinations(engine: &Engine) -> Vec<Determination> {
    let stream = read_stream(engine.reader(), PERSON).unwrap();
    stream
        .events
        .into_iter()
        .filter_map(|event| match event.record {
            Record::Determination(determination) => Some(determination),
            _ => None,
        })
        .collect()
}

#[test]
fn twelve_months_of_sustained_work_stand_in_the_stream_with_their_because() {
    let engine = engine();
    let events = sustained(&engine);
    let run = engine.determine("2019-12-31".parse().unwrap(), Basis::Recorded).unwrap();
    assert_eq!((run.determined, run.withdrawn), (2, 0));
    let determinations = determinations(&engine);
    let Determination::OutcomeDetermined(sustained) = &determinations[1] else { panic!() };
    assert_eq!(sustained.rule.as_str(), "sustained-12-months");
    assert_eq!(sustained.because, events);
    assert_eq!(sustained.run, run.run);
}

#[test]
fn a_second_run_at_the_same_place_records_nothing_but_itself() {
    let engine = engine();
    sustained(&engine);
    let day = "2019-12-31".parse().unwrap();
    engine.determine(day, Basis::Recorded).unwrap();
    let before = engine.status().unwrap().last_position.unwrap().get();
    let again = engine.determine(day, Basis::Recorded).unwrap();
    assert_eq!((again.determined, again.withdrawn), (0, 0));
    assert_eq!(engine.status().unwrap().last_position.unwrap().get(), before + 1);
}

#[test]
fn a_correction_withdraws_the_determination_and_says_what_it_reads_now() {
    let engine = engine();
    let events = sustained(&engine);
    let day = "2019-12-31".parse().unwrap();
    engine.determine(day, Basis::Recorded).unwrap();
    let ended_earlier = FactAmended {
        corrects: events[3],
        amendment: Amendment::On("2016-03-01".parse().unwrap()),
        reason: None,
    };
    let correction = Correction::FactAmended(ended_earlier);
    let receipt = engine.record(PERSON, vec![fact("2019-06-01", correction)]).unwrap();
    let run = engine.determine(day, Basis::Recorded).unwrap();
    assert_eq!((run.determined, run.withdrawn), (0, 1));
    let Some(Determination::DeterminationWithdrawn(withdrawn)) =
        determinations(&engine).last().cloned()
    else {
        panic!()
    };
    assert_eq!(withdrawn.changed, Changed::NoLongerMet { reads: "not_met".to_owned() });

    // the correction was wrong: the outcome is determined again
    let taken_back = FactWithdrawn { corrects: receipt[0].id, reason: None };
    let taken_back = Correction::FactWithdrawn(taken_back);
    let _ = engine.record(PERSON, vec![fact("2019-07-01", taken_back)]).unwrap();
    let run = engine.determine(day, Basis::Recorded).unwrap();
    assert_eq!((run.determined, run.withdrawn), (1, 0));
}

#[test]
fn an_outcome_that_moves_to_another_day_is_withdrawn_and_determined_again() {
    let engine = engine();
    let events = sustained(&engine);
    let day = "2019-12-31".parse().unwrap();
    engine.determine(day, Basis::Recorded).unwrap();
    let moved = FactAmended {
        corrects: events[2],
        amendment: Amendment::On("2015-09-03".parse().unwrap()),
        reason: None,
    };
    let _ =
        engine.record(PERSON, vec![fact("2019-06-01", Correction::FactAmended(moved))]).unwrap();
    let run = engine.determine(day, Basis::Recorded).unwrap();
    assert_eq!((run.determined, run.withdrawn), (2, 2));
}

#[test]
fn what_is_known_later_does_not_change_an_earlier_run() {
    let engine = engine();
    let run = engine.determine("2019-12-31".parse().unwrap(), Basis::Recorded).unwrap();
    sustained(&engine);
    let lens = engine.lens(run.view).unwrap();
    let readings = engine.replay(&lens).one(PERSON, |replayed| replayed.readings.len()).unwrap();
    assert_eq!(readings, 0, "the participation was not known at that run");
}

#[test]
fn a_day_that_has_not_come_is_refused() {
    let engine = engine();
    let error = engine.determine("2020-01-02".parse().unwrap(), Basis::Recorded).unwrap_err();
    assert!(matches!(error, EngineError::NotYetCome { .. }));
    assert_eq!(
        error.to_string(),
        "2020-01-02 has not come yet (2020-01-01 is today): determine up to today or an earlier day"
    );
}

#[test]
fn a_whole_extract_is_determined_once_and_every_outcome_reads_met() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small");
    let engine = Engine::in_memory("example.org/small");
    let (packs, tables) = (folder.join("packs"), folder.join("tables"));
    let plan = ImportPlan {
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        folder,
        source: "small".into(),
        batch: 20,
        dry_run: false,
        strict: false,
    };
    engine.import(&plan, &|_, _| {}).unwrap();
    let run = engine.determine("2025-09-09".parse().unwrap(), Basis::Recorded).unwrap();
    assert!(run.determined > 60, "{run:?}");
    let lens = engine.lens(run.view).unwrap();
    let met = engine.replay(&lens).each(|replayed| {
        let met = |answer| answer == waystage::core::rules::Answer::Met;
        replayed.readings.iter().filter(|each| met(each.reading.answer())).count() as u64
    });
    assert_eq!(met.unwrap().into_iter().sum::<u64>(), run.determined);
}
