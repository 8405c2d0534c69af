//! Projections about one participant: the caseload row of a participation, and the timeline that
//! reads like a case file.

mod caseload;
mod describe;
mod timeline;

pub use caseload::{Caseload, CaseloadRow};
pub use describe::{describe, pounds};
pub use timeline::{Entry, Fate, Timeline};
