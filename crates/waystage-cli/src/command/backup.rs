//! `backup` and `restore`: verified copies.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use waystage::Engine;

use crate::arguments::Arguments;
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn backup(
    file: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let events = looking.backup(file)?;
    tell("copied", events, file, arguments, output)
}

pub(crate) fn restore(
    file: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = if is_export(file) {
        Engine::restore_export(file, &arguments.store)?
    } else {
        Engine::restore(file, &arguments.store)?
    };
    let events = engine.reader().last_position()?.map_or(0, |last| last.get());
    tell("restored", events, &arguments.store, arguments, output)
}

/// Returns whether a file begins as an exported log does: with a line of JSON.
pub(crate) fn is_export(file: &Path) -> bool {
    let mut first = [0];
    let read = std::fs::File::open(file).and_then(|mut file| file.read(&mut first));
    matches!(read, Ok(1)) && first == *b"{"
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
