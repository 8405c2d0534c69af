//! A hook for whoever counts what an engine does: numbers under names, never what was recorded.

use std::time::Duration;

/// Takes in what an engine did. The names are part of the public face; `docs/guides/observe.md`
/// lists them.
pub trait Meter: Send + Sync {
    /// So many more of something happened.
    fn count(&self, name: &'static str, by: u64);

    /// Something took so long, by the engine's own clock.
    fn took(&self, name: &'static str, duration: Duration);

    /// Something stands at this height now.
    fn level(&self, name: &'static str, at: u64);
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMeter;

impl Meter for NoMeter {
    fn count(&self, _: &'static str, _: u64) {}

    fn took(&self, _: &'static str, _: Duration) {}

    fn level(&self, _: &'static str, _: u64) {}
}
