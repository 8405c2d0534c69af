//! Rate tables: pence an hour, from a day.

use waystage_core::id::RateTableId;
use waystage_core::programme::{RateRow, RateTable};

use crate::assumed::reference;
use crate::entry::Entry;
use crate::kind::{Day, Text, Whole};
use crate::notes::{Noted, Notes};
use crate::place::Place;
use crate::versions::{in_order, once};

/// Pence an hour: at most a thousand pounds.
pub(crate) const PENCE: Whole<u32> = Whole::new(1, 100_000, 1_221);

/// Reads the rate tables of a file, each with the place of its id.
pub(crate) fn rate_tables(
    file: &Entry<'_>,
    notes: &mut Notes<'_>,
) -> Result<Vec<(RateTable, Place)>, Noted> {
    let entries = file.tables(notes, ("rate_table", "[[rate_table]]"))?;
    once(notes, "rate table", &Entry::ids(&entries));
    let all: Vec<Result<(RateTable, Place), Noted>> = entries
        .iter()
        .map(|entry| Ok((rate_table(entry, notes)?, notes.place(entry.at_value("id")))))
        .collect();
    all.into_iter().collect()
}

fn rate_table(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<RateTable, Noted> {
    entry.only(notes, &["id", "name", "reference", "assumption", "row"]);
    let id = entry.required(notes, "id", Text);
    let name = entry.required(notes, "name", Text);
    let reference = reference(entry, notes);
    let rows = rows(entry, notes);
    Ok(RateTable { id: RateTableId::from(id?), name: name?, reference: reference?, rows: rows? })
}

fn rows(table: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<RateRow>, Noted> {
    let mut days = Vec::new();
    let mut all = Vec::new();
    for entry in table.some_tables(notes, ("row", "[[rate_table.row]]"))? {
        entry.only(notes, &["effective_from", "pence"]);
        let effective_from = entry.required(notes, "effective_from", Day);
        let pence = entry.required(notes, "pence", PENCE);
        days.extend(effective_from.map(|day| (day, entry.at_value("effective_from"))));
        all.push((effective_from, pence));
    }
    in_order(notes, "the rate", &days);
    let all = all.into_iter().map(|(effective_from, pence)| {
        Ok(RateRow { effective_from: effective_from?, pence: pence? })
    });
    all.collect()
}
