//! What may be meant and is worth a second look; a warning refuses nothing.

use chrono::NaiveDate;

use crate::place::Place;

/// Something worth a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    place: Place,
    concern: Concern,
}

impl Warning {
    pub(crate) const fn new(place: Place, concern: Concern) -> Self {
        Self { place, concern }
    }

    /// Returns where it is.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Returns what it is about and what could be done, without the place.
    pub fn message(&self) -> String {
        self.concern.to_string()
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.concern)
    }
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Concern {
    #[error(
        "a day from {day} on can fix the rate of rule {rule:?}, and {table:?} begins on \
         {first_row}: until then the threshold cannot be reached; write the earlier rates"
    )]
    NoRateInForce { rule: String, table: String, day: NaiveDate, first_row: NaiveDate },

    #[error(
        "rule {rule:?} begins on {first}, and referrals on {opens}: who comes before reads not met; \
         write the earlier version"
    )]
    RuleBeginsLate { rule: String, first: NaiveDate, opens: NaiveDate },

    #[error(
        "the fee on {fee:?} begins on {first}, and its rule on {rule}: an outcome before earns \
         nothing; write the earlier version"
    )]
    FeeBeginsLate { fee: String, first: NaiveDate, rule: NaiveDate },

    #[error("{what} has a version from {day}, long after referrals end: look at the year again")]
    FarOff { what: String, day: NaiveDate },

    #[error(
        "the last rate of {table:?} is of {last}, and rule {rule:?} can need one up to {needed}: \
         add the later rates"
    )]
    RatesEnd { rule: String, table: String, last: NaiveDate, needed: NaiveDate },

    #[error(
        "the calendar {calendar:?} ends with {last}, and referrals with {closes}: add the later \
         holidays"
    )]
    CalendarEnds { calendar: String, last: NaiveDate, closes: NaiveDate },

    #[error("gate {gate:?} names programme {programme:?}, and no such pack is known: adopt it too")]
    GateOfAStranger { gate: String, programme: String },

    #[error("no geography names area {code:?}: add it to one, or look at the code again")]
    AreaWithoutName { code: String },
}
