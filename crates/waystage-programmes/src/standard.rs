//! Service standards: from one milestone to another, within days or working days.

use waystage_core::programme::{Standard, Within};

use crate::entry::Entry;
use crate::kind::{DAYS_OR_NONE, Text};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::once;
use crate::word::word;

pub(crate) const WORKING_DAYS: &str = "within_working_days";
const DAYS: &str = "within_days";

/// Reads the standards of a pack.
pub(crate) fn standards(
    entries: &[Entry<'_>],
    notes: &mut Notes<'_>,
) -> Result<Vec<Standard>, Noted> {
    once(notes, "standard", &Entry::ids(entries));
    let all: Vec<Result<Standard, Noted>> =
        entries.iter().map(|entry| standard(entry, notes)).collect();
    all.into_iter().collect()
}

/// Notes standards in working days, in a pack that has no calendar to count them in.
pub(crate) fn without_calendar(
    entries: &[Entry<'_>],
    (what, key): (&'static str, &'static str),
    notes: &mut Notes<'_>,
) {
    for entry in entries.iter().filter(|entry| entry.has(key)) {
        notes.refuse(entry.at_key(key), Problem::WorkingDaysWithoutCalendar { what });
    }
}

fn standard(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Standard, Noted> {
    entry.only(notes, &["id", "from", "to", WORKING_DAYS, DAYS, "assumption", "reference"]);
    let id = entry.required(notes, "id", Text);
    let from = entry.required(notes, "from", word());
    let to = entry.required(notes, "to", word());
    let within = within(entry, notes);
    let assumption = entry.optional(notes, "assumption", Text);
    let reference = entry.optional(notes, "reference", Text);
    let standard = Standard {
        id: id?,
        from: from?,
        to: to?,
        within: within?,
        assumption: assumption?,
        reference: reference?,
    };
    if standard.from == standard.to {
        let milestone = standard.to.as_str();
        return Err(notes.refuse(entry.at_value("to"), Problem::SameMilestone { milestone }));
    }
    Ok(standard)
}

fn within(standard: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Within, Noted> {
    let working_days = standard.optional(notes, WORKING_DAYS, DAYS_OR_NONE);
    let days = standard.optional(notes, DAYS, DAYS_OR_NONE);
    let (first, second, entry) = (WORKING_DAYS, DAYS, standard.name);
    match (working_days?, days?) {
        (Some(days), None) => Ok(Within::WorkingDays(days)),
        (None, Some(days)) => Ok(Within::Days(days)),
        (Some(_), Some(_)) => {
            let problem = Problem::BothGiven { first, second, entry };
            Err(notes.refuse(standard.at_key(second), problem))
        }
        (None, None) => {
            let problem = Problem::NeitherGiven {
                first,
                second,
                entry,
                write: "within_working_days = 2 or within_days = 14",
            };
            Err(notes.refuse(standard.at, problem))
        }
    }
}
