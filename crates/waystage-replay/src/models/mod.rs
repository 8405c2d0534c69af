//! Read models that are kept: brought up to date by subtracting and adding, built anew beside what
//! answers, compared, checked. Every way of making one goes through the same contribution.

mod check;
mod rebuild;
mod refresh;
mod set;
mod step;
mod tally;

pub(crate) use step::{Step, Touched};

pub use check::{Checked, Difference};
pub use rebuild::{Building, BuiltModels, Switched};
pub use refresh::{Goal, Refreshed, Upkeep};
pub use set::{KeptModel, ModelSet, packs_digest, view_of};
