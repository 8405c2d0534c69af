//! Which figure is asked about: a measure of a table, in the rows that have certain values. As text
//! it is `TABLE.MEASURE[column=value,column=value]`; columns that are not named are summed over.

use std::fmt;

use waystage_core::calendar::Month;
use waystage_core::table::{Column, ColumnKind, Table, Value};

/// A figure of a read model.
///
/// # Examples
///
/// ```
/// use waystage_core::table::{Table, measure, month, text};
/// use waystage_replay::Figure;
/// let tables = [Table::new("by_provider", "Referrals, by who they were made to.")
///     .column(text("provider", "The provider referred to."))
///     .column(month("month", "The month of the referral."))
///     .measure(measure("referrals", "Participations whose referral is in the view."))];
/// let figure = Figure::parse("by_provider.referrals[month=2021-10]", &tables).unwrap();
/// assert_eq!(figure.to_string(), "by_provider.referrals[month=2021-10]");
/// let wrong = Figure::parse("by_provider.starts", &tables).unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "the table by_provider has no measure starts; it has: referrals"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The table.
    pub table: String,
    /// The measure.
    pub measure: String,
    /// What certain columns hold; all other columns are summed over.
    pub columns: Vec<(String, Value)>,
}

/// Why a text or a figure is none of these tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// It is not written as a figure.
    #[error("{says}: write a figure as TABLE.MEASURE or TABLE.MEASURE[column=value,column=value]")]
    NotAFigure {
        /// What is wrong with it.
        says: &'static str,
    },
    /// There is no such table.
    #[error("there is no table {table}; there are: {tables}")]
    NoSuchTable {
        /// The table asked for.
        table: String,
        /// Those that there are.
        tables: String,
    },
    /// The table has no such measure.
    #[error("the table {table} has no measure {measure}; it has: {measures}")]
    NoSuchMeasure {
        /// The table.
        table: String,
        /// The measure asked for.
        measure: String,
        /// Those that it has.
        measures: String,
    },
    /// The table has no such column.
    #[error("the table {table} has no column {column}; it has: {columns}")]
    NoSuchColumn {
        /// The table.
        table: String,
        /// The column asked for.
        column: String,
        /// Those that it has.
        columns: String,
    },
    /// A column is named twice.
    #[error(
        "the column {column} is named twice: give it one value, or leave it out to sum over it"
    )]
    ColumnTwice {
        /// The column.
        column: String,
    },
    /// A value is none that the column could hold.
    #[error(
        "the column {column} cannot hold this: write {example}, or (none) where it holds nothing"
    )]
    WrongValue {
        /// The column.
        column: String,
        /// What such a value looks like.
        example: &'static str,
    },
}

/// A figure among the tables of a model: places instead of names.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    pub(super) table: usize,
    pub(super) measure: usize,
    columns: Vec<(usize, Value)>,
}

impl Sought {
    /// Returns whether a row is one of the figure's.
    pub(super) fn holds(&self, row: &[Value]) -> bool {
        self.columns.iter().all(|(place, value)| row.get(*place) == Some(value))
    }
}

impl Figure {
    /// Reads a figure of one of these tables.
    ///
    /// # Errors
    ///
    /// Says what is wrong and what there is instead.
    pub fn parse(text: &str, tables: &[Table]) -> Result<Self, FigureError> {
        let Written { table, measure, columns } = Written::of(text)?;
        let shape = table_of(&table, tables)?;
        let mut figure = Self { table, measure, columns: Vec::new() };
        for (column, value) in columns {
            let (_, of_table) = column_of(&column, shape)?;
            figure.columns.push((column, value.as_value(of_table)?));
        }
        figure.sought(tables)?;
        Ok(figure)
    }

    /// Returns where the figure stands among these tables.
    pub(super) fn sought(&self, tables: &[Table]) -> Result<Sought, FigureError> {
        let shape = table_of(&self.table, tables)?;
        let measures = || shape.measures.iter().map(|each| each.name);
        let measure = measures().position(|each| each == self.measure);
        let table = tables.iter().position(|each| each.name == self.table);
        let (Some(measure), Some(table)) = (measure, table) else {
            return Err(FigureError::NoSuchMeasure {
                table: self.table.clone(),
                measure: self.measure.clone(),
                measures: listed(measures()),
            });
        };
        let mut columns: Vec<(usize, Value)> = Vec::new();
        for (name, value) in &self.columns {
            let (place, column) = column_of(name, shape)?;
            if columns.iter().any(|(taken, _)| *taken == place) {
                return Err(FigureError::ColumnTwice { column: name.clone() });
            }
            if !value.fits(column.kind) {
                return Err(wrong_value(column));
            }
            columns.push((place, value.clone()));
        }
        Ok(Sought { table, measure, columns })
    }
}

fn table_of<'t>(name: &str, tables: &'t [Table]) -> Result<&'t Table, FigureError> {
    let found = tables.iter().find(|each| each.name == name);
    found.ok_or_else(|| FigureError::NoSuchTable {
        table: name.to_owned(),
        tables: listed(tables.iter().map(|each| each.name.as_str())),
    })
}

