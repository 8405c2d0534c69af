//! Where models are kept here, what is adopted and imported while they are, and the program that
//! keeps them.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;
use waystage::{Adoption, Engine, ImportPlan};

/// Returns where the models are in a folder.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("journeys.views.db")
}

/// Returns the day as of which models first stand: before most of what is told.
pub fn first_day() -> NaiveDate {
    "2016-02-01".parse().unwrap()
}

/// Returns a store with the packs that come along.
pub fn created(folder: &Path) -> Engine {
    let engine = Engine::create(folder, "example.org/kept").unwrap();
    engine.adopt(&Adoption::bundled()).unwrap();
    engine
}

/// Returns packs of which some rules are others each time.
pub fn changed(number: u64) -> Adoption {
    let mut adoption = Adoption::bundled();
    let months = format!("months = {}", [12, 3, 6][usize::try_from(number % 3).unwrap()]);
    let gap = format!("max_gap_days = {}", [14, 0][usize::try_from(number % 2).unwrap()]);
    for (_, text) in &mut adoption.packs {
        *text = text.replace("months = 12", &months).replace("max_gap_days = 14", &gap);
    }
    adoption
}

/// Returns the small extract as one of many sources would send it.
pub fn small(number: u64) -> ImportPlan {
    ImportPlan {
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("../extracts/small"),
        source: format!("small-{number}").as_str().into(),
        adoption: Adoption::default(),
        batch: 5,
        dry_run: false,
        strict: false,
    }
}

/// Returns the command line of the program that keeps models.
pub fn keeper(program: &str, folder: &Path, work: &str, seed: u64, day: NaiveDate) -> Command {
    let mut command = Command::new(program);
    command.arg(folder).arg(work).arg(seed.to_string()).arg(day.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The program while it runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    /// Starts it, and reads what it prints so that it never waits for that.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            while out.read_line(&mut line).is_ok_and(|read| read > 0) {
                let _ = sender.send(std::mem::take(&mut line));
            }
        });
        Self { child, lines }
    }

    /// Waits for the next line.
    pub fn line(&mut self) -> String {
        self.lines.recv_timeout(Duration::from_secs(120)).unwrap_or_default()
    }

    /// Kills it and returns what it acknowledged since the last line that was asked for.
    pub fn kill(mut self) -> Vec<Acknowledged> {
        let ended = self.child.try_wait().unwrap();
        self.child.kill().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        assert!(ended.is_none(), "it ended before it was killed: {said}");
        assert_eq!(said, "", "nothing fails without a fault");
        self.lines.iter().filter_map(|line| acknowledged(&line)).collect()
    }
}

/// An event that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Where it is.
    pub position: u64,
    /// Its id.
    pub id: String,
    /// Its leaf.
    pub leaf: String,
}

/// Returns what a line acknowledges; half a line at the end is no acknowledgement.
fn acknowledged(line: &str) -> Option<Acknowledged> {
    let line = line.strip_suffix('\n')?;
    let ["ACK", id, position, leaf] = line.split_whitespace().collect::<Vec<_>>()[..] else {
        return None;
    };
    let position = position.parse().unwrap();
    Some(Acknowledged { position, id: id.to_owned(), leaf: leaf.to_owned() })
}
