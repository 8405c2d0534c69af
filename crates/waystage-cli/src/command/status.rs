//! `status`: what the store holds.

use std::process::ExitCode;

use serde_json::{Value, json};
use waystage::{EngineError, ModelsStatus};

use crate::arguments::Arguments;
use crate::command::anchored;
use crate::command::kept;
use crate::failure::Failure;
use crate::output::{Output, Rows};

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let has_models = arguments.store.join(kept::FILE).exists();
    let (engine, models) = if has_models {
        match kept::as_they_stand(anchored::open(arguments)?, |_| kept::every_model()) {
            Ok(engine) => {
                let models = Ok(engine.models()?.status()?);
                (engine, Some(models))
            }
            Err(EngineError::Models(error)) => {
                (anchored::open(arguments)?, Some(Err(error.to_string())))
            }
            Err(other) => return Err(other.into()),
        }
    } else {
        (anchored::open(arguments)?, None)
    };
    let status = engine.status()?;
    let path = status.path.map(|path| path.display().to_string());
    let position = status.last_position.map_or(0, |position| position.get());
    if arguments.json {
        let in_force: serde_json::Map<_, _> =
            status.in_force.into_iter().map(|(name, digest)| (name, json!(digest))).collect();
        let models = models.as_ref().map(models_json);
        output.json(&json!({
            "models": models,
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
    if let Some(models) = &models {
        print_models(models, output)?;
    } else {
        output.line("read models   none: `waystage rebuild` keeps them as SQL tables")?;
    }
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

/// How the read models stand, or why they cannot be used.
type Kept = Result<ModelsStatus, String>;

fn models_json(models: &Kept) -> Value {
    let status = match models {
        Err(says) => return json!({ "unusable": says }),
        Ok(status) => status,
    };
    let each: Vec<Value> = status
        .models
        .iter()
        .map(|model| {
            json!({
                "name": model.name,
                "state": model.state.as_str(),
                "parked": model.parked,
                "fingerprint": model.fingerprint.to_string(),
            })
        })
        .collect();
    json!({
        "stand": status.stand.as_ref().map(kept::stand_json),
        "behind": status.behind,
        "models": each,
        "building": status.building.as_ref().map(kept::stand_json),
        "previous": status.previous.as_ref().map(kept::stand_json),
    })
}

fn print_models(models: &Kept, output: &mut Output) -> Result<(), Failure> {
    let status = match models {
        Err(says) => {
            output.line(&format!("read models   {says}"))?;
            return Ok(());
        }
        Ok(status) => status,
    };
    match &status.stand {
        Some(stand) => {
            let behind = status.behind;
            output.line(&format!("read models   at {stand}; {behind} events behind the log"))?;
        }
        None => output.line("read models   never built: `waystage rebuild`")?,
    }
    if let Some(building) = &status.building {
        output.line(&format!("being built   at {building}; `waystage rebuild` goes on with it"))?;
    }
    let mut rows = Rows::new(["read model", "state", "#parked", "fingerprint"]);
    for model in &status.models {
        let fingerprint = model.fingerprint.to_string();
        let state = model.state.as_str().replace('_', " ");
        rows.row([
            model.name.clone(),
            state,
            model.parked.to_string(),
            fingerprint.chars().take(16).collect(),
        ]);
    }
    output.table(&rows)?;
    Ok(())
}
