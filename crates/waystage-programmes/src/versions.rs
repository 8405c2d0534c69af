//! What dated and named entries have in common: days of their own in order, ids of their own.

use chrono::NaiveDate;

use crate::notes::Notes;
use crate::problem::Problem;

/// Notes days that stand twice or out of order; each comes with its place.
pub(crate) fn in_order(notes: &mut Notes<'_>, what: &'static str, days: &[(NaiveDate, usize)]) {
    for (number, (day, at)) in days.iter().enumerate() {
        let earlier = days.get(..number).unwrap_or_default();
        let same = earlier.iter().find(|(other, _)| other == day);
        let latest = earlier.iter().map(|(other, _)| *other).max();
        let problem = match (same, latest) {
            (Some((_, first)), _) => {
                Problem::OverlappingVersions { what, day: *day, line: notes.line(*first) }
            }
            (None, Some(after)) if *day < after => Problem::OutOfOrder { what, day: *day, after },
            _ => continue,
        };
        notes.refuse(*at, problem);
    }
}

/// Notes ids that stand twice; each comes with its place.
pub(crate) fn once(notes: &mut Notes<'_>, what: &'static str, ids: &[(&str, usize)]) {
    for (number, (id, at)) in ids.iter().enumerate() {
        let earlier = ids.get(..number).unwrap_or_default();
        if let Some((_, first)) = earlier.iter().find(|(other, _)| other == id) {
            let problem = Problem::IdTwice { what, id: (*id).to_owned(), line: notes.line(*first) };
            notes.refuse(*at, problem);
        }
    }
}
