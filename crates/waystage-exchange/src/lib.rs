//! What comes in and goes out. So far: the journey extract, a folder of CSV files that a provider's
//! case-management system can export; and a file of payments to compare a log with.

mod extract;
mod payments;

pub use extract::{
    Code, Counted, Extract, ExtractRefused, FileCounts, FileName, Import, ImportError, Imported,
    Intake, Known, Reject, import, judge,
};
pub use payments::{PaidRow, PaymentsRefused, payments, read_payments};
