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
}
