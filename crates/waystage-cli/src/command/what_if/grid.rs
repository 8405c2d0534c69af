//! The table of a grid: a row a value, against one baseline.

use serde_json::{Value, json};
use waystage::core::scenario::Scenario;
use waystage::programmes::Grid;
use waystage::replay::what_if::{Swept, Table};
use waystage::scenario_digest;

use crate::command::{view_json, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// Prints the table, and returns whether any value changes a reading.
pub(super) fn print(
    scenario: &Scenario,
    grid: &Grid,
    table: &Table,
    json: bool,
    output: &mut Output,
) -> Result<bool, Failure> {
    if json {
        output.json(&document(scenario, grid, table))?;
    } else {
        words(scenario, grid, table, output)?;
    }
    Ok(table.values.iter().any(|value| value.readings_changed > 0))
}

fn document(scenario: &Scenario, grid: &Grid, table: &Table) -> Value {
    let rows = grid.points.iter().zip(&table.values).map(|(point, swept)| {
        let mut row = swept_json(swept);
        row["value"] = json!(point.value);
        row["scenario_digest"] = json!(scenario_digest(&point.scenario));
        row
    });
    json!({
        "scenario": scenario.name,
        "purpose": scenario.purpose,
        "assumptions": scenario.assumptions,
        "view": view_json(&table.view),
        "grid": {
            "programmes": grid.programmes.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
            "rule": grid.rule,
            "tier": grid.tier,
            "parameter": grid.parameter,
            "rows": rows.collect::<Vec<_>>(),
        },
        "baseline": swept_json(&table.baseline),
        "recomputed_participants": table.participants,
        "events_folded": table.events,
    })
}

fn swept_json(swept: &Swept) -> Value {
    json!({
        "met": swept.met,
        "met_resting_on_assumed": swept.met_on_assumed,
        "not_met": swept.not_met,
        "not_yet": swept.not_yet,
        "unknown": swept.unknown,
        "fee_pence": swept.fee_pence,
        "fees_unknown": swept.fees_unknown,
        "participants_changed": swept.participants_changed,
        "readings_changed": swept.readings_changed,
    })
}

fn words(
    scenario: &Scenario,
    grid: &Grid,
    table: &Table,
    output: &mut Output,
) -> Result<(), Failure> {
    output.line(&format!("what if: {}", scenario.name))?;
    if !scenario.purpose.is_empty() {
        output.line(&format!("for: {}", scenario.purpose))?;
    }
    for assumption in &scenario.assumptions {
        output.line(&format!("taken for granted: {assumption}"))?;
    }
    output.line(&view_words(&table.view))?;
    let programmes: Vec<&str> = grid.programmes.iter().map(|id| id.as_str()).collect();
    let tier = grid.tier.as_ref().map_or_else(String::new, |tier| format!("/{tier}"));
    output.line(&format!(
        "{} of {}{tier} in {}; {} participants were read, each stream once",
        grid.parameter,
        grid.rule,
        programmes.join(", "),
        table.participants
    ))?;
    output.line("")?;
    let mut rows = Rows::new([
        grid.parameter.as_str(),
        "#met",
        "#on assumed",
        "#not met",
        "#not yet",
        "#unknown",
        "#fees in pence",
        "#of unknown amount",
        "#participants changed",
    ]);
    let mut row = |value: &str, swept: &Swept| {
        let counts = [
            swept.met,
            swept.met_on_assumed,
            swept.not_met,
            swept.not_yet,
            swept.unknown,
            swept.fee_pence,
            swept.fees_unknown,
            swept.participants_changed,
        ];
        let counts = counts.iter().map(ToString::to_string);
        rows.row(std::iter::once(value.to_owned()).chain(counts));
    };
    row("as it is", &table.baseline);
    for (point, swept) in grid.points.iter().zip(&table.values) {
        row(&point.value, swept);
    }
    output.table(&rows)?;
    Ok(())
}
