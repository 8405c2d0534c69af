//! A view says which facts are read and as known when. It enters at replay and nowhere else.

use chrono::NaiveDate;

use crate::id::Position;
use crate::journey::Recorded;
use crate::journey::code::codes;
use crate::time::Timestamp;

codes! {
    /// What "known" means.
    Basis {
        /// The store witnessed it.
        Recorded = "recorded",
        /// The source says that it knew; used for imported history.
        Reported = "reported",
    }
}

/// How far into the log a view reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// To its head.
    Head,
    /// To this position, included.
    Position(Position),
}

/// Which facts are read, and as known when.
///
/// ```
/// use waystage_core::time::Timestamp;
/// use waystage_core::view::{Basis, View};
/// let year_end = "2021-12-31".parse().unwrap();
/// let known: Timestamp = "2022-01-17T23:59:59Z".parse().unwrap();
/// let view = View::new(year_end, known).basis(Basis::Reported);
/// assert_eq!(view.as_of, year_end);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Facts whose day (as amended) is later are not seen.
    pub as_of: NaiveDate,
    /// Facts learned after this instant are not seen; learned at exactly this instant is seen.
    pub known_at: Timestamp,
    /// What "learned" means.
    pub basis: Basis,
    /// How far into the log.
    pub through: Through,
}

impl View {
    /// Returns the view of everything recorded by `known_at` about days up to `as_of`.
    pub const fn new(as_of: NaiveDate, known_at: Timestamp) -> Self {
        Self { as_of, known_at, basis: Basis::Recorded, through: Through::Head }
    }

    /// Returns the view on another basis of knowledge.
    #[must_use]
    pub const fn basis(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// Returns the view of the log up to a position.
    #[must_use]
    pub const fn through(self, position: Position) -> Self {
        Self { through: Through::Position(position), ..self }
    }

    /// Returns whether the view reaches this far into the log.
    pub fn reaches(&self, position: Position) -> bool {
        match self.through {
            Through::Head => true,
            Through::Position(last) => position <= last,
        }
    }

    /// Returns whether the event was known in this view.
    pub fn knows(&self, recorded: &Recorded) -> bool {
        self.reaches(recorded.position) && recorded.learned_at(self.basis) <= self.known_at
    }
}
