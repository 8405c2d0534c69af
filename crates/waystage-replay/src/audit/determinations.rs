//! What determine runs recorded of one participant, against what they should have recorded as known
//! when they were made.
//!
//! The determinations that *should* stand are carried from run to run. So one that was removed,
//! added or altered gives the finding that follows from it, and no echo at the runs after it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::determination::{
    Changed, Determination, DeterminationWithdrawn, OutcomeDetermined,
};
use waystage_core::id::{EventId, Position, RuleId};
use waystage_core::journey::{Record, Recorded};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::RuleReading;
use waystage_core::view::Basis;

use super::finding::{AuditFinding, source_of};
use super::kind::AuditKind;
use super::person::{Names, Person};
use super::runs::{Run, Runs};
use crate::determine::{Decided, Standing, decide, outcome, subject};

/// What looking at one participant took.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) determinations: u64,
    pub(super) withdrawals: u64,
    /// Runs at which the participant was replayed.
    pub(super) replays: u64,
    pub(super) findings: Vec<AuditFinding>,
}

/// Compares everything that was determined of a participant with what the runs should have.
pub(super) fn look(
    person: &Person,
    names: &Names,
    runs: &Runs,
    lens: &Lens,
    replays_all: bool,
) -> Looked {
    let mut ledger = Ledger::of(person, names, runs, lens);
    for run in &runs.whole {
        ledger.run(run, replays_all);
    }
    ledger.looked
}

type Outcome<'a> = (&'a Recorded, &'a OutcomeDetermined);
type Withdrawal<'a> = (&'a Recorded, &'a DeterminationWithdrawn);

/// A determination that should stand, and the event that recorded it, where there is one.
struct Expected {
    on: NaiveDate,
    outcome: OutcomeDetermined,
    recorded: Option<EventId>,
}

/// The last run at which the participant was replayed.
struct Last<'a> {
    run: &'a Run,
    known: Vec<Position>,
    as_of: NaiveDate,
    basis: Basis,
    next_change: Option<NaiveDate>,
}

struct Ledger<'a> {
    person: &'a Person,
    names: &'a Names,
    outcomes: Vec<Outcome<'a>>,
    withdrawals: Vec<Withdrawal<'a>>,
    standing: Vec<Expected>,
    /// Outcomes that were recorded and should not have been.
    loose: Vec<Outcome<'a>>,
    /// Determinations that were withdrawn and should not have been.
    loosened: BTreeSet<EventId>,
    /// Determinations that should have been withdrawn and were not.
    owed: BTreeSet<EventId>,
    /// Every outcome that the log has.
    known: BTreeSet<EventId>,
    last: Option<Last<'a>>,
    /// Where the rules are taken from, for what no run explains.
    now: &'a Lens,
    looked: Looked,
}

impl<'a> Ledger<'a> {
    fn of(person: &'a Person, names: &'a Names, runs: &Runs, now: &'a Lens) -> Self {
        let mut ledger = Self {
            person,
            names,
            outcomes: Vec::new(),
            withdrawals: Vec::new(),
            standing: Vec::new(),
            loose: Vec::new(),
            loosened: BTreeSet::new(),
            owed: BTreeSet::new(),
            known: BTreeSet::new(),
            last: None,
            now,
            looked: Looked::default(),
        };
        let recorded_at: BTreeMap<EventId, _> =
            runs.whole.iter().map(|run| (run.id, run.recorded_at)).collect();
        for event in person.events.iter().filter(|event| now.view.reaches(event.position)) {
            let Record::Determination(determination) = &event.record else { continue };
            let run = match determination {
                Determination::OutcomeDetermined(outcome) => outcome.run,
                Determination::DeterminationWithdrawn(withdrawn) => withdrawn.run,
            };
            let of_run = recorded_at.get(&run).is_some_and(|at| *at == event.recorded_at);
            if !of_run && runs.beyond.contains(&event.recorded_at) {
                continue;
            }
            ledger.take(event, determination, of_run);
        }
        ledger
    }

