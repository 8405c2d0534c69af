//! Ids of what a source names, derived so that the same extract gives the same ids in every store.
//! References are scoped to their source; a job's also to its participant.

use waystage_core::id::{
    AssessmentId, EventId, InterventionId, JobId, Named, ParticipantId, ParticipationId, Reference,
    Source,
};
use waystage_core::journey::Sourced;
use waystage_core::time::Timestamp;
use waystage_evidence as evidence;

/// Returns the id of the participant that a source calls so.
pub fn participant(source: &Source, reference: &str) -> ParticipantId {
    ParticipantId::from_bytes(evidence::thing_id("participant", source.as_str(), "", reference))
}

/// Returns the participation that a source calls so.
pub fn participation(source: &Source, reference: &str) -> Named<ParticipationId> {
    let id = evidence::thing_id("participation", source.as_str(), "", reference);
    Named { id: ParticipationId::from_bytes(id), reference: Reference::from(reference) }
}

/// Returns the job that a source calls so, within the participant of that reference.
pub fn job(source: &Source, participant: &str, reference: &str) -> Named<JobId> {
    let id = evidence::thing_id("job", source.as_str(), participant, reference);
    Named { id: JobId::from_bytes(id), reference: Reference::from(reference) }
}

/// Returns the intervention that a source calls so.
pub fn intervention(source: &Source, reference: &str) -> Named<InterventionId> {
    let id = evidence::thing_id("intervention", source.as_str(), "", reference);
    Named { id: InterventionId::from_bytes(id), reference: Reference::from(reference) }
}

/// Returns the assessment that a source calls so.
pub fn assessment(source: &Source, reference: &str) -> Named<AssessmentId> {
    let id = evidence::thing_id("assessment", source.as_str(), "", reference);
    Named { id: AssessmentId::from_bytes(id), reference: Reference::from(reference) }
}

/// Returns the id of the event that a source reported at that time under that reference.
pub fn event(sourced: &Sourced, reported_at: Timestamp) -> EventId {
    let milliseconds = u64::try_from(reported_at.micros().div_euclid(1000)).unwrap_or(0);
    EventId::from_bytes(evidence::event_id(
        milliseconds,
        sourced.source.as_str(),
        sourced.reference.as_str(),
    ))
}
