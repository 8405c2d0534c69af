//! `checkpoint`: signs the log as it stands.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use waystage::Engine;
use waystage::evidence_format::{KeyKind, SecretKey};

use crate::arguments::{Arguments, Checkpoint};
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

use super::{key_file, new_secret_key, secret_key, write};

pub(crate) fn run(
    asked: &Checkpoint,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(&arguments.store)?;
    let file = key_file(&asked.signing, &arguments.store);
    let key = if asked.new_key && !file.exists() {
        new_secret_key(&file, engine.reader().origin(), KeyKind::Log)?
    } else {
        secret_key(&file)?
    };
    if let Some(new) = &asked.rotate_to {
        return rotate(&engine, &key, new, asked, arguments, output);
    }
    let anchor = anchored::anchor(&asked.signing.anchored, &arguments.store);
    let progress = Progress::new("events", arguments.quiet);
    let all = engine.reader().last_position()?.map_or(0, |last| last.get());
    let signed = engine.checkpoint(&key, &anchor, &|at| progress.at(at, all))?;
    if let Some(out) = &asked.out {
        write(out, signed.to_string().as_bytes())?;
    }
    if let Some(leaves) = &asked.leaves {
        write(leaves, &engine.leaves(signed.checkpoint.size)?)?;
    }
    if arguments.json {
        output.json(&json!({
            "size": signed.checkpoint.size,
            "root": signed.checkpoint.root.to_string(),
            "key": key.public().to_string(),
            "checkpoint": signed.to_string(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(signed.to_string().trim_end())?;
    output.line("")?;
    output.line(&format!("public key  {}", key.public()))?;
    output.line(&format!("anchor      {}", anchor.path().display()))?;
    output.line("hand both the checkpoint and the key to somebody who is not you")?;
    Ok(ExitCode::SUCCESS)
}

fn rotate(
    engine: &Engine,
    old: &SecretKey,
    file: &Path,
    asked: &Checkpoint,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let new = new_secret_key(file, engine.reader().origin(), KeyKind::Log)?;
    let anchor = anchored::anchor(&asked.signing.anchored, &arguments.store);
    let note = engine.rotate_key(old, &new, &anchor)?;
    if arguments.json {
        output.json(&json!({ "key": new.public().to_string(), "rotation": note.to_string() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(note.to_string().trim_end())?;
    output.line("")?;
    output.line(&format!("public key  {}", new.public()))?;
    output.line("hand this note to everybody who holds the old key, and destroy that one")?;
    Ok(ExitCode::SUCCESS)
}
