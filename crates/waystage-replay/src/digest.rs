//! The digest of a summed read model, by which copies of it are compared: live, rebuilt, added up
//! in parallel, kept in memory or in a file. Two models share it only where every cell is equal.

use chrono::{Datelike, NaiveDate};
use waystage_core::contribution::Contributions;
use waystage_core::table::{Cell, Table, Value};
use waystage_store::{Digest, sha256};

/// Returns the digest of a summed model and the shape of its tables. What tables and columns say
/// of themselves for people is not in it.
///
/// ```
/// use waystage_core::contribution::Contributions;
/// use waystage_core::table::{Cell, Table, measure, text};
/// use waystage_replay::cells_digest;
/// let tables = [Table::new("by_provider", "Referrals, by who they were made to.")
///     .column(text("provider", "The provider referred to."))
///     .measure(measure("referrals", "Participations whose referral is in the view."))];
/// let referred = |provider: &str| Contributions::of([(Cell::of(0, vec![provider.into()], 0), 1)]);
/// let (mut live, mut rebuilt) = (referred("one"), referred("other"));
/// live.add(&referred("other"));
/// rebuilt.add(&referred("one"));
/// assert_eq!(cells_digest(&tables, &live), cells_digest(&tables, &rebuilt));
/// ```
pub fn cells_digest(tables: &[Table], cells: &Contributions<Cell>) -> Digest {
    let mut bytes = Bytes::of("waystage.model.v1\n");
    bytes.tables(tables);
    bytes.cells(cells);
    bytes.digest()
}

/// Bytes to be hashed. Whatever has no fixed length has it before it, so that no two contents
/// share their bytes.
pub(crate) struct Bytes(Vec<u8>);

impl Bytes {
    /// Begins with a line that says what is hashed.
    pub(crate) fn of(domain: &str) -> Self {
        Self(domain.as_bytes().to_vec())
    }

    pub(crate) fn digest(&self) -> Digest {
        sha256(&self.0)
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&(count as u64).to_be_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn id(&mut self, id: &[u8; 16]) {
        self.0.extend_from_slice(id);
    }

    /// Takes in the shape of tables: names, columns with their kinds, measures.
    pub(crate) fn tables(&mut self, tables: &[Table]) {
        self.count(tables.len());
        for table in tables {
            self.text(&table.name);
            self.count(table.columns.len());
            for column in &table.columns {
                self.text(column.name);
                self.text(column.kind.as_str());
            }
            self.count(table.measures.len());
            for measure in &table.measures {
                self.text(measure.name);
            }
        }
    }

    /// Takes in cells with their amounts, in the order of the cells.
    pub(crate) fn cells(&mut self, cells: &Contributions<Cell>) {
        self.count(cells.len());
        for (cell, amount) in cells.iter() {
            self.count(cell.table);
            self.count(cell.row.len());
            cell.row.iter().for_each(|value| self.value(value));
            self.count(cell.measure);
            self.0.extend_from_slice(&amount.to_be_bytes());
        }
    }

    /// Takes in a day, or that there is none.
    pub(crate) fn day(&mut self, day: Option<NaiveDate>) {
        self.value(&day.into());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Nothing => self.0.push(0),
            Value::Truth(truth) => self.0.extend_from_slice(&[1, u8::from(*truth)]),
            Value::Integer(number) => {
                self.0.push(2);
                self.0.extend_from_slice(&number.to_be_bytes());
            }
            Value::Day(day) => {
                self.0.push(3);
                self.0.extend_from_slice(&day.num_days_from_ce().to_be_bytes());
            }
            Value::Month(month) => {
                self.0.push(4);
                self.0.extend_from_slice(&month.first().num_days_from_ce().to_be_bytes());
            }
            Value::Text(text) => {
                self.0.push(5);
                self.text(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use waystage_core::calendar::Month;
    use waystage_core::table::{Column, integer, measure, text};

    use super::*;

    fn table(column: Column) -> Vec<Table> {
        vec![Table::new("t", "A table.").column(column).measure(measure("m", "A measure."))]
    }

    fn digest_of(row: Vec<Value>, amount: i64) -> Digest {
        let cells = Contributions::of([(Cell::of(0, row, 0), amount)]);
        cells_digest(&table(text("c", "A column.")), &cells)
    }

    #[test]
    fn values_that_differ_in_kind_or_content_have_other_digests() {
        let day: NaiveDate = "2021-10-01".parse().expect("a day");
        let rows = [
            vec![],
            vec![Value::Nothing],
            vec![Value::Truth(false)],
            vec![Value::Truth(true)],
            vec![Value::Integer(0)],
            vec![Value::Integer(1)],
            vec![Value::Integer(-1)],
            vec![Value::Day(day)],
            vec![Value::Month(Month::of(day))],
            vec![Value::Text(String::new())],
            vec![Value::Text("ab".to_owned()), Value::Text("c".to_owned())],
            vec![Value::Text("a".to_owned()), Value::Text("bc".to_owned())],
        ];
        for (place, one) in rows.iter().enumerate() {
            for other in &rows[place + 1..] {
                assert_ne!(digest_of(one.clone(), 1), digest_of(other.clone(), 1), "{other:?}");
            }
        }
        assert_ne!(digest_of(Vec::new(), 1), digest_of(Vec::new(), -1));
    }

    #[test]
    fn the_shape_of_tables_counts_and_what_they_say_does_not() {
        let cells = Contributions::none();
        let digest = |column| cells_digest(&table(column), &cells);
        assert_eq!(digest(text("c", "One.")), digest(text("c", "Other.")));
        assert_ne!(digest(text("c", "One.")), digest(text("d", "One.")));
        assert_ne!(digest(text("c", "One.")), digest(integer("c", "One.")));
        assert_ne!(cells_digest(&[], &cells), digest(text("c", "One.")));
    }

    /// Stored beside a model: what is hashed may never be another under the same first line.
    #[test]
    fn the_digest_is_what_it_always_was() {
        let day: NaiveDate = "2021-10-01".parse().expect("a day");
        let row = vec![
            Value::Nothing,
            Value::Truth(true),
            Value::Integer(-2),
            Value::Day(day),
            Value::Month(Month::of(day)),
            Value::Text("é".to_owned()),
        ];
        let digest = "42473f87f1bd4923a1e9703e8d6b0f7f3145cf48663eda84f5818ee1683063ee";
        assert_eq!(digest_of(row, 7).to_string(), digest);
    }
}
