//! Family `self_employed_days`: so many days of self-employment inside a window.

use waystage_core::calendar::DayCount;
use waystage_core::rules::SelfEmployedDays;

use super::{day_count, silence_days};
use crate::entry::Entry;
use crate::kind::{DAYS, WINDOW};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

pub(super) const KEYS: &[&str] = &["days", "window_days", "day_count", "silence_days"];

pub(super) fn read(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<SelfEmployedDays, Noted> {
    let days = version.required(notes, "days", DAYS);
    let window_days = version.required(notes, "window_days", WINDOW);
    let day_count = day_count(version, notes, ("window_days", window_days.ok()));
    let silence_days = silence_days(version, notes);
    let (days, window_days, day_count) = (days?, window_days?, day_count?);
    // A window that counts the start as day 0 has one day more than its number.
    let limit = window_days + u32::from(day_count == DayCount::StartIsDay0);
    if days > limit {
        let problem = Problem::DoesNotFit {
            key: "days",
            given: days,
            window: "window_days",
            limit,
            unit: "days",
        };
        return Err(notes.refuse(version.at_value("days"), problem));
    }
    Ok(SelfEmployedDays { days, window_days, day_count, silence_days: silence_days? })
}
