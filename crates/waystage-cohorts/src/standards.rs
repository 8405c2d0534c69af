//! Service standards: whether what was to be done was done in time. All six answers are counted, so
//! they add up to the referrals of the row, and "in time" always says out of how many.

use std::collections::BTreeMap;

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::readings::{Case, StandardAnswer};
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Table, Tabular, Value, measure, text};

use crate::columns::PROGRAMME;
use crate::funnel::{Dimension, distinct, told};

/// Participations by what one standard reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StandardKey {
    /// The programme.
    pub programme: String,
    /// The standard's name within it.
    pub standard: String,
    /// One value for each dimension.
    pub row: Vec<Value>,
    /// What it reads.
    pub answer: StandardAnswer,
}

/// Service standards by programme and standard, and by some dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standards {
    /// What rows are grouped by beside programme and standard; often nothing.
    pub by: Vec<Dimension>,
}

impl Projection for Standards {
    type Key = StandardKey;

    fn name(&self) -> &'static str {
        "standards"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<StandardKey> {
        let mut contributions = Contributions::none();
        for case in Case::all(replayed) {
            let row: Vec<Value> =
                self.by.iter().map(|dimension| dimension.of(case.participation)).collect();
            for reading in case.standards() {
                let key = StandardKey {
                    programme: case.programme.id.to_string(),
                    standard: reading.standard,
                    row: row.clone(),
                    answer: reading.answer,
                };
                contributions.count(key, 1);
            }
        }
        contributions
    }
}

/// Participations by the six answers of a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SixCounts {
    /// Done by the last day.
    pub met: i64,
    /// Done after it.
    pub late: i64,
    /// Not done, and not due.
    pub open: i64,
    /// Not done, and overdue.
    pub missing: i64,
    /// It never fell due.
    pub not_due: i64,
    /// Nobody can say: its calendar is not there.
    pub unknown: i64,
}

impl SixCounts {
    /// Returns the referrals that the standard was read for.
    pub const fn all(&self) -> i64 {
        self.due() + self.open + self.not_due + self.unknown
    }

    /// Returns those for which it is settled: met, late and missing.
    pub const fn due(&self) -> i64 {
        self.met + self.late + self.missing
    }
}

/// One standard of one programme, in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardRow {
    /// The programme.
    pub programme: String,
    /// The standard's name within it.
    pub standard: String,
    /// One value for each dimension.
    pub row: Vec<Option<String>>,
    /// What it reads; the six add up to the referrals of the row.
    pub counts: SixCounts,
}

impl Standards {
    /// Returns the rows of the summed model, in order.
    pub fn rows(model: &Contributions<StandardKey>) -> Vec<StandardRow> {
        let mut rows: BTreeMap<(&str, &str, &[Value]), SixCounts> = BTreeMap::new();
        for (key, amount) in model.iter() {
            let counts = rows.entry((&key.programme, &key.standard, &key.row)).or_default();
            *match key.answer {
                StandardAnswer::Met => &mut counts.met,
                StandardAnswer::Late => &mut counts.late,
                StandardAnswer::Open => &mut counts.open,
                StandardAnswer::Missing => &mut counts.missing,
                StandardAnswer::NotDue => &mut counts.not_due,
                StandardAnswer::Unknown => &mut counts.unknown,
            } += amount;
        }
        let rows = rows.into_iter().map(|((programme, standard, row), counts)| StandardRow {
            programme: programme.to_owned(),
            standard: standard.to_owned(),
            row: told(row),
            counts,
        });
        rows.collect()
    }
}

impl Standards {
    /// Returns the dimensions that have a column: every row is of one programme anyway.
    fn columns(&self) -> impl Iterator<Item = (usize, Dimension)> {
        distinct(&self.by).filter(|(_, dimension)| *dimension != Dimension::Programme)
    }
}

impl Tabular for Standards {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new(
            "standards",
            "Participations by what a service standard reads; the six add up to the referrals.",
        );
        let table = table
            .column(PROGRAMME)
            .column(text("standard", "The standard, by its name within the programme."));
        let table = self.columns().fold(table, |table, (_, each)| table.column(each.column()));
        let measures = [
            measure("met", "Participations for which it was done by the last day."),
            measure("late", "Participations for which it was done after the last day."),
            measure("open", "Participations for which it is not done, and not due."),
            measure("missing", "Participations for which it is not done, and overdue."),
            measure("not_due", "Participations for which it never fell due."),
            measure("unknown", "Participations of which nobody can say: no calendar is there."),
        ];
        vec![measures.into_iter().fold(table, Table::measure)]
    }

    fn cell(&self, key: StandardKey) -> Cell {
        let named = self.columns().filter_map(|(place, _)| key.row.get(place).cloned());
        let own = [key.programme.into(), key.standard.into()];
        let row = own.into_iter().chain(named).collect();
        let measure = match key.answer {
            StandardAnswer::Met => 0,
            StandardAnswer::Late => 1,
            StandardAnswer::Open => 2,
            StandardAnswer::Missing => 3,
            StandardAnswer::NotDue => 4,
            StandardAnswer::Unknown => 5,
        };
        Cell::of(0, row, measure)
    }
}