    /// Takes in a determination; one that no run recorded is found at once.
    fn take(&mut self, event: &'a Recorded, determination: &'a Determination, of_run: bool) {
        match determination {
            Determination::OutcomeDetermined(outcome) => {
                self.looked.determinations += 1;
                self.known.insert(event.id);
                if of_run {
                    self.outcomes.push((event, outcome));
                } else {
                    self.loose.push((event, outcome));
                    let says = format!(
                        "{} was determined on {} by a run that is not in the log, or not with it",
                        name(outcome),
                        event.on
                    );
                    self.find(AuditKind::DeterminationOfNoRun, outcome, says, [event.id], None);
                }
            }
            Determination::DeterminationWithdrawn(withdrawn) => {
                self.looked.withdrawals += 1;
                if of_run {
                    self.withdrawals.push((event, withdrawn));
                } else {
                    self.loosened.insert(withdrawn.determination);
                    let says = "a determination was withdrawn by a run that is not in the log, or \
                                not with it";
                    let events = [event.id, withdrawn.determination];
                    self.find_withdrawal(AuditKind::WithdrawalOfNoRun, says.to_owned(), events);
                }
            }
        }
    }

    fn run(&mut self, run: &'a Run, replays_all: bool) {
        let (mut outcomes, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.outcomes).into_iter().partition(|(_, it)| it.run == run.id);
        self.outcomes = rest;
        let (mut withdrawals, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.withdrawals).into_iter().partition(|(_, it)| it.run == run.id);
        self.withdrawals = rest;
        if let Some(lens) = &run.lens
            && self.person.hinders(lens).is_none()
        {
            let known = self.known_at(lens);
            if replays_all || !self.is_as_before(run, lens, &known) {
                self.replay(run, lens, known, &mut outcomes, &mut withdrawals);
            }
        }
        for outcome in outcomes {
            self.left_over(run, outcome);
        }
        for withdrawal in withdrawals {
            self.left_over_withdrawal(withdrawal);
        }
    }

    /// Returns where the facts stand that are known at a run.
    fn known_at(&self, lens: &Lens) -> Vec<Position> {
        let skipped = lens.adoptions().skipped(&lens.view, self.person.id);
        let events = self.person.events.iter();
        events
            .filter(|event| event.fact().is_some() && lens.view.knows(event))
            .map(|event| event.position)
            .filter(|position| !skipped.contains(position))
            .collect()
    }

    /// Returns whether nothing can read otherwise than at the last run: the same facts, packs and
    /// basis, and no day has come on which time alone changes something.
    fn is_as_before(&self, run: &Run, lens: &Lens, known: &[Position]) -> bool {
        let as_of = lens.view.as_of;
        self.last.as_ref().is_some_and(|last| {
            last.run.adopted == run.adopted
                && last.basis == lens.view.basis
                && last.known == known
                && last.as_of <= as_of
                && last.next_change.is_none_or(|day| as_of < day)
        })
    }

    fn replay(
        &mut self,
        run: &'a Run,
        lens: &Lens,
        known: Vec<Position>,
        outcomes: &mut Vec<Outcome<'a>>,
        withdrawals: &mut Vec<Withdrawal<'a>>,
    ) {
        self.looked.replays += 1;
        let person = self.person;
        let stream: Cow<'_, [Recorded]> = person.stream(lens);
        let replayed = Replayed::of(person.id, &stream, lens);
        let next_change = replayed.next_change();
        let (as_of, basis) = (lens.view.as_of, lens.view.basis);
        self.last = Some(Last { run, known, as_of, basis, next_change });
        self.settle(run, lens, &replayed.readings, outcomes, withdrawals);
    }

    /// Settles what the run should have done against what it did; what is left over of the latter
    /// should not have been recorded.
    fn settle(
        &mut self,
        run: &Run,
        lens: &Lens,
        readings: &[RuleReading],
        outcomes: &mut Vec<Outcome<'a>>,
        withdrawals: &mut Vec<Withdrawal<'a>>,
    ) {
        let standing = std::mem::take(&mut self.standing);
        let stands = standing.iter().enumerate();
        let decided = decide(
            readings,
            stands.map(|(id, it)| Standing { id, on: it.on, outcome: &it.outcome }),
        );
        let mut withdrawn = BTreeSet::new();
        let mut recorded = Vec::new();
        for each in decided {
            match each {
                Decided::Withdraw(id, changed) => {
                    withdrawn.insert(id);
                    self.withdraws(lens, &standing[id], &changed, withdrawals);
                }
                Decided::Record(reading, met, version) => {
                    let outcome = outcome(reading, met, version, run.id);
                    recorded.push(self.records(lens, (outcome, met.on), outcomes));
                }
            }
        }
        let stays = standing.into_iter().enumerate().filter(|(id, _)| !withdrawn.contains(id));
        self.standing = stays.map(|(_, it)| it).chain(recorded).collect();
    }

