//! `what-if`: reads the log under a scenario and says what would be otherwise, for whom and why.

mod document;
mod grid;
mod print;

use std::process::ExitCode;
use std::sync::Arc;

use waystage::core::table::Model;
use waystage::{Engine, Figures};

use crate::arguments::{Arguments, WhatIf};
use crate::command::{anchored, kept, scenario};
use crate::difference::write_csv;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// The exit code where something would be otherwise.
const OTHERWISE: u8 = 1;

pub(crate) fn run(
    asked: &WhatIf,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let chosen = chosen(&asked.model)?;
    let engine = open(arguments)?;
    let view = asked.view.view(&engine);
    let (view, file) = scenario::read(&asked.scenario, asked.source.as_deref(), view, &engine)?;
    let models: Vec<&dyn Model> = chosen.iter().map(|model| &**model).collect();
    let progress = Progress::new("participants", arguments.quiet);
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    if let Some(grid) = &file.grid {
        if asked.out.is_some() || !asked.model.is_empty() {
            let says = "a grid is one table of readings, and no read models: leave --out and \
                        --model away";
            return Err(Failure::Usage(says.to_owned()));
        }
        let table = looking.sweep(grid, view, &|at| progress.replayed(at))?;
        output.left_out(&table.parked);
        let changed = grid::print(&file.scenario, grid, &table, arguments.json, output)?;
        return Ok(code(changed));
    }
    let figures = if asked.changes_only { Figures::Changes } else { Figures::Totals };
    let watch = |at| progress.replayed(at);
    let supposed = looking.what_if(&file.scenario, view, &models, figures, &watch)?;
    output.left_out(&supposed.would_be.difference.parked);
    let files = match &asked.out {
        Some(folder) => {
            let name = plain_name(&file.scenario.name);
            let path = folder.join(format!("{name}.views.db"));
            let view = supposed.would_be.view;
            let built =
                looking.keep_what_if(&file.scenario, view, chosen.clone(), &path, &watch)?;
            output.left_out(&built.parked);
            let mut files = vec![path];
            if asked.csv {
                write_csv(&supposed.would_be.difference, folder)?;
                let names = ["figures.csv", "readings.csv", "people.csv"];
                files.extend(names.map(|name| folder.join(name)));
            }
            files
        }
        None => Vec::new(),
    };
    if arguments.json {
        output.json(&document::document(&supposed))?;
    } else {
        print::print(&supposed, asked.limit, output)?;
        for file in files {
            output.line(&format!("written: {}", file.display()))?;
        }
    }
    Ok(code(!supposed.is_empty()))
}

fn code(is_otherwise: bool) -> ExitCode {
    if is_otherwise { ExitCode::from(OTHERWISE) } else { ExitCode::SUCCESS }
}

/// Returns a name that a file can have anywhere.
fn plain_name(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let name: String = name.chars().map(plain).take(60).collect();
    let name = name.trim_matches('-').to_ascii_lowercase();
    if name.is_empty() { "what-if".to_owned() } else { name }
}

/// Opens the store, with its read models as they stand where they can be read: the baseline's
/// totals may be there.
fn open(arguments: &Arguments) -> Result<Engine, Failure> {
    let engine = anchored::open(arguments)?;
    if !arguments.store.join(kept::FILE).exists() {
        return Ok(engine);
    }
    match kept::as_they_stand(engine, |_| kept::every_model()) {
        Ok(engine) => Ok(engine),
        Err(_) => Ok(anchored::open(arguments)?),
    }
}

/// Returns the models of these names, or all where none is named.
fn chosen(names: &[String]) -> Result<Vec<Arc<dyn Model>>, Failure> {
    let all = kept::models();
    let known = |name: &String| all.iter().any(|model| model.name() == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let there: Vec<&str> = all.iter().map(|model| model.name()).collect();
        let there = there.join(", ");
        return Err(Failure::Usage(format!(
            "no read model is called {unknown}; there are {there}"
        )));
    }
    let is_asked =
        |model: &Arc<dyn Model>| names.is_empty() || names.iter().any(|name| name == model.name());
    Ok(all.into_iter().filter(is_asked).collect())
}
