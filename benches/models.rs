//! What keeping read models in a file costs: changes large and small, switching, reading.
//! `cargo bench -p waystage-benches --bench models`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a benchmark may

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use waystage::core::contribution::Contributions;
use waystage::core::id::{ParticipantId, Position};
use waystage::core::table::{Cell, Table, Value, integer, measure, month, text, truth};
use waystage::core::view::Basis;
use waystage::store::models::{
    Anchor, Built, Change, ModelChange, ModelStore, Shape, Slot, Snapshot, Stand,
};
use waystage::store::sha256;
use waystage_sqlite::SqliteModels;

/// Cells, rows or entries of a large change.
const MANY: i64 = 100_000;
/// Models of an application that keeps all that come along.
const MODELS: u64 = 13;
const TURNS: usize = 5;

fn stand(position: u64) -> Stand {
    let leaf = sha256(&position.to_be_bytes());
    Stand {
        anchor: Position::new(position).map(|position| Anchor { position, leaf }),
        as_of: "2026-01-01".parse().unwrap(),
        basis: Basis::Recorded,
        packs: sha256(b"packs"),
        built: Built::Whole,
    }
}

fn person(number: i64) -> ParticipantId {
    ParticipantId::from_bytes(sha256(&number.to_be_bytes()).as_bytes()[..16].try_into().unwrap())
}

fn name(model: u64) -> String {
    format!("model_{model}")
}

fn table(model: u64) -> Table {
    Table::new(name(model), "Participations by what is known of them.")
        .column(text("programme", "The programme."))
        .column(text("provider", "The provider."))
        .column(text("area", "The area."))
        .column(month("cohort", "The month of the referral."))
        .column(integer("weeks", "Weeks since."))
        .column(truth("is_open", "Whether it goes on."))
        .measure(measure("referrals", "Referrals."))
        .measure(measure("starts", "Starts."))
        .measure(measure("jobs", "Jobs."))
        .measure(measure("outcomes", "Outcomes."))
}

fn shapes() -> Vec<Shape> {
    let shape = |model| Shape {
        name: name(model),
        fingerprint: sha256(b"model"),
        tables: vec![table(model)],
    };
    (0..MODELS).map(shape).collect()
}

/// Returns so many cells, of which so many share a row.
fn cells(count: i64, a_row: i64, amount: i64) -> Contributions<Cell> {
    let row = |number: i64| -> Vec<Value> {
        let day = |months: u32| "2021-01-01".parse::<chrono::NaiveDate>().map(|day| (day, months));
        let (day, months) = day(u32::try_from(number % 36).unwrap()).unwrap();
        vec![
            format!("programme-{}", number % 19).into(),
            format!("provider {}", number % 101).into(),
            if number % 10 == 0 { Value::Nothing } else { format!("E0{}", number % 331).into() },
            waystage::core::calendar::Month::of(day).after(months).into(),
            number.into(),
            (number % 2 == 0).into(),
        ]
    };
    Contributions::of((0..count).map(|number| {
        let measure = usize::try_from(number % a_row).unwrap();
        (Cell::of(0, row(number / a_row), measure), amount)
    }))
}

fn due(count: i64, day: &str) -> Vec<(ParticipantId, Option<chrono::NaiveDate>)> {
    let day = day.parse().unwrap();
    (0..count).map(|number| (person(number), Some(day))).collect()
}

/// A file of models, and where it stands.
struct Kept {
    models: SqliteModels,
    path: PathBuf,
    position: u64,
    _folder: TempDir,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journeys.views.db");
        let models = SqliteModels::open(&path).unwrap();
        models.begin(&shapes(), &stand(0)).unwrap();
        models.switch().unwrap();
        Self { models, path, position: 0, _folder: folder }
    }

    /// Applies a change to all models, of which some have something to change.
    fn apply(&mut self, slot: Slot, change: impl Fn(u64) -> ModelChange) -> Duration {
        let models = (0..MODELS).map(|model| ModelChange { model: name(model), ..change(model) });
        let (from, to) = (stand(self.position), stand(self.position + 1));
        let change = Change { from, to, models: models.collect() };
        let began = Instant::now();
        self.models.apply(slot, &change).unwrap();
        self.position += 1;
        began.elapsed()
    }
}

fn in_first(change: &ModelChange) -> impl Fn(u64) -> ModelChange {
    move |model| if model == 0 { change.clone() } else { ModelChange::default() }
}

fn of_cells(cells: Contributions<Cell>) -> ModelChange {
    ModelChange { cells, ..ModelChange::default() }
}

fn of_due(day: &str) -> ModelChange {
    ModelChange { due: due(MANY, day), ..ModelChange::default() }
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    println!("| {what} | {} | {:.1?} | {:.1?} |", times.len(), times[0], times[times.len() / 2]);
}

