//! Kept models under a crowd: while sixteen tasks record, correct and send again, packs change, the
//! day moves on and everything is rebuilt, each snapshot of the models is compared with a fresh
//! replay at exactly the place where it stands. A control shows that a wrong row would be seen.
//! `FAULT_FACTOR=12` records for a minute.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::runtime::{Builder, Runtime};
use waystage::asynchronous;
use waystage::{Engine, EngineError, Pace, Rebuild};
use waystage_core::calendar::days_after;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::view::Basis;
use waystage_faults::lives::Caller;
use waystage_faults::{Chance, factor, fast_folder, fresh, kept};
use waystage_replay::models::{Building, Goal, Upkeep};
use waystage_store::models::{MemoryModels, Slot};
use waystage_store::verify;

const TASKS: u64 = 16;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A store with the packs that come along, its models kept as of an early day.
fn keeping(folder: &Path, pace: Pace) -> Engine {
    kept::created(folder).keep(fresh::every(kept::first_day()).pace(pace)).unwrap()
}

/// What everybody counts.
#[derive(Default)]
struct Counts {
    recorded: AtomicU64,
    calls: AtomicU64,
    again: AtomicU64,
    contended: AtomicU64,
    waited: AtomicU64,
    acts: AtomicU64,
    acts_contended: AtomicU64,
    rebuilt: AtomicU64,
    cancelled: AtomicU64,
    rolled_back: AtomicU64,
}

fn add(count: &AtomicU64, by: u64) {
    count.fetch_add(by, Ordering::Relaxed);
}

/// Records until it is stopped; where models follow it waits for some of what it wrote.
async fn call(
    engine: asynchronous::Engine,
    number: u64,
    waits: bool,
    (stop, counts): (Arc<AtomicBool>, Arc<Counts>),
) {
    let mut caller = Caller::new(number, 1);
    while !stop.load(Ordering::Relaxed) {
        let call = caller.call();
        let receipts = loop {
            match engine.record(call.participant, call.facts.clone()).await {
                Err(EngineError::Contended { .. }) => add(&counts.contended, 1),
                answer => break answer.unwrap(),
            }
        };
        let new = receipts.iter().filter(|receipt| !receipt.duplicate).count();
        add(&counts.recorded, new as u64);
        add(&counts.calls, 1);
        let last = *receipts.last().unwrap();
        if waits && last.position.get().is_multiple_of(17) {
            assert!(engine.wait_for(last, Duration::from_secs(60)).await.unwrap(), "it never came");
            let stand = engine.models(|at| Ok(at.stand().position())).await.unwrap();
            assert!(stand >= Some(last.position));
            add(&counts.waited, 1);
        }
        caller.answered(call, &receipts);
    }
    add(&counts.again, caller.again());
}

/// What an operator does now and then, until stopped: adopts other packs, makes determine runs,
/// moves the day on, takes an extract, skips an event and takes that back.
fn operate(engine: &Engine, stop: &AtomicBool, counts: &Counts) {
    let mut chance = Chance::new(7);
    let mut day = kept::first_day();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        thread::sleep(Duration::from_millis(10 + chance.below(60)));
        let acted = match number % 8 {
            1 => engine.adopt(&kept::changed(1 + number / 8)).map(|_| ()),
            3 => engine.determine(day, Basis::Recorded).map(|_| ()),
            4 => skip(engine, &mut chance),
            6 => engine.import(&kept::small(number / 8 % 5), &|_, _| {}).map(|_| ()),
            _ => {
                day = days_after(day, u32::try_from(1 + chance.below(45)).unwrap());
                engine.models().unwrap().move_to(day).map(|_| ())
            }
        };
        match acted {
            // an event that can be read is not skipped
            Err(EngineError::NothingToSkip { .. }) => {}
            Err(EngineError::Contended { .. }) => add(&counts.acts_contended, 1),
            acted => {
                acted.unwrap();
                add(&counts.acts, 1);
            }
        }
    }
}

/// Skips an event of somebody, or reads them again with everything.
fn skip(engine: &Engine, chance: &mut Chance) -> Result<(), EngineError> {
    let last = engine.reader().last_position().unwrap().unwrap().get();
    let at = Position::new(1 + chance.below(last)).unwrap();
    let row = engine.reader().rows_after(Position::new(at.get() - 1), 1).unwrap().remove(0);
    if row.participant == ParticipantId::LOG {
        return Ok(());
    }
    let skipped = engine.skip(at, "user:operator", "to be looked at");
    if chance.below(2) == 0 {
        let _ = skipped?;
        return engine.retry(row.participant, "user:operator", "it is right").map(|_| ());
    }
    skipped.map(|_| ())
}

/// Rebuilds again and again, sometimes in two parts, sometimes back to what answered before.
fn rebuild(engine: &Engine, stop: &AtomicBool, counts: &Counts) {
    let models = engine.models().unwrap();
    let mut chance = Chance::new(11);
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(chance.below(150)));
        let cancel = AtomicBool::new(false);
        let cancels = chance.below(3) == 0;
        let watch = |_| cancel.store(cancels, Ordering::Relaxed);
        let in_steps_of = usize::try_from(5 + chance.below(40)).unwrap();
        let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of };
        match models.rebuild(&[], &how).unwrap().switched {
            None => add(&counts.cancelled, 1),
            Some(switched) => {
                assert_eq!(switched.differences, []);
                assert_eq!(switched.same_behaviour, switched.models);
                add(&counts.rebuilt, 1);
                if chance.below(4) == 0 {
                    assert_eq!(models.roll_back().unwrap().differences, []);
                    add(&counts.rolled_back, 1);
                }
            }
        }
    }
}

