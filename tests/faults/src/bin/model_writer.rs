//! The program that keeps read models under faults. It prints a line for each step that is kept;
//! where something fails it says so, opens the file anew and goes on, three times at most.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test program may

use std::io::Write as _;
use std::process::ExitCode;

use waystage_faults::model_file;
use waystage_faults::program::Asked;

const SESSIONS_MAX: u32 = 4;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = Asked::from_arguments(&arguments).expect("folder steps and what others ask");
    std::fs::create_dir_all(&asked.folder).unwrap();
    let tell = |step: u64| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "ACK {step} {step} -").unwrap();
        out.flush().unwrap();
    };
    for _ in 0..SESSIONS_MAX {
        match model_file::write(&asked.folder, asked.groups, tell) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => eprintln!("{error}"),
        }
    }
    ExitCode::from(3)
}
