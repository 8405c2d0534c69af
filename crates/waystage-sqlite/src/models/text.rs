//! The only place where SQL is put together: the statements of a model's table, whose name and
//! columns come from the model. Every name is checked to be a plain one before it stands in quotes
//! here; values are always bound.

use waystage_store::models::{Layout, Slot, is_plain};

use super::fault::Fault;
use super::form::Form;

/// Returns how a generation is called in the file.
pub(super) const fn word(slot: Slot) -> &'static str {
    match slot {
        Slot::Live => "live",
        Slot::Next => "next",
        Slot::Previous => "previous",
    }
}

/// Returns how the names of a generation's tables begin.
const fn beginning(slot: Slot) -> &'static str {
    match slot {
        Slot::Live => "",
        Slot::Next => "next_",
        Slot::Previous => "previous_",
    }
}

/// Returns the name that a model's table has in a generation.
pub(super) fn table_name(slot: Slot, table: &str) -> String {
    [beginning(slot), table].concat()
}

/// Returns what a model calls the table that has this name in a generation.
pub(super) fn own_name(slot: Slot, table_name: &str) -> Result<String, Fault> {
    match table_name.strip_prefix(beginning(slot)) {
        Some(own) => Ok(own.to_owned()),
        None => Err(Fault::Unlike(format!("its table {table_name} is of no generation"))),
    }
}

/// The names of a table, checked and quoted.
pub(super) struct TableText {
    table: String,
    columns: Vec<String>,
    measures: Vec<String>,
}

impl TableText {
    /// Takes the names of a table in a generation.
    pub(super) fn of(slot: Slot, layout: &Layout) -> Result<Self, Fault> {
        let columns = layout.columns.iter().map(|(name, _)| quoted("", name));
        let measures = layout.measures.iter().map(|name| quoted("", name));
        Ok(Self {
            table: quoted(beginning(slot), &layout.name)?,
            columns: columns.collect::<Result<_, _>>()?,
            measures: measures.collect::<Result<_, _>>()?,
        })
    }

    /// Returns how the table is made, with what each column means beside it. Its rows are looked
    /// for by all columns at once, over the index that comes with their being unique; where a value
    /// is missing, uniqueness is not the index's but that of the one statement that adds rows.
    pub(super) fn create(&self, form: &Form) -> String {
        let kinds = form.layout.columns.iter().map(|(_, kind)| match kind.as_str() {
            "integer" | "truth" => " INTEGER",
            _ => " TEXT",
        });
        let columns = self.columns.iter().zip(kinds).map(|(name, kind)| [name, kind].concat());
        let measures =
            self.measures.iter().map(|name| [name, " INTEGER NOT NULL DEFAULT 0"].concat());
        let says = form.column_says.iter().chain(&form.measure_says);
        let mut lines: Vec<(String, String)> = columns
            .chain(measures)
            .zip(says)
            .map(|(line, says)| (line, [" -- ", &one_line(says)].concat()))
            .collect();
        if !self.columns.is_empty() {
            lines.push((["UNIQUE (", &self.columns.join(", "), ")"].concat(), String::new()));
        }
        let last = lines.len() - 1;
        let comma = |index| if index < last { "," } else { "" };
        let lines = lines
            .iter()
            .enumerate()
            .map(|(index, (line, says))| ["  ", line, comma(index), says, "\n"].concat());
        let lines: String = lines.collect();
        let says = one_line(&form.says);
        ["CREATE TABLE ", &self.table, " (\n  -- ", &says, "\n", &lines, ") STRICT"].concat()
    }

    /// Returns how the table is dropped.
    pub(super) fn drop(&self) -> String {
        ["DROP TABLE ", &self.table].concat()
    }

    /// Returns how the table gets the name that it has in another generation.
    pub(super) fn rename(&self, to: &Self) -> String {
        ["ALTER TABLE ", &self.table, " RENAME TO ", &to.table].concat()
    }

    /// Returns how a row is found by a value for each column; its amounts follow its own number.
    pub(super) fn find(&self) -> String {
        let mut conditions = Vec::new();
        for column in &self.columns {
            conditions.push([column, " IS ?"].concat());
        }
        let by = if conditions.is_empty() { "" } else { " WHERE " };
        let of = conditions.join(" AND ");
        ["SELECT _rowid_, ", &self.measures.join(", "), " FROM ", &self.table, by, &of].concat()
    }

    /// Returns how a row is added.
    pub(super) fn insert(&self) -> String {
        let names = self.all();
        let places = vec!["?"; self.columns.len() + self.measures.len()].join(", ");
        ["INSERT INTO ", &self.table, " (", &names, ") VALUES (", &places, ")"].concat()
    }

    /// Returns how the amounts of a row are set by its own number.
    pub(super) fn set(&self) -> String {
        let amounts = [&self.measures.join(" = ?, "), " = ?"].concat();
        ["UPDATE ", &self.table, " SET ", &amounts, " WHERE _rowid_ = ?"].concat()
    }

    /// Returns how a row is taken away by its own number.
    pub(super) fn remove(&self) -> String {
        ["DELETE FROM ", &self.table, " WHERE _rowid_ = ?"].concat()
    }

    /// Returns how all rows are read.
    pub(super) fn rows(&self) -> String {
        ["SELECT ", &self.all(), " FROM ", &self.table].concat()
    }

    fn all(&self) -> String {
        let all: Vec<&str> =
            self.columns.iter().chain(&self.measures).map(|each| &**each).collect();
        all.join(", ")
    }
}

fn quoted(beginning: &str, name: &str) -> Result<String, Fault> {
    if is_plain(name) {
        return Ok(["\"", beginning, name, "\""].concat());
    }
    Err(Fault::Unlike(format!("it names a table or a column {name:?}, which is no plain name")))
}

/// Returns a text that ends no comment.
fn one_line(text: &str) -> String {
    text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect()
}
