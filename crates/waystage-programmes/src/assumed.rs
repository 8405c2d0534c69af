//! What is assumed where a source is silent, said beside values that the core keeps together:
//! a rule and its tiers speak in each version, a table speaks in its reference.

use crate::entry::Entry;
use crate::kind::Text;
use crate::notes::{Noted, Notes};

/// Joins what is assumed about one thing; none where nothing is.
pub(crate) fn joined(all: impl IntoIterator<Item = String>) -> Option<String> {
    let all: Vec<String> = all.into_iter().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Reads the reference of a table with its assumption, so that none is printed without the other.
pub(crate) fn reference(table: &Entry<'_>, notes: &mut Notes<'_>) -> Result<String, Noted> {
    let reference = table.required(notes, "reference", Text);
    let assumption = table.optional(notes, "assumption", Text);
    let (reference, assumption) = (reference?, assumption?);
    Ok(match assumption {
        Some(assumption) => format!("{reference} (assumed: {assumption})"),
        None => reference,
    })
}
