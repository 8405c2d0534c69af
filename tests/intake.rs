//! Every reject code and every malformed file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/texts.rs"]
mod texts;

#[path = "intake/amendments.rs"]
mod amendments;
#[path = "intake/codes.rs"]
mod codes;
#[path = "intake/corrections.rs"]
mod corrections;
#[path = "intake/duplicates.rs"]
mod duplicates;
#[path = "intake/forms.rs"]
mod forms;
#[path = "intake/given.rs"]
mod given;
#[path = "intake/months.rs"]
mod months;
#[path = "intake/mutations.rs"]
mod mutations;
#[path = "intake/precedence.rs"]
mod precedence;
#[path = "intake/references.rs"]
mod references;
#[path = "intake/refusals.rs"]
mod refusals;
