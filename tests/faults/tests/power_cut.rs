//! R3 and R4: the power is cut after each file operation, unsynced writes are lost, torn and
//! reordered, and syncs fail; what was acknowledged is there on every disk that this can leave.
//! Two controls with weaker syncs show that a loss would be seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use waystage_faults::disk::{PARTS, Part};
use waystage_faults::power::{Bench, Counts};
use waystage_faults::program::{self, Asked, Ended, Through};
use waystage_faults::{Chance, factor};

fn bench() -> Option<Bench> {
    Bench::new(env!("CARGO_BIN_EXE_appender"), env!("CARGO_TARGET_TMPDIR"))
}

#[test]
fn no_power_cut_loses_or_damages_what_was_acknowledged() {
    let Some(bench) = bench() else { return };
    let mut counts = Counts::default();
    for round in 0..factor() {
        // opened anew at other places each time
        let reopens_after = 12 + round % 7;
        let asked = Asked { reopens_after, ..Asked::plain(&bench.store(), 110) };
        let operations = bench.record(&asked);
        let chance = Chance::new(round + 3);
        let found = bench.cut_by_chance(&operations, 0, &PARTS, chance);
        counts.add(found, &format!("round {round}"));
        bench.clear();
    }
    println!("full syncs: {counts:?}");
    counts.assert_clean();
    assert!(counts.states > 4000 * factor(), "{}", counts.states);
}

#[test]
fn a_log_under_several_threads_survives_power_cuts_too() {
    let Some(bench) = bench() else { return };
    let mut counts = Counts::default();
    for round in 0..factor() {
        let asked = Asked { threads: 4, ..Asked::plain(&bench.store(), 16) };
        let operations = bench.record(&asked);
        let parts = [Part::None, Part::Sectors];
        let found = bench.cut_by_chance(&operations, 0, &parts, Chance::new(round + 3));
        counts.add(found, &format!("round {round}"));
        bench.clear();
    }
    println!("four threads: {counts:?}");
    counts.assert_clean();
}

#[test]
fn a_checkpoint_between_appends_survives_power_cuts() {
    let Some(bench) = bench() else { return };
    // so many that the journal reaches a thousand pages
    let operations = bench.record(&Asked::plain(&bench.store(), 330));
    let created = operations.iter().position(|operation| operation.kind == 'l').unwrap();
    let into_the_file = operations.iter().enumerate().skip(created).position(|(_, operation)| {
        operation.kind == 'w' && operation.path.ends_with("journeys.db")
    });
    let checkpoint = created + into_the_file.unwrap();
    let later = operations[checkpoint..].iter().filter(|operation| operation.kind == 'a').count();
    assert!(later > 2, "the checkpoint came only at the end");
    let end = operations.len().min(checkpoint + 400);
    let counts = bench.cut(&operations[..end], checkpoint - 20, &[Part::Writes, Part::Sectors]);
    println!("checkpoint: operations {checkpoint} to {end}, {counts:?}");
    counts.assert_clean();
}

#[test]
fn the_control_with_normal_syncs_loses_acknowledged_events() {
    let Some(bench) = bench() else { return };
    let asked = Asked { through: Through::Normal, ..Asked::plain(&bench.store(), 12) };
    let operations = bench.record(&asked);
    let counts = bench.cut(&operations, 0, &[Part::None, Part::Sectors]);
    println!("normal syncs: {} operations, {counts:?}", operations.len());
    assert!(counts.lost > 0, "the test would not see a loss");
}

#[test]
fn the_control_without_syncs_damages_the_file() {
    let Some(bench) = bench() else { return };
    let asked = Asked { through: Through::Off, ..Asked::plain(&bench.store(), 12) };
    let operations = bench.record(&asked);
    let counts = bench.cut(&operations, 0, &[Part::Writes, Part::Sectors]);
    println!("no syncs: {} operations, {counts:?}", operations.len());
    assert!(counts.lost > 0, "the test would not see a loss");
    assert!(counts.corrupt > 0, "the test would not see damage");
}

/// Asserts that a handle whose commit failed says so first, and answers nothing afterwards.
fn poisoned_after_the_unknown(ended: &Ended) -> bool {
    let names: Vec<&str> = ended.ledger.errors.iter().map(|(_, name)| name.as_str()).collect();
    let Some(first) = names.iter().position(|name| *name == "OutcomeUnknown") else { return false };
    let rest: Vec<_> = names[first..].iter().filter(|name| **name != "OutcomeUnknown").collect();
    assert!(rest.iter().all(|name| **name == "Poisoned"), "{names:?}");
    true
}

