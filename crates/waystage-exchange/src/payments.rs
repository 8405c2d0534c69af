//! A file of payments, as whoever paid keeps it: CSV with a header and the columns `claim`,
//! `participation`, `rule` and `amount_pence` in any order. A file that is anything else is refused
//! as a whole, with line and reason: half of it would say that the other half was never paid.

use std::fs;
use std::path::Path;

use crate::extract::record_lines;

/// The columns of a file of payments.
const COLUMNS: [&str; 4] = ["claim", "participation", "rule", "amount_pence"];

/// A payment, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidRow {
    /// The physical line.
    pub line: u64,
    /// The claim, as its source calls it.
    pub claim: String,
    /// The participation, as its source calls it.
    pub participation: String,
    /// The rule.
    pub rule: String,
    /// Pence paid.
    pub amount_pence: i64,
}

/// Why a file of payments is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentsRefused {
    /// The file cannot be read.
    #[error("{file}: {says}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why it could not.
        says: String,
    },
    /// A line is not CSV, or a cell is not what its column holds.
    #[error("{file}:{line}: {says}")]
    NotPayments {
        /// The file.
        file: String,
        /// The physical line.
        line: u64,
        /// What is wrong, and what to do.
        says: String,
    },
}

/// Reads a file of payments.
pub fn read_payments(path: &Path) -> Result<Vec<PaidRow>, PaymentsRefused> {
    let file = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => payments(&file, &bytes),
        Err(error) => Err(PaymentsRefused::Unreadable { file, says: error.to_string() }),
    }
}

/// Reads payments from bytes; `file` is what messages call them.
///
/// ```
/// use waystage_exchange::payments;
/// let text = "amount_pence,claim,participation,rule\n220000,CM1,CLW-1,job-outcome\n";
/// let rows = payments("paid.csv", text.as_bytes()).unwrap();
/// assert_eq!((rows[0].claim.as_str(), rows[0].amount_pence), ("CM1", 220_000));
/// let error = payments("paid.csv", b"claim,rule\nCM1,job-outcome\n").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "paid.csv:1: the column participation is missing: write a header with claim, \
///      participation, rule, amount_pence"
/// );
/// ```
pub fn payments(file: &str, bytes: &[u8]) -> Result<Vec<PaidRow>, PaymentsRefused> {
    let refused = |line: u64, says: String| PaymentsRefused::NotPayments {
        file: file.to_owned(),
        line,
        says,
    };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count() as u64;
        refused(line, "the line is not UTF-8: export the file again".to_owned())
    })?;
    let lines = record_lines(text).map_err(|(line, says)| refused(line, says.to_owned()))?;
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(bytes);
    let not_csv = |line: u64| {
        refused(line, "this has more or fewer cells than the header: export it again".to_owned())
    };
    let header = reader.headers().map_err(|_| not_csv(1))?.clone();
    let places = places(&header).map_err(|says| refused(1, says))?;
    let mut rows = Vec::new();
    for (record, line) in reader.records().zip(lines.into_iter().skip(1)) {
        let record = record.map_err(|_| not_csv(line))?;
        let [claim, participation, rule, amount] =
            places.map(|place| record.get(place).unwrap_or("").to_owned());
        let cells = [&claim, &participation, &rule];
        if let Some((column, _)) = COLUMNS.iter().zip(cells).find(|(_, cell)| cell.is_empty()) {
            return Err(refused(line, format!("{column} is empty: name it")));
        }
        let Ok(amount_pence) = amount.parse() else {
            let says = "amount_pence is not a whole number of pence: write 220000 for £2,200.00";
            return Err(refused(line, says.to_owned()));
        };
        rows.push(PaidRow { line, claim, participation, rule, amount_pence });
    }
    Ok(rows)
}

/// Returns where each column stands.
fn places(header: &csv::StringRecord) -> Result<[usize; 4], String> {
    let write = format!("write a header with {}", COLUMNS.join(", "));
    if let Some(unknown) = header.iter().position(|name| !COLUMNS.contains(&name)) {
        return Err(format!("column {} is none of a file of payments: {write}", unknown + 1));
    }
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut found = (0..header.len()).filter(|at| header.get(*at) == Some(column));
        match (found.next(), found.next()) {
            (Some(at), None) => *place = at,
            (None, _) => return Err(format!("the column {column} is missing: {write}")),
            (Some(_), Some(_)) => return Err(format!("the column {column} stands twice: {write}")),
        }
    }
    Ok(places)
}
