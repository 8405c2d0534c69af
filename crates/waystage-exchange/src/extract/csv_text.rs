//! From bytes to rows of cells. A file that is not CSV by RFC 4180, not UTF-8, or has other columns
//! than its kind refuses the whole extract, with file, line and reason: such a file was exported
//! wrongly, and half of it would be worse than none.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use waystage_store::NAME_BYTES_MAX;

use super::shape::FileName;

/// The longest cell, in bytes: a row of such cells still fits into a payload, whatever they hold.
const CELL_BYTES_MAX: usize = 16 * 1024;

/// Why a whole extract is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractRefused {
    /// The folder or a file cannot be read.
    #[error("{path}: {says}")]
    Unreadable {
        /// What was to be read.
        path: String,
        /// Why it could not.
        says: String,
    },
    /// The folder has a CSV file that an extract does not have.
    #[error(
        "{file}: an extract has no such file: rename it, or take it out of the folder (known are {known})"
    )]
    UnknownFile {
        /// The file.
        file: String,
        /// The files that an extract may have.
        known: String,
    },
    /// The folder has none of an extract's files.
    #[error("{path}: there is no file of an extract in this folder (known are {known})")]
    Empty {
        /// The folder.
        path: String,
        /// The files that an extract may have.
        known: String,
    },
    /// A file is not CSV, or has the wrong columns.
    #[error("{file}:{line}: {says}")]
    NotCsv {
        /// The file.
        file: FileName,
        /// The physical line.
        line: u64,
        /// What is wrong, and what to do.
        says: String,
    },
}

/// A row as read: its cells by the order of [`FileName::all_columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawRow {
    pub(super) line: u64,
    pub(super) cells: Vec<String>,
}

/// An extract as read: rows of cells, not yet judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extract {
    pub(super) files: BTreeMap<FileName, Vec<RawRow>>,
}

impl Extract {
    /// Reads the files of a folder. Files that are no CSV are none of its business.
    pub fn read_folder(folder: &Path) -> Result<Self, ExtractRefused> {
        let unreadable = |path: &Path, error: &std::io::Error| ExtractRefused::Unreadable {
            path: path.display().to_string(),
            says: error.to_string(),
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
            let path = entry.map_err(|error| unreadable(folder, &error))?.path();
            let is_csv = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
            if !is_csv {
                continue;
            }
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            files.push((name.unwrap_or_default(), bytes));
        }
        if files.is_empty() {
            return Err(ExtractRefused::Empty {
                path: folder.display().to_string(),
                known: known(),
            });
        }
        files.sort();
        Self::read(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
    }

    /// Reads files by name and content.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, ExtractRefused> {
        let mut extract = Self::default();
        for (name, bytes) in files {
            let Some(file) = FileName::ALL.into_iter().find(|file| file.as_str() == name) else {
                return Err(ExtractRefused::UnknownFile { file: name.to_owned(), known: known() });
            };
            extract.files.insert(file, rows(file, bytes)?);
        }
        Ok(extract)
    }

    /// Returns the number of rows in all files.
    pub fn rows(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }
}

fn known() -> String {
    FileName::ALL.map(FileName::as_str).join(", ")
}

