//! `backup` and `restore`: verified copies.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use waystage::Engine;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn backup(
    file: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let events = Engine::open(&arguments.store)?.backup(file)?;
    tell("copied", events, file, arguments, output)
}

pub(crate) fn restore(
    file: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = Engine::restore(file, &arguments.store)?;
    let events = engine.reader().last_position()?.map_or(0, |last| last.get());
    tell("restored", events, &arguments.store, arguments, output)
}

fn tell(
    what: &str,
    events: u64,
    to: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let to = to.display().to_string();
    if arguments.json {
        output.json(&json!({ "events": events, "to": to }))?;
    } else {
        output.line(&format!("{what} {events} events to {to}; every one was read back"))?;
    }
    Ok(ExitCode::SUCCESS)
}
