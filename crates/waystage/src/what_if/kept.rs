//! Read models under a scenario, in a disposable file of their own, outside the store's folder.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use waystage_core::scenario::Scenario;
use waystage_core::table::Model;
use waystage_core::view::View;
use waystage_replay::Progress;
use waystage_replay::models::ModelSet;
use waystage_replay::what_if::{BuiltUnder, WhatIf};
use waystage_sqlite::SqliteModels;
use waystage_store::sha256;

use super::{about, words};
use crate::access::Access;
use crate::corpus;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::scenario::scenario_digest;

impl Access<'_> {
    /// Builds read models under a scenario into a file, anew whatever is there, and says in its
    /// table `what_if` what they are. They are plain tables that open like any; no engine takes
    /// them for models of the log as it is.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotThere`] where the file would lie in the folder of a store; where the log
    /// or the file fails.
    pub fn keep_what_if(
        &self,
        scenario: &Scenario,
        view: View,
        models: impl IntoIterator<Item = Arc<dyn Model>>,
        path: &Path,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<BuiltUnder, EngineError> {
        let view = scenario.base.over(view);
        outside(path)?;
        self.record("what-if", Some(about(scenario)), Some(&view))?;
        let engine = self.engine;
        let lens = engine.lens(view)?;
        let run = WhatIf::new(engine.reader(), &lens, scenario, &[])?.watched(watch);
        let set = ModelSet::of(models, &corpus::golden()?);
        let store = SqliteModels::remake(path)?;
        let digest = sha256(scenario.canonical().as_bytes());
        let said =
            said(engine, scenario, &run.view(), &words::changes(scenario, lens.programmes()));
        Ok(run.build(&set, &store, digest, &said)?)
    }
}

/// Checks that a file would not lie in the folder of a store: nothing there is written to.
fn outside(path: &Path) -> Result<(), EngineError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if Engine::exists(folder) {
        return Err(EngineError::NotThere { path: path.display().to_string() });
    }
    fs::create_dir_all(folder).map_err(|error| EngineError::Unreadable {
        path: folder.display().to_string(),
        says: error.to_string(),
    })
}

/// Returns what the file says of itself, line by line.
fn said(
    engine: &Engine,
    scenario: &Scenario,
    view: &View,
    changes: &[String],
) -> Vec<(String, String)> {
    let last = match view.through {
        waystage_core::view::Through::Head => String::new(),
        waystage_core::view::Through::Position(position) => position.to_string(),
    };
    let mut said = vec![
        ("what", "a what-if: nothing of it was recorded".to_owned()),
        ("scenario", scenario.name.clone()),
        ("scenario_digest", scenario_digest(scenario)),
        ("purpose", scenario.purpose.clone()),
        ("log", engine.reader().origin().to_owned()),
        ("as_of", view.as_of.to_string()),
        ("known_at", view.known_at.to_string()),
        ("basis", view.basis.to_string()),
        ("through", last),
    ];
    said.extend(scenario.assumptions.iter().map(|each| ("assumption", each.clone())));
    said.extend(changes.iter().map(|each| ("change", each.clone())));
    said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
