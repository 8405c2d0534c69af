//! `determine`: makes a determine run.

use std::process::ExitCode;

use serde_json::json;

use crate::arguments::{Arguments, Determine};
use crate::command::{kept, view_json};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(
    determine: &Determine,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = kept::open(arguments)?;
    let as_of = determine.as_of.unwrap_or(engine.today().as_of);
    let run = engine.determine(as_of, determine.basis)?;
    output.left_out(&run.parked);
    kept::say_failure(&engine);
    if arguments.json {
        output.json(&json!({
            "run": run.run.to_string(),
            "view": view_json(&run.view),
            "participants": run.participants,
            "determined": run.determined,
            "withdrawn": run.withdrawn,
            "parked": run.parked.len(),
        }))?;
    } else {
        let (participants, as_of) = (run.participants, run.view.as_of);
        output.line(&format!("run {} read {participants} participants as of {as_of}", run.run))?;
        output.line(&format!("determined {} outcomes", run.determined))?;
        output
            .line(&format!("withdrew   {} determinations that no longer stand", run.withdrawn))?;
    }
    Ok(ExitCode::SUCCESS)
}
