//! The laws, tried on generated worlds.
//!
//! Of a read model: [`projection`] tries them all with one call, [`model`] where only cells are
//! known, [`contributions`] where there are no tables; [`Tries`] says how often, and answers
//! instead of panicking. Of readings and stores: a function each, from a world to nothing or to
//! what broke the law.

mod cells;
mod difference;
mod due;
mod knowledge;
mod law;
mod models;
mod order;
mod readings;
mod scenarios;
mod sums;
mod trial;

pub use law::{Broken, Law, Tries};
pub use models::{contributions, model, projection};
pub use readings::{
    Read, Upheld, arrival_order, because_alone, honest, read_all, readings, record, recorded,
    same_in_both, scenario,
};