fn column_of<'t>(name: &str, table: &'t Table) -> Result<(usize, &'t Column), FigureError> {
    let found = table.columns.iter().enumerate().find(|(_, column)| column.name == name);
    found.ok_or_else(|| FigureError::NoSuchColumn {
        table: table.name.clone(),
        column: name.to_owned(),
        columns: listed(table.columns.iter().map(|each| each.name)),
    })
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn wrong_value(column: &Column) -> FigureError {
    let example = match column.kind {
        ColumnKind::Text => "a text, in \"quotes\" where it has a comma, a bracket or a quote",
        ColumnKind::Integer => "a whole number such as 12",
        ColumnKind::Day => "a day such as 2021-10-14",
        ColumnKind::Month => "a month such as 2021-10",
        ColumnKind::Truth => "true or false",
    };
    FigureError::WrongValue { column: column.name.to_owned(), example }
}

/// A value as it is written: in quotes it is always a text.
struct WrittenValue {
    text: String,
    is_quoted: bool,
}

impl WrittenValue {
    fn as_value(&self, column: &Column) -> Result<Value, FigureError> {
        let text = self.text.as_str();
        let value = match column.kind {
            _ if text == NOTHING && !self.is_quoted => Some(Value::Nothing),
            ColumnKind::Text => Some(Value::Text(self.text.clone())),
            ColumnKind::Integer => text.parse().ok().map(Value::Integer),
            ColumnKind::Day => text.parse().ok().map(Value::Day),
            ColumnKind::Month => {
                let first = format!("{text}-01").parse().ok();
                first.map(|first| Value::Month(Month::of(first)))
            }
            ColumnKind::Truth => match text {
                "true" | "yes" | "1" => Some(Value::Truth(true)),
                "false" | "no" | "0" => Some(Value::Truth(false)),
                _ => None,
            },
        };
        value.ok_or_else(|| wrong_value(column))
    }
}

/// How nothing is written.
const NOTHING: &str = "(none)";

/// A figure as it is written.
struct Written {
    table: String,
    measure: String,
    columns: Vec<(String, WrittenValue)>,
}

impl Written {
    fn of(text: &str) -> Result<Self, FigureError> {
        let wrong = |says| FigureError::NotAFigure { says };
        let (name, rest) = match text.split_once('[') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        let (table, measure) =
            name.trim().split_once('.').ok_or(wrong("there is no full stop after the table"))?;
        let named = |name: &str| !name.is_empty() && !name.contains(['.', ']', '=', ',', '"']);
        if !named(table) || !named(measure) {
            return Err(wrong("the table or the measure has no name"));
        }
        let columns = rest.map_or(Ok(Vec::new()), columns)?;
        Ok(Self { table: table.to_owned(), measure: measure.to_owned(), columns })
    }
}

/// Reads `column=value,column=value]`, all of it.
fn columns(text: &str) -> Result<Vec<(String, WrittenValue)>, FigureError> {
    let wrong = |says| FigureError::NotAFigure { says };
    let mut columns = Vec::new();
    let mut rest = text;
    loop {
        let (column, after) =
            rest.split_once('=').ok_or(wrong("a column in the brackets has no value"))?;
        let (value, after) = value(after.trim_start())?;
        columns.push((column.trim().to_owned(), value));
        rest = match after.trim_start() {
            "]" => return Ok(columns),
            after => match after.strip_prefix(',') {
                Some(more) => more,
                None if after.is_empty() => return Err(wrong("the bracket is not closed")),
                None => return Err(wrong("something stands behind a value or the bracket")),
            },
        };
    }
}

/// Reads one value and returns it with what follows it.
fn value(text: &str) -> Result<(WrittenValue, &str), FigureError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ']']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        let value = value.trim().to_owned();
        return Ok((WrittenValue { text: value, is_quoted: false }, rest));
    };
    let (mut value, mut rest) = (String::new(), quoted);
    loop {
        let Some((before, after)) = rest.split_once('"') else {
            return Err(FigureError::NotAFigure { says: "a quote is not closed" });
        };
        value.push_str(before);
        let Some(more) = after.strip_prefix('"') else {
            return Ok((WrittenValue { text: value, is_quoted: true }, after));
        };
        value.push('"');
        rest = more;
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.measure)?;
        for (place, (column, value)) in self.columns.iter().enumerate() {
            let before = if place == 0 { "[" } else { "," };
            write!(f, "{before}{column}={}", written(value))?;
        }
        if self.columns.is_empty() { Ok(()) } else { f.write_str("]") }
    }
}

/// Returns a value as it is written in a figure.
fn written(value: &Value) -> String {
    match value {
        Value::Text(text)
            if text.is_empty()
                || text == NOTHING
                || text.trim() != text
                || text.contains([',', ']', '"']) =>
        {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        value => value.to_string(),
    }
}
