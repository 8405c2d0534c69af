//! A program that is killed again and again while it keeps read models: where they stand and what
//! they hold always agree.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rusqlite::Connection;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::{Cell, Table, integer, measure};
use waystage_sqlite::SqliteModels;
use waystage_store::models::{Built, Change, ModelChange, ModelStore, Parked, Shape, Slot, Stand};
use waystage_store::sha256;

use crate::kept::{a_folder, date, stand};

/// Where the program that is killed finds its file.
const FILE: &str = "WAYSTAGE_TEST_MODELS";
const KILLS: u64 = 40;
/// Rows that come and go.
const LANES: u64 = 40;
/// Steps between one rebuild and the next.
const REBUILT_EVERY: u64 = 25;

fn steps() -> Table {
    Table::new("steps", "Steps by lane.")
        .column(integer("lane", "The lane."))
        .measure(measure("steps", "How many."))
        .measure(measure("weight", "The sum of their numbers."))
}

fn heads() -> Table {
    Table::new("heads", "All steps.").measure(measure("steps", "How many."))
}

fn shapes() -> Vec<Shape> {
    let shape = |name: &str, table| Shape {
        name: name.to_owned(),
        fingerprint: sha256(name.as_bytes()),
        tables: vec![table],
    };
    vec![shape("steps", steps()), shape("heads", heads())]
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

fn person(number: u64) -> ParticipantId {
    ParticipantId::from_bytes(sha256(&number.to_be_bytes()).as_bytes()[..16].try_into().unwrap())
}

/// Returns what steps add: the last hundred of them are in the rows, all are counted.
fn part(numbers: std::ops::RangeInclusive<u64>, is_first: bool) -> Vec<ModelChange> {
    let cells = |step: u64, sign: i64| {
        let lane = || vec![whole(step % LANES).into()];
        let weight = sign * whole(step);
        [(Cell::of(0, lane(), 0), sign), (Cell::of(0, lane(), 1), weight)]
    };
    let gone = |step: u64| step.checked_sub(100).filter(|gone| *gone > 0 && !is_first);
    let added = numbers.clone().flat_map(|step| cells(step, 1));
    let taken = numbers.clone().filter_map(gone).flat_map(|step| cells(step, -1));
    let count = whole(numbers.end() + 1 - numbers.start());
    let last = *numbers.end();
    let parked = Parked {
        participant: person(last % 7),
        position: Position::new(last),
        says: format!("step {last}"),
    };
    let day = date("2022-01-01") + chrono::Days::new(last % 300);
    let steps = ModelChange {
        model: "steps".to_owned(),
        cells: Contributions::of(added.chain(taken)),
        due: vec![(person(last % 11), Some(day))],
        parked: vec![(person(last % 7), Some(parked))],
    };
    let heads = ModelChange {
        model: "heads".to_owned(),
        cells: Contributions::of([(Cell::of(0, vec![], 0), count)]),
        ..ModelChange::default()
    };
    vec![steps, heads]
}

/// Builds everything anew beside what answers, in two parts, and switches to it.
fn rebuild(models: &SqliteModels, last: u64) {
    let half = Stand { built: Built::Through(Some(person(last))), ..stand(last) };
    let begun = Stand { built: Built::Through(None), ..stand(last) };
    models.begin(&shapes(), &begun).unwrap();
    let first = last.saturating_sub(99).max(1);
    let heads = |count: u64| ModelChange {
        model: "heads".to_owned(),
        cells: Contributions::of([(Cell::of(0, vec![], 0), whole(count))]),
        ..ModelChange::default()
    };
    let steps = |numbers| part(numbers, true).swap_remove(0);
    let middle = first + (last - first) / 2;
    let one = Change {
        from: begun,
        to: half.clone(),
        models: vec![steps(first..=middle), heads(middle)],
    };
    models.apply(Slot::Next, &one).unwrap();
    let two = Change {
        from: half,
        to: stand(last),
        models: vec![steps(middle + 1..=last), heads(last - middle)],
    };
    models.apply(Slot::Next, &two).unwrap();
    models.switch().unwrap();
}

/// Goes on where it was killed, until it is killed again. Run by hand it does nothing.
#[test]
fn the_program_that_is_killed() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let models = SqliteModels::open(Path::new(&file)).unwrap();
    if models.stand(Slot::Live).unwrap().is_none() {
        models.begin(&shapes(), &stand(0)).unwrap();
        models.switch().unwrap();
    }
    loop {
        let at = models.stand(Slot::Live).unwrap().unwrap();
        let step = at.position().map_or(0, |position| position.get()) + 1;
        let change = Change { from: at, to: stand(step), models: part(step..=step, false) };
        models.apply(Slot::Live, &change).unwrap();
        if step.is_multiple_of(REBUILT_EVERY) {
            rebuild(&models, step);
        }
    }
}

/// Checks that a generation holds the sums of the stand that it says; returns its position.
fn check(models: &SqliteModels, slot: Slot) -> u64 {
    let snapshot = models.snapshot().unwrap();
    let Some(at) = snapshot.stand(slot).unwrap() else { return 0 };
    if at.built != Built::Whole {
        return 0;
    }
    let last = at.position().map_or(0, |position| position.get());
    assert_eq!(at, stand(last));
    assert_eq!(snapshot.fingerprints(slot).unwrap().len(), 2);
    let rows = snapshot.rows(slot, &steps()).unwrap();
    let sum = |measure: usize| rows.iter().map(|row| row.amounts[measure]).sum::<i64>();
    let kept = (last.saturating_sub(100) + 1)..=last;
    assert_eq!(sum(0), whole(last.min(100)), "{slot:?}");
    assert_eq!(sum(1), kept.map(whole).sum::<i64>(), "{slot:?}");
    let heads = snapshot.rows(slot, &heads()).unwrap();
    assert_eq!(heads.iter().map(|row| row.amounts[0]).sum::<i64>(), whole(last), "{slot:?}");
    if last > 0 {
        let parked = snapshot.parked(slot, "steps").unwrap();
        let newest = parked.iter().filter_map(|parked| parked.position).max();
        assert_eq!(newest.map(|position| position.get()), Some(last), "{slot:?}");
        let due = models.due(slot, date("2022-12-31")).unwrap();
        assert!(due.iter().any(|(who, _)| *who == person(last % 11)), "{slot:?}");
    }
    last
}

#[test]
fn whenever_a_program_is_killed_stand_and_rows_agree() {
    let (_folder, path) = a_folder();
    let this = std::env::current_exe().unwrap();
    let journal = path.with_extension("db-wal");
    let mut stands = std::collections::BTreeSet::new();
    for kill in 0..KILLS {
        let mut program = Command::new(&this)
            .args(["--exact", "killed::the_program_that_is_killed"])
            .env(FILE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // once it has begun to write, but for every fourth time
        while kill % 4 > 0 && fs::metadata(&journal).is_err() {
            sleep(Duration::from_micros(100));
        }
        sleep(Duration::from_micros(kill * 7_919 % 41 * 1_000));
        assert_eq!(program.try_wait().unwrap(), None, "it ended by itself");
        program.kill().unwrap();
        program.wait().unwrap();
        let models = SqliteModels::open(&path).unwrap();
        for slot in [Slot::Live, Slot::Next, Slot::Previous] {
            let position = check(&models, slot);
            if slot == Slot::Live {
                assert!(stands.last().is_none_or(|last| position >= *last), "steps were lost");
                stands.insert(position);
            }
        }
        drop(models);
        let sound: String = Connection::open(&path)
            .unwrap()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
    }
    assert!(stands.len() > 10, "it was killed at {stands:?}");
}
