//! Comparing what is read of one log or of two: views, stores, scenarios. Whoever compares leaves
//! a record in every log that is read.

use waystage_core::replayed::Lens;
use waystage_core::table::Model;
use waystage_core::view::{Through, View};
use waystage_replay::Progress;
use waystage_replay::difference::{Comparison, Difference, Side};

use crate::access::Access;
use crate::engine::Engine;
use crate::error::EngineError;

/// One of two that are compared: a log, and what it is read with.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// The engine whose log is read.
    pub engine: &'a Engine,
    /// What it is read with.
    pub lens: &'a Lens,
}

impl Engine {
    /// Returns the view up to where the log ends now, so that what is recorded while it is read
    /// does not come in half-way.
    pub fn up_to_here(&self, view: View) -> Result<View, EngineError> {
        Ok(match (view.through, self.reader().last_position()?) {
            (Through::Head, Some(last)) => view.through(last),
            _ => view,
        })
    }
}

impl Access<'_> {
    /// Compares two views of the log in these models and in every reading.
    ///
    /// ```
    /// use waystage::Engine;
    /// let engine = Engine::in_memory("example.org/working-well");
    /// let looking = engine.access("user:analyst-1", "why did the figure move");
    /// let today = engine.today();
    /// assert!(looking.compare(today, today, &[], &|_| {})?.is_empty());
    /// assert_eq!(engine.accesses()?[0].what, "diff");
    /// # Ok::<(), waystage::EngineError>(())
    /// ```
    pub fn compare(
        &self,
        before: View,
        after: View,
        models: &[&dyn Model],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Difference, EngineError> {
        let engine = self.engine;
        let (one, other) = (engine.lens(before)?, engine.lens(after)?);
        let (one, other) = (Compared { engine, lens: &one }, Compared { engine, lens: &other });
        self.compare_sides(one, other, models, watch)
    }

    /// Compares any two sides, of this log or of others: another store, another scenario. What is
    /// recorded after the call began is on neither.
    ///
    /// # Errors
    ///
    /// Where a log cannot be read, or one that is read cannot keep the record of it.
    pub fn compare_sides(
        &self,
        before: Compared<'_>,
        after: Compared<'_>,
        models: &[&dyn Model],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Difference, EngineError> {
        let one = before.lens.at(before.engine.up_to_here(before.lens.view)?);
        let other = after.lens.at(after.engine.up_to_here(after.lens.view)?);
        self.record("diff", about(&one, &other), Some(&other.view))?;
        let mut told = vec![self.engine];
        for (engine, lens) in [(before.engine, &one), (after.engine, &other)] {
            if told.iter().all(|each| !std::ptr::eq(*each, engine)) {
                let there = engine.access(self.actor.clone(), self.purpose.clone());
                there.record("diff", about(&one, &other), Some(&lens.view))?;
                told.push(engine);
            }
        }
        let one = Side { reader: before.engine.reader(), lens: &one };
        let other = Side { reader: after.engine.reader(), lens: &other };
        Ok(Comparison::new(one, other, models).watched(watch).made()?)
    }
}

/// Returns the names of the scenarios that are compared; none where there are none.
fn about(one: &Lens, other: &Lens) -> Option<String> {
    let names = [one, other].map(|lens| lens.scenario.name.as_str());
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
