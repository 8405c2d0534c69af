//! Thousands of damaged extracts. Reading and judging never panics, counts add up, what is judged
//! acceptable can be recorded, and taking it again ends in the same store.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use waystage_core::id::{EventId, Source};
use waystage_core::time::Timestamp;
use waystage_exchange::{Extract, Import, Intake, Known, import, judge};
use waystage_store::{Digest, MemoryStore, facts_digest};

use crate::given::*;

type Files = BTreeMap<String, Vec<u8>>;

/// `SplitMix64`: the same seed, the same damage.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a small number");
        usize::try_from(self.next() % bound).expect("a small number")
    }
}

/// Returns a small extract with jobs, corrections of corrections and cells of every dress.
fn sound() -> Files {
    let texts = with(&[
        (PARTICIPANTS, &[("ref", "CL2"), ("participant", "P2")]),
        (REFERRALS, &[("ref", "RF2"), ("participant", "P2")]),
        (PROGRESS, &[("ref", "PG2"), ("participation", "W2"), ("step", "exited")]),
        (JOBS, &[("ref", "JB3"), ("job", "J2"), ("step", "ended")]),
        (JOBS, &[("ref", "JB2"), ("job", "J2"), ("reason", "a, \"b\"\nc")]),
        (CORRECTIONS, &[("ref", "CX3"), ("corrects", "CX2"), ("action", "withdraw")]),
        (CORRECTIONS, &[("ref", "CX2"), ("corrects", "CX1"), ("action", "withdraw")]),
        (
            CORRECTIONS,
            &[("ref", "CX4"), ("corrects", "JB2"), ("field", "weekly_hours"), ("value", "20")],
        ),
    ]);
    texts.files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// Returns the ends of a cell, taking every comma and line break for the end of one.
fn a_cell(text: &[u8], random: &mut Random) -> (usize, usize) {
    let ends: Vec<usize> = (0..text.len()).filter(|&at| b",\n".contains(&text[at])).collect();
    let which = random.below(ends.len());
    let end = ends.get(which).copied().unwrap_or(text.len());
    let start = which.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |at| at + 1);
    (start, end.max(start))
}

fn mutate(files: &mut Files, random: &mut Random) {
    let names: Vec<String> = files.keys().cloned().collect();
    let name = &names[random.below(names.len())];
    let other = files[&names[random.below(names.len())]].clone();
    let text = files.get_mut(name).expect("a file");
    let at = random.below(text.len());
    match random.below(12) {
        0 if !text.is_empty() => text[at] ^= 1 << random.below(8),
        1 => text.truncate(at),
        2 => {
            let end = (at + random.below(40)).min(text.len());
            text.drain(at.min(end)..end);
        }
        3 => text.insert(at, b"\",\n\r\0"[random.below(5)]),
        4 => text.insert(at, b"0123456789-+.ZT \xe9"[random.below(17)]),
        5 => {
            let lines: Vec<Vec<u8>> =
                text.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
            if let Some(line) = lines.get(random.below(lines.len())) {
                text.extend_from_slice(line);
            }
        }
        6 | 7 => {
            let (first, second) = (a_cell(text, random), a_cell(text, random));
            let (first, second) = (first.min(second), first.max(second));
            if first.1 <= second.0 {
                let swapped = [
                    &text[..first.0],
                    &text[second.0..second.1],
                    &text[first.1..second.0],
                    &text[first.0..first.1],
                    &text[second.1..],
                ]
                .concat();
                *text = swapped;
            }
        }
        _ => {
            let ((from, to), cell) = (a_cell(&other, random), a_cell(text, random));
            text.splice(cell.0..cell.1, other[from..to].iter().copied());
        }
    }
}

fn judged(extract: &Extract, store: &MemoryStore) -> Intake {
    let source = Source::from("s");
    let known = Known::of(store, &source).expect("a readable log");
    let correlation = EventId::from_bytes([9; 16]);
    judge(extract, &source, &known, programmes(), correlation).expect("a readable log")
}

fn record(store: &MemoryStore, intake: Intake) -> u64 {
    let now = || Timestamp::from_micros(1_893_456_000_000_000);
    let how = Import { batch: 1, now: &now, watch: &|_, _| {} };
    import(store, intake, &how).expect("accepted rows can be recorded").recorded
}

fn digest(store: &MemoryStore) -> (u64, Digest) {
    facts_digest(store).expect("a readable log")
}

fn places(intake: &Intake) -> Vec<String> {
    let rejects = intake.counted.rejects.iter();
    rejects.map(|reject| format!("{}:{}", reject.file, reject.line)).collect()
}

/// Reads, judges, records and judges again; returns whether the files were an extract, and
/// whether rows were rejected.
fn survives(files: &Files) -> (bool, bool) {
    let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let Ok(extract) = Extract::read(files) else {
        return (false, false);
    };
    let store = MemoryStore::new("tests.example/mutations");
    let intake = judged(&extract, &store);
    let (taken, rejects) = (counted(&intake), places(&intake));
    assert_eq!(intake.counted.all().rows, extract.rows() as u64);
    let cut_off = MemoryStore::new("tests.example/mutations");
    let first = intake.accepted.clone().into_iter().take(1).collect();
    record(&cut_off, Intake { accepted: first, counted: intake.counted.clone() });
    assert_eq!(record(&store, intake), taken.accepted);
    record(&cut_off, judged(&extract, &cut_off));
    assert_eq!(digest(&cut_off), digest(&store), "cut off after one participant and taken again");
    let again = judged(&extract, &store);
    assert_eq!(counted(&again).accepted, 0, "taken again, nothing is new");
    assert_eq!(places(&again), rejects, "taken again, the same rows are rejected");
    (true, !rejects.is_empty())
}

#[test]
fn damaged_extracts_are_refused_or_judged_and_never_panic() {
    let sound = sound();
    assert_eq!(survives(&sound), (true, false));
    let (mut read, mut flawed) = (0, 0);
    let cases = 4000;
    for seed in 0..cases {
        let mut random = Random(seed);
        let mut files = sound.clone();
        for _ in 0..=random.below(3) {
            mutate(&mut files, &mut random);
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| survives(&files)));
        let Ok((is_extract, has_rejects)) = outcome else {
            let shown = files.values().map(|bytes| String::from_utf8_lossy(bytes));
            panic!("seed {seed}:\n{}", shown.collect::<Vec<_>>().join("\n"));
        };
        read += u32::from(is_extract);
        flawed += u32::from(has_rejects);
    }
    // the damage must be neither fatal nor harmless
    assert!(read > 800 && flawed > 400, "{read} of {cases} were read, {flawed} had rejects");
}
