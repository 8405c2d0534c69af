//! An audit: everything that was determined and claimed is derived again, as known when it was made
//! and as known now, and compared with the record. It is a what-if with nothing changed, whose
//! expected difference is empty.
//!
//! One file a family of checks: `determinations.rs` reads the runs again; `claims.rs`, `paid.rs`,
//! `starts.rs`, `earnings.rs` and `retention.rs` look at everything as known now.

mod claims;
mod determinations;
mod earnings;
mod finding;
mod kind;
mod now;
mod paid;
mod payments;
mod person;
mod retention;
mod runs;
mod sample;
mod starts;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::id::ParticipantId;
use waystage_core::programme::Adoptions;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::view::View;
use waystage_store::models::Parked;
use waystage_store::{EventReader, StoreError};

pub use claims::AuditedClaim;
pub use finding::{AuditFinding, Cited};
pub use kind::AuditKind;
pub use paid::{ClawBack, LoggedPayment};
pub use payments::Payment;
pub use sample::{
    Estimate, Extrapolated, Interval, Item, METHOD, Natural, Plan, Sample, Stratum, allocate,
    interval,
};

use self::claims::Money;
use self::now::Now;
use self::person::{Names, Person};
use self::runs::Runs;
use crate::reading::guarded;
use crate::replay::Progress;

/// How many participants are read between two looks at the progress.
const BATCH: usize = 64;

/// How much an audit looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Participants of whom the view knows something.
    pub participants: u64,
    /// Their events.
    pub events: u64,
    /// Determine runs.
    pub runs: u64,
    /// Times that a participant was replayed at a run: not where nothing can have changed.
    pub replays: u64,
    /// Determinations.
    pub determinations: u64,
    /// Withdrawals of determinations.
    pub withdrawals: u64,
    /// Participations in the view.
    pub participations: u64,
    /// Submitted claims in the view, each read as known when it was made and as known now.
    pub claims: u64,
    /// Payments in the view of which not everything was clawed back.
    pub payments: u64,
    /// Payments of a file that the log was compared with.
    pub payments_of_file: u64,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says what was found, and who was left out"]
pub struct Audited {
    /// The view in which everything was read as known now.
    pub view: View,
    /// How much was looked at.
    pub checked: Checked,
    /// What was found, in a stable order, nothing twice.
    pub findings: Vec<AuditFinding>,
    /// Every submitted claim, in order of its participant's id and in effective order.
    pub claims: Vec<AuditedClaim>,
    /// Every payment, with what was clawed back of it, by participant in the same order.
    pub payments: Vec<LoggedPayment>,
    /// Who could not be read, in order of their ids: the audit is without them.
    pub parked: Vec<Parked>,
}

/// An audit of a log in a view.
///
/// ```
/// use waystage_core::time::Timestamp;
/// use waystage_core::view::View;
/// use waystage_replay::audit::Audit;
/// use waystage_store::MemoryStore;
/// let log = MemoryStore::new("example.org/working-well");
/// let view = View::new("2021-12-31".parse().unwrap(), Timestamp::MAX);
/// let audited = Audit::new(&log, view, Default::default()).audited().unwrap();
/// assert!(audited.findings.is_empty() && audited.checked.participants == 0);
/// ```
pub struct Audit<'a> {
    reader: &'a dyn EventReader,
    lens: Lens,
    watch: Option<&'a (dyn Fn(Progress) + Sync)>,
    replays_all: bool,
}

/// What was found of one participant.
struct One {
    checked: Checked,
    findings: Vec<AuditFinding>,
    money: Money,
}

impl<'a> Audit<'a> {
    /// Returns the audit of a log in a view, with what the log adopted.
    pub fn new(reader: &'a dyn EventReader, view: View, adoptions: Arc<Adoptions>) -> Self {
        Self { reader, lens: Lens::new(view, adoptions), watch: None, replays_all: false }
    }

