//! Limits: how long support lasts, and what a pause does to it.

use waystage_core::programme::Limit;

use super::ground;
use crate::entry::Entry;
use crate::kind::{DAYS, Text};
use crate::notes::{Noted, Notes};
use crate::versions::once;
use crate::word::word;

/// Reads the limits.
pub(super) fn limits(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<Limit>, Noted> {
    let entries = file.tables(notes, ("limit", "[[limit]]"))?;
    once(notes, "limit", &Entry::ids(&entries));
    let all: Vec<_> = entries.iter().map(|entry| limit(entry, notes)).collect();
    all.into_iter().collect()
}

fn limit(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Limit, Noted> {
    let keys = ["id", "phase", "days", "day_count", "pauses", "reference", "assumption"];
    entry.only(notes, &keys);
    let id = entry.required(notes, "id", Text);
    let phase = entry.required(notes, "phase", word());
    let days = entry.required(notes, "days", DAYS);
    let day_count = entry.required(notes, "day_count", word());
    let pauses = entry.required(notes, "pauses", word());
    let ground = ground(entry, notes);
    Ok(Limit {
        id: id?,
        phase: phase?,
        days: days?,
        day_count: day_count?,
        pauses: pauses?,
        ground: ground?,
    })
}
