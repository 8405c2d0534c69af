//! Acknowledgements, service standards, and job starts that were told late: what has to do with
//! when things were done and said.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::id::EventId;
use waystage_core::journey::correction::{Amendment, Correction};
use waystage_core::journey::{Fact, Job, Kind, Participation, Recorded, Visible};
use waystage_core::programme::{Family, Milestone, Programme, Standard};
use waystage_core::readings::{Case, StandardAnswer, StandardReading};
use waystage_core::rules::{Met, Reading, RuleReading};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};

use super::finding::{Cited, source_of};
use super::kind::AuditKind;
use super::now::Now;

impl Now<'_> {
    /// Looks at acknowledgements and service standards of every participation.
    pub(super) fn starts(&mut self) {
        for of in &self.replayed.journey.participations {
            self.acknowledgement(of);
            if let Some(case) = Case::of(self.replayed, of) {
                for (standard, reading) in case.programme.standards.iter().zip(case.standards()) {
                    self.standard(&case, standard, &reading);
                }
            }
        }
    }

    fn acknowledgement(&mut self, of: &Participation) {
        let Some(started) = of.started else { return };
        let (kind, says) = match of.acknowledged {
            None => {
                let says = format!("started on {}, and never acknowledged", started.on);
                (AuditKind::StartWithoutAcknowledgement, says)
            }
            Some(late) if started.on < late.on => {
                let says = format!("started on {}, and acknowledged on {}", started.on, late.on);
                (AuditKind::AcknowledgedAfterStart, says)
            }
            Some(_) => return,
        };
        let standard = self.replayed.programme(of).and_then(acknowledging);
        // a start is paid for only where the programme asks for an acknowledgement
        let claims = of.claims.iter().filter(|claim| claim.kind == Kind::ClaimSubmitted);
        let claims = claims.filter(|_| standard.is_some()).map(|claim| claim.step.fact);
        let facts = [Some(started.fact), of.acknowledged.map(|step| step.fact)];
        let events: Vec<Cited> =
            facts.into_iter().flatten().chain(claims).map(|fact| self.fact(fact)).collect();
        let finding = self.about(kind, of, says).citing(events);
        self.findings.push(match standard {
            Some(standard) => {
                finding.rule(standard.id.as_str(), None).source(standard.reference.as_deref())
            }
            None => finding,
        });
    }

    fn standard(&mut self, case: &Case<'_>, standard: &Standard, reading: &StandardReading) {
        let of = case.participation;
        let acknowledges = standard.to == Milestone::Acknowledged;
        if let (true, Some(started)) = (acknowledges, of.started)
            && of.acknowledged.is_none_or(|on| started.on < on.on)
        {
            return; // that is found as what it is
        }
        let Some(due) = reading.due else { return };
        let what = format!("{} to {}", standard.from, standard.to);
        let (kind, says) = match (reading.answer, reading.on) {
            (StandardAnswer::Late, Some(on)) if acknowledges && of.started.is_some() => {
                (AuditKind::AcknowledgedLate, format!("{what}: due on {due}, done on {on}"))
            }
            (StandardAnswer::Late, Some(on)) => {
                (AuditKind::StandardLate, format!("{what}: due on {due}, done on {on}"))
            }
            (StandardAnswer::Missing, _) => {
                (AuditKind::StandardMissing, format!("{what}: due on {due}, not done"))
            }
            _ => return,
        };
        let mut events = vec![self.fact(of.referred.fact)];
        events.extend(reading.on.into_iter().flat_map(|on| self.reached(of, standard.to, on)));
        let finding = self.about(kind, of, says).citing(events);
        let source = standard.reference.as_deref().or(Some(&case.programme.reference));
        self.findings.push(finding.rule(standard.id.as_str(), None).source(source));
    }

    /// Returns the facts by which a milestone was reached on a day.
    fn reached(&self, of: &Participation, milestone: Milestone, on: NaiveDate) -> Vec<Cited> {
        let facts = &self.replayed.journey.facts;
        let jobs = self.replayed.journey.jobs.iter().map(|job| job.started.fact);
        let own = of.facts.iter().copied();
        let reached = own.chain(jobs).filter(|fact| {
            let seen = &facts[*fact];
            seen.on == on && reaches(seen.fact.kind(), milestone)
        });
        reached.map(|fact| self.fact(fact)).collect()
    }

    /// Finds job starts that were told after a claim or an outcome that they precede.
    pub(super) fn back_dated(&mut self) {
        for of in &self.replayed.journey.participations {
            for job in &self.replayed.journey.jobs {
                if !self.after_a_claim(of, job) {
                    self.after_an_outcome(of, job);
                }
            }
        }
    }

    /// Returns who told a job start as it is read: since when no later day was known of it.
    fn telling(&self, job: &Job) -> Telling<'_> {
        let seen = &self.replayed.journey.facts[job.started.fact];
        let mut events = vec![&seen.recorded as &Recorded];
        events.extend(self.moving(seen.recorded.id));
        // of what was told together the start comes first, and then what names the day
        events.sort_by_key(|event| {
            let is_start = event.id == seen.recorded.id;
            (event.told(), !is_start, !names_day(event, seen.on), event.position)
        });
        let mut telling = Telling { event: &seen.recorded, before: None };
        while let Some(event) = events.pop() {
            telling = Telling { event, before: None };
            let Some(before) = events.last() else { break };
            if before.told() == event.told() {
                continue;
            }
            let known = self.start_as_told(seen.recorded.id, before.told());
            if known.is_none_or(|known| seen.on < known) {
                telling.before = known;
                break;
            }
        }
        telling
    }

    /// Returns the known corrections that move the day of a fact, or take it or what was said of it
    /// back.
    fn moving(&self, fact: EventId) -> Vec<&Recorded> {
        let view = &self.replayed.lens.view;
        let known = self.replayed.stream().iter().filter(|event| view.knows(event));
        let corrections: BTreeMap<EventId, (&Recorded, &Correction)> = known
            .filter_map(|event| match event.fact() {
                Some(Fact::Correction(correction)) => Some((event.id, (event, correction))),
                _ => None,
            })
            .collect();
        let is_about_it = |correction: &Correction| {
            let mut target = correction.corrects();
            // a chain is no longer than there are corrections: it ends also where it is a circle
            for _ in 0..=corrections.len() {
                if target == fact {
                    return true;
                }
                let Some((_, next)) = corrections.get(&target) else { return false };
                target = next.corrects();
            }
            false
        };
        let moves = |correction: &Correction| match correction {
            Correction::FactAmended(it) => matches!(it.amendment, Amendment::On(_)),
            Correction::FactWithdrawn(_) => true,
        };
        let moving = corrections.values().filter(|(_, it)| moves(it) && is_about_it(it));
        moving.map(|(event, _)| *event).collect()
    }

    /// Returns the day of a fact, by what this view knows and was told by an instant; none where it
    /// was not told by then, or stood withdrawn.
    fn start_as_told(&self, fact: EventId, told_by: Timestamp) -> Option<NaiveDate> {
        let lens = self.replayed.lens;
        let known = self.replayed.stream().iter().filter(|event| lens.view.knows(event));
        let known: Vec<Recorded> = known.cloned().collect();
        let then = View { known_at: told_by, as_of: NaiveDate::MAX, ..lens.view };
        let then = then.basis(Basis::Reported);
        let participant = self.replayed.journey.participant;
        let (visible, _) = Visible::of(participant, &known, &then, &lens.scenario);
        visible.iter().find(|(_, seen)| seen.recorded.id == fact).map(|(_, seen)| seen.on)
    }

    fn after_a_claim(&mut self, of: &Participation, job: &Job) -> bool {
        let facts = &self.replayed.journey.facts;
        let start = self.telling(job).event;
        let claims = of.claims.iter().filter(|claim| {
            claim.kind == Kind::ClaimSubmitted
                && job.started.on <= claim.step.on
                && facts[claim.step.fact].recorded.told() < start.told()
        });
        let claims: Vec<Cited> = claims.map(|claim| self.fact(claim.step.fact)).collect();
        if claims.is_empty() {
            return false;
        }
        let labels: Vec<&str> = claims.iter().map(|claim| claim.label.as_str()).collect();
        let says = format!("{}, after {} was made", self.told(job), labels.join(", "));
        let start = [self.fact(job.started.fact), self.cited(start.id)];
        let finding = self.about(AuditKind::JobStartToldAfterClaim, of, says);
        self.findings.push(finding.citing(start).citing(claims));
        true
    }

    /// Finds a job start that was told after the day of an outcome that rests on it. An outcome of
    /// the start itself is left out: every start is told after its own day.
    fn after_an_outcome(&mut self, of: &Participation, job: &Job) {
        let start = self.fact(job.started.fact);
        let teller = self.telling(job).event;
        let programme = self.replayed.programme(of);
        let family = |reading: &RuleReading| {
            programme.and_then(|it| it.rule(&reading.rule)).map(|rule| rule.family)
        };
        let rests: Option<(&Met, &RuleReading)> = self
            .readings(of)
            .filter(|reading| family(reading).is_some_and(|family| family != Family::JobStart))
            .filter_map(|reading| match &reading.reading {
                Reading::Met(met) => Some((met, reading)),
                _ => None,
            })
            .filter(|(met, _)| met.because.contains(&start.id) && met.on < teller.told().date())
            .min_by_key(|(met, _)| met.on);
        let Some((met, reading)) = rests else { return };
        let says =
            format!("{}, after {} had been reached on {}", self.told(job), reading.name(), met.on);
        let source = programme.and_then(|it| source_of(it, &reading.rule, reading.version));
        let events: Vec<Cited> = [start, self.cited(teller.id)]
            .into_iter()
            .chain(self.claims_for(of, reading))
            .collect();
        let finding = self.about(AuditKind::JobStartToldAfterOutcome, of, says);
        let finding = finding.rule(reading.name(), reading.version);
        self.findings.push(finding.citing(events).source(source));
    }

    /// Returns in words how late a job start was told, and by whom.
    fn told(&self, job: &Job) -> String {
        let start = &self.replayed.journey.facts[job.started.fact].recorded;
        let Telling { event: teller, before } = self.telling(job);
        let told = teller.told().date();
        let late = told.signed_duration_since(job.started.on).num_days();
        let by = teller.sourced.as_ref().map(|it| format!(" for {}", it.source));
        let by = format!("{}{}", teller.actor, by.unwrap_or_default());
        let (job, on) = (&job.reference, job.started.on);
        if teller.id == start.id {
            return format!("job {job} of {on} was told on {told}, {late} days after it, by {by}");
        }
        let label = teller.label();
        match before {
            Some(before) => format!(
                "job {job}, of {before} as told before, was moved back to {on} by {label} on {told}, \
                 {late} days after it, by {by}"
            ),
            None => format!(
                "job {job} of {on} was told again by {label} on {told}, {late} days after it, by {by}"
            ),
        }
    }
}

