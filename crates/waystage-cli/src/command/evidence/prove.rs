//! `prove`: files that show that a participant's events are in the log.

use std::process::ExitCode;

use serde_json::json;

use crate::arguments::{Arguments, Prove};
use crate::command::{anchored, find_participant};
use crate::failure::Failure;
use crate::output::{Output, Rows};

use super::write;

pub(crate) fn run(
    asked: &Prove,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let participant = find_participant(&engine, &asked.participant)?;
    let looking = engine.access(arguments.actor.as_str(), arguments.purpose.as_str());
    let proofs = looking.prove(participant)?;
    let all = engine.reader().rows_of(participant)?.len();
    if let Some(folder) = &asked.out {
        std::fs::create_dir_all(folder)?;
        for (event, proof) in &proofs {
            write(&folder.join(format!("{event}.tlog-proof")), proof.to_string().as_bytes())?;
        }
    }
    if arguments.json {
        for (event, proof) in &proofs {
            output.json(&json!({
                "event": event.to_string(),
                "index": proof.index,
                "hashes": proof.hashes.len(),
                "proof": proof.to_string(),
            }))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Rows::new(["event", "#position", "#hashes", "#bytes"]);
    for (event, proof) in &proofs {
        rows.row([
            event.to_string(),
            (proof.index + 1).to_string(),
            proof.hashes.len().to_string(),
            proof.to_string().len().to_string(),
        ]);
    }
    output.table(&rows)?;
    if proofs.len() < all {
        let without = all - proofs.len();
        output.line(&format!("{without} later events are not covered: `waystage checkpoint`"))?;
    }
    if asked.out.is_none() {
        output.line("--out DIR writes a .tlog-proof file for each")?;
    }
    Ok(ExitCode::SUCCESS)
}
