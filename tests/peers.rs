//! Defects that other stores had and that could occur here, where no other test covers them. The
//! whole list, with the test that keeps each out, is in `docs/DEFECTS_KEPT_OUT.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use waystage_core::id::{Actor, Named, ParticipantId};
use waystage_core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::replayed::Lens;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_replay::Replay;
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, EventStore, MemoryStore, NewEvent, Receipt, StoreError, ToStream, naming, read_stream,
    verify,
};

const ORIGIN: &str = "example.org/peers";
const PERSON: ParticipantId = ParticipantId::from_bytes([1; 16]);

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn reported(reference: &str, job: &str, hours: u32, at: Timestamp) -> NewEvent {
    let sourced = Sourced { source: "peers".into(), reference: reference.into() };
    let job = Named::new(naming::job(&sourced.source, "P", job).id, job);
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(hours));
    NewEvent {
        id: naming::event(&sourced, at),
        on: "2026-01-01".parse().unwrap(),
        reported_at: Some(at),
        actor: Actor::from("user:1"),
        sourced: Some(sourced),
        correlation: None,
        causation: None,
        record: Record::Fact(Fact::Employment(Employment::JobStarted(start))),
    }
}

fn event(reference: &str) -> NewEvent {
    reported(reference, reference, 16, noon())
}

fn append(
    store: &dyn EventStore,
    events: Vec<NewEvent>,
    now: Timestamp,
) -> Result<Vec<Receipt>, StoreError> {
    let head = read_stream(store, PERSON)?.head();
    store.append(Append { now, streams: vec![ToStream { head, events }] })
}

fn stores(folder: &Path) -> [Box<dyn EventStore>; 2] {
    let log = SqliteLog::create(&folder.join("journeys.db"), ORIGIN).unwrap();
    [Box::new(MemoryStore::new(ORIGIN)), Box::new(log)]
}

/// A clock that steps forwards and backwards by years: nothing is skipped, what is true does not
/// move, and a step back is told and not papered over.
#[test]
fn clock_steps_of_years_skip_nothing_and_a_step_back_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()) {
        let year = 365 * 86_400 * 1_000_000;
        let mut recorded = 0;
        for (number, step) in [0, 1, 10, 9, -10, 0, 20, 19].into_iter().enumerate() {
            let now = Timestamp::from_micros(noon().micros() + step * year);
            match append(&*store, vec![event(&number.to_string())], now) {
                Ok(receipts) => {
                    recorded += 1;
                    assert_eq!(receipts[0].position.get(), recorded);
                }
                Err(StoreError::ClockWentBack { by }) => {
                    assert!(by.as_secs() > 364 * 86_400, "{by:?}");
                }
                Err(error) => panic!("{error}"),
            }
        }
        let rows = store.rows_after(None, 99).unwrap();
        assert_eq!(recorded, 4, "forwards is taken, backwards is refused");
        assert!(rows.is_sorted_by(|one, next| one.recorded_at < next.recorded_at));
        assert_eq!(verify(&*store).unwrap(), 4);
        assert!(rows.iter().all(|row| row.on.to_string() == "2026-01-01"));
    }
}

/// Instants that differ below the second are told apart, whichever arrives first: of two reports of
/// one job on one day, the one that was told last holds.
#[test]
fn reports_a_microsecond_apart_keep_their_order_whichever_arrives_first() {
    let first = Timestamp::from_micros(noon().micros() + 999_999);
    let last = Timestamp::from_micros(noon().micros() + 1_000_000);
    let one = reported("early", "job", 10, first);
    let other = reported("late", "job", 30, last);
    let journeys = [[one.clone(), other.clone()], [other, one]].map(|events| {
        let store = MemoryStore::new(ORIGIN);
        for event in events {
            let _ = append(&store, vec![event], last).unwrap();
        }
        let view = View {
            basis: Basis::Reported,
            ..View::new("2026-01-02".parse().unwrap(), Timestamp::MAX)
        };
        let lens = Lens::new(view, std::sync::Arc::default());
        Replay::new(&store, &lens)
            .one(PERSON, |replayed| format!("{:?}", replayed.journey.jobs))
            .unwrap()
    });
    assert_eq!(journeys[0], journeys[1]);
    assert!(journeys[0].contains("1800"), "{}", journeys[0]);
}

