//! Service standards: whether what was to be done was done in time.

use chrono::NaiveDate;

use super::Case;
use crate::journey::code::codes;
use crate::programme::Standard;

codes! {
    /// What a service standard reads.
    StandardAnswer {
        /// Done by the last day.
        Met = "met",
        /// Done after it.
        Late = "late",
        /// Not done, and not due.
        Open = "open",
        /// Not done, and overdue.
        Missing = "missing",
        /// It never began: what it counts from did not happen.
        NotDue = "not_due",
        /// Nobody can say: its calendar is not there.
        Unknown = "unknown",
    }
}

/// A service standard, read on one participation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardReading {
    /// The standard's name within its programme.
    pub standard: String,
    /// What it reads.
    pub answer: StandardAnswer,
    /// The last day, where one can be told.
    pub due: Option<NaiveDate>,
    /// The day on which it was done, if it was.
    pub on: Option<NaiveDate>,
}

impl Case<'_> {
    /// Reads every service standard of the programme, in the order of its pack. That somebody left
    /// before a standard was done excuses nobody: it reads missing once it is overdue.
    pub fn standards(&self) -> impl Iterator<Item = StandardReading> {
        self.programme.standards.iter().map(|standard| self.standard(standard))
    }

    fn standard(&self, standard: &Standard) -> StandardReading {
        let reading =
            |answer, due, on| StandardReading { standard: standard.id.clone(), answer, due, on };
        let on = self.milestone(standard.to);
        let Some(from) = self.milestone(standard.from) else {
            return reading(StandardAnswer::NotDue, None, on);
        };
        let Some(due) = self.after(from, standard.within) else {
            return reading(StandardAnswer::Unknown, None, on);
        };
        let answer = match on {
            Some(on) if on <= due => StandardAnswer::Met,
            Some(_) => StandardAnswer::Late,
            None if self.as_of <= due => StandardAnswer::Open,
            None => StandardAnswer::Missing,
        };
        reading(answer, Some(due), on)
    }
}
