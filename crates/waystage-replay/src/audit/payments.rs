//! A file of payments against the payments that the log has, and against what the rules support.

use std::collections::BTreeMap;

use waystage_core::id::RuleId;

use super::finding::AuditFinding;
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
    /// Pence.
    pub pence: i64,
}

/// What a payment is for: the participation and the rule.
type Place<'a> = (&'a str, &'a RuleId);

impl Audited {
    /// Compares the payments of a file with those of the log, and adds what is found: paid by one
    /// and not by the other, another amount, not supported by the rules in the view.
    pub fn against(&mut self, payments: &[Payment]) {
        self.checked.payments_of_file += payments.len() as u64;
        let mut findings = Vec::new();
        let mut open: BTreeMap<Place<'_>, Vec<&LoggedPayment>> = BTreeMap::new();
        for logged in &self.payments {
            let place = (logged.participation.reference.as_str(), &logged.rule);
            open.entry(place).or_default().push(logged);
        }
        let mut claims: BTreeMap<Place<'_>, Vec<&AuditedClaim>> = BTreeMap::new();
        for claim in &self.claims {
            let place = (claim.participation.reference.as_str(), &claim.rule);
            claims.entry(place).or_default().push(claim);
        }
        for payment in payments {
            let place = (payment.participation.as_str(), &payment.rule);
            let claims = claims.get(&place).map_or(&[][..], Vec::as_slice);
            let claim = claims.iter().find(|claim| claim.claim.label == payment.claim).copied();
            let open = open.entry(place).or_default();
            let there = open.iter().position(|logged| payment.is(logged));
            match there.map(|there| open.remove(there)) {
                None => findings.push(payment.not_in_log(claim)),
                Some(logged) if logged.pence != Some(payment.pence) => {
                    findings.push(payment.of_other_amount(logged));
                }
                Some(_) => {}
            }
            if let Some(claim) = claim.filter(|claim| !claim.supported_now) {
                let says = format!(
                    "line {} pays {} pence, and the rules do not support the claim",
                    payment.line, payment.pence
                );
                let kind = AuditKind::PaymentNotSupported;
                findings.push(about_claim(AuditFinding::new(kind, says), claim));
            }
        }
        findings.extend(open.into_values().flatten().map(|logged| {
            let amount = logged.pence.map(|pence| format!(" of {pence} pence"));
            let says = format!(
                "the log has the payment {}{}, and the file does not",
                logged.payment.label,
                amount.unwrap_or_default()
            );
            about_payment(AuditFinding::new(AuditKind::PaymentNotInFile, says), logged)
        }));
        self.findings.extend(findings);
        self.settle();
    }
}

impl Payment {
    /// Returns whether it is this payment of the participation and the rule.
    fn is(&self, logged: &LoggedPayment) -> bool {
        let claim = logged.claim.as_ref().is_some_and(|claim| claim.label == self.claim);
        claim || logged.payment.label == self.claim
    }

    fn not_in_log(&self, claim: Option<&AuditedClaim>) -> AuditFinding {
        let why = match claim {
            Some(_) => "the log has no such payment of the claim, or not once more",
            None => "the log has no such claim",
        };
        let says = format!(
            "line {} pays {} pence for {} of {} under {}: {why}",
            self.line, self.pence, self.claim, self.participation, self.rule
        );
        let finding = AuditFinding::new(AuditKind::PaymentNotInLog, says);
        match claim {
            Some(claim) => about_claim(finding, claim),
            None => finding.rule(self.rule.clone(), None),
        }
    }

    fn of_other_amount(&self, logged: &LoggedPayment) -> AuditFinding {
        let amount = logged.pence.map_or("no amount".to_owned(), |pence| format!("{pence} pence"));
        let (line, pence, payment) = (self.line, self.pence, &logged.payment.label);
        let says = format!("line {line} pays {pence} pence, and {payment} of the log {amount}");
        about_payment(AuditFinding::new(AuditKind::PaymentOfOtherAmount, says), logged)
    }
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
