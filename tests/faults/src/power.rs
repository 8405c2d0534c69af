//! Cutting the power: a run of the program is recorded, and the disks that a cut after each of its
//! operations can leave are looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use waystage_sqlite::SqliteLog;

use crate::disk::{Disk, Operation, Part, operations};
use crate::oracle::{Verdict, check};
use crate::program::{self, Asked};
use crate::{Chance, fast_folder, workload};

/// What was found on the disks.
#[derive(Debug, Default)]
pub struct Counts {
    /// How many disks were looked at.
    pub states: u64,
    /// On how many something acknowledged was missing.
    pub lost: u64,
    /// How many could not be opened or contradicted themselves.
    pub corrupt: u64,
    /// The first loss and the first damage.
    pub first: [Option<String>; 2],
}

impl Counts {
    fn note(&mut self, verdict: &Verdict, at: impl FnOnce() -> String) {
        self.states += 1;
        let [lost, corrupt] = &mut self.first;
        let (count, first) = match verdict {
            Verdict::Whole(_) => return,
            Verdict::Lost(_) => (&mut self.lost, lost),
            Verdict::Corrupt(_) => (&mut self.corrupt, corrupt),
        };
        *count += 1;
        first.get_or_insert_with(|| format!("{}: {verdict:?}", at()));
    }

    /// Adds what was found otherwise.
    pub fn add(&mut self, other: Self, what: &str) {
        self.states += other.states;
        self.lost += other.lost;
        self.corrupt += other.corrupt;
        for (mine, other) in self.first.iter_mut().zip(other.first) {
            if let Some(other) = other {
                mine.get_or_insert(format!("{what}; {other}"));
            }
        }
    }

    /// Asserts that nothing was lost and nothing damaged.
    pub fn assert_clean(&self) {
        assert_eq!((self.lost, self.corrupt), (0, 0), "of {}: {:?}", self.states, self.first);
    }
}

/// A place for a log, a record of what happened to its files, and a disk.
#[derive(Debug)]
pub struct Bench {
    folder: tempfile::TempDir,
    shim: &'static Path,
    program: &'static str,
}

impl Bench {
    /// Makes a place; none where there is no C compiler.
    pub fn new(program: &'static str, shim_into: &str) -> Option<Self> {
        let shim = program::shim(Path::new(shim_into))?;
        Some(Self { folder: fast_folder(), shim, program })
    }

    /// Returns the folder of the log.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("faulty-store")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns a command that writes down what it does to its files.
    pub fn command(&self, asked: &Asked) -> Command {
        let mut command = asked.command(self.program);
        program::behind(self.shim, &mut command, &self.store());
        command.env("FIO_LOG", self.file("operations"));
        command.env("FIO_COUNT", self.file("counted"));
        command
    }

    /// Returns what was written down since the start.
    pub fn operations(&self) -> Vec<Operation> {
        operations(&self.file("operations"))
    }

    /// Returns the counted operations since the start: letter and name of the file.
    pub fn counted(&self) -> Vec<(char, String)> {
        let text = std::fs::read_to_string(self.file("counted")).unwrap();
        let lines = text.lines().map(|line| {
            let name = line.rsplit('/').next().unwrap();
            (line.chars().next().unwrap(), name.to_owned())
        });
        lines.collect()
    }

    /// Runs the program without a fault and returns what it did to its files.
    pub fn record(&self, asked: &Asked) -> Vec<Operation> {
        let ended = program::run(&mut self.command(asked));
        assert_eq!(ended.code, Some(0), "{}", ended.said);
        self.operations()
    }

    /// Takes everything away.
    pub fn clear(&self) {
        for name in ["faulty-store", "left"] {
            if self.file(name).exists() {
                std::fs::remove_dir_all(self.file(name)).unwrap();
            }
        }
        for name in ["operations", "counted"] {
            if self.file(name).exists() {
                std::fs::remove_file(self.file(name)).unwrap();
            }
        }
    }

    /// Cuts the power after each operation from one on and looks at the disks that are left.
    pub fn cut(&self, operations: &[Operation], from: usize, parts: &[Part]) -> Counts {
        self.cut_by_chance(operations, from, parts, Chance::new(3))
    }

    /// As [`cut`](Self::cut), with other parts of what was not synced.
    pub fn cut_by_chance(
        &self,
        operations: &[Operation],
        from: usize,
        parts: &[Part],
        mut chance: Chance,
    ) -> Counts {
        let mut counts = Counts::default();
        let mut disk = Disk::default();
        let left = self.file("left");
        for (index, operation) in operations.iter().enumerate() {
            disk.replay(operation);
            // another empty name, or a write more that may be lost
            let same = operation.kind == 'c' || (parts == [Part::None] && operation.kind == 'w');
            if index < from || same {
                continue;
            }
            let parts = if disk.is_pending() { parts } else { &[Part::All] };
            for part in parts {
                disk.leave(*part, &mut chance, &left);
                counts.note(&look(&left, &disk), || {
                    format!("cut after operation {index} ({}), {part:?}", operation.kind)
                });
            }
        }
        counts
    }
}

/// Looks at a disk: as a log, and then with SQLite's own check.
fn look(left: &Path, disk: &Disk) -> Verdict {
    let path = workload::file(left);
    if !path.exists() {
        // cut while it was created: it can be created now
        return match SqliteLog::create(&path, workload::ORIGIN) {
            Ok(_) => Verdict::Whole(0),
            Err(error) => Verdict::Corrupt(format!("create: {error}")),
        };
    }
    let verdict = check(left, &disk.ledger);
    let connection = Connection::open(&path).unwrap();
    let says = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    match (verdict, says.unwrap_or_else(|error| error.to_string())) {
        (Verdict::Whole(_) | Verdict::Lost(_), says) if says != "ok" => Verdict::Corrupt(says),
        (verdict, _) => verdict,
    }
}
