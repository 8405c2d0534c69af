//! The second verifier, run once and asked many times.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Answers a line of arguments with a line: the exit code, the first bad position, what is said.
const ANSWERS: &str = r#"
import contextlib, io, json, sys
sys.path.insert(0, "docs/evidence")
import verify
for line in sys.stdin:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify.main([*json.loads(line), "--json"])
    said = json.loads(out.getvalue())
    print(json.dumps([code, said.get("first"), said.get("wrong")]), flush=True)
"#;

pub(crate) struct Second {
    process: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

/// What it says of something.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) fits: bool,
    /// The first bad position, where it knows one.
    pub(crate) first: Option<u64>,
    pub(crate) says: String,
}

impl Second {
    pub(crate) fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut process = Command::new("python3")
            .args(["-c", ANSWERS])
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3, with the package cryptography");
        let stdin = process.stdin.take().expect("a pipe");
        let stdout = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, pipes: RefCell::new((stdin, stdout)) }
    }

    pub(crate) fn ask(&self, arguments: &[&str]) -> Verdict {
        let (stdin, stdout) = &mut *self.pipes.borrow_mut();
        writeln!(stdin, "{}", Value::from(arguments.to_vec())).expect("it listens");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it answers");
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("it ended over {arguments:?}"));
        let code = answer[0].as_u64().expect("a code");
        assert!(code == 0 || code == 4, "{arguments:?}: {answer}");
        let says = answer[2].as_str().unwrap_or_default().to_owned();
        Verdict { fits: code == 0, first: answer[1].as_u64(), says }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
