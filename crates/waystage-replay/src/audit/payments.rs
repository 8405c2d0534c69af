//! A file of payments against the payments that the log has, and against what the rules support.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::id::{EventId, RuleId};

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

impl<'a> Compared<'a> {
    fn compare(mut self, as_of: NaiveDate) -> Vec<AuditFinding> {
        let mut open = std::mem::take(&mut self.lines);
        // what a line fits does not depend on its place in the file
        open.sort_by_key(|line| (!self.names_payment(line), &line.claim, line.pence, line.line));
        let lines = open.clone();
        open.retain(|line| !self.pays(line, |logged| logged.payment.pence == Some(line.pence)));
        open.retain(|line| !self.takes_back(line, Back::is_of));
        open.retain(|line| !self.takes_back(line, |back, _| back.is_of_no_amount));
        open.retain(|line| {
            // the file may have taken off its line what the log has as a claw-back
            let is_net = |logged: &Logged<'_>| logged.net() == Some(line.pence);
            !(self.pays(line, is_net) && self.settle(line))
        });
        open.retain(|line| {
            let is_of_no_amount = |logged: &Logged<'_>| {
                logged.payment.pence.is_none() && !logged.payment.clawed_back.is_empty()
            };
            line.pence < 0 || !self.pays(line, is_of_no_amount)
        });
        open.retain(|line| line.pence < 0 || !self.pays_otherwise(line));
        let mut findings: Vec<AuditFinding> =
            open.iter().map(|line| line.beyond(self.claim(line), as_of)).collect();
        findings.extend(self.logged.iter().filter_map(Logged::finding));
        for line in &lines {
            findings.extend(self.not_supported(line, &lines));
        }
        findings
    }

    fn names_payment(&self, line: &Payment) -> bool {
        self.logged.iter().any(|logged| logged.payment.payment.label == line.claim)
    }

    /// Has a line pay a payment of the log that no line pays yet, where one fits; one that stands
    /// before one that was clawed back.
    fn pays(&mut self, line: &'a Payment, fits: impl Fn(&Logged<'_>) -> bool) -> bool {
        let open = self.logged.iter_mut().filter(|logged| logged.line.is_none());
        let fitting = open.filter(|logged| line.is(logged.payment) && fits(logged));
        let best = fitting.min_by_key(|logged| !logged.payment.clawed_back.is_empty());
        best.map(|logged| logged.line = Some(line)).is_some()
    }

    /// Has the claw-backs of the payment that a line pays be taken off it.
    fn settle(&mut self, line: &Payment) -> bool {
        let paid = self.logged.iter_mut().find(|logged| logged.line == Some(line));
        paid.map(|logged| logged.taken_back.fill(true)).is_some()
    }

    /// Has a line pay the payment of the log that stands and whose amount is nearest.
    fn pays_otherwise(&mut self, line: &'a Payment) -> bool {
        let open = self.logged.iter_mut().filter(|logged| logged.line.is_none());
        let standing = open.filter(|logged| line.is(logged.payment) && logged.payment.stands());
        let nearest = standing.min_by_key(|logged| {
            let left = logged.payment.left().map(i128::from);
            left.map(|left| (left - i128::from(line.pence)).abs())
        });
        nearest.map(|logged| logged.line = Some(line)).is_some()
    }

    /// Has a line be a claw-back of the log that no line is yet, where one fits.
    fn takes_back(&mut self, line: &Payment, fits: fn(&Back, i128) -> bool) -> bool {
        let mut backs: BTreeMap<EventId, Back> = BTreeMap::new();
        for logged in &self.logged {
            let payment = logged.payment;
            for (back, taken) in payment.clawed_back.iter().zip(&logged.taken_back) {
                let all = backs.entry(back.event.id).or_insert_with(|| Back::stating(back.stated));
                all.is_named |= line.is(payment) || line.claim == back.event.label;
                all.is_taken |= taken;
                all.pence += i128::from(back.pence.unwrap_or(0));
                all.is_of_no_amount |= back.pence.is_none() && back.stated.is_none();
            }
        }
        let asked = -i128::from(line.pence);
        let found = backs
            .into_iter()
            .find(|(_, back)| asked > 0 && back.is_named && !back.is_taken && fits(back, asked));
        let Some((event, _)) = found else { return false };
        for logged in &mut self.logged {
            let backs = logged.payment.clawed_back.iter().zip(&mut logged.taken_back);
            backs.filter(|(back, _)| back.event.id == event).for_each(|(_, taken)| *taken = true);
        }
        true
    }

    /// Returns the claim that a line is for: the one it names, or the one whose payment it names.
    fn claim(&self, line: &Payment) -> Option<&'a AuditedClaim> {
        let named = self.claims.iter().find(|it| it.claim.label == line.claim).copied();
        named.or_else(|| {
            let mut logged = self.logged.iter().map(|logged| logged.payment);
            let paid = logged.find(|logged| logged.payment.label == line.claim)?;
            let claim = paid.claim.as_ref()?;
            self.claims.iter().find(|it| it.claim.id == claim.id).copied()
        })
    }

    /// Finds a line that pays what the rules do not support, and that the file does not take back:
    /// by other lines of the claim, or by claw-backs that the log has of its payment.
    fn not_supported(&self, line: &Payment, lines: &[&Payment]) -> Option<AuditFinding> {
        let claim = self.claim(line).filter(|claim| !claim.supported_now)?;
        let of_claim = |line: &&&Payment| {
            self.claim(line).is_some_and(|other| other.claim.id == claim.claim.id)
        };
        let paid: i128 = lines.iter().filter(of_claim).map(|line| i128::from(line.pence)).sum();
        let logged = self.logged.iter().find(|logged| logged.line == Some(line));
        let is_undone = logged.is_some_and(|logged| {
            !logged.payment.stands() && logged.taken_back.iter().all(|taken| *taken)
        });
        if line.pence <= 0 || paid <= 0 || is_undone {
            return None;
        }
        let (line, pence) = (line.line, line.pence);
        let says =
            format!("line {line} pays {pence} pence, and the rules do not support the claim");
        let finding = AuditFinding::new(AuditKind::PaymentNotSupported, says);
        Some(about_claim(finding, claim))
    }
}

