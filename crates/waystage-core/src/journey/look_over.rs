//! What can be said to look wrong only once everything is folded.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use super::{Fact, FactIndex, Finding, Job, Journey, Kind, Participation, Visible};
use crate::id::{ParticipationId, RuleId};

impl<'a> Journey<'a> {
    pub(super) fn look_over(&mut self, facts: &Visible<'a>) {
        let mut found: Vec<(Finding, Option<ParticipationId>, Vec<FactIndex>)> = Vec::new();
        for participation in &self.participations {
            let of = Some(participation.id);
            if let Some(started) = participation.started {
                match participation.acknowledged {
                    None => {
                        found.push((Finding::StartWithoutAcknowledgement, of, vec![started.fact]));
                    }
                    Some(late) if late.on > started.on => {
                        found.push((Finding::AcknowledgedAfterStart, of, vec![late.fact]));
                    }
                    Some(_) => {}
                }
                for job in self.jobs.iter().filter(|job| job.started.on < started.on) {
                    found.push((Finding::JobBeforeStart, of, vec![job.started.fact]));
                }
            }
            found.extend(
                self.back_dated(participation, facts)
                    .map(|(finding, fact)| (finding, of, vec![fact])),
            );
            found.extend(claims(participation).map(|(finding, fact)| (finding, of, vec![fact])));
        }
        for job in &self.jobs {
            found.extend(spell(job).map(|(finding, fact)| (finding, None, vec![fact])));
        }
        found.extend(facts.iter().filter_map(|(index, seen)| {
            let finding = empty_period(&seen.fact)?;
            Some((finding, None, vec![index]))
        }));
        for (finding, of, about) in found {
            self.find(finding, of, facts, &about);
        }
    }
}

impl<'a> Journey<'a> {
    /// Returns the job starts that precede a submitted claim and were told only after it.
    fn back_dated(
        &self,
        participation: &Participation,
        facts: &Visible<'a>,
    ) -> impl Iterator<Item = (Finding, FactIndex)> {
        let told = |fact: FactIndex| facts[fact].recorded.told();
        let claims = participation.claims.iter().filter(|claim| claim.kind == Kind::ClaimSubmitted);
        let claims: Vec<_> = claims.map(|claim| (claim.step.on, told(claim.step.fact))).collect();
        self.jobs
            .iter()
            .filter(move |job| {
                let start = (job.started.on, told(job.started.fact));
                claims.iter().any(|claim| start.0 <= claim.0 && claim.1 < start.1)
            })
            .map(|job| (Finding::JobStartToldAfterClaim, job.started.fact))
    }
}

fn claims(participation: &Participation) -> impl Iterator<Item = (Finding, FactIndex)> {
    let mut seen: BTreeMap<&RuleId, (bool, bool)> = BTreeMap::new();
    participation.claims.iter().filter_map(move |claim| {
        let (submitted, paid) = seen.entry(&claim.rule).or_default();
        let finding = match claim.kind {
            Kind::ClaimSubmitted => None,
            _ if !*submitted => Some(Finding::ClaimNeverSubmitted),
            Kind::ClaimPaid if *paid => Some(Finding::ClaimPaidTwice),
            _ => None,
        };
        *submitted |= claim.kind == Kind::ClaimSubmitted;
        *paid = match claim.kind {
            Kind::ClaimPaid => true,
            Kind::ClaimClawedBack => false,
            _ => *paid,
        };
        finding.map(|finding| (finding, claim.step.fact))
    })
}

fn spell(job: &Job) -> impl Iterator<Item = (Finding, FactIndex)> {
    let backwards = job
        .ended
        .filter(|ended| ended.on < job.started.on)
        .map(|ended| (Finding::JobEndsBeforeItStarts, ended.fact));
    let several = job.ends().iter().skip(1).map(|&end| (Finding::SeveralJobEnds, end));
    let outside = job
        .changes
        .iter()
        .filter(|change| {
            change.step.on < job.started.on
                || job.ended.is_some_and(|ended| ended.on < change.step.on)
        })
        .map(|change| (Finding::ChangeOutsideJob, change.step.fact));
    backwards.into_iter().chain(several).chain(outside)
}

fn empty_period(fact: &Fact) -> Option<Finding> {
    match fact {
        Fact::Evidence(Evidence::EmploymentVerified(fact)) if fact.covers_to < fact.covers_from => {
            Some(Finding::VerificationCoversNothing)
        }
        Fact::Evidence(Evidence::EarningsReported(fact)) if fact.period_to < fact.period_from => {
            Some(Finding::StatementOfNoPeriod)
        }
        _ => None,
    }
}
