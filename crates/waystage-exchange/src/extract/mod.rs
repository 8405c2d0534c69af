//! The journey extract: twelve kinds of CSV file, every row one fact. Reading a folder, judging its
//! rows and recording the accepted ones are three steps, so that a dry run is the first two.

mod amend;
mod cell;
mod chains;
mod csv_text;
mod import;
mod judge;
mod known;
mod report;
mod row;
mod shape;

pub(crate) use csv_text::record_lines;
pub use csv_text::{Extract, ExtractRefused};
pub use import::{Import, ImportError, Imported, import};
pub use judge::{Intake, judge};
pub use known::Known;
pub use report::{Code, Counted, FileCounts, Reject};
pub use shape::FileName;
