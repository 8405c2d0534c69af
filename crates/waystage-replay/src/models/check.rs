//! Comparing models: what answers against what was built, and against the log itself. A difference
//! names table, row and amount, and the first event from which the log says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::{Cell, Table, Value};
use waystage_core::view::{Through, View};
use waystage_store::models::{ModelError, Parked, Slot, Stand};
use waystage_store::{StoreError, decode_where};

use super::refresh::Upkeep;
use super::set::{KeptModel, view_of};
use super::step::{Step, Touched, guarded};
use crate::reading::wanted_by;

/// How many participants are added up at a time.
const WINDOW: usize = 4096;

/// One amount that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The model.
    pub model: String,
    /// The table.
    pub table: String,
    /// The row: each column with its value.
    pub row: Vec<(&'static str, Value)>,
    /// The measure.
    pub measure: &'static str,
    /// What stands in the one.
    pub before: i64,
    /// What stands in the other.
    pub after: i64,
    /// The first event from which the other is right, where that was looked for and there is one.
    pub from: Option<Position>,
}

/// What comparing the models that answer with the log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Where the models stand.
    pub stand: Stand,
    /// The models that were compared.
    pub models: Vec<String>,
    /// The models that were not, because they do not answer: they wait for a rebuild.
    pub not_checked: Vec<String>,
    /// Amounts that are kept otherwise than the log gives them: `before` is what is kept.
    pub differences: Vec<Difference>,
    /// Participants who are parked in a model and should not be, or the reverse.
    pub parked: Vec<(String, ParticipantId)>,
    /// Participants who were replayed.
    pub participants: u64,
    /// Events that were read.
    pub events: u64,
}

impl Checked {
    /// Returns whether what is kept is what the log gives.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.parked.is_empty()
    }
}

