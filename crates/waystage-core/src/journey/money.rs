//! The money step: what was claimed, checked, paid and taken back. What a commissioner paid is a
//! fact; what the rules say of it is a reading, and the difference between them is the audit.

use serde::{Deserialize, Serialize};

use super::correction::Amendment;
use super::kind::Kind;
use super::steps::step;
use crate::id::{ParticipationId, RuleId};

/// A claim, or what became of it; the kind of event says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The participation.
    pub participation: ParticipationId,
    /// The rule claimed under.
    pub rule: RuleId,
    /// Pence, where an amount was stated.
    pub amount_pence: Option<i64>,
}

step! {
    /// Facts of the money step.
    Money {
        ClaimSubmitted(Claim),
        ClaimValidated(Claim),
        ClaimFailed(Claim),
        ClaimPaid(Claim),
        ClaimClawedBack(Claim),
    }
}

impl Money {
    /// Returns what the fact says, whichever step it is.
    pub const fn claim(&self) -> &Claim {
        match self {
            Self::ClaimSubmitted(claim)
            | Self::ClaimValidated(claim)
            | Self::ClaimFailed(claim)
            | Self::ClaimPaid(claim)
            | Self::ClaimClawedBack(claim) => claim,
        }
    }

    pub(super) fn amend(&mut self, amendment: &Amendment) -> bool {
        let (Self::ClaimSubmitted(claim)
        | Self::ClaimValidated(claim)
        | Self::ClaimFailed(claim)
        | Self::ClaimPaid(claim)
        | Self::ClaimClawedBack(claim)) = self;
        match amendment {
            Amendment::AmountPence(pence) => claim.amount_pence = Some(*pence),
            _ => return false,
        }
        true
    }
}
