//! The twelve files as they grow: lines in one text per file, in order of generation, with an
//! index by which they are put in order of report at the end.

use std::fmt::{self, Display, Write};

use super::ExtractFile;
use super::calendar::{Date, in_summer_time};

/// The files of an extract, in the order of its specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum File {
    Participants,
    Referrals,
    Progress,
    Assessments,
    Needs,
    Interventions,
    Jobs,
    Evidence,
    Earnings,
    Benefits,
    Corrections,
    Claims,
}

/// A file's prefix of references, its name, and its columns after the three that all have.
type Shape = (&'static str, &'static str, &'static str);

const SHAPES: [Shape; 12] = [
    ("PT", "participants.csv", "participant,birth_year,sex,qualification,local_authority"),
    (
        "RF",
        "referrals.csv",
        "participant,participation,programme,received_on,referrer,participation_type,group,\
         provider,local_authority",
    ),
    ("PG", "progress.csv", "participation,step,detail"),
    ("AS", "assessments.csv", "participation,assessment,instrument,version,stage,code,value"),
    ("ND", "needs.csv", "participation,category,severity"),
    ("IV", "interventions.csv", "participation,intervention,category,delivery,provider,step"),
    ("JB", "jobs.csv", "participant,job,step,weekly_hours,sector,reason"),
    ("EV", "evidence.csv", "participant,job,method,covers_from,covers_to"),
    (
        "ER",
        "earnings.csv",
        "participant,statement_kind,scheme,period_from,period_to,gross_pence,qualifying",
    ),
    ("BN", "benefits.csv", "participant,benefit,observed_from,observed_to"),
    ("CX", "corrections.csv", "corrects,action,field,value,reason"),
    ("CM", "claims.csv", "participation,rule,step,amount_pence"),
];

/// When a source learned something, in the office's own time: later compares as greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reported {
    pub(super) date: Date,
    pub(super) second_of_day: u32,
}

impl Display for Reported {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, second) = (self.second_of_day / 60, self.second_of_day % 60);
        let zone = if in_summer_time(self.date) { "+01:00" } else { "Z" };
        write!(out, "{}T{:02}:{:02}:{second:02}{zone}", self.date, minutes / 60, minutes % 60)
    }
}

/// One row as written: enough of it to be corrected later.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) file: File,
    pub(super) number: u32,
    pub(super) on: Date,
    pub(super) reported: Reported,
}

impl Row {
    /// Returns the `ref` by which corrections name the row.
    pub(super) fn reference(&self) -> String {
        format!("{}{:07}", SHAPES[self.file as usize].0, self.number)
    }
}

/// Where a line stands in its sheet's text, and what it is put in order by.
struct Line {
    reported: Reported,
    number: u32,
    begins: usize,
    ends: usize,
}

#[derive(Default)]
struct Sheet {
    text: String,
    lines: Vec<Line>,
}

/// All twelve files.
pub(super) struct Sheets {
    sheets: [Sheet; 12],
}

impl Sheets {
    pub(super) fn new() -> Self {
        Self { sheets: Default::default() }
    }

    /// Writes one row with the next reference of its file.
    pub(super) fn write(
        &mut self,
        file: File,
        on: Date,
        reported: Reported,
        cells: &[&str],
    ) -> Row {
        let sheet = &mut self.sheets[file as usize];
        let number = u32::try_from(sheet.lines.len() + 1).unwrap_or(u32::MAX);
        let row = Row { file, number, on, reported };
        let begins = sheet.text.len();
        // Writing to a string cannot fail.
        let _ = write!(sheet.text, "{},{on},{reported}", row.reference());
        for cell in cells {
            sheet.text.push(',');
            push_cell(&mut sheet.text, cell);
        }
        sheet.text.push('\n');
        sheet.lines.push(Line { reported, number, begins, ends: sheet.text.len() });
        row
    }

    /// Returns the files, rows in order of report, then of reference.
    pub(super) fn into_files(self) -> Vec<ExtractFile> {
        SHAPES
            .into_iter()
            .zip(self.sheets)
            .map(|((_, name, columns), sheet)| ExtractFile { name, text: ordered(columns, sheet) })
            .collect()
    }
}

fn ordered(columns: &str, mut sheet: Sheet) -> String {
    sheet.lines.sort_unstable_by_key(|line| (line.reported, line.number));
    let mut text = String::with_capacity(sheet.text.len() + columns.len() + 24);
    text.push_str("ref,on,reported_at,");
    text.push_str(columns);
    text.push('\n');
    for line in &sheet.lines {
        text.push_str(&sheet.text[line.begins..line.ends]);
    }
    text
}

/// Writes a cell as RFC 4180 wants it: in quotes only where it needs them.
fn push_cell(text: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}
