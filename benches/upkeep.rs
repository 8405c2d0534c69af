//! What building and keeping read models costs, beside what bare SQLite and decoding cost on the same
//! log in the same run: ratios, with the conditions printed beside them.
//!
//! ```console
//! $ cargo run --release -- demo --participants 35000 --out FOLDER
//! $ LOG=FOLDER/store cargo bench -p waystage-benches --bench upkeep
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a benchmark may

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use waystage::core::calendar::days_after;
use waystage::core::id::{Actor, EventId, JobId, Named, ParticipantId, Position, Version};
use waystage::core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage::core::time::Timestamp;
use waystage::store::{Digest, StoredEvent, codec};
use waystage::{AsOf, Engine, Pace, ReadModels, Rebuild};
use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};

const TURNS: usize = 3;
const AS_OF: &str = "2024-03-31";

fn every() -> ReadModels {
    let by = vec![Dimension::Programme, Dimension::Area, Dimension::Month, Dimension::Group];
    ReadModels::new()
        .with(Caseload)
        .with(KeyWorkers)
        .with(Funnel { by })
        .with(Standards { by: vec![Dimension::Area, Dimension::Month] })
        .with(Eligibility)
        .with(Needs)
        .with(Provision)
        .with(Claims)
        .with(Fees)
        .with(Accelerated)
        .with(Targets)
        .with(Ages)
        .with(Definitions)
        .pace(Pace::OnDemand)
        .as_of(AsOf::On(AS_OF.parse().unwrap()))
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Returns the most memory that the process ever held, in megabytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

/// The floor: every row of the log through bare SQLite in the order of positions, every payload
/// decoded, nothing kept.
fn scan_and_decode(log: &Path) -> (u64, Duration) {
    let connection = Connection::open_with_flags(log, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let begun = Instant::now();
    let mut statement = connection
        .prepare(
            "SELECT e.position, p.id, e.version, e.id, k.name, e.schema, e.recorded_at,
             e.reported_at, e.happened_on, e.payload FROM event e
             JOIN participant p ON p.number = e.participant JOIN kind k ON k.number = e.kind
             ORDER BY e.position",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut events = 0;
    while let Some(row) = rows.next().unwrap() {
        let kind: String = row.get(4).unwrap();
        let event = StoredEvent {
            position: Position::new(u64::try_from(row.get::<_, i64>(0).unwrap()).unwrap()).unwrap(),
            participant: ParticipantId::from_bytes(row.get(1).unwrap()),
            version: Version::new(u64::try_from(row.get::<_, i64>(2).unwrap()).unwrap()).unwrap(),
            id: EventId::from_bytes(row.get(3).unwrap()),
            kind: kind.into(),
            schema: row.get(5).unwrap(),
            recorded_at: Timestamp::from_micros(row.get(6).unwrap()),
            reported_at: row.get::<_, Option<i64>>(7).unwrap().map(Timestamp::from_micros),
            on: row.get_ref(8).unwrap().as_str().unwrap().parse().unwrap(),
            actor: Actor::from("user:1"),
            sourced: None,
            correlation: None,
            causation: None,
            payload: row.get_ref(9).unwrap().as_bytes().unwrap().to_vec(),
            leaf: Digest::from_bytes([0; 32]),
        };
        black_box(codec::decode(&event).unwrap());
        events += 1;
    }
    (events, begun.elapsed())
}

fn rebuild(store: &Path, folder: &Path, cores: usize) -> Duration {
    let file = folder.join(format!("rebuilt-on-{cores}.views.db"));
    let engine = Engine::open(store).unwrap();
    let models = every().file(file).anew().leaving_missing().threads(cores);
    let engine = engine.keep(models).unwrap();
    let begun = Instant::now();
    let rebuilt = engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
    assert!(rebuilt.switched.is_some());
    begun.elapsed()
}

fn building(store: &Path, folder: &Path) {
    let log = store.join("journeys.db");
    let (mut floors, mut on_one, mut on_two) = (Vec::new(), Vec::new(), Vec::new());
    let mut events = 0;
    for _ in 0..TURNS {
        let (count, floor) = scan_and_decode(&log);
        events = count;
        floors.push(floor);
        on_one.push(rebuild(store, folder, 1));
        on_two.push(rebuild(store, folder, 2));
    }
    let (floor, on_one, on_two) = (middle(floors), middle(on_one), middle(on_two));
    let per_second = |time: Duration| u128::from(events) * 1_000_000 / time.as_micros();
    let ratio = |of: Duration, to: Duration| of.as_micros() * 100 / to.as_micros();
    println!("\n## Building 13 models with all rules from {events} events\n");
    println!("| what | time, middle of {TURNS} | events/s | of the floor |");
    println!("|---|--:|--:|--:|");
    let rows =
        [("SQLite alone: scan and decode", floor), ("one core", on_one), ("two cores", on_two)];
    for (what, time) in rows {
        let share = ratio(floor, time);
        println!(
            "| {what} | {time:.2?} | {} | {}.{:02} |",
            per_second(time),
            share / 100,
            share % 100
        );
    }
    let gain = ratio(on_one, on_two);
    println!("\ntwo cores to one: {}.{:02}", gain / 100, gain % 100);
}

/// Copies a log, so that recording in it leaves the original alone.
fn copied(store: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("copy");
    fs::create_dir(&copy).unwrap();
    fs::copy(store.join("journeys.db"), copy.join("journeys.db")).unwrap();
    copy
}

fn recording(engine: &Engine, number: u64) -> Duration {
    let people = engine.reader().participants().unwrap();
    let step = people.len() / 300;
    let begun = Instant::now();
    for at in 0..200_usize {
        let mut id = [7; 16];
        id[..8].copy_from_slice(&(number * 1000 + at as u64).to_be_bytes());
        let job = Named::new(JobId::from_bytes(id), "late");
        let started = JobStarted::employed(job, WeeklyMinutes::from_hours(20));
        let on = "2020-02-03".parse().unwrap();
        let fact = engine.fact(on, "user:1", Employment::JobStarted(started));
        let _ = engine.record(people[at * step], vec![fact]).unwrap();
    }
    begun.elapsed() / 200
}

fn upkeep(store: &Path, folder: &Path) {
    let copy = copied(store, folder);
    let engine = Engine::open(&copy).unwrap();
    let bare = recording(&engine, 1);
    let engine = engine.keep(every().anew().pace(Pace::InStep)).unwrap();
    let kept = recording(&engine, 2);
    println!("\n## One late fact, recorded alone\n");
    println!("without models {bare:.1?}, with 13 models in step {kept:.1?}");
    let models = engine.models().unwrap();
    let (mut times, mut read) = (Vec::new(), 0);
    let first = AS_OF.parse().unwrap();
    for day in 1..=30 {
        let begun = Instant::now();
        read += models.move_to(days_after(first, day)).unwrap().participants;
        times.push(begun.elapsed());
    }
    let everyone = engine.reader().participants().unwrap().len();
    println!("\n## Moving to the next day, {everyone} participants\n");
    println!("{:.1?} (middle of 30 days), {} participants read a day", middle(times), read / 30);
}

fn main() {
    let Ok(store) = std::env::var("LOG") else {
        println!("LOG=FOLDER/store, a store that `demo --out FOLDER` made: nothing is measured");
        return;
    };
    let store = PathBuf::from(store);
    let folder = tempfile::tempdir().unwrap();
    building(&store, folder.path());
    upkeep(&store, folder.path());
    println!("\npeak memory {} MB", peak());
}
