//! One participant who cannot be read, or one model that fails on somebody, and everybody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use waystage::core::contribution::{Contributions, Projection};
use waystage::core::id::ParticipantId;
use waystage::core::replayed::Replayed;
use waystage::core::table::{Cell, Table, Tabular};
use waystage::store::models::ModelError;
use waystage::{AsOf, Engine, EngineError, Pace, ReadModels, Rebuild};

use crate::doubles::{FailsLater, a_job, a_referral, amounts, counted, somebody};
use crate::given::{ByProvider, FailsOn, day, every, filled, plain, same_as_the_log};
use crate::unguarded::of_schema;

/// An older build of the engine comes back: what it cannot read was in the figures until now, and
/// cannot be taken out of them. They stop answering and are not counted twice later.
#[test]
fn figures_that_hold_what_can_no_longer_be_read_stop_answering_until_they_are_rebuilt() {
    let (folder, engine) = filled();
    let (person, position) = somebody(&engine);
    drop(engine.keep(every()).unwrap());
    of_schema(folder.path(), position, 99);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    let _ = engine.record(person, a_job(&engine, 200)).unwrap();
    let models = engine.models().unwrap();
    let read = models.read(|at| at.rows("caseload"));
    assert!(matches!(read, Err(EngineError::Models(ModelError::Stale { .. }))), "{read:?}");
    assert!(models.status().unwrap().failure.is_some());
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
    assert!(rebuilt.switched.is_some());
    assert_eq!(models.status().unwrap().failure, None);
    same_as_the_log(&engine);
    drop(engine);
    of_schema(folder.path(), position, 1);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    let _ = engine.retry(person, "user:operator", "the new version is back").unwrap();
    same_as_the_log(&engine);
}

/// A model that begins to fail on somebody whom it could read before: what they contributed cannot
/// be derived again. It says so, and a rebuild is the way out.
#[test]
fn a_model_that_begins_to_fail_on_somebody_is_mended_by_a_rebuild() {
    let (_folder, engine) = filled();
    let (person, _) = somebody(&engine);
    let everyone = i64::try_from(engine.reader().participants().unwrap().len()).unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let counts = FailsLater { on: person, fails: Arc::clone(&fails), version: 1 };
    let engine = engine.keep(every().with(counts)).unwrap();
    assert_eq!(amounts(&engine, "counted"), [everyone]);
    fails.store(true, Ordering::Relaxed);
    let _ = engine.record(person, a_job(&engine, 201)).unwrap();
    let models = engine.models().unwrap();
    assert!(models.status().unwrap().failure.unwrap().contains("rebuild it"));
    models.rebuild(&[], &Rebuild::default()).unwrap();
    assert_eq!(amounts(&engine, "counted"), [everyone - 1]);
    assert_eq!(models.read(|at| at.parked("counted")).unwrap()[0].participant, person);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    assert_eq!(models.status().unwrap().failure, None);
}

#[test]
fn a_scrub_goes_on_where_a_model_fails_on_somebody() {
    let (folder, engine) = filled();
    let (person, _) = somebody(&engine);
    let engine = engine.keep(every().with(FailsOn(person))).unwrap();
    let raw = plain(&folder);
    raw.execute("UPDATE fails_on SET participants = participants + 1", []).unwrap();
    drop(raw);
    let found = engine.models().unwrap().scrub(&[], &|_| {}).unwrap();
    assert_eq!(found.differences.len(), 1);
}

