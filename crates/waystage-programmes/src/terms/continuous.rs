//! Family `continuous`: work for so many months or weeks from a job start, with a gap allowance.

use chrono::NaiveDate;
use waystage_core::calendar::{MonthEnd, Span, day_before, months_after};
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
    let longest = version.required(notes, "max_gap_days", DAYS_OR_NONE);
    let total = version.optional(notes, "max_total_gap_days", DAYS_OR_NONE);
    let anchor = anchor(version, notes);
    let test = work_test(version, notes);
    let (length, max_gap_days, max_total_gap_days) = (length?, longest?, total?);
    allowance(version, notes, length, (max_gap_days, max_total_gap_days))?;
    Ok(Continuous {
        length,
        month_end: month_end?,
        max_gap_days,
        max_total_gap_days,
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

/// Notes a gap allowance that cannot be meant.
fn allowance(
    version: &Entry<'_>,
    notes: &mut Notes<'_>,
    length: Length,
    (longest, total): (u32, Option<u32>),
) -> Result<(), Noted> {
    let period = shortest(length);
    let allowances = [("max_gap_days", Some(longest)), ("max_total_gap_days", total)];
    for (key, given) in allowances {
        if let Some(given) = given.filter(|given| *given >= period) {
            let problem = Problem::GapAsLongAsPeriod { key, given, period };
            return Err(notes.refuse(version.at_value(key), problem));
        }
    }
    match total {
        Some(total) if total < longest => {
            let problem = Problem::TotalBelowLongest { total, longest };
            Err(notes.refuse(version.at_value("max_total_gap_days"), problem))
        }
        _ => Ok(()),
    }
}

/// Returns the fewest days that a period of this length can have. No months are shorter than
/// those from 1 February 2021, whose next leap day is three years away.
fn shortest(length: Length) -> u32 {
    match length {
        Length::Weeks(weeks) => weeks.saturating_mul(7),
        Length::Months(months) => NaiveDate::from_ymd_opt(2021, 2, 1)
            .and_then(|first| {
                let end = months_after(first, months, MonthEnd::Clamp);
                Span::new(first, day_before(end))
            })
            .map_or(0, Span::days),
    }
}

#[cfg(test)]
mod tests {
    use super::{Length, shortest};

    #[test]
    fn the_shortest_months_begin_in_february() {
        let days = [1, 6, 12, 24, 37].map(|months| shortest(Length::Months(months)));
        assert_eq!(days, [28, 181, 365, 730, 1124]);
        assert_eq!(shortest(Length::Weeks(26)), 182);
    }
}