/// More events in one stream than a sixteen-bit number counts.
#[test]
fn a_stream_of_seventy_thousand_events_has_dense_versions() {
    let folder = tempfile::tempdir().unwrap();
    for store in stores(folder.path()) {
        let mut head = read_stream(&*store, PERSON).unwrap().head();
        for batch in 0..7 {
            let events: Vec<NewEvent> =
                (0..10_000).map(|of| event(&format!("{batch}-{of}"))).collect();
            let streams = vec![ToStream { head, events }];
            let receipts = store.append(Append { now: noon(), streams }).unwrap();
            assert_eq!(receipts[9_999].version.get(), (batch + 1) * 10_000);
            head = read_stream(&*store, PERSON).unwrap().head();
        }
        let rows = store.rows_of(PERSON).unwrap();
        assert!(rows.iter().zip(1_u64..).all(|(row, at)| row.version.get() == at));
        assert_eq!(rows.len(), 70_000);
    }
}

/// The files beside the log are emptied, cut, filled with something else: they are made anew or the
/// log is refused; never is the log taken to hold less, and never does it take a key twice.
#[test]
fn a_damaged_side_file_never_reads_as_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journeys.db");
    let log = SqliteLog::create(&path, ORIGIN).unwrap();
    let events: Vec<NewEvent> = (0..50).map(|number| event(&number.to_string())).collect();
    let receipts = append(&log, events.clone(), noon()).unwrap();
    drop(log);
    for end in [".lease", "-shm", "-wal"] {
        for (how, content) in [
            ("empty", Vec::new()),
            ("zeros", vec![0; 40_000]),
            ("noise", (0..40_000_u32).map(|at| at.to_le_bytes()[0] ^ 0x5A).collect()),
            ("one byte", vec![7]),
        ] {
            fs::write(folder.path().join(format!("journeys.db{end}")), content).unwrap();
            let log = SqliteLog::open(&path).unwrap_or_else(|error| panic!("{end} {how}: {error}"));
            assert_eq!(verify(&log).unwrap(), 50, "{end} {how}");
            let again = append(&log, events.clone(), noon()).unwrap();
            assert!(again.iter().all(|receipt| receipt.duplicate), "{end} {how}");
            assert_eq!(again[49].leaf, receipts[49].leaf, "{end} {how}");
        }
    }
}

/// An index that lists fewer events than the log: what it does not list must not be taken for
/// absent.
#[test]
fn an_index_that_lists_fewer_events_than_the_log_is_found_at_the_first() {
    for (index, columns, without) in [
        ("event_of_source", "(source, source_ref) WHERE source IS NOT NULL", "position <> 5"),
        ("event_of_participant", "(participant, version)", "version <> 5"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journeys.db");
        let log = SqliteLog::create(&path, ORIGIN).unwrap();
        let events: Vec<NewEvent> = (0..9).map(|number| event(&number.to_string())).collect();
        let _ = append(&log, events, noon()).unwrap();
        drop(log);
        let raw = Connection::open(&path).unwrap();
        let made: String = raw
            .query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [index], |row| row.get(0))
            .unwrap();
        let joined = if columns.contains("WHERE") { "AND" } else { "WHERE" };
        raw.execute_batch(&format!(
            "DROP INDEX {index};
             CREATE UNIQUE INDEX {index} ON event {columns} {joined} {without};
             PRAGMA writable_schema = ON;"
        ))
        .unwrap();
        let patched = "UPDATE sqlite_schema SET sql = ?1 WHERE name = ?2";
        raw.execute(patched, [made.as_str(), index]).unwrap();
        drop(raw);
        let log = SqliteLog::open(&path).unwrap();
        let error = verify(&log).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{index}: {error}");
    }
}
