//! What an append costs, beside what SQLite alone costs on the same tables in the same run: ratios,
//! with the conditions printed beside them. `cargo bench -p waystage-benches --bench append`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a benchmark may

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};
use waystage::core::id::EventId;
use waystage::core::time::Timestamp;
use waystage::store::{
    Append, EventReader, EventStore, MemoryStore, StoredEvent, ToStream, read_stream,
};
use waystage_sqlite::SqliteLog;

#[path = "support/events.rs"]
mod events;

use events::{append, event, noon, stream};

const ORIGIN: &str = "example.org/benches";

/// SQLite alone: the same tables, the same syncs, one prepared statement, rows made beforehand.
struct Raw {
    connection: Connection,
    rows: MemoryStore,
}

impl Raw {
    fn new(path: &Path) -> Self {
        drop(SqliteLog::create(path, ORIGIN).unwrap());
        let connection = Connection::open(path).unwrap();
        for (pragma, value) in
            [("synchronous", 2), ("cache_size", -65_536), ("wal_autocheckpoint", 1000)]
        {
            connection.pragma_update(None, pragma, value).unwrap();
        }
        connection.execute("INSERT INTO kind (name) VALUES ('JobStarted')", []).unwrap();
        connection.execute("INSERT INTO actor (name) VALUES ('user:1')", []).unwrap();
        connection.execute("INSERT INTO source (name) VALUES ('benches')", []).unwrap();
        Self { connection, rows: MemoryStore::new(ORIGIN) }
    }

    /// Makes the rows of an append, outside what is timed.
    fn rows(&self, first: u64, count: u64) -> Vec<StoredEvent> {
        let before = self.rows.last_position().unwrap();
        let _ = self.rows.append(append(&self.rows, first, count)).unwrap();
        self.rows.rows_after(before, usize::MAX).unwrap()
    }

    fn write(&mut self, rows: &[StoredEvent]) {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        for row in rows {
            let number =
                i64::from_be_bytes(row.participant.as_bytes()[8..].try_into().unwrap()) + 1;
            transaction
                .prepare_cached("INSERT OR IGNORE INTO participant (number, id) VALUES (?1, ?2)")
                .unwrap()
                .execute(params![number, row.participant.as_bytes()])
                .unwrap();
            transaction
                .prepare_cached(
                    "INSERT INTO event (position, participant, version, id, kind, schema,
                    recorded_at, reported_at, happened_on, actor, source, source_ref, correlation,
                    causation, payload, leaf)
                    VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, 1, 1, ?9, ?10, ?11, ?12, ?13)",
                )
                .unwrap()
                .execute(params![
                    i64::try_from(row.position.get()).unwrap(),
                    number,
                    i64::try_from(row.version.get()).unwrap(),
                    row.id.as_bytes(),
                    row.schema,
                    row.recorded_at.micros(),
                    row.reported_at.map(Timestamp::micros),
                    row.on.to_string(),
                    row.sourced.as_ref().unwrap().reference.as_str(),
                    row.correlation.as_ref().map(EventId::as_bytes),
                    row.causation.as_ref().map(EventId::as_bytes),
                    std::str::from_utf8(&row.payload).unwrap(),
                    row.leaf.as_bytes(),
                ])
                .unwrap();
        }
        transaction.commit().unwrap();
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Appends so many events at a time, in turns with SQLite alone, and prints both and the ratio.
fn batches(folder: &Path, count: u64, turns: u64) {
    let log = SqliteLog::create(&folder.join(format!("log-{count}.db")), ORIGIN).unwrap();
    let mut raw = Raw::new(&folder.join(format!("raw-{count}.db")));
    let (mut of_log, mut of_raw) = (Vec::new(), Vec::new());
    for turn in 0..turns {
        let rows = raw.rows(turn * count, count);
        of_raw.push(timed(|| raw.write(&rows)));
        let append = append(&log, turn * count, count);
        of_log.push(timed(|| drop(black_box(log.append(append).unwrap()))));
    }
    let rate = |times: &[Duration]| {
        u128::from(turns * count) * 1_000_000 / times.iter().sum::<Duration>().as_micros().max(1)
    };
    let (all_log, all_raw) = (rate(&of_log), rate(&of_raw));
    let (log, raw) = (middle(of_log), middle(of_raw));
    println!(
        "| {count} | {turns} | {raw:.1?} | {log:.1?} | {} | {all_raw} | {all_log} |",
        ratio(log.as_nanos(), raw.as_nanos())
    );
}

/// Returns a ratio with two decimals.
fn ratio(part: u128, whole: u128) -> String {
    let hundredths = (part * 100 + whole / 2) / whole.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Lets so many callers append single events for a while and returns events a second and the
/// middle wait.
fn callers(folder: &Path, callers: u64, events: u64) -> (u128, Duration) {
    let log = SqliteLog::create(&folder.join(format!("callers-{callers}.db")), ORIGIN).unwrap();
    let next = AtomicU64::new(0);
    let begun = Instant::now();
    let waits: Vec<Duration> = thread::scope(|scope| {
        let all: Vec<_> = (0..callers)
            .map(|_| {
                scope.spawn(|| {
                    let mut waits = Vec::new();
                    loop {
                        let key = next.fetch_add(1, Ordering::Relaxed);
                        if key >= events {
                            return waits;
                        }
                        // a stream of its own for each, so that nobody is in another's way
                        let head = read_stream(&log, stream(key)).unwrap().head();
                        let streams = vec![ToStream { head, events: vec![event(key)] }];
                        let append = Append { now: noon(), streams };
                        waits.push(timed(|| drop(black_box(log.append(append).unwrap()))));
                    }
                })
            })
            .collect();
        all.into_iter().flat_map(|each| each.join().unwrap()).collect()
    });
    let rate = u128::from(events) * 1_000_000 / begun.elapsed().as_micros();
    (rate, middle(waits))
}

fn bytes(path: &PathBuf, events: u64) -> u64 {
    std::fs::metadata(path).unwrap().len() / events
}

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let at = folder.path();
    println!("## An append of so many events, against SQLite alone on the same tables\n");
    println!(
        "| events | turns | SQLite, middle | log, middle | log : SQLite | SQLite, events/s | log, events/s |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for (count, turns) in [(1, 2000), (10, 1000), (100, 300), (1000, 60), (10_000, 8)] {
        batches(at, count, turns);
    }
    println!("\n## Callers who each append one event at a time\n");
    println!("| callers | events/s | middle wait | to one caller |");
    println!("|--:|--:|--:|--:|");
    let mut alone = 0;
    for (count, events) in [(1, 3000), (4, 8000), (16, 16_000), (64, 32_000)] {
        let (rate, wait) = callers(at, count, events);
        if count == 1 {
            alone = rate;
        }
        println!("| {count} | {rate} | {wait:.1?} | {} |", ratio(rate, alone));
    }
    let path = at.join("bytes.db");
    let log = SqliteLog::create(&path, ORIGIN).unwrap();
    let events = 100_000;
    for turn in 0..10 {
        let _ = log.append(append(&log, turn * events / 10, events / 10)).unwrap();
    }
    let payload = log.rows_after(None, 1).unwrap()[0].payload.len();
    drop(log);
    drop(SqliteLog::open(&path).unwrap());
    println!(
        "\n{} bytes an event on disk ({events} events, payloads of {payload} bytes)",
        bytes(&path, events)
    );
}
