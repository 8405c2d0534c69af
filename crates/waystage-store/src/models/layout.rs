//! What the rows of a table are made of, and what a change adds to each of them. Both are the same
//! for every store, so they are here once.

use waystage_core::contribution::Contributions;
use waystage_core::table::{Cell, ColumnKind, Table, Value};

use super::ModelError;

/// What of a table its rows depend on: the names and kinds of its columns and its measures, in
/// their order. What they mean may be put in other words without another layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The table's name.
    pub name: String,
    /// The columns that say which row it is.
    pub columns: Vec<(String, ColumnKind)>,
    /// The amounts of a row.
    pub measures: Vec<String>,
}

impl Layout {
    /// Returns the layout of a table.
    pub fn of(table: &Table) -> Self {
        let columns = table.columns.iter().map(|column| (column.name.to_owned(), column.kind));
        let measures = table.measures.iter().map(|measure| measure.name.to_owned());
        Self { name: table.name.clone(), columns: columns.collect(), measures: measures.collect() }
    }

    /// Returns whether a row of the table may have these values.
    pub fn fits(&self, row: &[Value]) -> bool {
        self.columns.len() == row.len()
            && self.columns.iter().zip(row).all(|((_, kind), value)| value.fits(*kind))
    }
}

/// What is added to one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange<'a> {
    /// The table's place among the model's tables.
    pub table: usize,
    /// What says which row it is.
    pub row: &'a [Value],
    /// What is added, an amount for each measure.
    pub amounts: Vec<i64>,
}

impl RowChange<'_> {
    /// Returns what the row has after the change.
    ///
    /// # Errors
    ///
    /// [`ModelError::Unfit`] where an amount grows beyond 64 bits.
    pub fn onto(&self, held: &[i64]) -> Result<Vec<i64>, ModelError> {
        let sums = held.iter().zip(&self.amounts).map(|(held, added)| held.checked_add(*added));
        sums.collect::<Option<Vec<i64>>>().ok_or_else(|| ModelError::Unfit {
            says: "an amount grows beyond what a whole number can hold: count in larger units"
                .to_owned(),
        })
    }
}

/// Returns what the cells of a model add to each of its rows, in order of tables and rows.
///
/// # Errors
///
/// [`ModelError::Unfit`] where a cell fits none of the model's tables.
pub fn row_changes<'a>(
    model: &'a str,
    layouts: &'a [Layout],
    cells: &'a Contributions<Cell>,
) -> impl Iterator<Item = Result<RowChange<'a>, ModelError>> {
    let mut cells = cells.iter().peekable();
    std::iter::from_fn(move || {
        let (first, _) = *cells.peek()?;
        let Some(layout) = layouts.get(first.table).filter(|layout| layout.fits(&first.row)) else {
            cells.next();
            return Some(Err(misfit(model)));
        };
        let mut amounts = vec![0; layout.measures.len()];
        let is_of_the_row = |cell: &Cell| cell.table == first.table && cell.row == first.row;
        while let Some((cell, amount)) = cells.next_if(|(cell, _)| is_of_the_row(cell)) {
            let Some(place) = amounts.get_mut(cell.measure) else {
                return Some(Err(misfit(model)));
            };
            *place = amount;
        }
        Some(Ok(RowChange { table: first.table, row: &first.row, amounts }))
    })
}

fn misfit(model: &str) -> ModelError {
    ModelError::Unfit {
        says: format!(
            "a cell of the model {model} fits none of its tables: give a value of its kind for each column"
        ),
    }
}
