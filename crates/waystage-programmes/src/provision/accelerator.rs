//! Accelerators: what is paid more for each outcome of a cohort above a number.

use waystage_core::id::{RuleId, TierId};
use waystage_core::programme::Accelerator;

use super::{Named, ground};
use crate::entry::Entry;
use crate::fee::names_a_rule;
use crate::kind::{PENCE, Text, Whole};
use crate::notes::{Noted, Notes};
use crate::versions::once;
use crate::word::word;

const OUTCOMES: Whole<u32> = Whole::new(0, 10_000_000, 100);

/// Reads the accelerators.
pub(super) fn accelerators(
    file: &Entry<'_>,
    named: &Named<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<Accelerator>, Noted> {
    let entries = file.tables(notes, ("accelerator", "[[accelerator]]"))?;
    let outcomes: Vec<(String, usize)> = entries
        .iter()
        .filter_map(|entry| {
            let (on, tier) = (entry.glance("on")?, entry.glance("tier"));
            names_a_rule(entry, notes, (on, tier), named.rules);
            let outcome = tier.map_or_else(|| on.to_owned(), |tier| format!("{on}/{tier}"));
            Some((outcome, entry.at_value("on")))
        })
        .collect();
    let outcomes: Vec<_> = outcomes.iter().map(|(outcome, at)| (outcome.as_str(), *at)).collect();
    once(notes, "accelerator", &outcomes);
    let all: Vec<_> = entries.iter().map(|entry| accelerator(entry, notes)).collect();
    all.into_iter().collect()
}

fn accelerator(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Accelerator, Noted> {
    entry.only(notes, &["on", "tier", "cohort", "above", "pence_more", "reference", "assumption"]);
    let on = entry.required(notes, "on", Text);
    let tier = entry.optional(notes, "tier", Text);
    let cohort = entry.required(notes, "cohort", word());
    let above = entry.required(notes, "above", OUTCOMES);
    let pence = entry.optional(notes, "pence_more", PENCE);
    let ground = ground(entry, notes);
    Ok(Accelerator {
        on: RuleId::from(on?),
        tier: tier?.map(TierId::from),
        cohort: cohort?,
        above: above?,
        pence: pence?,
        ground: ground?,
    })
}
