//! `export`: the log for other programs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use crate::arguments::{Arguments, Export, ExportFormat};
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

pub(crate) fn run(
    asked: &Export,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let progress = Progress::new("events", arguments.quiet);
    let all = engine.reader().last_position()?.map_or(0, |last| last.get());
    let watch = |at| progress.at(at, all);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let write = |out: &mut dyn Write| match asked.format {
        ExportFormat::Log => looking.export(out, &watch),
        ExportFormat::Accesses => looking.export_accesses(out),
    };
    let events = if let Some(file) = &asked.out {
        let named = |error| Failure::Usage(format!("{}: {error}", file.display()));
        let mut out = BufWriter::new(File::create_new(file).map_err(named)?);
        let events = write(&mut out)?;
        out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        events
    } else {
        write(&mut BufWriter::new(std::io::stdout().lock()))?;
        return Ok(ExitCode::SUCCESS);
    };
    let file = asked.out.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
    if arguments.json {
        output.json(&serde_json::json!({ "events": events, "to": file }))?;
    } else {
        output.line(&format!("wrote {events} events to {file}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
