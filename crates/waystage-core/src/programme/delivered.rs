//! Delivery fees: what a programme is paid by the month, whoever takes part. They follow from packs
//! alone, so no participant contributes to them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::calendar::Month;
use crate::programme::Programmes;

/// The delivery fees of a programme in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The programme.
    pub programme: String,
    /// The month.
    pub month: Month,
    /// Delivery fees of that month.
    pub count: i64,
    /// Pence, of those whose amount is known.
    pub pence: i64,
    /// Delivery fees whose amount is not known.
    pub unknown: i64,
}

/// Returns the delivery fees of every programme by month, up to the month of a day. They follow
/// from packs alone.
pub fn delivered(programmes: &Programmes, as_of: NaiveDate) -> Vec<Delivered> {
    let mut rows: BTreeMap<(String, Month), Delivered> = BTreeMap::new();
    for programme in programmes.programmes.values() {
        for fee in &programme.provision.deliveries {
            if as_of < fee.from {
                continue;
            }
            let first = Month::of(fee.from);
            let last = Month::of(fee.until.min(as_of));
            for month in (0..=first.until(last)).map(|months| first.after(months)) {
                let row = rows.entry((programme.id.to_string(), month)).or_insert_with(|| {
                    let programme = programme.id.to_string();
                    Delivered { programme, month, count: 0, pence: 0, unknown: 0 }
                });
                row.count += 1;
                match fee.pence.and_then(|pence| i64::try_from(pence).ok()) {
                    Some(pence) => row.pence += pence,
                    None => row.unknown += 1,
                }
            }
        }
    }
    rows.into_values().collect()
}
