//! `init`: creates an empty store.

use std::process::ExitCode;

use serde_json::json;
use waystage::Engine;
use waystage::evidence_format::{KeyKind, SecretKey};

use crate::arguments::{Arguments, Init};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(
    init: &Init,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    // a log whose identity cannot name a key could never be signed
    SecretKey::of_seed(&init.origin, KeyKind::Log, [0; 32])
        .map_err(|error| Failure::Usage(format!("{}: {error}", init.origin)))?;
    Engine::create(&arguments.store, &init.origin)?;
    let store = arguments.store.display().to_string();
    if arguments.json {
        output.json(&json!({ "store": store, "origin": init.origin }))?;
    } else {
        output.line(&format!("created {store} for {}", init.origin))?;
        output.line("next: `waystage import DIR --source NAME`, or `waystage programmes adopt`")?;
    }
    Ok(ExitCode::SUCCESS)
}
