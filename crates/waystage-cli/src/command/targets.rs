//! `targets`: what was planned against what happened, and cohorts at like ages.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::core::calendar::Month;
use waystage_cohorts::{Ages, AgesRow, Compared, TargetRow, Targets as Model};

use crate::arguments::{Arguments, Targets};
use crate::command::assumptions::{self, Ground};
use crate::command::viewing::Viewing;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows, percent};

/// The ages in months that the table has; JSON has them all.
const AGES_SHOWN: [u32; 7] = [0, 3, 6, 9, 12, 18, 24];

pub(crate) fn run(
    targets: &Targets,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &targets.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let month = targets.month.unwrap_or_else(|| Month::of(view.as_of));
    let rows = Model::rows(&viewing.sum(&Model, output)?, lens.programmes(), month);
    let ages = Ages::rows(&viewing.sum(&Ages, output)?);
    let programmes: BTreeSet<String> = rows
        .iter()
        .map(|row| row.programme.clone())
        .chain(ages.iter().map(|row| row.programme.clone()))
        .collect();
    let is_over = Month::of(view.as_of) > month || ends_with(month, view.as_of);
    if arguments.json {
        output.json(&json!({
            "view": view_json(&view),
            "month": month.to_string(),
            "month_is_over": is_over,
            "targets": rows.iter().map(row_json).collect::<Vec<_>>(),
            "cohorts": ages.iter().map(ages_json).collect::<Vec<_>>(),
            "assumptions": assumptions::json_of(Ground::Targets, lens.programmes(), &programmes),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print(&rows, month, output)?;
    if !is_over {
        output
            .line(&format!("{month} is not over on {}: its plan is for all of it.", view.as_of))?;
    }
    print_ages(&ages, output)?;
    assumptions::print_of(Ground::Targets, lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns whether a day is the last of its month.
fn ends_with(month: Month, day: chrono::NaiveDate) -> bool {
    day.succ_opt().is_some_and(|next| Month::of(next) > month)
}

fn row_json(row: &TargetRow) -> Value {
    let over = |each: Compared| json!({ "actual": each.actual, "planned": each.planned });
    json!({
        "programme": row.programme, "target": row.target, "measure": row.measure.as_str(),
        "rule": row.rule, "area": row.area, "group": row.group,
        "in_month": over(row.in_month), "rolling_three": over(row.rolling_three),
        "rolling_twelve": over(row.rolling_twelve), "cumulative": over(row.cumulative),
    })
}

fn ages_json(row: &AgesRow) -> Value {
    json!({
        "programme": row.programme, "rule": row.rule, "cohort": row.cohort.to_string(),
        "months": row.age, "old_enough": row.old_enough, "met": row.met, "unknown": row.unknown,
    })
}

fn print(rows: &[TargetRow], month: Month, output: &mut Output) -> Result<(), Failure> {
    if rows.is_empty() {
        output.line("no programme in force has targets: add [[target]] to its pack")?;
        return Ok(());
    }
    output.line(&format!("{month}: what happened / what was planned (a dash: no plan)"))?;
    let titles = ["programme", "target", "counts", "of", "#in month", "#three months"];
    let mut table =
        Rows::new(titles.into_iter().chain(["#twelve months", "#cumulative", "#of plan"]));
    let says = |each: Compared| {
        let planned = each.planned.map_or("-".to_owned(), |planned| planned.to_string());
        format!("{} / {planned}", each.actual)
    };
    for row in rows {
        let of: Vec<&str> = row.area.iter().chain(&row.group).map(String::as_str).collect();
        let of = if of.is_empty() { "all".to_owned() } else { of.join(", ") };
        let counts = row.rule.clone().unwrap_or_else(|| row.measure.as_str().replace('_', " "));
        table.row([
            row.programme.clone(),
            row.target.clone(),
            counts,
            of,
            says(row.in_month),
            says(row.rolling_three),
            says(row.rolling_twelve),
            says(row.cumulative),
            percent(row.cumulative.actual, row.cumulative.planned.unwrap_or(0)),
        ]);
    }
    output.table(&table)?;
    output.line("\"of plan\" is cumulative, to the end of the month. Actual counts go by the day on which each thing happened.")?;
    Ok(())
}

/// By age: how many met it, of how many it is unknown, and how many are old enough.
type Cells = BTreeMap<u32, (i64, i64, i64)>;

/// Prints cohorts by year of start: each cell adds up like ages of its months, those old enough.
fn print_ages(ages: &[AgesRow], output: &mut Output) -> Result<(), Failure> {
    if ages.is_empty() {
        return Ok(());
    }
    let mut rows: BTreeMap<(&str, &str, String), Cells> = BTreeMap::new();
    for row in ages {
        let year = row.cohort.to_string().chars().take(4).collect();
        let cells = rows.entry((&row.programme, &row.rule, year)).or_default();
        let (met, unknown, old_enough) = cells.entry(row.age).or_default();
        *met += row.met;
        *unknown += row.unknown;
        *old_enough += row.old_enough;
    }
    output.line("")?;
    output
        .line("outcomes by year of start and months since: met / those who started so long ago")?;
    let ages = AGES_SHOWN.map(|age| format!("#{age} months"));
    let titles = ["programme", "rule", "started"].map(ToOwned::to_owned);
    let mut table = Rows::new(titles.into_iter().chain(ages));
    for ((programme, rule, year), cells) in rows {
        let cells = AGES_SHOWN.map(|age| {
            cells.get(&age).map_or_else(String::new, |cell| match cell {
                (met, 0, old) => format!("{met} / {old}"),
                (met, unknown, old) => format!("{met} (+{unknown}?) / {old}"),
            })
        });
        table.row([programme.to_owned(), rule.to_owned(), year].into_iter().chain(cells));
    }
    output.table(&table)?;
    output.line("like ages are compared: who has not been on the programme so long is left out of both numbers. (+1?) is one more of whom it is unknown. --json has every month of start.")?;
    Ok(())
}
