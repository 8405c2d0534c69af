//! How long a read may take: a snapshot that stays holds the write-ahead log back for everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use waystage_store::StoreError;

use crate::failure::failed;

/// Steps of a statement between two looks at the clock.
const STEPS: i32 = 10_000;

/// The deadline of one read.
pub(crate) struct Deadline {
    allowed: Duration,
    passed: Arc<AtomicBool>,
}

impl Deadline {
    /// Lets every statement of a connection be interrupted once the time is up.
    pub(crate) fn set(connection: &mut Connection, allowed: Duration) -> Result<Self, StoreError> {
        let passed = Arc::new(AtomicBool::new(false));
        let (told, begun) = (Arc::clone(&passed), Instant::now());
        let is_over = move || {
            let is_over = begun.elapsed() > allowed;
            if is_over {
                told.store(true, Ordering::Relaxed);
            }
            is_over
        };
        connection.progress_handler(STEPS, Some(is_over)).map_err(failed)?;
        Ok(Self { allowed, passed })
    }

    /// Says that it was the deadline, where a read failed for it.
    pub(crate) fn judge<T>(self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        match answer {
            Err(_) if self.passed.load(Ordering::Relaxed) => {
                Err(StoreError::ReadTooLong { allowed: self.allowed })
            }
            answer => answer,
        }
    }
}
