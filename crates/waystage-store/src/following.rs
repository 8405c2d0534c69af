//! Following a log: everything after a position, in order, nothing twice and nothing left out, and
//! sleep while there is nothing.

use std::time::Duration;

use waystage_core::id::Position;

use crate::error::StoreError;
use crate::event::StoredEvent;
use crate::reader::EventReader;

/// A follower of a log. It knows the last position that it gave out; whoever keeps that position
/// beside what it made of the events can go on from there after any crash.
///
/// It never waits for a gap and never steps over one: positions are dense, so the next event is the
/// one after the last, and anything else is an error.
///
/// ```
/// use std::time::Duration;
/// use waystage_store::{Following, MemoryStore};
///
/// let store = MemoryStore::new("example.org/docs");
/// let mut following = Following::read_after(&store, None);
/// assert!(following.next(Duration::ZERO)?.is_empty());
/// assert_eq!(following.position(), None);
/// # Ok::<(), waystage_store::StoreError>(())
/// ```
pub struct Following<'a> {
    reader: &'a dyn EventReader,
    last: Option<Position>,
    page: usize,
}

/// How many events are given out together at most, where nothing else is said.
const PAGE: usize = 1000;

impl<'a> Following<'a> {
    /// Follows a log from the event after a position on; from the first where there is none.
    pub fn read_after(reader: &'a dyn EventReader, position: Option<Position>) -> Self {
        Self { reader, last: position, page: PAGE }
    }

    /// Gives out at most so many events together; at least one.
    #[must_use]
    pub fn in_pages_of(self, events: usize) -> Self {
        Self { page: events.max(1), ..self }
    }

    /// Returns the last position that was given out.
    pub const fn position(&self) -> Option<Position> {
        self.last
    }

    /// Returns the next events; none where there are none within `patience`. While it waits, it
    /// asks the store for nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::BehindReceipt`] where the log ends before the position that was given out
    /// last: it is an older copy. [`StoreError::Corrupt`] where the next event is not the one after it.
    pub fn next(&mut self, patience: Duration) -> Result<Vec<StoredEvent>, StoreError> {
        let last = self.reader.wait_after(self.last, patience)?;
        if last == self.last {
            return Ok(Vec::new());
        }
        if let Some(known) = self.last
            && last < self.last
        {
            return Err(StoreError::BehindReceipt { known, last });
        }
        let rows = self.reader.rows_after(self.last, self.page)?;
        let mut at = self.last;
        for row in &rows {
            if row.position != Position::after(at) {
                let says = "its position does not follow the one before";
                return Err(StoreError::Corrupt { position: row.position, says });
            }
            at = Some(row.position);
        }
        self.last = at;
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;

    #[test]
    fn a_follower_that_knows_more_than_the_log_is_told_so() {
        let store = MemoryStore::new("example.org/following");
        let mut following = Following::read_after(&store, Position::new(7));
        let error = following.next(Duration::ZERO);
        assert!(matches!(error, Err(StoreError::BehindReceipt { last: None, .. })));
    }
}
