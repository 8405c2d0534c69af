//! The anchor of the families that count from job starts.

use waystage_core::rules::Anchor;

use super::day_count;
use crate::entry::Entry;
use crate::kind::WINDOW;
use crate::notes::{Noted, Notes};
use crate::word::word;

/// Reads from which job starts a rule counts.
pub(super) fn anchor(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Anchor, Noted> {
    let choice = version.required(notes, "anchor", word());
    let within_days = version.optional(notes, "within_days", WINDOW);
    let day_count = day_count(version, notes, ("within_days", within_days.ok().flatten()));
    Ok(Anchor { choice: choice?, within_days: within_days?, day_count: day_count? })
}
