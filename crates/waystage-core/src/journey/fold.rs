//! The journey: a participant's state, folded from the visible facts in effective order. It is
//! derived whenever it is needed and never stored. The fold cannot fail; it can only find fault.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::code::GssCode;
use super::employment::{Employment, Sector, WeeklyMinutes};
use super::entry::{Entry, ParticipationType, Referred};
use super::evidence::{Evidence, StatementKind};
use super::stage::Next;
use super::support::Support;
use super::{Fact, FactIndex, Finding, Found, Kind, Recorded, Stage, Visible};
use crate::id::{JobId, ParticipantId, ParticipationId, ProgrammeId, Reference, RuleId};
use crate::scenario::Scenario;
use crate::view::View;

/// A fact and its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The day, as amended.
    pub on: NaiveDate,
    /// The fact.
    pub fact: FactIndex,
}

/// A claim, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Submitted, validated, failed, paid or clawed back.
    pub kind: Kind,
    /// The rule claimed under.
    pub rule: RuleId,
    /// Pence, where stated.
    pub amount_pence: Option<i64>,
    /// When, and which fact.
    pub step: Step,
}

impl Claimed {
    /// Returns whether the claim is one of this rule; it may name a tier, as `rule/tier`.
    pub fn names(&self, rule: &RuleId) -> bool {
        let rest = self.rule.as_str().strip_prefix(rule.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// One referral to one programme, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// Its id.
    pub id: ParticipationId,
    /// The source's reference.
    pub reference: Reference,
    /// The programme.
    pub programme: ProgrammeId,
    /// The referral.
    pub referred: Step,
    /// When the provider received it.
    pub received_on: NaiveDate,
    /// By choice or mandated.
    pub participation_type: ParticipationType,
    /// The group declared at referral.
    pub group: Option<String>,
    /// The provider referred to.
    pub provider: String,
    /// The authority of the home at referral.
    pub local_authority: GssCode,
    /// The first acknowledgement.
    pub acknowledged: Option<Step>,
    /// The first action plan.
    pub action_plan: Option<Step>,
    /// The earliest start.
    pub started: Option<Step>,
    /// The earliest closing: not started, exited or completed.
    pub closed: Option<Step>,
    /// The earliest exit: exited or completed.
    pub exited: Option<Step>,
    /// The key worker of the day.
    pub key_worker: Option<String>,
    /// Claims and what became of them, in effective order.
    pub claims: Vec<Claimed>,
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub stage_since: NaiveDate,
    /// Every fact about it, in effective order.
    pub facts: Vec<FactIndex>,
}

/// A change of hours within a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoursChanged {
    /// From this day.
    pub step: Step,
    /// Minutes a week.
    pub minutes: WeeklyMinutes,
}

/// A verification that names a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The last day covered.
    pub covers_to: NaiveDate,
    /// The fact.
    pub fact: FactIndex,
}

/// A job or a spell of self-employment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The source's reference.
    pub reference: Reference,
    /// For whom; a job keeps the sector of its start.
    pub sector: Sector,
    /// The start that opened it.
    pub started: Step,
    /// Minutes a week at the start.
    pub minutes: WeeklyMinutes,
    /// Changes of hours in effective order; later starts are among them.
    pub changes: Vec<HoursChanged>,
    /// The end: of several, the latest day.
    pub ended: Option<Step>,
    /// Verifications that name it.
    pub verified: Vec<Verified>,
    ends: Vec<FactIndex>,
}

impl Job {
    /// Returns the minutes a week that were last reported for a day on or after the start.
    pub fn minutes_on(&self, day: NaiveDate) -> WeeklyMinutes {
        self.changes
            .iter()
            .rev()
            .find(|change| self.started.on <= change.step.on && change.step.on <= day)
            .map_or(self.minutes, |change| change.minutes)
    }

    /// Returns the facts of every reported end.
    pub fn ends(&self) -> &[FactIndex] {
        &self.ends
    }
}

