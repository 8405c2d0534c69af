//! What is paid more where a cohort has many outcomes. The price is a rule about cohorts: outcomes
//! are contributed by cohort, and what is above the number is derived when the model is read.

use chrono::{Datelike, NaiveDate};
use waystage_core::calendar::Month;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::programme::{Accelerator, Cohort};
use waystage_core::readings::Case;
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Table, Tabular, integer, measure, text};

use crate::columns::{PROGRAMME, RULE, TIER, name};

/// A cohort and the accelerator that counts its outcomes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceleratedKey {
    /// The programme.
    pub programme: String,
    /// The place of the accelerator in its pack, from one.
    pub accelerator: u32,
    /// The rule whose outcomes are counted.
    pub rule: String,
    /// The tier, where the rule has tiers.
    pub tier: Option<String>,
    /// Outcomes of a cohort that are paid by their fee alone.
    pub above: u32,
    /// Pence more for each further outcome; none where no amount is known.
    pub pence: Option<i64>,
    /// The cohort: a month, a quarter, a year, or `all`.
    pub cohort: String,
}

/// Outcomes by the cohorts of accelerators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accelerated;

impl Projection for Accelerated {
    type Key = AcceleratedKey;

    fn name(&self) -> &'static str {
        "accelerated"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<AcceleratedKey> {
        let mut counts = Contributions::none();
        for case in Case::all(replayed) {
            let Some(started) = case.participation.started else { continue };
            let accelerators = &case.programme.provision.accelerators;
            for (place, each) in (1..).zip(accelerators) {
                if case.outcome(&each.on, each.tier.as_ref()).is_some() {
                    counts.count(key(&case, place, each, started.on), 1);
                }
            }
        }
        counts
    }
}

fn key(case: &Case<'_>, place: u32, of: &Accelerator, started: NaiveDate) -> AcceleratedKey {
    AcceleratedKey {
        programme: case.programme.id.to_string(),
        accelerator: place,
        rule: of.on.to_string(),
        tier: of.tier.as_ref().map(ToString::to_string),
        above: of.above,
        pence: of.pence.and_then(|pence| pence.try_into().ok()),
        cohort: cohort(of.cohort, started),
    }
}

/// Returns the name of the cohort that a start belongs to.
fn cohort(cohort: Cohort, started: NaiveDate) -> String {
    match cohort {
        Cohort::Month => Month::of(started).to_string(),
        Cohort::Quarter => format!("{:04}-Q{}", started.year(), started.month0() / 3 + 1),
        Cohort::Year => format!("{:04}", started.year()),
        Cohort::All => "all".to_owned(),
    }
}

/// A cohort under an accelerator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceleratedRow {
    /// The programme.
    pub programme: String,
    /// The rule, with its tier where it has tiers.
    pub fee: String,
    /// The cohort.
    pub cohort: String,
    /// Its outcomes.
    pub outcomes: i64,
    /// Those above the number.
    pub above: i64,
    /// Pence more for these; none where no amount is known.
    pub pence: Option<i64>,
}

impl Accelerated {
    /// Returns the rows of the summed model, in order.
    pub fn rows(model: &Contributions<AcceleratedKey>) -> Vec<AcceleratedRow> {
        let rows = model.iter().map(|(key, outcomes)| {
            let above = (outcomes - i64::from(key.above)).max(0);
            AcceleratedRow {
                programme: key.programme.clone(),
                fee: name(&key.rule, key.tier.as_deref()),
                cohort: key.cohort.clone(),
                outcomes,
                above,
                pence: key.pence.and_then(|pence| above.checked_mul(pence)),
            }
        });
        rows.collect()
    }
}

impl Tabular for Accelerated {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new(
            "accelerated",
            "Outcomes of cohorts of starts for which packs pay more above a number.",
        );
        let table = table
            .column(PROGRAMME)
            .column(integer("accelerator", "The place of the accelerator in its pack, from one."))
            .column(RULE)
            .column(TIER)
            .column(integer("above", "Outcomes of a cohort that are paid by their fee alone."))
            .column(integer(
                "more_pence",
                "Pence more for each further outcome; nothing where no amount is known.",
            ))
            .column(text(
                "cohort",
                "The cohort by the day of the start: `2021-10`, `2021-Q4`, `2021` or `all`.",
            ))
            .measure(measure("outcomes", "Participations of the cohort with the outcome."));
        vec![table]
    }

    fn cell(&self, key: AcceleratedKey) -> Cell {
        let row = vec![
            key.programme.into(),
            key.accelerator.into(),
            key.rule.into(),
            key.tier.into(),
            key.above.into(),
            key.pence.into(),
            key.cohort.into(),
        ];
        Cell::of(0, row, 0)
    }
}
