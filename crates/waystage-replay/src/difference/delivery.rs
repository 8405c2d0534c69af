//! How delivery fees differ. They follow from packs and the day alone, so nobody is behind them.

use std::collections::BTreeMap;

use waystage_core::programme::delivered;
use waystage_core::replayed::Lens;

/// The delivery fees of a programme up to the day of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// How many: one for each fee and month.
    pub fees: i64,
    /// Pence, of those whose amount is known.
    pub pence: i64,
    /// Fees whose amount is not known.
    pub unknown: i64,
}

/// A programme whose delivery fees are others on the second side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryChange {
    /// The programme.
    pub programme: String,
    /// Its delivery fees on the first side.
    pub before: Delivery,
    /// Its delivery fees on the second side.
    pub after: Delivery,
}

/// Returns the programmes whose delivery fees differ, by their ids.
pub(super) fn delivery(before: &Lens, after: &Lens) -> Vec<DeliveryChange> {
    let (one, other) = (of(before), of(after));
    let programmes = one.keys().chain(other.keys().filter(|id| !one.contains_key(*id)));
    let mut changes: Vec<DeliveryChange> = programmes
        .map(|programme| DeliveryChange {
            programme: programme.clone(),
            before: one.get(programme).copied().unwrap_or_default(),
            after: other.get(programme).copied().unwrap_or_default(),
        })
        .filter(|change| change.before != change.after)
        .collect();
    changes.sort_by(|a, b| a.programme.cmp(&b.programme));
    changes
}

fn of(lens: &Lens) -> BTreeMap<String, Delivery> {
    let mut all: BTreeMap<String, Delivery> = BTreeMap::new();
    for month in delivered(lens.programmes(), lens.view.as_of) {
        let sum = all.entry(month.programme).or_default();
        sum.fees += month.count;
        sum.pence = sum.pence.saturating_add(month.pence);
        sum.unknown += month.unknown;
    }
    all
}
