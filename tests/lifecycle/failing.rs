//! The file of the models fails: whoever records does not notice, the status says why, and the next
//! refresh heals.

use std::fs;
use std::time::Duration;

use rusqlite::Connection;
use waystage::store::models::ModelError;
use waystage::{Engine, EngineError, Pace, Rebuild};

use crate::doubles::{a_job, digests, somebody};
use crate::given::{VIEWS, every, filled, plain, same_as_the_log};

/// Somebody else holds the file for longer than anybody waits.
#[test]
fn a_refresh_that_fails_is_no_failure_of_the_call_and_stands_in_the_status_until_the_next() {
    let (folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let (person, _) = somebody(&engine);
    let models = engine.models().unwrap();
    let held = plain(&folder);
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let receipt = engine.record(person, a_job(&engine, 1)).unwrap()[0];
    let status = models.status().unwrap();
    assert_eq!(status.behind, 1);
    let failure = status.failure.expect("the status says why");
    assert!(failure.contains("again") || failure.contains("busy"), "{failure}");
    assert!(models.read(|at| at.rows("caseload")).is_err(), "old rows are not served as current");
    drop(held);
    let stand = models.read(|at| Ok(at.stand().clone())).unwrap();
    assert_eq!(stand.position(), Some(receipt.position));
    assert_eq!(models.status().unwrap().failure, None);
    same_as_the_log(&engine);
}

/// The file is deleted, replaced by rubbish, or by one of another store, while it is in use.
#[test]
fn a_file_that_is_taken_away_under_the_engine_is_told_and_a_rebuild_makes_it_anew() {
    let (folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let right = digests(&engine);
    let (person, _) = somebody(&engine);
    let models = engine.models().unwrap();
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.path().join(format!("{VIEWS}{end}")));
    }
    let _ = engine.record(person, a_job(&engine, 1)).unwrap();
    let read = models.read(|at| at.rows("caseload"));
    assert!(matches!(read, Err(EngineError::Models(ModelError::NotKept { .. }))), "{read:?}");
    assert!(models.status().unwrap().failure.unwrap().contains("rebuild it"));
    models.rebuild(&[], &Rebuild::default()).unwrap();
    assert_ne!(digests(&engine), right, "a job is new");
    same_as_the_log(&engine);
}

/// A refresher in a thread of its own goes on after a failure, without being told to.
#[test]
fn a_follower_goes_on_when_the_file_can_be_written_again() {
    let (folder, engine) = filled();
    let engine = engine.keep(every().pace(Pace::Following)).unwrap();
    let (person, _) = somebody(&engine);
    let models = engine.models().unwrap();
    let held = plain(&folder);
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let receipt = engine.record(person, a_job(&engine, 1)).unwrap()[0];
    assert!(!models.wait_for(&receipt, Duration::from_millis(300)).unwrap());
    drop(held);
    assert!(models.wait_for(&receipt, Duration::from_secs(60)).unwrap());
    same_as_the_log(&engine);
}

/// What each check is there for, planted: an amount, a row, somebody parked, a place in the log, a
/// definition.
#[test]
fn every_check_of_the_models_finds_the_fault_that_it_is_there_for() {
    let (folder, engine) = filled();
    drop(engine.keep(every()).unwrap());
    let path = folder.path().join(VIEWS);
    let whole = fs::read(&path).unwrap();
    let with = |plant: &str| {
        fs::write(&path, &whole).unwrap();
        let raw = Connection::open(&path).unwrap();
        let changed = raw.execute(plant, []).unwrap();
        assert!(changed > 0, "{plant}");
        drop(raw);
        Engine::open(folder.path()).unwrap().keep(every().pace(Pace::OnDemand))
    };
    for plant in [
        "UPDATE needs SET referrals = referrals + 1 WHERE rowid = 1",
        "DELETE FROM ages WHERE rowid = 1",
        "INSERT INTO parked SELECT 1, min(participant), NULL, 'planted' FROM due",
    ] {
        let engine = with(plant).unwrap_or_else(|error| panic!("{plant}: {error}"));
        let models = engine.models().unwrap();
        assert!(!models.verify(&[], &|_| {}).unwrap().is_clean(), "{plant}");
        assert!(!models.scrub(&[], &|_| {}).unwrap().is_clean(), "{plant}");
        models.rebuild(&[], &Rebuild::default()).unwrap();
        assert!(models.verify(&[], &|_| {}).unwrap().is_clean(), "{plant}");
    }
    for (plant, says) in [
        ("UPDATE generation SET leaf = replace(leaf, substr(leaf, 1, 8), '00000000')", "rebuild"),
        ("UPDATE generation SET position = position - 1", "that this log does not"),
        ("UPDATE generation SET position = position + 1", "that this log does not"),
        ("UPDATE generation SET basis = 'guessed'", "cannot be used"),
        ("UPDATE about_columns SET kind = 'integer' WHERE kind = 'day'", "cannot be used"),
    ] {
        let Err(error) = with(plant) else { panic!("{plant}: it is not refused") };
        assert!(error.to_string().contains(says), "{plant}: {error}");
    }
    let engine =
        with("UPDATE read_model SET fingerprint = replace(fingerprint, 'a', 'b')").unwrap();
    let read = engine.models().unwrap().read(|at| at.rows("caseload"));
    assert!(matches!(read, Err(EngineError::Models(ModelError::Stale { .. }))), "{read:?}");
}
