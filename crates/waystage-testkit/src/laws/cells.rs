//! The law of cells: keys and cells are one to one, within the shape of the tables.

use std::collections::BTreeMap;

use waystage_core::contribution::Projection;
use waystage_core::table::{Cell, Table};
use waystage_core::view::{Basis, View};

use super::trial::Trial;
use crate::world::far_end;

/// The tables of a model and where its keys stand in them.
pub(super) struct Shape<'s, P: Projection> {
    pub(super) tables: &'s dyn Fn(&P) -> Vec<Table>,
    pub(super) cell: &'s dyn Fn(&P, P::Key) -> Cell,
}

/// Each key that is contributed in the world stands in a cell of its own.
pub(super) fn cells<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
    shape: &Shape<'_, P>,
) -> Result<(), String> {
    let tables = (shape.tables)(projection);
    let view = trial.world.view;
    let as_known_at_the_end = View { as_of: view.as_of, ..far_end(Basis::Reported) };
    let mut taken: BTreeMap<Cell, P::Key> = BTreeMap::new();
    for view in [view, as_known_at_the_end, far_end(Basis::Recorded)] {
        for (key, _) in trial.parts(view, projection).values().flat_map(|part| part.iter()) {
            let cell = (shape.cell)(projection, key.clone());
            fits(&tables, &cell).map_err(|says| {
                format!("{} stands in {}: {says}", (trial.words.key)(key), named(&tables, &cell))
            })?;
            match taken.get(&cell) {
                Some(other) if other != key => {
                    let (one, other) = ((trial.words.key)(other), (trial.words.key)(key));
                    let cell = named(&tables, &cell);
                    return Err(format!("two keys stand in {cell}:\n    {one}\n    {other}"));
                }
                Some(_) => {}
                None => {
                    taken.insert(cell, key.clone());
                }
            }
        }
    }
    Ok(())
}

fn fits(tables: &[Table], cell: &Cell) -> Result<(), String> {
    let Some(table) = tables.get(cell.table) else {
        return Err(format!("the model has {} tables", tables.len()));
    };
    if table.measures.get(cell.measure).is_none() {
        return Err(format!("the table {} has {} measures", table.name, table.measures.len()));
    }
    if table.columns.len() != cell.row.len() {
        return Err(format!("the table {} has {} columns", table.name, table.columns.len()));
    }
    let wrong = table.columns.iter().zip(&cell.row).find(|(column, it)| !it.fits(column.kind));
    match wrong {
        Some((column, _)) => {
            let (name, kind) = (column.name, column.kind);
            Err(format!("{name} of {} is a column of {kind}", table.name))
        }
        None => Ok(()),
    }
}

/// Returns a cell for people to read: `table[column = value, …].measure`.
pub(super) fn named(tables: &[Table], cell: &Cell) -> String {
    let table = tables.get(cell.table);
    let of = |place: usize| table.and_then(|table| table.columns.get(place));
    let row = cell.row.iter().enumerate().map(|(place, value)| match of(place) {
        Some(column) => format!("{} = {value}", column.name),
        None => value.to_string(),
    });
    let row: Vec<String> = row.collect();
    let measure = table.and_then(|table| table.measures.get(cell.measure));
    format!(
        "{}[{}].{}",
        table.map_or_else(|| format!("table {}", cell.table), |table| table.name.clone()),
        row.join(", "),
        measure.map_or_else(|| format!("measure {}", cell.measure), |it| it.name.to_owned())
    )
}
