//! The program that is killed, cut off and failed: it opens or creates a log, appends groups of
//! events, and prints `ACK <key> <position> <leaf>` only after the append returned. What fails it
//! prints as `ERR <key> <class> <error>`; it opens the log anew and sends the same keys again,
//! three times at most, or ends where `STOP_AT_FIRST_ERROR` is set. Exit codes: 0 all acknowledged,
//! 3 not all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program may

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use waystage_faults::bare;
use waystage_faults::program::{Asked, Through};
use waystage_faults::workload::{self, ORIGIN, backup_of, name_of, restored_of};
use waystage_sqlite::SqliteLog;
use waystage_store::{Class, Receipt, StoreError};

const SESSIONS_MAX: u32 = 4;

/// How far a session came.
enum Session {
    /// As far as it was asked to.
    Done,
    /// Not: the log has to be opened anew.
    Failed,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = Asked::from_arguments(&arguments).expect("folder groups threads reopen how again");
    std::fs::create_dir_all(&asked.folder).unwrap();
    if asked.through != Through::Log {
        bare::write(&asked.folder, asked.groups, asked.through, tell);
        return ExitCode::SUCCESS;
    }
    let answered = Mutex::new(BTreeSet::new());
    let mut failures = 0;
    while failures < SESSIONS_MAX {
        match session(&asked, &answered) {
            Session::Failed => failures += 1,
            Session::Done if answered.lock().unwrap().len() as u64 >= asked.groups => {
                return if asked.copies { copy(&asked.folder) } else { ExitCode::SUCCESS };
            }
            Session::Done => {}
        }
    }
    ExitCode::from(3)
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

fn tell(receipts: &[(u64, Receipt)]) {
    let mut text = String::new();
    for (key, receipt) in receipts {
        writeln!(text, "ACK {key} {} {}", receipt.position, receipt.leaf).unwrap();
    }
    print(&text);
}

fn complain(key: &str, error: &StoreError) {
    eprintln!("{error}");
    print(&format!("ERR {key} {:?} {}\n", error.class(), name_of(error)));
}

/// Ends the program after a failed call, where it is asked to.
fn give_up() {
    if std::env::var_os("STOP_AT_FIRST_ERROR").is_some() {
        std::process::exit(3);
    }
}

/// Backs the log up and restores the copy, each until it is there.
fn copy(folder: &Path) -> ExitCode {
    let [log, copied, restored] = [workload::file(folder), backup_of(folder), restored_of(folder)];
    let backup = || SqliteLog::open(&log)?.backup(&copied).map(|_| ());
    let restore = || SqliteLog::restore(&copied, &restored).map(|_| ());
    if until_there("backup", &copied, backup) && until_there("restore", &restored, restore) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    }
}

/// Tries a step so many times; the name may be there although its folder could not be synced, and
/// so is the whole copy.
fn until_there(name: &str, made: &Path, step: impl Fn() -> Result<(), StoreError>) -> bool {
    for _ in 0..SESSIONS_MAX {
        match step() {
            Ok(()) => return true,
            Err(error) => complain(name, &error),
        }
        give_up();
        if made.exists() {
            return true;
        }
    }
    false
}

/// Opens the log and appends what was not acknowledged yet.
fn session(asked: &Asked, answered: &Mutex<BTreeSet<u64>>) -> Session {
    let path = workload::file(&asked.folder);
    let opened =
        if path.exists() { SqliteLog::open(&path) } else { SqliteLog::create(&path, ORIGIN) };
    let log = match opened {
        Ok(log) => log,
        Err(error) => {
            complain("open", &error);
            give_up();
            return Session::Failed;
        }
    };
    if !asked.sends_again && answered.lock().unwrap().is_empty() {
        match held(&log) {
            Ok(groups) => answered.lock().unwrap().extend(groups),
            Err(error) => {
                complain("read", &error);
                give_up();
                return Session::Failed;
            }
        }
    }
    let left: Vec<u64> = {
        let answered = answered.lock().unwrap();
        (0..asked.groups).filter(|index| !answered.contains(index)).collect()
    };
    let most = if asked.reopens_after == 0 {
        usize::MAX
    } else {
        usize::try_from(asked.reopens_after).unwrap()
    };
    let part = &left[..left.len().min(most)];
    let failed = thread::scope(|scope| {
        let threads: Vec<_> = (0..asked.threads)
            .map(|thread| {
                let log = &log;
                scope.spawn(move || append(log, part, (thread, asked.threads), answered))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|failed| *failed).count()
    });
    if failed == 0 { Session::Done } else { Session::Failed }
}

/// Appends one thread's share and returns whether something of it failed.
fn append(
    log: &SqliteLog,
    part: &[u64],
    (thread, threads): (u64, u64),
    answered: &Mutex<BTreeSet<u64>>,
) -> bool {
    let mut failed = false;
    for &index in part.iter().filter(|&index| index % threads == thread) {
        match workload::append(log, index) {
            Ok(receipts) => {
                tell(&receipts);
                answered.lock().unwrap().insert(index);
            }
            Err(error) => {
                failed = true;
                for key in workload::group(index) {
                    complain(&key.to_string(), &error);
                }
                give_up();
                if error.class() == Class::Fatal {
                    break;
                }
            }
        }
    }
    failed
}

/// Returns the groups that a log holds.
fn held(log: &SqliteLog) -> Result<BTreeSet<u64>, StoreError> {
    let rows = workload::rows(log)?;
    Ok(rows.iter().map(|row| workload::group_of(workload::key_of(row))).collect())
}
