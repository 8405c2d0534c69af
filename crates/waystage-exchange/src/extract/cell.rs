//! Lexical forms of cells: dates, instants, numbers, words of closed lists. Everything is ASCII and
//! nothing is trimmed or guessed.

use chrono::{DateTime, NaiveDate};
use waystage_core::journey::code::GssCode;
use waystage_core::journey::employment::WeeklyMinutes;
use waystage_core::time::Timestamp;

use super::report::Code;

/// Most hours in a week.
const WEEKLY_HOURS_MAX: u32 = 168;

/// The first fault of a row: its column, what is wrong, and the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) column: &'static str,
    pub(super) code: Code,
    pub(super) value: String,
}

impl Fault {
    pub(super) fn new(column: &'static str, code: Code, value: &str) -> Self {
        Self { column, code, value: value.to_owned() }
    }
}

/// One cell of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) column: &'static str,
    pub(super) value: &'a str,
}

impl Cell<'_> {
    pub(super) fn fault(self, code: Code) -> Fault {
        Fault::new(self.column, code, self.value)
    }

    /// Returns the cell where it is not blank.
    pub(super) fn optional(self) -> Option<Self> {
        (!self.value.is_empty()).then_some(self)
    }

    /// Returns the cell, which must not be blank.
    pub(super) fn needed(self) -> Result<Self, Fault> {
        self.optional().ok_or_else(|| self.fault(Code::MissingValue))
    }

    pub(super) fn text(self) -> String {
        self.value.to_owned()
    }

    pub(super) fn date(self) -> Result<NaiveDate, Fault> {
        date(self.value).ok_or_else(|| self.fault(Code::BadDate))
    }

    pub(super) fn told(self) -> Result<Told, Fault> {
        told(self.value).ok_or_else(|| self.fault(Code::BadTimestamp))
    }

    pub(super) fn one_of<T>(self, parse: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
        parse(self.value).ok_or_else(|| self.fault(Code::BadCode))
    }

    pub(super) fn gss(self) -> Result<GssCode, Fault> {
        self.one_of(GssCode::parse)
    }

    /// Returns a whole number between two.
    pub(super) fn between(self, least: i64, most: i64) -> Result<i64, Fault> {
        integer(self.value)
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.fault(Code::BadNumber))
    }

    /// Returns a whole number of any sign.
    pub(super) fn integer(self) -> Result<i64, Fault> {
        integer(self.value).ok_or_else(|| self.fault(Code::BadNumber))
    }

    /// Returns decimal hours a week as minutes, rounded half up.
    pub(super) fn weekly_hours(self) -> Result<WeeklyMinutes, Fault> {
        weekly_minutes(self.value).ok_or_else(|| self.fault(Code::BadNumber))
    }

    pub(super) fn truth(self) -> Result<bool, Fault> {
        self.one_of(|value| match value {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }
}

/// When a row was reported: the instant, and the date as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) written_on: NaiveDate,
}

/// Returns the date `YYYY-MM-DD`, years 1900 to 2100.
fn date(text: &str) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let year = number(&[*y1, *y2, *y3, *y4]).filter(|year| (1900..=2100).contains(year))?;
    let year = i32::try_from(year).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

/// Returns an RFC 3339 instant with its zone and the date that is written in it.
fn told(text: &str) -> Option<Told> {
    let written_on = date(text.get(..10)?)?;
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) || !text.is_ascii() {
        return None;
    }
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Told { at: Timestamp::from(instant.to_utc()), written_on })
}

/// Returns digits with an optional minus.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Returns decimal hours (digits with an optional fraction) as minutes rounded half up, exactly:
/// the fraction is multiplied by sixty digit by digit, however long it is.
fn weekly_minutes(text: &str) -> Option<WeeklyMinutes> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let significant = whole.trim_start_matches('0');
    let hours: u32 = if significant.is_empty() { 0 } else { significant.parse().ok()? };
    let has_more = fraction.bytes().any(|digit| digit != b'0');
    if hours > WEEKLY_HOURS_MAX || (hours == WEEKLY_HOURS_MAX && has_more) {
        return None;
    }
    let (mut carry, mut tenths) = (0_u32, 0);
    for digit in fraction.bytes().rev() {
        let product = u32::from(digit - b'0') * 60 + carry;
        (carry, tenths) = (product / 10, product % 10);
    }
    Some(WeeklyMinutes(hours * 60 + carry + u32::from(tenths >= 5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_become_minutes_rounded_half_up_and_exactly() {
        let minutes = |text| weekly_minutes(text).map(|minutes| minutes.0);
        assert_eq!(minutes("16"), Some(960));
        assert_eq!(minutes("16.0"), Some(960));
        assert_eq!(minutes("37.5"), Some(2250));
        assert_eq!(minutes("0.008"), Some(0));
        assert_eq!(minutes("0.00833333333333333333333333333333333333333"), Some(0));
        assert_eq!(minutes("0.00833333333333333333333333333333333333334"), Some(1));
        assert_eq!(minutes("0.025"), Some(2)); // one minute and a half
        assert_eq!(minutes("168.000"), Some(10_080));
        assert_eq!(minutes("007"), Some(420));
        for wrong in ["", ".5", "5.", "16h", "16,5", "-1", "+1", "1e1", "168.01", "169", "1 "] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
        assert_eq!(minutes("99999999999999999999"), None);
    }

    #[test]
    fn dates_are_ten_characters_between_1900_and_2100() {
        assert!(date("2020-02-29").is_some());
        for wrong in
            ["2021-02-29", "2021-3-4", "1899-12-31", "2101-01-01", "20210304", "２021-01-01"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_instant_keeps_the_date_that_is_written_in_it() {
        let told = told("2023-09-18T00:21:50+01:00").expect("an instant");
        assert_eq!(told.written_on.to_string(), "2023-09-18");
        assert_eq!(told.at.to_string(), "2023-09-17T23:21:50Z");
        for wrong in ["2023-09-18 00:21:50Z", "2023-09-18T00:21:50", "04/03/2021 10:15", ""] {
            assert_eq!(super::told(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn integers_are_digits_with_an_optional_minus() {
        assert_eq!(integer("-120"), Some(-120));
        for wrong in ["", "-", "+1", "1.0", "1,204", " 1", "99999999999999999999"] {
            assert_eq!(integer(wrong), None, "{wrong}");
        }
    }
}