    /// Settles an outcome that the run should have recorded.
    fn records(
        &mut self,
        lens: &Lens,
        (expected, on): (OutcomeDetermined, NaiveDate),
        made: &mut Vec<Outcome<'a>>,
    ) -> Expected {
        let about = subject(&expected);
        let same = |(event, it): &Outcome<'_>| event.on == on && **it == expected;
        let near = |(_, it): &Outcome<'_>| subject(it) == about;
        let place = made.iter().position(same).or_else(|| made.iter().position(near));
        let recorded = if let Some(place) = place {
            let (event, it) = made.remove(place);
            let differs = differences((&expected, on), (it, event.on), |id| self.label(id));
            if !differs.is_empty() {
                let says =
                    format!("the determination of {} says {}", name(&expected), differs.join("; "));
                self.find(AuditKind::DeterminationDiffers, &expected, says, [event.id], Some(lens));
            }
            Some(event.id)
        } else if let Some(place) = self.loose.iter().position(|it| alike(*it, &expected, on)) {
            // recorded before its time, and found then
            Some(self.loose.remove(place).0.id)
        } else {
            let says = format!(
                "{} read met on {on} at the run as of {}, and it was not determined",
                name(&expected),
                lens.view.as_of
            );
            let because = expected.because.clone();
            self.find(AuditKind::DeterminationMissing, &expected, says, because, Some(lens));
            None
        };
        Expected { on, outcome: expected, recorded }
    }

    /// Settles a withdrawal that the run should have recorded.
    fn withdraws(
        &mut self,
        lens: &Lens,
        standing: &Expected,
        changed: &Changed,
        made: &mut Vec<Withdrawal<'a>>,
    ) {
        let place = match standing.recorded {
            Some(id) => made.iter().position(|(_, it)| it.determination == id),
            // what it withdraws is not in the log: that was found
            None => made.iter().position(|(_, it)| {
                !self.known.contains(&it.determination) && it.changed == *changed
            }),
        };
        let outcome = &standing.outcome;
        match (place, standing.recorded) {
            (Some(place), _) => {
                let (event, it) = made.remove(place);
                let mut differs = Vec::new();
                if it.changed != *changed {
                    let (says, should) = (words(&it.changed), words(changed));
                    differs.push(format!("that {says}, and should that {should}"));
                }
                if event.on != lens.view.as_of {
                    differs.push(format!("day {}, and should {}", event.on, lens.view.as_of));
                }
                if !differs.is_empty() {
                    let says =
                        format!("the withdrawal of {} says {}", name(outcome), differs.join("; "));
                    let events = [event.id, it.determination];
                    self.find(AuditKind::WithdrawalDiffers, outcome, says, events, Some(lens));
                }
            }
            (None, Some(id)) if !self.loosened.remove(&id) => {
                self.owed.insert(id);
                let says = format!(
                    "at the run as of {} {} {}, and its determination was not withdrawn",
                    lens.view.as_of,
                    name(outcome),
                    words(changed)
                );
                self.find(AuditKind::WithdrawalMissing, outcome, says, [id], Some(lens));
            }
            (None, _) => {}
        }
    }

    /// Looks at an outcome that the run had no reason to record.
    fn left_over(&mut self, run: &Run, (event, outcome): Outcome<'a>) {
        let mut missing = self.standing.iter_mut().filter(|it| it.recorded.is_none());
        if let Some(late) = missing.find(|it| alike((event, outcome), &it.outcome, it.on)) {
            late.recorded = Some(event.id); // an earlier run missed it, and that was found
            return;
        }
        self.loose.push((event, outcome));
        let says = format!(
            "{} was determined on {}, which the rules did not give at the run",
            name(outcome),
            event.on
        );
        let kind = AuditKind::DeterminationUnfounded;
        self.find(kind, outcome, says, [event.id], run.lens.as_ref());
    }

