//! What is behind a figure: who adds how much to it, what rules read of them and why, and the
//! events that give it. It is worked out by replaying, so nothing is kept for it and any figure of
//! any model can be asked about, in any view and under any scenario.

mod behind;
mod figure;
mod least;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, ParticipationId, Position};
use waystage_core::journey::Recorded;
use waystage_core::replayed::Replayed;
use waystage_core::table::{Model, Table, Value};
use waystage_core::view::View;
use waystage_store::models::Parked;
use waystage_store::{Digest, StoreError};

use crate::models::packs_digest;
use crate::reading::{Looked, guarded, read};
use crate::replay::Replay;

pub use behind::{Behind, EventBehind, Part, ReadingBehind, Reason, Role};
pub use figure::{Figure, FigureError};

use behind::{Rows, event, roles};
use figure::Sought;

/// What is behind a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct Explained {
    /// The figure.
    pub figure: Figure,
    /// The model that has it, and the version that its author declares.
    pub model: (&'static str, u32),
    /// The table that has it.
    pub table: Table,
    /// What the measure counts.
    pub says: &'static str,
    /// The figure itself: the sum of the parts.
    pub amount: i64,
    /// Who adds to it, by what their source calls them.
    pub parts: Vec<Part>,
    /// Why rules read so of them: how many readings for each reason.
    pub reasons: Contributions<Reason>,
    /// The first of them in full, as many as were asked for.
    pub behind: Vec<Behind>,
    /// Who is parked, in order of their ids: the figure is without them.
    pub parked: Vec<Parked>,
    /// The log's identity.
    pub origin: String,
    /// The last position that the log had when the figure was explained.
    pub last: Option<Position>,
    /// The view.
    pub view: View,
    /// What the scenario is called; none where nothing is imagined.
    pub scenario: Option<String>,
    /// The digest of each pack and table that was read with, by name.
    pub packs: BTreeMap<String, String>,
    /// The digest over all of them.
    pub packs_digest: Digest,
}

/// Why a figure could not be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It is no figure of the model.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A figure of a model, looked for.
struct Asked<'q> {
    model: &'q dyn Model,
    sought: Sought,
    table: Table,
    measure: &'static str,
}

