//! A small model, and what a file of it says.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rusqlite::Connection;
use tempfile::TempDir;
use waystage_core::calendar::Month;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::{Cell, Table, Value, day, integer, measure, month, text, truth};
use waystage_core::view::Basis;
use waystage_sqlite::SqliteModels;
use waystage_store::models::{
    Anchor, Built, Change, ModelChange, ModelError, ModelStore, Parked, Row, Shape, Slot, Stand,
};
use waystage_store::sha256;

/// Returns a folder and where the file in it is.
pub(crate) fn a_folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("journeys.views.db");
    (folder, path)
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn person(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

pub(crate) fn stand(position: u64) -> Stand {
    let leaf = sha256(&position.to_be_bytes());
    Stand {
        anchor: Position::new(position).map(|position| Anchor { position, leaf }),
        as_of: date("2021-10-14"),
        basis: Basis::Recorded,
        packs: sha256(b"packs"),
        built: Built::Whole,
    }
}

pub(crate) fn waits_table() -> Table {
    Table::new("waits", "How long people wait, by provider.")
        .column(text("provider", "The provider; nothing where none was declared."))
        .column(month("cohort", "The month of the referral."))
        .column(day("since", "The day since when."))
        .column(integer("weeks", "Whole weeks."))
        .column(truth("is_over", "Whether it is over."))
        .measure(measure("people", "How many wait."))
        .measure(measure("days", "Their days together."))
}

pub(crate) fn waits() -> Shape {
    Shape { name: "waits".to_owned(), fingerprint: sha256(b"waits"), tables: vec![waits_table()] }
}

/// A second model, which has its own name and one measure.
pub(crate) fn claims() -> Shape {
    let table = Table::new("claims", "What was claimed.")
        .measure(measure("pence", "The amount, in pence."));
    Shape { name: "claims".to_owned(), fingerprint: sha256(b"claims"), tables: vec![table] }
}

/// Two rows: one with a value in each column, one with none.
pub(crate) fn two_rows() -> [Vec<Value>; 2] {
    let day = date("2021-03-31");
    let values = ["Ingeus".into(), Month::of(day).into(), day.into(), 7_i64.into(), true.into()];
    [values.to_vec(), vec![Value::Nothing; 5]]
}

/// Adds to both rows, to who is due and to who is parked.
pub(crate) fn more_waits(amount: i64) -> ModelChange {
    let [first, second] = two_rows();
    ModelChange {
        model: "waits".to_owned(),
        cells: Contributions::of([
            (Cell::of(0, first.clone(), 0), amount),
            (Cell::of(0, first, 1), -3 * amount),
            (Cell::of(0, second, 0), 2 * amount),
        ]),
        due: vec![(person(1), Some(date("2021-12-01")))],
        parked: vec![(
            person(2),
            Some(Parked { participant: person(2), position: Position::new(4), says: "odd".into() }),
        )],
    }
}

pub(crate) fn nothing_of(model: &str) -> ModelChange {
    ModelChange { model: model.to_owned(), ..ModelChange::default() }
}

pub(crate) fn step(from: u64, models: Vec<ModelChange>) -> Change {
    Change { from: stand(from), to: stand(from + 1), models }
}

/// Makes a file that holds the model at position 2.
pub(crate) fn a_file(path: &Path) -> SqliteModels {
    let models = SqliteModels::open(path).unwrap();
    models.begin(&[waits()], &stand(1)).unwrap();
    models.switch().unwrap();
    models.apply(Slot::Live, &step(1, vec![more_waits(1)])).unwrap();
    models
}

pub(crate) fn rows(models: &SqliteModels) -> Vec<Row> {
    models.snapshot().unwrap().rows(Slot::Live, &waits_table()).unwrap()
}

/// The rows that there are once this amount was added.
pub(crate) fn rows_of(amount: i64) -> Vec<Row> {
    let [first, second] = two_rows();
    vec![
        Row { row: second, amounts: vec![2 * amount, 0] },
        Row { row: first, amounts: vec![amount, -3 * amount] },
    ]
}

/// Runs a statement on the file as another program would.
pub(crate) fn outside(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// Returns what an error says; the folder is shown as `…`.
pub(crate) fn said(error: &ModelError, path: &Path) -> String {
    let folder = path.parent().unwrap().to_str().unwrap();
    error.to_string().replace(folder, "…")
}

/// Returns what is in the folder, by name.
pub(crate) fn names_in(path: &Path) -> Vec<String> {
    let files = fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
