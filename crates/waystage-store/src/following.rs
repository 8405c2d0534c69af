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
    /// last: it is an older copy. [`StoreError::Corrupt`] where the next event is not the one
    /// after it.
    pub fn next(&mut self, patience: Duration) -> Result<Vec<StoredEvent>, StoreError> {
        let rung = self.reader.wait_after(self.last, patience)?;
        if rung <= self.last {
            self.check_end(rung)?;
            return Ok(Vec::new());
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

    /// Checks that the log has not ended before what was given out. The bell may be rung a moment
    /// after events can be read, so the log itself is asked.
    fn check_end(&self, rung: Option<Position>) -> Result<(), StoreError> {
        match self.last {
            Some(known) if rung < self.last => match self.reader.last_position()? {
                last if last < self.last => Err(StoreError::BehindReceipt { known, last }),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use waystage_core::id::ParticipantId;

    use super::*;
    use crate::event::Key;
    use crate::memory::MemoryStore;

    #[test]
    fn a_follower_that_knows_more_than_the_log_is_told_so() {
        let store = MemoryStore::new("example.org/following");
        let mut following = Following::read_after(&store, Position::new(7));
        let error = following.next(Duration::ZERO);
        assert!(matches!(error, Err(StoreError::BehindReceipt { last: None, .. })));
    }

    /// A log whose bell is rung later than its events can be read.
    struct LateBell;

    impl EventReader for LateBell {
        fn origin(&self) -> &'static str {
            "example.org/following"
        }

        fn last_position(&self) -> Result<Option<Position>, StoreError> {
            Ok(Position::new(7))
        }

        fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
            Ok(Vec::new())
        }

        fn rows_of(&self, _: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
            Ok(Vec::new())
        }

        fn rows_after(
            &self,
            _: Option<Position>,
            _: usize,
        ) -> Result<Vec<StoredEvent>, StoreError> {
            Ok(Vec::new())
        }

        fn wait_after(
            &self,
            _: Option<Position>,
            _: Duration,
        ) -> Result<Option<Position>, StoreError> {
            Ok(Position::new(3))
        }

        fn find(&self, _: &Key) -> Result<Option<StoredEvent>, StoreError> {
            Ok(None)
        }
    }

    #[test]
    fn a_bell_that_is_rung_late_is_no_loss() {
        let mut following = Following::read_after(&LateBell, Position::new(7));
        assert!(matches!(following.next(Duration::ZERO), Ok(rows) if rows.is_empty()));
    }
}
