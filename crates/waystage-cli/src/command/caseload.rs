//! `caseload`: participations with their stage, what is next and what looks wrong.

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage_caseload::{Caseload, CaseloadRow};

use crate::arguments::{Arguments, Viewed};
use crate::command::viewing::Viewing;
use crate::command::{assumptions, view_words};
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(
    viewed: &Viewed,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let viewing = Viewing::open(arguments, &viewed.view)?;
    let (view, lens) = (viewing.view, &viewing.lens);
    let model = viewing.sum(&Caseload, output)?;
    if arguments.json {
        for (row, _) in model.iter() {
            output.json(&row_json(row))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&view_words(&view))?;
    let titles = ["programme", "participation", "participant", "key worker", "stage", "since"];
    let mut table = Rows::new(titles.into_iter().chain(["#jobs", "next", "findings"]));
    for (row, _) in model.iter() {
        table.row([
            row.programme.clone(),
            row.participation.clone(),
            row.participant.clone(),
            row.key_worker.clone().unwrap_or_default(),
            row.stage.as_str().replace('_', " "),
            row.since.to_string(),
            row.jobs_held.to_string(),
            row.next.as_ref().map_or_else(String::new, |(on, what)| format!("{on} {what}")),
            findings(row).join("; "),
        ]);
    }
    output.table(&table)?;
    let programmes = model.iter().map(|(row, _)| row.programme.clone()).collect();
    assumptions::print(lens.programmes(), &programmes, output)?;
    Ok(ExitCode::SUCCESS)
}

fn row_json(row: &CaseloadRow) -> Value {
    json!({
        "programme": row.programme,
        "participation": row.participation,
        "participant": row.participant,
        "area": row.area,
        "group": row.group,
        "provider": row.provider,
        "key_worker": row.key_worker,
        "stage": row.stage.as_str(),
        "since": row.since.to_string(),
        "jobs_held": row.jobs_held,
        "next": row.next.as_ref().map(|(on, what)| json!({ "on": on.to_string(), "what": what })),
        "findings": findings(row),
    })
}

/// Returns what looks wrong, in words.
fn findings(row: &CaseloadRow) -> Vec<&'static str> {
    row.findings.iter().map(|finding| finding.says()).collect()
}
