//! The read models that the program keeps beside a store: all of them, in one file.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use waystage::core::table::Model;
use waystage::store::models::{ModelError, Stand};
use waystage::{AsOf, Engine, EngineError, ModelsStatus, Pace, ReadModels};
use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};

use crate::arguments::Arguments;
use crate::command::anchored;
use crate::failure::Failure;

/// The file of the read models within a store's folder.
pub(crate) const FILE: &str = "waystage.views.db";

/// How many of a long list are printed one by one; all of them stand in the JSON.
pub(crate) const SHOWN_MAX: usize = 20;

/// Returns every read model.
pub(crate) fn models() -> [Arc<dyn Model>; 13] {
    let by = vec![
        Dimension::Programme,
        Dimension::Area,
        Dimension::Month,
        Dimension::Group,
        Dimension::Provider,
    ];
    [
        Arc::new(Caseload),
        Arc::new(KeyWorkers),
        Arc::new(Funnel { by }),
        Arc::new(Standards { by: vec![Dimension::Area, Dimension::Month, Dimension::Provider] }),
        Arc::new(Eligibility),
        Arc::new(Needs),
        Arc::new(Provision),
        Arc::new(Claims),
        Arc::new(Fees),
        Arc::new(Accelerated),
        Arc::new(Targets),
        Arc::new(Ages),
        Arc::new(Definitions),
    ]
}

/// Returns the wiring of every read model, as of the day at which it stands.
pub(crate) fn every_model() -> ReadModels {
    ReadModels::new().with_all(models()).as_of(AsOf::Kept).file(FILE).leaving_missing()
}

/// Opens the store for a command that records: read models that were built beside it are kept in
/// step. Where they cannot be, the command goes on and says so.
pub(crate) fn open(arguments: &Arguments) -> Result<Engine, Failure> {
    let engine = anchored::open(arguments)?;
    if !arguments.store.join(FILE).exists() {
        return Ok(engine);
    }
    match engine.keep(every_model().pace(Pace::InStep)) {
        Ok(engine) => Ok(engine),
        Err(EngineError::Models(error)) => {
            eprintln!("the read models are left as they are: {error}");
            Ok(anchored::open(arguments)?)
        }
        Err(other) => Err(other.into()),
    }
}

/// Says on standard error where the read models could not be kept up to date with what a command
/// recorded.
pub(crate) fn say_failure(engine: &Engine) {
    let status = engine.models().and_then(|models| models.status());
    if let Ok(ModelsStatus { failure: Some(says), .. }) = status {
        eprintln!("the read models are behind: {says}");
    }
}

/// Returns an open store with its read models as they stand, changing neither.
pub(crate) fn as_they_stand(
    engine: Engine,
    wired: impl Fn(&Engine) -> ReadModels,
) -> Result<Engine, EngineError> {
    let models = wired(&engine);
    engine.keep(models.pace(Pace::OnDemand))
}

/// Returns whether read models cannot be used as they are, so that they have to be made anew.
pub(crate) const fn is_beyond_use(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Models(
            ModelError::Damaged { .. } | ModelError::Foreign { .. } | ModelError::Unfit { .. }
        )
    )
}

/// Returns a stand as JSON.
pub(crate) fn stand_json(stand: &Stand) -> Json {
    json!({
        "position": stand.position().map(|position| position.get()),
        "as_of": stand.as_of.to_string(),
        "basis": stand.basis.as_str(),
        "packs": stand.packs.to_string(),
    })
}
