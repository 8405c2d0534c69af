//! What was paid, as the log has it: payments and what was clawed back of each, what was paid
//! twice, and what was paid under two programmes at once.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::id::{Named, ParticipantId, ParticipationId, ProgrammeId, RuleId};
use waystage_core::journey::{Claimed, Kind, Participation, Step};
use waystage_core::time::Timestamp;

use super::finding::Cited;
use super::kind::AuditKind;
use super::now::Now;

/// A payment that the log has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedPayment {
    /// The payment.
    pub payment: Cited,
    /// The claim that it answers: the last one of that rule before it.
    pub claim: Option<Cited>,
    /// To whom.
    pub participant: Named<ParticipantId>,
    /// For which participation.
    pub participation: Named<ParticipationId>,
    /// Its programme.
    pub programme: ProgrammeId,
    /// The rule.
    pub rule: RuleId,
    /// Pence: as paid, or as claimed where the payment states none.
    pub pence: Option<i64>,
    /// What was clawed back of it, in the order of being told.
    pub clawed_back: Vec<ClawBack>,
}

/// What one claw-back took of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClawBack {
    /// The claw-back.
    pub event: Cited,
    /// Pence that it took; none where it took a payment of an amount that nobody stated.
    pub pence: Option<i64>,
}

impl LoggedPayment {
    /// Returns what is left of it after what was clawed back; none where no amount was stated.
    pub fn left(&self) -> Option<i64> {
        let taken: i64 = self.clawed_back.iter().filter_map(|back| back.pence).sum();
        self.pence.map(|pence| pence - taken)
    }

    /// Returns whether anything of it was not clawed back.
    pub fn stands(&self) -> bool {
        self.clawed_back.is_empty() || self.left().is_some_and(|left| left > 0)
    }

    /// Takes back of it, whole where no amount is named, and returns what is still to be taken of
    /// other payments: nothing, where the whole was asked for.
    fn take_back(&mut self, event: &Cited, asked: Option<i64>) -> Option<i64> {
        let pence = self.left().map(|left| asked.map_or(left, |asked| asked.clamp(0, left.max(0))));
        self.clawed_back.push(ClawBack { event: event.clone(), pence });
        asked.map(|asked| asked - pence.unwrap_or(asked)).filter(|rest| *rest > 0)
    }
}

/// The payments of one participation.
pub(super) type Paid<'p> = (&'p Participation, Vec<LoggedPayment>);

