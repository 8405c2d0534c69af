//! What the program signs, proves, certifies and exports of a log that changed its key, was put
//! back from an older copy, went on, and changed its key again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{answer, run};

pub(crate) struct Products {
    _folder: tempfile::TempDir,
    pub(crate) at: PathBuf,
    /// The log's first public key.
    pub(crate) key: String,
    /// The notes by which keys changed, in order, each in a file.
    pub(crate) changes: Vec<PathBuf>,
    /// A proof for each event of somebody, under the newest checkpoint.
    pub(crate) proofs: Vec<PathBuf>,
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file").path();
        if file.is_file() {
            let _ = fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("a copy");
        }
    }
}

impl Products {
    /// Runs the program as an operator would.
    pub(crate) fn made() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().to_owned();
        let store = at.join("demo/store");
        let file = |name: &str| text(&at.join(name)).to_owned();
        let run = |arguments: &[&str]| drop(run(&store, arguments));
        run(&["demo", "--participants", "4", "--out", &file("demo")]);
        let first = answer(
            &store,
            &["checkpoint", "--new-key", "--out", &file("c1"), "--leaves", &file("l1")],
        );
        let key = first["key"].as_str().expect("a key").to_owned();
        run(&["certify", "funnel", "--out", &file("figure1")]);
        run(&["checkpoint", "--rotate-to", &file("k2")]);
        // nothing came since: this has to be good all the same
        run(&["checkpoint", "--key", &file("k2"), "--out", &file("c2")]);
        run(&["export", "log", "--out", &file("before")]);
        copy(&store, &at.join("copy"));
        run(&["determine", "--as-of", "2024-03-31"]);
        run(&["checkpoint", "--key", &file("k2"), "--out", &file("c3"), "--leaves", &file("l3")]);
        run(&["certify", "funnel", "--key", &file("k2"), "--out", &file("figure2")]);
        fs::rename(&store, at.join("lost")).expect("the store is lost");
        fs::rename(at.join("copy"), &store).expect("the copy is put back");
        let mut recover = vec!["recover", "--declare", "--operator", "o", "--approver", "a"];
        let k2 = file("k2");
        recover.extend(["--reason", "a disk was lost", "--key", &k2]);
        run(&recover);
        let e2 = file("k2.e2");
        run(&["determine", "--as-of", "2024-02-29"]);
        run(&["checkpoint", "--key", &e2, "--out", &file("c4")]);
        run(&["checkpoint", "--key", &e2, "--rotate-to", &file("k3")]);
        run(&["determine", "--as-of", "2024-01-31"]);
        run(&["checkpoint", "--key", &file("k3"), "--out", &file("c5")]);
        run(&["certify", "funnel", "--key", &file("k3"), "--out", &file("figure3")]);
        run(&["export", "log", "--out", &file("log")]);
        // the lost store turns up and goes on, beyond what was declared lost
        let lost = at.join("lost");
        drop(crate::program::run(&lost, &["determine", "--as-of", "2023-12-31"]));
        let more = ["checkpoint", "--key", &k2, "--out", &file("c6"), "--new-anchor"];
        drop(crate::program::run(&lost, &more));
        let changes = changes(&at);
        let somebody = somebody(&at);
        run(&["prove", &somebody, "--out", &file("proofs")]);
        let proofs = fs::read_dir(at.join("proofs")).expect("proofs");
        let mut proofs: Vec<_> = proofs.map(|proof| proof.expect("a file").path()).collect();
        proofs.sort();
        Self { _folder: folder, at, key, changes, proofs }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.at.join(name)
    }

    /// Returns the files of a certificate and its result.
    pub(crate) fn figure(&self, number: u32) -> (PathBuf, PathBuf) {
        let folder = self.at.join(format!("figure{number}"));
        (folder.join("funnel.certificate"), folder.join("funnel.result"))
    }
}

fn lines(at: &Path) -> Vec<Value> {
    let log = fs::read_to_string(at.join("log")).expect("an export");
    log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Writes each change of keys into a file of its own.
fn changes(at: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in lines(at) {
        let note = ["rotation", "recovery"].iter().find_map(|sort| line.get(sort)?.as_str());
        let Some(note) = note else { continue };
        let file = at.join(format!("change{}", files.len()));
        fs::write(&file, note).expect("a file");
        files.push(file);
    }
    assert_eq!(files.len(), 3, "two rotations and a recovery");
    files
}

/// Returns the reference of somebody in the extract of the demo.
fn somebody(at: &Path) -> String {
    let mut people = csv::Reader::from_path(at.join("demo/extract/participants.csv")).expect("CSV");
    let headers = people.headers().expect("headers").clone();
    let column = headers.iter().position(|name| name == "participant").expect("the column");
    let somebody = people.records().next().expect("somebody").expect("a record");
    somebody[column].to_owned()
}
