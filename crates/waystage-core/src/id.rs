//! Identities and places. Ids are sixteen opaque bytes that are *given* to the core (derived from a
//! source, or handed in); nothing here makes a new one. Positions and versions are different types
//! so that they cannot be exchanged by accident.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

/// A text that is not the 26-character form of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not an id: write the 26 characters that the engine prints")]
pub struct NotAnId {
    given: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes the sixteen bytes as they are.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Returns the sixteen bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Ulid::from_bytes(self.0), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Ulid::from_string(text)
                    .map(|ulid| Self(ulid.to_bytes()))
                    .map_err(|_| NotAnId { given: text.to_owned() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One person, known here only by an opaque id; the unit of a stream.
    ParticipantId;
    /// One referral of a participant to one programme, and what came of it.
    ParticipationId;
    /// One recorded event. Its first 48 bits are milliseconds since 1970 (a ULID's time).
    EventId;
    /// One job or spell of self-employment of a participant.
    JobId;
    /// One intervention of a participation, from recommendation to its end.
    InterventionId;
    /// One sitting of a diagnostic; its answers are facts of their own.
    AssessmentId;
}

impl ParticipantId {
    /// The log's own stream: adopted packs and tables, determine runs. No person has this id.
    pub const LOG: Self = Self([0; 16]);
}

impl EventId {
    /// Returns the milliseconds since 1970 that the id carries in its first 48 bits.
    pub fn milliseconds(&self) -> u64 {
        Ulid::from_bytes(self.0).timestamp_ms()
    }
}

macro_rules! places {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU64);

        impl $name {
            /// The first place.
            pub const FIRST: Self = Self(NonZeroU64::MIN);

            /// Returns the place with this number, counted from 1; zero is no place.
            pub fn new(number: u64) -> Option<Self> {
                NonZeroU64::new(number).map(Self)
            }

            /// Returns the number, counted from 1.
            pub const fn get(self) -> u64 {
                self.0.get()
            }

            /// Returns the place that follows `last`, or the first one.
            #[must_use]
            pub fn after(last: Option<Self>) -> Self {
                last.map_or(Self::FIRST, |last| Self(last.0.saturating_add(1)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.get())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                NonZeroU64::deserialize(deserializer).map(Self)
            }
        }
    )*};
}

places! {
    /// Place of an event in the log: dense, from 1, in commit order.
    Position;
    /// Place of an event in its stream: dense, from 1.
    Version;
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Returns the name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: AsRef<str>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.as_ref().into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer).map(Self::from)
            }
        }
    )*};
}

names! {
    /// A programme, as its pack names it (`working-well-pilot`).
    ProgrammeId;
    /// A rule within a programme (`sustained-12-months`).
    RuleId;
    /// A tier of a rule (`lower`).
    TierId;
    /// A table of hourly rates (`national-living-wage`).
    RateTableId;
    /// A calendar of bank holidays (`england-and-wales`).
    CalendarId;
    /// Who recorded an event: a pseudonym, never a name.
    Actor;
    /// A system that supplies facts (`extract:gm`); it scopes every reference that it uses.
    Source;
    /// What a source calls a thing or a row of its own.
    Reference;
}

/// A thing that a source named: the id used inside the engine and the source's own reference,
/// kept so that it can be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named<Id> {
    /// The engine's id.
    pub id: Id,
    /// The source's reference; pseudonymous there.
    #[serde(rename = "ref")]
    pub reference: Reference,
}

impl<Id> Named<Id> {
    /// Returns the thing of this id, with what its source calls it.
    pub fn new(id: Id, reference: impl Into<Reference>) -> Self {
        Self { id, reference: reference.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_the_ulid_of_its_bytes_and_reads_back() {
        let bytes = 0x019b_76da_a800_d8b3_3b70_7411_c3be_76b7_u128.to_be_bytes();
        let id = EventId::from_bytes(bytes);
        assert_eq!(id.to_string(), "01KDVDNA00V2SKPW3M271VWXNQ");
        assert_eq!("01KDVDNA00V2SKPW3M271VWXNQ".parse(), Ok(id));
        assert_eq!(id.milliseconds(), 1_767_225_600_000);
    }

    #[test]
    fn a_text_that_is_no_id_is_named_in_the_error() {
        let error = "nonsense".parse::<EventId>().expect_err("no id");
        assert_eq!(
            error.to_string(),
            "\"nonsense\" is not an id: write the 26 characters that the engine prints"
        );
    }

    #[test]
    fn places_count_from_one() {
        assert_eq!(Position::new(0), None);
        assert_eq!(Position::after(None), Position::FIRST);
        assert_eq!(Position::after(Position::new(6)).get(), 7);
    }
}
