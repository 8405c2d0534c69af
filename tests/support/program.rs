//! The real program: built once, run in a process of its own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Returns where the program is, building it first in the profile of this test.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let this = env::current_exe().expect("the test's own path");
        let profile = this.parent().and_then(Path::parent).and_then(Path::file_name);
        let profile = match profile.and_then(|name| name.to_str()) {
            None | Some("debug") => "dev",
            Some(name) => name,
        };
        let built = Command::new(env!("CARGO"))
            .args(["build", "-p", "waystage-cli", "--bin", "waystage", "--profile", profile])
            .args(["--quiet", "--message-format=json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo");
        assert!(built.status.success(), "the program cannot be built");
        let messages = String::from_utf8(built.stdout).expect("JSON");
        let messages = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
        let mut executables = messages.filter_map(|message: Value| {
            let is_program = message["target"]["name"] == "waystage";
            message["executable"].as_str().filter(|_| is_program).map(PathBuf::from)
        });
        executables.next().expect("cargo names the program")
    })
}

/// Returns the program with a store, to be run without progress and answering in JSON.
fn command(store: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("--store").arg(store).args(["--quiet", "--json"]);
    command
}

/// Starts an import of an extract in units of seven participants.
pub(crate) fn start_import(store: &Path, extract: &Path) -> Child {
    command(store)
        .arg("import")
        .arg(extract)
        .args(["--source", "s", "--batch", "7"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Runs the program to its end and returns what it prints.
pub(crate) fn run(store: &Path, arguments: &[&str]) -> Vec<u8> {
    let Output { status, stdout, stderr } =
        command(store).args(arguments).stdin(Stdio::null()).output().expect("the program runs");
    let says = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{arguments:?}: {status}: {says}");
    stdout
}

/// Runs the program to its end and returns its answer.
pub(crate) fn answer(store: &Path, arguments: &[&str]) -> Value {
    serde_json::from_slice(&run(store, arguments)).expect("a JSON document")
}

/// Imports an extract to the end, in units of seven participants.
pub(crate) fn import(store: &Path, extract: &Path) -> Value {
    let extract = extract.to_str().expect("a path in UTF-8");
    answer(store, &["import", extract, "--source", "s", "--batch", "7"])
}
