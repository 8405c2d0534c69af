//! Read models under a scenario, built whole into a store of their own. What stands there says that
//! it is a what-if and of which scenario, and is known by other fingerprints than the models that
//! read the log as it is: nothing takes the one for the other.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::table::{Cell, Table, integer, measure, text};
use waystage_core::view::Through;
use waystage_store::models::{
    Anchor, Built, Change, ModelChange, ModelError, ModelStore, Parked, Shape, Slot, Stand,
};
use waystage_store::{Digest, sha256};

use super::WhatIf;
use crate::models::{KeptModel, ModelSet, Step, Touched, packs_digest};
use crate::reading::all_of;
use crate::replay::Progress;

/// Participants in one step.
const WINDOW: usize = 4096;
/// The model, and the table, that say what a file of models is.
const ABOUT: &str = "what_if";

/// What building models under a scenario came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct BuiltUnder {
    /// Where they stand. The digest of the packs has the scenario in it.
    pub stand: Stand,
    /// Participants who were replayed.
    pub participants: u64,
    /// Events that were folded.
    pub events: u64,
    /// Whom models are without.
    pub parked: Vec<Parked>,
}

impl WhatIf<'_> {
    /// Builds models under the scenario into an empty store of kept models. `about` is what the
    /// table `what_if` says there beside the view: name and value, line by line. `scenario` is the
    /// digest of the scenario.
    ///
    /// # Errors
    ///
    /// Where the log or the store of models fails.
    pub fn build(
        &self,
        set: &ModelSet,
        store: &dyn ModelStore,
        scenario: Digest,
        about: &[(String, String)],
    ) -> Result<BuiltUnder, ModelError> {
        let models: Vec<KeptModel> =
            set.models().iter().map(|kept| under(kept, scenario)).collect();
        let models: Vec<&KeptModel> = models.iter().collect();
        let mut shapes: Vec<Shape> = models.iter().map(|kept| kept.shape.clone()).collect();
        let (name, tables) = (ABOUT.to_owned(), vec![about_table()]);
        shapes.push(Shape { name, fingerprint: scenario, tables });
        let participants = all_of(self.reader, &self.imagined)?;
        let mut at = self.stand(scenario)?;
        store.begin(&shapes, &at)?;
        let mut built = BuiltUnder {
            stand: at.clone(),
            participants: participants.len() as u64,
            events: 0,
            parked: Vec::new(),
        };
        let done = AtomicU64::new(0);
        let watch = |taken: u64, _: u64| {
            let taken = done.fetch_add(taken, Ordering::Relaxed) + taken;
            if let Some(watch) = self.watch {
                let (participants, participants_all) = (taken, built.participants);
                watch(Progress { participants, participants_all, events: 0 });
            }
        };
        let step = Step {
            reader: self.reader,
            models: &models,
            parked: vec![BTreeSet::new(); models.len()],
            before: None,
            after: Some(self.imagined.clone()),
            watch: &watch,
        };
        let (mut events, mut parked) = (0, BTreeSet::new());
        for window in participants.chunks(WINDOW) {
            let everybody: Vec<(ParticipantId, Touched)> =
                window.iter().map(|each| (*each, Touched::Every)).collect();
            let taken = step.take(&everybody)?;
            events += taken.events_folded;
            let changes = taken.changes()?;
            let of_changes = changes.iter().flat_map(|change| &change.parked);
            parked.extend(of_changes.filter_map(|(_, parked)| parked.clone()));
            let to = Stand { built: Built::Through(window.last().copied()), ..at.clone() };
            apply(store, &mut at, to, changes, Contributions::none())?;
        }
        let to = Stand { built: Built::Whole, ..at.clone() };
        let nothing = step.nothing().changes()?;
        apply(store, &mut at, to, nothing, about_cells(about))?;
        store.switch()?;
        built.stand = at;
        built.events = events;
        built.parked = parked.into_iter().collect();
        Ok(built)
    }

    fn stand(&self, scenario: Digest) -> Result<Stand, ModelError> {
        let view = self.plain.view;
        let anchor = match view.through {
            Through::Head => None,
            Through::Position(position) => {
                let rows = self.reader.rows_after(Position::new(position.get() - 1), 1)?;
                rows.first().map(|row| Anchor { position: row.position, leaf: row.leaf })
            }
        };
        let packs = packs_digest(self.plain.adoptions(), Some(&view));
        Ok(Stand {
            anchor,
            as_of: view.as_of,
            basis: view.basis,
            packs: both(packs, scenario),
            built: Built::Through(None),
        })
    }
}

/// Returns a model as it is known under a scenario.
fn under(kept: &KeptModel, scenario: Digest) -> KeptModel {
    let mut kept = kept.clone();
    kept.shape.fingerprint = both(kept.shape.fingerprint, scenario);
    kept
}

fn both(one: Digest, scenario: Digest) -> Digest {
    sha256(format!("waystage.what-if\n{one}\n{scenario}\n").as_bytes())
}

fn apply(
    store: &dyn ModelStore,
    at: &mut Stand,
    to: Stand,
    mut models: Vec<ModelChange>,
    about: Contributions<Cell>,
) -> Result<(), ModelError> {
    models.push(ModelChange { model: ABOUT.to_owned(), cells: about, ..ModelChange::default() });
    store.apply(Slot::Next, &Change { from: at.clone(), to: to.clone(), models })?;
    *at = to;
    Ok(())
}

fn about_table() -> Table {
    Table::new(ABOUT, "What these tables are: read models under a scenario, which never was so.")
        .column(integer("line", "The place of the line."))
        .column(text("name", "What the line is about."))
        .column(text("value", "What it says."))
        .measure(measure("lines", "One for each line."))
}

fn about_cells(about: &[(String, String)]) -> Contributions<Cell> {
    let lines = (1_i64..).zip(about).map(|(line, (name, value))| {
        (Cell::of(0, vec![line.into(), name.into(), value.into()], 0), 1)
    });
    Contributions::of(lines)
}
