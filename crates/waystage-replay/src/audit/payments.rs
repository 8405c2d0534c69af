//! A file of payments against the payments that the log has, and against what the rules support.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::id::RuleId;

use super::finding::{AuditFinding, Cited};
use super::kind::AuditKind;
use super::{Audited, AuditedClaim, LoggedPayment};

/// A payment, as whoever paid it has it on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The line of the file.
    pub line: u64,
    /// The claim, as its source calls it (or the payment, where the file names that).
    pub claim: String,
    /// The participation, as its source calls it.
    pub participation: String,
    /// The rule, as the claim names it.
    pub rule: RuleId,
    /// Pence; what was taken back is less than nothing.
    pub pence: i64,
}

/// What a payment is for: the participation and the rule.
type Place<'a> = (&'a str, &'a RuleId);

impl Audited {
    /// Compares the payments of a file with those of the log, and adds what is found: paid by one
    /// and not by the other, another amount, not supported by the rules in the view. The order of
    /// lines does not matter. What was clawed back may stand in the file as a line of its own, or
    /// have been taken off its payment.
    pub fn against(&mut self, payments: &[Payment]) {
        self.checked.payments_of_file += payments.len() as u64;
        let mut places: BTreeMap<Place<'_>, Compared<'_>> = BTreeMap::new();
        for logged in &self.payments {
            let place = (logged.participation.reference.as_str(), &logged.rule);
            places.entry(place).or_default().logged.push(Logged::of(logged));
        }
        for claim in &self.claims {
            let place = (claim.participation.reference.as_str(), &claim.rule);
            places.entry(place).or_default().claims.push(claim);
        }
        for payment in payments {
            let place = (payment.participation.as_str(), &payment.rule);
            places.entry(place).or_default().lines.push(payment);
        }
        let as_of = self.view.as_of;
        let findings: Vec<AuditFinding> =
            places.into_values().flat_map(|place| place.compare(as_of)).collect();
        self.findings.extend(findings);
        self.settle();
    }
}

/// A payment of the log, and what of it the file was found to have.
struct Logged<'a> {
    payment: &'a LoggedPayment,
    /// The line that pays it.
    line: Option<&'a Payment>,
    /// For each claw-back, whether the file has it.
    taken_back: Vec<bool>,
}

/// All that log and file have of one participation and one rule.
#[derive(Default)]
struct Compared<'a> {
    logged: Vec<Logged<'a>>,
    claims: Vec<&'a AuditedClaim>,
    lines: Vec<&'a Payment>,
}

/// How a line can be the one of a payment of the log; the first way that fits holds, so that no
/// line takes what another one fits better.
const WAYS: [fn(&Payment, &LoggedPayment) -> bool; 4] = [
    |line, logged| logged.clawed_back.is_empty() && logged.pence == Some(line.pence),
    |line, logged| logged.stands() && logged.left() == Some(line.pence),
    |line, logged| logged.pence == Some(line.pence),
    |_, logged| logged.stands(),
];

impl<'a> Compared<'a> {
    fn compare(mut self, as_of: NaiveDate) -> Vec<AuditFinding> {
        let lines = std::mem::take(&mut self.lines);
        let (back, mut open): (Vec<_>, Vec<_>) =
            lines.iter().copied().partition(|line| line.pence < 0);
        for fits in WAYS {
            open.retain(|line| !self.pays(line, fits));
        }
        let mut findings: Vec<AuditFinding> =
            open.iter().map(|line| line.not_in_log(self.claim(line), as_of)).collect();
        for line in back {
            if !self.takes_back(line) {
                findings.push(line.not_taken_back(self.claim(line), as_of));
            }
        }
        findings.extend(self.logged.iter().filter_map(Logged::finding));
        let paid = lines.iter().filter(|line| line.pence >= 0);
        findings.extend(paid.filter_map(|line| not_supported(line, self.claim(line)?)));
        findings
    }

    /// Has a line pay a payment of the log that no line pays yet, where one fits.
    fn pays(&mut self, line: &'a Payment, fits: fn(&Payment, &LoggedPayment) -> bool) -> bool {
        let mut open = self.logged.iter_mut().filter(|logged| logged.line.is_none());
        let found = open.find(|logged| line.is(logged.payment) && fits(line, logged.payment));
        let Some(logged) = found else { return false };
        logged.line = Some(line);
        let is_less = logged.payment.pence != Some(line.pence);
        if is_less && logged.payment.left() == Some(line.pence) {
            logged.taken_back.fill(true);
        }
        true
    }

    /// Has a line be a claw-back of the log that no line is yet, where one fits.
    fn takes_back(&mut self, line: &Payment) -> bool {
        let of_it = self.logged.iter_mut().flat_map(|logged| {
            let backs = logged.payment.clawed_back.iter().zip(&mut logged.taken_back);
            let names_payment = line.is(logged.payment);
            backs.map(move |(back, taken)| {
                (names_payment || line.claim == back.event.label, back, taken)
            })
        });
        let mut fitting = of_it.filter(|(is_it, back, taken)| {
            *is_it && !**taken && back.pence == line.pence.checked_neg()
        });
        fitting.next().map(|(_, _, taken)| *taken = true).is_some()
    }

