//! Family `job_start`: a job starts inside a window, or at any time where there is none.

use waystage_core::rules::JobStart;

use super::{day_count, sector};
use crate::entry::Entry;
use crate::kind::{HOURS_OR_NONE, WINDOW};
use crate::notes::{Noted, Notes};

pub(super) const KEYS: &[&str] = &["within_days", "day_count", "min_weekly_hours", "sector"];

pub(super) fn read(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<JobStart, Noted> {
    let within_days = version.optional(notes, "within_days", WINDOW);
    let day_count = day_count(version, notes, ("within_days", within_days.ok().flatten()));
    let min_weekly = version.optional(notes, "min_weekly_hours", HOURS_OR_NONE);
    let sector = sector(version, notes);
    Ok(JobStart {
        within_days: within_days?,
        day_count: day_count?,
        min_weekly: min_weekly?.filter(|least| least.0 > 0),
        sector: sector?,
    })
}
