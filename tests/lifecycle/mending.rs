//! From whichever state, one rebuild leads back to models that answer.

use std::time::Duration;

use waystage::core::view::Basis;
use waystage::store::models::ModelStore;
use waystage::{AsOf, Engine, ReadModels, Rebuild};
use waystage_sqlite::SqliteModels;

use crate::doubles::{FailsLater, a_job, counted, somebody};
use crate::given::{ByProvider, VIEWS, day, every, filled, plain, same_as_the_log, small};

fn by_provider(version: u32) -> ReadModels {
    ReadModels::new().with(ByProvider { version }).as_of(AsOf::On(day("2021-09-30")))
}

/// A release in which every definition behaves otherwise and one is new, on a log that went on.
#[test]
fn a_model_is_added_although_every_other_one_waits_for_its_rebuild() {
    let (folder, engine) = filled();
    drop(engine.keep(by_provider(1)).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    let (person, _) = somebody(&engine);
    let _ = engine.record(person, a_job(&engine, 60)).unwrap();
    let engine = engine.keep(by_provider(2).with(counted())).unwrap();
    let models = engine.models().unwrap();
    assert!(models.read(|at| at.rows("by_provider")).is_err());
    assert!(!models.read(|at| at.rows("counted")).unwrap().is_empty());
    models.rebuild(&[], &Rebuild::default()).unwrap();
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

#[test]
fn one_model_is_rebuilt_although_others_wait_for_their_rebuild() {
    let (folder, engine) = filled();
    let stale = |version| by_provider(version).with(FailsLater::versioned(version));
    drop(engine.keep(stale(1)).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    let (person, _) = somebody(&engine);
    let _ = engine.record(person, a_job(&engine, 61)).unwrap();
    let engine = engine.keep(stale(2)).unwrap();
    let models = engine.models().unwrap();
    models.rebuild(&["by_provider"], &Rebuild::default()).unwrap();
    assert!(!models.read(|at| at.rows("by_provider")).unwrap().is_empty());
    assert!(models.read(|at| at.rows("counted")).is_err(), "it was not rebuilt");
}

#[test]
fn a_model_is_added_to_those_that_are_kept_on_another_basis() {
    let (folder, engine) = filled();
    drop(engine.keep(by_provider(1)).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    let wired = by_provider(1).with(counted()).basis(Basis::Reported);
    let engine = engine.keep(wired).unwrap();
    let models = engine.models().unwrap();
    let basis = || models.read(|at| Ok(at.stand().basis)).unwrap();
    assert_eq!(basis(), Basis::Recorded);
    models.rebuild(&["counted"], &Rebuild::default()).unwrap();
    assert_eq!(basis(), Basis::Recorded, "one of two cannot stand elsewhere");
    models.rebuild(&[], &Rebuild::default()).unwrap();
    assert_eq!(basis(), Basis::Reported);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

#[test]
fn a_roll_back_that_is_refused_can_be_made_later() {
    let (folder, engine) = filled();
    drop(engine.keep(by_provider(1)).unwrap());
    let engine = Engine::open(folder.path()).unwrap().keep(by_provider(2)).unwrap();
    let models = engine.models().unwrap();
    models.rebuild(&[], &Rebuild::default()).unwrap();
    let says = models.roll_back().unwrap_err().to_string();
    assert!(says.contains("behaves otherwise"), "{says}");
    assert!(models.status().unwrap().previous.is_some());
    drop(engine);
    let engine = Engine::open(folder.path()).unwrap().keep(by_provider(1)).unwrap();
    let models = engine.models().unwrap();
    assert_eq!(models.roll_back().unwrap().models, ["by_provider"]);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

#[test]
fn a_receipt_of_what_the_log_does_not_hold_is_never_said_to_be_in_the_models() {
    let (_folder, engine) = filled();
    let (_other, fork) = filled();
    let (person, _) = somebody(&fork);
    let receipt = fork.record(person, a_job(&fork, 1)).unwrap()[0];
    let _ = engine.record(person, a_job(&engine, 2)).unwrap();
    let mut more = small();
    more.source = "more".into();
    engine.import(&more, &|_, _| {}).unwrap();
    let engine = engine.keep(every()).unwrap();
    let models = engine.models().unwrap();
    assert!(!models.wait_for(&receipt, Duration::from_millis(1)).unwrap());
    same_as_the_log(&engine);
}

/// A definition that changed refuses after each restart, not only after the first.
#[test]
fn a_changed_definition_refuses_after_every_restart_until_it_is_rebuilt() {
    let (folder, engine) = filled();
    drop(engine.keep(every().with(ByProvider { version: 1 })).unwrap());
    for restart in 0..3 {
        let engine = Engine::open(folder.path()).unwrap();
        let engine = engine.keep(every().with(ByProvider { version: 2 })).unwrap();
        let models = engine.models().unwrap();
        let read = models.read(|at| at.rows("by_provider"));
        assert!(read.is_err(), "restart {restart}");
        let (person, _) = somebody(&engine);
        let _ = engine.record(person, a_job(&engine, 90 + restart)).unwrap();
    }
}

/// Two at once, of different models: each is told of its own, and both are there.
#[test]
fn rebuilds_that_are_asked_for_at_the_same_time_follow_one_another() {
    let (_folder, engine) = filled();
    let engine = engine.keep(by_provider(1).with(counted())).unwrap();
    let models = engine.models().unwrap();
    std::thread::scope(|scope| {
        for name in ["by_provider", "counted", "by_provider", "counted"] {
            scope.spawn(move || {
                for _ in 0..4 {
                    let how = Rebuild { in_steps_of: 5, ..Rebuild::default() };
                    let switched = models.rebuild(&[name], &how).unwrap().switched.unwrap();
                    assert_eq!(switched.models, [name]);
                    assert_eq!(switched.differences, []);
                }
            });
        }
    });
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

/// What answered before was put back to be brought up to date, and the program was killed then. It
/// had gone wrong. A rebuild is made from the log all the same, not from what stands there.
#[test]
fn a_rebuild_after_a_roll_back_that_was_cut_off_is_made_from_the_log() {
    let (folder, engine) = filled();
    let engine = engine.keep(by_provider(1)).unwrap();
    let everyone = engine.reader().participants().unwrap().len() as u64;
    engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
    drop(engine);
    let raw = plain(&folder);
    raw.execute("UPDATE previous_by_provider SET referrals = referrals + 1", []).unwrap();
    drop(raw);
    SqliteModels::open(&folder.path().join(VIEWS)).unwrap().reinstate().unwrap();
    let engine = Engine::open(folder.path()).unwrap().keep(by_provider(1)).unwrap();
    let rebuilt = engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
    assert_eq!(rebuilt.built.participants, everyone);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert!(engine.models().unwrap().verify(&[], &|_| {}).unwrap().is_clean());
}
