//! The only file that does arithmetic with dates. Contracts print day counts and month ends in
//! more than one way, so both are named choices here and never conventions.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::id::CalendarId;

/// A run of days, both ends counted; it has at least one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    first: NaiveDate,
    last: NaiveDate,
}

impl Span {
    /// Returns the days `first ..= last`; none where `last` lies before `first`.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first day.
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub const fn last(self) -> NaiveDate {
        self.last
    }

    /// Returns whether `day` is one of these days.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// Returns the days that both spans have.
    pub fn and(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.last.min(other.last))
    }

    /// Returns the part up to and including `day`.
    pub fn up_to(self, day: NaiveDate) -> Option<Self> {
        Self::new(self.first, self.last.min(day))
    }

    /// Returns the number of days.
    pub fn days(self) -> u32 {
        u32::try_from((self.last - self.first).num_days()).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// How a contract counts the days of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// A window of *n* days ends *n* days after the start: `start + n`.
    StartIsDay0,
    /// The start is the first of the *n* days: the window ends on `start + n - 1`.
    StartIsDay1,
}

/// What "*m* months after" means where the month is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthEnd {
    /// The last day of the month.
    Clamp,
    /// The first day of the month that follows.
    Overflow,
}

/// Returns the window of `days` days that begins on `start`; none where it has no day.
///
/// ```
/// use waystage_core::calendar::{DayCount, window};
/// # use chrono::NaiveDate;
/// let start = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap();
/// let end = |days, count| window(start, days, count).unwrap().last().to_string();
/// assert_eq!(end(638, DayCount::StartIsDay0), "2020-09-30");
/// assert_eq!(end(639, DayCount::StartIsDay1), "2020-09-30");
/// ```
pub fn window(start: NaiveDate, days: u32, count: DayCount) -> Option<Span> {
    match count {
        DayCount::StartIsDay0 => Span::new(start, days_after(start, days)),
        DayCount::StartIsDay1 => {
            days.checked_sub(1).and_then(|days| Span::new(start, days_after(start, days)))
        }
    }
}

/// Returns the day `days` days after `day`, at most the last day of the calendar.
#[must_use]
pub fn days_after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

/// Returns the day `days` days after `day`, or before it where they are negative, within the
/// calendar.
#[must_use]
pub fn moved(day: NaiveDate, days: i32) -> NaiveDate {
    let count = Days::new(u64::from(days.unsigned_abs()));
    match days {
        0.. => day.checked_add_days(count).unwrap_or(NaiveDate::MAX),
        _ => day.checked_sub_days(count).unwrap_or(NaiveDate::MIN),
    }
}

/// Returns the day before `day`, at least the first day of the calendar.
#[must_use]
pub fn day_before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(NaiveDate::MIN)
}

/// Returns the same day of the month `months` months after `day`, counted **once from that day**.
///
/// ```
/// use waystage_core::calendar::{MonthEnd, months_after};
/// # use chrono::NaiveDate;
/// let day = NaiveDate::from_ymd_opt(2016, 8, 31).unwrap();
/// assert_eq!(months_after(day, 6, MonthEnd::Clamp).to_string(), "2017-02-28");
/// assert_eq!(months_after(day, 6, MonthEnd::Overflow).to_string(), "2017-03-01");
/// ```
#[must_use]
pub fn months_after(day: NaiveDate, months: u32, month_end: MonthEnd) -> NaiveDate {
    let Some(clamped) = day.checked_add_months(Months::new(months)) else {
        return NaiveDate::MAX;
    };
    match month_end {
        MonthEnd::Overflow if clamped.day() != day.day() => days_after(clamped, 1),
        MonthEnd::Clamp | MonthEnd::Overflow => clamped,
    }
}

/// A tax year, 6 April to 5 April, named by the year in which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaxYear(i32);

impl TaxYear {
    /// Returns the tax year of a day.
    pub fn of(day: NaiveDate) -> Self {
        let begun = (day.month(), day.day()) >= (4, 6);
        Self(if begun { day.year() } else { day.year() - 1 })
    }
}

/// A month of a year, for cohorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// Returns the month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// Returns the first day of the month.
    pub fn first(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    /// Returns the month that comes so many months later.
    #[must_use]
    pub fn after(self, months: u32) -> Self {
        Self::of(months_after(self.first(), months, MonthEnd::Clamp))
    }

    /// Returns how many months lie between this month and a later one; none where it is not later.
    pub fn until(self, later: Self) -> u32 {
        let months = |month: Self| i64::from(month.year) * 12 + i64::from(month.month);
        u32::try_from(months(later) - months(self)).unwrap_or(0)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

/// Bank holidays of one part of the country, as dated reference data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankHolidays {
    /// The calendar's name in packs.
    pub id: CalendarId,
    /// A name for people.
    pub name: String,
    /// Where the dates were published.
    pub reference: String,
    /// The days themselves.
    pub days: BTreeSet<NaiveDate>,
}

impl BankHolidays {
    /// Returns whether people work on `day`: no Saturday, Sunday or bank holiday.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.days.contains(&day)
    }

    /// Returns the `count`-th working day after `day`, which is day 0 whatever it is.
    #[must_use]
    pub fn working_days_after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let (mut day, mut left) = (day, count);
        while left > 0 {
            let Some(next) = day.succ_opt() else {
                return day;
            };
            day = next;
            left -= u32::from(self.is_working_day(day));
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn months_are_counted_once_from_the_start_never_month_by_month() {
        assert_eq!(months_after(day("2024-01-31"), 2, MonthEnd::Clamp), day("2024-03-31"));
        let stepped = months_after(day("2024-01-31"), 1, MonthEnd::Clamp);
        assert_eq!(months_after(stepped, 1, MonthEnd::Clamp), day("2024-03-29"));
        assert_eq!(months_after(day("2024-02-29"), 12, MonthEnd::Clamp), day("2025-02-28"));
        assert_eq!(months_after(day("2024-02-29"), 12, MonthEnd::Overflow), day("2025-03-01"));
    }

    #[test]
    fn a_tax_year_turns_on_the_sixth_of_april() {
        assert_eq!(TaxYear::of(day("2020-04-05")), TaxYear(2019));
        assert_eq!(TaxYear::of(day("2020-04-06")), TaxYear(2020));
    }

    #[test]
    fn a_window_of_no_days_has_none() {
        assert_eq!(window(day("2020-01-01"), 0, DayCount::StartIsDay1), None);
        let single = window(day("2020-01-01"), 0, DayCount::StartIsDay0).expect("a day");
        assert_eq!(single.days(), 1);
    }

    #[test]
    fn dates_beyond_the_calendar_stop_at_its_end() {
        assert_eq!(days_after(NaiveDate::MAX, 5), NaiveDate::MAX);
        assert_eq!(months_after(NaiveDate::MAX, 5, MonthEnd::Overflow), NaiveDate::MAX);
    }
}
