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
    /// Explains a figure: see [`Access::explain`](crate::Access::explain).
    pub(crate) fn explain_first(
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
