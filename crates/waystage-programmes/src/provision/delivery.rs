//! Delivery fees: what is paid each month whatever comes of it.

use waystage_core::programme::DeliveryFee;

use super::ground;
use crate::entry::Entry;
use crate::kind::{Day, PENCE};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// Reads the delivery fees.
pub(super) fn deliveries(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<DeliveryFee>, Noted> {
    let entries = file.tables(notes, ("delivery_fee", "[[delivery_fee]]"))?;
    let all: Vec<_> = entries.iter().map(|entry| delivery(entry, notes)).collect();
    all.into_iter().collect()
}

fn delivery(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<DeliveryFee, Noted> {
    entry.only(notes, &["from", "until", "pence_a_month", "reference", "assumption"]);
    let from = entry.required(notes, "from", Day);
    let until = entry.required(notes, "until", Day);
    let pence = entry.optional(notes, "pence_a_month", PENCE);
    let ground = ground(entry, notes);
    let (from, until) = (from?, until?);
    if until < from {
        let problem = Problem::SpanBackwards { entry: entry.name, from, until };
        return Err(notes.refuse(entry.at_value("until"), problem));
    }
    Ok(DeliveryFee { from, until, pence: pence?, ground: ground? })
}
