//! Amounts of read models that differ, cell by cell: what is kept against what the log gives.

use serde_json::{Map, Value as Json, json};
use waystage::exchange::value_json;
use waystage::replay::models::Difference;

use crate::command::kept::SHOWN_MAX;
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// Returns amounts that differ as JSON.
pub(crate) fn amounts_json(differences: &[Difference]) -> Json {
    let list = differences.iter().map(|difference| {
        let key: Map<String, Json> = difference
            .row
            .iter()
            .map(|(column, value)| ((*column).to_owned(), value_json(value)))
            .collect();
        json!({
            "model": difference.model,
            "table": difference.table,
            "key": key,
            "measure": difference.measure,
            "before": difference.before,
            "after": difference.after,
            "from": difference.from.map(|position| position.get()),
        })
    });
    list.collect()
}

/// Prints amounts that differ: the table, the row, the amounts, and the event that explains them.
pub(crate) fn print_amounts(
    differences: &[Difference],
    (before, after): (&str, &str),
    output: &mut Output,
) -> Result<(), Failure> {
    let mut rows = Rows::new(["table", "row", "measure"].into_iter().map(str::to_owned).chain([
        format!("#{before}"),
        format!("#{after}"),
        "#from position".to_owned(),
    ]));
    for difference in differences.iter().take(SHOWN_MAX) {
        let row: Vec<String> =
            difference.row.iter().map(|(column, value)| format!("{column}={value}")).collect();
        rows.row([
            difference.table.clone(),
            row.join(" "),
            difference.measure.to_owned(),
            difference.before.to_string(),
            difference.after.to_string(),
            difference.from.map_or("-".to_owned(), |position| position.to_string()),
        ]);
    }
    output.table(&rows)?;
    if SHOWN_MAX < differences.len() {
        let more = differences.len() - SHOWN_MAX;
        output.line(&format!("and {more} more: --json lists them all"))?;
    }
    Ok(())
}
