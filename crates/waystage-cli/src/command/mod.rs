//! One file a command.

mod accesses;
mod anchored;
mod assumptions;
mod audit;
mod backup;
mod caseload;
mod claims;
mod definitions;
mod determine;
mod diff;
mod eligibility;
mod evidence;
mod explain;
mod export;
mod fees;
mod funnel;
mod import;
mod init;
pub(crate) mod kept;
mod key_workers;
mod needs;
mod pages;
mod parked;
mod programmes;
mod provision;
mod readings;
mod rebuild;
mod restated;
mod rule_sheet;
mod scenario;
mod show;
mod standards;
mod status;
mod targets;
mod viewing;
mod what_if;

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::Engine;
use waystage::core::view::{Through, View};

use crate::arguments::{Arguments, Command};
use crate::demo;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) use anchored::beside;
pub(crate) use assumptions::print as print_assumptions;
pub(crate) use claims::print as print_claims;
pub(crate) use evidence::new_secret_key;
pub(crate) use funnel::print as print_funnel;
pub(crate) use import::print as print_import;
pub(crate) use show::{case_file, find as find_participant, print as print_timeline};

/// The exit code where a report is without somebody of whom something cannot be read.
const PARKED: u8 = 1;

/// Runs the command that was asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut output = Output::new();
    let code = match &arguments.command {
        Command::Demo(demo) => demo::run(demo, arguments, &mut output),
        Command::Init(init) => init::run(init, arguments, &mut output),
        Command::Programmes(programmes) => programmes::run(programmes, arguments, &mut output),
        Command::Import(import) => import::run(import, arguments, &mut output),
        Command::Determine(determine) => determine::run(determine, arguments, &mut output),
        Command::Show(show) => show::run(show, arguments, &mut output),
        Command::Readings(viewed) => readings::run(viewed, arguments, &mut output),
        Command::Funnel(funnel) => funnel::run(funnel, arguments, &mut output),
        Command::Definitions(asked) => definitions::run(asked, arguments, &mut output),
        Command::Caseload(viewed) => caseload::run(viewed, arguments, &mut output),
        Command::Claims(viewed) => claims::run(viewed, arguments, &mut output),
        Command::Standards(standards) => standards::run(standards, arguments, &mut output),
        Command::Eligibility(viewed) => eligibility::run(viewed, arguments, &mut output),
        Command::Needs(viewed) => needs::run(viewed, arguments, &mut output),
        Command::Provision(viewed) => provision::run(viewed, arguments, &mut output),
        Command::KeyWorkers(viewed) => key_workers::run(viewed, arguments, &mut output),
        Command::Targets(targets) => targets::run(targets, arguments, &mut output),
        Command::Fees(viewed) => fees::run(viewed, arguments, &mut output),
        Command::Explain(explain) => explain::run(explain, arguments, &mut output),
        Command::WhatIf(asked) => what_if::run(asked, arguments, &mut output),
        Command::Rebuild(rebuild) => rebuild::run(rebuild, arguments, &mut output),
        Command::Scrub(scrub) => rebuild::scrub(scrub, arguments, &mut output),
        Command::Parked => parked::list(arguments, &mut output),
        Command::Skip { position, decided } => {
            parked::skip(*position, decided, arguments, &mut output)
        }
        Command::Retry { participant, decided } => {
            parked::retry(participant, decided, arguments, &mut output)
        }
        Command::Audit(asked) => audit::run(asked, arguments, &mut output),
        Command::Checkpoint(asked) => evidence::checkpoint::run(asked, arguments, &mut output),
        Command::Verify(asked) => evidence::verify::run(asked, arguments, &mut output),
        Command::Prove(asked) => evidence::prove::run(asked, arguments, &mut output),
        Command::Certify(asked) => evidence::certify::run(asked, arguments, &mut output),
        Command::Restated => restated::run(arguments, &mut output),
        Command::Diff(asked) => diff::run(asked, arguments, &mut output),
        Command::Recover(asked) => evidence::recover::run(asked, arguments, &mut output),
        Command::Export(asked) => export::run(asked, arguments, &mut output),
        Command::Accesses => accesses::run(arguments, &mut output),
        Command::Status => status::run(arguments, &mut output),
        Command::Backup { file } => backup::backup(file, arguments, &mut output),
        Command::Restore { file } => backup::restore(file, arguments, &mut output),
        Command::Completions { shell } => pages::completions(*shell),
        Command::Man { folder } => pages::man(folder, arguments, &mut output),
    }?;
    let found = output.finish()?;
    let done = code == ExitCode::SUCCESS;
    Ok(if found && done { ExitCode::from(PARKED) } else { code })
}

/// Opens the store in a folder, creating a missing one.
pub(crate) fn open_or_create(arguments: &Arguments, origin: &str) -> Result<Engine, Failure> {
    let folder = &arguments.store;
    if Engine::exists(folder) {
        return kept::open(arguments);
    }
    Ok(Engine::create(folder, origin)?)
}

/// Returns a view as JSON.
pub(crate) fn view_json(view: &View) -> Value {
    let through = match view.through {
        Through::Head => Value::Null,
        Through::Position(position) => json!(position.get()),
    };
    json!({
        "as_of": view.as_of.to_string(),
        "known_at": view.known_at.to_string(),
        "basis": view.basis.as_str(),
        "through": through,
    })
}

/// Returns a view in words.
pub(crate) fn view_words(view: &View) -> String {
    let through = match view.through {
        Through::Head => String::new(),
        Through::Position(position) => format!(", log up to position {position}"),
    };
    let (as_of, known_at, basis) = (view.as_of, view.known_at, view.basis);
    format!("as of {as_of}, as known at {known_at} (basis {basis}){through}")
}
