//! Whether models can be kept as they are. Names become names of tables and columns that people
//! write queries with, so they are plain, and no two tables of a store can have the same one.

use std::collections::BTreeSet;

use waystage_core::table::Table;

use super::{ModelError, Shape};

/// How long a name may be.
pub const NAME_BYTES_MAX: usize = 60;
/// Columns and measures that a table may have together.
pub const COLUMNS_MAX: usize = 100;

/// Tables in which a store keeps its own books.
pub const OWN_TABLES: [&str; 6] =
    ["read_model", "generation", "due", "parked", "about_tables", "about_columns"];
/// How names begin that mean something to a store.
const OWN_BEGINNINGS: [&str; 3] = ["next_", "previous_", "sqlite_"];

/// Returns whether a name is plain: a lower-case letter, then lower-case letters, digits and
/// underscores, at most [`NAME_BYTES_MAX`] of them.
///
/// ```
/// use waystage_store::models::is_plain;
/// assert!(is_plain("weeks_to_start_2"));
/// assert!(!is_plain("Weeks") && !is_plain("2_weeks") && !is_plain("a;b") && !is_plain(""));
/// ```
pub fn is_plain(name: &str) -> bool {
    let of_a_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= NAME_BYTES_MAX
        && name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(of_a_name)
}

/// Checks that models can be kept beside live ones, of which each table is given with its model.
///
/// # Errors
///
/// [`ModelError::Unfit`] with what to change.
pub fn check_shapes<'a>(
    shapes: &[Shape],
    live: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), ModelError> {
    let (mut models, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for shape in shapes {
        check_plain("model", &shape.name)?;
        if !models.insert(&*shape.name) {
            return unfit(format!("two models are called {}: rename one", shape.name));
        }
        if shape.tables.is_empty() {
            return unfit(format!("the model {} has no table: give it one", shape.name));
        }
        for table in &shape.tables {
            check_table(table)?;
            if !tables.insert(&*table.name) {
                return unfit(format!("two tables are called {}: rename one", table.name));
            }
        }
    }
    let clash = |(model, table): &(&str, &str)| !models.contains(model) && tables.contains(table);
    match live.into_iter().find(clash) {
        Some((model, table)) => {
            unfit(format!("the live model {model} has a table {table} already: rename this one"))
        }
        None => Ok(()),
    }
}

fn check_table(table: &Table) -> Result<(), ModelError> {
    let name = &*table.name;
    check_plain("table", name)?;
    if OWN_TABLES.contains(&name) {
        return unfit(format!(
            "{name} is one of the tables that a store has of its own: rename it"
        ));
    }
    if let Some(beginning) = OWN_BEGINNINGS.iter().find(|beginning| name.starts_with(**beginning)) {
        return unfit(format!("the table {name} begins with {beginning}, as none may: rename it"));
    }
    if table.measures.is_empty() {
        return unfit(format!("the table {name} has no measure: give it one"));
    }
    let count = table.columns.len() + table.measures.len();
    if count > COLUMNS_MAX {
        return unfit(format!(
            "the table {name} has {count} columns and measures, over the limit of {COLUMNS_MAX}: split it"
        ));
    }
    let mut seen = BTreeSet::new();
    let columns = table.columns.iter().map(|column| ("column", column.name));
    let measures = table.measures.iter().map(|measure| ("measure", measure.name));
    for (what, column) in columns.chain(measures) {
        check_plain(what, column)?;
        if !seen.insert(column) {
            return unfit(format!("the table {name} has {column} twice: rename one"));
        }
    }
    Ok(())
}

fn check_plain(what: &str, name: &str) -> Result<(), ModelError> {
    if is_plain(name) {
        return Ok(());
    }
    unfit(format!(
        "{name:?} is no plain name of a {what}: begin with one of a to z, go on with a to z, 0 to 9 and _, at most {NAME_BYTES_MAX} in all"
    ))
}

fn unfit(says: String) -> Result<(), ModelError> {
    Err(ModelError::Unfit { says })
}
