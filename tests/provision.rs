//! What programmes say beside their outcomes, read on made-up journeys: every expected value is
//! worked out by hand from the pack and the rows beside this file, and a remark says how.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "provision/models.rs"]
mod models;
#[path = "provision/readings.rs"]
mod readings;
#[path = "provision/taken.rs"]
mod taken;
#[path = "support/texts.rs"]
mod texts;
#[path = "provision/world.rs"]
mod world;

use std::sync::OnceLock;

use chrono::NaiveDate;
use waystage::Engine;
use waystage_core::readings::Case;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};

use taken::taken;

/// Returns the engine that the tests read from.
fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(taken)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The view of most tests: the first of October 2024, everything known.
const LATE: &str = "2024-10-01";

fn view(as_of: &str) -> View {
    View::new(day(as_of), Timestamp::MAX).basis(Basis::Reported)
}

/// Returns what is read of a participation as of a day.
fn of<T: Send>(participation: &str, as_of: &str, look: impl Fn(&Case<'_>) -> T + Sync) -> T {
    let lens = engine().lens(view(as_of)).unwrap();
    let looked = engine().replay(&lens).each(|replayed| {
        let found =
            Case::all(replayed).find(|case| case.participation.reference.as_str() == participation);
        found.map(|case| look(&case))
    });
    let mut looked = looked.unwrap().into_iter().flatten();
    looked.next().unwrap_or_else(|| panic!("{participation} is not in view on {as_of}"))
}
