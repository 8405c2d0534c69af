//! C1 and C5: the locks that SQLite itself takes are lost, the process forks, the holder is
//! stopped. The lease holds: nobody else writes, and who tries is told who holds the store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use waystage_faults::program::{self, Asked};
use waystage_faults::workload::{self, ORIGIN};
use waystage_sqlite::SqliteLog;
use waystage_store::{StoreError, verify};

type Touch = (&'static str, fn(&Path));

/// The ways in which any code of a process can open and close a file of the store.
const TOUCHES: [Touch; 3] = [
    ("read and closed", |path| drop(fs::read(path).unwrap())),
    ("opened for writing and closed", |path| {
        drop(OpenOptions::new().read(true).write(true).open(path).unwrap());
    }),
    ("opened twice, one closed", |path| {
        let file = File::open(path).unwrap();
        drop(file.try_clone().unwrap());
        drop(file);
    }),
];

fn beside(folder: &Path, end: &str) -> PathBuf {
    let mut name = workload::file(folder).into_os_string();
    name.push(end);
    PathBuf::from(name)
}

/// Lets another process try to append, and returns what it was told.
fn another_process_tries(folder: &Path) -> Vec<String> {
    let mut command = Asked::plain(folder, 1000).command(env!("CARGO_BIN_EXE_appender"));
    let ended = program::run(&mut command);
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    ended.ledger.errors.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn locks_that_the_process_loses_let_nobody_else_write() {
    let locked = vec![format!("Locked({})", std::process::id()); 4];
    let mut combinations = 0;
    for end in ["", "-wal", "-shm", ".lease"] {
        for (how, touch) in TOUCHES {
            let folder = tempfile::tempdir().unwrap();
            let log = SqliteLog::create(&workload::file(folder.path()), ORIGIN).unwrap();
            workload::append(&log, 0).unwrap();
            let stop = AtomicBool::new(false);
            let appended = thread::scope(|scope| {
                let appender = scope.spawn(|| {
                    let mut index = 1;
                    while !stop.load(Ordering::Relaxed) {
                        workload::append(&log, index).unwrap();
                        index += 1;
                    }
                    index
                });
                for _ in 0..20 {
                    touch(&beside(folder.path(), end));
                }
                assert_eq!(another_process_tries(folder.path()), locked, "{end} {how}");
                stop.store(true, Ordering::Relaxed);
                appender.join().unwrap()
            });
            let events = workload::group(appended).start;
            assert_eq!(verify(&log).unwrap(), events, "{end} {how}");
            drop(log);
            let again = SqliteLog::open(&workload::file(folder.path())).unwrap();
            assert_eq!(verify(&again).unwrap(), events, "{end} {how}");
            combinations += 1;
        }
    }
    assert_eq!(combinations, 12);
}

#[test]
fn a_second_sqlite_connection_in_the_process_lets_nobody_else_write() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::create(&workload::file(folder.path()), ORIGIN).unwrap();
    for index in 0..20 {
        workload::append(&log, index).unwrap();
        let raw = rusqlite::Connection::open(workload::file(folder.path())).unwrap();
        raw.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0)).unwrap();
        drop(raw);
    }
    let locked = format!("Locked({})", std::process::id());
    assert_eq!(another_process_tries(folder.path()), vec![locked; 4]);
    assert_eq!(verify(&log).unwrap(), workload::group(20).start);
}

/// Runs the program that forks and returns the lines that it and its child printed.
fn lines_of(folder: &Path, how: &str) -> Option<Vec<String>> {
    let shim = program::shim(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_forker"));
    command.arg(folder).arg(how).env("LD_PRELOAD", shim).env("FIO_FORK", "1");
    let output = command.output().unwrap();
    let (out, said) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    assert!(output.status.success(), "{}", said.unwrap());
    Some(out.unwrap().lines().map(str::to_owned).collect())
}

fn forked(how: &str) {
    let folder = tempfile::tempdir().unwrap();
    let Some(lines) = lines_of(folder.path(), how) else { return };
    let of_the_child = |what: &str| {
        let start = format!("the child {what}: ");
        let line = lines.iter().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("{what} is not among {lines:?}")).to_owned()
    };
    for what in ["appends", "reads the end", "reads a page", "lists", "waits", "copies"] {
        assert_eq!(of_the_child(what), "ForkedHandle", "{what}");
    }
    assert!(of_the_child("opens it anew").starts_with("Locked("), "{lines:?}");
    if how == "drop" {
        assert!(of_the_child("opens it after its handle").starts_with("Locked("), "{lines:?}");
    }
    assert!(lines.contains(&"the parent verifies: answered".to_owned()), "{lines:?}");
    let log = SqliteLog::open(&workload::file(folder.path())).unwrap();
    assert_eq!(verify(&log).unwrap(), workload::group(10).start);
}

#[test]
fn a_forked_child_that_drops_its_handle_gets_typed_errors_and_harms_nobody() {
    forked("drop");
}

#[test]
fn a_forked_child_that_keeps_its_handle_gets_typed_errors_and_harms_nobody() {
    forked("keep");
}

#[test]
fn a_store_is_given_back_at_once_although_a_forked_child_still_has_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let Some(lines) = lines_of(folder.path(), "stay") else { return };
    assert!(lines.contains(&"the parent opens it anew: answered".to_owned()), "{lines:?}");
}

#[test]
fn a_stopped_holder_is_named_and_a_killed_one_gives_the_store_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = workload::file(folder.path());
    drop(SqliteLog::create(&path, ORIGIN).unwrap());
    let mut holder = Asked::plain(folder.path(), 1_000_000)
        .command(env!("CARGO_BIN_EXE_appender"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let pid = holder.id();
    let names = || match SqliteLog::open(&path) {
        Err(StoreError::Locked { pid }) => Some(pid),
        _ => None,
    };
    let held = (0..500).any(|_| {
        thread::sleep(Duration::from_millis(2));
        names() == Some(pid)
    });
    assert!(held, "the holder never came to hold it");
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &pid.to_string()]).status().unwrap();
        assert!(sent.success());
    };
    for _ in 0..5 {
        signal("-STOP");
        assert_eq!(names(), Some(pid));
        signal("-CONT");
        assert_eq!(names(), Some(pid));
    }
    signal("-STOP");
    holder.kill().unwrap();
    holder.wait().unwrap();
    let log = SqliteLog::open(&path).unwrap();
    verify(&log).unwrap();
}
