//! What a scenario's references stand for. Ids are derived from a source and its references, which
//! is the caller's business; a file may always write the id itself.

use waystage_core::id::{AssessmentId, InterventionId, JobId, ParticipantId, ParticipationId};

/// Finds the ids of what a source named. By default it knows none.
pub trait Names {
    /// Returns the participant that is called so.
    fn participant(&self, _reference: &str) -> Option<ParticipantId> {
        None
    }

    /// Returns the participation that is called so.
    fn participation(&self, _reference: &str) -> Option<ParticipationId> {
        None
    }

    /// Returns the job that is called so, of the participant that is called so.
    fn job(&self, _participant: &str, _reference: &str) -> Option<JobId> {
        None
    }

    /// Returns the intervention that is called so.
    fn intervention(&self, _reference: &str) -> Option<InterventionId> {
        None
    }

    /// Returns the assessment that is called so.
    fn assessment(&self, _reference: &str) -> Option<AssessmentId> {
        None
    }
}

impl Names for () {}
