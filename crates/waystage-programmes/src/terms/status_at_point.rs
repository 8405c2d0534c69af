//! Family `status_at_point`: in work within days of the exit; the day of the exit alone is 0.

use waystage_core::rules::StatusAtPoint;

use super::{sector, silence_days};
use crate::entry::Entry;
use crate::kind::DAYS_OR_NONE;
use crate::notes::{Noted, Notes};

pub(super) const KEYS: &[&str] = &["within_days", "sector", "silence_days"];

pub(super) fn read(version: &Entry<'_>, notes: &mut Notes<'_>) -> Result<StatusAtPoint, Noted> {
    let within_days = version.required(notes, "within_days", DAYS_OR_NONE);
    let sector = sector(version, notes);
    let silence_days = silence_days(version, notes);
    Ok(StatusAtPoint { within_days: within_days?, sector: sector?, silence_days: silence_days? })
}