    /// Has the progress told now and then.
    #[must_use]
    pub fn watched(self, watch: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Replays everybody at every run, also where nothing can have changed since the run before.
    /// It finds the same and takes longer.
    #[must_use]
    pub fn replaying_all(self) -> Self {
        Self { replays_all: true, ..self }
    }

    /// Audits the log.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read. A participant of whom an event cannot be read, or whom the
    /// audit cannot bear, is parked.
    pub fn audited(&self) -> Result<Audited, StoreError> {
        let runs = Runs::read(self.reader, &self.lens)?;
        let participants = self.reader.participants()?;
        let all = participants.len() as u64;
        let (done, events) = (AtomicU64::new(0), AtomicU64::new(0));
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut looked = Vec::with_capacity(batch.len());
            for participant in batch {
                match self.one(*participant, &runs)? {
                    None => {}
                    Some(one) => looked.push(one),
                }
            }
            let read = looked.iter().flatten().map(|one| one.checked.events).sum();
            let batch = batch.len() as u64;
            let participants = done.fetch_add(batch, Ordering::Relaxed) + batch;
            let events = events.fetch_add(read, Ordering::Relaxed) + read;
            if let Some(watch) = self.watch {
                watch(Progress { participants, participants_all: all, events });
            }
            Ok(looked)
        });
        let batches: Vec<Vec<Result<One, Parked>>> = batches.collect::<Result<_, StoreError>>()?;
        let runs_all = runs.whole.len() as u64;
        let mut audited = Audited {
            view: self.lens.view,
            checked: Checked { runs: runs_all, ..Checked::default() },
            findings: runs.findings,
            claims: Vec::new(),
            payments: Vec::new(),
            parked: Vec::new(),
        };
        for looked in batches.into_iter().flatten() {
            match looked {
                Ok(one) => audited.take(one),
                Err(parked) => audited.parked.push(parked),
            }
        }
        audited.settle();
        Ok(audited)
    }

    /// Audits one participant; none where the view does not reach as far as their first event.
    fn one(
        &self,
        participant: ParticipantId,
        runs: &Runs,
    ) -> Result<Option<Result<One, Parked>>, StoreError> {
        let rows = self.reader.rows_of(participant)?;
        if !rows.iter().any(|row| self.lens.view.reaches(row.position)) {
            return Ok(None);
        }
        let person = Person::of(participant, rows)?;
        if let Some(parked) = person.hinders(&self.lens) {
            return Ok(Some(Err(parked.clone())));
        }
        let stream = person.stream(&self.lens);
        let look = |replayed: &Replayed<'_>| self.looked(&person, replayed, runs);
        Ok(Some(guarded(participant, &stream, &self.lens, look)))
    }

    fn looked(&self, person: &Person, replayed: &Replayed<'_>, runs: &Runs) -> One {
        let names = Names::of(replayed);
        let looked = determinations::look(person, &names, runs, &self.lens, self.replays_all);
        let mut now = Now::of(replayed, &names);
        now.journey();
        let money = now.claims();
        now.starts();
        now.back_dated();
        now.earnings();
        now.retention();
        let mut findings = looked.findings;
        findings.extend(now.findings);
        let checked = Checked {
            participants: 1,
            events: person.events.len() as u64,
            runs: 0,
            replays: looked.replays,
            determinations: looked.determinations,
            withdrawals: looked.withdrawals,
            participations: replayed.journey.participations.len() as u64,
            claims: money.claims.len() as u64,
            payments: money.payments.iter().filter(|it| it.stands()).count() as u64,
            payments_of_file: 0,
        };
        One { checked, findings, money }
    }
}

impl Audited {
    /// Returns whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn take(&mut self, one: One) {
        let (all, one_checked) = (&mut self.checked, one.checked);
        all.participants += one_checked.participants;
        all.events += one_checked.events;
        all.replays += one_checked.replays;
        all.determinations += one_checked.determinations;
        all.withdrawals += one_checked.withdrawals;
        all.participations += one_checked.participations;
        all.claims += one_checked.claims;
        all.payments += one_checked.payments;
        self.claims.extend(one.money.claims);
        self.payments.extend(one.money.payments);
        self.findings.extend(one.findings);
    }

    /// Puts what was found in order, and takes out what was found twice.
    fn settle(&mut self) {
        self.findings.sort_by_cached_key(AuditFinding::order);
        self.findings.dedup();
    }
}
