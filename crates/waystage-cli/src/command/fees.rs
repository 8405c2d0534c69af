//! `fees`: what was earned by the pack's own amounts, by month.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage_caseload::pounds;
use waystage_cohorts::{Accelerated, AcceleratedRow, Delivered, EarnedRow, Fees, delivered};

use crate::arguments::{Arguments, Viewed};
use crate::command::assumptions::{self, Ground};
use crate::command::viewing::Viewing;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &viewed.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let earned = Fees::rows(&viewing.sum(&Fees, output)?);
    let delivered = delivered(lens.programmes(), view.as_of);
    let accelerated = Accelerated::rows(&viewing.sum(&Accelerated, output)?);
    let programmes: BTreeSet<String> = earned
        .iter()
        .map(|row| row.programme.clone())
        .chain(delivered.iter().map(|row| row.programme.clone()))
        .collect();
    if arguments.json {
        output.json(&json!({
            "view": view_json(&view),
            "earned": earned.iter().map(earned_json).collect::<Vec<_>>(),
            "delivery": delivered.iter().map(delivered_json).collect::<Vec<_>>(),
            "accelerated": accelerated.iter().map(accelerated_json).collect::<Vec<_>>(),
            "assumptions": assumptions::json_of(Ground::Fees, lens.programmes(), &programmes),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print(&earned, &delivered, output)?;
    print_accelerated(&accelerated, output)?;
    assumptions::print_of(Ground::Fees, lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn earned_json(row: &EarnedRow) -> Value {
    json!({
        "programme": row.programme, "fee": row.fee, "tier": row.tier,
        "month": row.month.to_string(), "count": row.count, "pence": row.pence,
        "amount_unknown": row.unknown,
    })
}

fn delivered_json(row: &Delivered) -> Value {
    json!({
        "programme": row.programme, "month": row.month.to_string(), "count": row.count,
        "pence": row.pence, "amount_unknown": row.unknown,
    })
}

fn accelerated_json(row: &AcceleratedRow) -> Value {
    json!({
        "programme": row.programme, "fee": row.fee, "cohort": row.cohort,
        "outcomes": row.outcomes, "above": row.above, "pence": row.pence,
    })
}

/// Prints what cohorts with many outcomes are paid more; nothing where no pack says so.
fn print_accelerated(rows: &[AcceleratedRow], output: &mut Output) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.line("paid more for the outcomes of a cohort of starts above a number:")?;
    let mut table = Rows::new(["programme", "fee", "cohort", "#outcomes", "#above", "#amount"]);
    for row in rows {
        let amount = row.pence.map_or_else(|| "unknown".to_owned(), pounds);
        let names = [row.programme.clone(), row.fee.clone(), row.cohort.clone()];
        let numbers = [row.outcomes.to_string(), row.above.to_string(), amount];
        table.row(names.into_iter().chain(numbers));
    }
    output.table(&table)?;
    Ok(())
}

/// What is added up for a line of the table: fees, pence, and fees of unknown amount.
type Sums = (i64, i128, i64);

/// Prints fees by calendar year; JSON has every month.
fn print(
    earned: &[EarnedRow],
    delivered: &[Delivered],
    output: &mut Output,
) -> Result<(), Failure> {
    let mut years: BTreeMap<(String, String, String), Sums> = BTreeMap::new();
    let mut add = |programme: &str, fee: String, month: String, (count, pence, unknown)| {
        let year = month.chars().take(4).collect();
        let sums = years.entry((programme.to_owned(), fee, year)).or_default();
        *sums = (sums.0 + count, sums.1 + i128::from(pence), sums.2 + unknown);
    };
    for row in earned {
        let tier = row.tier.as_ref().map_or_else(String::new, |tier| format!("/{tier}"));
        let fee = format!("{}{tier}", row.fee);
        add(&row.programme, fee, row.month.to_string(), (row.count, row.pence, row.unknown));
    }
    for row in delivered {
        let fee = "(delivery, months)".to_owned();
        add(&row.programme, fee, row.month.to_string(), (row.count, row.pence, row.unknown));
    }
    output.line("fees by the year of the day that earned them (--json has every month):")?;
    let mut table =
        Rows::new(["programme", "fee", "year", "#earned", "#amount", "#of unknown amount"]);
    for ((programme, fee, year), (count, pence, unknown)) in years {
        let numbers = [count.to_string(), pounds(pence), unknown.to_string()];
        table.row([programme, fee, year].into_iter().chain(numbers));
    }
    output.table(&table)?;
    output.line("what the pack says was earned, not what was claimed (see `claims`) or paid.")?;
    Ok(())
}
