//! Bringing kept models up to date: in step, following, on demand, after a crash, day by day, and
//! when packs change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use waystage::core::calendar::days_after;
use waystage::core::id::{JobId, Named, ParticipantId};
use waystage::core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage::core::table::Value;
use waystage::core::view::Basis;
use waystage::{Adoption, AsOf, Engine, EngineError, NewFact, Pace, ReadModels};
use waystage_cohorts::{Dimension, Funnel};

use crate::given::{ByProvider, day, empty, every, filled, plain, same_as_the_log, small};

/// A job of somebody whom the extract knows, told late.
fn late_job(engine: &Engine, number: u8) -> (ParticipantId, Vec<NewFact>) {
    let people = engine.reader().participants().unwrap();
    let person = people[usize::from(number) % people.len()];
    let job = Named::new(JobId::from_bytes([number; 16]), "late");
    let started = JobStarted::employed(job, WeeklyMinutes::from_hours(20));
    (person, vec![engine.fact(day("2020-02-03"), "user:1", Employment::JobStarted(started))])
}

#[test]
fn models_in_step_hold_what_was_recorded_when_the_call_returns() {
    let (folder, engine) = empty();
    let engine = engine.keep(every()).unwrap();
    engine.import(&small(), &|_, _| {}).unwrap();
    assert!(same_as_the_log(&engine) > 100);
    for number in 1..9 {
        let (person, facts) = late_job(&engine, number);
        let receipts = engine.record(person, facts).unwrap();
        let raw = plain(&folder);
        let stands: i64 = raw
            .query_row(
                "SELECT min(position) FROM read_model WHERE generation = 'live'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(stands.unsigned_abs(), receipts[0].position.get());
        same_as_the_log(&engine);
    }
    engine.determine(day("2021-09-30"), Basis::Recorded).unwrap();
    same_as_the_log(&engine);
}

#[test]
fn what_was_recorded_without_the_models_is_caught_up_when_they_are_kept_again() {
    let (folder, engine) = empty();
    drop(engine.keep(every()).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    engine.import(&small(), &|_, _| {}).unwrap();
    let engine = engine.keep(every()).unwrap();
    assert!(same_as_the_log(&engine) > 100);
    assert_eq!(engine.models().unwrap().status().unwrap().behind, 0);
}

#[test]
fn a_follower_catches_up_and_whoever_waits_for_a_receipt_sees_it() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every().pace(Pace::Following)).unwrap();
    for number in 1..20 {
        let (person, facts) = late_job(&engine, number);
        let receipt = engine.record(person, facts).unwrap()[0];
        let models = engine.models().unwrap();
        assert!(models.wait_for(&receipt, Duration::from_secs(20)).unwrap());
        let stand = models.read(|at| Ok(at.stand().clone())).unwrap();
        assert!(receipt.position <= stand.position().unwrap());
    }
    same_as_the_log(&engine);
}

#[test]
fn models_on_demand_are_brought_up_to_date_when_they_are_read() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every().pace(Pace::OnDemand)).unwrap();
    let (person, facts) = late_job(&engine, 3);
    let receipt = engine.record(person, facts).unwrap()[0];
    let status = engine.models().unwrap().status().unwrap();
    assert_eq!(status.behind, 1, "nothing is done before somebody reads");
    let stand = engine.models().unwrap().read(|at| Ok(at.stand().clone())).unwrap();
    assert_eq!(stand.position(), Some(receipt.position));
    same_as_the_log(&engine);
}

#[test]
fn a_wait_for_what_is_not_there_ends_and_says_so() {
    let (_folder, engine) = filled();
    let (_other, longer) = filled();
    let engine = engine.keep(every().pace(Pace::Following)).unwrap();
    let (person, facts) = late_job(&longer, 1);
    let receipt = longer.record(person, facts).unwrap()[0];
    assert!(!engine.models().unwrap().wait_for(&receipt, Duration::from_millis(1)).unwrap());
}

