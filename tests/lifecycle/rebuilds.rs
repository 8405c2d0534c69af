//! Rebuilds: killed, dropped, over lost events, under changed definitions; and what they cost.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use waystage::core::contribution::{Contributions, Projection};
use waystage::core::determination::LogEntry;
use waystage::core::journey::Record;
use waystage::core::replayed::Replayed;
use waystage::core::table::{Cell, Table, Tabular};
use waystage::core::view::Basis;
use waystage::replay::models::{Building, Goal, Upkeep};
use waystage::replay::{Progress, fingerprint};
use waystage::store::models::{Change, ModelError, Slot};
use waystage::store::{KnownEvent, read_log};
use waystage::{AsOf, Engine, EngineError, Pace, ReadModels, Rebuild, asynchronous};
use waystage_sqlite::SqliteModels;

use crate::doubles::{
    Watched, a_job, a_referral, amounts, by_name, chance, digests, somebody, three_models,
};
use crate::given::{ByProvider, VIEWS, day, every, filled, plain, same_as_the_log};

fn wired() -> ReadModels {
    ReadModels::new().with_all(three_models()).as_of(AsOf::On(day("2021-09-30")))
}

/// What tells the child which store it is to rebuild, and where it is to die.
const STORE: &str = "WAYSTAGE_TEST_STORE";
const DIES_AT: &str = "WAYSTAGE_TEST_DIES_AT";

/// No test of its own: the process that the next one kills. It dies where it is told to, without
/// unwinding anything.
#[test]
fn a_rebuild_in_a_process_that_is_about_to_be_killed() {
    let (Ok(store), Ok(dies_at)) = (std::env::var(STORE), std::env::var(DIES_AT)) else { return };
    let engine = Engine::open(Path::new(&store)).unwrap();
    let engine = engine.keep(wired().pace(Pace::OnDemand)).unwrap();
    let (left, dies_at) = (AtomicU64::new(0), dies_at.parse::<u64>().unwrap());
    let watch = |_: Progress| {
        if left.fetch_add(1, Ordering::Relaxed) == dies_at {
            std::process::abort();
        }
    };
    let how = Rebuild { watch: &watch, in_steps_of: 2, ..Rebuild::default() };
    engine.models().unwrap().rebuild(&[], &how).unwrap();
}

/// Killed at ten places, while facts go on being recorded: each time what answered goes on
/// answering, and the rebuild that is let finish goes on and gives what a new file gives.
#[test]
fn a_rebuild_that_is_killed_at_ten_places_goes_on_to_the_same_models() {
    let (folder, engine) = filled();
    let engine = engine.keep(wired()).unwrap();
    let everyone = engine.reader().participants().unwrap().len() as u64;
    drop(engine);
    let mut killed = 0;
    for round in 0..10 {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "rebuilds::a_rebuild_in_a_process_that_is_about_to_be_killed"]);
        child.env(STORE, folder.path()).env(DIES_AT, (chance(round) % 5).to_string());
        child.stdout(Stdio::null()).stderr(Stdio::null());
        killed += u64::from(!child.status().unwrap().success());
        let engine = Engine::open(folder.path()).unwrap().keep(wired()).unwrap();
        let (person, facts) = a_referral(&engine, 1 + u8::try_from(round).unwrap());
        let _ = engine.record(person, facts).unwrap();
        assert!(engine.models().unwrap().verify(&[], &|_| {}).unwrap().is_clean());
    }
    assert_eq!(killed, 10);
    let engine = Engine::open(folder.path()).unwrap().keep(wired()).unwrap();
    let models = engine.models().unwrap();
    assert!(models.status().unwrap().building.is_some());
    let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
    assert!(rebuilt.built.resumed);
    assert!(rebuilt.built.participants < everyone, "most were built before");
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    let right = digests(&engine);
    drop(engine);
    let anew = Engine::open(folder.path()).unwrap().keep(wired().anew()).unwrap();
    assert_eq!(digests(&anew), right);
}

