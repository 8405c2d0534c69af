//! The correction step. A correction is a fact that names the event it acts on. It changes nothing
//! that is stored: it is applied whenever a journey is read by somebody who knew of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::code::GssCode;
use super::diagnostic::{AssessmentStage, BetterOff};
use super::employment::{Sector, WeeklyMinutes};
use super::entry::{Arm, Destination, Eligibility, ParticipationType, Qualification, Sex};
use super::evidence::Method;
use super::kind::Kind;
use super::steps::step;
use super::support::Delivery;
use crate::id::EventId;

/// One field of a fact and its new value. Who and what a fact is about cannot be amended: withdraw
/// it and report it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)] // each variant is the field of that name in the step's facts
pub enum Amendment {
    On(NaiveDate),
    BirthYear(u16),
    Sex(Sex),
    Qualification(Qualification),
    LocalAuthority(GssCode),
    ReceivedOn(NaiveDate),
    Referrer(String),
    ParticipationType(ParticipationType),
    Group(String),
    Provider(String),
    Note(String),
    Eligibility(Eligibility),
    Arm(Arm),
    Destination(Destination),
    Instrument(String),
    InstrumentVersion(String),
    AssessmentStage(AssessmentStage),
    Code(String),
    Answer(String),
    Category(String),
    Severity(u8),
    BetterOff(BetterOff),
    KeyWorker(String),
    Delivery(Delivery),
    WeeklyMinutes(WeeklyMinutes),
    Sector(Sector),
    Reason(String),
    Method(Method),
    CoversFrom(NaiveDate),
    CoversTo(NaiveDate),
    Scheme(String),
    PeriodFrom(NaiveDate),
    PeriodTo(NaiveDate),
    GrossPence(i64),
    Qualifying(bool),
    Benefit(String),
    ObservedFrom(NaiveDate),
    ObservedTo(NaiveDate),
    AmountPence(i64),
}

impl Amendment {
    /// Returns whether both amend the same field; of several in force the one reported last holds.
    pub fn same_field(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A field of an earlier fact gets another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactAmended {
    /// The fact that is amended.
    pub corrects: EventId,
    /// The field and its new value.
    pub amendment: Amendment,
    /// Why.
    pub reason: Option<String>,
}

/// An earlier fact or correction is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactWithdrawn {
    /// The fact or correction that is withdrawn.
    pub corrects: EventId,
    /// Why.
    pub reason: Option<String>,
}

step! {
    /// Facts that correct.
    Correction {
        FactAmended(FactAmended),
        FactWithdrawn(FactWithdrawn),
    }
}

impl Correction {
    /// Returns the event that it acts on.
    pub const fn corrects(&self) -> EventId {
        match self {
            Self::FactAmended(fact) => fact.corrects,
            Self::FactWithdrawn(fact) => fact.corrects,
        }
    }
}
