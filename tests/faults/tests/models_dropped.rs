//! Rebuilds that end between the build and the switch: the program is killed there, and the future
//! that waits for a rebuild is dropped after any number of polls. What answered goes on answering,
//! and the next rebuild ends in the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::runtime::{Builder, Runtime};
use waystage::asynchronous;
use waystage::{AsOf, Engine, NewFact, Pace, ReadModels, Rebuild};
use waystage_core::id::{JobId, Named, ParticipantId};
use waystage_core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage_faults::kept::{self, Running};
use waystage_faults::lives::Caller;
use waystage_faults::{Chance, factor, fast_folder, fresh};
use waystage_sqlite::SqliteModels;
use waystage_store::models::{Built, Slot};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn record(engine: &Engine, caller: &mut Caller, calls: u64) {
    for _ in 0..calls {
        let call = caller.call();
        let receipts = engine.record(call.participant, call.facts.clone()).unwrap();
        caller.answered(call, &receipts);
    }
}

#[test]
fn a_kill_between_build_and_switch_leaves_what_answers_and_the_next_rebuild_switches() {
    let folder = fast_folder();
    let engine = kept::created(folder.path());
    let mut caller = Caller::new(1, 1);
    record(&engine, &mut caller, 40);
    let engine = engine.keep(fresh::every("2018-01-10".parse().unwrap())).unwrap();
    let before = fresh::digests(&engine).unwrap();
    drop(engine);
    let program = env!("CARGO_BIN_EXE_keeper");
    let day = before.0.as_of;
    let mut running = Running::start(&mut kept::keeper(program, folder.path(), "build", 0, day));
    assert_eq!(running.line(), "BUILT\n");
    running.kill();

    // whoever reads the file meanwhile reads what answered before, under the same names
    let raw = Connection::open(kept::file(folder.path())).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        raw.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert!(count("funnel") > 0);
    assert_eq!(count("funnel"), count("next_funnel"));
    drop(raw);
    let engine = Engine::open(folder.path()).unwrap();
    let store = SqliteModels::open(&kept::file(folder.path())).unwrap();
    for slot in [Slot::Live, Slot::Next] {
        let compared = fresh::compare_kept(&store, slot, &engine).unwrap();
        compared.assert_clean("killed before the switch");
        assert_eq!(compared.stand, before.0);
    }
    drop(store);
    // the log goes on before anybody switches
    let engine =
        engine.keep(ReadModels::new().with_all(fresh::models()).as_of(AsOf::Kept)).unwrap();
    assert_eq!(fresh::digests(&engine).unwrap(), before);
    record(&engine, &mut caller, 10);
    let after = fresh::digests(&engine).unwrap();
    let models = engine.models().unwrap();
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
    assert!(!rebuilt.built.resumed && rebuilt.built.stand.built == Built::Whole);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(fresh::digests(&engine).unwrap(), after);
    fresh::compare(&engine).assert_clean("switched to");
}

/// Polls a rebuild so many times and drops it; returns whether it had answered.
fn dropped(engine: &asynchronous::Engine, polls: u64, chance: &mut Chance) -> bool {
    let mut rebuild = pin!(engine.rebuild(Vec::new(), |_| {}));
    for poll in 0..polls {
        if let Poll::Ready(answer) = rebuild.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            assert_eq!(answer.unwrap().switched.unwrap().differences, []);
            return true;
        }
        thread::sleep(Duration::from_micros(chance.below(20_000 << (3 * poll))));
    }
    false
}

/// Waits until what was dropped has ended.
fn ended(engine: &asynchronous::Engine) {
    let is_free = (0..12_000).any(|_| {
        thread::sleep(Duration::from_millis(5));
        engine.free_to_write() == 64
    });
    assert!(is_free, "a place in line was not given back");
}

