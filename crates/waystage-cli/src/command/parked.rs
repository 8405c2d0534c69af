//! `parked`, `skip` and `retry`: participants of whom something cannot be read, and what is decided
//! about them. A decision is recorded in the log, with who made it and why.

use std::process::ExitCode;

use serde_json::json;
use waystage::core::id::{Actor, Position};
use waystage::store::Receipt;

use crate::arguments::{Arguments, Decided};
use crate::command::anchored;
use crate::command::{find_participant, kept};
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// The exit code where somebody is parked.
const PARKED: u8 = 1;

/// Lists who cannot be read.
pub(crate) fn list(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let parked = anchored::open(arguments)?.parked()?;
    let code = if parked.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(PARKED) };
    let place = |position: Option<Position>| position.map(Position::get);
    if arguments.json {
        for each in &parked {
            output.json(&json!({
                "participant": each.participant.to_string(),
                "position": place(each.position),
                "says": each.says,
            }))?;
        }
        return Ok(code);
    }
    if parked.is_empty() {
        output.line("nobody: every event of every participant can be read")?;
        return Ok(code);
    }
    let mut rows = Rows::new(["participant", "#position", "what is wrong"]);
    for each in &parked {
        let position = place(each.position).map_or("-".to_owned(), |at| at.to_string());
        rows.row([each.participant.to_string(), position, each.says.clone()]);
    }
    output.table(&rows)?;
    output.line("every report is without them. A newer version of the engine may read what this one cannot;")?;
    output.line(
        "`waystage skip POSITION` goes on without an event, and records who decided so and why.",
    )?;
    Ok(code)
}

/// Goes on without an event.
pub(crate) fn skip(
    position: Position,
    decided: &Decided,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = kept::open(arguments)?;
    let by = Actor::from(decided.by.as_str());
    let receipt = engine.skip(position, by, &decided.reason)?;
    kept::say_failure(&engine);
    tell(&format!("the event at position {position} is left out"), receipt, arguments, output)
}

/// Reads a participant again with everything.
pub(crate) fn retry(
    participant: &str,
    decided: &Decided,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = kept::open(arguments)?;
    let id = find_participant(&engine, participant)?;
    let receipt = engine.retry(id, Actor::from(decided.by.as_str()), &decided.reason)?;
    tell(&format!("{participant} is read with everything again"), receipt, arguments, output)
}

fn tell(
    what: &str,
    receipt: Receipt,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let position = receipt.position.get();
    if arguments.json {
        output.json(&json!({ "recorded_at_position": position }))?;
    } else {
        output.line(&format!("{what} from position {position} on"))?;
    }
    Ok(ExitCode::SUCCESS)
}