/// Who is recorded after the place at which the models stand is not in them, whatever a model says
/// of a journey without events.
#[test]
fn whoever_comes_after_the_place_of_the_models_is_counted_once() {
    let (_folder, engine) = filled();
    let wired = ReadModels::new().with(counted()).as_of(AsOf::On(day("2021-09-30")));
    let engine = engine.keep(wired.pace(Pace::OnDemand)).unwrap();
    let models = engine.models().unwrap();
    let before = amounts(&engine, "counted");
    let then = engine.reader().last_position().unwrap().unwrap();
    let _ = engine.record(ParticipantId::from_bytes([77; 16]), a_job(&engine, 77)).unwrap();
    let checked = models.verify(&[], &|_| {}).unwrap();
    assert!(checked.is_clean(), "{:?}", checked.differences);
    assert_eq!(amounts(&engine, "counted"), [before[0] + 1]);
    // a build that was begun before somebody came
    let cancel = AtomicBool::new(false);
    let watch = |_| cancel.store(true, Ordering::Relaxed);
    let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of: 5 };
    assert!(models.rebuild(&[], &how).unwrap().switched.is_none());
    for number in [1, 99, 254] {
        let person = ParticipantId::from_bytes([number; 16]);
        let _ = engine.record(person, a_job(&engine, number)).unwrap();
    }
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
    assert!(rebuilt.built.resumed);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(amounts(&engine, "counted"), [before[0] + 4]);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    let summed = |view| engine.sum(&counted(), view).unwrap().model.get(&"participants");
    assert_eq!(summed(engine.today()), before[0] + 4);
    assert_eq!(summed(engine.today().through(then)), before[0], "as the log stood then");
}

/// Counts participants, and cannot bear whoever has left.
struct CannotBearAnEnd;

impl Projection for CannotBearAnEnd {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "counted"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<&'static str> {
        let ended = replayed.journey.participations.iter().any(|each| each.exited.is_some());
        assert!(!ended, "the planted failure");
        Contributions::of([("participants", 1)])
    }
}

impl Tabular for CannotBearAnEnd {
    fn tables(&self) -> Vec<Table> {
        counted().tables()
    }

    fn cell(&self, key: &'static str) -> Cell {
        counted().cell(key)
    }
}

/// It fails on participants of the corpus too, by which models are known: it is kept all the same.
#[test]
fn a_model_that_fails_on_a_kind_of_journey_is_kept_without_those_who_have_it() {
    let (_folder, engine) = filled();
    let everyone = i64::try_from(engine.reader().participants().unwrap().len()).unwrap();
    let engine = engine.keep(every().with(CannotBearAnEnd)).unwrap();
    let models = engine.models().unwrap();
    let parked = models.read(|at| at.parked("counted")).unwrap().len();
    assert!(parked > 2);
    assert_eq!(amounts(&engine, "counted"), [everyone - i64::try_from(parked).unwrap()]);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap().switched.unwrap();
    assert_eq!(rebuilt.parked.len(), parked, "the rebuild says whom it is without");
    assert!(rebuilt.parked.iter().all(|(model, _)| model == "counted"));
}

/// One is parked throughout: whatever is recorded of the others is in the models as soon as it
/// would be without them, whether they come before or after, in step and followed, and rebuilt.
#[test]
fn nothing_about_anybody_else_waits_for_somebody_who_is_parked() {
    let (folder, engine) = filled();
    let (person, position) = somebody(&engine);
    drop(engine);
    of_schema(folder.path(), position, 99);
    for pace in [Pace::InStep, Pace::Following] {
        let wired = ReadModels::new().with(counted()).with(ByProvider { version: 1 });
        let wired = wired.as_of(AsOf::On(day("2021-09-30"))).pace(pace);
        let engine = Engine::open(folder.path()).unwrap().keep(wired).unwrap();
        let models = engine.models().unwrap();
        let before = amounts(&engine, "counted")[0];
        for number in 1..=12_u8 {
            // the parked one is told of as well, before and after each of the others
            let _ = engine.record(person, a_job(&engine, number)).unwrap();
            let base = if pace == Pace::InStep { 0 } else { 100 };
            let (other, facts) = a_referral(&engine, base + number * 8);
            let receipt = engine.record(other, facts).unwrap()[0];
            let _ = engine.record(person, a_job(&engine, 100 + number)).unwrap();
            assert!(models.wait_for(&receipt, Duration::from_secs(60)).unwrap());
            assert_eq!(amounts(&engine, "counted")[0], before + i64::from(number));
            let parked = models.read(|at| at.parked("counted")).unwrap();
            let parked: Vec<ParticipantId> = parked.iter().map(|each| each.participant).collect();
            assert_eq!(parked, [person]);
            if number % 4 == 0 {
                let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
                let switched = rebuilt.switched.unwrap();
                assert_eq!(switched.differences, []);
                assert_eq!(switched.parked.len(), 2, "in each of the two models");
                assert_eq!(switched.parked[0].1.position, Some(position));
            }
        }
        assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    }
}