#[test]
fn a_rebuild_whose_future_is_dropped_after_any_poll_changes_nothing_that_answers() {
    let folder = fast_folder();
    let engine = kept::created(folder.path());
    let mut caller = Caller::new(1, 1);
    record(&engine, &mut caller, 40);
    let day = "2018-01-10".parse().unwrap();
    let shared = asynchronous::Engine::of(engine.keep(fresh::every(day)).unwrap());
    let runtime = runtime();
    let (mut chance, mut answered) = (Chance::new(3), 0);
    let points = 12 * factor();
    for point in 0..points {
        let before = fresh::digests(shared.blocking()).unwrap();
        let inside = runtime.enter();
        answered += u64::from(dropped(&shared, point % 5, &mut chance));
        drop(inside);
        assert_eq!(fresh::digests(shared.blocking()).unwrap(), before, "dropped at {point}");
        // what was dropped may still be on its way: recording does not wait for it
        record(shared.blocking(), &mut caller, 1);
        fresh::compare(shared.blocking()).assert_clean("after a rebuild that was dropped");
    }
    println!("{points} rebuilds polled and dropped, {answered} of them had answered");
    ended(&shared);
    let before = fresh::digests(shared.blocking()).unwrap();
    let rebuilt = runtime.block_on(shared.rebuild(Vec::new(), |_| {})).unwrap();
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(fresh::digests(shared.blocking()).unwrap(), before);
    fresh::compare(shared.blocking()).assert_clean("rebuilt in the end");
}

/// More people than a step of a build takes, each with a job.
fn many(engine: &Engine, people: u32) {
    for number in 1..=people {
        let mut id = [7; 16];
        id[12..].copy_from_slice(&number.to_be_bytes());
        let job = Named::new(JobId::from_bytes(id), "a job");
        let started = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
        let on = "2018-01-01".parse().unwrap();
        let fact: NewFact = engine.fact(on, "user:1", Employment::JobStarted(started));
        engine.record(ParticipantId::from_bytes(id), vec![fact]).unwrap();
    }
}

#[test]
fn a_rebuild_whose_future_is_dropped_in_its_first_step_stops_there_and_is_gone_on_with() {
    const PEOPLE: u32 = 4_200;
    const STEP: u64 = 4_096;
    let engine = Engine::in_memory("example.org/many");
    many(&engine, PEOPLE);
    // those that count heads, and jobs of nobody's programme
    let few = fresh::models().into_iter().filter(|model| ["heads", "ages"].contains(&model.name()));
    let models = ReadModels::new().with_all(few).pace(Pace::OnDemand);
    let day = "2018-01-10".parse().unwrap();
    let shared = asynchronous::Engine::of(engine.keep(models.as_of(AsOf::On(day))).unwrap());
    let heads = |engine: &Engine| {
        engine.models().unwrap().read(|at| Ok(at.rows("heads")?[0].amounts[0])).unwrap()
    };
    assert_eq!(heads(shared.blocking()), i64::from(PEOPLE));
    let runtime = runtime();
    {
        let _inside = runtime.enter();
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let may_go_on = Mutex::new(may_go_on);
        let watch = move |_| {
            let _ = begun.send(());
            // until the future is dropped, and the other end with it
            let _ = may_go_on.lock().unwrap().recv();
        };
        let mut rebuild = Box::pin(shared.rebuild(Vec::new(), watch));
        assert!(rebuild.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        has_begun.recv().unwrap();
        drop(rebuild);
        drop(go_on);
    }
    ended(&shared);
    let status = shared.blocking().models().unwrap().status().unwrap();
    let Some(Built::Through(Some(_))) = status.building.map(|stand| stand.built) else {
        panic!("it did not stop in between")
    };
    assert_eq!(heads(shared.blocking()), i64::from(PEOPLE));
    let rebuilt = runtime.block_on(shared.rebuild(Vec::new(), |_| {})).unwrap();
    assert!(rebuilt.built.resumed);
    assert_eq!(rebuilt.built.participants, u64::from(PEOPLE) - STEP);
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(heads(shared.blocking()), i64::from(PEOPLE));
}
