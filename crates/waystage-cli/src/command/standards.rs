//! `standards`: whether what was to be done was done in time.

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage_cohorts::{Dimension, StandardRow, Standards as Model};

use crate::arguments::{Arguments, Standards};
use crate::command::assumptions::{self, Ground};
use crate::command::viewing::Viewing;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows, percent};

pub(crate) fn run(
    standards: &Standards,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &standards.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    // every row is of one programme anyway
    let by = standards.by.iter().copied().filter(|each| *each != Dimension::Programme);
    let model = Model { by: by.collect() };
    let rows = Model::rows(&viewing.sum(&model, output)?);
    let programmes = rows.iter().map(|row| row.programme.clone()).collect();
    if arguments.json {
        let by: Vec<&str> = model.by.iter().map(|dimension| dimension.as_str()).collect();
        let rows: Vec<Value> = rows.iter().map(|row| row_json(&model.by, row)).collect();
        output.json(&json!({
            "view": view_json(&view), "by": by, "rows": rows,
            "assumptions": assumptions::json_of(Ground::Standards, lens.programmes(), &programmes),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print(&model.by, &rows, output)?;
    assumptions::print_of(Ground::Standards, lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn row_json(by: &[Dimension], row: &StandardRow) -> Value {
    let mut object = Map::new();
    for (dimension, value) in by.iter().zip(&row.row) {
        object.insert(dimension.as_str().to_owned(), json!(value));
    }
    let counts = &row.counts;
    let numbers = [
        ("met", counts.met),
        ("late", counts.late),
        ("open", counts.open),
        ("missing", counts.missing),
        ("not_due", counts.not_due),
        ("unknown", counts.unknown),
        ("referrals", counts.all()),
    ];
    object.insert("programme".to_owned(), json!(row.programme));
    object.insert("standard".to_owned(), json!(row.standard));
    object.extend(numbers.map(|(name, number)| (name.to_owned(), json!(number))));
    Value::Object(object)
}

fn print(by: &[Dimension], rows: &[StandardRow], output: &mut Output) -> Result<(), Failure> {
    let titles = ["programme", "standard"].into_iter().chain(by.iter().map(|each| each.as_str()));
    let counts = ["#met", "#late", "#missing", "#open", "#not due", "#unknown", "#referrals"];
    let mut table = Rows::new(titles.chain(counts).chain(["#met of due"]));
    for row in rows {
        let named = row.row.iter().map(|each| each.clone().unwrap_or_else(|| "(none)".to_owned()));
        let counts = &row.counts;
        let numbers = [
            counts.met.to_string(),
            counts.late.to_string(),
            counts.missing.to_string(),
            counts.open.to_string(),
            counts.not_due.to_string(),
            counts.unknown.to_string(),
            counts.all().to_string(),
            percent(counts.met, counts.due()),
        ];
        let own = [row.programme.clone(), row.standard.clone()];
        table.row(own.into_iter().chain(named).chain(numbers));
    }
    output.table(&table)?;
    output.line("\"met of due\" is met of met + late + missing. Open is not due yet, not due never began, unknown has no calendar.")?;
    Ok(())
}