fn rows(file: FileName, bytes: &[u8]) -> Result<Vec<RawRow>, ExtractRefused> {
    let refused = |line: u64, says: String| ExtractRefused::NotCsv { file, line, says };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes, error.valid_up_to());
        refused(line, "these bytes are not UTF-8: export the file as UTF-8".to_owned())
    })?;
    let lines = record_lines(text).map_err(|(line, says)| refused(line, says.to_owned()))?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = lines.iter().copied().zip(reader.records());
    let Some((_, header)) = records.next() else {
        return Err(refused(1, "the file is empty: it needs a header row".to_owned()));
    };
    let unreadable = |line: u64, error: &csv::Error| refused(line, error.to_string());
    let header = header.map_err(|error| unreadable(1, &error))?;
    let order = order_of(file, &header).map_err(|says| refused(lines[0], says))?;
    let mut rows = Vec::new();
    for (line, record) in records {
        let record = record.map_err(|error| unreadable(line, &error))?;
        if record.len() != header.len() {
            let (got, wanted) = (record.len(), header.len());
            let says = format!(
                "the row has {got} cells and the header {wanted}: check its commas and quotes"
            );
            return Err(refused(line, says));
        }
        for (name, cell) in header.iter().zip(record.iter()) {
            let limit = if name == "ref" { NAME_BYTES_MAX } else { CELL_BYTES_MAX };
            if cell.len() > limit {
                let got = cell.len();
                let says = format!("{name:?} has {got} bytes and may have {limit}: shorten it");
                return Err(refused(line, says));
            }
        }
        let cells = order.iter().map(|&at| record.get(at).unwrap_or_default().to_owned());
        rows.push(RawRow { line, cells: cells.collect() });
    }
    Ok(rows)
}

/// Returns where each column of the kind stands in the header.
fn order_of(file: FileName, header: &csv::StringRecord) -> Result<Vec<usize>, String> {
    let columns: Vec<&str> = file.all_columns().collect();
    if let Some(strange) = header.iter().find(|name| !columns.contains(name)) {
        return Err(format!(
            "{strange:?} is no column of this file: leave it out (its columns are {})",
            columns.join(", ")
        ));
    }
    let place = |column: &&str| {
        let mut places = header.iter().enumerate().filter(|(_, name)| name == column);
        match (places.next(), places.next()) {
            (Some((at, _)), None) => Ok(at),
            (None, _) => Err(format!("the column {column:?} is missing: add it, blank if need be")),
            (Some(_), Some(_)) => Err(format!("the column {column:?} stands twice: leave one out")),
        }
    };
    columns.iter().map(place).collect()
}

fn line_at(bytes: &[u8], offset: usize) -> u64 {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() as u64
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    RecordStart,
    CellStart,
    Plain,
    Quoted,
    QuoteClosed,
}

/// Returns the physical line on which each record starts, blank lines left out, or the line and
/// reason why the text is not CSV. The reader behind forgives what RFC 4180 does not allow.
pub(crate) fn record_lines(text: &str) -> Result<Vec<u64>, (u64, &'static str)> {
    let mut lines = Vec::new();
    let (mut at, mut line, mut opened) = (At::RecordStart, 1_u64, 1_u64);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte == 0 {
            return Err((line, "a NUL stands in the text: export the file again"));
        }
        let ends_line = byte == b'\n' || (byte == b'\r' && bytes.peek() == Some(&b'\n'));
        if at == At::RecordStart && !ends_line {
            lines.push(line);
            at = At::CellStart;
        }
        at = match (at, byte) {
            (At::Quoted, b'"') => At::QuoteClosed,
            (At::Quoted, _) => At::Quoted,
            (At::QuoteClosed, b'"') => At::Quoted,
            (At::CellStart, b'"') => {
                opened = line;
                At::Quoted
            }
            (At::Plain, b'"') => {
                return Err((
                    line,
                    "a quote stands inside a cell: quote the whole cell and double it",
                ));
            }
            (_, b',') => At::CellStart,
            (_, b'\n') => At::RecordStart,
            (before, b'\r') if ends_line => before,
            (_, b'\r') => {
                return Err((line, "a carriage return stands alone: end lines with LF or CRLF"));
            }
            (At::QuoteClosed, _) => {
                return Err((line, "text follows a closing quote: double quotes inside a cell"));
            }
            (At::RecordStart | At::CellStart | At::Plain, _) => At::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    if at == At::Quoted {
        return Err((opened, "a quote is opened here and never closed"));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::record_lines;

    #[test]
    fn records_know_the_physical_line_on_which_they_start() {
        let text = "a,b\r\n1,\"x\ny\"\r\n\r\n2,\"say \"\"no\"\"\"\n\n3,";
        assert_eq!(record_lines(text), Ok(vec![1, 2, 5, 7]));
    }
}
