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
    under: Option<Under<'t>>,
}

/// A text that another one edits: its bytes are counted on from the end of that one.
struct Under<'t> {
    file: &'t str,
    text: &'t str,
    lines: Lines<'t>,
}

impl<'t> Notes<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, lines: Lines::new(text), errors: Vec::new(), under: None }
    }

    /// Returns notes on one text that edits another. The bytes of the other come after those of the
    /// first and one more, so that a place says by itself in which of them it is.
    pub(crate) fn over((file, text): (&'t str, &'t str), under: (&'t str, &'t str)) -> Self {
        let (of, edited) = under;
        let under = Under { file: of, text: edited, lines: Lines::new(edited) };
        Self { under: Some(under), ..Self::new(file, text) }
    }

    /// Returns the file and its text.
    pub(crate) const fn source(&self) -> (&'t str, &'t str) {
        (self.file, self.text)
    }

    /// Takes over errors that were noted elsewhere, each once.
    pub(crate) fn absorb(&mut self, errors: impl IntoIterator<Item = PackError>) -> Noted {
        for error in errors {
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
        Noted(())
    }

    /// Returns the text to whose bytes this one belongs, and which byte of it that is.
    fn below(&self, at: usize) -> Option<(&Under<'t>, usize)> {
        Some((self.under.as_ref()?, at.checked_sub(self.text.len() + 1)?))
    }

    /// Notes an error at a byte of the text.
    pub(crate) fn refuse(&mut self, at: usize, problem: Problem) -> Noted {
        let error = PackError::new(self.place(at), problem);
        self.errors.push(error);
        Noted(())
    }

    /// Returns the place of a byte of the text.
    pub(crate) fn place(&self, at: usize) -> Place {
        let (file, (line, column)) = match self.below(at) {
            Some((under, at)) => (under.file, under.lines.find(at)),
            None => (self.file, self.lines.find(at)),
        };
        Place { file: file.to_owned(), line, column }
    }

    /// Returns the line of a byte of the text.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.place(at).line
    }

    /// Returns what stands between two bytes of the text.
    pub(crate) fn text(&self, span: std::ops::Range<usize>) -> &'t str {
        match self.below(span.start) {
            Some((under, start)) => {
                let end = span.end.saturating_sub(self.text.len() + 1);
                under.text.get(start..end).unwrap_or_default()
            }
            None => self.text.get(span).unwrap_or_default(),
        }
    }

    /// Gives what was read, if nothing was noted.
    pub(crate) fn finish<T>(self, read: Result<T, Noted>) -> Result<T, PackErrors> {
        match read {
            Ok(read) if self.errors.is_empty() => Ok(read),
            Ok(_) | Err(Noted(())) => Err(PackErrors::new(self.errors)),
        }
    }
}
