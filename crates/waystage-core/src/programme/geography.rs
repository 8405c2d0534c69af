//! Geography: what area codes are called, and from when to when each is in use. Facts keep the code
//! that was recorded; names are looked up for a day.

use chrono::NaiveDate;

use crate::journey::code::GssCode;

/// A dated list of area codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geography {
    /// Its name in tables.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where the codes were published.
    pub reference: String,
    /// Its areas.
    pub areas: Vec<AreaName>,
}

/// What a code is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaName {
    /// The code.
    pub code: GssCode,
    /// The name of the area.
    pub name: String,
    /// The first day of its use; none where it is older than the list.
    pub from: Option<NaiveDate>,
    /// The last day of its use; none where it is still in use.
    pub until: Option<NaiveDate>,
    /// The codes that took its place.
    pub followed_by: Vec<GssCode>,
}

impl Geography {
    /// Returns what a code is called on a day; none where the list does not have it then.
    pub fn name_on(&self, code: GssCode, day: NaiveDate) -> Option<&str> {
        let in_use = |area: &&AreaName| {
            area.code == code
                && area.from.is_none_or(|from| from <= day)
                && area.until.is_none_or(|until| day <= until)
        };
        self.areas.iter().find(in_use).map(|area| area.name.as_str())
    }

    /// Returns whether the list has a code on some day.
    pub fn knows(&self, code: GssCode) -> bool {
        self.areas.iter().any(|area| area.code == code)
    }
}
