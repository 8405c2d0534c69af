//! A tables file: hourly rates, bank holidays, area codes. Tables stand beside packs, never in
//! them.

use toml::de::DeTable;
use waystage_core::calendar::BankHolidays;
use waystage_core::programme::{Geography, RateTable};

use crate::calendars::calendars;
use crate::entry::Entry;
use crate::error::PackErrors;
use crate::geographies::geographies;
use crate::notes::{Noted, Notes};
use crate::pack::{misplaced, syntax};
use crate::place::Place;
use crate::problem::Problem;
use crate::provision::SECTIONS;
use crate::rates::rate_tables;

/// What one tables file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tables {
    /// Tables of hourly rates, as they stand in the file.
    pub rates: Vec<RateTable>,
    /// Calendars of bank holidays, as they stand in the file.
    pub calendars: Vec<BankHolidays>,
    /// Lists of area codes, as they stand in the file.
    pub geographies: Vec<Geography>,
}

/// Tables with the places at which their ids stand.
pub(crate) struct PlacedTables {
    pub(crate) rates: Vec<(RateTable, Place)>,
    pub(crate) calendars: Vec<(BankHolidays, Place)>,
    pub(crate) geographies: Vec<(Geography, Place)>,
}

/// Reads a tables file. `file` is only its name in messages.
pub fn read_tables(file: &str, text: &str) -> Result<Tables, PackErrors> {
    let placed = placed_tables(file, text)?;
    Ok(Tables {
        rates: placed.rates.into_iter().map(|(table, _)| table).collect(),
        calendars: placed.calendars.into_iter().map(|(each, _)| each).collect(),
        geographies: placed.geographies.into_iter().map(|(each, _)| each).collect(),
    })
}

/// Reads a tables file and keeps the places that checks between files need.
pub(crate) fn placed_tables(file: &str, text: &str) -> Result<PlacedTables, PackErrors> {
    let mut notes = Notes::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let read = match syntax(&mut notes, &errors) {
        Ok(()) => tables(&Entry::file("the tables file", &table), &mut notes),
        Err(refusal) => Err(refusal),
    };
    notes.finish(read)
}

fn tables(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<PlacedTables, Noted> {
    let others: Vec<&str> =
        ["programme", "standard", "rule", "fee"].into_iter().chain(SECTIONS).collect();
    let own = ["rate_table", "calendar", "geography"];
    misplaced(file, notes, &others, "a pack");
    file.only_but(notes, &own, &others);
    if !own.iter().any(|key| file.has(key)) {
        return Err(notes.refuse(file.at, Problem::NoTables {}));
    }
    let rates = rate_tables(file, notes);
    let calendars = calendars(file, notes);
    let geographies = geographies(file, notes);
    Ok(PlacedTables { rates: rates?, calendars: calendars?, geographies: geographies? })
}
