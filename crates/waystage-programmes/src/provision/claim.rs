//! What a claim needs: a wait, a number of attempts, kinds of evidence, and the last
//! day. An easement is a version.

use chrono::NaiveDate;
use waystage_core::id::RuleId;
use waystage_core::programme::{ClaimRule, ClaimTerms, Within};

use super::{Named, ground, named_in_the_pack};
use crate::entry::Entry;
use crate::kind::{DAYS_OR_NONE, Day, Text, Whole};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::{in_order, once};
use crate::word::word;

const ATTEMPTS: Whole<u32> = Whole::new(1, 100, 3);
pub(crate) const WORKING_DAYS: &str = "wait_working_days";
const DAYS: &str = "wait_days";
const LINE_CLOSES: &str = "line_closes";

/// Reads the claim rules.
pub(super) fn claims(
    file: &Entry<'_>,
    named: &Named<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<ClaimRule>, Noted> {
    let entries = file.tables(notes, ("claim", "[[claim]]"))?;
    let rules: Vec<(&str, usize)> = entries
        .iter()
        .filter_map(|entry| Some((entry.glance("on")?, entry.at_value("on"))))
        .collect();
    once(notes, "claim", &rules);
    let all: Vec<_> = entries
        .iter()
        .map(|entry| {
            named_in_the_pack(entry, notes, ("on", "rule"), named.rule_ids());
            entry.only(notes, &["on", "version"]);
            let on = entry.required(notes, "on", Text);
            let versions = versions(entry, notes);
            Ok(ClaimRule { on: RuleId::from(on?), versions: versions? })
        })
        .collect();
    all.into_iter().collect()
}

fn versions(claim: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<ClaimTerms>, Noted> {
    let entries = claim.some_tables(notes, ("version", "[[claim.version]]"))?;
    let mut days = Vec::new();
    let mut all = Vec::new();
    for entry in entries {
        let keys = [
            "effective_from",
            WORKING_DAYS,
            DAYS,
            "attempts",
            "evidence",
            LINE_CLOSES,
            "reference",
            "assumption",
        ];
        entry.only(notes, &keys);
        let effective_from = entry.required(notes, "effective_from", Day);
        let wait = wait(&entry, notes);
        let attempts = entry.optional(notes, "attempts", ATTEMPTS);
        let evidence = entry.optional(notes, "evidence", List(word()));
        let line_closes = line_closes(&entry, effective_from, notes);
        let ground = ground(&entry, notes);
        days.extend(effective_from.map(|day| (day, entry.at_value("effective_from"))));
        all.push((effective_from, wait, attempts, evidence, line_closes, ground));
    }
    in_order(notes, "the version", &days);
    let all = all.into_iter().map(|each| {
        let (effective_from, wait, attempts, evidence, line_closes, ground) = each;
        Ok(ClaimTerms {
            effective_from: effective_from?,
            wait: wait?,
            attempts: attempts?,
            evidence: evidence?.unwrap_or_default(),
            line_closes: line_closes?,
            ground: ground?,
        })
    });
    all.collect()
}

/// Reads the last day on which a claim may be made; a version that begins after it is for nobody.
fn line_closes(
    version: &Entry<'_>,
    from: Result<NaiveDate, Noted>,
    notes: &mut Notes<'_>,
) -> Result<Option<NaiveDate>, Noted> {
    let last = version.optional(notes, LINE_CLOSES, Day)?;
    match (from, last) {
        (Ok(from), Some(until)) if until < from => {
            let problem = Problem::SpanBackwards { entry: version.name, from, until };
            Err(notes.refuse(version.at_value(LINE_CLOSES), problem))
        }
        _ => Ok(last),
    }
}

fn wait(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Option<Within>, Noted> {
    let working_days = version.optional(notes, WORKING_DAYS, DAYS_OR_NONE);
    let days = version.optional(notes, DAYS, DAYS_OR_NONE);
    match (working_days?, days?) {
        (Some(_), Some(_)) => {
            let entry = version.name;
            let problem = Problem::BothGiven { first: WORKING_DAYS, second: DAYS, entry };
            Err(notes.refuse(version.at_key(DAYS), problem))
        }
        (Some(days), None) => Ok(Some(Within::WorkingDays(days))),
        (None, Some(days)) => Ok(Some(Within::Days(days))),
        (None, None) => Ok(None),
    }
}
