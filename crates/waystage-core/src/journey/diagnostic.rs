//! The diagnostic step: what stands between a person and work, and what was agreed about it.

use serde::{Deserialize, Serialize};

use super::code::codes;
use super::correction::Amendment;
use super::entry::Marked;
use super::kind::Kind;
use super::steps::step;
use crate::id::{AssessmentId, Named, ParticipationId};

codes! {
    /// When in a participation an assessment was taken.
    AssessmentStage {
        /// At the start.
        Initial = "initial",
        /// On the way.
        Intermediate = "intermediate",
        /// On leaving.
        Exit = "exit",
    }
    /// Whether work would leave the person better off.
    BetterOff {
        /// Better off in work.
        Better = "better",
        /// No difference.
        Same = "same",
        /// Worse off in work.
        Worse = "worse",
    }
}

/// One answer of an assessment. Answers that name one assessment are read together; a declined
/// answer is an answer without a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentAnswered {
    /// The participation.
    pub participation: ParticipationId,
    /// The sitting.
    pub assessment: Named<AssessmentId>,
    /// The instrument (`swemwbs`).
    pub instrument: String,
    /// The instrument's version.
    pub instrument_version: String,
    /// When in the participation.
    pub stage: AssessmentStage,
    /// Which question.
    pub code: String,
    /// What was answered.
    pub answer: Option<String>,
}

/// A need, with its severity on the day. "Severe" is a determination, never written here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedIdentified {
    /// The participation.
    pub participation: ParticipationId,
    /// What the need is about (`housing`).
    pub category: String,
    /// 0 (none) to 6 (most severe).
    pub severity: u8,
}

/// The result of a better-off calculation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BetterOffCalculated {
    /// The participation.
    pub participation: ParticipationId,
    /// The result.
    pub result: BetterOff,
}

step! {
    /// Facts of the diagnostic step.
    Diagnostic {
        AssessmentAnswered(AssessmentAnswered),
        NeedIdentified(NeedIdentified),
        BetterOffCalculated(BetterOffCalculated),
        ActionPlanAgreed(Marked),
    }
}

impl Diagnostic {
    /// Returns the participation that the fact is about.
    pub fn participation(&self) -> ParticipationId {
        match self {
            Self::AssessmentAnswered(fact) => fact.participation,
            Self::NeedIdentified(fact) => fact.participation,
            Self::BetterOffCalculated(fact) => fact.participation,
            Self::ActionPlanAgreed(fact) => fact.participation,
        }
    }

    pub(super) fn amend(&mut self, amendment: &Amendment) -> bool {
        use Amendment as To;
        match (self, amendment.clone()) {
            (Self::AssessmentAnswered(fact), To::Instrument(name)) => fact.instrument = name,
            (Self::AssessmentAnswered(fact), To::InstrumentVersion(version)) => {
                fact.instrument_version = version;
            }
            (Self::AssessmentAnswered(fact), To::AssessmentStage(stage)) => fact.stage = stage,
            (Self::AssessmentAnswered(fact), To::Code(code)) => fact.code = code,
            (Self::AssessmentAnswered(fact), To::Answer(answer)) => fact.answer = Some(answer),
            (Self::NeedIdentified(fact), To::Category(category)) => fact.category = category,
            (Self::NeedIdentified(fact), To::Severity(severity)) => fact.severity = severity,
            (Self::BetterOffCalculated(fact), To::BetterOff(result)) => fact.result = result,
            (Self::ActionPlanAgreed(fact), To::Note(note)) => fact.note = Some(note),
            _ => return false,
        }
        true
    }
}
