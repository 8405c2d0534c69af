//! Family `earnings`: earnings reach a threshold inside a window. A version has one threshold of
//! its own or one in each of its tiers.

use waystage_core::id::{RateTableId, TierId};
use waystage_core::rules::{Earnings, Threshold};

use super::day_count;
use crate::entry::Entry;
use crate::kind::{HOURS, Text, WEEKS, WINDOW};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::once;
use crate::word::word;

pub(super) const KEYS: &[&str] =
    &["window_days", "day_count", "hours_per_week", "weeks", "rate_table", "rate_as_of", "tier"];

pub(super) const TIER: (&str, &str) = ("tier", "[[rule.version.tier]]");

pub(super) fn read(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Earnings, Noted> {
    let window_days = version.required(notes, "window_days", WINDOW);
    let day_count = day_count(version, notes, ("window_days", window_days.ok()));
    let rate_table = version.required(notes, "rate_table", Text);
    let rate_as_of = version.required(notes, "rate_as_of", word());
    let thresholds = thresholds(version, notes);
    Ok(Earnings {
        window_days: window_days?,
        day_count: day_count?,
        thresholds: thresholds?,
        rate_table: RateTableId::from(rate_table?),
        rate_as_of: rate_as_of?,
    })
}

fn thresholds(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<Threshold>, Noted> {
    let own = ["hours_per_week", "weeks"].into_iter();
    let own = own.filter(|key| version.has(key)).collect::<Vec<_>>();
    match (own.as_slice(), version.has(TIER.0)) {
        ([], true) => tiers(version, notes),
        ([], false) => Err(notes.refuse(version.at, Problem::NoThreshold {})),
        (_, false) => Ok(vec![threshold(version, notes, None)?]),
        (_, true) => {
            // The tiers are read all the same, for the errors that they have themselves.
            let tiers = tiers(version, notes);
            let mut refuse = |key: &&'static str| {
                notes.refuse(version.at_key(key), Problem::TiersAndThreshold { key })
            };
            own.iter().map(&mut refuse).last().map_or(tiers, Err)
        }
    }
}

fn threshold(
    entry: &Entry<'_>,
    notes: &mut Notes<'_>,
    tier: Option<TierId>,
) -> Result<Threshold, Noted> {
    let weekly = entry.required(notes, "hours_per_week", HOURS);
    let weeks = entry.required(notes, "weeks", WEEKS);
    Ok(Threshold { tier, weekly: weekly?, weeks: weeks? })
}

fn tiers(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<Threshold>, Noted> {
    let entries = version.some_tables(notes, TIER)?;
    once(notes, "tier", &Entry::ids(&entries));
    let all: Vec<Result<Threshold, Noted>> = entries
        .iter()
        .map(|entry| {
            entry.only(notes, &["id", "hours_per_week", "weeks", "assumption"]);
            let id = entry.required(notes, "id", Text);
            let threshold = threshold(entry, notes, None);
            // Its text is for the version: a threshold has no place for it.
            entry.optional(notes, "assumption", Text)?;
            Ok(Threshold { tier: Some(TierId::from(id?)), ..threshold? })
        })
        .collect();
    all.into_iter().collect()
}
