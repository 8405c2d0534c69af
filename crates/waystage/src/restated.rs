//! Restatements: what has changed since a figure was published, by how much and why.

use waystage_core::determination::LogEntry;
use waystage_core::id::Position;
use waystage_core::journey::Record;
use waystage_core::table::Model;
use waystage_core::time::Timestamp;
use waystage_core::view::{Through, View};
use waystage_evidence::Certificate;
use waystage_replay::Progress;
use waystage_replay::difference::{Comparison, Difference, ModelDifference, Side};
use waystage_store::read_log;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::evidence::{Disagreement, certified_view};

/// A figure that was published, and what it would be now: as of the same day, as known now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restatement {
    /// What people call it.
    pub name: String,
    /// Where in the log it was published.
    pub position: Position,
    /// When.
    pub recorded_at: Timestamp,
    /// What it was computed from.
    pub certificate: Certificate,
    /// Members of the certificate that are others when it is computed again as it was: then this
    /// engine, or the log, is not the one that certified it. None where it can be reproduced.
    pub differs: Vec<Disagreement>,
    /// What has changed since; the changes of all people together are the change of the figure.
    /// None where no model of that name is known here.
    pub since: Option<Difference>,
}

impl Restatement {
    /// Returns how the figure differs; none where no model of its name is known here.
    pub fn figure(&self) -> Option<&ModelDifference> {
        self.since.as_ref().and_then(|since| since.models.first())
    }

    /// Returns whether it can be reproduced and stands as it was published, with everybody who was
    /// in it.
    pub fn stands(&self) -> bool {
        let nobody_is_missing = self.since.as_ref().is_some_and(|since| since.parked.is_empty());
        let is_the_same = self.figure().is_some_and(|figure| figure.change.is_empty());
        self.differs.is_empty() && nobody_is_missing && is_the_same
    }
}

impl Engine {
    /// Returns every published figure with what has changed since. Each is computed again as it was
    /// certified, and as of the same day as known now, both from the log.
    ///
    /// # Errors
    ///
    /// Where the log cannot be replayed, or a certificate in it cannot be read.
    pub(crate) fn restated(
        &self,
        models: &[&dyn Model],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Restatement>, EngineError> {
        let mut restated = Vec::new();
        for recorded in read_log(self.reader())?.events {
            let Record::Log(LogEntry::FigurePublished(published)) = &recorded.record else {
                continue;
            };
            let what = || format!("the certificate of {}", published.name);
            let refused = |says: String| EngineError::Evidence { what: what(), says };
            let note = published.certificate.parse();
            let note = note.map_err(|error| refused(format!("{error}")))?;
            let certificate =
                Certificate::of_note(&note).map_err(|error| refused(error.to_string()))?;
            let model = models.iter().find(|model| model.name() == certificate.model);
            let (differs, since) = match model {
                None => (Vec::new(), None),
                Some(model) => (
                    self.check_certificate(&note, None, *model)?,
                    Some(self.since(&certificate, *model, watch)?),
                ),
            };
            restated.push(Restatement {
                name: published.name.clone(),
                position: recorded.position,
                recorded_at: recorded.recorded_at,
                certificate,
                differs,
                since,
            });
        }
        Ok(restated)
    }

    fn since(
        &self,
        certificate: &Certificate,
        model: &dyn Model,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Difference, EngineError> {
        let then = certified_view(certificate)?;
        let now = View { known_at: self.known_now(), through: Through::Head, ..then };
        let (then, now) = (self.lens(then)?, self.lens(now)?);
        let side = |lens| Side { reader: self.reader(), lens };
        let models = [model];
        Ok(Comparison::new(side(&then), side(&now), &models).watched(watch).made()?)
    }
}
