//! The date arithmetic of the generator: whole days, working days, month ends, British Summer
//! Time. Total functions, so that no caller has a date that might not exist.

use chrono::{Datelike, Days, Weekday};

pub(super) use chrono::NaiveDate as Date;

/// Returns the day, or the earliest day there is where no calendar has it.
pub(super) const fn date(year: i32, month: u32, day: u32) -> Date {
    match Date::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => Date::MIN,
    }
}

pub(super) fn days_after(day: Date, days: u32) -> Date {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(Date::MAX)
}

pub(super) fn days_before(day: Date, days: u32) -> Date {
    day.checked_sub_days(Days::new(u64::from(days))).unwrap_or(Date::MIN)
}

/// Returns the days from `from` to `to`, none where `to` is not later.
pub(super) fn days_between(from: Date, to: Date) -> u32 {
    u32::try_from((to - from).num_days()).unwrap_or(0)
}

/// Returns the day itself, or the first one after it that is no weekend, Christmas, Boxing Day or
/// New Year's Day. The movable bank holidays count as working days here: a service that works on
/// one is early, never late.
pub(super) fn working_day_from(day: Date) -> Date {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let holiday = matches!((day.month(), day.day()), (12, 25 | 26) | (1, 1));
    if weekend || holiday { working_day_from(days_after(day, 1)) } else { day }
}

pub(super) fn working_days_after(day: Date, working_days: u32) -> Date {
    (0..working_days).fold(working_day_from(day), |day, _| working_day_from(days_after(day, 1)))
}

/// Returns the last day of the month that `day` lies in.
pub(super) fn month_last(day: Date) -> Date {
    let next_month_or_so = days_after(date(day.year(), day.month(), 1), 31);
    days_before(next_month_or_so, next_month_or_so.day())
}

/// Returns the year in which the tax year of `day` began, on 6 April.
pub(super) fn tax_year(day: Date) -> i32 {
    if day < date(day.year(), 4, 6) { day.year() - 1 } else { day.year() }
}

/// Tells whether office hours of `day` are in British Summer Time: from the last Sunday in March
/// to the day before the last Sunday in October.
pub(super) fn in_summer_time(day: Date) -> bool {
    (last_sunday(day.year(), 3)..last_sunday(day.year(), 10)).contains(&day)
}

fn last_sunday(year: i32, month: u32) -> Date {
    let last = date(year, month, 31);
    days_before(last, last.weekday().num_days_from_sunday())
}
