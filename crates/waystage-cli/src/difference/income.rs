//! What programmes would be paid in all: fees that people earn, delivery fees that nobody earns,
//! and what accelerators pay more for the outcomes of a cohort.

use serde_json::{Value as Json, json};
use waystage::core::table::Value;
use waystage::replay::difference::{Delivery, Difference, FigureChange};
use waystage_caseload::pounds;

use crate::failure::Failure;
use crate::output::{Output, Rows};

/// By how much income differs, in pence.
pub(crate) struct Income {
    /// Of fees on starts and outcomes.
    fees: Part,
    delivery: i128,
    accelerated: Part,
}

#[derive(Clone, Copy)]
enum Part {
    NotCompared,
    /// What it counts before, or what it pays, is not known.
    NotKnown,
    Pence(i128),
}

impl Part {
    fn pence(self) -> Option<i128> {
        match self {
            Self::Pence(pence) => Some(pence),
            Self::NotCompared | Self::NotKnown => None,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::Pence(pence) => pounds(pence),
            Self::NotCompared => "not compared".to_owned(),
            Self::NotKnown => "not known".to_owned(),
        }
    }
}

impl Income {
    pub(crate) fn of(difference: &Difference) -> Self {
        let figures = difference.figures();
        let was_compared = |name: &str| difference.models.iter().any(|model| model.name == name);
        let of = |name: &'static str, measure: &'static str| {
            let figures = figures.iter();
            figures.filter(move |each| each.model.name == name && each.measure() == measure)
        };
        let fees = of("fees", "earned_pence").map(|figure| i128::from(figure.change)).sum();
        let delivery = difference.delivery.iter();
        let delivery =
            delivery.map(|it| i128::from(it.after.pence) - i128::from(it.before.pence)).sum();
        let accelerated: Option<i128> = of("accelerated", "outcomes").map(more).sum();
        let part = |name, pence: Option<i128>| match pence {
            _ if !was_compared(name) => Part::NotCompared,
            None => Part::NotKnown,
            Some(pence) => Part::Pence(pence),
        };
        let (fees, accelerated) = (part("fees", Some(fees)), part("accelerated", accelerated));
        Self { fees, delivery, accelerated }
    }

    /// Returns the change of all of it; none where a part is not known.
    fn all(&self) -> Option<i128> {
        Some(self.fees.pence()? + self.delivery + self.accelerated.pence()?)
    }

    pub(crate) fn json(&self) -> Json {
        let whole = |pence: Option<i128>| pence.and_then(|pence| i64::try_from(pence).ok());
        json!({
            "fees_pence": whole(self.fees.pence()),
            "delivery_pence": whole(Some(self.delivery)),
            "accelerated_pence": whole(self.accelerated.pence()),
            "all_pence": whole(self.all()),
        })
    }
}

/// Returns by how much an accelerator pays more for a cohort; none where its outcomes before are
/// not known, or there are others above its number and it has no amount.
fn more(figure: &FigureChange<'_>) -> Option<i128> {
    let named = |name: &str| {
        figure.row().find(|(column, _)| *column == name).map(|(_, value)| value.clone())
    };
    let Some(Value::Integer(above)) = named("above") else { return None };
    let paid = |outcomes: i64| i128::from(outcomes.saturating_sub(above).max(0));
    let before = figure.before?;
    let change = paid(before.saturating_add(figure.change)) - paid(before);
    match named("more_pence") {
        Some(Value::Integer(pence)) => Some(change * i128::from(pence)),
        _ => (change == 0).then_some(0),
    }
}

/// Returns the delivery fees that differ as JSON.
pub(crate) fn delivery_json(difference: &Difference) -> Json {
    let side =
        |of: &Delivery| json!({ "fees": of.fees, "pence": of.pence, "amount_unknown": of.unknown });
    let list = difference.delivery.iter().map(|change| {
        json!({
            "programme": change.programme,
            "before": side(&change.before),
            "after": side(&change.after),
        })
    });
    list.collect()
}

/// Prints what delivery fees there would be, and what all income comes to.
pub(crate) fn print(difference: &Difference, output: &mut Output) -> Result<(), Failure> {
    let income = Income::of(difference);
    if !difference.delivery.is_empty() {
        output.line("")?;
        output.line("delivery fees, which packs alone give, whoever takes part:")?;
        let mut rows = Rows::new(["programme", "#before", "#after", "#change"]);
        for change in &difference.delivery {
            let (before, after) = (i128::from(change.before.pence), i128::from(change.after.pence));
            let amounts = [pounds(before), pounds(after), pounds(after - before)];
            rows.row([change.programme.clone()].into_iter().chain(amounts));
        }
        output.table(&rows)?;
    }
    if income.delivery == 0 && matches!(income.accelerated, Part::NotCompared | Part::Pence(0)) {
        return Ok(()); // then it is the fees alone, which stand among the figures
    }
    output.line("")?;
    output.line(&format!(
        "income: fees {}, delivery fees {}, accelerators {}; in all {}",
        income.fees.shown(),
        pounds(income.delivery),
        income.accelerated.shown(),
        income.all().map_or_else(|| "not known".to_owned(), pounds)
    ))?;
    Ok(())
}
