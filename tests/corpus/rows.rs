//! The rows of journeys: a line is a file, a ref, a day, perhaps when it was told and stored, and
//! its cells. `direct` rows are events that no source supplied.

use chrono::{Datelike, NaiveDate};
use waystage_core::time::Timestamp;

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) reference: String,
    pub(crate) on: NaiveDate,
    pub(crate) told: Timestamp,
    pub(crate) stored: Timestamp,
    pub(crate) cells: Vec<String>,
}

/// Reads rows; empty lines and remarks are none.
pub(crate) fn read(text: &str) -> Vec<Row> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let mut words = line.split_whitespace().peekable();
    let mut word = || words.next().unwrap_or_else(|| panic!("a word is missing: {line:?}"));
    let (file, reference) = (word().to_owned(), word().to_owned());
    let on: NaiveDate = word().parse().unwrap_or_else(|_| panic!("no day: {line:?}"));
    let mut instant = |name: &str| {
        let given = words.next_if(|word| word.starts_with(name));
        given.map(|word| parsed(word[name.len()..].trim_start_matches('=')))
    };
    let told = instant("told").unwrap_or_else(|| parsed(&on.to_string()));
    let stored = instant("stored").unwrap_or_else(|| next_quarter(told));
    Row { file, reference, on, told, stored, cells: words.map(ToOwned::to_owned).collect() }
}

/// Reads an instant; a day alone is its noon, UTC.
fn parsed(text: &str) -> Timestamp {
    let text = if text.contains('T') { text.to_owned() } else { format!("{text}T12:00:00Z") };
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Stored is, where nothing else is said, at the beginning of the quarter after it was told.
fn next_quarter(told: Timestamp) -> Timestamp {
    let day = told.date();
    let (year, month) = match day.month0() / 3 {
        3 => (day.year() + 1, 1),
        quarter => (day.year(), quarter * 3 + 4),
    };
    parsed(&format!("{year}-{month:02}-01T00:00:00Z"))
}
