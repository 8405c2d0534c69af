//! Logs to audit: a generated world in which determine runs were made now and then, and the same
//! log with one event changed.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use waystage_core::determination::{DeterminationsMade, LogEntry};
use waystage_core::id::{Actor, EventId, ParticipantId, Position};
use waystage_core::journey::evidence::{Consent, Evidence};
use waystage_core::journey::{Fact, Record};
use waystage_core::programme::Adoptions;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, Through, View};
use waystage_replay::audit::{Audit, AuditFinding, Audited};
use waystage_replay::determine;
use waystage_replay::models::packs_digest;
use waystage_store::{
    Append, EventReader, EventStore, MemoryStore, NewEvent, StoredEvent, ToStream, codec, read_log,
    read_stream,
};
use waystage_testkit::laws;
use waystage_testkit::world::{World, far_end, noon, worlds};

/// How often a law is tried: `LAW_FACTOR=50 cargo test --test audit`.
pub(crate) fn holds<T: std::fmt::Debug>(
    cases: u32,
    of: &impl Strategy<Value = T>,
    law: impl Fn(T) -> TestCaseResult,
) {
    let factor = std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok());
    let cases = cases * factor.unwrap_or(1);
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    if let Err(broken) = runner.run(of, law) {
        panic!("{broken}");
    }
}

/// A run to be made: after how many hundredths of the events, as of which day, on which basis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned {
    after: u8,
    as_of: u16,
    reported: bool,
}

/// Returns worlds with runs: mostly each as of a later day, sometimes as of an earlier one.
pub(crate) fn determined() -> impl Strategy<Value = (World, Vec<Planned>)> {
    let planned = (0_u8..=100, 100_u16..1800, prop::bool::weighted(0.2))
        .prop_map(|(after, as_of, reported)| Planned { after, as_of, reported });
    (worlds(), prop::collection::vec(planned, 2..8), prop::bool::weighted(0.7)).prop_map(
        |(world, mut planned, in_order)| {
            planned.sort_by_key(|run| run.after);
            if in_order {
                let mut days: Vec<u16> = planned.iter().map(|run| run.as_of).collect();
                days.sort_unstable();
                for (run, as_of) in planned.iter_mut().zip(days) {
                    run.as_of = as_of;
                }
            }
            (world, planned)
        },
    )
}

/// A log in memory and what it adopted.
pub(crate) struct Log {
    pub(crate) store: MemoryStore,
    pub(crate) adoptions: Arc<Adoptions>,
}

impl Log {
    /// Records a world and makes runs in between, as an engine does.
    pub(crate) fn of(world: &World, planned: &[Planned]) -> Self {
        Self::recorded(world, planned, false)
    }

    /// As [`Log::of`]; each run's append ends with a harmless fact of everybody, in whose place
    /// something can be put.
    pub(crate) fn with_slots(world: &World, planned: &[Planned]) -> Self {
        Self::recorded(world, planned, true)
    }

    fn recorded(world: &World, planned: &[Planned], slots: bool) -> Self {
        let store = MemoryStore::new("example.org/audited");
        let log = Self { store, adoptions: world.adoptions.clone().into() };
        let mut done = 0;
        for (number, run) in planned.iter().enumerate() {
            let until = world.events.len() * usize::from(run.after) / 100;
            laws::record(&log.store, &world.events[done..until]).unwrap();
            done = until;
            log.determine(number, *run, slots);
        }
        laws::record(&log.store, &world.events[done..]).unwrap();
        log
    }

    fn determine(&self, number: usize, planned: Planned, slots: bool) {
        let now = self.next_instant();
        let last = self.store.last_position().unwrap();
        let basis = if planned.reported { Basis::Reported } else { Basis::Recorded };
        let as_of = far_day(planned.as_of);
        let through = last.map_or(Through::Head, Through::Position);
        let view = View { as_of, known_at: now, basis, through };
        let lens = Lens::new(view, Arc::clone(&self.adoptions));
        let id = made_id(now, u64::MAX - number as u64);
        let made = DeterminationsMade {
            as_of,
            basis,
            through: last,
            packs_digest: packs_digest(&self.adoptions, last.map(|_| view).as_ref()).to_string(),
        };
        let run = event(id, as_of, Record::Log(LogEntry::DeterminationsMade(made)));
        let head = read_log(&self.store).unwrap().head();
        let mut streams = vec![ToStream { head, events: vec![run] }];
        let mut count = (number as u64 + 1) << 32;
        for participant in self.store.participants().unwrap() {
            let stream = read_stream(&self.store, participant).unwrap();
            let replayed = Replayed::of(participant, &stream.events, &lens);
            let determined = determine(&replayed, id).into_iter();
            let mut events: Vec<NewEvent> = determined
                .map(|each| {
                    count += 1;
                    event(made_id(now, count), each.on, Record::Determination(each.determination))
                })
                .collect();
            if slots {
                count += 1;
                events.push(harmless(made_id(now, count)));
            }
            streams.push(ToStream { head: stream.head(), events });
        }
        let _ = self.store.append(Append { now, streams }).unwrap();
    }