#[test]
fn moving_day_by_day_gives_what_each_day_gives_and_reads_only_whom_it_changes() {
    let (_folder, engine) = filled();
    let everyone = engine.reader().participants().unwrap().len() as u64;
    let engine = engine.keep(every()).unwrap();
    let models = engine.models().unwrap();
    let mut read_again = 0;
    for ahead in 1..=45 {
        let as_of = days_after(day("2021-09-30"), ahead);
        read_again += models.move_to(as_of).unwrap().participants;
        if ahead % 9 == 0 {
            same_as_the_log(&engine);
        }
    }
    assert!(read_again > 10, "somebody is due in 45 days");
    assert!(read_again < 45 * everyone / 2, "{read_again} of {everyone} a day");
    models.move_to(day("2024-06-30")).unwrap();
    same_as_the_log(&engine);
    let back = models.move_to(day("2019-01-15")).unwrap();
    assert_eq!(back.participants, everyone, "backwards everyone is read");
    same_as_the_log(&engine);
}

#[test]
fn packs_that_change_read_everyone_again() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let before = engine.models().unwrap().read(|at| at.digest("funnel")).unwrap();
    let mut adoption = Adoption::read(Some(&small().folder.join("packs")), None).unwrap();
    for (_, text) in &mut adoption.packs {
        *text = text
            .replace("months = 12", "months = 3")
            .replace("max_gap_days = 28", "max_gap_days = 0");
    }
    assert!(engine.adopt(&adoption).unwrap().0 > 0, "nothing was changed in the packs");
    let after = engine.models().unwrap().read(|at| at.digest("funnel")).unwrap();
    assert_ne!(before, after);
    same_as_the_log(&engine);
}

