//! Claims, each as known when it was made and as known now, against what its rule and its claim
//! rule ask; and outcomes that were never claimed.

use chrono::NaiveDate;
use waystage_core::id::{EventId, Named, ParticipantId, ParticipationId, ProgrammeId, RuleId};
use waystage_core::journey::evidence::Method;
use waystage_core::journey::{Claimed, Kind, Participation};
use waystage_core::programme::ClaimTerms;
use waystage_core::readings::{Case, ClaimReading};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Answer, RuleReading};
use waystage_core::scenario::{Scenario, Selector};

use super::finding::{AuditFinding, Cited, cited, source_of};
use super::kind::AuditKind;
use super::now::{Now, reads};
use super::paid::LoggedPayment;

/// Events that are tried one by one for whether one alone makes the difference.
const TRIED_MAX: usize = 64;

/// A submitted claim, audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedClaim {
    /// The claim.
    pub claim: Cited,
    /// Whose.
    pub participant: Named<ParticipantId>,
    /// For which participation.
    pub participation: Named<ParticipationId>,
    /// Its programme.
    pub programme: ProgrammeId,
    /// The rule claimed under, as the claim names it.
    pub rule: RuleId,
    /// The day of the claim.
    pub submitted_on: NaiveDate,
    /// Pence, where an amount was stated.
    pub amount_pence: Option<i64>,
    /// Whether the rule read met as of that day, as known when the claim was learned.
    pub supported_then: bool,
    /// Whether it reads met in the view.
    pub supported_now: bool,
}

/// What was claimed and paid of one participant.
#[derive(Debug, Default)]
pub(super) struct Money {
    pub(super) claims: Vec<AuditedClaim>,
    pub(super) payments: Vec<LoggedPayment>,
}

