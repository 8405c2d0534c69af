//! Rebuilding beside what answers: resumed, cancelled, compared, switched, rolled back; and finding
//! the one row that is wrong.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use waystage::core::id::ParticipantId;
use waystage::{Engine, Rebuild};

use crate::given::{
    ByProvider, FailsOn, VIEWS, empty, every, filled, plain, same_as_the_log, small,
};

#[test]
fn a_rebuild_of_an_empty_log_ends_at_once_and_twice_in_a_row_changes_nothing() {
    let (_folder, engine) = empty();
    let engine = engine.keep(every()).unwrap();
    for _ in 0..2 {
        let rebuilt = engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
        assert_eq!(rebuilt.built.participants, 0);
        assert_eq!(rebuilt.switched.unwrap().differences, []);
        assert_eq!(same_as_the_log(&engine), 0);
    }
    engine.import(&small(), &|_, _| {}).unwrap();
    let rows = same_as_the_log(&engine);
    for _ in 0..2 {
        let rebuilt = engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
        let switched = rebuilt.switched.unwrap();
        assert_eq!(switched.differences, []);
        assert_eq!(switched.same_behaviour, switched.models, "all were compared");
        assert_eq!(same_as_the_log(&engine), rows);
    }
}

#[test]
fn a_rebuild_that_is_cancelled_leaves_what_answers_and_goes_on_later() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let models = engine.models().unwrap();
    let rows = same_as_the_log(&engine);
    let everyone = engine.reader().participants().unwrap().len() as u64;
    let mut replayed = 0;
    for round in 1.. {
        let (cancel, seen) = (AtomicBool::new(false), AtomicU64::new(0));
        let watch = |_| {
            // two steps a round: the one that is on its way is finished
            if seen.fetch_add(1, Ordering::Relaxed) == 0 {
                cancel.store(true, Ordering::Relaxed);
            }
        };
        let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of: 3 };
        let rebuilt = models.rebuild(&[], &how).unwrap();
        replayed += rebuilt.built.participants;
        assert_eq!(rebuilt.built.resumed, round > 1);
        assert_eq!(same_as_the_log(&engine), rows, "what answers goes on answering");
        if rebuilt.switched.is_some() {
            assert!(round > 3, "it was cancelled at least three times");
            break;
        }
        let status = models.status().unwrap();
        assert!(status.building.is_some(), "the status says that something is being built");
    }
    assert_eq!(replayed, everyone, "nobody is replayed twice");
    assert!(models.status().unwrap().building.is_none());
}

#[test]
fn a_build_that_was_left_goes_on_in_another_process_and_takes_in_what_came_meanwhile() {
    let (folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let cancel = AtomicBool::new(false);
    let watch = |_| cancel.store(true, Ordering::Relaxed);
    let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of: 5 };
    assert!(engine.models().unwrap().rebuild(&[], &how).unwrap().switched.is_none());
    drop(engine);
    let engine = Engine::open(folder.path()).unwrap();
    let mut more = small();
    more.source = "more".into();
    engine.import(&more, &|_, _| {}).unwrap();
    let engine = engine.keep(every()).unwrap();
    let rebuilt = engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
    assert!(rebuilt.built.resumed);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    same_as_the_log(&engine);
}

/// A model that counts everybody makes one of an empty journey too.
#[test]
fn who_is_first_recorded_while_models_are_built_is_counted_once() {
    let heads = || FailsOn(ParticipantId::from_bytes([0; 16]));
    let (_folder, engine) = filled();
    let engine = engine.keep(every().with(heads())).unwrap();
    let models = engine.models().unwrap();
    let count = |engine: &Engine| {
        let rows = engine.models()?.read(|at| at.rows("fails_on"))?;
        Ok::<_, waystage::EngineError>(rows[0].amounts[0])
    };
    let before = (engine.today(), engine.reader().last_position().unwrap().unwrap());
    let everyone = count(&engine).unwrap();
    let cancel = AtomicBool::new(false);
    let watch = |_| cancel.store(true, Ordering::Relaxed);
    let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of: 5 };
    assert!(models.rebuild(&[], &how).unwrap().switched.is_none());
    let mut more = small();
    more.source = "more".into();
    engine.import(&more, &|_, _| {}).unwrap();
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
    assert!(rebuilt.built.resumed);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(count(&engine).unwrap(), 2 * everyone);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    // nor does what is recorded later change a figure of before
    let (then, last) = before;
    for view in [then.through(last), then] {
        assert_eq!(engine.sum(&heads(), view).unwrap().get(&"read"), everyone);
    }
}

