//! Adding a change to the rows: each row is looked for once and written once, however many of its
//! cells change.

use std::collections::BTreeSet;

use rusqlite::{CachedStatement, Connection};
use waystage_core::contribution::Contributions;
use waystage_core::id::ParticipantId;
use waystage_core::table::{Cell, Value};
use waystage_store::models::{Change, Layout, Parked, RowChange, Slot, row_changes};

use super::books;
use super::due;
use super::fault::Fault;
use super::form::layouts_of;
use super::schema::shown;
use super::switch;
use super::text::TableText;
use super::values::bound;

pub(super) const WHO_IS_PARKED: &str = "SELECT participant FROM parked WHERE model = ?1";
pub(super) const PARK: &str = "INSERT INTO parked (model, participant, position, says)
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (model, participant) DO UPDATE SET position = ?3, says = ?4";
pub(super) const UNPARK: &str = "DELETE FROM parked WHERE model = ?1 AND participant = ?2";

/// Brings a generation from one stand to another.
pub(super) fn apply(connection: &Connection, slot: Slot, change: &Change) -> Result<(), Fault> {
    let before = books::read(connection)?;
    let mut after = before.clone();
    after.advance(slot, change)?;
    switch::keep(connection, &before, &after, &[])?;
    for change in &change.models {
        let number = after.model(slot, &change.model)?.kept.number;
        add(connection, slot, &change.model, &change.cells)?;
        set_parked(connection, number, &change.parked)?;
    }
    due::set(connection, &after, slot, change)
}

fn add(
    connection: &Connection,
    slot: Slot,
    model: &str,
    cells: &Contributions<Cell>,
) -> Result<(), Fault> {
    if cells.is_empty() {
        return Ok(());
    }
    let layouts = layouts_of(connection, slot, model)?;
    let mut rows: Option<(usize, Rows<'_>)> = None;
    for added in row_changes(model, &layouts, cells) {
        let added = added?;
        let rows = match &mut rows {
            Some((table, rows)) if *table == added.table => rows,
            rows => match layouts.get(added.table) {
                Some(layout) => {
                    &mut rows.insert((added.table, Rows::of(connection, slot, layout)?)).1
                }
                None => continue,
            },
        };
        rows.add(&added)?;
    }
    Ok(())
}

/// The rows of one table.
struct Rows<'a> {
    find: CachedStatement<'a>,
    insert: CachedStatement<'a>,
    set: CachedStatement<'a>,
    remove: CachedStatement<'a>,
}

impl<'a> Rows<'a> {
    fn of(connection: &'a Connection, slot: Slot, layout: &Layout) -> Result<Self, Fault> {
        let text = TableText::of(slot, layout)?;
        Ok(Self {
            find: connection.prepare_cached(&text.find())?,
            insert: connection.prepare_cached(&text.insert())?,
            set: connection.prepare_cached(&text.set())?,
            remove: connection.prepare_cached(&text.remove())?,
        })
    }

    fn add(&mut self, added: &RowChange<'_>) -> Result<(), Fault> {
        match self.held(added)? {
            None => {
                bind(&mut self.insert, added.row, &added.amounts)?;
                self.insert.raw_execute()?;
            }
            Some((number, held)) => {
                let amounts = added.onto(&held)?;
                if amounts.iter().all(|amount| *amount == 0) {
                    self.remove.execute([number])?;
                } else {
                    bind(&mut self.set, &[], &amounts)?;
                    self.set.raw_bind_parameter(amounts.len() + 1, number)?;
                    self.set.raw_execute()?;
                }
            }
        }
        Ok(())
    }

    /// Returns the row's own number and what it has; none where there is no such row.
    fn held(&mut self, added: &RowChange<'_>) -> Result<Option<(i64, Vec<i64>)>, Fault> {
        bind(&mut self.find, added.row, &[])?;
        let mut rows = self.find.raw_query();
        let Some(row) = rows.next()? else { return Ok(None) };
        let amounts = (1..=added.amounts.len()).map(|index| row.get(index));
        Ok(Some((row.get(0)?, amounts.collect::<Result<_, _>>()?)))
    }
}

/// Binds a row's values and then its amounts.
fn bind(statement: &mut CachedStatement<'_>, row: &[Value], amounts: &[i64]) -> Result<(), Fault> {
    for (index, value) in (1..).zip(row) {
        statement.raw_bind_parameter(index, bound(value))?;
    }
    for (index, amount) in (row.len() + 1..).zip(amounts) {
        statement.raw_bind_parameter(index, amount)?;
    }
    Ok(())
}

fn set_parked(
    connection: &Connection,
    model: i64,
    parked: &[(ParticipantId, Option<Parked>)],
) -> Result<(), Fault> {
    if parked.is_empty() {
        return Ok(());
    }
    // hardly anybody is, and a rebuild says so of everybody
    let mut who = connection.prepare_cached(WHO_IS_PARKED)?;
    let who = who.query_map([model], |row| row.get(0))?;
    let mut held: BTreeSet<String> = who.collect::<Result<_, _>>()?;
    for (participant, parked) in parked {
        let participant = shown(*participant);
        match parked {
            Some(parked) => {
                let position = parked.position.map(|position| position.get());
                let position = position.map(|at| i64::try_from(at).unwrap_or(i64::MAX));
                connection.prepare_cached(PARK)?.execute((
                    model,
                    &participant,
                    position,
                    &parked.says,
                ))?;
                held.insert(participant);
            }
            None if held.remove(&participant) => {
                connection.prepare_cached(UNPARK)?.execute((model, &participant))?;
            }
            None => {}
        }
    }
    Ok(())
}