impl Now<'_> {
    /// Audits every claim of the participant.
    pub(super) fn claims(&mut self) -> Money {
        let mut money = Money::default();
        let mut paid = Vec::new();
        for of in &self.replayed.journey.participations {
            for claim in of.claims.iter().filter(|it| it.kind == Kind::ClaimSubmitted) {
                money.claims.push(self.supported(of, claim));
            }
            let payments = self.payments(of);
            if !payments.is_empty() {
                paid.push((of, payments));
            }
            if let Some(case) = Case::of(self.replayed, of) {
                for reading in case.claims() {
                    self.against_its_terms(&case, &reading);
                }
                self.never_claimed(&case);
            }
        }
        self.under_two_programmes(&paid);
        money.payments = paid.into_iter().flat_map(|(_, payments)| payments).collect();
        money
    }

    /// Reads a claim at both times.
    fn supported(&mut self, of: &Participation, claim: &Claimed) -> AuditedClaim {
        let recorded = &self.replayed.journey.facts[claim.step.fact].recorded;
        let lens = self.replayed.when_claimed(claim);
        let as_known_then = self.replayed.at(&lens);
        let supported_then = as_known_then.supports(of.id, &claim.rule);
        let supported_now = self.replayed.supports(of.id, &claim.rule);
        if !supported_then {
            let then: Vec<&RuleReading> = as_known_then.named(of.id, &claim.rule).collect();
            let now = reads(self.replayed.named(of.id, &claim.rule));
            let says = format!(
                "claimed on {}, as known at {} {}; now {now}",
                claim.step.on,
                lens.view.known_at,
                reads(then.iter().copied())
            );
            let finding = self.about(AuditKind::ClaimNotSupportedThen, of, says);
            self.findings.push(self.by_rule(finding, of, claim, &then).citing([cited(recorded)]));
        } else if !supported_now {
            self.no_longer(of, claim, &as_known_then);
        }
        AuditedClaim {
            claim: cited(recorded),
            participant: self.names.participant.clone(),
            participation: Named { id: of.id, reference: of.reference.clone() },
            programme: of.programme.clone(),
            rule: claim.rule.clone(),
            submitted_on: claim.step.on,
            amount_pence: claim.amount_pence,
            supported_then,
            supported_now,
        }
    }

    fn no_longer(&mut self, of: &Participation, claim: &Claimed, then: &Replayed<'_>) {
        let recorded = &self.replayed.journey.facts[claim.step.fact].recorded;
        let (changes, alone) = self.what_changed(of, claim, then.lens);
        let now: Vec<&RuleReading> = self.replayed.named(of.id, &claim.rule).collect();
        let labels: Vec<&str> = changes.iter().map(|event| event.label.as_str()).collect();
        let because = match (labels.is_empty(), alone) {
            (true, _) => "nothing was learned since: time or other packs changed it".to_owned(),
            (false, true) => format!("without {} it would still be supported", labels.join(" or ")),
            (false, false) => format!("learned in between: {}", labels.join(", ")),
        };
        let says = format!(
            "claimed on {} when {}; now {}; {because}",
            claim.step.on,
            reads(then.named(of.id, &claim.rule)),
            reads(now.iter().copied())
        );
        let finding = self.about(AuditKind::ClaimNoLongerSupported, of, says);
        let finding = self.by_rule(finding, of, claim, &now).citing([cited(recorded)]);
        self.findings.push(finding.citing(changes));
    }

    /// Returns the events that were learned after a claim and that changed what is read of it:
    /// those of which one alone makes the difference, and all of them where none does.
    fn what_changed(&self, of: &Participation, claim: &Claimed, then: &Lens) -> (Vec<Cited>, bool) {
        let (view, before) = (self.replayed.lens.view, then.view);
        let learned: Vec<_> = self
            .replayed
            .stream()
            .iter()
            .filter(|event| event.fact().is_some() && view.knows(event))
            .filter(|event| !before.knows(event) || before.as_of < event.on)
            .collect();
        let supports_without = |event: EventId| {
            let imagined = Scenario::without("audit", Selector::events([event]));
            let lens = self.replayed.lens.clone().scenario(imagined);
            self.replayed.at(&lens).supports(of.id, &claim.rule)
        };
        let tried = learned.iter().take(TRIED_MAX).filter(|event| supports_without(event.id));
        let alone: Vec<Cited> = tried.map(|event| cited(event)).collect();
        if alone.is_empty() {
            (learned.into_iter().map(cited).collect(), false)
        } else {
            (alone, true)
        }
    }

    /// Completes a finding with the rule that a claim names, its version and its source.
    fn by_rule(
        &self,
        finding: AuditFinding,
        of: &Participation,
        claim: &Claimed,
        readings: &[&RuleReading],
    ) -> AuditFinding {
        let version = readings.first().and_then(|reading| reading.version);
        let rule = readings.first().map(|reading| &reading.rule);
        let programme = self.replayed.programme(of);
        let source = programme.zip(rule).and_then(|(it, rule)| source_of(it, rule, version));
        finding.rule(claim.rule.clone(), version).source(source)
    }

    /// Holds a claim against its claim rule.
    fn against_its_terms(&mut self, case: &Case<'_>, reading: &ClaimReading) {
        let names = |on: &RuleId| {
            let rest = reading.rule.as_str().strip_prefix(on.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let rules = &case.programme.provision.claims;
        let terms = rules.iter().find(|rule| names(&rule.on));
        let Some(terms) = terms.and_then(|rule| rule.in_force(reading.submitted_on)) else {
            return;
        };
        let on = reading.submitted_on;
        let mut found = Vec::new();
        if let (true, Some(earliest)) = (reading.is_early, reading.earliest) {
            let says = format!("claimed on {on}, and at the earliest on {earliest}");
            found.push((AuditKind::ClaimTooEarly, says));
        }
        if let (true, Some(allowed)) = (reading.is_one_too_many, terms.attempts) {
            let attempt = reading.attempt;
            let says =
                format!("claimed on {on} as attempt {attempt} of {allowed} that are allowed");
            found.push((AuditKind::ClaimAttemptsExceeded, says));
        }
        if let (true, Some(last)) = (reading.is_after_close, reading.line_closes) {
            let says = format!("claimed on {on}, and the line closed after {last}");
            found.push((AuditKind::ClaimAfterLineClosed, says));
        }
        let has_none = !reading.jobs.is_empty() && reading.rests_on.is_empty();
        if reading.evidence == Answer::NotMet || has_none && !terms.evidence.is_empty() {
            found.push(evidence(terms, reading));
        }
        for (kind, says) in found {
            let with = matches!(
                kind,
                AuditKind::ClaimOnSelfDeclaration | AuditKind::ClaimWithoutAcceptedEvidence
            );
            let evidence: Vec<EventId> = match reading.rests_on.as_slice() {
                [] => reading.jobs.clone(),
                some => some.iter().map(|(_, event)| *event).collect(),
            };
            let events: Vec<Cited> = std::iter::once(reading.claim)
                .chain(evidence.into_iter().filter(|_| with))
                .map(|event| self.cited(event))
                .collect();
            let finding = self.about(kind, case.participation, says);
            let finding = finding.rule(reading.rule.clone(), Some(terms.effective_from));
            let source = terms.ground.reference.as_deref().or(terms.ground.assumption.as_deref());
            self.findings.push(finding.citing(events).source(source));
        }
    }

    /// Finds outcomes with a fee that read met and that no claim names.
    fn never_claimed(&mut self, case: &Case<'_>) {
        let of = case.participation;
        for earned in case.earned() {
            let reading =
                self.readings(of).find(|each| each.rule == earned.fee && each.tier == earned.tier);
            let Some(reading) = reading else { continue }; // a start is paid without an outcome
            if !self.claims_for(of, reading).is_empty() {
                continue;
            }
            let amount = earned.pence.map(|pence| format!(" and is worth {pence} pence"));
            let says = format!(
                "{} read met on {}{}, and no claim names it",
                reading.name(),
                earned.on,
                amount.unwrap_or_default()
            );
            let because = match &reading.reading {
                waystage_core::rules::Reading::Met(met) => met.because.as_slice(),
                _ => &[],
            };
            let events: Vec<Cited> = because.iter().map(|event| self.cited(*event)).collect();
            let fee = case.programme.fees.iter();
            let fee = fee.clone().find(|fee| fee.on == earned.fee && fee.tier == earned.tier);
            let source = fee.and_then(|fee| {
                let version =
                    fee.versions.iter().find(|it| Some(it.effective_from) == earned.version);
                let own = version.and_then(|version| version.reference.as_deref());
                own.or(fee.reference.as_deref())
            });
            let source =
                source.or_else(|| source_of(case.programme, &reading.rule, reading.version));
            let finding = self.about(AuditKind::OutcomeNeverClaimed, of, says);
            let finding = finding.rule(reading.name(), reading.version);
            self.findings.push(finding.citing(events).source(source));
        }
    }
}

/// Returns what is wrong with the evidence that a claim rests on.
fn evidence(terms: &ClaimTerms, reading: &ClaimReading) -> (AuditKind, String) {
    let asked: Vec<&str> = terms.evidence.iter().map(|method| method.as_str()).collect();
    let asked = if asked.is_empty() { "any evidence".to_owned() } else { asked.join(" or ") };
    if reading.rests_on.is_empty() {
        let says = format!("{asked} is asked for, and nothing verifies the work");
        return (AuditKind::ClaimWithoutAcceptedEvidence, says);
    }
    let mut methods = reading.rests_on.iter().map(|(method, _)| *method);
    let demands_other =
        !terms.evidence.is_empty() && !terms.evidence.contains(&Method::SelfDeclaration);
    if demands_other && methods.all(|method| method == Method::SelfDeclaration) {
        let says = format!("the work rests on self-declaration alone, and {asked} is asked for");
        return (AuditKind::ClaimOnSelfDeclaration, says);
    }
    let says = format!("{asked} is asked for, and none covers the work up to the outcome");
    (AuditKind::ClaimWithoutAcceptedEvidence, says)
}
