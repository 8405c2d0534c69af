//! Reads the scenario file that a command was given.

use std::fs;
use std::path::Path;

use waystage::core::scenario::Scenario;
use waystage::core::view::View;
use waystage::programmes::ScenarioFile;
use waystage::{Engine, EngineError, Strangers};

use crate::failure::Failure;

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
        Some(source) => Some(source.into()),
        None => engine.first_source()?,
    };
    let source = source.unwrap_or_else(|| "".into());
    let (view, file) = engine.scenario((&shown, &text), view, &engine.names(source.clone()))?;
    for warning in &file.warnings {
        eprintln!("{warning}");
    }
    warn(&shown, source.as_str(), &file, &engine.strangers(&file.scenario)?);
    Ok((view, file))
}

/// Says on standard error what the file names that the source never did.
fn warn(shown: &str, source: &str, file: &ScenarioFile, strangers: &Strangers) {
    let new = strangers.participants.len();
    if new > 0 {
        let all = file.scenario.assumed_participants().len();
        eprintln!(
            "{shown}: {new} of the {all} participants of whom it assumes facts are nobody that source \
             {source} told of: they count as new"
        );
    }
    for (change, what) in &strangers.changes {
        eprintln!(
            "{shown}: change {change} assumes a fact about a {what} that its participant does not \
             have: is its reference written as {source} writes it?"
        );
    }
}