impl Upkeep<'_> {
    /// Adds up the models that answer again from the log, at the place where they stand, and
    /// compares. Nothing is changed.
    pub fn verify(&self, names: &[&str]) -> Result<Checked, ModelError> {
        self.check(names, false)
    }

    /// As [`Upkeep::verify`], and traces what differs to the first event that explains it: before
    /// it, the log gave what is kept; where it never did, the first event behind the amount.
    pub fn scrub(&self, names: &[&str]) -> Result<Checked, ModelError> {
        self.check(names, true)
    }

    fn check(&self, names: &[&str], trace: bool) -> Result<Checked, ModelError> {
        // what is kept may move on meanwhile: what was taken here stays as it was, and the log up
        // to there does too
        let snapshot = self.store.snapshot()?;
        let kept = snapshot.fingerprints(Slot::Live)?;
        let current = self.set.current(&kept);
        let answers = |model: &&KeptModel| current.iter().any(|each| each.shape == model.shape);
        let (wanted, silent): (Vec<_>, Vec<_>) = self.named(names)?.into_iter().partition(answers);
        if let Some(model) = silent.first().filter(|_| !names.is_empty() || wanted.is_empty()) {
            return Err(not_answering(model, &kept));
        }
        let Some(stand) = snapshot.stand(Slot::Live)? else {
            return Err(self.none_current(&kept));
        };
        self.check_anchor(&stand)?;
        let sums = self.sums(&wanted, &stand)?;
        let name = |kept: &&KeptModel| kept.shape.name.clone();
        let mut checked = Checked {
            models: wanted.iter().map(name).collect(),
            not_checked: silent.iter().map(name).collect(),
            differences: Vec::new(),
            parked: Vec::new(),
            participants: sums.participants,
            events: sums.events,
            stand,
        };
        for (model, (cells, parked)) in wanted.iter().zip(&sums.models) {
            let (name, tables) = (&model.shape.name, &model.shape.tables);
            let held = snapshot.cells(Slot::Live, tables)?;
            let differ = cells.difference(&held);
            let firsts = if trace && !differ.is_empty() {
                self.firsts(model, &differ, &held, &checked.stand)?
            } else {
                BTreeMap::new()
            };
            checked.differences.extend(listed(model, &held, cells, &firsts));
            let held: BTreeSet<_> =
                snapshot.parked(Slot::Live, name)?.iter().map(|each| each.participant).collect();
            let due: BTreeSet<_> = parked.iter().map(|each| each.participant).collect();
            let otherwise = held.symmetric_difference(&due);
            checked.parked.extend(otherwise.map(|each| (name.clone(), *each)));
        }
        Ok(checked)
    }

    /// Compares a model between two generations that stand at one place.
    pub(crate) fn between(
        &self,
        model: &KeptModel,
        one: Slot,
        other: Slot,
    ) -> Result<Vec<Difference>, ModelError> {
        let snapshot = self.store.snapshot()?;
        let before = snapshot.cells(one, &model.shape.tables)?;
        let after = snapshot.cells(other, &model.shape.tables)?;
        Ok(listed(model, &before, &after, &BTreeMap::new()))
    }

    /// Adds up models from the log at a stand.
    pub(crate) fn sums(&self, models: &[&KeptModel], stand: &Stand) -> Result<Sums, ModelError> {
        let mut sums = Sums {
            models: models.iter().map(|_| (Contributions::none(), Vec::new())).collect(),
            participants: 0,
            events: 0,
        };
        let Some(view) = view_of(stand) else { return Ok(sums) };
        let participants = self.reader.participants()?;
        let all = participants.len() as u64;
        let step = Step {
            reader: self.reader,
            models,
            parked: vec![BTreeSet::new(); models.len()],
            before: None,
            after: Some(self.lens(view)),
            watch: &|_, _| {},
        };
        for window in participants.chunks(WINDOW) {
            let window: Vec<_> = window.iter().map(|each| (*each, Touched::Every)).collect();
            let taken = step.take(&window)?;
            sums.participants += taken.participants;
            sums.events += taken.events_read;
            for ((cells, parked), of_window) in sums.models.iter_mut().zip(taken.changes()?) {
                cells.take_in(of_window.cells);
                parked.extend(of_window.parked.into_iter().filter_map(|(_, parked)| parked));
            }
            self.tell(crate::replay::Progress {
                participants: sums.participants,
                participants_all: all,
                events: sums.events,
            });
        }
        Ok(sums)
    }

    /// Returns for each cell that differs the first event from which the log gives another amount
    /// than the one that is held.
    fn firsts(
        &self,
        model: &KeptModel,
        differ: &Contributions<Cell>,
        held: &Contributions<Cell>,
        stand: &Stand,
    ) -> Result<BTreeMap<Cell, Position>, ModelError> {
        let Some(view) = view_of(stand) else { return Ok(BTreeMap::new()) };
        let cells: BTreeSet<Cell> = differ.iter().map(|(cell, _)| cell.clone()).collect();
        let of: BTreeSet<(usize, Vec<Value>)> =
            cells.iter().map(|cell| (cell.table, cell.row.clone())).collect();
        let participants = self.reader.participants()?;
        let steps = participants
            .par_iter()
            .map(|participant| self.history(*participant, model, &of, view))
            .collect::<Result<Vec<_>, ModelError>>()?;
        let mut by_cell: BTreeMap<Cell, BTreeMap<Position, i64>> = BTreeMap::new();
        let mut rows: BTreeMap<(usize, Vec<Value>), Position> = BTreeMap::new();
        for (cell, position, amount) in steps.into_iter().flatten() {
            let row = rows.entry((cell.table, cell.row.clone())).or_insert(position);
            *row = position.min(*row);
            if cells.contains(&cell) {
                *by_cell.entry(cell).or_default().entry(position).or_default() += amount;
            }
        }
        let first = |cell: &Cell| match by_cell.get(cell) {
            Some(steps) => first_otherwise(steps, held.get(cell)),
            // it never was anything: the first event behind its row
            None => rows.get(&(cell.table, cell.row.clone())).copied(),
        };
        let firsts = cells.iter().filter_map(|cell| Some((cell.clone(), first(cell)?)));
        Ok(firsts.collect())
    }

    /// Returns the steps by which a participant's part of some rows came about, event by event.
    fn history(
        &self,
        participant: ParticipantId,
        model: &KeptModel,
        of: &BTreeSet<(usize, Vec<Value>)>,
        view: View,
    ) -> Result<Vec<(Cell, Position, i64)>, ModelError> {
        let lens = self.lens(view);
        let rows = self.reader.rows_of(participant)?;
        let events = match decode_where(&rows, &wanted_by(&lens, participant)) {
            Ok(events) => events,
            Err(StoreError::NotDecodable { .. }) => return Ok(Vec::new()),
            Err(other) => return Err(other.into()),
        };
        let decided = lens.adoptions().positions();
        let first = events.first().map(|event| event.position);
        let mut positions: BTreeSet<Position> =
            decided.into_iter().filter(|position| first < Some(*position)).collect();
        positions.extend(events.iter().map(|event| event.position));
        let mut steps = Vec::new();
        let mut before: Contributions<Cell> = Contributions::none();
        for position in positions.into_iter().filter(|position| view.reaches(*position)) {
            let at: Lens = lens.at(View { through: Through::Position(position), ..view });
            let held = events.partition_point(|event| event.position <= position);
            let replay = || Replayed::of(participant, &events[..held], &at);
            // where it fails on them they are parked, and contribute nothing
            let after = guarded(|| model.model.contribute(&replay())).unwrap_or_default();
            let in_rows = |cell: &Cell| of.contains(&(cell.table, cell.row.clone()));
            let changed = after.difference(&before).into_iter();
            let changed = changed.filter(|(cell, _)| in_rows(cell));
            steps.extend(changed.map(|(cell, amount)| (cell, position, amount)));
            before = after;
        }
        Ok(steps)
    }
}

