//! `funnel`: counts from referral to sustainment.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage::Engine;
use waystage::core::view::View;
use waystage_cohorts::{Dimension, Funnel as Model, FunnelRow};

use crate::arguments::{Arguments, Funnel};
use crate::command::anchored;
use crate::command::{assumptions, view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows, percent};
use crate::progress::Progress;

pub(crate) fn run(
    funnel: &Funnel,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let view = funnel.view.view(&engine);
    let model = Model { by: funnel.by.clone() };
    let lens = engine.lens(view)?;
    let progress = Progress::new("participants", arguments.quiet);
    let watch = |at| progress.replayed(at);
    let sum = engine.replay(&lens).watched(&watch).sum(&model)?;
    let rows = Model::rows(&output.without(sum));
    let programmes = programmes(&engine, view, &model.by, &rows)?;
    if arguments.json {
        let by: Vec<&str> = model.by.iter().map(|dimension| dimension.as_str()).collect();
        let rows: Vec<Value> = rows.iter().map(|row| row_json(&model.by, row)).collect();
        let assumptions = assumptions::json(lens.programmes(), &programmes);
        output.json(&json!({
            "view": view_json(&view), "by": by, "rows": rows, "assumptions": assumptions,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print(&model.by, &rows, output)?;
    assumptions::print(lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the programmes that have a referral in the view.
fn programmes(
    engine: &Engine,
    view: View,
    by: &[Dimension],
    rows: &[FunnelRow],
) -> Result<BTreeSet<String>, Failure> {
    let names = |rows: &[FunnelRow], place: usize| {
        rows.iter().filter_map(|row| row.row.get(place).cloned().flatten()).collect()
    };
    if let Some(place) = by.iter().position(|dimension| *dimension == Dimension::Programme) {
        return Ok(names(rows, place));
    }
    let by_programme = Model { by: vec![Dimension::Programme] };
    Ok(names(&Model::rows(&engine.sum(&by_programme, view)?.model), 0))
}

fn row_json(by: &[Dimension], row: &FunnelRow) -> Value {
    let mut object = Map::new();
    for (dimension, value) in by.iter().zip(&row.row) {
        object.insert(dimension.as_str().to_owned(), json!(value));
    }
    let outcomes: Map<String, Value> = row
        .outcomes
        .iter()
        .map(|(rule, counts)| {
            let counts = json!({
                "met": counts.met,
                "not_met": counts.not_met,
                "not_yet": counts.not_yet,
                "unknown": counts.unknown,
            });
            (rule.clone(), counts)
        })
        .collect();
    object.insert("referrals".to_owned(), json!(row.referrals));
    object.insert("individuals".to_owned(), json!(row.individuals));
    object.insert("starts".to_owned(), json!(row.starts));
    object.insert("job_starts".to_owned(), json!(row.job_starts));
    object.insert("outcomes".to_owned(), Value::Object(outcomes));
    Value::Object(object)
}

/// Prints the funnel: first the counts, then each rule with its four readings.
pub(crate) fn print(
    by: &[Dimension],
    rows: &[FunnelRow],
    output: &mut Output,
) -> Result<(), Failure> {
    let names = |row: &FunnelRow| {
        row.row
            .iter()
            .map(|value| value.clone().unwrap_or_else(|| "(none)".to_owned()))
            .collect::<Vec<_>>()
    };
    let counts =
        ["#referrals", "#individuals", "#starts", "#% of referrals", "#job starts", "#% of starts"];
    let mut table = Rows::new(by.iter().map(|each| each.as_str()).chain(counts));
    for row in rows {
        let numbers = [
            row.referrals.to_string(),
            row.individuals.to_string(),
            row.starts.to_string(),
            percent(row.starts, row.referrals),
            asked(row).map_or("-".to_owned(), |count| count.to_string()),
            asked(row).map_or("-".to_owned(), |count| percent(count, row.starts)),
        ];
        table.row(names(row).into_iter().chain(numbers));
    }
    output.table(&table)?;
    output.line("")?;
    output.line("outcomes, of all referrals of the row (met + not met + not yet + unknown):")?;
    let counts =
        ["rule", "#met", "#not met", "#not yet", "#unknown", "#referrals", "#met of settled"];
    let mut table = Rows::new(by.iter().map(|each| each.as_str()).chain(counts));
    for row in rows {
        for (rule, four) in &row.outcomes {
            let numbers = [
                rule.clone(),
                four.met.to_string(),
                four.not_met.to_string(),
                four.not_yet.to_string(),
                four.unknown.to_string(),
                four.all().to_string(),
                percent(four.met, four.met + four.not_met),
            ];
            table.row(names(row).into_iter().chain(numbers));
        }
    }
    output.table(&table)?;
    output.line("\"met of settled\" leaves out the not yet and the unknown: it is no success rate of all who started.")?;
    Ok(())
}

/// Returns the job starts of a row, where any of its programmes has a rule that counts them.
fn asked(row: &FunnelRow) -> Option<i64> {
    (row.job_starts_asked > 0).then_some(row.job_starts)
}
