//! Reading a scenario file against what a log has adopted and what its sources call things.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::determination::LogEntry;
use waystage_core::id::{
    AssessmentId, InterventionId, JobId, Named, ParticipantId, ParticipationId, ProgrammeId,
    Reference, Source,
};
use waystage_core::journey::diagnostic::Diagnostic;
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Record, Recorded};
use waystage_core::view::{Basis, View};
use waystage_programmes::{Names, ScenarioFile, Standing, read_scenario};
use waystage_store::{EventReader, StoreError, codec, naming, read_log};

use crate::engine::Engine;
use crate::error::EngineError;

const PAGE: usize = 4096;

impl Engine {
    /// Reads a scenario file against what a view of this log reads with. `file` is only its name in
    /// messages. Nothing is stored.
    ///
    /// What a file calls participants, jobs and the like is looked up in the sources of the log; a
    /// name that several sources use is none, and the id has to be written.
    ///
    /// # Errors
    ///
    /// [`EngineError::Packs`] names each line that is wrong, and what to write instead.
    pub fn read_scenario(
        &self,
        file: &str,
        text: &str,
        view: View,
    ) -> Result<ScenarioFile, EngineError> {
        let adoptions = self.adoptions()?;
        let packs = self.packs_in_force(&view)?;
        let programmes = adoptions.in_force(&view);
        let names = Called::of(self.reader())?;
        let standing = Standing { programmes: &programmes, packs: &packs, names: &names };
        read_scenario(file, text, &standing)
            .map_err(|errors| EngineError::Packs(errors.into_iter().collect()))
    }

    /// Returns the text of each pack that a view reads with.
    fn packs_in_force(&self, view: &View) -> Result<BTreeMap<ProgrammeId, String>, EngineError> {
        let mut packs = BTreeMap::new();
        for recorded in read_log(self.reader())?.events {
            let is_known = view.reaches(recorded.position)
                && (view.basis == Basis::Reported || recorded.recorded_at <= view.known_at);
            if let Record::Log(LogEntry::PackAdopted(pack)) = recorded.record
                && is_known
            {
                packs.insert(pack.id, pack.text);
            }
        }
        Ok(packs)
    }
}

/// What the sources of a log call things. A name that is not in the log stands for what its source
/// would call so next, where there is one source; for a participant it stands for nobody.
#[derive(Default)]
struct Called {
    sources: BTreeSet<Source>,
    participants: ByName<ParticipantId>,
    participations: ByName<ParticipationId>,
    jobs: BTreeMap<(ParticipantId, Reference), BTreeSet<JobId>>,
    interventions: ByName<InterventionId>,
    assessments: ByName<AssessmentId>,
}

type ByName<Id> = BTreeMap<Reference, BTreeSet<Id>>;

impl Called {
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

fn keep<Id: Ord + Copy>(names: &mut ByName<Id>, named: &Named<Id>) {
    names.entry(named.reference.clone()).or_default().insert(named.id);
}

/// Returns what is called so, where it is one; where there is none, what else it stands for.
fn one<Id: Copy>(found: Option<&BTreeSet<Id>>, other: impl FnOnce() -> Option<Id>) -> Option<Id> {
    match found {
        None => other(),
        Some(ids) => ids.iter().next().copied().filter(|_| ids.len() == 1),
    }
}

impl Names for Called {
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
