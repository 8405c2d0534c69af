//! What was earned: fees on starts and outcomes by the month of the day that earned them. Delivery
//! fees are no contribution, because no participant earns them.

use waystage_core::calendar::Month;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::readings::Case;
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Table, Tabular, measure, month, text};

use crate::columns::{PROGRAMME, TIER};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeesCount {
    /// Fees earned.
    Earned,
    /// Pence, of those whose amount is known.
    Pence,
    /// Fees whose amount is not known.
    Unknown,
}

/// A fee, a month and what is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeesKey {
    /// The programme.
    pub programme: String,
    /// The rule whose outcome is paid, or `start`.
    pub fee: String,
    /// The tier, where the rule has tiers.
    pub tier: Option<String>,
    /// The month of the day that earned it.
    pub month: Month,
    /// What is counted.
    pub count: FeesCount,
}

/// Fees that were earned, by the pack's own amounts. What was paid is a fact and stands elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fees;

impl Projection for Fees {
    type Key = FeesKey;

    fn name(&self) -> &'static str {
        "fees"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<FeesKey> {
        let mut contributions = Contributions::none();
        for case in Case::all(replayed) {
            for earned in case.earned() {
                let mut count = |count, amount| {
                    let key = FeesKey {
                        programme: case.programme.id.to_string(),
                        fee: earned.fee.to_string(),
                        tier: earned.tier.as_ref().map(ToString::to_string),
                        month: Month::of(earned.on),
                        count,
                    };
                    contributions.count(key, amount);
                };
                count(FeesCount::Earned, 1);
                match earned.pence.and_then(|pence| i64::try_from(pence).ok()) {
                    Some(pence) => count(FeesCount::Pence, pence),
                    None => count(FeesCount::Unknown, 1),
                }
            }
        }
        contributions
    }
}

/// A fee in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarnedRow {
    /// The programme.
    pub programme: String,
    /// The rule whose outcome is paid, or `start`.
    pub fee: String,
    /// The tier, where the rule has tiers.
    pub tier: Option<String>,
    /// The month of the day that earned it.
    pub month: Month,
    /// Fees earned.
    pub count: i64,
    /// Pence, of those whose amount is known.
    pub pence: i64,
    /// Fees whose amount is not known.
    pub unknown: i64,
}

impl Fees {
    /// Returns the rows of the summed model, in order.
    pub fn rows(model: &Contributions<FeesKey>) -> Vec<EarnedRow> {
        let of = |key: &FeesKey, count| model.get(&FeesKey { count, ..key.clone() });
        let earned = model.iter().filter(|(key, _)| key.count == FeesCount::Earned);
        let rows = earned.map(|(key, count)| EarnedRow {
            programme: key.programme.clone(),
            fee: key.fee.clone(),
            tier: key.tier.clone(),
            month: key.month,
            count,
            pence: of(key, FeesCount::Pence),
            unknown: of(key, FeesCount::Unknown),
        });
        rows.collect()
    }
}

impl Tabular for Fees {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new("fees", "Fees that were earned, by the pack's own amounts.")
            .column(PROGRAMME)
            .column(text("rule", "The rule whose outcome is paid, or `start`."))
            .column(TIER)
            .column(month("month", "The month of the day that earned the fee."))
            .measure(measure("earned", "Fees earned."))
            .measure(measure("earned_pence", "Pence of the fees whose amount is known."))
            .measure(measure("amount_unknown", "Fees whose amount is not known."));
        vec![table]
    }

    fn cell(&self, key: FeesKey) -> Cell {
        let measure = match key.count {
            FeesCount::Earned => 0,
            FeesCount::Pence => 1,
            FeesCount::Unknown => 2,
        };
        let row = vec![key.programme.into(), key.fee.into(), key.tier.into(), key.month.into()];
        Cell::of(0, row, measure)
    }
}
