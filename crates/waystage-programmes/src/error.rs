//! What reading a file answers when it refuses: every error of the file, in the order of lines.

use std::fmt;

use crate::place::Place;
use crate::problem::Problem;

/// One reason why a file is refused: where, what is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct PackError {
    place: Place,
    problem: Problem,
}

impl PackError {
    /// Every kind of error, by the names that [`PackError::kind`] gives.
    pub const KINDS: &'static [&'static str] = Problem::KINDS;

    pub(crate) const fn new(place: Place, problem: Problem) -> Self {
        Self { place, problem }
    }

    /// Returns the same error as one that an edit at this place brought about.
    pub(crate) fn edited(self, place: Place) -> Self {
        let problem = Problem::Edited { pack: self.place, problem: Box::new(self.problem) };
        Self { place, problem }
    }

    /// Returns where it is.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Returns which kind of error it is, one of [`PackError::KINDS`].
    pub const fn kind(&self) -> &'static str {
        self.problem.kind()
    }

    /// Returns what is wrong and what to write instead, without the place.
    pub fn message(&self) -> String {
        self.problem.to_string()
    }
}

/// All errors of one file, by line; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackErrors(Vec<PackError>);

impl PackErrors {
    /// Sorts by place; the caller has at least one.
    pub(crate) fn new(mut errors: Vec<PackError>) -> Self {
        errors.sort_by(|a, b| a.place.cmp(&b.place));
        Self(errors)
    }

    /// Returns the errors, by line.
    pub fn iter(&self) -> std::slice::Iter<'_, PackError> {
        self.0.iter()
    }
}

impl fmt::Display for PackErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PackErrors {}

impl<'a> IntoIterator for &'a PackErrors {
    type Item = &'a PackError;
    type IntoIter = std::slice::Iter<'a, PackError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for PackErrors {
    type Item = PackError;
    type IntoIter = std::vec::IntoIter<PackError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
