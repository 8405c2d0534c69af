//! Interventions: what is offered, by category, with named services and ways of delivery.

use waystage_core::programme::InterventionKind;

use super::ground;
use crate::entry::Entry;
use crate::kind::Text;
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::versions::once;
use crate::word::word;

/// Reads the interventions.
pub(super) fn interventions(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<InterventionKind>, Noted> {
    let entries = file.tables(notes, ("intervention", "[[intervention]]"))?;
    let categories: Vec<(&str, usize)> = entries
        .iter()
        .filter_map(|entry| Some((entry.glance("category")?, entry.at_value("category"))))
        .collect();
    once(notes, "category", &categories);
    let all: Vec<_> = entries.iter().map(|entry| intervention(entry, notes)).collect();
    all.into_iter().collect()
}

fn intervention(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<InterventionKind, Noted> {
    let keys = ["category", "name", "services", "delivery", "reference", "assumption"];
    entry.only(notes, &keys);
    let category = entry.required(notes, "category", Text);
    let name = entry.required(notes, "name", Text);
    let services = entry.optional(notes, "services", List(Text));
    let delivery = entry.optional(notes, "delivery", List(word()));
    let ground = ground(entry, notes);
    Ok(InterventionKind {
        category: category?,
        name: name?,
        services: services?.unwrap_or_default(),
        delivery: delivery?.unwrap_or_default(),
        ground: ground?,
    })
}
