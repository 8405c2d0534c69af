//! `needs`: what stands between people and work, and how far they came.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::{Value, json};
use waystage_cohorts::{Needs, NeedsOf};

use crate::arguments::{Arguments, Viewed};
use crate::command::assumptions::{self, Ground};
use crate::command::viewing::Viewing;
use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows, percent, tenths};

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &viewed.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let rows = Needs::rows(&viewing.sum(&Needs, output)?);
    let programmes = rows.keys().cloned().collect();
    if arguments.json {
        let rows: Vec<Value> = rows.iter().map(|(name, of)| row_json(name, of)).collect();
        output.json(&json!({
            "view": view_json(&view), "rows": rows,
            "assumptions": assumptions::json_of(Ground::Needs, lens.programmes(), &programmes),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    print_needs(&rows, output)?;
    print_travelled(&rows, output)?;
    assumptions::print_of(Ground::Needs, lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn row_json(programme: &str, of: &NeedsOf) -> Value {
    let needs = of.needs.iter().map(|(category, need)| {
        json!({
            "category": category, "identified": need.identified(), "severe": need.severe,
            "not_severe": need.not_severe, "unknown": need.unknown, "no_need": need.none,
        })
    });
    let travelled = of.travelled.iter().map(|((instrument, version), row)| {
        json!({
            "instrument": instrument, "version": version, "assessed": row.assessed,
            "scored": row.scored, "scored_twice": row.twice, "better": row.better,
            "same": row.same, "worse": row.worse, "better_for_sure": row.better_for_sure,
            "meaning_unknown": row.meaning_unknown, "first_sum": row.first_sum,
            "latest_sum": row.latest_sum,
        })
    });
    json!({
        "programme": programme, "referrals": of.referrals, "starts": of.starts,
        "rated": of.rated, "needs": needs.collect::<Vec<_>>(),
        "travelled": travelled.collect::<Vec<_>>(),
    })
}

fn print_needs(rows: &BTreeMap<String, NeedsOf>, output: &mut Output) -> Result<(), Failure> {
    output.line("needs, by participations (each once a category, as it was rated last):")?;
    let titles = ["#identified", "#% of rated", "#severe", "#not severe", "#unknown", "#no need"];
    let titles = ["programme", "category"].into_iter().chain(titles);
    let mut table = Rows::new(titles.chain(["#rated", "#starts"]));
    for (programme, of) in rows {
        for (category, need) in &of.needs {
            table.row([
                programme.clone(),
                category.clone(),
                need.identified().to_string(),
                percent(need.identified(), of.rated),
                need.severe.to_string(),
                need.not_severe.to_string(),
                need.unknown.to_string(),
                need.none.to_string(),
                of.rated.to_string(),
                of.starts.to_string(),
            ]);
        }
    }
    output.table(&table)?;
    output.line("\"rated\" are participations of which any need was rated, 0 (no need) to 6. \"unknown\" has no threshold in force that says whether it is severe.")?;
    Ok(())
}

fn print_travelled(rows: &BTreeMap<String, NeedsOf>, output: &mut Output) -> Result<(), Failure> {
    let titles = ["#assessed", "#scored", "#twice", "#better", "#same", "#worse"];
    let titles = ["programme", "instrument", "version"].into_iter().chain(titles);
    let mut table = Rows::new(titles.chain(["#for sure", "#mean first", "#mean latest"]));
    for (programme, of) in rows {
        for ((instrument, version), row) in &of.travelled {
            let sure = if row.meaning_unknown > 0 {
                "-".to_owned()
            } else {
                row.better_for_sure.to_string()
            };
            table.row([
                programme.clone(),
                instrument.clone(),
                version.clone(),
                row.assessed.to_string(),
                row.scored.to_string(),
                row.twice.to_string(),
                row.better.to_string(),
                row.same.to_string(),
                row.worse.to_string(),
                sure,
                tenths(row.first_sum, row.twice),
                tenths(row.latest_sum, row.twice),
            ]);
        }
    }
    if table.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.line("distance travelled, first score to latest, of participations scored twice:")?;
    output.table(&table)?;
    output.line("\"for sure\" is better by at least the least change that the pack says means something. An assessment with an open question or an answer out of range has no score.")?;
    Ok(())
}
