//! `[[rates]]` and `[[holidays]]`: rows of rate tables and days of calendars, set over those in
//! force, and over those of earlier entries of the same file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::calendar::BankHolidays;
use waystage_core::id::{CalendarId, RateTableId};
use waystage_core::programme::{RateRow, RateTable};
use waystage_core::scenario::Overlay;

use super::Standing;
use crate::entry::Entry;
use crate::kind::{Day, Text, Truth};
use crate::list::List;
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::rates::PENCE;
use crate::versions::in_order;

/// Reads what a scenario changes in tables; none where it changes nothing.
pub(super) fn overlay(
    file: &Entry<'_>,
    standing: &Standing<'_>,
    notes: &mut Notes<'_>,
) -> Result<Option<Overlay>, Noted> {
    let rates = all(file, notes, ("rates", "[[rates]]"), |entry, before, notes| {
        rates(entry, (standing, before), notes)
    });
    let calendars = all(file, notes, ("holidays", "[[holidays]]"), |entry, before, notes| {
        holidays(entry, (standing, before), notes)
    });
    let (rates, calendars) = (rates?, calendars?);
    let any = !rates.is_empty() || !calendars.is_empty();
    Ok(any.then(|| Overlay { rates, calendars, ..Overlay::default() }))
}

/// Reads the entries in their order, each over what those before it made: the last of a name has
/// what all of that name say.
fn all<T>(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
    name: (&'static str, &'static str),
    read: impl Fn(&Entry<'_>, &[T], &mut Notes<'_>) -> Result<T, Noted>,
) -> Result<Vec<T>, Noted> {
    let mut all: Vec<T> = Vec::new();
    let mut wrong = None;
    for entry in file.tables(notes, name)? {
        match read(&entry, &all, notes) {
            Ok(new) => all.push(new),
            Err(refusal) => wrong = Some(refusal),
        }
    }
    wrong.map_or(Ok(all), Err)
}

/// Reads a rate table: rows set over those that are there, or with `whole` in the place of all of
/// them.
fn rates(
    entry: &Entry<'_>,
    (standing, before): (&Standing<'_>, &[RateTable]),
    notes: &mut Notes<'_>,
) -> Result<RateTable, Noted> {
    entry.only(notes, &["id", "whole", "row"]);
    let id = entry.required(notes, "id", Text);
    let whole = entry.optional(notes, "whole", Truth);
    let mut days = Vec::new();
    let mut rows = Vec::new();
    for row in entry.some_tables(notes, ("row", "[[rates.row]]"))? {
        row.only(notes, &["effective_from", "pence"]);
        let effective_from = row.required(notes, "effective_from", Day);
        let pence = row.required(notes, "pence", PENCE);
        days.extend(effective_from.map(|day| (day, row.at_value("effective_from"))));
        rows.push((effective_from, pence));
    }
    in_order(notes, "the rate", &days);
    let id = RateTableId::from(id?);
    let below = before.iter().rfind(|table| table.id == id);
    let Some(below) = below.or_else(|| standing.programmes.rates.get(&id)) else {
        let known = standing.programmes.rates.keys().map(RateTableId::as_str);
        let instead = Instead::of(id.as_str(), known);
        let problem = Problem::UnknownRateTable { id: id.to_string(), instead };
        return Err(notes.refuse(entry.at_value("id"), problem));
    };
    let mut by_day: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    if !whole?.unwrap_or(false) {
        by_day.extend(below.rows.iter().map(|row| (row.effective_from, row.pence)));
    }
    for (day, pence) in rows {
        by_day.insert(day?, pence?);
    }
    let rows = by_day.into_iter();
    let rows = rows.map(|(effective_from, pence)| RateRow { effective_from, pence }).collect();
    Ok(RateTable { rows, ..below.clone() })
}

fn holidays(
    entry: &Entry<'_>,
    (standing, before): (&Standing<'_>, &[BankHolidays]),
    notes: &mut Notes<'_>,
) -> Result<BankHolidays, Noted> {
    entry.only(notes, &["calendar", "add", "remove"]);
    let id = entry.required(notes, "calendar", Text);
    let add = entry.optional(notes, "add", List(Day));
    let remove = entry.optional(notes, "remove", List(Day));
    let is_idle = |days: &Result<Option<Vec<NaiveDate>>, Noted>| {
        days.as_ref().is_ok_and(|days| days.as_ref().is_none_or(Vec::is_empty))
    };
    if is_idle(&add) && is_idle(&remove) {
        let (key, write) = ("add", "add = [2024-05-07], or remove".to_owned());
        notes.refuse(entry.at, Problem::MissingKey { key, entry: entry.name, write });
    }
    let id = CalendarId::from(id?);
    let below = before.iter().rfind(|calendar| calendar.id == id);
    let Some(below) = below.or_else(|| standing.programmes.calendars.get(&id)) else {
        let known = standing.programmes.calendars.keys().map(CalendarId::as_str);
        let instead = Instead::of(id.as_str(), known);
        let problem = Problem::UnknownCalendar { id: id.to_string(), instead };
        return Err(notes.refuse(entry.at_value("calendar"), problem));
    };
    let mut calendar = below.clone();
    for day in remove?.unwrap_or_default() {
        if !calendar.days.remove(&day) {
            let problem = Problem::NothingToRemove { what: "calendar", key: day.to_string() };
            return Err(notes.refuse(entry.at_value("remove"), problem));
        }
    }
    calendar.days.extend(add?.unwrap_or_default());
    Ok(calendar)
}
