//! The shape in which a read model is kept: tables with plain names, columns that say which row,
//! and measures that are added up. A cell is where one amount stands.
//!
//! A model keeps nothing but these sums, so any program that reads tables can read it.

use chrono::NaiveDate;

use crate::calendar::Month;
use crate::contribution::{Contributions, Projection};
use crate::journey::code::codes;
use crate::replayed::Replayed;

codes! {
    /// What a column of a row holds.
    ColumnKind {
        /// Text.
        Text = "text",
        /// A whole number; money in pence, hours in minutes.
        Integer = "integer",
        /// A day, `2021-10-14`.
        Day = "day",
        /// A month, `2021-10`.
        Month = "month",
        /// Yes or no, kept as 1 or 0.
        Truth = "truth",
    }
}

/// A column that says which row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name: lower-case letters, digits and underscores.
    pub name: &'static str,
    /// What it holds. Any column may hold nothing where nothing was declared.
    pub kind: ColumnKind,
    /// What it means, in one sentence.
    pub says: &'static str,
}

/// Returns a column of texts.
pub const fn text(name: &'static str, says: &'static str) -> Column {
    Column { name, kind: ColumnKind::Text, says }
}

/// Returns a column of whole numbers.
pub const fn integer(name: &'static str, says: &'static str) -> Column {
    Column { name, kind: ColumnKind::Integer, says }
}

/// Returns a column of days.
pub const fn day(name: &'static str, says: &'static str) -> Column {
    Column { name, kind: ColumnKind::Day, says }
}

/// Returns a column of months.
pub const fn month(name: &'static str, says: &'static str) -> Column {
    Column { name, kind: ColumnKind::Month, says }
}

/// Returns a column of yes or no.
pub const fn truth(name: &'static str, says: &'static str) -> Column {
    Column { name, kind: ColumnKind::Truth, says }
}

/// A column of amounts that are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Its name: lower-case letters, digits and underscores.
    pub name: &'static str,
    /// What it counts and in which unit, in one sentence.
    pub says: &'static str,
}

/// Returns a measure.
pub const fn measure(name: &'static str, says: &'static str) -> Measure {
    Measure { name, says }
}

/// One table of a read model.
///
/// ```
/// use waystage_core::table::{Table, measure, text};
/// let table = Table::new("referrals_by_provider", "Referrals, by who they were made to.")
///     .column(text("provider", "The provider referred to."))
///     .measure(measure("referrals", "Participations whose referral is in the view."));
/// assert_eq!(table.columns[0].name, "provider");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name: lower-case letters, digits and underscores.
    pub name: String,
    /// What a row is, in one sentence.
    pub says: &'static str,
    /// The columns that say which row it is, together unique.
    pub columns: Vec<Column>,
    /// The amounts of a row.
    pub measures: Vec<Measure>,
}

impl Table {
    /// Returns a table without columns.
    pub fn new(name: impl Into<String>, says: &'static str) -> Self {
        Self { name: name.into(), says, columns: Vec::new(), measures: Vec::new() }
    }

    /// Adds a column that says which row it is.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Adds an amount.
    #[must_use]
    pub fn measure(mut self, measure: Measure) -> Self {
        self.measures.push(measure);
        self
    }
}

/// What stands in a column of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing was declared.
    Nothing,
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Integer(i64),
    /// A day.
    Day(NaiveDate),
    /// A month.
    Month(Month),
    /// Text.
    Text(String),
}

impl Value {
    /// Returns whether a column of this kind may hold it.
    pub const fn fits(&self, kind: ColumnKind) -> bool {
        match self {
            Self::Nothing => true,
            Self::Truth(_) => matches!(kind, ColumnKind::Truth),
            Self::Integer(_) => matches!(kind, ColumnKind::Integer),
            Self::Day(_) => matches!(kind, ColumnKind::Day),
            Self::Month(_) => matches!(kind, ColumnKind::Month),
            Self::Text(_) => matches!(kind, ColumnKind::Text),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.pad("(none)"),
            Self::Truth(truth) => std::fmt::Display::fmt(truth, f),
            Self::Integer(number) => std::fmt::Display::fmt(number, f),
            Self::Day(day) => std::fmt::Display::fmt(day, f),
            Self::Month(month) => std::fmt::Display::fmt(month, f),
            Self::Text(text) => f.pad(text),
        }
    }
}

