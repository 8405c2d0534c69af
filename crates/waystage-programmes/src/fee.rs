//! Fees: what an outcome is worth, from which day. A fee names a rule of its own pack.

use waystage_core::id::{RuleId, TierId};
use waystage_core::programme::{Fee, FeeVersion};

use crate::entry::Entry;
use crate::kind::{Day, PENCE, Text};
use crate::nearest::{Instead, listed};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::in_order;

/// A fee may be paid on the start of a participation, which is no rule.
const START: &str = "start";

/// Reads the fees of a pack; `rules` are the rules that they may name.
pub(crate) fn fees(
    entries: &[Entry<'_>],
    rules: &[Entry<'_>],
    notes: &mut Notes<'_>,
) -> Result<Vec<Fee>, Noted> {
    let mut seen: Vec<(&str, Option<&str>, usize)> = Vec::new();
    let mut all = Vec::new();
    for entry in entries {
        if let Some(on) = entry.glance("on") {
            let tier = entry.glance("tier");
            if on != START {
                names_a_rule(entry, notes, (on, tier), rules);
            }
            let first = seen.iter().find(|(o, t, _)| (*o, *t) == (on, tier));
            if let Some((.., first)) = first {
                let what = match tier {
                    Some(tier) => format!("{on:?}, tier {tier:?},"),
                    None => format!("{on:?}"),
                };
                let line = notes.line(*first);
                notes.refuse(entry.at_value("on"), Problem::FeeTwice { what, line });
            }
            seen.push((on, tier, entry.at_value("on")));
        }
        all.push(fee(entry, notes));
    }
    all.into_iter().collect()
}

/// Notes what is paid on a rule or a tier that the pack does not have.
pub(crate) fn names_a_rule(
    entry: &Entry<'_>,
    notes: &mut Notes<'_>,
    (on, tier): (&str, Option<&str>),
    rules: &[Entry<'_>],
) {
    let ids = rules.iter().filter_map(|rule| rule.glance("id"));
    let Some(rule) = rules.iter().find(|rule| rule.glance("id") == Some(on)) else {
        let (id, instead) = (on.to_owned(), Instead::of(on, ids));
        let problem = Problem::FeeWithoutRule { id, instead };
        notes.refuse(entry.at_value("on"), problem);
        return;
    };
    let tiers = tiers_of(rule);
    let rule = on.to_owned();
    match tier {
        Some(tier) if !tiers.contains(&tier) => {
            let instead = Instead::of(tier, tiers);
            let tier = tier.to_owned();
            let problem = Problem::FeeWithoutTier { rule, tier, instead };
            notes.refuse(entry.at_value("tier"), problem);
        }
        None if !tiers.is_empty() && !entry.has("tier") => {
            let (tiers, entry_name) = (listed(&tiers), entry.name);
            let problem = Problem::FeeNeedsTier { rule, tiers, entry: entry_name };
            notes.refuse(entry.at_value("on"), problem);
        }
        _ => {}
    }
}

fn tiers_of<'t>(rule: &Entry<'t>) -> Vec<&'t str> {
    let mut tiers = Vec::new();
    for version in rule.glance_tables("version") {
        for tier in version.glance_tables("tier") {
            tiers.extend(tier.glance("id").filter(|id| !tiers.contains(id)));
        }
    }
    tiers
}

fn fee(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Fee, Noted> {
    entry.only(notes, &["on", "tier", "reference", "version"]);
    let on = entry.required(notes, "on", Text);
    let tier = entry.optional(notes, "tier", Text);
    let reference = entry.optional(notes, "reference", Text);
    let versions = versions(entry, notes);
    Ok(Fee {
        on: RuleId::from(on?),
        tier: tier?.map(TierId::from),
        reference: reference?,
        versions: versions?,
    })
}

fn versions(fee: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<FeeVersion>, Noted> {
    let mut days = Vec::new();
    let mut all = Vec::new();
    for entry in fee.some_tables(notes, ("version", "[[fee.version]]"))? {
        entry.only(notes, &["effective_from", "pence", "assumption", "reference"]);
        let effective_from = entry.required(notes, "effective_from", Day);
        let pence = entry.optional(notes, "pence", PENCE);
        let assumption = entry.optional(notes, "assumption", Text);
        let reference = entry.optional(notes, "reference", Text);
        days.extend(effective_from.map(|day| (day, entry.at_value("effective_from"))));
        all.push((effective_from, pence, assumption, reference));
    }
    in_order(notes, "the version", &days);
    let all = all.into_iter().map(|(effective_from, pence, assumption, reference)| {
        Ok(FeeVersion {
            effective_from: effective_from?,
            pence: pence?,
            assumption: assumption?,
            reference: reference?,
        })
    });
    all.collect()
}
