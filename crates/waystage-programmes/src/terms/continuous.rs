//! Family `continuous`: work for so many months or weeks from a job start, with a gap allowance.

use waystage_core::calendar::MonthEnd;
use waystage_core::rules::{Continuous, Length};

use super::anchored::anchor;
use super::work_test;
use crate::entry::Entry;
use crate::kind::{DAYS_OR_NONE, MONTHS, WEEKS};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::word::word;

pub(super) const KEYS: &[&str] = &[
    "months",
    "weeks",
    "max_gap_days",
    "max_total_gap_days",
    "min_weekly_hours",
    "month_end",
    "anchor",
    "within_days",
    "day_count",
    "sector",
    "multiple_jobs",
    "silence_days",
];

pub(super) fn read(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Continuous, Noted> {
    let length = length(version, notes);
    let month_end = month_end(version, notes);
    let max_gap_days = version.required(notes, "max_gap_days", DAYS_OR_NONE);
    let max_total_gap_days = version.optional(notes, "max_total_gap_days", DAYS_OR_NONE);
    let anchor = anchor(version, notes);
    let test = work_test(version, notes);
    Ok(Continuous {
        length: length?,
        month_end: month_end?,
        max_gap_days: max_gap_days?,
        max_total_gap_days: max_total_gap_days?,
        anchor: anchor?,
        test: test?,
    })
}

fn length(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Length, Noted> {
    let (first, second, entry) = ("months", "weeks", version.name);
    let months = version.optional(notes, first, MONTHS)?.map(Length::Months);
    let weeks = version.optional(notes, second, WEEKS)?.map(Length::Weeks);
    match (months, weeks) {
        (Some(length), None) | (None, Some(length)) => Ok(length),
        (Some(_), Some(_)) => {
            let problem = Problem::BothGiven { first, second, entry };
            Err(notes.refuse(version.at_key(second), problem))
        }
        (None, None) => {
            let problem =
                Problem::NeitherGiven { first, second, entry, write: "months = 12 or weeks = 26" };
            Err(notes.refuse(version.at, problem))
        }
    }
}

/// Weeks have no short months, so they need no choice.
fn month_end(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<MonthEnd, Noted> {
    if version.has("months") {
        version.required_beside(notes, ("month_end", "months"), word())
    } else {
        let given = version.optional(notes, "month_end", word())?;
        Ok(given.unwrap_or(MonthEnd::Clamp))
    }
}
