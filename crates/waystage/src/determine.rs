//! A determine run: every rule read as known now, and what it says recorded in the streams.

use chrono::NaiveDate;
use waystage_core::determination::{Determination, DeterminationsMade, LogEntry};
use waystage_core::id::{Actor, EventId, ParticipantId};
use waystage_core::journey::Record;
use waystage_core::replayed::Lens;
use waystage_core::view::{Basis, Through, View};
use waystage_replay::Looked;
use waystage_replay::models::packs_digest;
use waystage_store::models::Parked;
use waystage_store::{Append, NewEvent, StoreError, ToStream, read_log};

use crate::clock::since;
use crate::engine::Engine;
use crate::error::EngineError;

const RETRIES: usize = 3;

/// What a determine run recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The run's own event.
    pub run: EventId,
    /// The view in which it read.
    pub view: View,
    /// Participants read.
    pub participants: u64,
    /// Outcomes determined.
    pub determined: u64,
    /// Determinations withdrawn.
    pub withdrawn: u64,
    /// Who could not be read: nothing was determined of them, and nothing withdrawn.
    pub parked: Vec<Parked>,
}

impl Engine {
    /// Reads every rule of every participation up to `as_of`, as known now, and records what it
    /// says: outcomes that are met and have no determination standing, and withdrawals of
    /// determinations that no longer read the same. All of it is one append; a second run at the
    /// same place records nothing but itself.
    pub fn determine(&self, as_of: NaiveDate, basis: Basis) -> Result<Run, EngineError> {
        let today = self.now().date();
        if today < as_of {
            return Err(EngineError::NotYetCome { asked: as_of, today });
        }
        let span = tracing::info_span!(
            "waystage.determine",
            %as_of,
            participants = tracing::field::Empty,
            determined = tracing::field::Empty,
            withdrawn = tracing::field::Empty,
            parked = tracing::field::Empty
        );
        let _entered = span.enter();
        let begun = self.now();
        for _ in 0..RETRIES {
            let run = match self.determine_once(as_of, basis) {
                Err(EngineError::Store(StoreError::Conflict { .. })) => continue,
                answer => answer?,
            };
            span.record("participants", run.participants);
            span.record("determined", run.determined);
            span.record("withdrawn", run.withdrawn);
            span.record("parked", run.parked.len() as u64);
            self.meter.count("waystage.determine.determined", run.determined);
            self.meter.count("waystage.determine.withdrawn", run.withdrawn);
            self.meter.took("waystage.determine", since(begun, self.now()));
            self.in_step();
            return Ok(run);
        }
        Err(EngineError::Contended { participant: ParticipantId::LOG })
    }

    fn determine_once(&self, as_of: NaiveDate, basis: Basis) -> Result<Run, EngineError> {
        let log = read_log(&*self.store)?;
        let last = self.store.last_position()?;
        let through = last.map_or(Through::Head, Through::Position);
        // what is known is what the append below is recorded at: an audit reads the run so again
        let now = self.now();
        let known_at = self.recorded_next(now)?;
        let view = View { as_of, known_at, basis, through };
        let lens = self.lens(view)?;
        let run = self.log_event(LogEntry::DeterminationsMade(DeterminationsMade {
            as_of,
            basis,
            through: last,
            packs_digest: packs_digest(lens.adoptions(), Some(&view)).to_string(),
        }));
        let Looked { each, parked } = self.read_and_determine(&lens, run.id)?;
        let mut made =
            Run { run: run.id, view, participants: 0, determined: 0, withdrawn: 0, parked };
        let mut streams = vec![ToStream { head: log.head(), events: vec![run] }];
        for stream in each {
            made.participants += 1;
            for event in &stream.events {
                match &event.record {
                    Record::Determination(Determination::OutcomeDetermined(_)) => {
                        made.determined += 1;
                    }
                    _ => made.withdrawn += 1,
                }
            }
            if !stream.events.is_empty() {
                streams.push(stream);
            }
        }
        self.store.append(Append { now, streams })?;
        Ok(made)
    }

    fn read_and_determine(
        &self,
        lens: &Lens,
        run: EventId,
    ) -> Result<Looked<ToStream>, EngineError> {
        let each = self.replay(lens).each_stream(|replayed, head| {
            let determined = waystage_replay::determine(replayed, run);
            let events = determined.into_iter().map(|each| NewEvent {
                id: self.new_id(),
                on: each.on,
                reported_at: None,
                actor: Actor::from("system:determine"),
                sourced: None,
                correlation: Some(run),
                causation: Some(run),
                record: Record::Determination(each.determination),
            });
            ToStream { head, events: events.collect() }
        })?;
        Ok(each)
    }
}