    /// Looks at a withdrawal that the run had no reason to record.
    fn left_over_withdrawal(&mut self, (event, withdrawn): Withdrawal<'a>) {
        let target = withdrawn.determination;
        let loose = self.loose.iter().position(|(event, _)| event.id == target);
        if let Some(place) = loose {
            self.loose.remove(place); // it should not have been there, and that was found
            return;
        }
        if self.owed.remove(&target) {
            return; // an earlier run missed it, and that was found
        }
        self.loosened.insert(target);
        let stands = self.standing.iter().any(|it| it.recorded == Some(target));
        let why = if stands { "still held at the run" } else { "did not stand" };
        let says = format!("a determination was withdrawn that {why}");
        self.find_withdrawal(AuditKind::WithdrawalUnfounded, says, [event.id, target]);
    }

    fn label(&self, event: EventId) -> String {
        self.person.cited(event).label
    }

    fn find_withdrawal(&mut self, kind: AuditKind, says: String, events: [EventId; 2]) {
        let outcome = self.person.events.iter().find(|event| event.id == events[1]);
        if let Some(Record::Determination(Determination::OutcomeDetermined(outcome))) =
            outcome.map(|event| &event.record)
        {
            self.find(kind, outcome, says, events, None);
            return;
        }
        let cited = events.map(|event| self.person.cited(event));
        let finding = AuditFinding::new(kind, says).of(&self.names.participant);
        self.looked.findings.push(finding.citing(cited));
    }

    fn find(
        &mut self,
        kind: AuditKind,
        outcome: &OutcomeDetermined,
        says: String,
        events: impl IntoIterator<Item = EventId>,
        lens: Option<&Lens>,
    ) {
        let programme = lens.unwrap_or(self.now).programmes().get(&outcome.programme);
        let version = Some(outcome.rule_version);
        let source = programme.and_then(|it| source_of(it, &outcome.rule, version));
        let cited = events.into_iter().map(|event| self.person.cited(event));
        let mut finding = AuditFinding::new(kind, says)
            .of(&self.names.participant)
            .rule(named(outcome), version)
            .citing(cited)
            .source(source);
        finding.participation = Some(self.names.participation(outcome.participation));
        finding.programme = Some(outcome.programme.clone());
        self.looked.findings.push(finding);
    }
}

/// Returns whether a recorded outcome says what is expected, whatever run and because it names.
fn alike((event, it): Outcome<'_>, expected: &OutcomeDetermined, on: NaiveDate) -> bool {
    event.on == on
        && subject(it) == subject(expected)
        && it.rule_version == expected.rule_version
        && it.amounts == expected.amounts
}

/// Returns in which members a recorded outcome differs from what is expected.
fn differences(
    (expected, on): (&OutcomeDetermined, NaiveDate),
    (recorded, recorded_on): (&OutcomeDetermined, NaiveDate),
    label: impl Fn(EventId) -> String,
) -> Vec<String> {
    let mut differs = Vec::new();
    if recorded_on != on {
        differs.push(format!("day {recorded_on}, and should {on}"));
    }
    if recorded.programme != expected.programme {
        let (says, should) = (&recorded.programme, &expected.programme);
        differs.push(format!("programme {says}, and should {should}"));
    }
    if recorded.rule_version != expected.rule_version {
        let (says, should) = (recorded.rule_version, expected.rule_version);
        differs.push(format!("version {says}, and should {should}"));
    }
    if recorded.amounts != expected.amounts {
        let (says, should) = (&recorded.amounts, &expected.amounts);
        differs.push(format!("amounts {says:?}, and should {should:?}"));
    }
    if recorded.because != expected.because {
        let words = |because: &[EventId]| {
            because.iter().map(|event| label(*event)).collect::<Vec<_>>().join(", ")
        };
        let (says, should) = (words(&recorded.because), words(&expected.because));
        differs.push(format!("because {says}, and should {should}"));
    }
    differs
}

fn named(outcome: &OutcomeDetermined) -> RuleId {
    RuleId::from(name(outcome))
}

fn name(outcome: &OutcomeDetermined) -> String {
    match &outcome.tier {
        Some(tier) => format!("{}/{tier}", outcome.rule),
        None => outcome.rule.to_string(),
    }
}

fn words(changed: &Changed) -> String {
    match changed {
        Changed::Otherwise => "reads met otherwise".to_owned(),
        Changed::NoLongerMet { reads } => format!("reads {reads}"),
        Changed::NotRead => "is not read any more".to_owned(),
    }
}
