//! K1 and K4: bits of the file flip, or its end is cut off. Each flip is detected, or changes no
//! answer; a shorter file is refused, or holds a beginning of the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use waystage_faults::workload::{self, ORIGIN};
use waystage_faults::{Chance, factor, fast_folder};
use waystage_sqlite::SqliteLog;
use waystage_store::{EventReader, KnownEvent, StoreError, StoredEvent, verify};

const GROUPS: u64 = 24;

/// Every answer that the public reads give about the events that the log is known to hold.
#[derive(Debug, PartialEq)]
struct Answers {
    origin: String,
    last: u64,
    all: Vec<StoredEvent>,
    streams: Vec<Vec<StoredEvent>>,
    found: Vec<Option<StoredEvent>>,
    participants: Vec<waystage_core::id::ParticipantId>,
}

struct Clean {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
    page: usize,
    /// What the pages belong to.
    owners: BTreeMap<usize, String>,
    answers: Answers,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Refused,
    Detected,
    Harmless,
    /// It opens and verifies, and yet an answer is another one.
    Different,
    /// It opens and verifies, and yet a read fails.
    FailsLater,
}

impl Clean {
    fn new() -> Self {
        let folder = fast_folder();
        let path = workload::file(folder.path());
        let log = SqliteLog::create(&path, ORIGIN).unwrap();
        for index in 0..GROUPS {
            workload::append(&log, index).unwrap();
        }
        let all = workload::rows(&log).unwrap();
        let answers = answers(&log, &all).unwrap();
        drop(log);
        let bytes = fs::read(&path).unwrap();
        let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
        let owners = owners(&path);
        Self { folder, bytes, page, owners, answers }
    }