/// The loss is declared in the log, which goes on without a gap. Models that hold what was lost are
/// refused, and a rebuild runs across the place as across any other.
#[test]
fn a_rebuild_across_a_declared_loss_ends_and_the_log_names_what_was_lost() {
    let (folder, engine) = filled();
    let copy = folder.path().join("copy.db");
    let copied = engine.backup(&copy).unwrap();
    let engine = engine.keep(every()).unwrap();
    let (person, _) = somebody(&engine);
    let _ = engine.record(person, a_job(&engine, 1)).unwrap();
    let facts = a_job(&engine, 2);
    let known = KnownEvent::from(engine.record(person, facts.clone()).unwrap()[0]);
    drop(engine);
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(folder.path().join(format!("journeys.db{end}")));
    }
    drop(Engine::restore(&copy, folder.path()).unwrap());
    let declared =
        Engine::open_declaring_loss(folder.path(), known, "user:9", "the disk was lost").unwrap();
    let (engine, receipt) = (declared.0, declared.1.unwrap());
    assert_eq!(receipt.position.get(), copied + 1);
    let Err(error) = engine.keep(every()) else { panic!("they hold what was lost") };
    assert!(matches!(error, EngineError::Models(ModelError::Foreign { .. })), "{error}");
    let engine = Engine::open(folder.path()).unwrap().keep(every().anew()).unwrap();
    let _ = engine.record(person, facts).unwrap();
    let rebuilt = engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    same_as_the_log(&engine);
    let log = read_log(engine.reader()).unwrap();
    let losses: Vec<(u64, Option<u64>)> = log
        .events
        .iter()
        .filter_map(|event| match &event.record {
            Record::Log(LogEntry::LossDeclared(loss)) => {
                Some((loss.known_position.get(), loss.through.map(|through| through.get())))
            }
            _ => None,
        })
        .collect();
    assert_eq!(losses, [(known.position.get(), Some(copied))], "from after the copy to the known");
    let last = engine.reader().last_position().unwrap().unwrap();
    let rows = engine.reader().rows_after(None, 10_000).unwrap();
    assert_eq!(rows.len() as u64, last.get(), "and no position is missing");
}

