//! Generated worlds: two programmes with rules of every family, a few people with dense lives, and
//! corrections of corrections, so that laws are tried where they could fail. A world shrinks to
//! fewer people and fewer facts.

mod draft;
mod life;
mod programme;
mod rules;

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::prelude::*;
use waystage_core::calendar::days_after;
use waystage_core::id::ParticipantId;
use waystage_core::programme::Adoptions;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::NewEvent;

pub use programme::{OTHER, PROGRAMME};

/// A generated world.
#[derive(Debug, Clone)]
pub struct World {
    /// The programmes that it reads with.
    pub adoptions: Adoptions,
    /// Its events, each with whose stream it belongs to, in the order of being told.
    pub events: Vec<(ParticipantId, NewEvent)>,
    /// A view within it.
    pub view: View,
}

/// Returns worlds.
pub fn worlds() -> impl Strategy<Value = World> {
    let views = (0_u16..900, 0_u16..1000, any::<bool>());
    (vec(rules::rule(), 1..6), vec(draft::person(), 1..4), views).prop_map(
        |(rules, people, view)| {
            let people = people.iter().enumerate();
            let events = people.flat_map(|(index, person)| life::lived(index, person));
            let mut events: Vec<_> = events.collect();
            events.sort_by_key(|(_, event)| (event.reported_at, event.id));
            World { adoptions: programme::adopted(&rules), events, view: viewed(view) }
        },
    )
}

fn viewed((as_of, known, reported): (u16, u16, bool)) -> View {
    let basis = if reported { Basis::Reported } else { Basis::Recorded };
    View::new(days_after(first_day(), u32::from(as_of)), noon(u32::from(known))).basis(basis)
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 1, 20).unwrap_or_default()
}

/// Returns noon of the day that many days after the first.
pub fn noon(day: u32) -> Timestamp {
    let midnight = days_after(first_day(), day).and_hms_opt(12, 0, 0).unwrap_or_default();
    Timestamp::from_micros(midnight.and_utc().timestamp_micros())
}

/// Returns the view of everything that a world ever tells, up to its last day.
pub fn far_end(basis: Basis) -> View {
    View::new(days_after(first_day(), 2000), noon(3000)).basis(basis)
}
