//! Calendars of bank holidays.

use waystage_core::calendar::BankHolidays;
use waystage_core::id::CalendarId;

use crate::assumed::reference;
use crate::entry::Entry;
use crate::kind::{Day, Text};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::place::Place;
use crate::versions::once;

/// Reads the calendars of a file, each with the place of its id.
pub(crate) fn calendars(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<(BankHolidays, Place)>, Noted> {
    let entries = file.tables(notes, ("calendar", "[[calendar]]"))?;
    once(notes, "calendar", &Entry::ids(&entries));
    let all: Vec<Result<(BankHolidays, Place), Noted>> = entries
        .iter()
        .map(|entry| Ok((calendar(entry, notes)?, notes.place(entry.at_value("id")))))
        .collect();
    all.into_iter().collect()
}

fn calendar(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<BankHolidays, Noted> {
    entry.only(notes, &["id", "name", "reference", "assumption", "holidays"]);
    let id = entry.required(notes, "id", Text);
    let name = entry.required(notes, "name", Text);
    let reference = reference(entry, notes);
    let holidays = entry.required(notes, "holidays", List(Day));
    Ok(BankHolidays {
        id: CalendarId::from(id?),
        name: name?,
        reference: reference?,
        days: holidays?.into_iter().collect(),
    })
}
