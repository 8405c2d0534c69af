//! What a kept table looks like and means, from the model or from the tables in which the file
//! keeps it for whoever looks something up.

use rusqlite::{Connection, OptionalExtension};
use waystage_core::table::{ColumnKind, Table};
use waystage_store::models::{Layout, Slot};

use super::fault::Fault;
use super::text::{own_name, table_name, word};

pub(super) const ABOUT_TABLE: &str = "SELECT says, model FROM about_tables WHERE table_name = ?1";
pub(super) const ABOUT_COLUMNS: &str = "SELECT column_name, kind, role, says FROM about_columns
    WHERE table_name = ?1 ORDER BY place";
pub(super) const TABLES_OF_MODEL: &str = "SELECT table_name FROM about_tables
    WHERE generation = ?1 AND model = ?2 ORDER BY place";
const TELL_TABLE: &str = "INSERT INTO about_tables (table_name, generation, model, place, says)
    VALUES (?1, ?2, ?3, ?4, ?5)";
const TELL_COLUMN: &str = "INSERT INTO about_columns
    (table_name, place, column_name, kind, role, says) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const COLUMN: &str = "column";
const MEASURE: &str = "measure";

/// The form of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) layout: Layout,
    pub(super) model: String,
    pub(super) says: String,
    pub(super) column_says: Vec<String>,
    pub(super) measure_says: Vec<String>,
}

impl Form {
    pub(super) fn of(model: &str, table: &Table) -> Self {
        let columns = table.columns.iter().map(|column| column.says.to_owned());
        let measures = table.measures.iter().map(|measure| measure.says.to_owned());
        Self {
            layout: Layout::of(table),
            model: model.to_owned(),
            says: table.says.to_owned(),
            column_says: columns.collect(),
            measure_says: measures.collect(),
        }
    }

    /// Reads the form of the table that a model calls so in a generation; none where there is none.
    pub(super) fn read(
        connection: &Connection,
        slot: Slot,
        table: &str,
    ) -> Result<Option<Self>, Fault> {
        let shown = table_name(slot, table);
        let mut about = connection.prepare_cached(ABOUT_TABLE)?;
        let says = about.query_row([&shown], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((says, model)) = says else { return Ok(None) };
        let layout = Layout { name: table.to_owned(), columns: Vec::new(), measures: Vec::new() };
        let mut form =
            Self { layout, model, says, column_says: Vec::new(), measure_says: Vec::new() };
        let mut about = connection.prepare_cached(ABOUT_COLUMNS)?;
        let mut rows = about.query([&shown])?;
        while let Some(row) = rows.next()? {
            let (name, kind, role): (String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            match (&*role, ColumnKind::parse(&kind)) {
                (COLUMN, Some(kind)) => {
                    form.layout.columns.push((name, kind));
                    form.column_says.push(row.get(3)?);
                }
                (MEASURE, Some(ColumnKind::Integer)) => {
                    form.layout.measures.push(name);
                    form.measure_says.push(row.get(3)?);
                }
                _ => return Err(Fault::Unlike(format!("{shown} has a column of no kind"))),
            }
        }
        Ok(Some(form))
    }

    /// Writes what the table looks like and means in a generation, at its place in the model.
    pub(super) fn tell(
        &self,
        connection: &Connection,
        slot: Slot,
        place: usize,
    ) -> Result<(), Fault> {
        let shown = table_name(slot, &self.layout.name);
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        connection.prepare_cached(TELL_TABLE)?.execute((
            &shown,
            word(slot),
            &self.model,
            place,
            &self.says,
        ))?;
        let columns = self.layout.columns.iter().zip(&self.column_says);
        let columns = columns.map(|((name, kind), says)| (name, kind.as_str(), COLUMN, says));
        let measures = self.layout.measures.iter().zip(&self.measure_says);
        let measures =
            measures.map(|(name, says)| (name, ColumnKind::Integer.as_str(), MEASURE, says));
        let mut tell = connection.prepare_cached(TELL_COLUMN)?;
        for (place, (name, kind, role, says)) in (0_i64..).zip(columns.chain(measures)) {
            tell.execute((&shown, place, name, kind, role, says))?;
        }
        Ok(())
    }
}

/// Returns what a model calls its tables, in their order.
pub(super) fn tables_of(
    connection: &Connection,
    slot: Slot,
    model: &str,
) -> Result<Vec<String>, Fault> {
    let mut tables = connection.prepare_cached(TABLES_OF_MODEL)?;
    let names = tables.query_map((word(slot), model), |row| row.get::<_, String>(0))?;
    names.map(|name| own_name(slot, &name?)).collect()
}

/// Returns the layouts of a model's tables, in their order.
pub(super) fn layouts_of(
    connection: &Connection,
    slot: Slot,
    model: &str,
) -> Result<Vec<Layout>, Fault> {
    let mut layouts = Vec::new();
    for table in tables_of(connection, slot, model)? {
        layouts.extend(Form::read(connection, slot, &table)?.map(|form| form.layout));
    }
    Ok(layouts)
}
