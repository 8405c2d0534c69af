//! I1 and I2: every file operation of a short run fails in every way; nothing acknowledged is lost,
//! every failure has a name and a class, and which name follows from which failure stays as it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use waystage_faults::factor;
use waystage_faults::oracle::check;
use waystage_faults::power::Bench;
use waystage_faults::program::{self, Asked, Ended};

const ERRORS: [(&str, &str); 2] = [("EIO", "5"), ("ENOSPC", "28")];
const CLASSES: [&str; 3] = ["NotWritten", "Unknown", "Fatal"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Once,
    Sticky,
    Short,
    Stop,
    Kill,
}

impl Mode {
    const ALL: [Self; 5] = [Self::Once, Self::Sticky, Self::Short, Self::Stop, Self::Kill];

    const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Sticky => "sticky",
            Self::Short => "short",
            Self::Stop => "stop",
            Self::Kill => "kill",
        }
    }

    const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Once => &[],
            Self::Sticky => &["FIO_STICKY"],
            Self::Short => &["FIO_SHORT"],
            Self::Stop => &["STOP_AT_FIRST_ERROR"],
            Self::Kill => &["FIO_KILL"],
        }
    }

    /// A kill has no error, and only a write can be short. Stopping at the first error shows the
    /// same errors, and leaves what a program leaves that does not try again.
    fn applies(self, letter: char, error: &str) -> bool {
        match self {
            Self::Once | Self::Sticky | Self::Stop => true,
            Self::Short => letter == 'w',
            Self::Kill => error == "EIO",
        }
    }
}

#[derive(Default)]
struct Sweep {
    map: BTreeMap<String, BTreeSet<String>>,
    runs: u64,
}

const ALL_OPERATIONS: &str = "wstulor";

fn bench() -> Option<Bench> {
    Bench::new(env!("CARGO_BIN_EXE_appender"), env!("CARGO_TARGET_TMPDIR"))
}

fn asked(bench: &Bench) -> Asked {
    Asked { reopens_after: 3, copies: true, ..Asked::plain(&bench.store(), 5 * factor()) }
}

#[test]
fn every_failed_file_operation_is_told_by_name_and_loses_nothing() {
    let Some(bench) = bench() else { return };
    program::run(bench.command(&asked(&bench)).env("FIO_OPS", ALL_OPERATIONS));
    let counted = Arc::new(bench.counted());
    let workers = [0, 1].map(|part| {
        let counted = Arc::clone(&counted);
        thread::spawn(move || Sweep::of(&counted, part))
    });
    let mut sweep = Sweep::default();
    for part in workers.map(|worker| worker.join().unwrap()) {
        sweep.runs += part.runs;
        for (what, names) in part.map {
            sweep.map.entry(what).or_default().extend(names);
        }
    }
    println!("{} operations, {} runs", counted.len(), sweep.runs);
    sweep.compare_with_the_golden_file(factor() == 1);
}

impl Sweep {
    /// Fails every other operation in every way, from the first or the second on.
    fn of(counted: &[(char, String)], part: usize) -> Self {
        let bench = bench().unwrap();
        let mut sweep = Self::default();
        for (index, (letter, name)) in counted.iter().enumerate().skip(part).step_by(2) {
            for (error, errno) in ERRORS {
                for mode in Mode::ALL.into_iter().filter(|mode| mode.applies(*letter, error)) {
                    let mut command = bench.command(&asked(&bench));
                    command.env("FIO_OPS", ALL_OPERATIONS).env_remove("FIO_LOG");
                    command.env("FIO_FAIL", (index + 1).to_string()).env("FIO_ERR", errno);
                    for variable in mode.variables() {
                        command.env(variable, "1");
                    }
                    let ended = program::run(&mut command);
                    let name = if name == "faulty-store" { "the folder" } else { name };
                    let what = match mode {
                        Mode::Kill => format!("kill {letter} {name}"),
                        _ => format!("{error} {} {letter} {name}", mode.name()),
                    };
                    sweep.look(&bench.store(), mode, what, &ended);
                    bench.clear();
                }
            }
        }
        sweep
    }

    fn look(&mut self, store: &Path, mode: Mode, what: String, ended: &Ended) {
        self.runs += 1;
        let (code, errors) = (ended.code, &ended.ledger.errors);
        let codes: &[i32] = match mode {
            Mode::Once | Mode::Short | Mode::Sticky | Mode::Stop => &[0, 3],
            Mode::Kill => &[137],
        };
        assert!(code.is_some_and(|code| codes.contains(&code)), "{what}: {code:?} {}", ended.said);
        for (class, name) in errors {
            assert!(CLASSES.contains(&class.as_str()), "{what}: {name} is of class {class}");
            assert_ne!(name, "Corrupt", "{what}: a failure to read is no damage");
        }
        if matches!(mode, Mode::Once | Mode::Short) {
            assert_ne!(code, Some(3), "{what}: it never recovers from one failure: {}", ended.said);
        }
        let verdict = check(store, &ended.ledger);
        assert!(verdict.is_whole(), "{what}: {verdict:?} {}", ended.said);
        if mode == Mode::Stop {
            return;
        }
        let first = errors.first().map_or("nothing is told", |(_, name)| name.as_str());
        self.map.entry(what).or_default().insert(first.to_owned());
    }

    fn compare_with_the_golden_file(&self, is_of_usual_size: bool) {
        let lines = self.map.iter().map(|(what, names)| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            format!("{what}: {}\n", names.join(", "))
        });
        let text: String = lines.collect();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("io-errors.txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, &text).unwrap();
        }
        if is_of_usual_size {
            let before = fs::read_to_string(&golden).unwrap_or_default();
            assert_eq!(text, before, "run with BLESS=1 and look at each line that changes");
        }
    }
}