/// Returns the numbers of the syncs of a run: those while the log is created, and those after.
fn syncs(bench: &Bench, asked: &Asked) -> (Vec<u64>, Vec<u64>) {
    let operations = bench.record(asked);
    bench.clear();
    let created = operations.iter().position(|operation| operation.kind == 'l').unwrap();
    let syncs = operations.iter().enumerate().filter(|(_, operation)| operation.kind == 's');
    let numbered = (1..).zip(syncs.map(|(index, _)| index < created));
    let (before, after): (Vec<_>, Vec<_>) = numbered.partition(|(_, is_before)| *is_before);
    let numbers = |syncs: Vec<(u64, bool)>| syncs.into_iter().map(|(number, _)| number).collect();
    (numbers(before), numbers(after))
}

fn fail_syncs(bench: &Bench, asked: &Asked, points: &[u64]) {
    let mut counts = Counts::default();
    let (mut told, mut silent, mut stuck) = (0, 0, Vec::new());
    for point in points {
        let mut command = bench.command(asked);
        command.env("FIO_OPS", "s").env("FIO_FAIL", point.to_string()).env("FIO_ERR", "5");
        let ended = program::run(&mut command);
        let errors = &ended.ledger.errors;
        assert!(matches!(ended.code, Some(0 | 3)), "sync {point}: {errors:?} {}", ended.said);
        if ended.code == Some(3) {
            stuck.push((*point, errors.clone()));
        }
        told += u64::from(poisoned_after_the_unknown(&ended));
        silent += u64::from(errors.is_empty());
        let operations = bench.operations();
        let failed = operations.iter().position(|operation| operation.kind == 'F').unwrap();
        let after = bench.cut(&operations, failed, &[Part::None]);
        counts.add(after, &format!("sync {point} failed"));
        bench.clear();
    }
    let points = points.len();
    println!("failed syncs: {points} points, {told} told as unknown, {silent} silent, {counts:?}");
    assert_eq!(stuck, [], "it never recovers");
    counts.assert_clean();
}

#[test]
fn a_failed_sync_is_told_and_loses_nothing_that_was_acknowledged() {
    let Some(bench) = bench() else { return };
    let asked = Asked { reopens_after: 6, ..Asked::plain(&bench.store(), 12 * factor().min(4)) };
    let (_, after) = syncs(&bench, &asked);
    fail_syncs(&bench, &asked, &after);
}

// The tables of a new log are brought from its journal into its file before the connection closes:
// closing would do it too, and SQLite does not say when that fails.
#[test]
fn a_failed_sync_while_a_log_is_created_leaves_a_log_or_none() {
    let Some(bench) = bench() else { return };
    let asked = Asked::plain(&bench.store(), 3);
    let (before, _) = syncs(&bench, &asked);
    fail_syncs(&bench, &asked, &before);
}

/// Ends the program around each sync, `how` the shim says; another one sends everything again and
/// goes on, and then the power is cut.
fn end_at_syncs(how: &str) {
    let Some(bench) = bench() else { return };
    let asked = Asked::plain(&bench.store(), 8 * factor().min(4));
    program::run(bench.command(&asked).env("FIO_OPS", "ws"));
    let created = bench.counted().iter().rposition(|(_, name)| name.contains("creating")).unwrap();
    let points: Vec<usize> = (1..)
        .zip(bench.counted())
        .filter(|(number, (letter, _))| *number > created + 1 && *letter == 's')
        .map(|(number, _)| number)
        .collect();
    bench.clear();
    let mut counts = Counts::default();
    for point in &points {
        let mut command = bench.command(&asked);
        command.env("FIO_OPS", "ws").env("FIO_FAIL", point.to_string());
        let ended = program::run(command.env("FIO_ERR", "5").env("FIO_KILL", how));
        if ended.code != Some(137) {
            bench.clear(); // it was the last operation
            continue;
        }
        let from = bench.operations().len();
        let mut command = bench.command(&Asked { sends_again: true, ..asked.clone() });
        let ended = program::run(&mut command);
        assert_eq!(ended.code, Some(0), "{}", ended.said);
        let after = bench.cut(&bench.operations(), from, &[Part::None, Part::Sectors]);
        counts.add(after, &format!("ended at operation {point}"));
        bench.clear();
    }
    println!("ended at {} syncs ({how}), sent again, cut: {counts:?}", points.len());
    counts.assert_clean();
}

// What a process wrote and did not sync is in the cache of the kernel. The next one reads it there,
// and the receipt of a duplicate is given without any sync.
#[test]
fn a_receipt_for_what_a_killed_program_wrote_survives_a_power_cut() {
    end_at_syncs("1");
}

// The frames whose sync failed are in the cache only, and taken for clean. Another process finds a
// whole commit there and writes behind it; the disk has a hole where recovery ends.
#[test]
fn what_follows_a_failed_sync_and_a_kill_survives_a_power_cut() {
    end_at_syncs("2");
}
