//! Reads the scenario file that a command was given.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use waystage::core::scenario::Scenario;
use waystage::core::view::View;
use waystage::programmes::ScenarioFile;
use waystage::{Engine, EngineError, SourceNames};

use crate::failure::Failure;

/// Rows that are looked through at a time for the log's first source.
const PAGE: usize = 256;

/// Refuses a file with a grid, which is many scenarios, where one is asked for.
pub(crate) fn one(path: &Path, file: ScenarioFile) -> Result<Scenario, Failure> {
    if file.grid.is_some() {
        let says = format!("{}: a grid is many scenarios; take [grid] out", path.display());
        return Err(Failure::Usage(says));
    }
    Ok(file.scenario)
}

/// Reads a scenario file, and returns it with the view once the file has had its say on that.
/// `source` is whose references the file uses; where it is not told, it is the log's first.
pub(crate) fn read(
    path: &Path,
    source: Option<&str>,
    view: View,
    engine: &Engine,
) -> Result<(View, ScenarioFile), Failure> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| EngineError::Unreadable {
        path: shown.clone(),
        says: error.to_string(),
    })?;
    let source = match source {
        Some(source) => source.to_owned(),
        None => first_source(engine)?,
    };
    let names = SourceNames(source.as_str().into());
    let (view, file) = engine.scenario((&shown, &text), view, &names)?;
    for warning in &file.warnings {
        eprintln!("{warning}");
    }
    let known: BTreeSet<_> = engine.reader().participants()?.into_iter().collect();
    let assumed = file.scenario.assumed_participants();
    let strangers = assumed.difference(&known).count();
    if strangers > 0 {
        eprintln!(
            "{shown}: {strangers} of the {} participants of whom it assumes facts are nobody that \
             source {source} told of: they count as new",
            assumed.len()
        );
    }
    Ok((view, file))
}

/// Returns the source of the log's first sourced fact: the same however the log grows.
fn first_source(engine: &Engine) -> Result<String, EngineError> {
    let mut at = None;
    loop {
        let rows = engine.reader().rows_after(at, PAGE)?;
        let Some(last) = rows.last() else { return Ok(String::new()) };
        at = Some(last.position);
        if let Some(sourced) = rows.into_iter().find_map(|row| row.sourced) {
            return Ok(sourced.source.as_str().to_owned());
        }
    }
}
