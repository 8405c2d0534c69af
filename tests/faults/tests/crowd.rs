//! C2 and C3: many callers append at once, to streams of their own and to shared ones, with stale
//! heads, and send some of it again; readers follow, stop and go on from where they were. Nothing
//! is skipped, repeated or reordered, and nobody starves. How long callers waited is reported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use waystage_core::id::{ParticipantId, Position};
use waystage_faults::workload::{self, ORIGIN, event_of, noon};
use waystage_faults::{Chance, factor};
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, EventStore, Following, Head, NewEvent, Receipt, StoreError, ToStream, read_stream,
    verify,
};

const CALLERS: u64 = 64;
const STREAMS: u64 = 4_000;

fn stream(number: u64) -> ParticipantId {
    let mut id = [1; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    ParticipantId::from_bytes(id)
}

#[derive(Default)]
struct Tally {
    appends: u64,
    conflicts: u64,
    again: u64,
    waits: Vec<Duration>,
    receipts: Vec<Receipt>,
}

/// What one caller does until it is stopped: appends, now and then with a head that is behind, now
/// and then something that it appended before.
fn call(log: &SqliteLog, caller: u64, stop: &AtomicBool) -> Tally {
    let mut chance = Chance::new(caller + 1);
    let mut tally = Tally::default();
    let mut heads: BTreeMap<u64, Head> = BTreeMap::new();
    let mut sent: Vec<(Vec<NewEvent>, ParticipantId, Vec<Receipt>)> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        // few streams are everybody's
        let number = if chance.below(4) == 0 { chance.below(16) } else { chance.below(STREAMS) };
        let head = match heads.get(&number) {
            Some(head) if chance.below(2) == 0 => *head,
            _ => read_stream(log, stream(number)).unwrap().head(),
        };
        heads.insert(number, head);
        let count = 1 + chance.below(3);
        let events: Vec<NewEvent> = (0..count)
            .map(|of| event_of("crowd", &format!("{caller}-{}-{of}", tally.appends)))
            .collect();
        let streams = vec![ToStream { head, events: events.clone() }];
        let begun = Instant::now();
        let answer = log.append(Append { now: noon(), streams });
        tally.waits.push(begun.elapsed());
        match answer {
            Ok(receipts) => {
                tally.appends += 1;
                assert!(receipts.iter().all(|receipt| !receipt.duplicate));
                tally.receipts.extend(receipts.iter().copied());
                sent.push((events, stream(number), receipts));
            }
            Err(StoreError::Conflict { .. }) => {
                tally.conflicts += 1;
                heads.remove(&number);
            }
            Err(error) => panic!("{error}"),
        }
        if chance.below(10) == 0 && !sent.is_empty() {
            let at = usize::try_from(chance.below(sent.len() as u64)).unwrap();
            let (events, participant, first) = &sent[at];
            let head = read_stream(log, *participant).unwrap().head();
            let streams = vec![ToStream { head, events: events.clone() }];
            let again = log.append(Append { now: noon(), streams }).unwrap();
            let mut expected = first.clone();
            for receipt in &mut expected {
                receipt.duplicate = true;
            }
            assert_eq!(again, expected);
            tally.again += 1;
        }
    }
    tally
}

/// Follows the log in pages of random sizes, and now and then anew from its checkpoint, until the
/// callers are done and nothing more comes. Returns how many events it saw.
fn follow(log: &SqliteLog, seed: u64, done: &AtomicBool) -> u64 {
    let mut chance = Chance::new(seed);
    let mut checkpoint: Option<Position> = None;
    loop {
        let page = usize::try_from(1 + chance.below(700)).unwrap();
        let mut following = Following::read_after(log, checkpoint).in_pages_of(page);
        for _ in 0..chance.below(20) {
            let was_done = done.load(Ordering::Acquire);
            let rows = following.next(Duration::from_millis(20)).unwrap();
            for row in &rows {
                assert_eq!(row.position, Position::after(checkpoint), "skipped, or given twice");
                checkpoint = Some(row.position);
            }
            if rows.is_empty() && was_done {
                return checkpoint.map_or(0, Position::get);
            }
        }
    }
}

fn report(tallies: &[Tally], seconds: u64) {
    let mut waits: Vec<Duration> =
        tallies.iter().flat_map(|tally| tally.waits.iter().copied()).collect();
    waits.sort_unstable();
    let at = |of_thousand: usize| waits[(waits.len() - 1) * of_thousand / 1000];
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let counts = tallies.iter().map(|tally| tally.appends);
    println!(
        "{CALLERS} callers, {seconds} s: {} appends, {} conflicts, {} sent again; waits: half within \
         {:?}, 95 % {:?}, 99 % {:?}, longest {:?}; appends of one caller: {} to {}",
        sum(|tally| tally.appends),
        sum(|tally| tally.conflicts),
        sum(|tally| tally.again),
        at(500),
        at(950),
        at(990),
        at(1000),
        counts.clone().min().unwrap(),
        counts.max().unwrap(),
    );
}

#[test]
fn a_crowd_of_callers_loses_repeats_and_reorders_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::create(&workload::file(folder.path()), ORIGIN).unwrap();
    let (stop, done) = (AtomicBool::new(false), AtomicBool::new(false));
    let seconds = 3 * factor();
    let (tallies, seen) = thread::scope(|scope| {
        let (log, stop, done) = (&log, &stop, &done);
        let callers: Vec<_> =
            (0..CALLERS).map(|caller| scope.spawn(move || call(log, caller, stop))).collect();
        let readers: Vec<_> =
            (0..3).map(|seed| scope.spawn(move || follow(log, seed, done))).collect();
        thread::sleep(Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
        let tallies: Vec<Tally> = callers.into_iter().map(|each| each.join().unwrap()).collect();
        done.store(true, Ordering::Release);
        let seen: Vec<u64> = readers.into_iter().map(|each| each.join().unwrap()).collect();
        (tallies, seen)
    });
    report(&tallies, seconds);

    let mut positions: Vec<u64> = tallies
        .iter()
        .flat_map(|tally| tally.receipts.iter().map(|receipt| receipt.position.get()))
        .collect();
    positions.sort_unstable();
    assert!(positions.iter().copied().eq(1..=positions.len() as u64), "a gap, or one place twice");
    let all = positions.len() as u64;
    assert_eq!(verify(&log).unwrap(), all);
    assert_eq!(seen, [all; 3], "a reader missed the end");
    assert_eq!(log.waiting(), 0);
    let conflicts: u64 = tallies.iter().map(|tally| tally.conflicts).sum();
    assert!(conflicts > 0, "nobody was ever late");

    // nobody starves: who comes last still gets a fair part of what all get on average
    let fewest = tallies.iter().map(|tally| tally.appends).min().unwrap();
    let mean = tallies.iter().map(|tally| tally.appends).sum::<u64>() / CALLERS;
    assert!(fewest * 4 > mean, "one caller made {fewest} appends where {mean} are usual");
}
