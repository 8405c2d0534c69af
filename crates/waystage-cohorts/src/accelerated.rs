//! What is paid more where a cohort has many outcomes. The price is a rule about cohorts: outcomes
//! are contributed by cohort, and what is above the number is derived when the model is read.

use chrono::{Datelike, NaiveDate};
use waystage_core::calendar::Month;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::programme::{Accelerator, Cohort, Programmes};
use waystage_core::readings::Case;
use waystage_core::replayed::Replayed;

/// The outcomes of a cohort that an accelerator counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcceleratedKey {
    /// The programme.
    pub programme: String,
    /// The place of the accelerator in its pack, from nothing.
    pub accelerator: usize,
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
            for (accelerator, each) in accelerators.iter().enumerate() {
                if case.outcome(&each.on, each.tier.as_ref()).is_some() {
                    let key = AcceleratedKey {
                        programme: case.programme.id.to_string(),
                        accelerator,
                        cohort: cohort(each.cohort, started.on),
                    };
                    counts.count(key, 1);
                }
            }
        }
        counts
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
    /// Returns the rows of the summed model, in order; the programmes say what is above.
    pub fn rows(
        model: &Contributions<AcceleratedKey>,
        programmes: &Programmes,
    ) -> Vec<AcceleratedRow> {
        let rows = model.iter().filter_map(|(key, outcomes)| {
            let programme = programmes.programmes.get(&key.programme.as_str().into())?;
            let accelerator = programme.provision.accelerators.get(key.accelerator)?;
            let above = (outcomes - i64::from(accelerator.above)).max(0);
            Some(AcceleratedRow {
                programme: key.programme.clone(),
                fee: name(accelerator),
                cohort: key.cohort.clone(),
                outcomes,
                above,
                pence: accelerator
                    .pence
                    .and_then(|pence| above.checked_mul(pence.try_into().ok()?)),
            })
        });
        rows.collect()
    }
}

fn name(accelerator: &Accelerator) -> String {
    match &accelerator.tier {
        Some(tier) => format!("{}/{tier}", accelerator.on),
        None => accelerator.on.to_string(),
    }
}
