//! Retention: how long records are kept, and by which duty.

use waystage_core::programme::Retention;

use super::ground;
use crate::entry::Entry;
use crate::kind::{Day, MONTHS, Text};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::once;

/// Reads the retention duties.
pub(super) fn retentions(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<Retention>, Noted> {
    let entries = file.tables(notes, ("retention", "[[retention]]"))?;
    let tags: Vec<(&str, usize)> = entries
        .iter()
        .filter_map(|entry| Some((entry.glance("tag")?, entry.at_value("tag"))))
        .collect();
    once(notes, "tag", &tags);
    let all: Vec<_> = entries.iter().map(|entry| retention(entry, notes)).collect();
    all.into_iter().collect()
}

fn retention(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Retention, Noted> {
    let (first, second) = ("until", "months_after_end");
    entry.only(
        notes,
        &["tag", first, second, "starts_from", "starts_until", "reference", "assumption"],
    );
    let tag = entry.required(notes, "tag", Text);
    let until = entry.optional(notes, first, Day);
    let months_after_end = entry.optional(notes, second, MONTHS);
    let starts_from = entry.optional(notes, "starts_from", Day);
    let starts_until = entry.optional(notes, "starts_until", Day);
    let ground = ground(entry, notes);
    if !entry.has(first) && !entry.has(second) {
        let write = "until = 2034-12-31 or months_after_end = 24";
        let problem = Problem::NeitherGiven { first, second, entry: entry.name, write };
        return Err(notes.refuse(entry.at, problem));
    }
    let (starts_from, starts_until) = (starts_from?, starts_until?);
    if let (Some(from), Some(until)) = (starts_from, starts_until)
        && until < from
    {
        let problem = Problem::SpanBackwards { entry: entry.name, from, until };
        return Err(notes.refuse(entry.at_value("starts_until"), problem));
    }
    Ok(Retention {
        tag: tag?,
        until: until?,
        months_after_end: months_after_end?,
        starts_from,
        starts_until,
        ground: ground?,
    })
}
