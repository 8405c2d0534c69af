//! What was earned: the fees on a start and on outcomes that read met, by the version in force on
//! the day. What a commissioner paid is a fact; this is what the pack says.

use chrono::NaiveDate;

use super::Case;
use crate::id::{RuleId, TierId};
use crate::programme::Fee;
use crate::rules::Reading;

/// The rule name of a fee that is paid on the start.
const START: &str = "start";

/// A fee that was earned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Earned {
    /// The rule whose outcome is paid, or `start`.
    pub fee: RuleId,
    /// The tier, where the rule has tiers.
    pub tier: Option<TierId>,
    /// The day on which it was earned.
    pub on: NaiveDate,
    /// The version of the fee, by its first day; none where none is in force then.
    pub version: Option<NaiveDate>,
    /// Pence; none where the pack knows no amount.
    pub pence: Option<u64>,
}

impl Case<'_> {
    /// Returns every fee that the participation earned, in the order of the pack.
    pub fn earned(&self) -> impl Iterator<Item = Earned> {
        self.programme.fees.iter().filter_map(|fee| {
            let on = self.earned_on(fee)?;
            let version = fee.versions.iter().rev().find(|version| version.effective_from <= on);
            Some(Earned {
                fee: fee.on.clone(),
                tier: fee.tier.clone(),
                on,
                version: version.map(|version| version.effective_from),
                pence: version.and_then(|version| version.pence),
            })
        })
    }

    fn earned_on(&self, fee: &Fee) -> Option<NaiveDate> {
        if fee.on.as_str() == START {
            return self.participation.started.map(|step| step.on);
        }
        self.outcome(&fee.on, fee.tier.as_ref())
    }

    /// Returns the day of an outcome of the participation that reads met; none where it does not.
    pub fn outcome(&self, rule: &RuleId, tier: Option<&TierId>) -> Option<NaiveDate> {
        self.rule_readings.iter().find_map(|each| match &each.reading {
            Reading::Met(met)
                if each.participation == self.participation.id
                    && each.rule == *rule
                    && each.tier.as_ref() == tier =>
            {
                Some(met.on)
            }
            _ => None,
        })
    }
}
