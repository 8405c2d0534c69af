//! Models, stands and changes that rules are tried with.

use chrono::NaiveDate;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::{Cell, Table, Value, day, integer, measure, month, text, truth};
use waystage_core::view::Basis;
use waystage_store::models::{
    Anchor, Built, Change, ModelChange, ModelError, ModelStore, Parked, Row, Shape, Slot, Stand,
};
use waystage_store::{Digest, sha256};

pub(super) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn person(number: u64) -> ParticipantId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ParticipantId::from_bytes(bytes)
}

/// Returns a stand at a position, everybody in; position 0 is that of an empty log.
pub(super) fn stand(position: u64) -> Stand {
    let anchor = |position: Position| Anchor { position, leaf: leaf(position.get()) };
    Stand {
        anchor: Position::new(position).map(anchor),
        as_of: date("2021-10-14"),
        basis: Basis::Recorded,
        packs: sha256(b"packs"),
        built: Built::Whole,
    }
}

pub(super) fn leaf(position: u64) -> Digest {
    sha256(&position.to_be_bytes())
}

/// By provider and area.
pub(super) fn funnel_table() -> Table {
    Table::new("funnel", "How many came how far, by provider and area.")
        .column(text("provider", "The provider referred to."))
        .column(text("area", "The area lived in;\nnothing where none was declared."))
        .measure(measure("referrals", "Participations that were referred."))
        .measure(measure("starts", "Participations that started."))
}

/// No columns at all.
pub(super) fn totals_table() -> Table {
    Table::new("funnel_totals", "How many came how far.")
        .measure(measure("referrals", "Participations that were referred."))
}

/// A model of two tables.
pub(super) fn funnel() -> Shape {
    shape("funnel", vec![funnel_table(), totals_table()])
}

/// One column.
pub(super) fn claims_table() -> Table {
    Table::new("claims", "What was claimed, by provider.")
        .column(text("provider", "The provider who claims."))
        .measure(measure("pence", "The amount, in pence."))
}

/// Another model.
pub(super) fn claims() -> Shape {
    shape("claims", vec![claims_table()])
}

/// A column of every kind.
pub(super) fn kinds_table() -> Table {
    Table::new("kinds", "A value of every kind.")
        .column(text("word", "A text."))
        .column(integer("number", "A whole number."))
        .column(day("day", "A day."))
        .column(month("month", "A month."))
        .column(truth("truth", "Yes or no."))
        .measure(measure("amount", "An amount."))
}

pub(super) fn kinds() -> Shape {
    shape("kinds", vec![kinds_table()])
}

pub(super) fn shape(name: &str, tables: Vec<Table>) -> Shape {
    Shape { name: name.to_owned(), fingerprint: sha256(name.as_bytes()), tables }
}

pub(super) fn fingerprints(shapes: &[Shape]) -> Vec<(String, Digest)> {
    let mut all: Vec<_> =
        shapes.iter().map(|shape| (shape.name.clone(), shape.fingerprint)).collect();
    all.sort();
    all
}

/// Returns what a cell of a table adds: its table, its values, its measure, the amount.
pub(super) fn cell(
    table: usize,
    row: impl IntoIterator<Item = impl Into<Value>>,
    measure: usize,
    amount: i64,
) -> (Cell, i64) {
    (Cell::of(table, row.into_iter().map(Into::into).collect(), measure), amount)
}

/// A cell of the table without columns.
pub(super) fn total(amount: i64) -> (Cell, i64) {
    cell(1, [""; 0], 0, amount)
}

pub(super) fn adds(model: &str, cells: impl IntoIterator<Item = (Cell, i64)>) -> ModelChange {
    let cells = Contributions::of(cells);
    ModelChange { model: model.to_owned(), cells, ..ModelChange::default() }
}

pub(super) fn from_to(from: Stand, to: Stand, models: Vec<ModelChange>) -> Change {
    Change { from, to, models }
}

/// Begins these models at a position and makes them live.
pub(super) fn live(store: &dyn ModelStore, shapes: &[Shape], position: u64) {
    store.begin(shapes, &stand(position)).unwrap();
    store.switch().unwrap();
}

pub(super) fn row(
    row: impl IntoIterator<Item = impl Into<Value>>,
    amounts: impl IntoIterator<Item = i64>,
) -> Row {
    Row { row: row.into_iter().map(Into::into).collect(), amounts: amounts.into_iter().collect() }
}

pub(super) fn rows(store: &dyn ModelStore, slot: Slot, table: &Table) -> Vec<Row> {
    store.snapshot().unwrap().rows(slot, table).unwrap()
}

pub(super) fn parked(store: &dyn ModelStore, slot: Slot, model: &str) -> Vec<Parked> {
    store.snapshot().unwrap().parked(slot, model).unwrap()
}

/// Everything that a store answers about these tables, for before and after.
#[derive(Debug, PartialEq, Default)]
pub(super) struct Seen {
    stands: Vec<Option<Stand>>,
    fingerprints: Vec<Vec<(String, Digest)>>,
    rows: Vec<Option<Vec<Row>>>,
    parked: Vec<Option<Vec<Parked>>>,
    due: Vec<Vec<(ParticipantId, String)>>,
}

/// Looks at everything that a store keeps of these models.
pub(super) fn seen(store: &dyn ModelStore, shapes: &[Shape]) -> Seen {
    let snapshot = store.snapshot().unwrap();
    let mut seen = Seen::default();
    for slot in [Slot::Live, Slot::Next, Slot::Previous] {
        let at = snapshot.stand(slot).unwrap();
        assert_eq!(at, store.stand(slot).unwrap());
        seen.stands.push(at);
        let answering = snapshot.fingerprints(slot).unwrap();
        assert_eq!(answering, store.fingerprints(slot).unwrap());
        seen.fingerprints.push(answering);
        for shape in shapes {
            seen.parked.push(snapshot.parked(slot, &shape.name).ok());
            let tables = shape.tables.iter().map(|table| snapshot.rows(slot, table).ok());
            seen.rows.extend(tables);
        }
        seen.due.push(store.due(slot, NaiveDate::MAX).unwrap());
    }
    seen
}

/// Returns what a refusal says.
#[track_caller]
pub(super) fn refused(answer: Result<(), ModelError>) -> String {
    answer.expect_err("it is refused").to_string()
}
