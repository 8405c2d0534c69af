//! Reads the scenario file that a command was given.

use std::fs;
use std::path::Path;

use waystage::core::view::View;
use waystage::programmes::ScenarioFile;
use waystage::{Engine, EngineError, SourceNames};

use crate::failure::Failure;

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
    Ok((view, file))
}

/// Returns the source of the first participant's first sourced fact.
fn first_source(engine: &Engine) -> Result<String, EngineError> {
    let reader = engine.reader();
    for participant in reader.participants()? {
        let rows = reader.rows_of(participant)?;
        if let Some(sourced) = rows.into_iter().find_map(|row| row.sourced) {
            return Ok(sourced.source.as_str().to_owned());
        }
    }
    Ok(String::new())
}