/// What the comparisons came to.
#[derive(Default)]
struct Compared {
    snapshots: u64,
    models: u64,
    places: BTreeSet<Option<Position>>,
    days: BTreeSet<NaiveDate>,
    packs: BTreeSet<String>,
    moved_on: u64,
}

/// Compares snapshots with the log until it is stopped, and fails at the first difference.
fn check(engine: &Engine, stop: &AtomicBool) -> Compared {
    let mut all = Compared::default();
    while !stop.load(Ordering::Relaxed) {
        let compared = fresh::compare(engine);
        compared.assert_clean("while it was recorded");
        let failure = engine.models().unwrap().status().unwrap().failure;
        assert_eq!(failure, None, "they could not be brought up to date");
        all.snapshots += 1;
        all.models += compared.models;
        all.places.insert(compared.stand.position());
        all.days.insert(compared.stand.as_of);
        all.packs.insert(compared.stand.packs.to_string());
        let last = engine.reader().last_position().unwrap();
        all.moved_on += u64::from(compared.stand.position() < last);
    }
    all
}

/// Records for some seconds while everything else goes on, and returns what was compared.
fn crowd(shared: &asynchronous::Engine, pace: Pace) -> (Compared, Counts) {
    let engine = shared.blocking();
    let (stop, counts) = (Arc::new(AtomicBool::new(false)), Arc::new(Counts::default()));
    let runtime = runtime();
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let with = (Arc::clone(&stop), Arc::clone(&counts));
            runtime.spawn(call(shared.clone(), number, pace == Pace::Following, with))
        })
        .collect();
    let compared = thread::scope(|scope| {
        let (stop, counts) = (&*stop, &*counts);
        scope.spawn(move || operate(engine, stop, counts));
        scope.spawn(move || rebuild(engine, stop, counts));
        let checker = scope.spawn(move || check(engine, stop));
        thread::sleep(Duration::from_secs(5 * factor()));
        stop.store(true, Ordering::Relaxed);
        checker.join().unwrap()
    });
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    drop(runtime);
    (compared, Arc::into_inner(counts).unwrap())
}

/// Brings the models to the end, compares them with a fresh replay, with models built in memory
/// from nothing, and day by day on the way to a late one.
fn end(engine: &Engine) -> fresh::Compared {
    let models = engine.models().unwrap();
    models.refresh().unwrap();
    let last = engine.reader().last_position().unwrap();
    let compared = fresh::compare(engine);
    compared.assert_clean("in the end");
    assert_eq!(compared.stand.position(), last);
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    in_memory(engine);
    for _ in 0..4 {
        let day = days_after(models.status().unwrap().stand.unwrap().as_of, 97);
        models.move_to(day).unwrap();
        fresh::compare(engine).assert_clean("days later");
    }
    compared
}

/// Builds every model from nothing in memory, and compares with what is kept.
fn in_memory(engine: &Engine) {
    let (stand, digests) = fresh::digests(engine).unwrap();
    let (store, set) = (MemoryModels::new(), fresh::set());
    let upkeep = Upkeep::new(engine.reader(), &store, &set, engine.adoptions().unwrap());
    let goal = Goal { through: stand.position(), as_of: stand.as_of };
    assert!(upkeep.build(&[], Building::to(goal, stand.basis)).unwrap().finished);
    assert_eq!(upkeep.switch(goal).unwrap().stand, stand);
    fresh::compare_kept(&store, Slot::Live, engine).unwrap().assert_clean("built in memory");
    let snapshot = waystage_store::models::ModelStore::snapshot(&store).unwrap();
    for (model, digest) in fresh::models().iter().zip(digests) {
        let cells = snapshot.cells(Slot::Live, &model.tables()).unwrap();
        let name = model.name();
        assert_eq!(waystage_replay::cells_digest(&model.tables(), &cells), digest, "{name}");
    }
}

fn recorded_by_a_crowd(pace: Pace) {
    // one crowd at a time: the machine is no larger
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = fast_folder();
    let shared = asynchronous::Engine::of(keeping(folder.path(), pace));
    let (all, counts) = crowd(&shared, pace);
    let engine = shared.blocking();
    let compared = end(engine);
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{pace:?}: {TASKS} tasks, {} s: {} facts in {} calls, {} of them sent again, {} contended, \
         {} waited for; {} acts of an operator, {} contended; {} rebuilds, {} cut off, {} rolled \
         back; {} events in the end, {} participants",
        5 * factor(),
        of(&counts.recorded),
        of(&counts.calls),
        of(&counts.again),
        of(&counts.contended),
        of(&counts.waited),
        of(&counts.acts),
        of(&counts.acts_contended),
        of(&counts.rebuilt),
        of(&counts.cancelled),
        of(&counts.rolled_back),
        verify(engine.reader()).unwrap(),
        engine.reader().participants().unwrap().len(),
    );
    println!(
        "{pace:?}: {} snapshots of {} models compared at {} places of the log, {} days and {} sets \
         of packs, {} of them while the log moved on; 0 differences; {} amounts in the end",
        all.snapshots,
        all.models,
        all.places.len(),
        all.days.len(),
        all.packs.len(),
        all.moved_on,
        compared.cells,
    );
    assert!(all.snapshots > 2 && all.places.len() > 2, "hardly anything was compared");
    assert!(of(&counts.acts) > 2, "the operator hardly came to act");
    assert!(of(&counts.recorded) > 100 && of(&counts.again) > 0);
    assert!(of(&counts.rebuilt) > 0, "nothing was rebuilt");
}

#[test]
fn models_in_step_never_differ_from_fresh_sums_while_sixteen_tasks_record() {
    recorded_by_a_crowd(Pace::InStep);
}

#[test]
fn models_that_follow_never_differ_from_fresh_sums_while_sixteen_tasks_record() {
    recorded_by_a_crowd(Pace::Following);
}
