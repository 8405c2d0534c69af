//! `rebuild` and `scrub`: read models built anew beside those that answer, or compared with the
//! log.

use std::process::ExitCode;

use serde_json::json;
use waystage::core::view::Basis;
use waystage::replay::models::Checked;
use waystage::{AsOf, Engine, EngineError, ReadModels, Rebuilt};

use crate::arguments::{Arguments, Rebuild, Scrub};
use crate::command::kept;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// The exit code where models were found that differ from what the log gives.
const DIFFERENT: u8 = 1;

pub(crate) fn run(
    rebuild: &Rebuild,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    if rebuild.verify {
        let named = &rebuild.model;
        return check(named, arguments, output, |engine, names, progress| {
            engine.models()?.verify(names, &|at| progress.replayed(at))
        });
    }
    let wired = || wired(rebuild);
    let (engine, remade) = match kept::open_as_they_stand(&arguments.store, wired) {
        Err(error) if kept::is_beyond_use(&error) => {
            let anew = || wired().anew();
            (kept::open_as_they_stand(&arguments.store, anew)?, Some(error.to_string()))
        }
        opened => (opened?, None),
    };
    let progress = Progress::new("participants", arguments.quiet);
    let names: Vec<&str> = rebuild.model.iter().map(String::as_str).collect();
    let watch = |at| progress.replayed(at);
    let how = waystage::Rebuild { watch: &watch, ..waystage::Rebuild::default() };
    let rebuilt = engine.models()?.rebuild(&names, &how)?;
    told(&engine, &rebuilt, remade, arguments, output)
}

fn wired(rebuild: &Rebuild) -> ReadModels {
    let models = kept::every_model().basis(rebuild.basis.unwrap_or(Basis::Recorded));
    models.as_of(rebuild.as_of.map_or(AsOf::Today, AsOf::On))
}

fn told(
    engine: &Engine,
    rebuilt: &Rebuilt,
    remade: Option<String>,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let Some(switched) = &rebuilt.switched else {
        output.line("the build was stopped; rebuild again to go on from there")?;
        return Ok(ExitCode::from(DIFFERENT));
    };
    let models = engine.models()?.status()?.models;
    let parked = models.iter().map(|model| model.parked).max().unwrap_or(0);
    let file = arguments.store.join(kept::FILE).display().to_string();
    if arguments.json {
        output.json(&json!({
            "file": file,
            "models": switched.models,
            "stand": kept::stand_json(&switched.stand),
            "participants": rebuilt.built.participants,
            "events": rebuilt.built.events,
            "resumed": rebuilt.built.resumed,
            "remade": remade,
            "parked": parked,
            "differences": kept::differences_json(&switched.differences),
        }))?;
    } else {
        if let Some(says) = remade {
            output.line(&format!("made the file anew: {says}"))?;
        }
        let (count, built) = (switched.models.len(), &rebuilt.built);
        let gone_on = if built.resumed { ", going on with an earlier build" } else { "" };
        output.line(&format!(
            "built {count} read models from {} events of {} participants{gone_on}",
            built.events, built.participants
        ))?;
        output.line(&format!("they stand at {}", switched.stand))?;
        output.line(&format!("in {file}: open it with any SQL tool"))?;
        if parked > 0 {
            output.line(&format!("without {parked} participants: see `waystage parked`"))?;
        }
        if !switched.differences.is_empty() {
            output.line("what answered before differed, although it should not have:")?;
            let titles = ("answered", "built");
            kept::print_differences(&switched.differences, titles, output)?;
        }
    }
    Ok(code(switched.differences.is_empty()))
}

/// Compares the read models with the log and traces what differs to the first event behind it.
pub(crate) fn scrub(
    scrub: &Scrub,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    check(&scrub.model, arguments, output, |engine, names, progress| {
        engine.models()?.scrub(names, &|at| progress.replayed(at))
    })
}

fn check(
    models: &[String],
    arguments: &Arguments,
    output: &mut Output,
    checked: impl FnOnce(&Engine, &[&str], &Progress) -> Result<Checked, EngineError>,
) -> Result<ExitCode, Failure> {
    let engine = kept::open_as_they_stand(&arguments.store, kept::every_model)?;
    let progress = Progress::new("participants", arguments.quiet);
    let names: Vec<&str> = models.iter().map(String::as_str).collect();
    let checked = checked(&engine, &names, &progress)?;
    let parked = checked.parked.iter().map(|(model, participant)| (model, participant.to_string()));
    if arguments.json {
        let parked: Vec<_> = parked
            .map(|(model, participant)| json!({ "model": model, "participant": participant }))
            .collect();
        output.json(&json!({
            "models": checked.models,
            "stand": kept::stand_json(&checked.stand),
            "participants": checked.participants,
            "events": checked.events,
            "differences": kept::differences_json(&checked.differences),
            "parked_otherwise": parked,
            "clean": checked.is_clean(),
        }))?;
        return Ok(code(checked.is_clean()));
    }
    let (count, participants) = (checked.models.len(), checked.participants);
    output.line(&format!(
        "{count} read models at {} were added up again from {} events of {participants} participants",
        checked.stand, checked.events
    ))?;
    if checked.is_clean() {
        output.line("all of them hold what the log gives")?;
        return Ok(ExitCode::SUCCESS);
    }
    kept::print_differences(&checked.differences, ("kept", "log gives"), output)?;
    for (model, participant) in parked {
        output
            .line(&format!("{model}: {participant} is parked and should not be, or the reverse"))?;
    }
    output.line("`waystage rebuild` makes them anew")?;
    Ok(code(false))
}

fn code(clean: bool) -> ExitCode {
    if clean { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) }
}