#[test]
fn a_model_that_is_added_to_an_old_log_is_complete_and_stands_with_the_others() {
    let (folder, engine) = filled();
    drop(engine.keep(every()).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    let engine = engine.keep(every().with(ByProvider { version: 1 })).unwrap();
    let models = engine.models().unwrap();
    let referrals: i64 =
        models.read(|at| at.rows("by_provider")).unwrap().iter().map(|row| row.amounts[0]).sum();
    let funnel: i64 =
        models.read(|at| at.rows("funnel")).unwrap().iter().map(|row| row.amounts[0]).sum();
    assert!(referrals > 20);
    assert_eq!(referrals, funnel, "two models at one place reconcile");
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

#[test]
fn a_model_whose_definition_behaves_otherwise_does_not_answer_until_it_is_rebuilt() {
    let (folder, engine) = filled();
    drop(engine.keep(every().with(ByProvider { version: 1 })).unwrap());
    let engine = Engine::open(folder.path()).unwrap();
    let engine = engine.keep(every().with(ByProvider { version: 2 })).unwrap();
    let models = engine.models().unwrap();
    let says = models.read(|at| at.rows("by_provider")).unwrap_err().to_string();
    assert_eq!(
        says,
        "the read model by_provider was built by a definition that behaves otherwise than this \
         one: rebuild it"
    );
    let (person, facts) = late_job(&engine, 5);
    engine.record(person, facts).unwrap();
    assert!(!models.read(|at| at.rows("funnel")).unwrap().is_empty(), "the others answer");
    let again = models.read(|at| at.rows("by_provider"));
    assert!(matches!(again, Err(EngineError::Models(_))), "left behind, it still does not");
    models.rebuild(&["by_provider"], &waystage::Rebuild::default()).unwrap();
    assert!(!models.read(|at| at.rows("by_provider")).unwrap().is_empty());
    same_as_the_log_with_provider(&engine);
}

fn same_as_the_log_with_provider(engine: &Engine) {
    assert!(engine.models().unwrap().verify(&[], &|_| {}).unwrap().is_clean());
}

#[test]
fn several_models_are_read_at_exactly_one_position_while_somebody_records() {
    let (_folder, engine) = filled();
    let by = vec![Dimension::Provider];
    let models = ReadModels::new().with(Funnel { by }).with(ByProvider { version: 1 });
    let engine = engine.keep(models.as_of(AsOf::On(day("2024-01-01")))).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut taken = small();
            for number in 0..40 {
                taken.source = format!("again-{number}").into();
                taken.batch = 3;
                engine.import(&taken, &|_, _| {}).unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut reads = 0;
        while !done.load(Ordering::Relaxed) {
            let models = engine.models().unwrap();
            let (funnel, by_provider) =
                models.read(|at| Ok((at.rows("funnel")?, at.rows("by_provider")?))).unwrap();
            let of_funnel: Vec<(Value, i64)> =
                funnel.into_iter().map(|row| (row.row[0].clone(), row.amounts[0])).collect();
            let of_other: Vec<(Value, i64)> =
                by_provider.into_iter().map(|row| (row.row[0].clone(), row.amounts[0])).collect();
            assert_eq!(of_funnel, of_other);
            reads += 1;
        }
        assert!(reads > 20, "{reads} reads");
    });
}

#[test]
fn models_that_hold_more_than_the_log_are_refused_and_can_be_made_anew() {
    let (folder, engine) = filled();
    let copy = tempfile::tempdir().unwrap();
    engine.backup(&copy.path().join("copy.db")).unwrap();
    let engine = engine.keep(every()).unwrap();
    let (person, facts) = late_job(&engine, 7);
    engine.record(person, facts).unwrap();
    drop(engine);
    for file in ["journeys.db", "journeys.db-wal", "journeys.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }
    let engine = Engine::restore(&copy.path().join("copy.db"), folder.path()).unwrap();
    let Err(error) = engine.keep(every()) else { panic!("older than the models") };
    assert!(error.to_string().contains("that this log does not: rebuild them"), "{error}");
    let engine = Engine::open(folder.path()).unwrap().keep(every().anew()).unwrap();
    assert!(same_as_the_log(&engine) > 100);
}

#[test]
fn an_engine_in_memory_keeps_models_too() {
    let engine = Engine::in_memory("example.org/kept").keep(every()).unwrap();
    engine.import(&small(), &|_, _| {}).unwrap();
    let in_memory = same_as_the_log(&engine);
    let (_folder, in_file) = filled();
    let in_file = in_file.keep(every()).unwrap();
    assert_eq!(in_memory, same_as_the_log(&in_file));
    for model in crate::models::every_model() {
        let digest =
            |engine: &Engine| engine.models().unwrap().read(|at| at.digest(model.name())).unwrap();
        assert_eq!(digest(&engine), digest(&in_file), "{}", model.name());
    }
}

#[test]
fn models_of_one_name_and_tables_that_are_not_there_are_told_by_name() {
    let (folder, engine) = empty();
    let twice = ReadModels::new().with(ByProvider { version: 1 }).with(ByProvider { version: 2 });
    let Err(error) = engine.keep(twice) else { panic!("two models of one name") };
    let says = "the read models cannot be kept: two models are called by_provider: rename one";
    assert_eq!(error.to_string(), says);
    let engine = Engine::open(folder.path()).unwrap();
    let engine = engine.keep(ReadModels::new().with(ByProvider { version: 1 })).unwrap();
    let error = engine.models().unwrap().read(|at| at.rows("by_providers")).unwrap_err();
    let says = "no read model that is wired has a table by_providers; there are by_provider";
    assert_eq!(error.to_string(), says);
}

#[test]
fn callers_from_a_pool_of_threads_do_not_wait_for_one_another_for_ever() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for ahead in 1..6 {
                let day = days_after(day("2021-09-30"), ahead * 40);
                engine.models().unwrap().move_to(day).unwrap();
            }
        });
        pool.scope(|scope| {
            for number in 1..40 {
                let engine = &engine;
                scope.spawn(move |_| {
                    let (person, facts) = late_job(engine, number);
                    let _ = engine.record(person, facts).unwrap();
                });
            }
        });
    });
    same_as_the_log(&engine);
}

#[test]
fn a_check_holds_nobody_up() {
    let (_folder, engine) = filled();
    let engine = engine.keep(every()).unwrap();
    let models = engine.models().unwrap();
    // recorded, and read, from within the check itself
    let once = std::sync::Once::new();
    let watch = |_| {
        once.call_once(|| {
            let (person, facts) = late_job(&engine, 11);
            let _ = engine.record(person, facts).unwrap();
            assert!(!models.read(|at| at.rows("funnel")).unwrap().is_empty());
        });
    };
    let before = models.read(|at| Ok(at.stand().clone())).unwrap();
    let checked = models.verify(&[], &watch).unwrap();
    assert!(checked.is_clean() && once.is_completed());
    assert_eq!(checked.stand, before, "it looked at one moment");
    same_as_the_log(&engine);
}