impl Now<'_> {
    /// Returns the payments of a participation, and finds what was paid twice.
    pub(super) fn payments(&mut self, of: &Participation) -> Vec<LoggedPayment> {
        let mut by_rule: BTreeMap<&RuleId, Vec<(&Claimed, Timestamp)>> = BTreeMap::new();
        for claim in &of.claims {
            let told = self.replayed.journey.facts[claim.step.fact].recorded.told();
            by_rule.entry(&claim.rule).or_default().push((claim, told));
        }
        by_rule.into_values().flat_map(|claims| self.payments_for(of, claims)).collect()
    }

    /// Returns the payments under one rule. What was done on one day is taken in the order in which
    /// it was told: a claw-back takes what was paid before it, the last payment first, and of what
    /// was told with it only where nothing stood before.
    fn payments_for(
        &mut self,
        of: &Participation,
        mut claims: Vec<(&Claimed, Timestamp)>,
    ) -> Vec<LoggedPayment> {
        let place = |kind| match kind {
            Kind::ClaimSubmitted => 0,
            Kind::ClaimClawedBack => 1,
            _ => 2,
        };
        claims.sort_by_key(|(claim, told)| (claim.step.on, *told, place(claim.kind)));
        let mut submitted = None;
        let mut paid: Vec<LoggedPayment> = Vec::new();
        let mut waiting: Vec<(&Claimed, Timestamp)> = Vec::new();
        for (claim, told) in claims {
            match claim.kind {
                Kind::ClaimSubmitted => submitted = Some(claim),
                Kind::ClaimPaid => {
                    let payment = self.payment(of, claim, submitted);
                    if let Some(first) = paid_already(&paid, payment.pence) {
                        self.paid_twice(of, claim, &payment, first);
                    }
                    paid.push(payment);
                    waiting.retain(|(back, at)| (back.step.on, *at) == (claim.step.on, told));
                    for (back, _) in waiting.drain(..) {
                        self.take_back(back, &mut paid);
                    }
                }
                Kind::ClaimClawedBack if paid.iter().any(LoggedPayment::stands) => {
                    self.take_back(claim, &mut paid);
                }
                Kind::ClaimClawedBack => waiting.push((claim, told)),
                _ => {}
            }
        }
        paid
    }

    fn take_back(&self, back: &Claimed, paid: &mut [LoggedPayment]) {
        let event = self.fact(back.step.fact);
        let mut asked = back.amount_pence;
        for payment in paid.iter_mut().rev().filter(|payment| payment.stands()) {
            asked = payment.take_back(&event, asked);
            if asked.is_none() {
                break;
            }
        }
    }

    /// The claim of the first payment is not in error: it was due, and is named by its payment.
    fn paid_twice(
        &mut self,
        of: &Participation,
        paid: &Claimed,
        payment: &LoggedPayment,
        first: &LoggedPayment,
    ) {
        let says = format!(
            "paid by {} on {} although {} had paid it",
            payment.payment.label, paid.step.on, first.payment.label
        );
        let finding = self
            .about(AuditKind::ClaimPaidTwice, of, says)
            .rule(paid.rule.clone(), None)
            .citing([payment.payment.clone(), first.payment.clone()])
            .citing(payment.claim.clone());
        self.findings.push(finding);
    }

    fn payment(
        &self,
        of: &Participation,
        paid: &Claimed,
        submitted: Option<&Claimed>,
    ) -> LoggedPayment {
        LoggedPayment {
            payment: self.fact(paid.step.fact),
            claim: submitted.map(|claim| self.fact(claim.step.fact)),
            participant: self.names.participant.clone(),
            participation: Named { id: of.id, reference: of.reference.clone() },
            programme: of.programme.clone(),
            rule: paid.rule.clone(),
            pence: paid.amount_pence.or_else(|| submitted.and_then(|claim| claim.amount_pence)),
            clawed_back: Vec::new(),
        }
    }

    /// Finds programmes that were paid for over the same days, among what one person was paid for.
    pub(super) fn under_two_programmes(&mut self, paid: &[Paid<'_>]) {
        let mut paid: Vec<&Paid<'_>> =
            paid.iter().filter(|(_, paid)| paid.iter().any(LoggedPayment::stands)).collect();
        paid.sort_by_key(|(of, _)| (begun(of), of.referred.on, &of.reference));
        for (place, later) in paid.iter().enumerate() {
            for earlier in &paid[..place] {
                if earlier.0.programme != later.0.programme
                    && let Some(days) = self.both_open(earlier.0, later.0)
                {
                    self.paid_at_once(earlier, later, days);
                }
            }
        }
    }

    /// Returns the first days over which both are open.
    fn both_open(
        &self,
        one: &Participation,
        other: &Participation,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let as_of = self.replayed.lens.view.as_of;
        let others = self.open(other);
        let each =
            self.open(one).into_iter().flat_map(|one| others.iter().map(move |it| (one, it)));
        let both = each.map(|((from, until), (other_from, other_until))| {
            let last = |end: Option<Step>| end.map_or(as_of, |end| end.on);
            (from.max(*other_from), last(until).min(last(*other_until)))
        });
        both.filter(|(first, last)| first <= last).min()
    }

    /// The claims of the one that began later are in error: nobody may join a second programme.
    fn paid_at_once(
        &mut self,
        (earlier, earlier_paid): &Paid<'_>,
        (later, later_paid): &Paid<'_>,
        (first, last): (NaiveDate, NaiveDate),
    ) {
        let says = format!(
            "paid under {} here and under {} for {}, which began before it, both open from {first} \
             to {last}",
            later.programme, earlier.programme, earlier.reference
        );
        let standing = |paid: &'_ [LoggedPayment]| -> Vec<LoggedPayment> {
            paid.iter().filter(|payment| payment.stands()).cloned().collect()
        };
        let of_the_later = standing(later_paid).into_iter();
        let of_the_later = of_the_later.flat_map(|it| [Some(it.payment), it.claim]).flatten();
        let of_the_earlier = standing(earlier_paid).into_iter().map(|it| it.payment);
        let finding = self.about(AuditKind::PaidUnderTwoProgrammes, later, says);
        let source = self.replayed.programme(later).map(|programme| programme.reference.as_str());
        self.findings.push(finding.citing(of_the_later).citing(of_the_earlier).source(source));
    }
}

/// Returns the payment that stands already when another one comes; none where the other one gives
/// back no more than what was clawed back of it.
fn paid_already(before: &[LoggedPayment], pence: Option<i64>) -> Option<&LoggedPayment> {
    let standing = || before.iter().filter(|payment| payment.stands());
    let left: Option<i64> = standing().map(LoggedPayment::left).sum();
    let first = standing().next()?;
    let gives_back = match (left, pence, first.pence) {
        (Some(left), Some(pence), Some(first)) => left + pence <= first,
        _ => false,
    };
    standing().next_back().filter(|_| !gives_back)
}

/// Returns the day on which a participation began: of its start, or of its referral.
fn begun(of: &Participation) -> NaiveDate {
    of.started.unwrap_or(of.referred).on
}