/// Returns why a model does not answer: nothing is kept of it, or another definition's.
fn not_answering(model: &KeptModel, kept: &[(String, waystage_store::Digest)]) -> ModelError {
    let model = model.shape.name.clone();
    if kept.iter().any(|(name, _)| *name == model) {
        ModelError::Stale { model }
    } else {
        ModelError::NotKept { model }
    }
}

/// Models, added up.
pub(crate) struct Sums {
    /// The cells of each, and who is parked in it.
    pub(crate) models: Vec<(Contributions<Cell>, Vec<Parked>)>,
    pub(crate) participants: u64,
    pub(crate) events: u64,
}

/// Returns the first position after the last one at which the amount was the one held; the first
/// one of all where it never was.
fn first_otherwise(steps: &BTreeMap<Position, i64>, held: i64) -> Option<Position> {
    let mut amount = 0;
    let mut was_held = held == 0;
    let mut first = if was_held { None } else { steps.keys().next().copied() };
    for (position, step) in steps {
        amount += step;
        if amount != held && was_held {
            first = Some(*position);
        }
        was_held = amount == held;
    }
    first
}

fn listed(
    model: &KeptModel,
    before: &Contributions<Cell>,
    after: &Contributions<Cell>,
    firsts: &BTreeMap<Cell, Position>,
) -> Vec<Difference> {
    let differ = after.difference(before);
    let list = differ.iter().filter_map(|(cell, _)| {
        let table: &Table = model.shape.tables.get(cell.table)?;
        let columns = table.columns.iter().map(|column| column.name);
        Some(Difference {
            model: model.shape.name.clone(),
            table: table.name.clone(),
            row: columns.zip(cell.row.iter().cloned()).collect(),
            measure: table.measures.get(cell.measure)?.name,
            before: before.get(cell),
            after: after.get(cell),
            from: firsts.get(cell).copied(),
        })
    });
    list.collect()
}
