//! A difference as CSV, for spreadsheets: figures, readings and people. A text that a spreadsheet
//! would run as a formula is given a leading apostrophe; numbers stay numbers.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use waystage::replay::difference::{Difference, PersonDifference};
use waystage::store::codec;

use super::{answer_words, called, reading_words};
use crate::failure::Failure;

/// Writes `figures.csv`, `readings.csv` and `people.csv` into a folder, which is made if need be.
/// Files of these names are replaced.
pub(crate) fn write(difference: &Difference, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let sheets = [
        ("figures.csv", figures(difference)),
        ("readings.csv", readings(difference)),
        ("people.csv", people(difference)),
    ];
    for (name, sheet) in sheets {
        let path = folder.join(name);
        let written = File::create(&path).and_then(|file| {
            let mut out = BufWriter::new(file);
            out.write_all(sheet.0.as_bytes())?;
            out.flush()
        });
        written.map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}

/// A cell.
enum Cell {
    Text(String),
    Number(i64),
    Nothing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }
}

impl Cell {
    fn written(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => {
                let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
                let safe = if is_formula { format!("'{text}") } else { text.clone() };
                let is_plain = !safe.contains(['"', ',', '\n', '\r']);
                if is_plain { safe } else { format!("\"{}\"", safe.replace('"', "\"\"")) }
            }
        }
    }
}

/// A sheet, as it is written.
struct Sheet(String);

impl Sheet {
    fn new(titles: &str) -> Self {
        Self(format!("{titles}\n"))
    }

    fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.written()).collect();
        self.0.push_str(&cells.join(","));
        self.0.push('\n');
    }
}

fn figures(difference: &Difference) -> Sheet {
    let mut sheet =
        Sheet::new("model,table,row,measure,before,after,change,after_of_assumed,people");
    for figure in difference.figures() {
        let row: Vec<String> =
            figure.row().map(|(column, value)| format!("{column}={value}")).collect();
        let people: Vec<String> = figure.shares.iter().map(|share| called(share.person)).collect();
        sheet.row([
            figure.model.name.as_str().into(),
            figure.table().map_or("", |table| table.name.as_str()).into(),
            row.join("; ").into(),
            figure.measure().into(),
            figure.before.into(),
            figure.before.map(|before| before + figure.change).into(),
            Cell::Number(figure.change),
            Cell::Number(figure.model.assumed.get(figure.cell)),
            people.join(" ").into(),
        ]);
    }
    // nobody is behind delivery fees, and no model counts them
    for change in &difference.delivery {
        let (before, after) = (change.before.pence, change.after.pence);
        sheet.row([
            "delivery".into(),
            "delivery".into(),
            format!("programme={}", change.programme).into(),
            "pence".into(),
            Cell::Number(before),
            Cell::Number(after),
            Cell::Number(after.saturating_sub(before)),
            Cell::Number(0),
            "".into(),
        ]);
    }
    sheet
}

fn readings(difference: &Difference) -> Sheet {
    let mut sheet = Sheet::new(
        "participant,participation,programme,rule,before,after,before_in_full,after_in_full,\
         reason,says_before,says_after,because,assumed",
    );
    for person in &difference.people {
        for change in &person.readings {
            let why = change.why();
            let [before, after] = &change.says;
            sheet.row([
                called(person).into(),
                change.reference.as_str().into(),
                change.programme.as_str().into(),
                why.rule.into(),
                answer_words(why.before).into(),
                answer_words(why.after).into(),
                reading_words(change.before.as_ref()).into(),
                reading_words(change.after.as_ref()).into(),
                change.reason.as_str().into(),
                before.as_deref().unwrap_or_default().into(),
                after.as_deref().unwrap_or_default().into(),
                change.because.join(" ").into(),
                change.assumed.to_string().into(),
            ]);
        }
    }
    sheet
}

fn people(difference: &Difference) -> Sheet {
    let mut sheet = Sheet::new(
        "participant,event,kind,on,differs,corrections,assumed,recorded_at,actor,rules,tables,day",
    );
    for person in &difference.people {
        for fact in &person.facts {
            let by: Vec<&str> = fact.corrections.iter().map(|by| by.label.as_str()).collect();
            let own = [
                called(person).into(),
                fact.event.label.as_str().into(),
                codec::stored(fact.event.kind).0.into(),
                fact.event.on.to_string().into(),
                fact.differs.as_str().into(),
                by.join(" ").into(),
                fact.assumed.to_string().into(),
                fact.event.recorded_at.to_string().into(),
                fact.event.actor.as_str().into(),
            ];
            sheet.row(own.into_iter().chain(of_person(person)));
        }
        if person.facts.is_empty() {
            let own = [called(person).into()];
            let none = (0..8).map(|_| Cell::Nothing);
            sheet.row(own.into_iter().chain(none).chain(of_person(person)));
        }
    }
    sheet
}

fn of_person(person: &PersonDifference) -> [Cell; 3] {
    let rules: Vec<&str> = person.rules.iter().map(|id| id.as_str()).collect();
    [rules.join(" ").into(), person.tables.to_string().into(), person.day.to_string().into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text_and_reads_back_as_it_was() {
        let mut sheet = Sheet::new("a,b,c");
        let texts =
            ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain", "a,b", "say \"x\"", "two\nrows"];
        for text in texts {
            sheet.row([text.into(), Cell::Number(-3), Cell::Nothing]);
        }
        let mut reader = csv::Reader::from_reader(sheet.0.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("CSV")).collect();
        assert_eq!(rows.len(), texts.len());
        for (row, text) in rows.iter().zip(texts) {
            assert!(!row[0].starts_with(['=', '+', '-', '@', '\t']), "{row:?}");
            assert_eq!(row[0].strip_prefix('\'').unwrap_or(&row[0]), text);
            assert_eq!((&row[1], &row[2]), ("-3", ""));
        }
    }
}
