//! From which severity on a need counts as severe, by day.

use waystage_core::programme::SevereFrom;

use super::ground;
use crate::entry::Entry;
use crate::kind::{Day, Whole};
use crate::notes::{Noted, Notes};
use crate::versions::in_order;

const SEVERITY: Whole<u8> = Whole::new(0, 6, 4);

/// Reads the thresholds.
pub(super) fn severe(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<SevereFrom>, Noted> {
    let mut days = Vec::new();
    let mut all = Vec::new();
    for entry in file.tables(notes, ("severe", "[[severe]]"))? {
        entry.only(notes, &["effective_from", "severity", "reference", "assumption"]);
        let effective_from = entry.required(notes, "effective_from", Day);
        let severity = entry.required(notes, "severity", SEVERITY);
        let ground = ground(&entry, notes);
        days.extend(effective_from.map(|day| (day, entry.at_value("effective_from"))));
        all.push((effective_from, severity, ground));
    }
    in_order(notes, "the threshold", &days);
    let all = all.into_iter().map(|(effective_from, severity, ground)| {
        Ok(SevereFrom { effective_from: effective_from?, severity: severity?, ground: ground? })
    });
    all.collect()
}