    /// Returns the claim that a line is for: the one it names, or the one whose payment it names.
    fn claim(&self, line: &Payment) -> Option<&'a AuditedClaim> {
        let named = |label: &str| self.claims.iter().find(|it| it.claim.label == label).copied();
        named(&line.claim).or_else(|| {
            let mut logged = self.logged.iter().map(|logged| logged.payment);
            let paid = logged.find(|logged| logged.payment.label == line.claim)?;
            let claim = paid.claim.as_ref()?;
            self.claims.iter().find(|it| it.claim.id == claim.id).copied()
        })
    }
}

impl<'a> Logged<'a> {
    fn of(payment: &'a LoggedPayment) -> Self {
        Self { payment, line: None, taken_back: vec![false; payment.clawed_back.len()] }
    }

    /// Returns in what the file has it otherwise.
    fn finding(&self) -> Option<AuditFinding> {
        let logged = self.payment;
        let label = &logged.payment.label;
        let amount = |pence: Option<i64>| {
            pence.map_or_else(|| "no amount".to_owned(), |pence| format!("{pence} pence"))
        };
        let backs = logged.clawed_back.iter().zip(&self.taken_back);
        let open: Vec<&Cited> =
            backs.filter(|(_, taken)| !**taken).map(|(back, _)| &back.event).collect();
        let by: Vec<&str> = open.iter().map(|event| event.label.as_str()).collect();
        let by = by.join(", ");
        let (kind, says) = match self.line {
            None if logged.stands() => {
                let of = logged.left().map_or_else(String::new, |left| format!(" of {left} pence"));
                let says = format!("the log has the payment {label}{of}, and the file does not");
                (AuditKind::PaymentNotInFile, says)
            }
            None => return None,
            Some(Payment { line, pence, .. }) if logged.pence == Some(*pence) => {
                if open.is_empty() {
                    return None;
                }
                let says = format!("line {line} pays {pence} pence, and {by} of the log took ");
                if logged.stands() {
                    let left = amount(logged.left());
                    let says = format!("{says}of it what leaves {left}");
                    (AuditKind::PaymentOfOtherAmount, says)
                } else {
                    (AuditKind::PaymentNotInLog, format!("{says}all of it back"))
                }
            }
            Some(line) if logged.left() == Some(line.pence) => return None,
            Some(Payment { line, pence, .. }) => {
                let amount = amount(logged.left());
                let says =
                    format!("line {line} pays {pence} pence, and {label} of the log {amount}");
                (AuditKind::PaymentOfOtherAmount, says)
            }
        };
        let finding = about_payment(AuditFinding::new(kind, says), logged);
        Some(finding.citing(open.into_iter().cloned()))
    }
}

impl Payment {
    /// Returns whether it is this payment of the participation and the rule.
    fn is(&self, logged: &LoggedPayment) -> bool {
        let claim = logged.claim.as_ref().is_some_and(|claim| claim.label == self.claim);
        claim || logged.payment.label == self.claim
    }

    fn not_in_log(&self, claim: Option<&AuditedClaim>, as_of: NaiveDate) -> AuditFinding {
        let why = match claim {
            Some(_) => "the log has no such payment of the claim, or not once more".to_owned(),
            None => format!("the log has no such claim as of {as_of}"),
        };
        self.beyond(claim, &format!("pays {} pence for", self.pence), &why)
    }

    fn not_taken_back(&self, claim: Option<&AuditedClaim>, as_of: NaiveDate) -> AuditFinding {
        let why = format!("the log has no such claw-back as of {as_of}, or not once more");
        self.beyond(claim, &format!("takes {} pence back of", self.pence.unsigned_abs()), &why)
    }

    /// Returns that the log does not have what the line says.
    fn beyond(&self, claim: Option<&AuditedClaim>, does: &str, why: &str) -> AuditFinding {
        let says = format!(
            "line {} {does} {} of {} under {}: {why}",
            self.line, self.claim, self.participation, self.rule
        );
        let finding = AuditFinding::new(AuditKind::PaymentNotInLog, says);
        match claim {
            Some(claim) => about_claim(finding, claim),
            None => finding.rule(self.rule.clone(), None),
        }
    }
}

fn not_supported(line: &Payment, claim: &AuditedClaim) -> Option<AuditFinding> {
    let says = format!(
        "line {} pays {} pence, and the rules do not support the claim",
        line.line, line.pence
    );
    let finding = AuditFinding::new(AuditKind::PaymentNotSupported, says);
    (!claim.supported_now).then(|| about_claim(finding, claim))
}

fn about_claim(finding: AuditFinding, claim: &AuditedClaim) -> AuditFinding {
    let finding = finding.of(&claim.participant).rule(claim.rule.clone(), None);
    AuditFinding {
        participation: Some(claim.participation.clone()),
        programme: Some(claim.programme.clone()),
        ..finding.citing([claim.claim.clone()])
    }
}

fn about_payment(finding: AuditFinding, logged: &LoggedPayment) -> AuditFinding {
    let finding = finding.of(&logged.participant).rule(logged.rule.clone(), None);
    let events = [Some(logged.payment.clone()), logged.claim.clone()];
    AuditFinding {
        participation: Some(logged.participation.clone()),
        programme: Some(logged.programme.clone()),
        ..finding.citing(events.into_iter().flatten())
    }
}
