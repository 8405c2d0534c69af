//! The program under fault: how it is run, alone or behind the shim that fails its file
//! operations, and what it prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::oracle::Ledger;

/// How the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// Through the log.
    Log,
    /// Through bare `SQLite` with `synchronous=NORMAL`.
    Normal,
    /// Through bare `SQLite` with `synchronous=OFF`.
    Off,
}

impl Through {
    const ALL: [(Self, &str); 3] =
        [(Self::Log, "log"), (Self::Normal, "normal"), (Self::Off, "off")];

    /// Returns what is named so.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(through, _)| *through)
    }
}

/// What the program is asked to do.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The folder of the log.
    pub folder: PathBuf,
    /// How many groups there shall be in the end.
    pub groups: u64,
    /// How many threads append.
    pub threads: u64,
    /// After how many groups the log is opened anew; 0 for never.
    pub reopens_after: u64,
    /// How it writes.
    pub through: Through,
    /// Whether groups that the log holds already are sent again.
    pub sends_again: bool,
    /// Whether the log is backed up in the end, and restored elsewhere.
    pub copies: bool,
}

impl Asked {
    /// One thread appends so many groups to the log of a folder.
    pub fn plain(folder: &Path, groups: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            groups,
            threads: 1,
            reopens_after: 0,
            through: Through::Log,
            sends_again: false,
            copies: false,
        }
    }

    /// Returns the command line of the program.
    pub fn command(&self, program: &str) -> Command {
        let through = Through::ALL.iter().find(|(through, _)| *through == self.through).unwrap().1;
        let mut command = Command::new(program);
        command.arg(&self.folder).arg(self.groups.to_string()).arg(self.threads.to_string());
        command.arg(self.reopens_after.to_string()).arg(through);
        command.arg(if self.sends_again { "again" } else { "resume" });
        command.arg(if self.copies { "copies" } else { "appends" });
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Reads a command line.
    pub fn from_arguments(arguments: &[String]) -> Option<Self> {
        let [folder, groups, threads, reopens_after, through, again, copies] = arguments else {
            return None;
        };
        Some(Self {
            folder: folder.into(),
            groups: groups.parse().ok()?,
            threads: threads.parse().ok()?,
            reopens_after: reopens_after.parse().ok()?,
            through: Through::named(through)?,
            sends_again: again == "again",
            copies: copies == "copies",
        })
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub ledger: Ledger,
    /// What it said on the error stream.
    pub said: String,
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let mut ledger = Ledger::default();
    ledger.read(&String::from_utf8_lossy(&output.stdout)).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ended { code: output.status.code(), ledger, said }
}

/// Returns the shim, compiled once; none where there is no C compiler.
pub fn shim(into: &Path) -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    SHIM.get_or_init(|| compiled(into)).as_deref()
}

fn compiled(into: &Path) -> Option<PathBuf> {
    let source = into.join(format!("fio-{}.c", std::process::id()));
    fs::write(&source, include_str!("../shim/fio.c")).unwrap();
    let fresh = into.join(format!("fio-{}.so", std::process::id()));
    let mut command = Command::new("cc");
    command.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&fresh).arg(&source).arg("-ldl");
    let output = command.output();
    fs::remove_file(&source).unwrap();
    let Ok(output) = output else {
        eprintln!("SKIPPED: there is no `cc`, so no file operation can be made to fail");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = into.join("fio.so");
    fs::rename(&fresh, &path).unwrap();
    Some(path)
}

/// Puts a command behind the shim: it follows the files of the folder, and nothing fails yet.
pub fn behind(shim: &Path, command: &mut Command, folder: &Path) {
    command.env("LD_PRELOAD", shim).env("FIO_MATCH", folder.file_name().unwrap());
}
