//! The result of a read model as lines of JSON, the same bytes wherever it was computed: what a
//! certificate's digest is taken over.

use serde_json::{Value as Json, json};
use waystage_core::contribution::Contributions;
use waystage_core::table::{Cell, Table, Value};

/// Returns the amounts of a summed model, one a line: table, values of the row's columns, measure,
/// amount; in the order of table, row and measure. Zeros have no line.
///
/// ```
/// use waystage_core::contribution::Contributions;
/// use waystage_core::table::{Cell, Table, measure, text};
/// let tables = [Table::new("starts", "Starts, by provider.")
///     .column(text("provider", "The provider referred to."))
///     .measure(measure("starts", "Participations with a start."))];
/// let cells = Contributions::of([(Cell::of(0, vec!["north".into()], 0), 3)]);
/// let lines = waystage_exchange::result_file(&tables, &cells);
/// assert_eq!(lines, b"[\"starts\",[\"north\"],\"starts\",3]\n");
/// ```
pub fn result_file(tables: &[Table], cells: &Contributions<Cell>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (cell, amount) in cells.iter() {
        let table = tables.get(cell.table);
        let name = table.map_or("", |table| table.name.as_str());
        let measure = table.and_then(|table| table.measures.get(cell.measure));
        let measure = measure.map_or("", |measure| measure.name);
        let row: Vec<Json> = cell.row.iter().map(value_json).collect();
        let line = json!([name, row, measure, amount]);
        bytes.extend_from_slice(line.to_string().as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// Returns a value of a row as JSON: days and months as texts, nothing as null.
pub fn value_json(value: &Value) -> Json {
    match value {
        Value::Nothing => Json::Null,
        Value::Truth(truth) => json!(truth),
        Value::Integer(number) => json!(number),
        Value::Day(day) => json!(day.to_string()),
        Value::Month(month) => json!(month.to_string()),
        Value::Text(text) => json!(text),
    }
}
