//! What comes in and goes out: the journey extract, a folder of CSV files that a provider's
//! case-management system can export; a file of payments to compare a log with; and a whole log as
//! lines of JSON.

mod extract;
pub mod log;
mod payments;
mod result_file;

pub use extract::{
    Code, Counted, Extract, ExtractRefused, FileCounts, FileName, Import, ImportError, Imported,
    Intake, Known, Reject, import, judge,
};
pub use payments::{PaidRow, PaymentsRefused, payments, read_payments};
pub use result_file::{result_file, value_json};