/// Returns whether an event amends the day of a fact to this one.
fn names_day(event: &Recorded, day: NaiveDate) -> bool {
    match event.fact() {
        Some(Fact::Correction(Correction::FactAmended(it))) => it.amendment == Amendment::On(day),
        _ => false,
    }
}

/// Who told a job start as it is read.
struct Telling<'r> {
    /// The start, or the correction by which it came to its day.
    event: &'r Recorded,
    /// The day that was known before that correction; none where none was.
    before: Option<NaiveDate>,
}

/// Returns the standard by which a programme asks for an acknowledgement, where it does.
fn acknowledging(programme: &Programme) -> Option<&Standard> {
    programme.standards.iter().find(|standard| standard.to == Milestone::Acknowledged)
}

/// Returns whether a fact of a kind reaches a milestone.
fn reaches(kind: Kind, milestone: Milestone) -> bool {
    match milestone {
        Milestone::Received | Milestone::Referred => kind == Kind::Referred,
        Milestone::Acknowledged => kind == Kind::ReferralAcknowledged,
        Milestone::Started => kind == Kind::Started,
        Milestone::ActionPlan => kind == Kind::ActionPlanAgreed,
        Milestone::KeyWorker => kind == Kind::KeyWorkerAssigned,
        Milestone::Contact => matches!(kind, Kind::ContactMade | Kind::AppointmentAttended),
        Milestone::Appointment => kind == Kind::AppointmentAttended,
        Milestone::Diagnostic => kind == Kind::AssessmentAnswered,
        Milestone::BetterOff => kind == Kind::BetterOffCalculated,
        Milestone::JobStarted => kind == Kind::JobStarted,
        Milestone::InWorkSupport => kind == Kind::InWorkSupportStarted,
        Milestone::Ended => matches!(kind, Kind::NotStarted | Kind::Completed | Kind::Exited),
    }
}
