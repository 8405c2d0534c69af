//! Claims, each against what the rules read: as known when the claim was made, and as known in the
//! view. The difference between what was claimed and what the rules say is where an audit begins.

use chrono::NaiveDate;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::{EventId, ParticipationId};
use waystage_core::journey::{Claimed, Kind, Participation};
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Table, Tabular, day, integer, measure, text, truth};

use crate::columns::{PARTICIPATION, PARTICIPATION_ID, PROGRAMME};

/// A submitted claim and whether the rules support it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClaimRow {
    /// The claim, as its source calls it.
    pub claim: String,
    /// The participation, as its source calls it.
    pub participation: String,
    /// The programme.
    pub programme: String,
    /// The rule claimed under.
    pub rule: String,
    /// The day of the claim.
    pub submitted_on: NaiveDate,
    /// Pence, where an amount was stated.
    pub amount_pence: Option<i64>,
    /// Whether the rule read met as of that day, as known when the claim was learned.
    pub supported_then: bool,
    /// Whether it reads met in the view.
    pub supported_now: bool,
    /// The claim itself: two sources may use one reference.
    pub id: EventId,
    /// The participation itself.
    pub participation_id: ParticipationId,
}

/// The submitted claims that are visible in the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims;

impl Projection for Claims {
    type Key = ClaimRow;

    fn name(&self) -> &'static str {
        "claims"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<ClaimRow> {
        let submitted = replayed.journey.participations.iter().flat_map(|participation| {
            let claims = participation.claims.iter();
            claims
                .filter(|claim| claim.kind == Kind::ClaimSubmitted)
                .map(move |claim| (row(replayed, participation, claim), 1))
        });
        Contributions::of(submitted)
    }
}

fn row(replayed: &Replayed<'_>, participation: &Participation, claim: &Claimed) -> ClaimRow {
    let recorded = &replayed.journey.facts[claim.step.fact].recorded;
    let lens = replayed.when_claimed(claim);
    let as_known_then = replayed.at(&lens);
    ClaimRow {
        claim: recorded.label(),
        participation: participation.reference.to_string(),
        programme: participation.programme.to_string(),
        rule: claim.rule.to_string(),
        submitted_on: claim.step.on,
        amount_pence: claim.amount_pence,
        supported_then: as_known_then.supports(participation.id, &claim.rule),
        supported_now: replayed.supports(participation.id, &claim.rule),
        id: recorded.id,
        participation_id: participation.id,
    }
}

impl Tabular for Claims {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new("claims", "A submitted claim and whether the rules support it.")
            .column(PROGRAMME)
            .column(text("claim", "The claim, as its source calls it."))
            .column(text("claim_id", "The id of the claim: two sources may use one reference."))
            .column(PARTICIPATION)
            .column(PARTICIPATION_ID)
            .column(text("rule", "The rule claimed under, as the claim names it: perhaps a tier."))
            .column(day("submitted_on", "The day of the claim."))
            .column(integer(
                "amount_pence",
                "Pence that were claimed; nothing where no amount was stated.",
            ))
            .column(truth(
                "supported_then",
                "Whether the rule read met as of that day, as known when the claim was learned.",
            ))
            .column(truth("supported_now", "Whether the rule reads met in the view."))
            .measure(measure("submitted", "1 for each claim."));
        vec![table]
    }

    fn cell(&self, key: ClaimRow) -> Cell {
        let row = vec![
            key.programme.into(),
            key.claim.into(),
            key.id.to_string().into(),
            key.participation.into(),
            key.participation_id.to_string().into(),
            key.rule.into(),
            key.submitted_on.into(),
            key.amount_pence.into(),
            key.supported_then.into(),
            key.supported_now.into(),
        ];
        Cell::of(0, row, 0)
    }
}