/// An earnings statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Pay date and fact.
    pub step: Step,
    /// How it counts.
    pub kind: StatementKind,
    /// The pay scheme.
    pub scheme: String,
    /// Gross pence.
    pub gross_pence: i64,
    /// Whether it may count towards an outcome.
    pub qualifying: bool,
}

/// A participant's journey, in one view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey<'a> {
    /// Whose.
    pub participant: ParticipantId,
    /// The facts that the view sees.
    pub facts: Visible<'a>,
    /// Participations, by the order of their referrals.
    pub participations: Vec<Participation>,
    /// Jobs, by the order of their starts.
    pub jobs: Vec<Job>,
    /// Earnings statements by pay date, within a day in the order original, delta, year to date.
    pub statements: Vec<Statement>,
    /// What looks wrong, in a stable order.
    pub findings: Vec<Found>,
}

impl<'a> Journey<'a> {
    /// Returns the journey that the view sees under the scenario. The order in which the stream
    /// hands over its events does not matter.
    pub fn of(
        participant: ParticipantId,
        stream: &'a [Recorded],
        view: &View,
        scenario: &Scenario,
    ) -> Self {
        let (facts, findings) = Visible::of(participant, stream, view, scenario);
        let mut journey = Self {
            participant,
            facts: Visible::default(),
            participations: Vec::new(),
            jobs: Vec::new(),
            statements: Vec::new(),
            findings,
        };
        journey.fold_openings(&facts);
        journey.fold_steps(&facts);
        journey.statements.sort_by_key(|statement| (statement.step.on, statement.kind));
        journey.look_over(&facts);
        journey.facts = facts;
        journey.findings.sort();
        journey.findings.dedup();
        journey
    }

    /// Opens participations and jobs, so that a step dated before its opening finds it.
    fn fold_openings(&mut self, facts: &Visible<'a>) {
        let mut jobs: BTreeMap<JobId, usize> = BTreeMap::new();
        let mut participations: BTreeMap<ParticipationId, usize> = BTreeMap::new();
        for (fact, seen) in facts.iter() {
            let step = Step { on: seen.on, fact };
            match seen.fact.as_ref() {
                Fact::Entry(Entry::Referred(referred)) => {
                    if let std::collections::btree_map::Entry::Vacant(e) =
                        participations.entry(referred.participation.id)
                    {
                        e.insert(self.participations.len());
                        self.participations.push(opened(step, referred));
                    } else {
                        let of = Some(referred.participation.id);
                        self.find(Finding::SecondReferral, of, facts, &[fact]);
                    }
                }
                Fact::Employment(Employment::JobStarted(started)) => {
                    if let Some(&index) = jobs.get(&started.job.id) {
                        let minutes = started.weekly_minutes;
                        self.jobs[index].changes.push(HoursChanged { step, minutes });
                        self.find(Finding::SecondJobStart, None, facts, &[fact]);
                    } else {
                        jobs.insert(started.job.id, self.jobs.len());
                        self.jobs.push(Job {
                            id: started.job.id,
                            reference: started.job.reference.clone(),
                            sector: started.sector,
                            started: step,
                            minutes: started.weekly_minutes,
                            changes: Vec::new(),
                            ended: None,
                            verified: Vec::new(),
                            ends: Vec::new(),
                        });
                    }
                }
                _ => {}
            }
        }
    }

    fn fold_steps(&mut self, facts: &Visible<'a>) {
        for (fact, seen) in facts.iter() {
            let step = Step { on: seen.on, fact };
            if let Some(id) = seen.fact.participation() {
                match self.participations.iter_mut().find(|participation| participation.id == id) {
                    Some(participation) => {
                        let finding = participation.take(step, &seen.fact);
                        if let Some(finding) = finding {
                            self.find(finding, Some(id), facts, &[fact]);
                        }
                    }
                    None => self.find(Finding::FactWithoutReferral, Some(id), facts, &[fact]),
                }
            }
            if let Some(id) = seen.fact.job() {
                match self.jobs.iter_mut().find(|job| job.id == id) {
                    Some(job) => job.take(step, &seen.fact),
                    None => self.find(Finding::JobWithoutStart, None, facts, &[fact]),
                }
            }
            if let Fact::Evidence(Evidence::EarningsReported(reported)) = seen.fact.as_ref() {
                self.statements.push(Statement {
                    step,
                    kind: reported.statement_kind,
                    scheme: reported.scheme.clone(),
                    gross_pence: reported.gross_pence,
                    qualifying: reported.qualifying,
                });
            }
        }
        for job in &mut self.jobs {
            job.changes.sort_by(|a, b| {
                let told = |change: &HoursChanged| facts[change.step.fact].recorded.learned();
                a.step.on.cmp(&b.step.on).then_with(|| told(a).cmp(&told(b)))
            });
        }
    }

