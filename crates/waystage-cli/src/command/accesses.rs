//! `accesses`: who looked for a purpose.

use std::process::ExitCode;

use serde_json::json;

use crate::arguments::Arguments;
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let looks = engine.accesses()?;
    if arguments.json {
        for look in &looks {
            output.json(&json!({
                "recorded_at": look.recorded_at.to_string(),
                "actor": look.actor.as_str(),
                "what": look.what,
                "purpose": look.purpose,
                "about": look.about,
                "through": look.through.map(|position| position.get()),
            }))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if looks.is_empty() {
        output.line("nobody has looked for a purpose yet")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Rows::new(["when", "who", "what", "about", "what for", "#up to"]);
    for look in looks {
        rows.row([
            look.recorded_at.to_string(),
            look.actor.as_str().to_owned(),
            look.what,
            look.about.unwrap_or_default(),
            look.purpose,
            look.through.map_or_else(String::new, |position| position.to_string()),
        ]);
    }
    output.table(&rows)?;
    Ok(ExitCode::SUCCESS)
}
