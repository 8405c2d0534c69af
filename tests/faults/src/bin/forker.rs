//! The program that forks while it holds a log. The child tries every call and then drops the
//! handle or keeps it; the parent goes on, or gives the log back while the child is there. Each
//! prints what its calls came to, a line each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program may

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{ExitCode, id};
use std::time::Duration;

use waystage_faults::workload::{self, ORIGIN, name_of};
use waystage_sqlite::SqliteLog;
use waystage_store::{EventReader, StoreError, verify};

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

fn tell<T>(what: &str, answer: Result<T, StoreError>) {
    let answer = answer.map_or_else(|error| name_of(&error), |_| "answered".to_owned());
    say(&format!("{what}: {answer}\n"));
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let how = arguments.next().unwrap_or_default();
    let path = workload::file(&folder);
    let log = SqliteLog::create(&path, ORIGIN).unwrap();
    for index in 0..5 {
        workload::append(&log, index).unwrap();
    }
    let parent = id();
    say("FORK\n");
    if how == "stay" {
        if id() == parent {
            drop(log);
            tell("the parent opens it anew", SqliteLog::open(&path));
        } else {
            std::thread::sleep(Duration::from_millis(500));
            std::mem::forget(log);
        }
        return ExitCode::SUCCESS;
    }
    if id() == parent {
        // the child is done before the parent writes again
        std::thread::sleep(Duration::from_millis(300));
        for index in 5..10 {
            workload::append(&log, index).unwrap();
        }
        tell("the parent verifies", verify(&log));
        return ExitCode::SUCCESS;
    }
    tell("the child appends", workload::append(&log, 5));
    tell("the child reads the end", log.last_position());
    tell("the child reads a page", log.rows_after(None, 9));
    tell("the child lists", log.participants());
    tell("the child waits", log.wait_after(None, Duration::from_secs(1)));
    tell("the child copies", log.backup(&folder.join("copy.db")));
    tell("the child opens it anew", SqliteLog::open(&path));
    if how == "drop" {
        drop(log);
        tell("the child opens it after its handle", SqliteLog::open(&path));
    } else {
        std::mem::forget(log);
    }
    ExitCode::SUCCESS
}
