//! What a claim needs: whether it waited long enough, how often it was made, on what evidence.

use chrono::NaiveDate;

use super::Case;
use crate::id::{EventId, RuleId};
use crate::journey::evidence::{EmploymentVerified, Evidence, Method};
use crate::journey::{Claimed, Fact, Job, Kind};
use crate::programme::ClaimTerms;
use crate::rules::{Answer, Met, Reading};

/// A submitted claim, against what its programme's claim rule asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimReading {
    /// The rule that it is claimed under.
    pub rule: RuleId,
    /// The day of the claim.
    pub submitted_on: NaiveDate,
    /// The version of the claim rule, by its first day; none where the programme has none then.
    pub version: Option<NaiveDate>,
    /// The first day on which it could be claimed; none where nothing has to be waited for, or the
    /// outcome does not read met.
    pub earliest: Option<NaiveDate>,
    /// Whether it came before that day.
    pub is_early: bool,
    /// Which attempt it is, from one.
    pub attempt: u32,
    /// Whether that is one too many.
    pub is_one_too_many: bool,
    /// The last day on which it could be made; none where the line is never closed.
    pub line_closes: Option<NaiveDate>,
    /// Whether it came after that day.
    pub is_after_close: bool,
    /// Whether evidence of an accepted kind, whenever it came, covers the work up to the day of the
    /// outcome: met; not met where there is evidence of other kinds only, or none that reaches so
    /// far; unknown where no job that the outcome rests on has any (an outcome of earnings rests on
    /// statements, not on jobs) or it does not read met.
    pub evidence: Answer,
    /// The evidence for the jobs among the events that the outcome rests on: method and event.
    pub rests_on: Vec<(Method, EventId)>,
    /// The starts of the jobs that the outcome rests on; none where it does not read met.
    pub jobs: Vec<EventId>,
    /// The event of the claim.
    pub claim: EventId,
}

impl Case<'_> {
    /// Reads every submitted claim of the participation, in effective order.
    pub fn claims(&self) -> Vec<ClaimReading> {
        let submitted = self.participation.claims.iter();
        let submitted: Vec<&Claimed> =
            submitted.filter(|claim| claim.kind == Kind::ClaimSubmitted).collect();
        let readings = submitted.iter().enumerate().map(|(index, claim)| {
            let before = submitted.iter().take(index);
            let attempt = before.filter(|other| other.rule == claim.rule).count() + 1;
            self.claim(claim, u32::try_from(attempt).unwrap_or(u32::MAX))
        });
        readings.collect()
    }

    fn claim(&self, claim: &Claimed, attempt: u32) -> ClaimReading {
        let rules = &self.programme.provision.claims;
        let rule = rules.iter().find(|rule| claim.names(&rule.on));
        let terms = rule.and_then(|rule| rule.in_force(claim.step.on));
        let met = self.claimed(claim);
        let wait = terms.and_then(|terms| terms.wait);
        let earliest = met.zip(wait).and_then(|(met, wait)| self.after(met.on, wait));
        ClaimReading {
            rule: claim.rule.clone(),
            submitted_on: claim.step.on,
            version: terms.map(|terms| terms.effective_from),
            earliest,
            is_early: earliest.is_some_and(|earliest| claim.step.on < earliest),
            attempt,
            is_one_too_many: terms
                .and_then(|terms| terms.attempts)
                .is_some_and(|attempts| attempts < attempt),
            line_closes: terms.and_then(|terms| terms.line_closes),
            is_after_close: terms
                .and_then(|terms| terms.line_closes)
                .is_some_and(|last| last < claim.step.on),
            evidence: match (terms, met) {
                (Some(terms), Some(met)) => self.evidence(terms, met),
                _ => Answer::Unknown,
            },
            rests_on: met.map(|met| self.evidence_of(met)).unwrap_or_default(),
            jobs: met
                .map(|met| self.jobs(met).map(|(_, start)| start).collect())
                .unwrap_or_default(),
            claim: self.journey.facts[claim.step.fact].recorded.id,
        }
    }

    /// Returns the outcome that a claim is for, where it reads met: of a rule with tiers the tier
    /// that is named, and the one met first where none is.
    fn claimed(&self, claim: &Claimed) -> Option<&Met> {
        let own = || {
            let readings = self.rule_readings.iter();
            readings.filter(|each| each.participation == self.participation.id)
        };
        let is_rule = own().any(|each| each.rule == claim.rule);
        let named = own().filter(|each| {
            if is_rule { each.rule == claim.rule } else { each.name() == claim.rule.as_str() }
        });
        let met = named.filter_map(|each| match &each.reading {
            Reading::Met(met) => Some(met),
            Reading::NotMet | Reading::NotYet { .. } | Reading::Unknown { .. } => None,
        });
        met.min_by_key(|met| met.on)
    }

    /// Returns the jobs that an outcome rests on, each with the event that started it.
    fn jobs(&self, met: &Met) -> impl Iterator<Item = (&Job, EventId)> {
        let jobs = self.journey.jobs.iter();
        jobs.map(|job| (job, self.journey.facts[job.started.fact].recorded.id))
            .filter(|(_, start)| met.because.contains(start))
    }

    /// Returns the evidence for the jobs among the events that an outcome rests on.
    fn verified(&self, met: &Met) -> impl Iterator<Item = (&EmploymentVerified, EventId)> {
        self.jobs(met)
            .flat_map(|(job, _)| &job.verified)
            .map(|verified| &self.journey.facts[verified.fact])
            .filter_map(|seen| match &*seen.fact {
                Fact::Evidence(Evidence::EmploymentVerified(fact)) => {
                    Some((fact, seen.recorded.id))
                }
                _ => None,
            })
    }

    fn evidence_of(&self, met: &Met) -> Vec<(Method, EventId)> {
        self.verified(met).map(|(fact, event)| (fact.method, event)).collect()
    }

    /// Looks at the evidence for the jobs among the events that an outcome rests on.
    fn evidence(&self, terms: &ClaimTerms, met: &Met) -> Answer {
        let evidence: Vec<&EmploymentVerified> = self.verified(met).map(|(fact, _)| fact).collect();
        let holds = |fact: &&EmploymentVerified| {
            let accepted = terms.evidence.is_empty() || terms.evidence.contains(&fact.method);
            met.on <= fact.covers_to && accepted
        };
        match evidence.as_slice() {
            [] => Answer::Unknown,
            some if some.iter().any(holds) => Answer::Met,
            _ => Answer::NotMet,
        }
    }
}