#[test]
fn rebuilds_and_records_at_the_same_time_lose_no_row() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let models = engine.models().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..6 {
                let mut more = small();
                more.source = format!("more-{number}").into();
                engine.import(&more, &|_, _| {}).unwrap();
            }
        });
        for _ in 0..4 {
            let how = Rebuild { in_steps_of: 11, ..Rebuild::default() };
            let switched = models.rebuild(&[], &how).unwrap().switched.unwrap();
            assert_eq!(switched.differences, []);
        }
    });
    same_as_the_log(&engine);
}

#[test]
fn what_answered_before_a_switch_can_answer_again_brought_up_to_date() {
    let (folder, engine) = filled();
    drop(engine.keep(every().with(ByProvider { version: 1 })).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    let engine = engine.keep(every().with(ByProvider { version: 2 })).unwrap();
    engine.models().unwrap().rebuild(&["by_provider"], &Rebuild::default()).unwrap();
    let mut more = small();
    more.source = "more".into();
    engine.import(&more, &|_, _| {}).unwrap();
    drop(engine);
    // the old definition is back
    let engine = Engine::open(folder.path()).unwrap();
    let engine = engine.keep(every().with(ByProvider { version: 1 })).unwrap();
    let models = engine.models().unwrap();
    assert!(models.read(|at| at.rows("by_provider")).is_err(), "the new one answers no more");
    let switched = models.roll_back().unwrap();
    assert_eq!(switched.models, ["by_provider"]);
    let rows = models.read(|at| at.rows("by_provider")).unwrap();
    assert!(!rows.is_empty());
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

#[test]
fn a_planted_wrong_row_is_found_by_table_key_and_the_first_event_that_explains_it() {
    let (folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    same_as_the_log(&engine);
    // what one row held before its last referral, and the position of that referral
    let raw = plain(&folder);
    raw.execute("UPDATE funnel SET referrals = referrals - 1 WHERE rowid = 2", []).unwrap();
    let kept: i64 = raw
        .query_row("SELECT referrals FROM funnel WHERE rowid = 2", [], |row| row.get(0))
        .unwrap();
    drop(raw);
    let models = engine.models().unwrap();
    let found = models.scrub(&[], &|_| {}).unwrap();
    let [difference] = &found.differences[..] else { panic!("{:#?}", found.differences) };
    assert_eq!((difference.table.as_str(), difference.measure), ("funnel", "referrals"));
    assert_eq!((difference.before, difference.after), (kept, kept + 1));
    assert_eq!(difference.row[0].0, "programme");
    let from = difference.from.expect("an event explains it");
    let row = &engine.reader().rows_after(waystage::core::id::Position::new(from.get() - 1), 1);
    let row = &row.as_ref().unwrap()[0];
    assert!(["Referred", "FactAmended", "FactWithdrawn"].contains(&&*row.kind), "{}", row.kind);
    // at the position before it, the log gave what is kept
    let told = models.verify(&["funnel"], &|_| {}).unwrap();
    assert_eq!(told.differences.len(), 1);
    assert_eq!(told.differences[0].from, None, "tracing is for the scrub");
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap().switched.unwrap();
    assert_eq!(rebuilt.differences.len(), 1, "the switch says what had gone wrong");
    same_as_the_log(&engine);
}

#[test]
fn a_row_too_many_and_a_row_too_few_are_found() {
    let (folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let raw = plain(&folder);
    raw.execute("DELETE FROM caseload WHERE rowid = 1", []).unwrap();
    raw.execute(
        "INSERT INTO key_workers (key_worker, stage, job_search) VALUES ('nobody', 'started', 3)",
        [],
    )
    .unwrap();
    drop(raw);
    let found = engine.models().unwrap().scrub(&[], &|_| {}).unwrap();
    let tables: Vec<(&str, i64, i64, bool)> = found
        .differences
        .iter()
        .map(|each| (each.table.as_str(), each.before, each.after, each.from.is_some()))
        .collect();
    assert_eq!(tables, [("caseload", 0, 1, true), ("key_workers", 3, 0, false)]);
}

#[test]
fn a_file_that_is_damaged_cut_or_empty_is_refused_and_made_anew() {
    for damage in ["", "not a database at all, but a text that is long enough to be read as one"] {
        let (folder, engine) = filled();
        drop(engine.keep(every()).unwrap());
        let path = folder.path().join(VIEWS);
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.path().join(format!("{VIEWS}{end}")));
        }
        std::fs::write(&path, damage.repeat(100)).unwrap();
        let engine = Engine::open(folder.path()).unwrap();
        let engine = match engine.keep(every()) {
            Ok(engine) => engine, // empty: nothing is kept, and everything is built
            Err(error) => {
                assert!(error.to_string().contains("which makes it anew"), "{error}");
                Engine::open(folder.path()).unwrap().keep(every().anew()).unwrap()
            }
        };
        assert!(same_as_the_log(&engine) > 100, "{damage:.10}");
    }
}
