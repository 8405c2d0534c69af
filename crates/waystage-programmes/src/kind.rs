//! The kinds of value that a key can have: text, day, whole number, hours, area. Each reads its
//! literal without floating-point arithmetic, and each has an example for messages.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use toml::de::DeValue;
use waystage_core::journey::code::GssCode;
use waystage_core::journey::employment::WeeklyMinutes;
use waystage_core::time::Timestamp;

use crate::entry::Field;
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// A kind of value.
pub(crate) trait Kind: Copy {
    /// What it is read as.
    type Read;

    /// Returns what could stand behind `key =`.
    fn example(&self, key: &str) -> String;

    /// Reads the value, or notes what is wrong with it.
    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<Self::Read, Noted>;
}

/// A text that is not empty.
#[derive(Clone, Copy)]
pub(crate) struct Text;

impl Kind for Text {
    type Read = String;

    fn example(&self, key: &str) -> String {
        let example = match key {
            "reference" => "the address or title of the source",
            "name" => "a name for people",
            "assumption" => "what was assumed, and why",
            "purpose" => "what is asked, and why",
            "calendar" => "england-and-wales",
            "rate_table" => "national-living-wage",
            "on" | "rule" => "the id of a rule",
            "tier" => "the id of a tier",
            "groups" => "long_term_unemployed",
            _ => "a-short-name",
        };
        format!("{example:?}")
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<String, Noted> {
        let example = self.example(field.key);
        let DeValue::String(text) = field.value.get_ref() else {
            return Err(field.wrong_type(notes, &example));
        };
        if text.trim().is_empty() {
            let problem =
                Problem::Empty { key: field.key, entry: field.entry, write: field.write(&example) };
            return Err(notes.refuse(field.at(), problem));
        }
        Ok(text.clone().into_owned())
    }
}

/// A day, written as a local date without quotes.
#[derive(Clone, Copy)]
pub(crate) struct Day;

impl Kind for Day {
    type Read = NaiveDate;

    fn example(&self, _key: &str) -> String {
        "2018-03-01".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<NaiveDate, Noted> {
        let (key, entry) = (field.key, field.entry);
        match field.value.get_ref() {
            DeValue::Datetime(when) => {
                let Some(date) = when.date else {
                    return Err(field.wrong_type(notes, &self.example(key)));
                };
                if when.time.is_some() || when.offset.is_some() {
                    let write = field.write(&date.to_string());
                    let problem = Problem::DateWithTime { key, entry, write };
                    return Err(notes.refuse(field.at(), problem));
                }
                let (year, month, day) = (date.year.into(), date.month.into(), date.day.into());
                NaiveDate::from_ymd_opt(year, month, day)
                    .filter(|day| (1900..=2100).contains(&day.year()))
                    .ok_or_else(|| {
                        let given = date.to_string();
                        let problem = Problem::DateOutOfRange { key, entry, given };
                        notes.refuse(field.at(), problem)
                    })
            }
            DeValue::String(text) if text.parse::<NaiveDate>().is_ok() => {
                Err(quoted(field, notes, text))
            }
            _ => Err(field.wrong_type(notes, &self.example(key))),
        }
    }
}

/// A whole number inside limits.
#[derive(Clone, Copy)]
pub(crate) struct Whole<T> {
    least: T,
    most: T,
    example: T,
}

impl<T> Whole<T> {
    pub(crate) const fn new(least: T, most: T, example: T) -> Self {
        Self { least, most, example }
    }
}

const CENTURY_OF_DAYS: u32 = 36_525;

/// Days, at least one and at most a century.
pub(crate) const DAYS: Whole<u32> = Whole::new(1, CENTURY_OF_DAYS, 365);
/// Days, at most a century.
pub(crate) const DAYS_OR_NONE: Whole<u32> = Whole::new(0, CENTURY_OF_DAYS, 28);
/// The days of a window, at most a century. None is the start alone, where the start is day 0.
pub(crate) const WINDOW: Whole<u32> = Whole::new(0, CENTURY_OF_DAYS, 365);
/// Weeks, at least one and at most a century.
pub(crate) const WEEKS: Whole<u32> = Whole::new(1, CENTURY_OF_DAYS / 7, 26);
/// Pence: at most a hundred million pounds.
pub(crate) const PENCE: Whole<u64> = Whole::new(0, 10_000_000_000, 240_000);
/// Months, at least one and at most a century.
pub(crate) const MONTHS: Whole<u32> = Whole::new(1, 1_200, 12);

impl<T: Copy + Display + Into<u64> + TryFrom<i128>> Kind for Whole<T> {
    type Read = T;

