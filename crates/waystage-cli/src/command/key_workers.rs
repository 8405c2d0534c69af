//! `key-workers`: how much each key worker carries.

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage_caseload::{KeyWorkerRow, KeyWorkers};

use crate::arguments::{Arguments, Viewed};
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
    let view = viewing.view;
    let rows = KeyWorkers::rows(&viewing.sum(&KeyWorkers, output)?);
    if arguments.json {
        let rows: Vec<Value> = rows.iter().map(row_json).collect();
        // no rule is read for it, so it rests on no assumption
        output.json(&json!({ "view": view_json(&view), "rows": rows }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    output.line("open participations, by the key worker of the day:")?;
    let titles = ["key worker", "#open", "#job search", "#in work", "by stage (search + in work)"];
    let mut table = Rows::new(titles);
    for row in &rows {
        let stages = row.stages.iter().map(|(stage, (search, work))| {
            format!("{} {search} + {work}", stage.as_str().replace('_', " "))
        });
        table.row([
            row.key_worker.clone().unwrap_or_else(|| "(none)".to_owned()),
            row.all().to_string(),
            row.job_search().to_string(),
            row.in_work().to_string(),
            stages.collect::<Vec<_>>().join(", "),
        ]);
    }
    output.table(&table)?;
    output
        .line("\"in work\" is by what was reported: a job that began and whose end nobody told.")?;
    Ok(ExitCode::SUCCESS)
}

fn row_json(row: &KeyWorkerRow) -> Value {
    let stages: Map<String, Value> = row
        .stages
        .iter()
        .map(|(stage, (search, work))| {
            (stage.as_str().to_owned(), json!({ "job_search": search, "in_work": work }))
        })
        .collect();
    json!({
        "key_worker": row.key_worker, "open": row.all(), "job_search": row.job_search(),
        "in_work": row.in_work(), "stages": stages,
    })
}