/// A claw-back as it took of all payments together.
struct Back {
    stated: Option<i128>,
    pence: i128,
    is_of_no_amount: bool,
    is_named: bool,
    is_taken: bool,
}

impl Back {
    fn stating(stated: Option<i64>) -> Self {
        let stated = stated.map(i128::from);
        Self { stated, pence: 0, is_of_no_amount: false, is_named: false, is_taken: false }
    }

    /// Returns whether it is of an amount: by what it states, or by what it took.
    fn is_of(&self, pence: i128) -> bool {
        self.pence == pence || self.stated == Some(pence)
    }
}

impl<'a> Logged<'a> {
    fn of(payment: &'a LoggedPayment) -> Self {
        Self { payment, line: None, taken_back: vec![false; payment.clawed_back.len()] }
    }

    /// Returns the payment less the claw-backs that the file does not have on lines of their own.
    fn net(&self) -> Option<i64> {
        let backs = self.payment.clawed_back.iter().zip(&self.taken_back);
        let open = backs.filter(|(_, taken)| !**taken).filter_map(|(back, _)| back.pence);
        self.payment.pence.map(|pence| pence - open.sum::<i64>())
    }

    /// Returns in what the file has it otherwise.
    fn finding(&self) -> Option<AuditFinding> {
        let logged = self.payment;
        let label = &logged.payment.label;
        let backs = |is_taken| {
            let backs = logged.clawed_back.iter().zip(&self.taken_back);
            backs.filter(move |(_, taken)| **taken == is_taken).map(|(back, _)| &back.event)
        };
        let names = |is_taken| {
            backs(is_taken).map(|event| event.label.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (kind, says) = match self.line {
            None if backs(true).next().is_some() => {
                let says = format!(
                    "the log has the payment {label} of {}, and the file only what {} took back",
                    amount(logged.pence),
                    names(true)
                );
                (AuditKind::PaymentNotInFile, says)
            }
            None if logged.stands() => {
                let left = amount(logged.left());
                let says =
                    format!("the log has the payment {label} of {left}, and the file does not");
                (AuditKind::PaymentNotInFile, says)
            }
            None => return None,
            Some(line) if logged.pence == Some(line.pence) => {
                backs(false).next()?;
                let says = format!("line {} pays {}", line.line, amount(Some(line.pence)));
                let by = names(false);
                if logged.stands() {
                    let left = amount(logged.left());
                    let says = format!("{says}, and {by} of the log took of it what leaves {left}");
                    (AuditKind::PaymentOfOtherAmount, says)
                } else {
                    (
                        AuditKind::PaymentNotInLog,
                        format!("{says}, and {by} of the log took it back"),
                    )
                }
            }
            Some(_) if backs(false).next().is_none() && !logged.clawed_back.is_empty() => {
                return None;
            }
            Some(line) => {
                let (pays, left) = (amount(Some(line.pence)), amount(logged.left()));
                let says = format!("line {} pays {pays}, and {label} of the log {left}", line.line);
                (AuditKind::PaymentOfOtherAmount, says)
            }
        };
        let finding = about_payment(AuditFinding::new(kind, says), logged);
        Some(finding.citing(backs(self.line.is_none()).cloned()))
    }
}

fn amount(pence: Option<i64>) -> String {
    pence.map_or_else(|| "no amount".to_owned(), |pence| format!("{pence} pence"))
}

impl Payment {
    /// Returns whether it is this payment of the participation and the rule.
    fn is(&self, logged: &LoggedPayment) -> bool {
        let claim = logged.claim.as_ref().is_some_and(|claim| claim.label == self.claim);
        claim || logged.payment.label == self.claim
    }

    /// Returns that the log does not have what the line says.
    fn beyond(&self, claim: Option<&AuditedClaim>, as_of: NaiveDate) -> AuditFinding {
        let does = if self.pence < 0 {
            format!("takes {} pence back of", self.pence.unsigned_abs())
        } else {
            format!("pays {} pence for", self.pence)
        };
        let why = match claim {
            _ if self.pence < 0 => {
                format!("the log has no such claw-back as of {as_of}, or not once more")
            }
            Some(_) => "the log has no such payment of the claim, or not once more".to_owned(),
            None => format!("the log has no such claim as of {as_of}"),
        };
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