    fn example(&self, _key: &str) -> String {
        self.example.to_string()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<T, Noted> {
        let limits = i128::from(self.least.into())..=i128::from(self.most.into());
        match field.value.get_ref() {
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .ok()
                .filter(|number| limits.contains(number))
                .and_then(|number| T::try_from(number).ok())
                .ok_or_else(|| {
                    let problem = Problem::OutOfRange {
                        key: field.key,
                        entry: field.entry,
                        given: notes.text(field.value.span()).to_owned(),
                        least: self.least.into(),
                        most: self.most.into(),
                    };
                    notes.refuse(field.at(), problem)
                }),
            DeValue::String(text) if text.parse::<u64>().is_ok() => Err(quoted(field, notes, text)),
            _ => Err(field.wrong_type(notes, &self.example(field.key))),
        }
    }
}

/// Hours a week, kept as minutes. Decimals count where they make whole minutes.
#[derive(Clone, Copy)]
pub(crate) struct Hours {
    least: u32,
    range: &'static str,
}

/// Hours a week, more than none.
pub(crate) const HOURS: Hours = Hours { least: 1, range: "more than 0 and at most 168" };
/// Hours a week; none means any work at all.
pub(crate) const HOURS_OR_NONE: Hours = Hours { least: 0, range: "from 0 to 168" };

const WEEK_OF_MINUTES: u32 = 168 * 60;

impl Kind for Hours {
    type Read = WeeklyMinutes;

