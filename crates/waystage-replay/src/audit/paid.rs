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
    /// Pence that it states, whatever its sign, of all payments together; none where it has none.
    pub stated: Option<i64>,
    /// Pence that it took of this payment; none where it took a payment of an amount that nobody
    /// stated.
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
}

/// A claw-back, and what it has still to take.
struct Taking {
    event: Cited,
    stated: Option<i64>,
    rest: Rest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// The whole of one payment.
    Whole,
    Pence(i64),
    Nothing,
}

impl Taking {
    /// Takes of the payments that stand, the last first, and returns whether nothing is left to
    /// take.
    fn take(&mut self, paid: &mut [LoggedPayment]) -> bool {
        for payment in paid.iter_mut().rev().filter(|payment| payment.stands()) {
            let pence = match (self.rest, payment.left()) {
                (Rest::Nothing, _) => break,
                (Rest::Whole, left) => left,
                (Rest::Pence(asked), left) => left.map(|left| asked.min(left.max(0))),
            };
            self.rest = match (self.rest, pence) {
                (Rest::Pence(asked), Some(pence)) if pence < asked => Rest::Pence(asked - pence),
                _ => Rest::Nothing,
            };
            let (event, stated) = (self.event.clone(), self.stated);
            payment.clawed_back.push(ClawBack { event, stated, pence });
        }
        self.rest == Rest::Nothing
    }
}

/// The payments of one participation.
pub(super) type Paid<'p> = (&'p Participation, Vec<LoggedPayment>);

impl Now<'_> {
    /// Returns the payments of a participation, and finds what was paid twice.
    pub(super) fn payments(&mut self, of: &Participation) -> Vec<LoggedPayment> {
        let mut by_rule: BTreeMap<&RuleId, Vec<Told<'_>>> = BTreeMap::new();
        for claim in &of.claims {
            let told = self.replayed.journey.facts[claim.step.fact].recorded.told();
            by_rule.entry(&claim.rule).or_default().push((claim, told));
        }
        by_rule.into_values().flat_map(|claims| self.payments_for(of, claims)).collect()
    }

    /// Returns the payments under one rule, by their days and then by when they were told: a
    /// claw-back takes what was paid before it, the last payment first, and of what was told with
    /// it only what it could not take before.
    fn payments_for(
        &mut self,
        of: &Participation,
        mut claims: Vec<Told<'_>>,
    ) -> Vec<LoggedPayment> {
        claims.sort_by_key(|(claim, told)| (claim.step.on, *told));
        let (submitted, claims): (Vec<Told<'_>>, Vec<Told<'_>>) =
            claims.into_iter().partition(|(claim, _)| claim.kind == Kind::ClaimSubmitted);
        let mut paid: Vec<LoggedPayment> = Vec::new();
        let place = |(claim, told): &Told<'_>| (claim.step.on, *told);
        for together in claims.chunk_by(|one, other| place(one) == place(other)) {
            let of_kind = |kind| together.iter().filter(move |(it, _)| it.kind == kind);
            let mut takings: Vec<Taking> =
                of_kind(Kind::ClaimClawedBack).map(|(back, _)| self.taking(back)).collect();
            takings.retain_mut(|taking| !taking.take(&mut paid));
            let payments = of_kind(Kind::ClaimPaid);
            paid.extend(payments.map(|it| self.payment(of, it.0, answered(it, &submitted))));
            takings.retain_mut(|taking| !taking.take(&mut paid));
        }
        // a claim that states none may have been for more than the others
        let claimed: Option<Vec<i64>> =
            submitted.iter().map(|(claim, _)| claim.amount_pence).collect();
        self.paid_twice(of, &paid, claimed.and_then(|claimed| claimed.into_iter().max()));
        paid
    }

    fn taking(&self, back: &Claimed) -> Taking {
        // some write what was taken back as less than nothing
        let stated = back.amount_pence.map(i64::saturating_abs);
        let rest = match stated {
            None => Rest::Whole,
            Some(0) => Rest::Nothing,
            Some(pence) => Rest::Pence(pence),
        };
        Taking { event: self.fact(back.step.fact), stated, rest }
    }

    /// Finds what stands beside an earlier payment under the same rule and comes to more than the
    /// largest of them, or than the most that was claimed: less gives back what was clawed back.
    /// The claim of the earlier payment is not in error: it was due, and is named by its payment.
    fn paid_twice(&mut self, of: &Participation, paid: &[LoggedPayment], claimed: Option<i64>) {
        let largest = paid.iter().filter_map(|payment| payment.pence).max();
        let due = largest.map(|largest| claimed.unwrap_or(largest).min(largest)).map(i128::from);
        let mut left: Option<i128> = Some(0);
        let mut first: Option<&LoggedPayment> = None;
        for payment in paid.iter().filter(|payment| payment.stands()) {
            left = left.zip(payment.left()).map(|(before, left)| before + i128::from(left));
            let is_due = left.zip(due).is_some_and(|(left, due)| left <= due);
            if let Some(first) = first.filter(|_| !is_due) {
                let (label, had) = (&payment.payment.label, &first.payment.label);
                let says = format!("paid by {label} although {had} had paid it");
                let finding = self
                    .about(AuditKind::ClaimPaidTwice, of, says)
                    .rule(payment.rule.clone(), None)
                    .citing([payment.payment.clone(), first.payment.clone()])
                    .citing(payment.claim.clone());
                self.findings.push(finding);
            }
            first = first.or(Some(payment));
        }
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
        let began = if begun(earlier) < begun(later) { "before it" } else { "on the same day" };
        let says = format!(
            "paid under {} here and under {} for {}, which began {began}, both open from {first} to \
             {last}",
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

/// A claim, or what became of one, and when it was told.
type Told<'c> = (&'c Claimed, Timestamp);

/// Returns the claim that a payment answers, of claims in order: the last one before it; where
/// there is none, one of its day that was told later.
fn answered<'c>((paid, told): &Told<'_>, submitted: &[Told<'c>]) -> Option<&'c Claimed> {
    let place = (paid.step.on, *told);
    let before = submitted.iter().rfind(|(claim, told)| (claim.step.on, *told) <= place);
    let later = || submitted.iter().find(|(claim, _)| claim.step.on == paid.step.on);
    before.or_else(later).map(|(claim, _)| *claim)
}

/// Returns the day on which a participation began: of its start, or of its referral.
fn begun(of: &Participation) -> NaiveDate {
    of.started.unwrap_or(of.referred).on
}
