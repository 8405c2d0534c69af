//! What the sources of a log call things: the names that a scenario file may use.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::{
    AssessmentId, InterventionId, JobId, Named, ParticipantId, ParticipationId, Reference, Source,
};
use waystage_core::journey::diagnostic::Diagnostic;
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Recorded};
use waystage_programmes::Names;
use waystage_store::{EventReader, StoreError, codec, naming};

use crate::engine::Engine;
use crate::error::EngineError;

const PAGE: usize = 4096;

impl Engine {
    /// Returns what the sources of this log call participants, jobs and the like, for
    /// [`Engine::scenario`]. It reads the whole log once. A name that several things have stands
    /// for none of them.
    pub fn names(&self) -> Result<LogNames, EngineError> {
        Ok(LogNames::of(self.reader())?)
    }
}

/// What the sources of a log call things. A name that is not in the log stands for what its source
/// would call so next, where there is one source; for a participant it stands for nobody.
#[derive(Debug, Clone, Default)]
pub struct LogNames {
    sources: BTreeSet<Source>,
    participants: ByName<ParticipantId>,
    participations: ByName<ParticipationId>,
    jobs: BTreeMap<(ParticipantId, Reference), BTreeSet<JobId>>,
    interventions: ByName<InterventionId>,
    assessments: ByName<AssessmentId>,
}

type ByName<Id> = BTreeMap<Reference, BTreeSet<Id>>;

impl LogNames {
    fn of(reader: &dyn EventReader) -> Result<Self, StoreError> {
        let mut called = Self::default();
        let mut after = None;
        loop {
            let rows = reader.rows_after(after, PAGE)?;
            let Some(last) = rows.last() else { return Ok(called) };
            after = Some(last.position);
            for row in &rows {
                called.sources.extend(row.sourced.as_ref().map(|sourced| sourced.source.clone()));
                match codec::decode(row) {
                    Ok(recorded) => called.take(&recorded),
                    // nobody can name what cannot be read
                    Err(StoreError::NotDecodable { .. }) => {}
                    Err(other) => return Err(other),
                }
            }
        }
    }

    fn take(&mut self, recorded: &Recorded) {
        match recorded.fact() {
            Some(Fact::Entry(Entry::CharacteristicsRecorded(fact))) => {
                let of_name = self.participants.entry(fact.participant_ref.clone());
                of_name.or_default().insert(recorded.participant);
            }
            Some(Fact::Entry(Entry::Referred(fact))) => {
                keep(&mut self.participations, &fact.participation);
            }
            Some(Fact::Employment(Employment::JobStarted(fact))) => {
                let name = (recorded.participant, fact.job.reference.clone());
                self.jobs.entry(name).or_default().insert(fact.job.id);
            }
            Some(Fact::Support(fact)) => {
                if let Some(step) = fact.intervention() {
                    keep(&mut self.interventions, &step.intervention);
                }
            }
            Some(Fact::Diagnostic(Diagnostic::AssessmentAnswered(fact))) => {
                keep(&mut self.assessments, &fact.assessment);
            }
            _ => {}
        }
    }

    /// Returns the only source; none where there are several.
    fn source(&self) -> Option<&Source> {
        self.sources.first().filter(|_| self.sources.len() == 1)
    }
}

fn keep<Id: Ord + Copy>(by_name: &mut ByName<Id>, named: &Named<Id>) {
    by_name.entry(named.reference.clone()).or_default().insert(named.id);
}

/// Returns what is called so, where it is one; where there is none, what else it stands for.
fn one<Id: Copy>(found: Option<&BTreeSet<Id>>, other: impl FnOnce() -> Option<Id>) -> Option<Id> {
    match found {
        None => other(),
        Some(ids) => ids.iter().next().copied().filter(|_| ids.len() == 1),
    }
}

impl Names for LogNames {
    fn participant(&self, reference: &str) -> Option<ParticipantId> {
        one(self.participants.get(&Reference::from(reference)), || None)
    }

    fn participation(&self, reference: &str) -> Option<ParticipationId> {
        one(self.participations.get(&Reference::from(reference)), || {
            Some(naming::participation(self.source()?, reference).id)
        })
    }

    fn job(&self, participant: &str, reference: &str) -> Option<JobId> {
        let of = participant.parse().ok().or_else(|| self.participant(participant))?;
        one(self.jobs.get(&(of, Reference::from(reference))), || {
            Some(naming::job(self.source()?, participant, reference).id)
        })
    }

    fn intervention(&self, reference: &str) -> Option<InterventionId> {
        one(self.interventions.get(&Reference::from(reference)), || {
            Some(naming::intervention(self.source()?, reference).id)
        })
    }

    fn assessment(&self, reference: &str) -> Option<AssessmentId> {
        one(self.assessments.get(&Reference::from(reference)), || {
            Some(naming::assessment(self.source()?, reference).id)
        })
    }
}
