//! A whole log as lines of JSON: what is carried to somebody who verifies it, or takes it in,
//! without this engine. The form is laid out in `docs/evidence/FORMAT.md`.

mod line;
mod reading;
mod writing;

pub use reading::{ExportRefused, LogExport};
pub use writing::{ExportFailed, export_log};

/// The name of the form, as the first line states it.
pub const FORMAT: &str = "waystage-log/1";
