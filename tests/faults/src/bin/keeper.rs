//! The program that keeps models and is killed: `keeper FOLDER WORK SEED DAY`. It opens the store
//! of a folder, keeps every model as of the day and prints `KEPT`; then it works as it is told:
//! `in-step` and `following` record, import, rebuild in small steps and move the day on, without
//! end, and print `ACK <id> <position> <leaf>` for what was recorded; `rebuild` rebuilds once and
//! ends; `build` builds, prints `BUILT`, does not switch and waits to be killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program may

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;
use waystage::{Engine, EngineError, ImportPlan, Pace, Rebuild};
use waystage_core::calendar::days_after;
use waystage_core::view::Basis;
use waystage_faults::lives::Caller;
use waystage_faults::{Chance, fresh, kept};
use waystage_replay::models::{Building, Goal, Upkeep};
use waystage_sqlite::SqliteModels;
use waystage_store::Receipt;

const CALLERS: u64 = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, work, seed, day] = &arguments[..] else { panic!("FOLDER WORK SEED DAY") };
    let (folder, seed) = (PathBuf::from(folder), seed.parse().unwrap());
    let engine = Engine::open(&folder).unwrap();
    if work == "build" {
        return build(&engine, &folder);
    }
    let pace = if work == "following" { Pace::Following } else { Pace::InStep };
    let engine = engine.keep(fresh::every(day.parse().unwrap()).pace(pace)).unwrap();
    print("KEPT\n");
    if work == "rebuild" {
        rebuild_once(&engine);
    } else {
        work_without_end(&engine, seed, day.parse().unwrap());
    }
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

fn tell(receipts: &[Receipt]) {
    let mut text = String::new();
    for receipt in receipts {
        writeln!(text, "ACK {} {} {}", receipt.id, receipt.position, receipt.leaf).unwrap();
    }
    print(&text);
}

fn rebuild_once(engine: &Engine) {
    let how = Rebuild { in_steps_of: 4, ..Rebuild::default() };
    let rebuilt = engine.models().unwrap().rebuild(&[], &how).unwrap();
    assert_eq!(rebuilt.switched.unwrap().differences, []);
}

/// Builds beside what answers, to the end, and leaves the switch to whoever comes after the kill.
fn build(engine: &Engine, folder: &Path) {
    let (store, set) = (SqliteModels::open(&kept::file(folder)).unwrap(), fresh::set());
    let upkeep = Upkeep::new(engine.reader(), &store, &set, engine.adoptions().unwrap());
    let stand = upkeep.stand(waystage_store::models::Slot::Live).unwrap();
    let goal = Goal { through: stand.position(), as_of: stand.as_of };
    let building = Building::to(goal, stand.basis).in_steps_of(4);
    assert!(upkeep.build(&[], building).unwrap().finished);
    print("BUILT\n");
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}

fn work_without_end(engine: &Engine, seed: u64, day: NaiveDate) {
    thread::scope(|scope| {
        for number in 0..CALLERS {
            scope.spawn(move || record(engine, Caller::new(number, seed)));
        }
        scope.spawn(move || rebuild(engine, seed));
        let (mut chance, mut day) = (Chance::new(seed), day);
        for number in 0.. {
            day = days_after(day, u32::try_from(1 + chance.below(30)).unwrap());
            engine.models().unwrap().move_to(day).unwrap();
            match chance.below(4) {
                0 => settle(engine.import(&small(seed * 100 + number), &|_, _| {})),
                1 => settle(engine.determine(day, Basis::Recorded)),
                2 => settle(engine.adopt(&kept::changed(number))),
                _ => thread::sleep(Duration::from_millis(chance.below(60))),
            }
        }
    });
}

/// Others were faster, again and again: it is left for another time.
fn settle<T>(answer: Result<T, EngineError>) {
    match answer {
        Ok(_) | Err(EngineError::Contended { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn record(engine: &Engine, mut caller: Caller) {
    loop {
        let call = caller.call();
        match engine.record(call.participant, call.facts.clone()) {
            Err(EngineError::Contended { .. }) => {}
            answer => {
                let receipts = answer.unwrap();
                tell(&receipts);
                caller.answered(call, &receipts);
            }
        }
    }
}

fn rebuild(engine: &Engine, seed: u64) {
    let mut chance = Chance::new(seed);
    loop {
        let in_steps_of = usize::try_from(2 + chance.below(12)).unwrap();
        let how = Rebuild { in_steps_of, ..Rebuild::default() };
        let models = engine.models().unwrap();
        assert_eq!(models.rebuild(&[], &how).unwrap().switched.unwrap().differences, []);
        if chance.below(3) == 0 {
            assert_eq!(models.roll_back().unwrap().differences, []);
        }
        thread::sleep(Duration::from_millis(chance.below(40)));
    }
}

fn small(number: u64) -> ImportPlan {
    ImportPlan { batch: 5, ..kept::small(number) }
}