/// No row is written more often than once in a step, none is taken away to be written again, and a
/// rebuild in one step writes each row once.
#[test]
fn a_rebuild_writes_each_row_at_most_once_a_step() {
    let (folder, engine) = filled();
    let last = engine.reader().last_position().unwrap();
    let set = by_name(three_models());
    let adoptions = engine.adoptions().unwrap();
    let store = SqliteModels::open(&folder.path().join(VIEWS)).unwrap();
    let steps: Mutex<Vec<(usize, usize)>> = Mutex::default();
    let count = |_: Slot, change: &Change| {
        let cells = change.models.iter().flat_map(|model| {
            model.cells.iter().map(|(cell, _)| (&model.model, cell.table, &cell.row))
        });
        let (mut writes, mut keys) = (0, BTreeSet::new());
        let mut before = None;
        for row in cells {
            // the cells of a row follow one another and are written together
            writes += usize::from(before.as_ref() != Some(&row));
            keys.insert(row);
            before = Some(row);
        }
        steps.lock().unwrap().push((writes, keys.len()));
        Ok(())
    };
    let counted = Watched { store: &store, before: &count };
    let upkeep = Upkeep::new(engine.reader(), &counted, &set, adoptions);
    let goal = Goal { through: last, as_of: day("2021-09-30") };
    for in_steps_of in [7, 4096] {
        let building = Building::to(goal, Basis::Recorded).in_steps_of(in_steps_of);
        upkeep.build(&[], building).unwrap();
        upkeep.switch(goal).unwrap();
        let raw = plain(&folder);
        for table in ["caseload", "funnel", "counted"] {
            let (rows, numbers): (i64, i64) = raw
                .query_row(&format!("SELECT count(*), max(rowid) FROM {table}"), [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            assert_eq!(rows, numbers, "{table}: a row was taken away and written again");
        }
        let steps = std::mem::take(&mut *steps.lock().unwrap());
        assert!(steps.iter().all(|(writes, keys)| writes == keys), "{steps:?}");
        assert!(steps.iter().map(|(writes, _)| writes).sum::<usize>() > 20, "{steps:?}");
    }
}

/// Referrals whose participation has ended left out, as where one arm of a fold is changed: name,
/// version and tables stay as they were.
struct OneArmLess;

impl Projection for OneArmLess {
    type Key = String;

    fn name(&self) -> &'static str {
        "by_provider"
    }

    fn version(&self) -> u32 {
        1
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<String> {
        let of_all = replayed.journey.participations.iter();
        let open = of_all.filter(|each| each.exited.is_none());
        Contributions::of(open.map(|each| (each.provider.clone(), 1)))
    }
}

impl Tabular for OneArmLess {
    fn tables(&self) -> Vec<Table> {
        ByProvider { version: 1 }.tables()
    }

    fn cell(&self, provider: String) -> Cell {
        ByProvider { version: 1 }.cell(provider)
    }
}

/// One arm of a fold is changed and nothing else: the model refuses; built anew and killed before
/// the switch, it still does; after the switch it answers as the changed definition does.
#[test]
fn a_fold_with_one_arm_changed_refuses_until_its_rebuild_was_switched_to() {
    let corpus = waystage::corpus::golden().unwrap();
    assert_ne!(
        fingerprint(&ByProvider { version: 1 }, &corpus),
        fingerprint(&OneArmLess, &corpus),
        "the corpus shows the arm"
    );
    let (folder, engine) = filled();
    let wired = || ReadModels::new().as_of(AsOf::On(day("2021-09-30")));
    let engine = engine.keep(wired().with(ByProvider { version: 1 })).unwrap();
    let before: i64 = amounts(&engine, "by_provider").iter().sum();
    drop(engine);
    let refuses = |engine: &Engine| {
        let read = engine.models().unwrap().read(|at| at.rows("by_provider"));
        assert!(matches!(read, Err(EngineError::Models(ModelError::Stale { .. }))), "{read:?}");
    };
    let engine = Engine::open(folder.path()).unwrap().keep(wired().with(OneArmLess)).unwrap();
    refuses(&engine);
    drop(engine);
    // built to the end, and killed before the switch
    let engine = Engine::open(folder.path()).unwrap();
    let set = waystage::replay::models::ModelSet::new(
        [Arc::new(OneArmLess) as Arc<dyn waystage::core::table::Model>],
        |model| fingerprint(model, &corpus),
    );
    let store = SqliteModels::open(&folder.path().join(VIEWS)).unwrap();
    let upkeep = Upkeep::new(engine.reader(), &store, &set, engine.adoptions().unwrap());
    let through = engine.reader().last_position().unwrap();
    let goal = Goal { through, as_of: day("2021-09-30") };
    assert!(upkeep.build(&[], Building::to(goal, Basis::Recorded)).unwrap().finished);
    drop(store);
    let engine = engine.keep(wired().with(OneArmLess)).unwrap();
    refuses(&engine);
    engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
    let after: i64 = amounts(&engine, "by_provider").iter().sum();
    assert!(after < before, "{after} of {before}");
    assert!(engine.models().unwrap().verify(&[], &|_| {}).unwrap().is_clean());
}

/// The future of a rebuild is dropped before it runs, while it runs and after any poll: what
/// answered answers, and the new models are not there or are whole.
#[test]
fn a_rebuild_whose_future_is_dropped_leaves_the_old_models_or_the_new_ones_whole() {
    let (_folder, engine) = filled();
    let engine = engine.keep(wired().pace(Pace::OnDemand)).unwrap();
    let right = digests(&engine);
    let engine = asynchronous::Engine::of(engine);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let at_rest = || {
        while engine.free_to_write() < 64 {
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    let mut context = Context::from_waker(Waker::noop());
    for polls in 0..12 {
        let _inside = runtime.enter();
        {
            let mut rebuild = pin!(engine.rebuild(Vec::new(), |_| {}));
            for poll in 0..polls {
                if rebuild.as_mut().poll(&mut context).is_ready() {
                    break;
                }
                std::thread::sleep(Duration::from_micros(chance(polls * 16 + poll) % 3000));
            }
        }
        assert_eq!(digests(engine.blocking()), right, "dropped after {polls} polls");
        at_rest();
        let checked = engine.blocking().models().unwrap().verify(&[], &|_| {}).unwrap();
        assert!(checked.is_clean(), "dropped after {polls} polls");
    }
    // dropped for certain while participants are being replayed
    let (entered, let_go) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    {
        let _inside = runtime.enter();
        let (begun, go_on) = (Arc::clone(&entered), Arc::clone(&let_go));
        let wait = move |_: Progress| {
            begun.store(true, Ordering::Relaxed);
            while !go_on.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        let mut rebuild = pin!(engine.rebuild(Vec::new(), wait));
        assert!(rebuild.as_mut().poll(&mut context).is_pending());
        while !entered.load(Ordering::Relaxed) {
            assert_eq!(digests(engine.blocking()), right, "while it is built");
        }
        let status = engine.blocking().models().unwrap().status().unwrap();
        assert!(status.building.is_some());
    }
    let_go.store(true, Ordering::Relaxed);
    at_rest();
    assert_eq!(digests(engine.blocking()), right);
    let rebuilt = runtime.block_on(engine.rebuild(Vec::new(), |_| {})).unwrap();
    assert_eq!(rebuilt.switched.unwrap().differences, []);
    assert_eq!(digests(engine.blocking()), right);
    drop(runtime);
}
