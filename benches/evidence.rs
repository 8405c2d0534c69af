//! What evidence costs: verifying a whole log beside bare SHA-256 over the same bytes in the same run,
//! signing what is new, and proofs. `cargo bench -p waystage-benches --bench evidence`; `EVENTS=1000000`
//! for another size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a benchmark may

use std::hint::black_box;
use std::time::{Duration, Instant};

use waystage::evidence_format::{
    KeyChain, KeyKind, ProofFile, SecretKey, inclusion_proof, leaf, root_at,
};
use waystage::store::{EventStore, KeptTree, NO_LEAF, examine, sha256};
use waystage::{Engine, evidence::Anchor};

#[path = "support/events.rs"]
mod events;

const ORIGIN: &str = "example.org/benches";

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let made = work();
    (begun.elapsed(), made)
}

/// Prints a line: what, how long, and how many a second.
fn told(what: &str, took: Duration, count: u64) {
    let each = took.as_nanos() / u128::from(count.max(1));
    let second = u128::from(count) * 1_000_000_000 / took.as_nanos().max(1);
    println!("| {what} | {took:.1?} | {second} | {each} ns |");
}

fn main() {
    let events = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok());
    let events: u64 = events.unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let key = SecretKey::of_seed(ORIGIN, KeyKind::Log, [1; 32]).unwrap();
    let anchor = Anchor::at(folder.path().join("anchor"));
    let store = folder.path().join("store");
    {
        std::fs::create_dir(&store).unwrap();
        let log = waystage_sqlite::SqliteLog::create(&store.join("journeys.db"), ORIGIN).unwrap();
        for first in (0..events).step_by(10_000) {
            let count = 10_000.min(events - first);
            let _ = log.append(events::append(&log, first, count)).unwrap();
        }
    }
    let engine = Engine::open(&store).unwrap();
    let reader = engine.reader();

    println!("| what | took | a second | each |");
    println!("|---|--:|--:|--:|");
    let rows = reader.rows_after(None, usize::MAX).unwrap();
    let mut tips = std::collections::BTreeMap::new();
    let frames: Vec<Vec<u8>> = rows
        .iter()
        .map(|row| {
            let previous = tips.insert(row.participant, row.leaf).unwrap_or(NO_LEAF);
            row.leaf_data_of(ORIGIN, previous)
        })
        .collect();
    let bytes: usize = frames.iter().map(Vec::len).sum();
    let (bare, ()) = timed(|| {
        for frame in &frames {
            black_box(leaf(frame));
        }
    });
    told("SHA-256 over the same frames, one core", bare, events);
    let (tree, _) = timed(|| {
        let mut range = waystage::evidence_format::CompactRange::new();
        for row in &rows {
            range.push(row.leaf);
        }
        black_box(range.root())
    });
    told("the tree over their leaves, one core", tree, events);
    drop((rows, frames));
    let (whole, verified) = timed(|| examine(reader, &[], &|_| {}).unwrap());
    told("verifying the log from its file", whole, events);
    let (signed, checkpoint) = timed(|| engine.checkpoint(&key, &anchor, &|_| {}).unwrap());
    told("signing it for the first time", signed, events);
    assert_eq!(checkpoint.checkpoint.root, verified.root);

    let tree = KeptTree(reader);
    let turns = 1_000;
    let (proving, hashes) = timed(|| {
        (0..turns)
            .map(|turn| inclusion_proof(&tree, turn * (events / turns), events).unwrap().len())
            .max()
            .unwrap()
    });
    told("an inclusion proof", proving, turns);
    let person = events::stream(7);
    let looking = engine.access("user:bench", "a benchmark");
    let (all, proofs) = timed(|| looking.prove(person).unwrap());
    told("a proof file, checked, with the record of the look", all, proofs.len() as u64);
    let text = proofs[0].1.to_string();
    let trusted = KeyChain::trusting(key.public().clone());
    let (checking, ()) = timed(|| {
        for _ in 0..100 {
            let read: ProofFile = text.parse().unwrap();
            black_box(read.verify(&trusted).unwrap());
        }
    });
    told("checking a proof file", checking, 100);
    let (opening, ()) = timed(|| {
        for _ in 0..100 {
            black_box(root_at(&tree, events - 1).unwrap());
        }
    });
    told("the root of an earlier size, as at every opening", opening, 100);

    let last = engine.reader().last_position().unwrap();
    drop(engine);
    let log = waystage_sqlite::SqliteLog::open(&store.join("journeys.db")).unwrap();
    let _ = log.append(events::append(&log, events, 1_000)).unwrap();
    drop(log);
    let engine = Engine::open(&store).unwrap();
    assert!(engine.reader().last_position().unwrap() > last);
    let (more, _) = timed(|| engine.checkpoint(&key, &anchor, &|_| {}).unwrap());
    told("signing 1,000 events that are new", more, 1_000);

    println!();
    println!("{events} events, {} bytes of frames each", bytes as u64 / events);
    println!(
        "a proof has up to {hashes} hashes ({} bytes); its file {} bytes",
        hashes * 32,
        text.len()
    );
    let permille = bare.as_nanos() * 1000 / whole.as_nanos().max(1);
    println!("verifying runs at 0.{permille:03} of bare SHA-256");
    black_box(sha256(b""));
}
