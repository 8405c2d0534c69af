//! `rebuild` and `scrub`: read models built anew beside those that answer, or compared with the
//! log.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::json;
use waystage::core::id::{ParticipantId, Position};
use waystage::core::view::Basis;
use waystage::replay::models::Checked;
use waystage::store::models::Parked;
use waystage::{AsOf, Engine, EngineError, ReadModels, Rebuilt};

use crate::arguments::{Arguments, Rebuild, Scrub};
use crate::command::anchored;
use crate::command::kept;
use crate::difference;
use crate::failure::Failure;
use crate::output::{Output, Rows};
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
    // each once, however often it was asked for
    let asked: BTreeSet<&str> = rebuild.model.iter().map(String::as_str).collect();
    let (done, remade) = match build(rebuild, &asked, arguments, |models| models) {
        // found when the file was opened, or only when it was read; all that it held goes with it
        Err(error) if kept::is_beyond_use(&error) => {
            let of_all = build(rebuild, &BTreeSet::new(), arguments, ReadModels::anew)?;
            (of_all, Some(error.to_string()))
        }
        built => (built?, None),
    };
    told(&done, remade, arguments, output)
}

fn build(
    rebuild: &Rebuild,
    asked: &BTreeSet<&str>,
    arguments: &Arguments,
    file: impl Fn(ReadModels) -> ReadModels,
) -> Result<Rebuilt, EngineError> {
    let wired = |engine: &Engine| {
        let as_of = rebuild.as_of.unwrap_or_else(|| engine.today().as_of);
        let models = kept::every_model().basis(rebuild.basis.unwrap_or(Basis::Recorded));
        file(models.as_of(AsOf::On(as_of)))
    };
    let engine = kept::as_they_stand(anchored::open(arguments)?, wired)?;
    let progress = Progress::new("participants", arguments.quiet);
    let names: Vec<&str> = asked.iter().copied().collect();
    let watch = |at| progress.replayed(at);
    let how = waystage::Rebuild { watch: &watch, ..waystage::Rebuild::default() };
    engine.models()?.rebuild(&names, &how)
}

fn told(
    rebuilt: &Rebuilt,
    remade: Option<String>,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let Some(switched) = &rebuilt.switched else {
        output.line("the build was stopped; rebuild again to go on from there")?;
        return Ok(ExitCode::from(DIFFERENT));
    };
    let parked: BTreeSet<ParticipantId> =
        switched.parked.iter().map(|(_, parked)| parked.participant).collect();
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
            "parked": parked.len(),
            "without": without(&switched.parked),
            "differences": difference::amounts_json(&switched.differences),
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
        if !parked.is_empty() {
            print_without(&switched.parked, output)?;
        }
        if !switched.differences.is_empty() {
            output.line("what answered before differed, although it should not have:")?;
            let titles = ("answered", "built");
            difference::print_amounts(&switched.differences, titles, output)?;
        }
    }
    Ok(code(switched.differences.is_empty()))
}

fn without(parked: &[(String, Parked)]) -> Vec<serde_json::Value> {
    let list = parked.iter().map(|(model, parked)| {
        json!({
            "model": model,
            "participant": parked.participant.to_string(),
            "position": parked.position.map(Position::get),
            "says": parked.says,
        })
    });
    list.collect()
}

/// Prints whom the models are without: once each, where what is wrong is the same in all of them.
fn print_without(parked: &[(String, Parked)], output: &mut Output) -> Result<(), Failure> {
    let each: BTreeSet<&Parked> = parked.iter().map(|(_, parked)| parked).collect();
    let count = each.iter().map(|parked| parked.participant).collect::<BTreeSet<_>>().len();
    output.line(&format!("without {count} participants, who cannot be read:"))?;
    let mut rows = Rows::new(["participant", "#position", "what is wrong"]);
    for parked in each.iter().take(kept::SHOWN_MAX) {
        let position = parked.position.map_or("-".to_owned(), |position| position.to_string());
        rows.row([parked.participant.to_string(), position, parked.says.clone()]);
    }
    output.table(&rows)?;
    if kept::SHOWN_MAX < each.len() {
        let more = each.len() - kept::SHOWN_MAX;
        output.line(&format!("and {more} more: --json lists them all"))?;
    }
    Ok(())
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
    let file = arguments.store.join(kept::FILE);
    if !file.exists() {
        let says = format!("there are no read models at {}: `waystage rebuild`", file.display());
        return Err(Failure::Usage(says));
    }
    let engine = kept::as_they_stand(anchored::open(arguments)?, |_| kept::every_model())?;
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
            "not_checked": checked.not_checked,
            "stand": kept::stand_json(&checked.stand),
            "participants": checked.participants,
            "events": checked.events,
            "differences": difference::amounts_json(&checked.differences),
            "parked_otherwise": parked,
            "clean": checked.is_clean(),
        }))?;
        return Ok(code(checked.is_clean() && checked.not_checked.is_empty()));
    }
    let (count, participants) = (checked.models.len(), checked.participants);
    output.line(&format!(
        "{count} read models at {} were added up again from {} events of {participants} participants",
        checked.stand, checked.events
    ))?;
    if !checked.not_checked.is_empty() {
        let names = checked.not_checked.join(", ");
        output.line(&format!("not checked, because they wait for a rebuild: {names}"))?;
    }
    if checked.is_clean() {
        output.line("all of them hold what the log gives")?;
        return Ok(code(checked.not_checked.is_empty()));
    }
    difference::print_amounts(&checked.differences, ("kept", "log gives"), output)?;
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
