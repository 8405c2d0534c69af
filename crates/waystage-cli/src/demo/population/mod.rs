//! A journey extract of a Greater-Manchester-like population, generated: what a newcomer imports
//! first. Pure code, no clock and no files, so the same plan gives the same bytes everywhere.
//! Nobody in it is real, and no history in it says how any organisation performed.

mod calendar;
mod chance;
mod claims;
mod closing;
mod corrections;
mod diagnostics;
mod figures;
mod funnel;
mod interventions;
mod pay;
mod people;
mod programmes;
mod sheets;
mod source;
mod support;
#[cfg(test)]
mod tests;
mod work;

use sheets::Sheets;
use source::Source;

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// How many participants the extract has.
    pub(crate) participants: u32,
    /// What the generated lives depend on, and nothing else does.
    pub(crate) seed: u64,
}

/// One file of the extract, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExtractFile {
    /// The name of the file in the extract's folder, such as `jobs.csv`.
    pub(crate) name: &'static str,
    /// The whole file, header row included.
    pub(crate) text: String,
}

/// Generates the extract: same plan, same bytes, always.
///
/// Every participant has a stream of chance of their own, so the first hundred of a large
/// population live the same lives as a population of a hundred.
pub(crate) fn generate(plan: &Plan) -> Vec<ExtractFile> {
    let mut sheets = Sheets::new();
    for number in 1..=plan.participants {
        people::live(&mut Source::of_participant(&mut sheets, plan.seed, number), number);
    }
    sheets.into_files()
}
