//! `verify`: reads the whole log again and compares it with every checkpoint that is held.

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use waystage::evidence::{HeldCheckpoint, Trust, Verification};
use waystage::evidence_format::{KeyKind, PublicKey};
use waystage::store::StoreError;
use waystage::{Engine, EngineError};

use crate::arguments::{Arguments, Verify};
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

use super::{checkpoint_in, looks_are_lost, new_secret_key, public_key, secret_key};

pub(crate) fn run(
    asked: &Verify,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let engine = Engine::open(&arguments.store)?;
    let trust = trust(asked, arguments)?;
    let progress = Progress::new("events", arguments.quiet);
    let all = engine.reader().last_position()?.map_or(0, |last| last.get());
    let verification = match engine.verify_log(&trust, &|at| progress.at(at, all)) {
        Ok(verification) => verification,
        Err(error) if arguments.json => {
            output.json(&failed(&engine, &error)?)?;
            return Ok(Failure::from(error).code());
        }
        Err(error) => return Err(error.into()),
    };
    verify_accesses(&engine, &trust, arguments)?;
    if asked.cosign.is_some() {
        return cosign(asked, &engine, arguments, output);
    }
    if arguments.json {
        output.json(&document(&verification))?;
    } else {
        print(&verification, &engine, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn trust(asked: &Verify, arguments: &Arguments) -> Result<Trust, Failure> {
    let mut held = Vec::new();
    if let Some(checkpoint) = anchored::anchor(arguments).read()? {
        held.push(HeldCheckpoint::of(checkpoint));
    }
    if asked.leaves.is_some() && asked.against.len() != 1 {
        let says = "leaves belong to one checkpoint: give one --against with them";
        return Err(Failure::Usage(says.to_owned()));
    }
    let witnesses: Vec<PublicKey> =
        asked.witness.iter().map(|key| public_key(key)).collect::<Result<_, _>>()?;
    for file in &asked.against {
        let leaves = asked.leaves.as_ref().map(std::fs::read).transpose();
        held.push(HeldCheckpoint {
            checkpoint: checkpoint_in(file)?,
            leaves: leaves.map_err(|error| Failure::Usage(error.to_string()))?,
            witnesses: witnesses.clone(),
        });
    }
    Ok(Trust { key: asked.trust.as_deref().map(public_key).transpose()?, held })
}

/// Verifies the log of who looked, with the same key under its name and an anchor of its own.
fn verify_accesses(engine: &Engine, trust: &Trust, arguments: &Arguments) -> Result<(), Failure> {
    let anchor = anchored::access_anchor(&anchored::anchor(arguments));
    let held = anchor.read()?.map(HeldCheckpoint::of);
    if !engine.has_access_log() {
        return match held {
            None => Ok(()),
            Some(_) => Err(Failure::Integrity(format!(
                "the log of who looked is gone. {}",
                looks_are_lost(&anchor)
            ))),
        };
    }
    let log = engine.access_log()?;
    let named = |key: &PublicKey| key.named(log.reader().origin());
    // an access log that was never signed has no key yet
    let key = match (&trust.key, &held) {
        (Some(key), Some(_)) => {
            Some(named(key).map_err(|error| Failure::Usage(error.to_string()))?)
        }
        _ => None,
    };
    let trust = Trust { key, held: held.into_iter().collect() };
    log.verify_log(&trust, &|_| {}).map_err(|error| {
        Failure::Integrity(format!(
            "the log of who looked does not fit: {error}. {}",
            looks_are_lost(&anchor)
        ))
    })?;
    Ok(())
}

/// Signs as a witness the newest checkpoint of the log, which was verified.
fn cosign(
    asked: &Verify,
    engine: &Engine,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let Some(file) = &asked.cosign else { return Ok(ExitCode::SUCCESS) };
    let Some(newest) = engine.newest_checkpoint()? else {
        let says = "there is no checkpoint to sign: sign one with `checkpoint`".to_owned();
        return Err(Failure::Usage(says));
    };
    let witness = if file.exists() {
        secret_key(file)?
    } else {
        new_secret_key(file, &asked.cosign_as, KeyKind::Witness)?
    };
    let seconds = u64::try_from(engine.now().micros() / 1_000_000).unwrap_or(0);
    let seen = newest
        .cosign(&witness, seconds)
        .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
    engine.keep_cosigned(&seen)?;
    let key = witness.public().to_string();
    if arguments.json {
        output.json(&json!({ "checkpoint": seen.to_string(), "key": key, "ok": true }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(seen.to_string().trim_end())?;
    output.line("")?;
    output.line(&format!("public key  {key}"))?;
    Ok(ExitCode::SUCCESS)
}

fn document(verification: &Verification) -> Value {
    let mut document = Map::new();
    document.insert("size".to_owned(), json!(verification.size));
    document.insert("root".to_owned(), json!(verification.root.to_string()));
    if let Some(checkpoint) = verification.checkpoint {
        document.insert("checkpoint".to_owned(), json!(checkpoint));
    }
    document.insert("compared".to_owned(), json!(verification.compared));
    document.insert("signatures".to_owned(), json!(verification.signatures));
    document.insert("unchecked".to_owned(), json!(verification.unchecked));
    let lost = verification.lost.iter().map(|lost| {
        json!({
            "from": lost.from.get(),
            "through": lost.through.get(),
            "operator": lost.operator,
            "approver": lost.approver,
            "reason": lost.reason,
        })
    });
    document.insert("lost".to_owned(), lost.collect());
    document.insert("ok".to_owned(), json!(true));
    document.into()
}

/// What is printed of a log that does not fit.
fn failed(engine: &Engine, error: &EngineError) -> Result<Value, Failure> {
    let size = engine.reader().last_position()?.map_or(0, |last| last.get());
    let (first, last) = match error {
        EngineError::Store(
            StoreError::Corrupt { position, .. } | StoreError::Unreadable { position, .. },
        ) => (Some(position.get()), Some(position.get())),
        EngineError::Store(StoreError::Rewritten { first, through, .. }) => {
            (Some(first.get()), Some(through.get()))
        }
        EngineError::Store(StoreError::BehindCheckpoint { held, .. }) => {
            (Some(size + 1), Some(*held))
        }
        _ => (None, None),
    };
    Ok(json!({
        "size": size,
        "root": Value::Null,
        "ok": false,
        "first_bad": first,
        "first_bad_through": last,
        "says": error.to_string(),
    }))
}

fn print(verification: &Verification, engine: &Engine, output: &mut Output) -> Result<(), Failure> {
    let size = verification.size;
    output.line(&format!("{size} events, every leaf computed again; nothing was changed"))?;
    output.line(&format!("root        {}", verification.root))?;
    match verification.checkpoint {
        Some(newest) => {
            let compared = verification.compared;
            let signatures = if verification.signatures {
                "signatures checked"
            } else {
                "signatures not checked: give --trust"
            };
            let says = format!("{compared} compared, the newest of {newest} events; {signatures}");
            output.line(&format!("checkpoints {says}"))?;
            if newest < size {
                let says = format!("{} events came after it", size - newest);
                output.line(&format!("            {says}: sign them with `checkpoint`"))?;
            }
        }
        None => output.line("checkpoints none: sign one with `checkpoint`, and hand it out")?,
    }
    for lost in &verification.lost {
        output.line("lost        what a checkpoint that is held has beyond the log as it is:")?;
        output.line(&format!(
            "            positions {} to {} of an older history, declared by {}, agreed by {}: {}",
            lost.from, lost.through, lost.operator, lost.approver, lost.reason
        ))?;
    }
    if verification.unchecked > 0 {
        let unchecked = verification.unchecked;
        let says = "were signed by an earlier key than the one that is trusted";
        output.line(&format!("            {unchecked} {says}: not checked"))?;
    }
    if engine.has_access_log() {
        output.line("accesses    the log of who looked fits too")?;
    }
    Ok(())
}
