//! `checkpoint`: signs the log as it stands.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use waystage::evidence::Anchor;
use waystage::evidence_format::{KeyKind, SecretKey};

use waystage::store::StoreError;
use waystage::{Engine, EngineError};

use crate::arguments::{Arguments, Checkpoint};
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

use super::{key_file, looks_are_lost, new_secret_key, secret_key, write};

pub(crate) fn run(
    asked: &Checkpoint,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = anchored::open(arguments)?;
    let file = key_file(&asked.signing, &arguments.store);
    let key = if asked.new_key && !file.exists() {
        new_secret_key(&file, engine.reader().origin(), KeyKind::Log)?
    } else {
        secret_key(&file)?
    };
    let anchor = anchored::anchor(arguments);
    let anchor = if asked.new_anchor { Anchor::beginning_at(anchor.path()) } else { anchor };
    if let Some(new) = &asked.rotate_to {
        return rotate(&engine, (&key, &anchor), new, arguments, output);
    }
    let progress = Progress::new("events", arguments.quiet);
    let all = engine.reader().last_position()?.map_or(0, |last| last.get());
    let signed = engine.checkpoint(&key, &anchor, &|at| progress.at(at, all))?;
    let accesses = sign_accesses(&engine, &key, &anchor);
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
        return accesses.map(|()| ExitCode::SUCCESS);
    }
    output.line(signed.to_string().trim_end())?;
    output.line("")?;
    output.line(&format!("public key  {}", key.public()))?;
    output.line(&format!("anchor      {}", anchor.path().display()))?;
    output.line("hand both the checkpoint and the key to somebody who is not you")?;
    accesses.map(|()| ExitCode::SUCCESS)
}

/// Signs the log of who looked, with the same key under its name.
fn sign_accesses(engine: &Engine, key: &SecretKey, anchor: &Anchor) -> Result<(), Failure> {
    if !engine.has_access_log() {
        return Ok(());
    }
    let log = engine.access_log()?;
    let own =
        key.named(log.reader().origin()).map_err(|error| Failure::Usage(error.to_string()))?;
    let anchor = anchored::access_anchor(anchor);
    let anchor = Anchor::beginning_at(anchor.path());
    match log.checkpoint(&own, &anchor, &|_| {}) {
        Err(EngineError::WrongKey { says }) => {
            eprintln!("the log of who looked is not signed: {says}");
            Ok(())
        }
        Err(
            error @ EngineError::Store(
                StoreError::BehindCheckpoint { .. } | StoreError::Rewritten { .. },
            ),
        ) => Err(Failure::Integrity(format!(
            "the log itself is signed; the log of who looked is not: {error}. {}",
            looks_are_lost(&anchor)
        ))),
        signed => signed.map(|_| ()).map_err(Failure::from),
    }
}

fn rotate(
    engine: &Engine,
    (old, anchor): (&SecretKey, &Anchor),
    file: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let new = new_secret_key(file, engine.reader().origin(), KeyKind::Log)?;
    let note = match engine.rotate_key(old, &new, anchor) {
        Ok(note) => note,
        Err(error) => {
            // nothing names it yet
            let _ = std::fs::remove_file(file);
            return Err(error.into());
        }
    };
    rotate_accesses(engine, (old, &new), anchor)?;
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

/// Changes the key of the log of who looked along with the log's own.
pub(super) fn rotate_accesses(
    engine: &Engine,
    (old, new): (&SecretKey, &SecretKey),
    anchor: &Anchor,
) -> Result<(), Failure> {
    if !engine.has_access_log() {
        return Ok(());
    }
    let log = engine.access_log()?;
    let named = |key: &SecretKey| {
        key.named(log.reader().origin()).map_err(|error| Failure::Usage(error.to_string()))
    };
    let anchor = Anchor::beginning_at(anchored::access_anchor(anchor).path());
    log.rotate_key(&named(old)?, &named(new)?, &anchor)?;
    Ok(())
}
