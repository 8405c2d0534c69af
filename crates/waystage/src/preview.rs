//! The preview: what would recording these facts and corrections change? They are assumed exactly
//! as they would be recorded, so the preview is what recording them brings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use waystage_core::id::{ParticipantId, Position};
use waystage_core::journey::Recorded;
use waystage_core::programme::Adoptions;
use waystage_core::replayed::Lens;
use waystage_core::scenario::{Arrivals, Change, Scenario};
use waystage_core::table::Model;
use waystage_core::view::{Through, View};
use waystage_exchange::Extract;
use waystage_replay::Progress;
use waystage_replay::difference::{Comparison, Difference, Side};
use waystage_store::{
    Append, EventReader, Key, NewEvent, Rehearsed, StoreError, StoredEvent, ToStream, Wanted,
    check_structure, read_log, read_stream_where, rehearse,
};

use crate::access::Access;
use crate::adopt;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::intake::{ImportPlan, ImportReport};
use crate::record::NewFact;

const RETRIES: usize = 5;

/// What recording something would change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing was recorded"]
pub struct Preview {
    /// The view without it, up to the end of the log.
    pub before: View,
    /// The view with it. A view that knows all that is recorded knows this as well; to an earlier
    /// one it is as unknown as it will be.
    pub after: View,
    /// Facts and corrections that would be recorded.
    pub new: u64,
    /// Those that are recorded already and would change nothing.
    pub duplicates: u64,
    /// Packs and tables that would be adopted.
    pub adopted: u64,
    /// What would change. The scenario of the second side is named `preview`; what is new in it is
    /// marked as assumed.
    pub difference: Difference,
}

impl Access<'_> {
    /// Returns what recording facts and corrections of some participants would change in a view, in
    /// these models and in every reading. Nothing is recorded but that somebody looked. Only these
    /// participants are read; of figures it says by how much they change, not what they are.
    ///
    /// # Errors
    ///
    /// Every refusal that [`Engine::record`] would give: a fact names something that is not
    /// recorded, a key is used for other content, a day lies in the future.
    ///
    /// ```
    /// use waystage::core::id::{JobId, Named, ParticipantId};
    /// use waystage::core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
    ///
    /// let engine = waystage::Engine::in_memory("example.org/working-well");
    /// let person = ParticipantId::from_bytes([1; 16]);
    /// let job = Named { id: JobId::from_bytes([7; 16]), reference: "J-1".into() };
    /// let started = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
    /// let fact = engine.fact(engine.now().date(), "user:kw-3", Employment::JobStarted(started));
    /// let batch = [(person, vec![fact.clone()])];
    /// let looking = engine.access("user:kw-3", "before it is recorded");
    /// let preview = looking.preview(&batch, engine.today(), &[], &|_| {})?;
    /// assert_eq!((preview.new, preview.difference.people.len()), (1, 0));
    /// engine.record(person, vec![fact])?;
    /// assert_eq!(looking.preview(&batch, engine.today(), &[], &|_| {})?.duplicates, 1);
    /// # Ok::<(), waystage::EngineError>(())
    /// ```
    pub fn preview(
        &self,
        batch: &[(ParticipantId, Vec<NewFact>)],
        view: View,
        models: &[&dyn Model],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Preview, EngineError> {
        self.record("preview", Some(counted(batch)), Some(&view))?;
        let mut facts: BTreeMap<ParticipantId, Vec<NewEvent>> = BTreeMap::new();
        for (participant, new) in batch {
            let new = new.iter().cloned().map(NewFact::into_event);
            facts.entry(*participant).or_default().extend(new);
        }
        let only: BTreeSet<ParticipantId> = facts.keys().copied().collect();
        let rehearsed = self.engine.rehearsed(&facts, &[], Structure::Checked)?;
        self.engine.previewed(rehearsed, view, models, Some(&only), watch)
    }

    /// Returns what taking an extract would change in a view, and what would come of its rows:
    /// packs and tables that it brings are counted in. Nothing is recorded but that somebody
    /// looked. There is no preview where the plan is strict and a row is rejected.
    ///
    /// # Errors
    ///
    /// As [`Engine::import`].
    pub fn preview_import(
        &self,
        plan: &ImportPlan,
        view: View,
        models: &[&dyn Model],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<(ImportReport, Option<Preview>), EngineError> {
        self.record("preview", Some(format!("import from {}", plan.source)), Some(&view))?;
        let engine = self.engine;
        let plan = ImportPlan { dry_run: true, ..plan.clone() };
        let report = engine.import(&plan, &|_, _| {})?;
        if plan.strict && !report.counted.rejects.is_empty() {
            return Ok((report, None));
        }
        let extract = Extract::read_folder(&plan.folder)?;
        let programmes = engine.check(&plan.adoption)?.programmes;
        let judged = engine.judge(&extract, &plan, &programmes)?;
        let log = read_log(engine.reader())?;
        let adopting = engine.to_adopt(&plan.adoption, &log.events)?;
        // what an extract says is judged row by row, as it is when it is imported
        let rehearsed = engine.rehearsed(&judged.accepted, &adopting, Structure::Judged)?;
        let mut preview = engine.previewed(rehearsed, view, models, None, watch)?;
        preview.duplicates = report.counted.all().duplicates;
        Ok((report, Some(preview)))
    }
}

fn counted(batch: &[(ParticipantId, Vec<NewFact>)]) -> String {
    let facts: usize = batch.iter().map(|(_, facts)| facts.len()).sum();
    format!("{facts} facts")
}

/// Whether what facts name is looked up before they are recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    Checked,
    Judged,
}