    pub(super) fn find(
        &mut self,
        finding: Finding,
        participation: Option<ParticipationId>,
        facts: &Visible<'a>,
        about: &[FactIndex],
    ) {
        let events = about.iter().map(|&fact| facts[fact].recorded.id).collect();
        self.findings.push(Found::new(finding, participation, events));
    }
}

fn opened(step: Step, referred: &Referred) -> Participation {
    Participation {
        id: referred.participation.id,
        reference: referred.participation.reference.clone(),
        programme: referred.programme.clone(),
        referred: step,
        received_on: referred.received_on,
        participation_type: referred.participation_type,
        group: referred.group.clone(),
        provider: referred.provider.clone(),
        local_authority: referred.local_authority,
        acknowledged: None,
        action_plan: None,
        started: None,
        closed: None,
        exited: None,
        key_worker: None,
        claims: Vec::new(),
        stage: Stage::Referred,
        stage_since: step.on,
        facts: Vec::new(),
    }
}

impl Participation {
    /// Takes in one of its facts and returns what looks wrong about its place in the sequence.
    fn take(&mut self, step: Step, fact: &Fact) -> Option<Finding> {
        self.facts.push(step.fact);
        let earliest = |slot: &mut Option<Step>| {
            slot.get_or_insert(step);
        };
        match fact.kind() {
            Kind::ReferralAcknowledged => earliest(&mut self.acknowledged),
            Kind::Started => earliest(&mut self.started),
            Kind::ActionPlanAgreed => earliest(&mut self.action_plan),
            Kind::NotStarted => earliest(&mut self.closed),
            Kind::Completed | Kind::Exited => {
                earliest(&mut self.closed);
                earliest(&mut self.exited);
            }
            _ => {}
        }
        if let Fact::Support(Support::KeyWorkerAssigned(assigned)) = fact {
            self.key_worker = Some(assigned.key_worker.clone());
        }
        if let Fact::Money(money) = fact {
            let claim = money.claim();
            self.claims.push(Claimed {
                kind: money.kind(),
                rule: claim.rule.clone(),
                amount_pence: claim.amount_pence,
                step,
            });
        }
        self.advance(step, fact.kind())
    }

    fn advance(&mut self, step: Step, kind: Kind) -> Option<Finding> {
        let (stage, finding) = match self.stage.next(kind) {
            Next::Stays => (self.stage, None),
            Next::To(stage) => (stage, None),
            Next::OutOfSequence(stage) => (stage, Some(Finding::OutOfSequence)),
        };
        if stage != self.stage {
            (self.stage, self.stage_since) = (stage, step.on);
        }
        if step.on < self.referred.on { Some(Finding::BeforeReferral) } else { finding }
    }
}

impl Job {
    fn take(&mut self, step: Step, fact: &Fact) {
        match fact {
            Fact::Employment(Employment::JobChanged(changed)) => {
                self.changes.push(HoursChanged { step, minutes: changed.weekly_minutes });
            }
            Fact::Employment(Employment::JobEnded(_)) => {
                self.ends.push(step.fact);
                // facts come in effective order: a later day takes over, the first of a day holds
                if self.ended.is_none_or(|ended| ended.on < step.on) {
                    self.ended = Some(step);
                }
            }
            Fact::Evidence(Evidence::EmploymentVerified(verified)) => {
                self.verified.push(Verified { covers_to: verified.covers_to, fact: step.fact });
            }
            _ => {}
        }
    }
}
