//! Scenario files, read against what a log has adopted. A scenario changes nothing in the log: it
//! goes into a lens.

use std::collections::BTreeMap;

use waystage_core::determination::LogEntry;
use waystage_core::id::{
    AssessmentId, InterventionId, JobId, ParticipantId, ParticipationId, ProgrammeId, Source,
};
use waystage_core::journey::Record;
use waystage_core::scenario::Scenario;
use waystage_core::view::{Basis, View};
use waystage_programmes::{Names, PackErrors, ScenarioFile, Standing, read_base, read_scenario};
use waystage_store::{naming, read_log, sha256};

use crate::engine::Engine;
use crate::error::EngineError;

/// The ids of what one source names, whether the log knows it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNames(pub Source);

impl Names for SourceNames {
    fn participant(&self, reference: &str) -> Option<ParticipantId> {
        Some(naming::participant(&self.0, reference))
    }

    fn participation(&self, reference: &str) -> Option<ParticipationId> {
        Some(naming::participation(&self.0, reference).id)
    }

    fn job(&self, participant: &str, reference: &str) -> Option<JobId> {
        Some(naming::job(&self.0, participant, reference).id)
    }

    fn intervention(&self, reference: &str) -> Option<InterventionId> {
        Some(naming::intervention(&self.0, reference).id)
    }

    fn assessment(&self, reference: &str) -> Option<AssessmentId> {
        Some(naming::assessment(&self.0, reference).id)
    }
}

impl Engine {
    /// Reads a scenario file against the packs and tables that a view reads with, once the scenario
    /// has had its say on the view. Put the view and the scenario into a lens to read with both.
    ///
    /// # Errors
    ///
    /// [`EngineError::Packs`] with every mistake of the file, by line.
    pub fn scenario(
        &self,
        (file, text): (&str, &str),
        view: View,
        names: &dyn Names,
    ) -> Result<(View, ScenarioFile), EngineError> {
        let refused = |errors: PackErrors| EngineError::Packs(errors.into_iter().collect());
        let view = read_base(file, text).map_err(refused)?.over(view);
        let programmes = self.adoptions()?.in_force(&view);
        let packs = self.pack_texts(&view)?;
        let standing = Standing { programmes: &programmes, packs: &packs, names };
        let read = read_scenario(file, text, &standing).map_err(refused)?;
        Ok((view, read))
    }

    /// Returns the texts of the packs that a view reads with.
    fn pack_texts(&self, view: &View) -> Result<BTreeMap<ProgrammeId, String>, EngineError> {
        let mut texts = BTreeMap::new();
        for recorded in read_log(self.reader())?.events {
            let is_known = view.reaches(recorded.position)
                && match view.basis {
                    Basis::Recorded => recorded.recorded_at <= view.known_at,
                    Basis::Reported => true,
                };
            if let Record::Log(LogEntry::PackAdopted(pack)) = recorded.record
                && is_known
            {
                texts.insert(pack.id, pack.text);
            }
        }
        Ok(texts)
    }
}

/// Returns the SHA-256 of a scenario's whole content, in hexadecimal: what a result was asked for.
/// It holds within one version of this library.
pub fn scenario_digest(scenario: &Scenario) -> String {
    sha256(scenario.canonical().as_bytes()).to_string()
}
