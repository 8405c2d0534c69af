//! The `waystage` program. Everything it does is a call that an embedding service can make too.

mod arguments;
mod command;
mod demo;
mod difference;
mod failure;
mod output;
mod progress;
mod prov;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match command::run(&arguments) {
        Ok(code) => code,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(anstream::stderr(), "waystage: {failure}");
            failure.code()
        }
    }
}