impl Engine {
    /// Returns what recording these would do, as the log stands.
    fn rehearsed(
        &self,
        facts: &BTreeMap<ParticipantId, Vec<NewEvent>>,
        adopting: &[NewEvent],
        structure: Structure,
    ) -> Result<Rehearsed, EngineError> {
        for _ in 0..RETRIES {
            let mut streams = Vec::with_capacity(facts.len() + 1);
            if !adopting.is_empty() {
                let head = read_log(self.reader())?.head();
                streams.push(ToStream { head, events: adopting.to_vec() });
            }
            for (participant, events) in facts {
                let readable = |_: &StoredEvent| Wanted::IfReadable;
                let stream = read_stream_where(self.reader(), *participant, &readable)?;
                if structure == Structure::Checked {
                    check_structure(&stream.events, events).map_err(StoreError::from)?;
                }
                streams.push(ToStream { head: stream.head(), events: events.clone() });
            }
            match rehearse(self.reader(), Append { now: self.now(), streams }) {
                Err(StoreError::Conflict { .. }) => {}
                answer => return Ok(answer?),
            }
        }
        let participant = facts.keys().next().copied().unwrap_or(ParticipantId::LOG);
        Err(EngineError::Contended { participant })
    }

    fn previewed(
        &self,
        rehearsed: Rehearsed,
        view: View,
        models: &[&dyn Model],
        only: Option<&BTreeSet<ParticipantId>>,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Preview, EngineError> {
        let Rehearsed { tip, events, receipts } = rehearsed;
        let duplicates = receipts.iter().filter(|receipt| receipt.duplicate).count() as u64;
        let knows_all = tip.is_none_or(|tip| tip.recorded_at <= view.known_at);
        let known_at = match events.last().filter(|_| knows_all) {
            Some(last) => view.known_at.max(last.recorded_at),
            None => view.known_at,
        };
        let view = View { known_at, ..view };
        let up_to = |last: Option<Position>| match (view.through, last) {
            (Through::Head, Some(last)) => view.through(last),
            _ => view,
        };
        let last = events.last().map(|last| last.position).or(tip.map(|tip| tip.position));
        let (before, after) = (up_to(tip.map(|tip| tip.position)), up_to(last));
        let (of_log, of_people): (Vec<Recorded>, Vec<Recorded>) =
            events.into_iter().partition(|event| event.participant == ParticipantId::LOG);
        let (adopted, new) = (of_log.len() as u64, of_people.len() as u64);
        let adoptions = self.adoptions()?;
        let lens = Lens::new(before, Arc::clone(&adoptions));
        let scenario = Scenario {
            name: "preview".to_owned(),
            changes: vec![Change::Arrive(Arrivals::of(of_people))],
            ..Scenario::empty()
        };
        let with = Lens::new(after, self.adopting(adoptions, of_log)?).scenario(scenario);
        let reader = UpTo { reader: self.reader(), last: tip.map(|tip| tip.position) };
        let (one, other) =
            (Side { reader: &reader, lens: &lens }, Side { reader: &reader, lens: &with });
        let comparison = Comparison::new(one, other, models).watched(watch);
        let difference = match only {
            Some(only) => comparison.only(only).made()?,
            None => comparison.made()?,
        };
        Ok(Preview { before, after, new, duplicates, adopted, difference })
    }

    /// Returns what the log has adopted, with what it would have adopted then.
    fn adopting(
        &self,
        adoptions: Arc<Adoptions>,
        then: Vec<Recorded>,
    ) -> Result<Arc<Adoptions>, EngineError> {
        if then.is_empty() {
            return Ok(adoptions);
        }
        let mut log = read_log(self.reader())?.events;
        log.extend(then);
        Ok(Arc::new(adopt::adoptions(&log)?))
    }
}

/// A log up to a position: what is recorded after it is not there.
struct UpTo<'a> {
    reader: &'a dyn EventReader,
    last: Option<Position>,
}

impl UpTo<'_> {
    fn cut(&self, mut rows: Vec<StoredEvent>) -> Vec<StoredEvent> {
        rows.retain(|row| Some(row.position) <= self.last);
        rows
    }
}

impl EventReader for UpTo<'_> {
    fn origin(&self) -> &str {
        self.reader.origin()
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.last)
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        self.reader.participants()
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.cut(self.reader.rows_of(participant)?))
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.cut(self.reader.rows_after(position, count_max)?))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        let found = self.reader.find(key)?;
        Ok(found.filter(|row| Some(row.position) <= self.last))
    }
}
