//! What a version of a rule demands: one file per rule family, each with the keys that belong to
//! it. Here is what families share, and the refusal of keys that belong to another.

mod anchored;
mod continuous;
mod earnings;
mod job_start;
mod self_employed_days;
mod status_at_point;
mod weeks_in_window;

use waystage_core::calendar::DayCount;
use waystage_core::programme::{Family, Terms};
use waystage_core::rules::{MultipleJobs, SectorRule, WorkTest};

use crate::entry::Entry;
use crate::kind::{DAYS_OR_NONE, HOURS_OR_NONE};
use crate::nearest::{Instead, listed};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::word::word;

/// Keys that a version of any family may have.
const COMMON: &[&str] = &["effective_from", "assumption", "reference"];

/// A key that the pack language has and nothing can read yet.
const OFF_BENEFIT: &str = "off_benefit";

const fn keys(family: Family) -> &'static [&'static str] {
    match family {
        Family::JobStart => job_start::KEYS,
        Family::Earnings => earnings::KEYS,
        Family::SelfEmployedDays => self_employed_days::KEYS,
        Family::WeeksInWindow => weeks_in_window::KEYS,
        Family::Continuous => continuous::KEYS,
        Family::StatusAtPoint => status_at_point::KEYS,
    }
}

/// Reads what a version demands.
pub(crate) fn read(
    family: Family,
    version: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Terms, Noted> {
    only_of(family, version, notes);
    match family {
        Family::JobStart => job_start::read(version, notes).map(Terms::JobStart),
        Family::Earnings => earnings::read(version, notes).map(Terms::Earnings),
        Family::SelfEmployedDays => {
            self_employed_days::read(version, notes).map(Terms::SelfEmployedDays)
        }
        Family::WeeksInWindow => weeks_in_window::read(version, notes).map(Terms::WeeksInWindow),
        Family::Continuous => continuous::read(version, notes).map(Terms::Continuous),
        Family::StatusAtPoint => status_at_point::read(version, notes).map(Terms::StatusAtPoint),
    }
}

/// Notes the keys that belong to no family, where the family itself could not be read.
pub(crate) fn only_of_any(version: &Entry<'_>, notes: &mut Notes<'_>) {
    let all = Family::ALL.iter().flat_map(|family| keys(*family));
    let mut allowed: Vec<&str> = COMMON.iter().chain(all).copied().collect();
    allowed.sort_unstable();
    allowed.dedup();
    refuse_off_benefit(version, notes);
    version.only_but(notes, &allowed, &[OFF_BENEFIT]);
}

/// Returns what is assumed in the tiers of a version, each with the name of its tier.
pub(crate) fn tier_assumptions(version: &Entry<'_>) -> Vec<String> {
    let tiers = version.glance_tables(earnings::TIER.0);
    let said = tiers.iter().filter_map(|tier| {
        let (id, assumption) = (tier.glance("id")?, tier.glance("assumption")?);
        Some(format!("tier {id}: {assumption}"))
    });
    said.collect()
}

fn refuse_off_benefit(version: &Entry<'_>, notes: &mut Notes<'_>) {
    if version.has(OFF_BENEFIT) {
        notes.refuse(version.at_key(OFF_BENEFIT), Problem::OffBenefit {});
    }
}

fn only_of(family: Family, version: &Entry<'_>, notes: &mut Notes<'_>) {
    let allowed: Vec<&str> = COMMON.iter().chain(keys(family)).copied().collect();
    refuse_off_benefit(version, notes);
    let is_known = |key: &str| allowed.contains(&key) || key == OFF_BENEFIT;
    for (key, at) in version.keys().filter(|(key, _)| !is_known(key)) {
        let owners: Vec<&str> = Family::ALL
            .iter()
            .filter(|owner| keys(**owner).contains(&key))
            .map(|owner| owner.as_str())
            .collect();
        let key = key.to_owned();
        let problem = if owners.is_empty() {
            let instead = Instead::of(&key, allowed.iter().copied());
            let entry = version.name;
            Problem::UnknownKey { key, entry, instead }
        } else {
            let owners = listed(&owners);
            Problem::NotOfFamily { key, family, owners }
        };
        notes.refuse(at, problem);
    }
}

/// Reads how the days of a window are counted: required where the key of the window is given, the
/// start being day 1 otherwise. A window of no days is the start alone where that is day 0, and
/// refused where it is day 1, because it would have no day.
fn day_count(
    version: &Entry<'_>,
    notes: &mut Notes<'_>,
    (window, days): (&'static str, Option<u32>),
) -> Result<DayCount, Noted> {
    if !version.has(window) {
        let given = version.optional(notes, "day_count", word())?;
        return Ok(given.unwrap_or(DayCount::StartIsDay1));
    }
    match (version.required_beside(notes, ("day_count", window), word())?, days) {
        (DayCount::StartIsDay1, Some(0)) => {
            let problem = Problem::WindowWithoutDay { key: window };
            Err(notes.refuse(version.at_value(window), problem))
        }
        (day_count, _) => Ok(day_count),
    }
}

fn sector(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<SectorRule, Noted> {
    let given = version.optional(notes, "sector", word())?;
    Ok(given.unwrap_or(SectorRule::Any))
}

fn silence_days(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Option<u32>, Noted> {
    version.optional(notes, "silence_days", DAYS_OR_NONE)
}

/// Reads when a day counts; no hours mean any work at all.
fn work_test(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<WorkTest, Noted> {
    let sector = sector(version, notes);
    let multiple_jobs = version.optional(notes, "multiple_jobs", word());
    let min_weekly = version.optional(notes, "min_weekly_hours", HOURS_OR_NONE);
    let silence_days = silence_days(version, notes);
    Ok(WorkTest {
        sector: sector?,
        multiple_jobs: multiple_jobs?.unwrap_or(MultipleJobs::Sum),
        min_weekly: min_weekly?.filter(|least| least.0 > 0),
        silence_days: silence_days?,
    })
}
