//! What is behind a figure of a read model: asked of the engine in any view.

use waystage_core::table::Model;
use waystage_core::view::{Through, View};
use waystage_replay::{ExplainError, Explained, Figure};

use crate::engine::Engine;
use crate::error::EngineError;

impl From<ExplainError> for EngineError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Figure(error) => Self::Figure(error),
            ExplainError::Store(error) => Self::Store(error),
        }
    }
}

impl Engine {
    /// Explains a figure of a read model in a view: who adds how much to it, what rules read of
    /// them and what each looked at, and the events that give it. Nothing is kept for it: it is
    /// worked out by replaying, once for the figure and some times more for each participant.
    ///
    /// # Errors
    ///
    /// [`EngineError::Figure`] where the model has no such figure, and failures of the store.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use waystage::Engine;
    /// use waystage::core::table::Model;
    /// use waystage::replay::Figure;
    /// use waystage_cohorts::Fees;
    ///
    /// let engine = Engine::in_memory("example.org/explained");
    /// let figure = Figure::parse("fees.earned[rule=start]", &Model::tables(&Fees))?;
    /// let explained = engine.explain(&Fees, &figure, engine.today())?;
    /// assert_eq!((explained.amount, explained.parts.len()), (0, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(
        &self,
        model: &dyn Model,
        figure: &Figure,
        view: View,
    ) -> Result<Explained, EngineError> {
        self.explain_first(model, figure, view, usize::MAX)
    }

    /// As [`Engine::explain`], with at most so many participants in full: the parts and the reasons
    /// are always those of everybody.
    ///
    /// # Errors
    ///
    /// As [`Engine::explain`].
    pub fn explain_first(
        &self,
        model: &dyn Model,
        figure: &Figure,
        view: View,
        most: usize,
    ) -> Result<Explained, EngineError> {
        // up to one place, so that what is recorded meanwhile does not come in half-way
        let view = match (view.through, self.reader().last_position()?) {
            (Through::Head, Some(last)) => view.through(last),
            _ => view,
        };
        let lens = self.lens(view)?;
        Ok(self.replay(&lens).explain_first(model, figure, most)?)
    }
}
