//! What would have been: a scenario asked of the engine. What it imagines is never recorded; that
//! somebody asked is.

mod kept;
mod words;

use waystage_core::contribution::Contributions;
use waystage_core::replayed::Lens;
use waystage_core::scenario::Scenario;
use waystage_core::table::{Cell, Model};
use waystage_core::view::{Basis, Through, View};
use waystage_evidence::SecretKey;
use waystage_programmes::Grid;
use waystage_replay::Progress;
use waystage_replay::models::packs_digest;
use waystage_replay::what_if::{Counted, Table, WhatIf, WouldBe, sweep};
use waystage_store::Digest;
use waystage_store::models::{Built, Slot, Stand};

use crate::access::Access;
use crate::corpus;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::evidence::{Anchor, Certified};
use crate::scenario::scenario_digest;

/// What is wanted of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figures {
    /// What they were and what they would be. Where they are not kept at exactly the view, the
    /// baseline is added up once, over everybody.
    Totals,
    /// By how much they would change; nobody is read for it beside those who are affected.
    Changes,
}

/// What would be under a scenario, and what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing was recorded but that somebody asked"]
pub struct Supposed {
    /// The scenario.
    pub scenario: Scenario,
    /// The SHA-256 of its whole content, in hexadecimal: [`scenario_digest`].
    pub scenario_digest: String,
    /// What it changes, in words.
    pub changes: Vec<String>,
    /// What would be otherwise.
    pub would_be: WouldBe,
}

impl Supposed {
    /// Returns whether nothing would be otherwise.
    pub fn is_empty(&self) -> bool {
        self.would_be.difference.is_empty()
    }

    /// Returns the digest of the result. The same log, view and scenario give the same.
    pub fn digest(&self) -> Digest {
        self.would_be.digest()
    }
}

impl Access<'_> {
    /// Returns what would be under a scenario: in the view that it asks for over the given one, up
    /// to where the log ends now, in these models and in every reading. Only those whom it could
    /// change are read. What is assumed is counted apart.
    ///
    /// ```
    /// use waystage::core::journey::Kind;
    /// use waystage::core::scenario::{Scenario, Selector};
    /// use waystage::{Engine, Figures};
    /// use waystage_cohorts::Fees;
    /// let engine = Engine::in_memory("example.org/working-well");
    /// let looking = engine.access("user:analyst-1", "the tender");
    /// let no_jobs = Scenario::without("no job ever started", Selector::kind(Kind::JobStarted));
    /// let today = engine.today();
    /// let supposed = looking.what_if(&no_jobs, today, &[&Fees], Figures::Totals, &|_| {})?;
    /// assert!(supposed.is_empty());
    /// assert_eq!(supposed.changes, ["without facts of kind JobStarted"]);
    /// assert_eq!(engine.accesses()?[0].what, "what-if");
    /// # Ok::<(), waystage::EngineError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the log cannot be replayed, or the record of the look cannot be kept.
    pub fn what_if(
        &self,
        scenario: &Scenario,
        view: View,
        models: &[&dyn Model],
        figures: Figures,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Supposed, EngineError> {
        let view = scenario.base.over(view);
        self.record("what-if", Some(about(scenario)), Some(&view))?;
        self.engine.supposed(scenario, view, models, figures, watch)
    }
}

impl Access<'_> {
    /// Reads the log once under each value of a grid, and once as it is: how the swept rules would
    /// read, what fees there would be, and how many participants would change. The view is the one
    /// that the grid's scenarios ask for over the given one.
    ///
    /// # Errors
    ///
    /// As [`Access::what_if`].
    pub fn sweep(
        &self,
        grid: &Grid,
        view: View,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Table, EngineError> {
        let scenarios: Vec<Scenario> =
            grid.points.iter().map(|point| point.scenario.clone()).collect();
        let view = scenarios.first().map_or(view, |first| first.base.over(view));
        let said = scenarios
            .first()
            .map(|first| format!("{}: {} of {}", about(first), grid.parameter, grid.rule));
        self.record("what-if grid", said, Some(&view))?;
        let counted = Counted { rules: &grid.swept, tier: grid.tier.as_deref() };
        let lens = self.engine.lens(view)?;
        Ok(sweep(self.engine.reader(), &lens, &scenarios, counted, watch)?)
    }

    /// Signs what a model gives under a scenario: see [`Access::certify`]. The certificate has the
    /// scenario's digest.
    ///
    /// # Errors
    ///
    /// As [`Access::certify`].
    pub fn certify_what_if(
        &self,
        model: &dyn Model,
        view: View,
        scenario: &Scenario,
        key: &SecretKey,
        anchor: &Anchor,
    ) -> Result<Certified, EngineError> {
        let view = scenario.base.over(view);
        let said = format!("{} under {}", model.name(), about(scenario));
        self.record("certify", Some(said), Some(&view))?;
        self.engine.certify_under(model, view, scenario, key, anchor)
    }
}

