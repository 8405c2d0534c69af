//! Instants. A day on which something happened is a `NaiveDate` (`on`); the moment at which it was
//! recorded or reported is a [`Timestamp`]. The two cannot be compared by accident.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::EventId;

/// An instant: UTC microseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not an instant: write it with its zone, such as 2026-01-31T09:00:00Z")]
pub struct NotAnInstant {
    given: String,
}

impl Timestamp {
    /// Before every other instant.
    pub const MIN: Self = Self(i64::MIN);
    /// After every other instant.
    pub const MAX: Self = Self(i64::MAX);

    /// Returns the instant this many microseconds after the start of 1970, UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since the start of 1970, UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Returns the instant that an event id carries, to the millisecond.
    pub fn of_event_id(id: EventId) -> Self {
        Self(i64::try_from(id.milliseconds()).unwrap_or(i64::MAX / 1000).saturating_mul(1000))
    }

    /// Returns the first instant of a day, UTC.
    pub fn midnight(day: NaiveDate) -> Self {
        Self(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros())
    }

    /// Returns the instant so many days of 24 hours later, or earlier where they are negative.
    #[must_use]
    pub const fn moved(self, days: i32) -> Self {
        Self(self.0.saturating_add(days as i64 * 86_400_000_000))
    }

    /// Returns the UTC date of the instant; dates beyond the calendar's range are its ends.
    pub fn date(self) -> NaiveDate {
        self.instant().map_or(if self.0 < 0 { NaiveDate::MIN } else { NaiveDate::MAX }, |instant| {
            instant.date_naive()
        })
    }

    fn instant(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_micros())
    }
}

impl FromStr for Timestamp {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        DateTime::parse_from_rfc3339(text)
            .map(|instant| Self(instant.timestamp_micros()))
            .map_err(|_| NotAnInstant { given: text.to_owned() })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instant() {
            Some(instant) => f.pad(&instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{} microseconds since 1970", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_same_in_every_zone() {
        let utc: Timestamp = "2021-10-01T12:34:35Z".parse().expect("an instant");
        let summer: Timestamp = "2021-10-01T13:34:35+01:00".parse().expect("an instant");
        assert_eq!(utc, summer);
        assert_eq!(summer.to_string(), "2021-10-01T12:34:35Z");
    }

    #[test]
    fn an_instant_without_a_zone_is_refused() {
        let error = "2021-10-01T12:34:35".parse::<Timestamp>().expect_err("no zone");
        assert_eq!(
            error.to_string(),
            "\"2021-10-01T12:34:35\" is not an instant: write it with its zone, \
             such as 2026-01-31T09:00:00Z"
        );
    }
}
