//! `recover`: goes on with an older copy, declared.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use waystage::Engine;
use waystage::evidence::Declared;
use waystage::evidence_format::{KeyKind, next_origin};

use crate::arguments::{Arguments, Recover};
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;

use super::checkpoint::rotate_accesses;
use super::{checkpoint_in, key_file, new_secret_key, secret_key};

pub(crate) fn run(
    asked: &Recover,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let anchor = anchored::anchor(arguments);
    let known = match &asked.known {
        Some(file) => checkpoint_in(file)?,
        None => anchor.read()?.ok_or_else(|| {
            let says = "there is no anchor: give the newest checkpoint that anybody has (--known)";
            Failure::Usage(says.to_owned())
        })?,
    };
    let present = Engine::open(&arguments.store)?.reader().origin().to_owned();
    // one that was begun before and cut off goes on under the identity that it has
    let is_begun = present == next_origin(&known.checkpoint.origin);
    let origin = if is_begun { present } else { next_origin(&present) };
    let file = key_file(&asked.signing, &arguments.store);
    let old = secret_key(&file)?;
    // the old key stays where it is: what it signed is still to be verified
    let ending = origin.rsplit_once('/').map_or("e2", |(_, ending)| ending);
    let mut name = file.clone().into_os_string();
    name.push(format!(".{ending}"));
    let new = if Path::new(&name).exists() {
        secret_key(name.as_ref())?
    } else {
        new_secret_key(name.as_ref(), &origin, KeyKind::Log)?
    };
    let declared = Declared {
        operator: asked.operator.clone(),
        approver: asked.approver.clone(),
        reason: asked.reason.clone(),
    };
    // the new key stays whatever happens: what it signed half-way is gone on with
    let (engine, signed) =
        Engine::recover(&arguments.store, &known, (&old, &new), &anchor, &declared)?;
    rotate_accesses(&engine, (&old, &new), &anchor)?;
    let last = engine.reader().last_position()?.map_or(0, |last| last.get());
    let key = name.display().to_string();
    if arguments.json {
        output.json(&json!({
            "origin": origin,
            "position": last,
            "key": key,
            "public_key": new.public().to_string(),
            "checkpoint": signed.to_string(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output.line(signed.to_string().trim_end())?;
    output.line("")?;
    output.line(&format!("the log goes on as {origin}; the loss stands at position {last}"))?;
    output.line(&format!("its key is in {key}: name it with --key from now on"))?;
    output.line("send again what was recorded since the copy was taken; the same keys are safe")?;
    Ok(ExitCode::SUCCESS)
}
