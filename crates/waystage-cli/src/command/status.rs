//! `status`: what the store holds.

use std::process::ExitCode;

use serde_json::json;
use waystage::Engine;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let engine = Engine::open(&arguments.store)?;
    let status = engine.status()?;
    let path = status.path.map(|path| path.display().to_string());
    let position = status.last_position.map_or(0, |position| position.get());
    if arguments.json {
        let in_force: serde_json::Map<_, _> =
            status.in_force.into_iter().map(|(name, digest)| (name, json!(digest))).collect();
        output.json(&json!({
            "origin": status.origin,
            "path": path,
            "last_position": position,
            "participants": status.participants,
            "facts": status.facts,
            "facts_digest": status.facts_digest.to_string(),
            "in_force": in_force,
            "bytes": status.bytes,
            "journal_mode": "wal",
            "synchronous": "full",
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&format!("origin        {}", status.origin))?;
    output.line(&format!("file          {} ({} bytes)", path.unwrap_or_default(), status.bytes))?;
    output.line(&format!("last position {position}"))?;
    output.line(&format!("participants  {}", status.participants))?;
    output.line(&format!("facts         {}", status.facts))?;
    output.line(&format!("facts digest  {}", status.facts_digest))?;
    output.line("durability    write-ahead log, every commit synced (WAL, synchronous=FULL)")?;
    if status.in_force.is_empty() {
        output.line("in force      nothing: adopt packs with `waystage programmes adopt`")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Rows::new(["in force", "digest of its text"]);
    for (name, digest) in status.in_force {
        rows.row([name, digest]);
    }
    output.table(&rows)?;
    Ok(ExitCode::SUCCESS)
}
