//! Printing: JSON with sorted keys, tables on a terminal, plain text elsewhere.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde_json::Value;
use waystage::core::contribution::Contributions;
use waystage::replay::{Looked, Sum};
use waystage::store::models::Parked;

/// How many parked participants are named where a report is without them.
const PARKED_SHOWN: usize = 5;

/// Where a command prints to.
pub(crate) struct Output {
    out: io::BufWriter<Box<dyn Write>>,
    is_terminal: bool,
    parked: BTreeSet<Parked>,
}

impl Output {
    pub(crate) fn new() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        Self { out: io::BufWriter::new(Box::new(stdout)), is_terminal, parked: BTreeSet::new() }
    }

    /// Returns an output that prints elsewhere, as plain text.
    pub(crate) fn to(place: impl Write + 'static) -> Self {
        let out = io::BufWriter::new(Box::new(place) as Box<dyn Write>);
        Self { out, is_terminal: false, parked: BTreeSet::new() }
    }

    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        for line in text.split('\n') {
            writeln!(self.out, "{}", plain(line))?;
        }
        Ok(())
    }

    /// Prints one JSON document on a line; its keys are sorted.
    ///
    /// A document that says in which view it was read also says how many participants it is
    /// without, because something about them could not be read.
    pub(crate) fn json(&mut self, value: &Value) -> io::Result<()> {
        match value {
            Value::Object(document) if document.contains_key("view") => {
                let mut document = document.clone();
                document.insert("parked".to_owned(), self.participants_parked().into());
                serde_json::to_writer(&mut self.out, &document)?;
            }
            value => serde_json::to_writer(&mut self.out, value)?,
        }
        writeln!(self.out)
    }

    pub(crate) fn table(&mut self, table: &Rows) -> io::Result<()> {
        let mut printed = Table::new();
        let fit = if self.is_terminal {
            ContentArrangement::Dynamic
        } else {
            ContentArrangement::Disabled
        };
        printed.load_style(NOTHING).set_content_arrangement(fit);
        printed.set_header(table.header.clone());
        for row in &table.lines {
            printed.add_row(row.clone());
        }
        for column in &table.numbers {
            if let Some(column) = printed.column_mut(*column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in printed.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Returns a model, and keeps in mind whom it is without.
    pub(crate) fn without<K: Ord>(&mut self, sum: Sum<K>) -> Contributions<K> {
        self.left_out(&sum.parked);
        sum.model
    }

    /// Returns what was looked at, and keeps in mind whom it is without.
    pub(crate) fn looked<T>(&mut self, looked: Looked<T>) -> Vec<T> {
        self.left_out(&looked.parked);
        looked.each
    }

    /// Keeps in mind that what is printed is without these participants.
    pub(crate) fn left_out(&mut self, parked: &[Parked]) {
        self.parked.extend(parked.iter().cloned());
    }

    fn participants_parked(&self) -> usize {
        self.parked.iter().map(|parked| parked.participant).collect::<BTreeSet<_>>().len()
    }

    /// Prints what is left, and on standard error whom everything that was printed is without.
    /// Returns whether that is somebody.
    pub(crate) fn finish(mut self) -> io::Result<bool> {
        self.out.flush()?;
        let count = self.participants_parked();
        if count > 0 {
            eprintln!("without {count} participants, of whom something cannot be read:");
        }
        for parked in self.parked.iter().take(PARKED_SHOWN) {
            eprintln!("  {}: {}", parked.participant, parked.says);
        }
        if self.parked.len() > PARKED_SHOWN {
            eprintln!("  and more: `waystage parked` lists them");
        }
        Ok(count > 0)
    }
}

/// A table that is to be printed.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    header: Vec<String>,
    lines: Vec<Vec<String>>,
    numbers: Vec<usize>,
}

impl Rows {
    /// Returns an empty table; columns whose title begins with `#` hold numbers.
    pub(crate) fn new<T: AsRef<str>>(columns: impl IntoIterator<Item = T>) -> Self {
        let columns: Vec<String> =
            columns.into_iter().map(|column| column.as_ref().to_owned()).collect();
        let numbers = (0..columns.len()).filter(|at| columns[*at].starts_with('#')).collect();
        let header = columns.into_iter().map(|title| title.trim_start_matches('#').to_owned());
        Self { header: header.collect(), lines: Vec::new(), numbers }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.lines.push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Returns text whose control characters are made visible: nothing that a source says steers the
/// terminal of who reads it.
fn plain(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    text.chars().fold(String::new(), |mut shown, each| {
        if each.is_control() {
            shown.extend(each.escape_default());
        } else {
            shown.push(each);
        }
        shown
    })
}

/// Returns a share in percent with one decimal, from whole numbers; a dash where there is nothing.
pub(crate) fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let permille = (part * 1000 + whole / 2).div_euclid(whole);
    format!("{}.{}%", permille / 10, permille % 10)
}

/// Returns a mean with one decimal, from whole numbers; a dash where there is nothing.
pub(crate) fn tenths(sum: i64, count: i64) -> String {
    if count == 0 {
        return "-".to_owned();
    }
    let tenths = (sum * 10 + count / 2).div_euclid(count);
    format!("{}.{}", tenths / 10, tenths % 10)
}
