//! The program is killed while it imports, again and again, and at last left to finish.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use waystage_core::id::ParticipantId;
use waystage_sqlite::SqliteLog;
use waystage_store::EventReader;

use crate::population::{PARTICIPANTS, population, write_with_packs};
use crate::program::{answer, import, start_import};

/// The files of a store, while it is made and after.
const MAKING: &str = "journeys.db.creating";
const LOG: &str = "journeys.db";
const WRITE_AHEAD: &str = "journeys.db-wal";

/// When the program is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as it runs.
    AtOnce,
    /// As soon as this file is there.
    Appears(&'static str),
    /// As soon as this file has gone.
    Goes(&'static str),
    /// As soon as the log and its write-ahead log have grown by so many bytes.
    Grown(u64),
    /// As soon as they have this share of the size that they reach when an import is left alone.
    Percent(u64),
}

/// Moments of one store's life, in turn: making it, and then as it grows.
const SCHEDULES: [&[Moment]; 12] = [
    &[
        Moment::AtOnce,
        Moment::Appears(MAKING),
        Moment::Appears(LOG),
        Moment::Grown(1),
        Moment::Grown(60_000),
        Moment::Grown(200_000),
    ],
    &[Moment::AtOnce, Moment::Percent(3), Moment::Percent(6), Moment::Percent(9)],
    &[Moment::Appears(MAKING), Moment::Appears(MAKING), Moment::Goes(MAKING), Moment::Grown(4096)],
    &[Moment::Appears(LOG), Moment::Grown(100_000), Moment::Grown(100_000), Moment::Grown(100_000)],
    &[Moment::Appears(WRITE_AHEAD), Moment::Grown(30_000), Moment::Grown(30_000), Moment::Grown(1)],
    &[Moment::Percent(10), Moment::Percent(30), Moment::Percent(50), Moment::Percent(70)],
    &[Moment::Percent(15), Moment::Percent(35), Moment::Percent(55), Moment::Percent(75)],
    &[Moment::Percent(20), Moment::Percent(40), Moment::Percent(60), Moment::Percent(80)],
    &[Moment::Percent(25), Moment::Percent(45), Moment::Percent(65), Moment::Percent(85)],
    &[Moment::Percent(80), Moment::Grown(20_000), Moment::Grown(1), Moment::AtOnce],
    &[Moment::Percent(90), Moment::Grown(1), Moment::Percent(95)],
    &[Moment::Percent(97), Moment::Grown(1), Moment::AtOnce],
];

/// The kills that there must be at least, and the different places in the log that they leave.
const KILLS_MIN: usize = 40;
const PLACES_MIN: usize = 8;

fn size(store: &Path) -> u64 {
    let of = |name| fs::metadata(store.join(name)).map_or(0, |file| file.len());
    of(LOG) + of(WRITE_AHEAD)
}

/// Leaves the program alone and returns the largest size that its store had.
fn largest(mut program: Child, store: &Path) -> u64 {
    let mut largest = 0;
    loop {
        largest = largest.max(size(store));
        if let Some(status) = program.try_wait().expect("a child process") {
            assert!(status.success(), "{status}");
            return largest;
        }
        sleep(Duration::from_micros(100));
    }
}

/// Waits for the moment and kills the program. Returns whether it was still running.
fn kill(mut program: Child, store: &Path, moment: Moment, full: u64) -> bool {
    let before = size(store);
    let mut seen = false;
    let mut has_come = || match moment {
        Moment::AtOnce => true,
        Moment::Appears(name) => store.join(name).exists(),
        Moment::Goes(name) => {
            let is_there = store.join(name).exists();
            seen |= is_there;
            seen && !is_there
        }
        Moment::Grown(bytes) => size(store) >= before + bytes,
        Moment::Percent(share) => size(store) >= full * share / 100,
    };
    while !has_come() {
        if program.try_wait().expect("a child process").is_some() {
            return false;
        }
        sleep(Duration::from_micros(100));
    }
    let was_running = program.try_wait().expect("a child process").is_none();
    program.kill().expect("a child process");
    program.wait().expect("a child process");
    was_running
}

/// Opens a copy of what a kill has left, so that the program itself finds it untouched, and checks
/// that it is a whole log of whole units. Returns its last position; none where there is no log.
fn left_behind(store: &Path) -> Option<u64> {
    let copy = TempDir::new().expect("a folder");
    for name in [LOG, WRITE_AHEAD] {
        if store.join(name).exists() {
            fs::copy(store.join(name), copy.path().join(name)).expect("a copy");
        }
    }
    if !copy.path().join(LOG).exists() {
        return None;
    }
    let log = SqliteLog::open(&copy.path().join(LOG)).expect("a log that can be opened");
    let last = log.last_position().expect("a readable log").map_or(0, |last| last.get());
    let rows = log.rows_after(None, usize::MAX >> 1).expect("a readable log");
    let positions: Vec<u64> = rows.iter().map(|row| row.position.get()).collect();
    assert_eq!(positions, (1..=last).collect::<Vec<_>>(), "positions are dense");
    let participants = log.participants().expect("a readable log");
    let streams: BTreeSet<_> = rows.iter().map(|row| row.participant).collect();
    let is_person = |id: &&ParticipantId| **id != ParticipantId::LOG;
    assert_eq!(participants.len(), streams.iter().filter(is_person).count());
    let whole = participants.len().is_multiple_of(7) || participants.len() == PARTICIPANTS;
    assert!(whole, "a unit was torn: {} participants", participants.len());
    Some(last)
}

/// What two stores that hold the same have in common.
fn held(store: &Path) -> [Value; 4] {
    let mut status = answer(store, &["status"]);
    ["facts_digest", "facts", "participants", "last_position"].map(|key| status[key].take())
}

#[test]
fn an_import_that_is_killed_and_run_again_ends_in_the_same_store() {
    let folder = TempDir::new().expect("a folder");
    let extract = folder.path().join("extract");
    write_with_packs(&population(), &extract);
    let store = folder.path().join("uninterrupted");
    let full = largest(start_import(&store, &extract), &store);
    let report = import(&store, &extract);
    assert_eq!((&report["accepted"], &report["rejected"]), (&0.into(), &0.into()));
    let wanted = held(&store);
    let determined = answer(&store, &["determine", "--as-of", "2020-01-01"]);
    assert!(determined["determined"].as_u64() > Some(0), "{determined}");
    assert_eq!(wanted[2], PARTICIPANTS);

    let (mut kills, mut places) = (0, BTreeSet::new());
    let mut rounds = 0;
    while kills < KILLS_MIN || places.len() < PLACES_MIN {
        assert!(rounds < 5 * SCHEDULES.len(), "the program is too fast to be killed: {places:?}");
        let store = folder.path().join(format!("store-{rounds}"));
        for &moment in SCHEDULES[rounds % SCHEDULES.len()] {
            let was_running = kill(start_import(&store, &extract), &store, moment, full);
            kills += usize::from(was_running);
            let last = left_behind(&store);
            let is_partial = last.is_some_and(|last| 0 < last && Some(last) < wanted[3].as_u64());
            places.extend(last.filter(|_| is_partial));
        }
        import(&store, &extract);
        assert_eq!(held(&store), wanted, "round {rounds}");
        left_behind(&store);
        let run = answer(&store, &["determine", "--as-of", "2020-01-01"]);
        assert_eq!(run["determined"], determined["determined"]);
        assert_eq!(run["participants"], PARTICIPANTS);
        rounds += 1;
    }
    println!("{kills} kills in {rounds} stores, at positions {places:?}");
}

#[test]
fn an_import_that_is_run_twice_appends_nothing() {
    let folder = TempDir::new().expect("a folder");
    let (extract, store) = (folder.path().join("extract"), folder.path().join("store"));
    write_with_packs(&population(), &extract);
    let first = import(&store, &extract);
    let before = held(&store);
    assert_eq!((&first["duplicates"], &first["rejected"]), (&0.into(), &0.into()));
    let second = import(&store, &extract);
    assert_eq!((&second["accepted"], &second["rejected"]), (&0.into(), &0.into()));
    assert_eq!(second["duplicates"], first["accepted"]);
    assert_eq!(held(&store), before);
}
