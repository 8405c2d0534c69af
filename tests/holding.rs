//! Holding a log: one handle at a time, one commit for all who ask together, a bell for those who
//! wait, a bound on the write-ahead log, and no way back to an older copy unnoticed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use waystage::Engine;
use waystage_core::determination::LogEntry;
use waystage_core::id::{Actor, JobId, Named, ParticipantId, Position};
use waystage_core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, EventReader, EventStore, KnownEvent, NewEvent, Receipt, StoreError, ToStream, naming,
    read_log, read_stream, verify,
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("journeys.db")
}

fn create(folder: &TempDir) -> SqliteLog {
    SqliteLog::create(&file(folder), "example.org/holding").unwrap()
}

fn person(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn event(reference: &str) -> NewEvent {
    let sourced = Sourced { source: "holding".into(), reference: reference.into() };
    let job = Named::new(naming::job(&sourced.source, "P", reference).id, reference);
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
    NewEvent {
        id: naming::event(&sourced, noon()),
        on: "2026-01-01".parse().unwrap(),
        reported_at: Some(noon()),
        actor: Actor::from("user:1"),
        sourced: Some(sourced),
        correlation: None,
        causation: None,
        record: Record::Fact(Fact::Employment(Employment::JobStarted(start))),
    }
}

/// Records events of one participant, reading again while others are faster.
fn record(log: &dyn EventStore, who: ParticipantId, references: &[&str]) -> Vec<Receipt> {
    loop {
        let head = read_stream(log, who).unwrap().head();
        let events = references.iter().map(|reference| event(reference)).collect();
        let append = Append { now: noon(), streams: vec![ToStream { head, events }] };
        match log.append(append) {
            Err(StoreError::Conflict { .. }) => {}
            answer => return answer.unwrap(),
        }
    }
}

#[test]
fn a_second_handle_is_refused_and_told_who_holds_the_store() {
    let folder = folder();
    let held = create(&folder);
    let error = SqliteLog::open(&file(&folder)).unwrap_err();
    let pid = std::process::id();
    assert!(matches!(error, StoreError::Locked { pid: holder } if holder == pid));
    assert_eq!(
        error.to_string(),
        format!("the store is held by process {pid}: stop it, or read a backup")
    );
    let error = SqliteLog::create(&file(&folder), "example.org/other").unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    record(&held, person(1), &["still held"]);
    drop(held);
    assert_eq!(SqliteLog::open(&file(&folder)).unwrap().last_position().unwrap().unwrap().get(), 1);
}

#[test]
fn a_lease_survives_others_who_open_and_close_the_files() {
    let folder = folder();
    let held = create(&folder);
    record(&held, person(1), &["before"]);
    for end in ["", "-wal", "-shm", ".lease"] {
        let mut name = file(&folder).into_os_string();
        name.push(end);
        drop(std::fs::File::open(Path::new(&name)).unwrap());
    }
    drop(Connection::open(file(&folder)).unwrap());
    let error = SqliteLog::open(&file(&folder)).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    record(&held, person(1), &["after"]);
    assert_eq!(verify(&held).unwrap(), 2);
}

#[test]
fn the_lease_of_a_process_that_was_killed_is_free() {
    let folder = folder();
    drop(create(&folder));
    let mut lease = file(&folder).into_os_string();
    lease.push(".lease");
    // util-linux' flock holds the same kind of lock
    let mut other = Command::new("flock")
        .args(["--exclusive", "--no-fork"])
        .arg(&lease)
        .args(["sleep", "60"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut refused = false;
    for _ in 0..200 {
        match SqliteLog::open(&file(&folder)) {
            Err(StoreError::Locked { .. }) => {
                refused = true;
                break;
            }
            _ => thread::sleep(Duration::from_millis(20)),
        }
    }
    assert!(refused, "another process holds the lease");
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(SqliteLog::open(&file(&folder)).is_ok());
}

#[test]
fn callers_who_ask_together_share_commits_and_each_gets_its_own_answer() {
    const CALLERS: u8 = 32;
    const EACH: usize = 20;
    let folder = folder();
    let log = Arc::new(create(&folder));
    let callers: Vec<_> = (1..=CALLERS)
        .map(|caller| {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                let mut receipts = Vec::new();
                for number in 0..EACH {
                    // every other event goes to one stream that all append to
                    let who = if number % 2 == 0 { person(caller) } else { person(200) };
                    receipts.extend(record(&*log, who, &[&format!("{caller}-{number}")]));
                }
                receipts
            })
        })
        .collect();
    let receipts: Vec<Receipt> =
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect();
    let positions: BTreeSet<u64> = receipts.iter().map(|receipt| receipt.position.get()).collect();
    let all = u64::from(CALLERS) * EACH as u64;
    assert_eq!(positions, (1..=all).collect());
    assert_eq!(verify(&*log).unwrap(), all);
    // every retry by key gets the first receipt
    for number in 0..EACH {
        let who = if number % 2 == 0 { person(7) } else { person(200) };
        let again = record(&*log, who, &[&format!("7-{number}")]);
        let first = receipts.iter().find(|receipt| receipt.id == again[0].id).unwrap();
        assert!(again[0].duplicate);
        assert_eq!((again[0].position, again[0].leaf), (first.position, first.leaf));
    }
    assert_eq!(log.waiting(), 0);
}

#[test]
fn one_refused_append_does_not_hinder_those_who_ask_at_the_same_time() {
    let folder = folder();
    let log = Arc::new(create(&folder));
    record(&*log, person(1), &["taken"]);
    let callers: Vec<_> = (0..24_u8)
        .map(|caller| {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                if caller % 3 == 0 {
                    let head = read_stream(&*log, person(9)).unwrap().head();
                    let taken = NewEvent { actor: "user:2".into(), ..event("taken") };
                    let streams = vec![ToStream { head, events: vec![taken] }];
                    let answer = log.append(Append { now: noon(), streams });
                    assert!(matches!(answer, Err(StoreError::Refused(_))), "{answer:?}");
                } else {
                    record(&*log, person(100 + caller), &[&format!("of {caller}")]);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.join().unwrap();
    }
    assert_eq!(verify(&*log).unwrap(), 1 + 16);
}

#[test]
fn a_follower_sleeps_until_something_is_recorded_and_misses_nothing() {
    let folder = folder();
    let log = Arc::new(create(&folder));
    let follower = {
        let log = Arc::clone(&log);
        thread::spawn(move || {
            let (mut last, mut seen) = (None, Vec::new());
            while seen.len() < 50 {
                let there = log.wait_after(last, Duration::from_secs(30)).unwrap();
                assert!(last < there, "woken without reason");
                for row in log.rows_after(last, 7).unwrap() {
                    last = Some(row.position);
                    seen.push(row.position.get());
                }
            }
            seen
        })
    };
    for number in 0..50 {
        record(&*log, person(number % 3 + 1), &[&format!("{number}")]);
    }
    assert_eq!(follower.join().unwrap(), (1..=50).collect::<Vec<_>>());
    let end = Position::new(50);
    assert_eq!(log.wait_after(end, Duration::from_millis(20)).unwrap(), end);
}

#[test]
fn what_was_asked_before_the_log_is_dropped_is_recorded() {
    let folder = folder();
    let log = create(&folder);
    for number in 0..5 {
        record(&log, person(1), &[&format!("{number}")]);
    }
    drop(log);
    let log = SqliteLog::open(&file(&folder)).unwrap();
    assert_eq!(verify(&log).unwrap(), 5);
}

#[test]
fn an_older_copy_and_a_fork_are_refused_where_a_later_event_is_known() {
    let folder = folder();
    let log = create(&folder);
    record(&log, person(1), &["one"]);
    drop(log);
    let copy = folder.path().join("copy.db");
    std::fs::copy(file(&folder), &copy).unwrap();

    let log = SqliteLog::open(&file(&folder)).unwrap();
    let known = KnownEvent::from(record(&log, person(1), &["two"])[0]);
    drop(log);
    assert!(SqliteLog::open_knowing(&file(&folder), known).is_ok());
    let error = SqliteLog::open_knowing(&copy, known).unwrap_err();
    assert_eq!(
        error.to_string(),
        "position 2 is known to hold another event than this store, which ends at 1: it is older or \
         a fork; declare the loss to go on"
    );
    let forked = SqliteLog::open(&copy).unwrap();
    record(&forked, person(1), &["two, otherwise"]);
    drop(forked);
    let error = SqliteLog::open_knowing(&copy, known).unwrap_err();
    assert!(matches!(error, StoreError::BehindReceipt { last: Some(_), .. }), "{error}");
}

#[test]
fn a_changed_column_is_found_at_its_position() {
    let folder = folder();
    let log = create(&folder);
    for number in 0..9 {
        record(&log, person(number % 2 + 1), &[&format!("{number}")]);
    }
    drop(log);
    let raw = Connection::open(file(&folder)).unwrap();
    let changes = [
        "UPDATE event SET payload = replace(payload, '960', '961') WHERE position = 5",
        "UPDATE event SET happened_on = '2025-12-31' WHERE position = 5",
        "UPDATE event SET recorded_at = recorded_at + 1 WHERE position = 5",
        "UPDATE event SET reported_at = NULL WHERE position = 5",
        "UPDATE event SET source_ref = 'other' WHERE position = 5",
        "UPDATE event SET leaf = zeroblob(32) WHERE position = 5",
        "UPDATE event SET id = zeroblob(16) WHERE position = 5",
    ];
    let trigger: String = raw
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'event_is_never_changed'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    for change in changes {
        let whole = std::fs::read(file(&folder)).unwrap();
        raw.execute_batch("DROP TRIGGER event_is_never_changed").unwrap();
        raw.execute_batch(change).unwrap();
        raw.execute_batch(&trigger).unwrap();
        raw.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let copy = folder.path().join("changed.db");
        std::fs::copy(file(&folder), &copy).unwrap();
        let log = SqliteLog::open(&copy).unwrap();
        let error = verify(&log).unwrap_err();
        let StoreError::Corrupt { position, .. } = error else { panic!("{change}: {error}") };
        assert_eq!(position.get(), 5, "{change}");
        drop(log);
        std::fs::write(file(&folder), whole).unwrap();
    }
}

#[test]
fn a_reader_that_stays_does_not_let_the_journal_grow_without_bound() {
    let folder = folder();
    let log = create(&folder);
    record(&log, person(1), &["seen by the reader"]);
    let stuck = Connection::open(file(&folder)).unwrap();
    stuck.execute_batch("BEGIN; SELECT count(*) FROM event").unwrap();
    let padding = "x".repeat(900);
    let mut number = 0_u8;
    let error = loop {
        let events = (0..1000).map(|of| {
            let mut event = event(&format!("{number}-{of}-{padding}"));
            event.on = "2026-01-01".parse().unwrap();
            event
        });
        let who = person(number + 2);
        let head = read_stream(&log, who).unwrap().head();
        let streams = vec![ToStream { head, events: events.collect() }];
        match log.append(Append { now: noon(), streams }) {
            Ok(_) => number += 1,
            Err(error) => break error,
        }
        assert!(number < 200, "the journal grew without bound");
    };
    assert!(matches!(error, StoreError::HeldByReader { bytes } if bytes < 100 << 20), "{error}");
    stuck.execute_batch("COMMIT").unwrap();
    record(&log, person(1), &["the reader is gone"]);
}

#[test]
fn a_backup_taken_in_use_is_whole_and_can_be_restored_elsewhere() {
    let folder = folder();
    let log = Arc::new(create(&folder));
    for number in 0..200 {
        record(&*log, person(1), &[&format!("before {number}")]);
    }
    let writer = {
        let log = Arc::clone(&log);
        thread::spawn(move || {
            for number in 0..200 {
                record(&*log, person(2), &[&format!("meanwhile {number}")]);
            }
        })
    };
    let backup = folder.path().join("backup.db");
    let copied = log.backup(&backup).unwrap();
    assert!((200..=400).contains(&copied));
    writer.join().unwrap();

    let elsewhere = folder.path().join("elsewhere.db");
    let restored = SqliteLog::restore(&backup, &elsewhere).unwrap();
    let rows = restored.rows_after(None, 1000).unwrap();
    assert_eq!(rows.len() as u64, copied);
    assert_eq!(rows, log.rows_after(None, rows.len()).unwrap());
    let again = log.backup(&backup).unwrap_err();
    assert!(matches!(again, StoreError::AlreadyExists { .. }), "{again}");
    let left: BTreeSet<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("copying"))
        .collect();
    assert_eq!(left, BTreeSet::new());
}

#[test]
fn a_read_that_takes_too_long_ends_and_gives_its_snapshot_back() {
    let folder = folder();
    let log = create(&folder);
    for stream in 0..20 {
        let references: Vec<String> = (0..200).map(|of| format!("{stream}-{of}")).collect();
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        record(&log, person(stream + 1), &references);
    }
    log.set_read_max(Duration::ZERO);
    let error = log.rows_after(None, usize::MAX).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the read took longer than 0 ms: read less at a time, or give readers longer"
    );
    // nothing holds the journal back, and the next reader gets its own time
    let raw = Connection::open(file(&folder)).unwrap();
    let busy: i64 = raw.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(busy, 0);
    log.set_read_max(Duration::from_secs(30));
    assert_eq!(log.rows_after(None, usize::MAX).unwrap().len(), 4000);
}

#[test]
fn a_copy_is_made_in_one_piece_while_others_never_stop_appending() {
    let folder = folder();
    let log = create(&folder);
    for stream in 0..20 {
        let references: Vec<String> = (0..500).map(|of| format!("{stream}-{of}")).collect();
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        record(&log, person(stream + 1), &references);
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let appender = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                record(&log, person(100), &[&format!("meanwhile {number}")]);
                number += 1;
            }
            number
        });
        for copy in 0..5 {
            let to = folder.path().join(format!("copy-{copy}.db"));
            let copied = log.backup(&to).unwrap();
            let copy = SqliteLog::open(&to).unwrap();
            assert_eq!(verify(&copy).unwrap(), copied);
            let rows = log.rows_after(None, usize::try_from(copied).unwrap()).unwrap();
            assert_eq!(copy.rows_after(None, usize::MAX).unwrap(), rows);
        }
        stop.store(true, Ordering::Relaxed);
        assert!(appender.join().unwrap() > 0);
    });
}

