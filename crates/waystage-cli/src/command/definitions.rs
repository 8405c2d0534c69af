//! `definitions`: the same journeys under every definition of an outcome.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::core::programme::Programmes;
use waystage_cohorts::{DefinitionRow, Definitions as Model};

use crate::arguments::{Arguments, Definitions};
use crate::command::viewing::Viewing;
use crate::command::{assumptions, view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(
    definitions: &Definitions,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &definitions.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let sum = viewing.sum(&Model, output)?;
    let (starts, rows) = (Model::starts(&sum), Model::rows(&sum));
    if arguments.json {
        let rows: Vec<Value> = rows.iter().map(row_json).collect();
        output.json(&json!({
            "view": view_json(&view), "participations": starts, "definitions": rows,
            "assumptions": assumptions::json(lens.programmes(), &named(lens.programmes())),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    output.line(&format!(
        "{starts} participations that started, each read by every outcome rule in force, as if it had \
         been referred to that programme"
    ))?;
    output.line("")?;
    match &definitions.against {
        None => counts(&rows, output)?,
        Some(against) => beside(&rows, against, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Every programme: each is a definition.
fn named(programmes: &Programmes) -> BTreeSet<String> {
    programmes.programmes.keys().map(ToString::to_string).collect()
}

fn row_json(row: &DefinitionRow) -> Value {
    json!({
        "definition": row.definition,
        "met": row.counts.met,
        "not_met": row.counts.not_met,
        "not_yet": row.counts.not_yet,
        "unknown": row.counts.unknown,
        "also_met": row.also,
    })
}

/// Prints the four readings of each definition.
fn counts(rows: &[DefinitionRow], output: &mut Output) -> Result<(), Failure> {
    let mut table = Rows::new(["definition", "#met", "#not met", "#not yet", "#unknown"]);
    for row in rows {
        let counts = row.counts;
        let counts = [counts.met, counts.not_met, counts.not_yet, counts.unknown];
        let cells = counts.map(|count| count.to_string());
        table.row(std::iter::once(row.definition.clone()).chain(cells));
    }
    output.table(&table)?;
    output.line("")?;
    output.line(
        "the four readings add up to the participations in every row; a definition that has",
    )?;
    output.line("no version in force on the day that picks one reads not met;")?;
    output
        .line("see `waystage definitions --against PROGRAMME/RULE` for who is counted by both,")?;
    output.line("and --json for what each pack assumes where its sources are silent")?;
    Ok(())
}

/// Prints how each definition overlaps with one of them.
fn beside(rows: &[DefinitionRow], against: &str, output: &mut Output) -> Result<(), Failure> {
    let Some(one) = rows.iter().find(|row| row.definition == against) else {
        let names: Vec<&str> = rows.iter().map(|row| row.definition.as_str()).collect();
        let names = names.join(", ");
        let says = format!("no definition is called {against:?}: write one of {names}");
        return Err(Failure::Usage(says));
    };
    let heads = ["definition", "#met by both", "#by it alone", "#by the other alone"];
    let mut table = Rows::new(heads);
    for row in rows.iter().filter(|row| row.definition != against) {
        let both = row.also.get(against).copied().unwrap_or(0);
        let alone = row.counts.met - both;
        let other = one.counts.met - both;
        let numbers = [both, alone, other].map(|count| count.to_string());
        let [both, alone, other] = numbers;
        table.row([row.definition.clone(), both, alone, other]);
    }
    output.line(&format!("against {against}, which {} meet:", one.counts.met))?;
    output.table(&table)?;
    Ok(())
}