macro_rules! values {
    ($($of:ty => |$it:ident| $value:expr;)*) => {$(
        impl From<$of> for Value {
            fn from($it: $of) -> Self {
                $value
            }
        }
    )*};
}

values! {
    bool => |it| Self::Truth(it);
    i64 => |it| Self::Integer(it);
    u32 => |it| Self::Integer(i64::from(it));
    NaiveDate => |it| Self::Day(it);
    Month => |it| Self::Month(it);
    String => |it| Self::Text(it);
    &str => |it| Self::Text(it.to_owned());
    &String => |it| Self::Text(it.clone());
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// Where one amount stands: a table of its model, a row, a measure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The table's place among the model's tables.
    pub table: usize,
    /// What says which row it is, a value for each column.
    pub row: Vec<Value>,
    /// The measure's place among the table's measures.
    pub measure: usize,
}

impl Cell {
    /// Returns the cell of a measure in a row of a table.
    pub const fn of(table: usize, row: Vec<Value>, measure: usize) -> Self {
        Self { table, row, measure }
    }
}

/// A projection that can be kept as tables.
///
/// # Examples
///
/// Referrals by provider, the whole of it:
///
/// ```
/// use waystage_core::contribution::{Contributions, Projection};
/// use waystage_core::replayed::Replayed;
/// use waystage_core::table::{Cell, Table, Tabular, measure, text};
///
/// struct ByProvider;
///
/// impl Projection for ByProvider {
///     type Key = String;
///     fn name(&self) -> &'static str {
///         "by_provider"
///     }
///     fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<String> {
///         let referred = replayed.journey.participations.iter();
///         Contributions::of(referred.map(|each| (each.provider.clone(), 1)))
///     }
/// }
///
/// impl Tabular for ByProvider {
///     fn tables(&self) -> Vec<Table> {
///         vec![Table::new("by_provider", "Referrals, by who they were made to.")
///             .column(text("provider", "The provider referred to."))
///             .measure(measure("referrals", "Participations whose referral is in the view."))]
///     }
///     fn cell(&self, provider: String) -> Cell {
///         Cell::of(0, vec![provider.into()], 0)
///     }
/// }
/// ```
pub trait Tabular: Projection {
    /// Returns the tables of the model; at least one.
    fn tables(&self) -> Vec<Table>;

    /// Returns where the amounts under a key stand. Two keys never stand in one cell.
    fn cell(&self, key: Self::Key) -> Cell;
}

/// A tabular projection whose keys are cells: all that keeping, comparing and checking need to
/// know of it. Every [`Tabular`] is one.
pub trait Model: Send + Sync {
    /// Returns the model's name.
    fn name(&self) -> &'static str;

    /// Returns the version that its author declares.
    fn version(&self) -> u32;

    /// Returns its tables.
    fn tables(&self) -> Vec<Table>;

    /// Returns what one participant contributes.
    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Cell>;

    /// Returns the first later day on which time alone could change that.
    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate>;

    /// Returns whether it reads rules of programmes that a participant was never referred to:
    /// [`Projection::reads_every_programme`].
    fn reads_every_programme(&self) -> bool {
        false
    }
}

impl<P: Tabular + Send> Model for P {
    fn name(&self) -> &'static str {
        Projection::name(self)
    }

    fn version(&self) -> u32 {
        Projection::version(self)
    }

    fn tables(&self) -> Vec<Table> {
        Tabular::tables(self)
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Cell> {
        let contributions = Projection::contribute(self, replayed);
        let cells = contributions.into_iter().map(|(key, amount)| (self.cell(key), amount));
        Contributions::of_distinct(cells)
    }

    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        let own = Projection::due(self, replayed);
        own.into_iter().chain(replayed.next_change()).min()
    }

    fn reads_every_programme(&self) -> bool {
        Projection::reads_every_programme(self)
    }
}
