//! R1: the program is killed at any instant; what it acknowledged is there, and what it did not is
//! settled by sending the same keys again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::Path;
use std::thread;
use std::time::Duration;

use waystage_faults::oracle::{Ledger, Verdict, check_open};
use waystage_faults::program::Asked;
use waystage_faults::{Chance, factor, workload};
use waystage_sqlite::SqliteLog;

/// How many kills one log suffers before another is begun.
const KILLS_OF_A_LOG: u64 = 5;

#[derive(Default)]
struct Counts {
    kills: u64,
    at_spawn: u64,
    acknowledged: u64,
    durable_but_unknown: u64,
    resent: u64,
}

/// Kills programs one after the other, with the numbers that follow from a seed.
fn kill_so_many(kills: u64, seed: u64) -> Counts {
    let mut chance = Chance::new(seed);
    let mut counts = Counts::default();
    while counts.kills < kills {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::default();
        let mut settled = 0;
        for kill in 1..=KILLS_OF_A_LOG {
            if kill == KILLS_OF_A_LOG {
                settled = 0; // once more, everything
            }
            kill_once(folder.path(), (&mut ledger, &mut settled), &mut chance, &mut counts);
        }
    }
    counts
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_the_rest_is_settled_by_its_key() {
    let kills = 160 * factor();
    let workers = [1, 2].map(|seed| thread::spawn(move || kill_so_many(kills / 2, seed)));
    let mut counts = Counts::default();
    for part in workers.map(|worker| worker.join().unwrap()) {
        counts.kills += part.kills;
        counts.at_spawn += part.at_spawn;
        counts.acknowledged += part.acknowledged;
        counts.durable_but_unknown += part.durable_but_unknown;
        counts.resent += part.resent;
    }
    println!(
        "kills {} ({} at spawn), acknowledged {}, durable but never acknowledged {}, sent again {}",
        counts.kills,
        counts.at_spawn,
        counts.acknowledged,
        counts.durable_but_unknown,
        counts.resent
    );
    assert!(counts.acknowledged > kills, "the program hardly came to write");
}

/// Kills the program once; groups before `settled` were sent again after an earlier kill.
fn kill_once(
    folder: &Path,
    (ledger, settled): (&mut Ledger, &mut u64),
    chance: &mut Chance,
    counts: &mut Counts,
) {
    let threads = [1, 1, 4][usize::try_from(chance.below(3)).unwrap()];
    let asked = Asked { threads, ..Asked::plain(folder, 1_000_000) };
    let mut child = asked.command(env!("CARGO_BIN_EXE_appender")).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut printed = String::new();
    let at_spawn = chance.below(5) == 0;
    if at_spawn {
        thread::sleep(Duration::from_micros(chance.below(12_000)));
    } else {
        out.read_line(&mut printed).unwrap();
        thread::sleep(Duration::from_micros(chance.below(60_000)));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    out.read_to_string(&mut printed).unwrap();

    let before = ledger.acknowledged.len();
    ledger.read(&printed).unwrap();
    assert_eq!(ledger.errors, [], "nothing fails without a fault");
    counts.kills += 1;
    counts.at_spawn += u64::from(at_spawn);
    counts.acknowledged += (ledger.acknowledged.len() - before) as u64;
    let path = workload::file(folder);
    if !path.exists() {
        assert!(ledger.acknowledged.is_empty(), "the log is gone");
        return;
    }
    let log = SqliteLog::open(&path).unwrap();
    let Verdict::Whole(held) = check_open(&log, ledger) else {
        panic!("after kill {}: {:?}", counts.kills, check_open(&log, ledger));
    };
    counts.durable_but_unknown += held - ledger.acknowledged.len() as u64;
    *settled = send_again(&log, ledger, *settled..threads, counts);
    assert!(check_open(&log, ledger).is_whole());
}

/// Sends every group again that may have been sent, from one to some beyond the last: what was
/// recorded gets its first receipt. Returns the group after the last.
fn send_again(
    log: &SqliteLog,
    ledger: &mut Ledger,
    from_and_beyond: Range<u64>,
    counts: &mut Counts,
) -> u64 {
    let rows = workload::rows(log).unwrap();
    let there: BTreeMap<_, _> =
        rows.iter().map(|row| (workload::key_of(row), row.receipt(true))).collect();
    let last = there.keys().last().map_or(0, |key| workload::group_of(*key));
    let end = last + from_and_beyond.end + 1;
    let mut heads = BTreeMap::new();
    for index in from_and_beyond.start..end {
        for (key, receipt) in workload::append_after(log, &mut heads, index).unwrap() {
            match there.get(&key) {
                Some(first) => assert_eq!(receipt, *first, "key {key}"),
                None => assert!(!receipt.duplicate && receipt.position.get() > rows.len() as u64),
            }
            let place = (receipt.position.get(), receipt.leaf.to_string());
            ledger.acknowledge(key, &place).unwrap();
            counts.resent += 1;
        }
    }
    end
}
