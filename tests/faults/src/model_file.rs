//! Read models under faults: a set of models whose rows follow from the position at which they
//! stand, so that any disk shows whether the two agree.

use std::path::{Path, PathBuf};

use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::{Cell, Table, integer, measure, text};
use waystage_core::view::Basis;
use waystage_sqlite::SqliteModels;
use waystage_store::models::{
    Anchor, Built, Change, ModelChange, ModelError, ModelStore, Shape, Slot, Snapshot, Stand,
};
use waystage_store::sha256;

/// Rows of the first model.
const LANES: u64 = 30;
/// Steps between one rebuild and the next.
const REBUILT_EVERY: u64 = 20;

/// Returns where the read models are in a folder.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("journeys.views.db")
}

fn lanes() -> Table {
    Table::new("lanes", "Steps by lane.")
        .column(integer("lane", "The lane."))
        .column(text("note", "Something long."))
        .measure(measure("steps", "How many."))
        .measure(measure("weight", "The sum of their numbers."))
}

fn heads() -> Table {
    Table::new("heads", "All steps.").measure(measure("steps", "How many."))
}

fn shapes() -> Vec<Shape> {
    let shape = |table: Table| Shape {
        name: table.name.clone(),
        fingerprint: sha256(table.name.as_bytes()),
        tables: vec![table],
    };
    vec![shape(lanes()), shape(heads())]
}

/// Returns the stand at a position.
pub fn stand(position: u64) -> Stand {
    let leaf = sha256(&position.to_be_bytes());
    Stand {
        anchor: Position::new(position).map(|position| Anchor { position, leaf }),
        as_of: "2026-01-01".parse().unwrap(),
        basis: Basis::Recorded,
        packs: sha256(b"packs"),
        built: Built::Whole,
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

/// Returns what steps add to both models.
fn part(steps: std::ops::RangeInclusive<u64>) -> Vec<ModelChange> {
    let row = |lane: u64| vec![whole(lane).into(), "note ".repeat(40).into()];
    let cells = steps.clone().flat_map(|step| {
        let lane = step % LANES;
        [(Cell::of(0, row(lane), 0), 1), (Cell::of(0, row(lane), 1), whole(step))]
    });
    let person = ParticipantId::from_bytes([u8::try_from(steps.end() % LANES).unwrap(); 16]);
    let lanes = ModelChange {
        model: "lanes".to_owned(),
        cells: Contributions::of(cells),
        due: vec![(person, Some(stand(0).as_of))],
        parked: Vec::new(),
    };
    let count = whole(steps.end() + 1 - steps.start());
    let heads = ModelChange {
        model: "heads".to_owned(),
        cells: Contributions::of([(Cell::of(0, vec![], 0), count)]),
        ..ModelChange::default()
    };
    vec![lanes, heads]
}

/// Brings the models of a folder as many steps further as there shall be, and tells of each.
pub fn write(folder: &Path, last: u64, mut tell: impl FnMut(u64)) -> Result<(), ModelError> {
    let models = SqliteModels::open(&file(folder))?;
    if models.stand(Slot::Live)?.is_none() {
        models.begin(&shapes(), &stand(0))?;
        models.switch()?;
    }
    let mut at = position(models.stand(Slot::Live)?);
    while at < last {
        let step = at + 1;
        let change = Change { from: stand(at), to: stand(step), models: part(step..=step) };
        models.apply(Slot::Live, &change)?;
        at = step;
        tell(at);
        if at.is_multiple_of(REBUILT_EVERY) {
            rebuild(&models, at)?;
        }
    }
    Ok(())
}

fn rebuild(models: &SqliteModels, at: u64) -> Result<(), ModelError> {
    let begun = Stand { built: Built::Through(None), ..stand(at) };
    models.begin(&shapes(), &begun)?;
    let change = Change { from: begun, to: stand(at), models: part(1..=at) };
    models.apply(Slot::Next, &change)?;
    models.switch()
}

fn position(stand: Option<Stand>) -> u64 {
    stand.and_then(|stand| stand.position()).map_or(0, Position::get)
}

/// Returns at which position the models of a folder stand, or in what stand and rows differ.
pub fn check(folder: &Path) -> Result<u64, String> {
    let says = |error: ModelError| error.to_string();
    let models = SqliteModels::open(&file(folder)).map_err(says)?;
    let snapshot = models.snapshot().map_err(says)?;
    for slot in [Slot::Next, Slot::Previous, Slot::Live] {
        agree(&*snapshot, slot).map_err(|error| format!("{slot:?}: {error}"))?;
    }
    Ok(position(snapshot.stand(Slot::Live).map_err(says)?))
}

fn agree(snapshot: &dyn Snapshot, slot: Slot) -> Result<(), String> {
    let says = |error: ModelError| error.to_string();
    let Some(at) = snapshot.stand(slot).map_err(says)? else { return Ok(()) };
    let steps = match at.built {
        Built::Whole => position(Some(at)),
        Built::Through(_) => 0,
    };
    let sum = |table: &Table, measure: usize| -> Result<i64, String> {
        let rows = snapshot.rows(slot, table).map_err(says)?;
        Ok(rows.iter().map(|row| row.amounts[measure]).sum())
    };
    let found = (sum(&lanes(), 0)?, sum(&lanes(), 1)?, sum(&heads(), 0)?);
    let expected = (whole(steps), whole(steps * (steps + 1) / 2), whole(steps));
    if found == expected { Ok(()) } else { Err(format!("{found:?} at {steps}")) }
}
