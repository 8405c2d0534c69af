//! Rules and their dated versions.

use chrono::NaiveDate;
use waystage_core::id::RuleId;
use waystage_core::programme::{Family, Rule, RuleVersion};

use crate::assumed::joined;
use crate::entry::Entry;
use crate::group::groups;
use crate::kind::{Day, Text};
use crate::notes::{Noted, Notes};
use crate::place::Place;
use crate::terms;
use crate::versions::{in_order, once};
use crate::word::word;

/// A rule, and the places at which its versions name a rate table, one for each that does.
pub(crate) struct PlacedRule {
    pub(crate) rule: Rule,
    pub(crate) rate_tables: Vec<(NaiveDate, Place)>,
}

/// Reads the rules of a pack; `known` are the programme's groups, where they could be read.
pub(crate) fn rules(
    entries: &[Entry<'_>],
    known: Option<&[String]>,
    notes: &mut Notes<'_>,
) -> Result<Vec<PlacedRule>, Noted> {
    once(notes, "rule", &Entry::ids(entries));
    let all: Vec<Result<PlacedRule, Noted>> =
        entries.iter().map(|entry| rule(entry, known, notes)).collect();
    all.into_iter().collect()
}

const RULE: &[&str] =
    &["id", "family", "judged_by", "groups", "reference", "assumption", "version"];

fn rule(
    entry: &Entry<'_>,
    known: Option<&[String]>,
    notes: &mut Notes<'_>,
) -> Result<PlacedRule, Noted> {
    entry.only(notes, RULE);
    let id = entry.required(notes, "id", Text);
    let family = entry.required(notes, "family", word::<Family>());
    let judged_by = entry.required(notes, "judged_by", word());
    let reference = entry.required(notes, "reference", Text);
    let groups = groups(entry, known, notes);
    let assumption = entry.optional(notes, "assumption", Text);
    let (mut versions, rate_tables) = versions(entry, notes, family)?;
    let assumption = assumption?;
    for version in &mut versions {
        let own = version.assumption.take();
        version.assumption = joined(assumption.iter().cloned().chain(own));
    }
    let rule = Rule {
        id: RuleId::from(id?),
        family: family?,
        judged_by: judged_by?,
        reference: reference?,
        groups: groups?,
        versions,
    };
    Ok(PlacedRule { rule, rate_tables })
}

type Versions = (Vec<RuleVersion>, Vec<(NaiveDate, Place)>);

fn versions(
    rule: &Entry<'_>,
    notes: &mut Notes<'_>,
    family: Result<Family, Noted>,
) -> Result<Versions, Noted> {
    let entries = rule.some_tables(notes, ("version", "[[rule.version]]"))?;
    let mut days = Vec::new();
    let mut rate_tables = Vec::new();
    let mut all = Vec::new();
    for entry in &entries {
        let effective_from = entry.required(notes, "effective_from", Day);
        let assumption = entry.optional(notes, "assumption", Text);
        let reference = entry.optional(notes, "reference", Text);
        let terms = match family {
            Ok(family) => terms::read(family, entry, notes),
            Err(refusal) => {
                terms::only_of_any(entry, notes);
                Err(refusal)
            }
        };
        if let Ok(day) = effective_from {
            days.push((day, entry.at_value("effective_from")));
            if entry.has("rate_table") {
                rate_tables.push((day, notes.place(entry.at_value("rate_table"))));
            }
        }
        let of_tiers = terms::tier_assumptions(entry);
        let assumption = assumption.map(|own| joined(own.into_iter().chain(of_tiers)));
        all.push((effective_from, terms, assumption, reference));
    }
    in_order(notes, "the version", &days);
    let versions: Result<Vec<RuleVersion>, Noted> = all
        .into_iter()
        .map(|(effective_from, terms, assumption, reference)| {
            Ok(RuleVersion {
                effective_from: effective_from?,
                terms: terms?,
                assumption: assumption?,
                reference: reference?,
            })
        })
        .collect();
    Ok((versions?, rate_tables))
}
