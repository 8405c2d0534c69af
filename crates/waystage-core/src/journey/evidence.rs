//! The evidence step: what shows that somebody worked, earned, drew a benefit or consented. How
//! and when evidence was obtained travels with it, because the provider bears the risk.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::code::codes;
use super::correction::Amendment;
use super::kind::Kind;
use super::steps::step;
use crate::id::JobId;

codes! {
    /// How employment was verified.
    Method {
        /// A payslip was seen.
        Payslip = "payslip",
        /// A letter from the employer.
        EmployerLetter = "employer_letter",
        /// A call to the employer.
        EmployerCall = "employer_call",
        /// HMRC's earnings feed.
        Hmrc = "hmrc",
        /// The participant's own word.
        SelfDeclaration = "self_declaration",
        /// A contract was seen.
        Contract = "contract",
    }
    /// How an earnings statement counts.
    StatementKind {
        /// Pay of a period.
        Original = "original",
        /// A difference to what was reported before; it may be negative.
        Delta = "delta",
        /// The scheme's total of the tax year so far: it replaces, it does not add.
        YearToDate = "year_to_date",
    }
}

/// Employment verified; `on` is the day on which the evidence was obtained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmploymentVerified {
    /// The job.
    pub job: JobId,
    /// How.
    pub method: Method,
    /// First day that the evidence covers.
    pub covers_from: NaiveDate,
    /// Last day that the evidence covers; belief in a silent job reaches from here.
    pub covers_to: NaiveDate,
}

/// An earnings statement as received; `on` is the pay date. Statements are netted when read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarningsReported {
    /// How it counts.
    pub statement_kind: StatementKind,
    /// The pay scheme; running totals are kept for each.
    pub scheme: String,
    /// First day of the period paid for.
    pub period_from: NaiveDate,
    /// Last day of the period paid for.
    pub period_to: NaiveDate,
    /// Gross pay in pence; negative only for a difference.
    pub gross_pence: i64,
    /// Whether it may count towards an outcome.
    pub qualifying: bool,
}

/// A benefit observed in payment; `on` is the day of the observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenefitObserved {
    /// Which benefit.
    pub benefit: String,
    /// From when it was seen in payment.
    pub observed_from: NaiveDate,
    /// Until when, where known.
    pub observed_to: Option<NaiveDate>,
}

/// Consent given or withdrawn; the kind of event says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// What for (`employer_contact`).
    pub purpose: String,
    /// How it was given or withdrawn.
    pub method: Option<String>,
}

step! {
    /// Facts of the evidence step.
    Evidence {
        EmploymentVerified(EmploymentVerified),
        EarningsReported(EarningsReported),
        BenefitObserved(BenefitObserved),
        ConsentRecorded(Consent),
        ConsentWithdrawn(Consent),
    }
}

impl Evidence {
    pub(super) fn amend(&mut self, amendment: &Amendment) -> bool {
        use Amendment as To;
        match (self, amendment.clone()) {
            (Self::EmploymentVerified(fact), To::Method(method)) => fact.method = method,
            (Self::EmploymentVerified(fact), To::CoversFrom(day)) => fact.covers_from = day,
            (Self::EmploymentVerified(fact), To::CoversTo(day)) => fact.covers_to = day,
            (Self::EarningsReported(fact), To::Scheme(scheme)) => fact.scheme = scheme,
            (Self::EarningsReported(fact), To::PeriodFrom(day)) => fact.period_from = day,
            (Self::EarningsReported(fact), To::PeriodTo(day)) => fact.period_to = day,
            (Self::EarningsReported(fact), To::GrossPence(pence)) => fact.gross_pence = pence,
            (Self::EarningsReported(fact), To::Qualifying(counts)) => fact.qualifying = counts,
            (Self::BenefitObserved(fact), To::Benefit(benefit)) => fact.benefit = benefit,
            (Self::BenefitObserved(fact), To::ObservedFrom(day)) => fact.observed_from = day,
            (Self::BenefitObserved(fact), To::ObservedTo(day)) => fact.observed_to = Some(day),
            _ => return false,
        }
        true
    }
}