    fn next_instant(&self) -> Timestamp {
        let rows = self.rows();
        rows.last().map_or(noon(0), |row| Timestamp::from_micros(row.recorded_at.micros() + 1))
    }

    pub(crate) fn rows(&self) -> Vec<StoredEvent> {
        self.store.rows_after(None, usize::MAX).unwrap()
    }

    /// Returns the same log with the event at one place changed.
    pub(crate) fn with(&self, at: Position, change: impl Fn(&mut NewEvent)) -> Self {
        let store = with(&self.store, at, change);
        Self { store, adoptions: Arc::clone(&self.adoptions) }
    }

    pub(crate) fn audit(&self, view: View) -> Audited {
        Audit::new(&self.store, view, Arc::clone(&self.adoptions)).audited().unwrap()
    }

    pub(crate) fn audit_all(&self, view: View) -> Audited {
        let audit = Audit::new(&self.store, view, Arc::clone(&self.adoptions));
        audit.replaying_all().audited().unwrap()
    }
}

/// Returns the same log with the event at one place changed: every other event keeps its place and
/// its instants.
pub(crate) fn with(
    log: &dyn EventReader,
    at: Position,
    change: impl Fn(&mut NewEvent),
) -> MemoryStore {
    let store = MemoryStore::new("example.org/audited");
    let rows = log.rows_after(None, usize::MAX).unwrap();
    for append in rows.chunk_by(|one, next| one.recorded_at == next.recorded_at) {
        let mut streams: Vec<ToStream> = Vec::new();
        for row in append {
            let mut event = new(row);
            if row.position == at {
                change(&mut event);
            }
            match streams.last_mut() {
                Some(last) if last.head.participant() == row.participant => {
                    last.events.push(event);
                }
                _ => {
                    let head = head(&store, row.participant);
                    streams.push(ToStream { head, events: vec![event] });
                }
            }
        }
        let _ = store.append(Append { now: append[0].recorded_at, streams }).unwrap();
    }
    store
}

fn head(store: &MemoryStore, participant: ParticipantId) -> waystage_store::Head {
    read_stream(store, participant).unwrap().head()
}

fn far_day(day: u16) -> chrono::NaiveDate {
    noon(u32::from(day)).date()
}

/// Returns the view of everything, up to the far end.
pub(crate) fn end() -> View {
    View { known_at: Timestamp::MAX, ..far_end(Basis::Recorded) }
}

fn made_id(now: Timestamp, number: u64) -> EventId {
    let milliseconds = u64::try_from(now.micros() / 1000).unwrap();
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    bytes[6..8].copy_from_slice(&[0xFF, 0xFF]);
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    EventId::from_bytes(bytes)
}

fn event(id: EventId, on: chrono::NaiveDate, record: Record) -> NewEvent {
    NewEvent {
        id,
        on,
        reported_at: None,
        actor: Actor::from("system:determine"),
        sourced: None,
        correlation: None,
        causation: None,
        record,
    }
}

/// Returns a fact that no rule and no finding looks at.
pub(crate) fn harmless(id: EventId) -> NewEvent {
    let consent = Consent { purpose: "audit".to_owned(), method: None };
    event(id, far_day(0), Record::Fact(Fact::Evidence(Evidence::ConsentRecorded(consent))))
}

fn new(row: &StoredEvent) -> NewEvent {
    let recorded = codec::decode(row).unwrap();
    NewEvent {
        id: recorded.id,
        on: recorded.on,
        reported_at: recorded.reported_at,
        actor: recorded.actor,
        sourced: recorded.sourced,
        correlation: recorded.correlation,
        causation: recorded.causation,
        record: recorded.record,
    }
}

/// Returns what was found about determinations, each as kind and sentence.
pub(crate) fn about_determinations(audited: &Audited) -> Vec<&AuditFinding> {
    let about = ["determination_", "withdrawal_", "packs_"];
    let findings = audited.findings.iter();
    findings
        .filter(|finding| about.iter().any(|about| finding.kind.as_str().starts_with(about)))
        .collect()
}
