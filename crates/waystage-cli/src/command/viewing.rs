//! What every command that reads a model begins with: the store, the view that was asked for, and
//! the lens of that view.

use waystage::Engine;
use waystage::core::contribution::{Contributions, Projection};
use waystage::core::replayed::Lens;
use waystage::core::view::View;

use crate::arguments::{Arguments, ViewArguments};
use crate::command::anchored;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Progress;

/// An open store and a view of it.
pub(crate) struct Viewing {
    engine: Engine,
    pub(crate) view: View,
    pub(crate) lens: Lens,
    quiet: bool,
}

impl Viewing {
    /// Opens the store and takes the view.
    pub(crate) fn open(arguments: &Arguments, view: &ViewArguments) -> Result<Self, Failure> {
        let engine = anchored::open(arguments)?;
        let view = view.view(&engine);
        let lens = engine.lens(view)?;
        Ok(Self { engine, view, lens, quiet: arguments.quiet })
    }

    /// Adds up a model in the view, and shows how far it is.
    pub(crate) fn sum<P: Projection>(
        &self,
        model: &P,
        output: &mut Output,
    ) -> Result<Contributions<P::Key>, Failure> {
        let progress = Progress::new("participants", self.quiet);
        let watch = |at| progress.replayed(at);
        let sum = self.engine.replay(&self.lens).watched(&watch).sum(model)?;
        Ok(output.without(sum))
    }
}