#[test]
fn a_declared_loss_is_recorded_and_what_was_lost_can_be_sent_again() {
    let folder = folder();
    let (store, copy) = (folder.path().join("store"), folder.path().join("copy.db"));
    let engine = Engine::create(&store, "example.org/holding").unwrap();
    let new = |number: u8| {
        let job = Named::new(JobId::from_bytes([number; 16]), "a job");
        let start = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
        engine.fact("2026-01-01".parse().unwrap(), "user:1", Employment::JobStarted(start))
    };
    let facts = [1, 2, 3].map(new);
    let _ = engine.record(person(1), vec![facts[0].clone()]).unwrap();
    engine.backup(&copy).unwrap();
    let receipts = engine.record(person(1), facts[1..].to_vec()).unwrap();
    let known = KnownEvent::from(receipts[1]);
    drop(engine);

    // nothing is lost, and nothing is declared
    let (engine, declared) =
        Engine::open_declaring_loss(&store, known, "user:9", "a drill").unwrap();
    assert_eq!(declared, None);
    drop(engine);
    let older = folder.path().join("older");
    drop(Engine::restore(&copy, &older).unwrap());
    let Err(error) = Engine::open_knowing(&older, known) else { panic!("it is older") };
    assert!(error.to_string().starts_with("position 3 is known to hold another event"), "{error}");
    let (engine, declared) =
        Engine::open_declaring_loss(&older, known, "user:9", "the disk was lost").unwrap();
    let declared = declared.unwrap();
    assert_eq!(declared.position.get(), 2);
    let said = &read_log(engine.reader()).unwrap().events[0];
    assert_eq!(said.actor.as_str(), "user:9");
    let Record::Log(LogEntry::LossDeclared(loss)) = &said.record else { panic!("{said:?}") };
    assert_eq!(
        (loss.known_position, loss.through, loss.reason.as_str()),
        (known.position, Position::new(1), "the disk was lost")
    );
    assert_eq!(loss.known_leaf, known.leaf.to_string());
    let again = engine.record(person(1), facts.to_vec()).unwrap();
    let duplicates: Vec<bool> = again.iter().map(|receipt| receipt.duplicate).collect();
    assert_eq!(duplicates, [true, false, false]);
    assert_eq!(verify(engine.reader()).unwrap(), 4);
}
