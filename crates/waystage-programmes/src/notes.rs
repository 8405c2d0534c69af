//! What is noted while a file is read: its errors, collected rather than stopped at, and places.

use crate::error::{PackError, PackErrors};
use crate::place::{Lines, Place};
use crate::problem::Problem;

/// Proof that an error was noted; only noting one makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted(());

/// The errors of one file so far.
pub(crate) struct Notes<'t> {
    file: &'t str,
    text: &'t str,
    lines: Lines<'t>,
    errors: Vec<PackError>,
}

impl<'t> Notes<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, lines: Lines::new(text), errors: Vec::new() }
    }

    /// Notes an error at a byte of the text.
    pub(crate) fn refuse(&mut self, at: usize, problem: Problem) -> Noted {
        let error = PackError::new(self.place(at), problem);
        self.errors.push(error);
        Noted(())
    }

    /// Returns the place of a byte of the text.
    pub(crate) fn place(&self, at: usize) -> Place {
        let (line, column) = self.lines.find(at);
        Place { file: self.file.to_owned(), line, column }
    }

    /// Returns the line of a byte of the text.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.find(at).0
    }

    /// Returns what stands between two bytes of the text.
    pub(crate) fn text(&self, span: std::ops::Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// Gives what was read, if nothing was noted.
    pub(crate) fn finish<T>(self, read: Result<T, Noted>) -> Result<T, PackErrors> {
        match read {
            Ok(read) if self.errors.is_empty() => Ok(read),
            Ok(_) | Err(Noted(())) => Err(PackErrors::new(self.errors)),
        }
    }
}