    fn copy(&self, bytes: &[u8]) -> PathBuf {
        let folder = self.folder.path().join("copy");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir(&folder).unwrap();
        let path = workload::file(&folder);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn outcome(&self, bytes: &[u8]) -> Outcome {
        let path = self.copy(bytes);
        let Ok(log) = SqliteLog::open(&path) else { return Outcome::Refused };
        if verify(&log).is_err() {
            return Outcome::Detected;
        }
        match answers(&log, &self.answers.all) {
            Ok(answers) if answers == self.answers => Outcome::Harmless,
            Ok(_) => Outcome::Different,
            Err(_) => Outcome::FailsLater,
        }
    }

    fn owner(&self, at: usize) -> String {
        let page = at / self.page + 1;
        self.owners.get(&page).cloned().unwrap_or_else(|| "no table".to_owned())
    }
}

fn answers(log: &SqliteLog, known: &[StoredEvent]) -> Result<Answers, StoreError> {
    let mut streams: Vec<_> = known.iter().map(|row| row.participant).collect();
    streams.sort_unstable();
    streams.dedup();
    Ok(Answers {
        origin: log.origin().to_owned(),
        last: log.last_position()?.map_or(0, |last| last.get()),
        all: workload::rows(log)?,
        streams: streams.into_iter().map(|each| log.rows_of(each)).collect::<Result<_, _>>()?,
        found: known.iter().map(|row| log.find(&row.key())).collect::<Result<_, _>>()?,
        participants: log.participants()?,
    })
}

/// Returns which table or index each root page belongs to; the log is so small that only the events
/// have pages below their root, and those are told by exclusion.
fn owners(path: &Path) -> BTreeMap<usize, String> {
    let connection = Connection::open(path).unwrap();
    let mut statement =
        connection.prepare("SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).unwrap();
    let mut owners: BTreeMap<usize, String> =
        rows.map(|row| row.map(|(page, name)| (page.try_into().unwrap(), name)).unwrap()).collect();
    owners.insert(1, "sqlite_schema".to_owned());
    owners
}

#[derive(Default)]
struct Counts {
    refused: u64,
    detected: u64,
    harmless: u64,
    strange: BTreeMap<String, u64>,
}

fn flip(clean: &Clean, flips: u64) -> Counts {
    let mut chance = Chance::new(11);
    let mut counts = Counts::default();
    for _ in 0..flips {
        let at = usize::try_from(chance.below(clean.bytes.len() as u64)).unwrap();
        let bit = chance.below(8);
        let mut bytes = clean.bytes.clone();
        bytes[at] ^= 1 << bit;
        let outcome = catch_unwind(AssertUnwindSafe(|| clean.outcome(&bytes)));
        let outcome = outcome.unwrap_or_else(|_| panic!("bit {bit} of byte {at} makes it panic"));
        match outcome {
            Outcome::Refused => counts.refused += 1,
            Outcome::Detected => counts.detected += 1,
            Outcome::Harmless => counts.harmless += 1,
            Outcome::Different | Outcome::FailsLater => {
                let what = format!("{outcome:?} after a flip in {}", clean.owner(at));
                *counts.strange.entry(what).or_default() += 1;
            }
        }
    }
    println!(
        "{flips} flips in {} bytes: refused {}, detected {}, harmless {}, otherwise {:#?}",
        clean.bytes.len(),
        counts.refused,
        counts.detected,
        counts.harmless,
        counts.strange
    );
    counts
}

#[test]
fn a_flipped_bit_is_detected_or_changes_no_answer() {
    let counts = flip(&Clean::new(), 1_500 * factor());
    assert!(counts.refused > 0 && counts.detected > 0 && counts.harmless > 0);
    assert_eq!(counts.strange, BTreeMap::new());
}

// An index can give a stream, or a key, another event than the table holds there.
#[test]
fn a_flipped_bit_in_an_index_is_detected_or_changes_no_answer() {
    let clean = Clean::new();
    let stride = usize::try_from(37 / factor().min(37)).unwrap().max(1);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (page, owner) in &clean.owners {
        if !owner.starts_with("event_of_") {
            continue;
        }
        let first = (page - 1) * clean.page * 8;
        for bit in (first..first + clean.page * 8).step_by(stride) {
            let mut bytes = clean.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let outcome = clean.outcome(&bytes);
            *counts.entry(format!("{outcome:?}")).or_default() += 1;
        }
    }
    println!("flips in indexes: {counts:?}");
    assert!(counts["Detected"] > 0 && counts["Harmless"] > 0);
    assert!(!counts.contains_key("Different") && !counts.contains_key("FailsLater"));
}

#[test]
fn a_file_that_was_cut_off_is_refused_or_holds_a_beginning_of_the_log() {
    let clean = Clean::new();
    let (mut refused, mut detected, mut beginning) = (0, 0, 0);
    let pages = clean.bytes.len() / clean.page;
    for page in 0..pages {
        for length in [page * clean.page, page * clean.page + clean.page / 2 + 7] {
            let path = clean.copy(&clean.bytes[..length]);
            let Ok(log) = SqliteLog::open(&path) else {
                refused += 1;
                continue;
            };
            if verify(&log).is_err() {
                detected += 1;
                continue;
            }
            beginning += 1;
            let rows = workload::rows(&log).unwrap();
            assert!(clean.answers.all.starts_with(&rows), "cut to {length} bytes");
            drop(log);
            let last = clean.answers.all.last().unwrap();
            let known = KnownEvent { position: last.position, leaf: last.leaf };
            let told = SqliteLog::open_knowing(&path, known).map(|_| ());
            let is_whole = rows.len() == clean.answers.all.len();
            assert_eq!(told.is_ok(), is_whole, "cut to {length} bytes: {told:?}");
        }
    }
    println!("{pages} pages: refused {refused}, detected {detected}, a beginning {beginning}");
}

/// Changes a file in some places at once: bytes, runs of zeros, pages put elsewhere, ends cut off
/// or added.
fn mutated(clean: &Clean, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = clean.bytes.clone();
    let mut below = |end: usize| usize::try_from(chance.below(end as u64)).unwrap();
    for _ in 0..=below(4) {
        let end = bytes.len();
        match below(6) {
            0 | 1 => bytes[below(end)] = u8::try_from(below(256)).unwrap(),
            2 => {
                let from = below(end);
                let to = (from + below(200)).min(end);
                bytes[from..to].fill(0);
            }
            3 => {
                let pages = end / clean.page;
                let (from, to) = (below(pages) * clean.page, below(pages) * clean.page);
                bytes.copy_within(from..from + clean.page, to);
            }
            4 => bytes.truncate((end - below(clean.page)).max(clean.page)),
            _ => bytes.extend(vec![u8::try_from(below(256)).unwrap(); below(5000)]),
        }
    }
    bytes
}

#[test]
fn a_hostile_file_is_refused_detected_or_gives_the_true_answers() {
    let clean = Clean::new();
    let mut chance = Chance::new(12);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for number in 0..1_000 * factor() {
        let bytes = mutated(&clean, &mut chance);
        let outcome = catch_unwind(AssertUnwindSafe(|| clean.outcome(&bytes)));
        let outcome = outcome.unwrap_or_else(|_| panic!("file {number} makes it panic"));
        *counts.entry(format!("{outcome:?}")).or_default() += 1;
    }
    println!("hostile files: {counts:?}");
    // one that was cut at the end of its last page and made longer again, say
    assert!(!counts.contains_key("Different") && !counts.contains_key("FailsLater"));
    assert!(counts.len() == 3);
}
