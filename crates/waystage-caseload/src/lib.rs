//! Projections about one participant: the caseload row of a participation, what each key worker
//! carries, and the timeline that reads like a case file.

mod caseload;
mod describe;
mod key_workers;
mod timeline;

pub use caseload::{Caseload, CaseloadRow};
pub use describe::{describe, pounds};
pub use key_workers::{KeyWorkerRow, KeyWorkers, KeyWorkersKey};
pub use timeline::{Entry, Fate, Timeline};
