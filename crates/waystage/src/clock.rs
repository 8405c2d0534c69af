//! The clock and the source of ids. They are handed to an engine, so that tests and audits decide
//! what time it is; these two are the only ones in the workspace that ask the machine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use ulid::{Generator, Ulid};
use waystage_core::id::EventId;
use waystage_core::time::Timestamp;

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// Returns the present instant.
    fn now(&self) -> Timestamp;
}

/// Makes ids that were never made before.
pub trait IdSource: Send + Sync {
    /// Returns a new id that carries this instant.
    fn next(&self, now: Timestamp) -> EventId;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(DateTime::<Utc>::from(SystemTime::now()))
    }
}

/// A clock that several engines share.
#[derive(Clone)]
pub(crate) struct SharedClock(pub(crate) Arc<dyn Clock>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// ULIDs from the machine's randomness, rising within one millisecond.
#[derive(Debug, Default)]
pub struct SystemIds {
    generator: Mutex<Generator>,
}

impl IdSource for SystemIds {
    fn next(&self, now: Timestamp) -> EventId {
        let instant = u64::try_from(now.micros()).unwrap_or(0);
        let instant = UNIX_EPOCH + Duration::from_micros(instant);
        let mut generator = self.generator.lock().unwrap_or_else(PoisonError::into_inner);
        let ulid = generator
            .generate_from_datetime(instant)
            .unwrap_or_else(|_| Ulid::from_datetime(instant));
        EventId::from_bytes(ulid.to_bytes())
    }
}

/// Returns how long it is from one instant to a later one; nothing where the clock stepped back.
pub(crate) fn since(begun: Timestamp, ended: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(ended.micros() - begun.micros()).unwrap_or(0))
}