    fn example(&self, _key: &str) -> String {
        "16".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<WeeklyMinutes, Noted> {
        let (key, entry) = (field.key, field.entry);
        let minutes = match field.value.get_ref() {
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .map_or(Minutes::OutOfRange, whole_hours),
            DeValue::Float(number) => decimal_hours(number.as_str()),
            DeValue::String(text) if decimal_hours(text) != Minutes::NotExact => {
                return Err(quoted(field, notes, text));
            }
            _ => return Err(field.wrong_type(notes, &self.example(key))),
        };
        let given = notes.text(field.value.span()).to_owned();
        let range = self.range;
        let problem = match minutes {
            Minutes::Exact(minutes) if (self.least..=WEEK_OF_MINUTES).contains(&minutes) => {
                return Ok(WeeklyMinutes(minutes));
            }
            Minutes::Exact(_) | Minutes::OutOfRange => {
                Problem::HoursOutOfRange { key, entry, given, range }
            }
            Minutes::NotExact => Problem::NotMinutes { key, entry, given },
        };
        Err(notes.refuse(field.at(), problem))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Minutes {
    Exact(u32),
    OutOfRange,
    NotExact,
}

fn whole_hours(hours: i128) -> Minutes {
    match u32::try_from(hours) {
        Ok(hours) => hours.checked_mul(60).map_or(Minutes::OutOfRange, Minutes::Exact),
        Err(_) => Minutes::OutOfRange,
    }
}

/// Reads decimal hours from their digits. A minute is a sixtieth, so no more than two decimals
/// can make whole minutes.
fn decimal_hours(text: &str) -> Minutes {
    let (negative, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => (true, digits),
        (None, Some(digits)) => (false, digits),
        (None, None) => (false, text),
    };
    let (hours, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(hours) || !all_digits(decimals) {
        return Minutes::NotExact;
    }
    let hundredths = match decimals.trim_end_matches('0').as_bytes() {
        [] => 0,
        [tenths] => u32::from(tenths - b'0') * 10,
        [tenths, rest] => u32::from(tenths - b'0') * 10 + u32::from(rest - b'0'),
        _ => return Minutes::NotExact,
    };
    if hundredths % 5 != 0 {
        return Minutes::NotExact;
    }
    match hours.parse::<u32>() {
        Ok(hours) if !negative && hours <= 168 => Minutes::Exact(hours * 60 + hundredths * 3 / 5),
        _ => Minutes::OutOfRange,
    }
}

/// Yes or no.
#[derive(Clone, Copy)]
pub(crate) struct Truth;

impl Kind for Truth {
    type Read = bool;

    fn example(&self, _key: &str) -> String {
        "true".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<bool, Noted> {
        match field.value.get_ref() {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(field.wrong_type(notes, &self.example(field.key))),
        }
    }
}

/// A GSS area code.
#[derive(Clone, Copy)]
pub(crate) struct Area;

impl Kind for Area {
    type Read = GssCode;

    fn example(&self, _key: &str) -> String {
        "\"E08000003\"".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<GssCode, Noted> {
        let DeValue::String(text) = field.value.get_ref() else {
            return Err(field.wrong_type(notes, &self.example(field.key)));
        };
        GssCode::parse(text).ok_or_else(|| {
            let problem = Problem::NotAGssCode { key: field.key, given: text.clone().into_owned() };
            notes.refuse(field.at(), problem)
        })
    }
}

/// An instant, written with its offset from UTC and without quotes.
#[derive(Clone, Copy)]
pub(crate) struct Instant;

impl Kind for Instant {
    type Read = Timestamp;

    fn example(&self, _key: &str) -> String {
        "2021-12-31T23:59:59Z".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<Timestamp, Noted> {
        let instant = match field.value.get_ref() {
            DeValue::Datetime(when) => when.to_string().parse().ok(),
            _ => None,
        };
        instant.ok_or_else(|| field.wrong_type(notes, &self.example(field.key)))
    }
}

/// One of the engine's ids, in its 26 characters.
#[derive(Debug)]
pub(crate) struct Id<T>(PhantomData<T>);

impl<T> Id<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T: FromStr> Kind for Id<T> {
    type Read = T;

    fn example(&self, _key: &str) -> String {
        "\"01KDVDNA00V2SKPW3M271VWXNQ\"".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<T, Noted> {
        let given = Text.read(field, notes)?;
        let at = field.at();
        given.parse().map_err(|_| notes.refuse(at, Problem::NotAnId { key: field.key, given }))
    }
}

/// Days by which something is moved: later, or earlier where negative.
#[derive(Clone, Copy)]
pub(crate) struct Shift;

/// Days by which something is moved.
pub(crate) const SHIFT: Shift = Shift;

impl Kind for Shift {
    type Read = i32;

    fn example(&self, _key: &str) -> String {
        "-30".to_owned()
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<i32, Noted> {
        let DeValue::Integer(number) = field.value.get_ref() else {
            return Err(field.wrong_type(notes, &self.example(field.key)));
        };
        let number = i32::from_str_radix(number.as_str(), number.radix()).ok();
        // of the least number there is the opposite does not fit
        let fits = |days: &i32| *days != 0 && days.unsigned_abs() <= CENTURY_OF_DAYS;
        number.filter(fits).ok_or_else(|| {
            let given = notes.text(field.value.span()).to_owned();
            let (key, entry) = (field.key, field.entry);
            notes
                .refuse(field.at(), Problem::NotAShift { key, entry, given, most: CENTURY_OF_DAYS })
        })
    }
}

/// One value of a kind, or a list of them.
#[derive(Clone, Copy)]
pub(crate) struct OneOrMore<K>(pub(crate) K);

impl<K: Kind<Read: Ord + Clone>> Kind for OneOrMore<K> {
    type Read = Vec<K::Read>;

    fn example(&self, key: &str) -> String {
        self.0.example(key)
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<Self::Read, Noted> {
        match field.value.get_ref() {
            DeValue::Array(items) if items.is_empty() => {
                let write = field.write(&self.0.example(field.key));
                let problem = Problem::Empty { key: field.key, entry: field.entry, write };
                Err(notes.refuse(field.at(), problem))
            }
            DeValue::Array(_) => List(self.0).read(field, notes),
            _ => self.0.read(field, notes).map(|one| vec![one]),
        }
    }
}

/// Notes that a number or a date stands in quotes.
fn quoted(field: Field<'_>, notes: &mut Notes<'_>, text: &str) -> Noted {
    let problem = Problem::Quoted { key: field.key, entry: field.entry, write: field.write(text) };
    notes.refuse(field.at(), problem)
}

#[cfg(test)]
mod tests {
    use super::{Minutes, decimal_hours};

    #[test]
    fn decimal_hours_are_exact_minutes_or_refused() {
        for (text, minutes) in [
            ("7.5", 450),
            ("0.05", 3),
            ("37.35", 2241),
            ("+16.0", 960),
            ("168.000", 10_080),
            ("0.0", 0),
        ] {
            assert_eq!(decimal_hours(text), Minutes::Exact(minutes), "{text}");
        }
        for text in ["7.33", "0.005", "7.123", "1e1", "nan", "inf", ".5", "5.", ""] {
            assert_eq!(decimal_hours(text), Minutes::NotExact, "{text}");
        }
        for text in ["-7.5", "169.0", "99999999999999.5", "-0.0"] {
            assert_eq!(decimal_hours(text), Minutes::OutOfRange, "{text}");
        }
    }
}
