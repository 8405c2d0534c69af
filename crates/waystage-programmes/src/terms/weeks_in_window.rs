//! Family `weeks_in_window`: so many weeks in work of so many weeks from a job start.

use waystage_core::rules::WeeksInWindow;

use super::anchored::anchor;
use super::work_test;
use crate::entry::Entry;
use crate::kind::{HOURS_OR_NONE, WEEKS};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

pub(super) const KEYS: &[&str] = &[
    "weeks",
    "window_weeks",
    "min_weekly_hours",
    "anchor",
    "within_days",
    "day_count",
    "sector",
    "multiple_jobs",
    "silence_days",
];

pub(super) fn read(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<WeeksInWindow, Noted> {
    let weeks = version.required(notes, "weeks", WEEKS);
    let window_weeks = version.required(notes, "window_weeks", WEEKS);
    let anchor = anchor(version, notes);
    let test = if version.has("min_weekly_hours") {
        work_test(version, notes)
    } else {
        let missing = version.required(notes, "min_weekly_hours", HOURS_OR_NONE);
        work_test(version, notes).and_then(|test| missing.map(|_| test))
    };
    let (weeks, window_weeks) = (weeks?, window_weeks?);
    if weeks > window_weeks {
        let problem = Problem::DoesNotFit {
            key: "weeks",
            given: weeks,
            window: "window_weeks",
            limit: window_weeks,
            unit: "weeks",
        };
        return Err(notes.refuse(version.at_value("weeks"), problem));
    }
    Ok(WeeksInWindow { weeks, window_weeks, anchor: anchor?, test: test? })
}