/// Returns what a record says of a scenario: its name and its digest.
pub(crate) fn about(scenario: &Scenario) -> String {
    format!("{} (sha256 {})", scenario.name, scenario_digest(scenario))
}

impl Engine {
    fn supposed(
        &self,
        scenario: &Scenario,
        view: View,
        models: &[&dyn Model],
        figures: Figures,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Supposed, EngineError> {
        let span = tracing::info_span!(
            "waystage.what_if",
            affected = tracing::field::Empty,
            events = tracing::field::Empty
        );
        let _entered = span.enter();
        let lens = self.lens(view)?;
        let run = WhatIf::new(self.reader(), &lens, scenario, models)?.watched(watch);
        let run = match figures {
            Figures::Changes => run,
            Figures::Totals => match self.kept_totals(&lens.at(run.view()), models)? {
                Some(kept) => run.with_kept(kept),
                None => run.summing(),
            },
        };
        let would_be = run.made()?;
        span.record("affected", would_be.affected.participants.len());
        span.record("events", would_be.difference.events);
        Ok(Supposed {
            scenario: scenario.clone(),
            scenario_digest: scenario_digest(scenario),
            changes: words::changes(scenario, lens.programmes()),
            would_be,
        })
    }

    /// Returns the totals of models that are kept at exactly this view, with everybody in them;
    /// none where one of them is not.
    fn kept_totals(
        &self,
        lens: &Lens,
        models: &[&dyn Model],
    ) -> Result<Option<Vec<Contributions<Cell>>>, EngineError> {
        let Ok(kept) = self.models() else { return Ok(None) };
        let kept = &kept.kept;
        let snapshot = kept.store.snapshot()?;
        let Some(stand) = snapshot.stand(Slot::Live)? else { return Ok(None) };
        if !self.stands_there(&stand, lens)? {
            return Ok(None);
        }
        let live = snapshot.fingerprints(Slot::Live)?;
        let corpus = corpus::golden()?;
        let prints = waystage_replay::fingerprints(models, &corpus);
        let mut totals = Vec::with_capacity(models.len());
        for (model, print) in models.iter().zip(prints) {
            let is_live = live.iter().any(|(name, of)| name == model.name() && *of == print);
            // who is parked there may not be under the scenario: then both sides have to be read
            if !is_live || !snapshot.parked(Slot::Live, model.name())?.is_empty() {
                return Ok(None);
            }
            totals.push(snapshot.cells(Slot::Live, &model.tables())?);
        }
        Ok(Some(totals))
    }

    /// Returns whether models that stand there were read in exactly this view. Kept models know all
    /// that is recorded up to their place; on the basis of what was reported, a view that ends at
    /// an instant may know less.
    fn stands_there(&self, stand: &Stand, lens: &Lens) -> Result<bool, EngineError> {
        let view = lens.view;
        let (Through::Position(through), Some(anchor)) = (view.through, stand.anchor) else {
            return Ok(false);
        };
        let last = self.reader().rows_after(before(through), 1)?;
        let knows_all = match view.basis {
            Basis::Recorded => last.first().is_some_and(|row| row.recorded_at <= view.known_at),
            Basis::Reported => view.known_at == waystage_core::time::Timestamp::MAX,
        };
        Ok(knows_all
            && anchor.position == through
            && last.first().is_some_and(|row| row.leaf == anchor.leaf)
            && (stand.as_of, stand.basis) == (view.as_of, view.basis)
            && stand.built == Built::Whole
            && stand.packs == packs_digest(lens.adoptions(), Some(&view)))
    }
}

fn before(position: waystage_core::id::Position) -> Option<waystage_core::id::Position> {
    waystage_core::id::Position::new(position.get() - 1)
}
