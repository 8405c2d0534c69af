//! The pure heart of `waystage`: facts by step, journeys, rules by family, views, scenarios and
//! contributions. Nothing here does I/O, reads a clock, makes an id or uses a floating-point
//! number: dates, ids and rules come in as arguments, so everything can be replayed.
//!
//! Start with [`journey`] (what happened), then [`rules`] (what a programme's dated rules read of
//! it), then [`contribution`] (how read models are added up).
//!
//! Rules, scenarios and projections cannot name a store, for reading or writing: this crate and
//! those of the projections have none.
//!
//! ```compile_fail,E0432
//! use waystage_core::scenario::Scenario;
//! use waystage_store::EventStore;
//! fn what_if(_: &Scenario, _: &dyn EventStore) {}
//! ```

pub mod calendar;
pub mod contribution;
pub mod determination;
pub mod id;
pub mod journey;
pub mod programme;
pub mod readings;
pub mod replayed;
pub mod rules;
pub mod scenario;
pub mod table;
pub mod time;
pub mod view;