fn large_changes() {
    let steps: [(&str, ModelChange); 7] = [
        ("100,000 cells, each a new row", of_cells(cells(MANY, 1, 2))),
        ("100,000 cells, each added to a row", of_cells(cells(MANY, 1, 1))),
        ("100,000 cells, each taking its row away", of_cells(cells(MANY, 1, -3))),
        ("100,000 cells of 25,000 new rows", of_cells(cells(MANY, 4, 1))),
        ("100,000 people due, all new", of_due("2026-02-01")),
        ("100,000 people due, all on another day", of_due("2026-03-01")),
        ("100,000 people due, as they were", of_due("2026-03-01")),
    ];
    let mut times = vec![Vec::new(); steps.len()];
    for _ in 0..TURNS {
        let mut kept = Kept::new();
        for ((_, change), times) in steps.iter().zip(&mut times) {
            times.push(kept.apply(Slot::Live, in_first(change)));
        }
    }
    for ((what, _), times) in steps.iter().zip(times) {
        row(what, times);
    }
}

/// One person's new facts: few cells in each model, another day on which they are due.
fn small_changes() {
    let mut kept = Kept::new();
    kept.apply(Slot::Live, in_first(&of_cells(cells(MANY, 1, 1))));
    let times = (0..500).map(|number| {
        let day = Some("2026-02-01".parse().unwrap());
        kept.apply(Slot::Live, |_| ModelChange {
            cells: cells(8, 4, 1),
            due: vec![(person(number), day)],
            parked: vec![(person(number), None)],
            ..ModelChange::default()
        })
    });
    row("one person in 13 models, 8 cells each", times.collect());
}

/// A rebuild as it is done: some people at a time, each due on a day of their own.
fn in_parts() {
    let day = |number: i64| {
        let first: chrono::NaiveDate = "2026-01-01".parse().unwrap();
        let days = u32::try_from(number * 7919 % 500).unwrap();
        Some(waystage::core::calendar::days_after(first, days))
    };
    let mut people: Vec<_> = (0..MANY).map(|number| (person(number), day(number))).collect();
    people.sort();
    for size in [1_000, 5_000, 20_000] {
        let mut kept = Kept::new();
        kept.models.begin(&shapes(), &stand(0)).unwrap();
        let parts = people.chunks(size).map(|part| {
            kept.apply(Slot::Next, |_| ModelChange {
                cells: cells(500, 4, 1),
                due: part.to_vec(),
                ..ModelChange::default()
            })
        });
        let whole: Duration = parts.sum();
        row(&format!("100,000 people in 13 models, {size} people at a time"), vec![whole]);
    }
}

/// A whole rebuild beside what answers: everybody due in every model, and the switches.
fn switching() {
    let mut kept = Kept::new();
    let (mut built, mut switched) = (Vec::new(), Vec::new());
    let change = ModelChange { cells: cells(5_000, 4, 1), ..of_due("2026-02-01") };
    for _ in 0..4 {
        kept.models.begin(&shapes(), &stand(kept.position)).unwrap();
        built.push(kept.apply(Slot::Next, |_| change.clone()));
        let began = Instant::now();
        kept.models.switch().unwrap();
        switched.push(began.elapsed());
    }
    row("13 models of 5,000 cells and 100,000 people due", built);
    row("switching to them, dropping as many", switched.split_off(2));
    let by = "2026-02-01".parse().unwrap();
    let began = Instant::now();
    assert_eq!(kept.models.due(Slot::Live, by).unwrap().len(), 1_300_000);
    row("listing 1,300,000 people due", vec![began.elapsed()]);
    let listed = (0..100).map(|_| {
        let began = Instant::now();
        assert_eq!(kept.models.due(Slot::Live, stand(0).as_of).unwrap().len(), 0);
        began.elapsed()
    });
    row("listing that nobody is due", listed.collect());
    let size = std::fs::metadata(&kept.path).unwrap().len();
    println!("\n{} MiB in the file, with two generations of 13 models", size >> 20);
}

fn reading() {
    let mut kept = Kept::new();
    kept.apply(Slot::Live, in_first(&of_cells(cells(MANY, 1, 1))));
    kept.apply(Slot::Live, |model| {
        if model == 1 { of_cells(cells(1_000, 1, 1)) } else { ModelChange::default() }
    });
    let read = |model: u64, count: usize| {
        let began = Instant::now();
        let snapshot: Box<dyn Snapshot + '_> = kept.models.snapshot().unwrap();
        assert_eq!(snapshot.rows(Slot::Live, &table(model)).unwrap().len(), count);
        began.elapsed()
    };
    row("a snapshot of 100,000 rows", (0..TURNS).map(|_| read(0, 100_000)).collect());
    row("a snapshot of 1,000 rows", (0..100).map(|_| read(1, 1_000)).collect());
    row("a snapshot of an empty table", (0..100).map(|_| read(2, 0)).collect());
}

fn main() {
    println!("| what | turns | fastest | middle |\n|---|--:|--:|--:|");
    large_changes();
    small_changes();
    reading();
    in_parts();
    switching();
}
