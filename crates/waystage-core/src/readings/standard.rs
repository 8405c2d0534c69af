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
        /// It never fell due: what it counts from did not happen, or the participation ended first.
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
    /// Reads every service standard of the programme, in the order of its pack.
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
        let ended = self.participation.closed.map(|closed| closed.on);
        let answer = match (on, ended) {
            (Some(on), _) if on <= due => StandardAnswer::Met,
            (Some(_), _) => StandardAnswer::Late,
            (None, Some(ended)) if ended <= due => StandardAnswer::NotDue,
            (None, _) if self.as_of <= due => StandardAnswer::Open,
            (None, _) => StandardAnswer::Missing,
        };
        reading(answer, Some(due), on)
    }
}
