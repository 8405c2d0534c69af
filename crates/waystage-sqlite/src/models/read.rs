//! Reading kept models: each snapshot holds one read transaction on a connection of its own, which
//! neither waits for a change nor holds one up.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rusqlite::{Connection, Row as Stored};
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::Table;
use waystage_store::Digest;
use waystage_store::models::{Generation, Layout, ModelError, Parked, Row, Slot, Snapshot, Stand};

use super::SqliteModels;
use super::books::{self, Kept};
use super::fault::Fault;
use super::file::Open;
use super::form::Form;
use super::schema::participant;
use super::text::{TableText, table_name};
use super::values;

pub(super) const DUE: &str =
    "SELECT participant, models FROM due WHERE due_list = ?1 AND day <= ?2";
pub(super) const PARKED: &str =
    "SELECT participant, position, says FROM parked WHERE model = ?1 ORDER BY participant";

/// Kept models at one moment.
pub(super) struct SqliteSnapshot<'a> {
    models: &'a SqliteModels,
    open: Option<Open>,
    kept: Kept,
    is_broken: Cell<bool>,
}

impl<'a> SqliteSnapshot<'a> {
    /// Begins to read; what is read first settles the moment.
    pub(super) fn begin(models: &'a SqliteModels, open: Open) -> Result<Self, Fault> {
        open.connection.execute_batch("BEGIN")?;
        let kept = books::read(&open.connection)?;
        Ok(Self { models, open: Some(open), kept, is_broken: Cell::new(false) })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, ModelError> {
        // it is taken away when this is dropped, and never before
        let Some(open) = &self.open else { return Err(ModelError::Moved) };
        read(&open.connection).map_err(|fault| {
            self.is_broken.set(self.is_broken.get() || !fault.leaves_the_connection());
            fault.at(self.models.path())
        })
    }

    /// Returns whose part of which model is due by a day.
    pub(super) fn due(
        &self,
        slot: Slot,
        by: NaiveDate,
    ) -> Result<Vec<(ParticipantId, String)>, ModelError> {
        let mut lists: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        for (name, model) in self.kept.0.get(&slot).into_iter().flat_map(Generation::answering) {
            lists.entry(model.kept.due_list).or_default().insert(name);
        }
        self.read(|connection| {
            let mut due = Vec::new();
            let mut statement = connection.prepare_cached(DUE)?;
            for (list, names) in &lists {
                let mut rows = statement.query((list, values::due_day(by)))?;
                while let Some(row) = rows.next()? {
                    let participant = participant(&row.get::<_, String>(0)?)?;
                    let models: String = row.get(1)?;
                    let models = models.split(' ').filter(|model| names.contains(model));
                    due.extend(models.map(|model| (participant, model.to_owned())));
                }
            }
            due.sort();
            Ok(due)
        })
    }
}

impl Snapshot for SqliteSnapshot<'_> {
    fn stand(&self, slot: Slot) -> Result<Option<Stand>, ModelError> {
        Ok(self.kept.stand(slot))
    }

    fn fingerprints(&self, slot: Slot) -> Result<Vec<(String, Digest)>, ModelError> {
        Ok(self.kept.fingerprints(slot))
    }

    fn rows(&self, slot: Slot, table: &Table) -> Result<Vec<Row>, ModelError> {
        let layout = Layout::of(table);
        self.read(|connection| {
            let Some(form) = Form::read(connection, slot, &layout.name)? else {
                return Err(ModelError::NotKept { model: layout.name.clone() }.into());
            };
            if form.layout != layout {
                return Err(ModelError::Stale { model: form.model }.into());
            }
            rows(connection, slot, &layout)
        })
    }

    fn parked(&self, slot: Slot, model: &str) -> Result<Vec<Parked>, ModelError> {
        let number = self.kept.model(slot, model)?.kept.number;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(PARKED)?;
            let mut rows = statement.query([number])?;
            let mut parked = Vec::new();
            while let Some(row) = rows.next()? {
                parked.push(one_parked(row)?);
            }
            Ok(parked)
        })
    }
}

impl Drop for SqliteSnapshot<'_> {
    fn drop(&mut self) {
        let open = self.open.take().filter(|_| !self.is_broken.get());
        if let Some(open) = open.filter(|open| open.connection.execute_batch("ROLLBACK").is_ok()) {
            self.models.give_back(open);
        }
    }
}

/// Reads the rows of a table, in order of their values: SQLite's own order is not asked for,
/// because it would be that of texts where it should be that of days.
fn rows(connection: &Connection, slot: Slot, layout: &Layout) -> Result<Vec<Row>, Fault> {
    let mut statement = connection.prepare_cached(&TableText::of(slot, layout)?.rows())?;
    let mut found = statement.query([])?;
    let mut rows = Vec::new();
    while let Some(stored) = found.next()? {
        rows.push(one(stored, slot, layout)?);
    }
    rows.sort();
    Ok(rows)
}

fn one(stored: &Stored<'_>, slot: Slot, layout: &Layout) -> Result<Row, Fault> {
    let mut row = Vec::with_capacity(layout.columns.len());
    for (index, (name, kind)) in layout.columns.iter().enumerate() {
        row.push(values::read(stored.get_ref(index)?, *kind).ok_or_else(|| {
            let table = table_name(slot, &layout.name);
            Fault::Unlike(format!("column {name} of {table} holds what is no {kind}"))
        })?);
    }
    let first = layout.columns.len();
    let amounts = (first..first + layout.measures.len()).map(|index| stored.get(index));
    Ok(Row { row, amounts: amounts.collect::<Result<_, _>>()? })
}

fn one_parked(row: &Stored<'_>) -> Result<Parked, Fault> {
    let position: Option<i64> = row.get(1)?;
    let position = match position {
        Some(at) => {
            let position = u64::try_from(at).ok().and_then(Position::new);
            Some(position.ok_or_else(|| {
                Fault::Unlike("a position in parked is no number from 1".to_owned())
            })?)
        }
        None => None,
    };
    let participant = participant(&row.get::<_, String>(0)?)?;
    Ok(Parked { participant, position, says: row.get(2)? })
}