impl Replay<'_> {
    /// Explains a figure of a model: everybody who adds to it, in full.
    ///
    /// # Errors
    ///
    /// [`ExplainError::Figure`] where the model has no such figure, and failures of the store.
    pub fn explain(&self, model: &dyn Model, figure: &Figure) -> Result<Explained, ExplainError> {
        self.explain_first(model, figure, usize::MAX)
    }

    /// As [`Replay::explain`], with at most so many participants in full: the parts and the reasons
    /// are always those of everybody.
    ///
    /// # Errors
    ///
    /// As [`Replay::explain`].
    pub fn explain_first(
        &self,
        model: &dyn Model,
        figure: &Figure,
        most: usize,
    ) -> Result<Explained, ExplainError> {
        let tables = model.tables();
        let sought = figure.sought(&tables)?;
        let (table, measure) = (tables[sought.table].clone(), sought.measure);
        let says = table.measures[measure].says;
        let asked = Asked { model, sought, measure: table.measures[measure].name, table };
        let last = self.reader.last_position()?;
        let Looked { each, mut parked } = self.each_read(|participant, stream| {
            let rows = self.rows(&asked, participant, &stream.events)?;
            if rows.is_empty() {
                return Ok(None);
            }
            let look = |replayed: &Replayed<'_>| {
                let readings = asked.behind(&rows).readings(replayed);
                let reasons = Contributions::of(readings.iter().map(|each| (each.reason(), 1)));
                (replayed.reference().cloned(), reasons)
            };
            let (reference, reasons) = guarded(participant, &stream.events, self.lens, look)?;
            let amount = rows.iter().map(|(_, amount)| amount).sum();
            Ok(Some((Part { participant, reference, amount, rows }, reasons)))
        })?;
        let mut reasons = Contributions::none();
        let mut parts = Vec::new();
        for (part, of_part) in each.into_iter().flatten() {
            reasons.take_in(of_part);
            parts.push(part);
        }
        parts.sort_by(|a, b| (&a.reference, a.participant).cmp(&(&b.reference, b.participant)));
        let first = parts.par_iter().take(most);
        let looked = first.map(|part| self.behind(&asked, part));
        let mut behind = Vec::new();
        for looked in looked.collect::<Result<Vec<_>, StoreError>>()? {
            match looked {
                Ok(looked) => behind.push(looked),
                Err(left_out) => parked.push(left_out),
            }
        }
        let view = self.lens.view;
        let adoptions = self.lens.adoptions();
        let scenario = &self.lens.scenario;
        Ok(Explained {
            figure: figure.clone(),
            model: (model.name(), model.version()),
            says,
            amount: parts.iter().map(|part| part.amount).sum(),
            parts,
            reasons,
            behind,
            parked,
            origin: self.reader.origin().to_owned(),
            last,
            view,
            scenario: Some(scenario.name.clone()).filter(|name| !name.is_empty()),
            packs: adoptions.digests(&view),
            packs_digest: packs_digest(adoptions, Some(&view)),
            table: asked.table,
        })
    }

    /// Returns what a participant of whom these events are known adds to a figure, by row.
    fn rows(
        &self,
        asked: &Asked<'_>,
        participant: ParticipantId,
        events: &[Recorded],
    ) -> Result<Contributions<Vec<Value>>, Parked> {
        if !self.lens.knows_of(participant, events) {
            return Ok(Contributions::none());
        }
        guarded(participant, events, self.lens, |replayed| asked.rows(replayed))
    }

    /// Returns one participant behind a figure in full.
    fn behind(&self, asked: &Asked<'_>, part: &Part) -> Result<Result<Behind, Parked>, StoreError> {
        let participant = part.participant;
        let stream = read(self.reader, participant, self.lens)?;
        let leaves: BTreeMap<Position, Digest> = {
            let rows = self.reader.rows_of(participant)?;
            rows.into_iter().map(|row| (row.position, row.leaf)).collect()
        };
        let look = |replayed: &Replayed<'_>| {
            let behind = asked.behind(&part.rows);
            let readings = behind.readings(replayed);
            let roles = roles(replayed, &readings);
            (readings, roles, behind.reasons_that_count(replayed))
        };
        let looked = guarded(participant, &stream.events, self.lens, look);
        let (readings, mut roles, reasons) = match looked {
            Ok(looked) => looked,
            Err(parked) => return Ok(Err(parked)),
        };
        let same = |events: &[Recorded]| {
            self.rows(asked, participant, events).is_ok_and(|rows| rows == part.rows)
        };
        let same_reasons = |events: &[Recorded]| {
            let behind = asked.behind(&part.rows);
            let look = |replayed: &Replayed<'_>| behind.reasons_that_count(replayed);
            let looked = guarded(participant, events, self.lens, look);
            looked.is_ok_and(|looked| looked == reasons)
        };
        let explain =
            least::that_give(&stream.events, |events| same(events) && same_reasons(events));
        let give =
            if reasons.is_empty() { explain.clone() } else { least::that_give(&explain, same) };
        for (events, role) in [(&explain, Role::Explains), (&give, Role::Gives)] {
            for event in events {
                roles.entry(event.id).or_default().insert(role);
            }
        }
        let events = stream.events.iter().filter_map(|recorded| {
            let roles: BTreeSet<Role> = roles.remove(&recorded.id)?;
            Some(event(recorded, *leaves.get(&recorded.position)?, roles))
        });
        Ok(Ok(Behind { part: part.clone(), events: events.collect(), readings }))
    }
}

impl Asked<'_> {
    fn behind<'r>(&'r self, rows: &'r Contributions<Vec<Value>>) -> Rows<'r> {
        Rows { asked: self, table: &self.table, measure: self.measure, amounts: rows }
    }

    /// Returns what somebody adds to the figure, by row.
    fn rows(&self, replayed: &Replayed<'_>) -> Contributions<Vec<Value>> {
        let (table, measure) = (self.sought.table, self.sought.measure);
        let cells = self.model.contribute(replayed).into_iter();
        let of_figure = cells.filter(|(cell, _)| {
            cell.table == table && cell.measure == measure && self.sought.holds(&cell.row)
        });
        Contributions::of(of_figure.map(|(cell, amount)| (cell.row, amount)))
    }

    /// Returns the participations that add to the figure: those that do so alone; all of them where
    /// none does.
    fn participations(&self, replayed: &Replayed<'_>) -> BTreeSet<ParticipationId> {
        let all: BTreeSet<ParticipationId> =
            replayed.journey.participations.iter().map(|of| of.id).collect();
        if all.len() < 2 {
            return all;
        }
        let gives = |id: &ParticipationId| {
            let mut alone = replayed.clone();
            alone.journey.participations.retain(|of| of.id == *id);
            alone.readings.retain(|reading| reading.participation == *id);
            !self.rows(&alone).is_empty()
        };
        let giving: BTreeSet<ParticipationId> = all.iter().copied().filter(gives).collect();
        if giving.is_empty() { all } else { giving }
    }
}
