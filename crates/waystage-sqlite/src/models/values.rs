//! Values as they stand in the file: days and months as text that sorts by time, yes and no as 1
//! and 0, nothing as NULL.

use chrono::NaiveDate;
use rusqlite::types::{ToSqlOutput, ValueRef};
use waystage_core::calendar::Month;
use waystage_core::table::{ColumnKind, Value};

/// The days between which due days are kept as they are: their text sorts as they do.
const FIRST_DUE: &str = "0000-01-01";
const LAST_DUE: &str = "9999-12-31";

/// Returns a value as it is bound.
pub(super) fn bound(value: &Value) -> ToSqlOutput<'_> {
    use rusqlite::types::Value as Owned;
    match value {
        Value::Nothing => ToSqlOutput::Owned(Owned::Null),
        Value::Truth(truth) => ToSqlOutput::Owned(Owned::Integer(i64::from(*truth))),
        Value::Integer(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
        Value::Day(day) => ToSqlOutput::Owned(Owned::Text(day.to_string())),
        Value::Month(month) => ToSqlOutput::Owned(Owned::Text(month.to_string())),
        Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
    }
}

/// Returns the value of a column of this kind; none where it holds something else.
pub(super) fn read(stored: ValueRef<'_>, kind: ColumnKind) -> Option<Value> {
    match (stored, kind) {
        (ValueRef::Null, _) => Some(Value::Nothing),
        (ValueRef::Integer(number), ColumnKind::Integer) => Some(Value::Integer(number)),
        (ValueRef::Integer(number @ (0 | 1)), ColumnKind::Truth) => Some(Value::Truth(number == 1)),
        (ValueRef::Text(bytes), ColumnKind::Text) => {
            Some(Value::Text(std::str::from_utf8(bytes).ok()?.to_owned()))
        }
        (ValueRef::Text(bytes), ColumnKind::Day) => {
            let text = std::str::from_utf8(bytes).ok()?;
            as_written(text, Value::Day(text.parse().ok()?))
        }
        (ValueRef::Text(bytes), ColumnKind::Month) => {
            let text = std::str::from_utf8(bytes).ok()?;
            as_written(text, Value::Month(month(text)?))
        }
        _ => None,
    }
}

fn month(text: &str) -> Option<Month> {
    let (year, month) = text.rsplit_once('-')?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1).map(Month::of)
}

/// Returns the value where it is written exactly so: otherwise it would not be found by its value.
fn as_written(text: &str, value: Value) -> Option<Value> {
    (value.to_string() == text).then_some(value)
}

/// Returns a due day as it is kept and compared. Days of years that have not four digits are kept
/// as the nearest that have: who is read again too early is read again later.
pub(super) fn due_day(day: NaiveDate) -> String {
    let text = day.to_string();
    match text.as_bytes().first() {
        Some(b'-') => FIRST_DUE.to_owned(),
        Some(b'+') => LAST_DUE.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may
mod tests {
    use super::*;

    fn kept(value: &Value, kind: ColumnKind) -> Option<Value> {
        match bound(value) {
            ToSqlOutput::Owned(owned) => read(ValueRef::from(&owned), kind),
            ToSqlOutput::Borrowed(borrowed) => read(borrowed, kind),
            _ => None,
        }
    }

    #[test]
    fn days_and_months_of_any_year_are_read_as_they_were_written() {
        let days = ["0000-01-01", "-0001-12-31", "+10000-01-01", "2024-02-29"];
        let days = days.iter().map(|day| day.parse().unwrap());
        for day in days.chain([NaiveDate::MIN, NaiveDate::MAX]) {
            let (day, month) = (Value::Day(day), Value::Month(Month::of(day)));
            assert_eq!(kept(&day, ColumnKind::Day), Some(day));
            assert_eq!(kept(&month, ColumnKind::Month), Some(month));
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_value() {
        for (stored, kind) in [
            (ValueRef::Text(b"2021-1-05"), ColumnKind::Day),
            (ValueRef::Text(b" 2021-01-05"), ColumnKind::Day),
            (ValueRef::Text(b"2021-02-30"), ColumnKind::Day),
            (ValueRef::Text(b"2021-1"), ColumnKind::Month),
            (ValueRef::Text(b"+2021-01"), ColumnKind::Month),
            (ValueRef::Text(b"2021-13"), ColumnKind::Month),
            (ValueRef::Text(b"\xFF"), ColumnKind::Text),
            (ValueRef::Text(b"1"), ColumnKind::Integer),
            (ValueRef::Integer(2), ColumnKind::Truth),
            (ValueRef::Integer(1), ColumnKind::Text),
            (ValueRef::Real(1.0), ColumnKind::Integer),
            (ValueRef::Blob(b"a"), ColumnKind::Text),
        ] {
            assert_eq!(read(stored, kind), None, "{stored:?} as {kind}");
        }
    }

    #[test]
    fn due_days_sort_as_their_text_does() {
        let days = ["-0001-12-31", "0000-01-01", "1999-12-31", "2021-10-14", "9999-12-31"];
        let days: Vec<NaiveDate> = days.iter().map(|day| day.parse().unwrap()).collect();
        let texts: Vec<String> = days.into_iter().chain([NaiveDate::MAX]).map(due_day).collect();
        assert!(texts.is_sorted(), "{texts:?}");
    }
}
