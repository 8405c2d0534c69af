//! A bell: whoever waits for new events is woken when some were recorded, so that nobody polls.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use waystage_core::id::Position;

/// A bell that remembers the last position that it was rung for.
#[derive(Debug, Default)]
pub struct Wakeup {
    last: Mutex<Option<Position>>,
    rung: Condvar,
}

impl Wakeup {
    /// Returns a bell that was last rung for this position.
    pub fn new(last: Option<Position>) -> Self {
        Self { last: Mutex::new(last), rung: Condvar::new() }
    }

    /// Rings for a position that can be read now.
    pub fn ring(&self, position: Position) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = last.max(Some(position));
        self.rung.notify_all();
    }

    /// Waits until it was rung for something after a position, for as long as `patience` at most,
    /// and returns the last position that it was rung for.
    pub fn wait_after(&self, position: Option<Position>, patience: Duration) -> Option<Position> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing_new = |last: &mut Option<Position>| *last <= position;
        let (last, _) = self
            .rung
            .wait_timeout_while(last, patience, nothing_new)
            .unwrap_or_else(PoisonError::into_inner);
        *last
    }
}
