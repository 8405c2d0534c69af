//! What a source of a log calls things: the names that a scenario file may use, and those in it
//! that are nothing in the log.

use std::collections::BTreeMap;

use waystage_core::id::{
    AssessmentId, InterventionId, JobId, ParticipantId, ParticipationId, Reference, Source,
};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Recorded};
use waystage_core::scenario::{Also, Change, Scenario};
use waystage_programmes::Names;
use waystage_store::{StoreError, codec};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::scenario::SourceNames;

/// Rows that are looked through at a time for the log's first source.
const PAGE: usize = 256;

impl Engine {
    /// Returns what one source of this log calls things, for [`Engine::scenario`]. A name that it
    /// never used stands for what it would call so next: [`Engine::strangers`] finds those.
    pub fn names(&self, source: Source) -> StoreNames<'_> {
        StoreNames { engine: self, names: SourceNames(source) }
    }

    /// Returns the source of the log's first sourced fact, the same however the log grows; none
    /// where it has none yet.
    pub fn first_source(&self) -> Result<Option<Source>, EngineError> {
        let mut at = None;
        loop {
            let rows = self.reader().rows_after(at, PAGE)?;
            let Some(last) = rows.last() else { return Ok(None) };
            at = Some(last.position);
            if let Some(sourced) = rows.into_iter().find_map(|row| row.sourced) {
                return Ok(Some(sourced.source));
            }
        }
    }

    /// Returns what the facts that a scenario assumes are about, and that neither the log nor the
    /// scenario has: a reference that was written otherwise than its source writes it, most likely.
    /// Only those are read of whom facts are assumed.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read.
    pub fn strangers(&self, scenario: &Scenario) -> Result<Strangers, EngineError> {
        let mut of: BTreeMap<ParticipantId, Vec<(usize, &Also)>> = BTreeMap::new();
        for (place, change) in scenario.changes.iter().enumerate() {
            if let Change::Also(also) = change {
                of.entry(also.participant).or_default().push((place, also));
            }
        }
        let known = self.reader().participants()?;
        let mut strangers = Strangers { participants: Vec::new(), changes: Vec::new() };
        for (participant, assumed) in of {
            let mut stream = Vec::new();
            if known.binary_search(&participant).is_ok() {
                let (read, is_whole) = self.readable(participant)?;
                if !is_whole {
                    continue; // what cannot be read may be what it is about
                }
                stream = read;
            } else {
                strangers.participants.push(participant);
            }
            let recorded = stream.iter().filter_map(Recorded::fact);
            let facts: Vec<&Fact> =
                recorded.chain(assumed.iter().map(|(_, also)| &also.fact)).collect();
            let nobodys = assumed.iter().filter_map(|(place, also)| {
                Some((place.saturating_add(1), nobodys(&also.fact, &facts)?))
            });
            strangers.changes.extend(nobodys);
        }
        strangers.changes.sort_unstable();
        Ok(strangers)
    }

    /// Returns what can be read of a participant, and whether that is everything.
    fn readable(&self, participant: ParticipantId) -> Result<(Vec<Recorded>, bool), StoreError> {
        let rows = self.reader().rows_of(participant)?;
        let read: Vec<Recorded> = rows.iter().filter_map(|row| codec::decode(row).ok()).collect();
        let is_whole = read.len() == rows.len();
        Ok((read, is_whole))
    }
}

/// What a scenario assumes facts of and that is nothing in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strangers {
    /// Participants: they count as new.
    pub participants: Vec<ParticipantId>,
    /// Changes, counted from one, whose fact is about something that its participant does not have:
    /// a participation or a job.
    pub changes: Vec<(usize, &'static str)>,
}

/// Returns what a fact is about that no fact of the same participant opens.
fn nobodys(fact: &Fact, facts: &[&Fact]) -> Option<&'static str> {
    let has_participation = |id: ParticipationId| {
        facts.iter().any(|fact| match fact {
            Fact::Entry(Entry::Referred(opened)) => opened.participation.id == id,
            _ => false,
        })
    };
    let has_job = |id: JobId| {
        facts.iter().any(|fact| match fact {
            Fact::Employment(Employment::JobStarted(opened)) => opened.job.id == id,
            _ => false,
        })
    };
    if fact.participation().is_some_and(|id| !has_participation(id)) {
        return Some("participation");
    }
    fact.job().is_some_and(|id| !has_job(id)).then_some("job")
}

/// What one source of a log calls things.
#[derive(Clone)]
pub struct StoreNames<'a> {
    engine: &'a Engine,
    names: SourceNames,
}

impl StoreNames<'_> {
    /// Returns what the source calls the participant of an id; none where the log has nobody of it.
    fn reference(&self, participant: ParticipantId) -> Option<Reference> {
        let (read, _) = self.engine.readable(participant).ok()?;
        read.iter().find_map(|event| match event.fact()? {
            Fact::Entry(Entry::CharacteristicsRecorded(fact)) => Some(fact.participant_ref.clone()),
            _ => None,
        })
    }
}

impl Names for StoreNames<'_> {
    fn participant(&self, reference: &str) -> Option<ParticipantId> {
        self.names.participant(reference)
    }

    fn participation(&self, reference: &str) -> Option<ParticipationId> {
        self.names.participation(reference)
    }

    fn job(&self, participant: &str, reference: &str) -> Option<JobId> {
        // a job is called so by its source for somebody whom it calls so, not by the engine's id
        let called = participant.parse().ok().and_then(|id| self.reference(id));
        let participant = called.as_ref().map_or(participant, Reference::as_str);
        self.names.job(participant, reference)
    }

    fn intervention(&self, reference: &str) -> Option<InterventionId> {
        self.names.intervention(reference)
    }

    fn assessment(&self, reference: &str) -> Option<AssessmentId> {
        self.names.assessment(reference)
    }
}
