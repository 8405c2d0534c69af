//! What would be otherwise, as CSV: readings, figures, people. A cell that a spreadsheet would take
//! for a formula begins with an apostrophe.

use std::fs;
use std::path::{Path, PathBuf};

use waystage::core::rules::RuleReading;
use waystage::{EngineError, Supposed};

use super::document::changed;
use super::print::words;
use crate::failure::Failure;

/// Writes the three files and returns where they are.
pub(super) fn write(supposed: &Supposed, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut written = Vec::new();
    for (name, rows) in [
        ("readings.csv", readings(supposed)),
        ("figures.csv", figures(supposed)),
        ("people.csv", people(supposed)),
    ] {
        let path = folder.join(name);
        let lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
        fs::write(&path, lines.concat()).map_err(|error| EngineError::Unreadable {
            path: path.display().to_string(),
            says: error.to_string(),
        })?;
        written.push(path);
    }
    Ok(written)
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    // a number is no formula
    let is_number = cell.parse::<i64>().is_ok();
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

fn titles(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}

fn readings(supposed: &Supposed) -> Vec<Vec<String>> {
    let mut rows = vec![titles(&[
        "participation",
        "programme",
        "rule",
        "tier",
        "before",
        "after",
        "version_before",
        "version_after",
        "because",
        "reason",
        "says_before",
        "says_after",
        "rests_on_assumed",
    ])];
    let version = |reading: &Option<RuleReading>| {
        let version = reading.as_ref().and_then(|reading| reading.version);
        version.map(|version| version.to_string()).unwrap_or_default()
    };
    rows.extend(changed(supposed).into_iter().map(|(_, change)| {
        vec![
            change.reference.clone(),
            change.programme.to_string(),
            change.rule.to_string(),
            change.tier.as_ref().map(ToString::to_string).unwrap_or_default(),
            words(change.before.as_ref()),
            words(change.after.as_ref()),
            version(&change.before),
            version(&change.after),
            change.because.join(" "),
            change.reason.clone(),
            change.says[0].clone().unwrap_or_default(),
            change.says[1].clone().unwrap_or_default(),
            change.assumed.to_string(),
        ]
    }));
    rows
}

fn figures(supposed: &Supposed) -> Vec<Vec<String>> {
    let mut rows = vec![titles(&[
        "model",
        "table",
        "row",
        "measure",
        "before",
        "after",
        "change",
        "after_of_assumed",
        "people",
    ])];
    let or_nothing = |amount: Option<i64>| amount.map(|it| it.to_string()).unwrap_or_default();
    rows.extend(supposed.would_be.difference.figures().iter().map(|figure| {
        let row: Vec<String> =
            figure.row().map(|(column, value)| format!("{column}={value}")).collect();
        vec![
            figure.model.name.clone(),
            figure.table().map(|table| table.name.clone()).unwrap_or_default(),
            row.join("; "),
            figure.measure().to_owned(),
            or_nothing(figure.before),
            or_nothing(figure.before.map(|before| before + figure.change)),
            figure.change.to_string(),
            figure.model.assumed.get(figure.cell).to_string(),
            figure.shares.len().to_string(),
        ]
    }));
    rows
}

fn people(supposed: &Supposed) -> Vec<Vec<String>> {
    let mut rows = vec![titles(&[
        "participant",
        "participant_id",
        "readings_changed",
        "resting_on_assumed",
        "facts_changed",
        "facts_assumed",
        "programmes_read_otherwise",
    ])];
    rows.extend(supposed.would_be.difference.people.iter().map(|person| {
        let assumed = person.readings.iter().filter(|each| each.assumed).count();
        let facts_assumed = person.facts.iter().filter(|each| each.assumed).count();
        let programmes: Vec<&str> = person.rules.iter().map(|id| id.as_str()).collect();
        vec![
            person.reference.clone().unwrap_or_default(),
            person.participant.to_string(),
            person.readings.len().to_string(),
            assumed.to_string(),
            person.facts.len().to_string(),
            facts_assumed.to_string(),
            programmes.join(" "),
        ]
    }));
    rows
}
