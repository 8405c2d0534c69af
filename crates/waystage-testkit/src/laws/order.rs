//! L1: the order in which facts arrive.

use waystage_core::contribution::Projection;

use waystage_core::view::{Basis, View};

use super::trial::Trial;
use crate::logs::{rearranged, streams};
use crate::parts::parts;
use crate::world::far_end;

/// On the basis `reported`, any order of recording that keeps corrections behind what they act on
/// gives the same parts.
pub(super) fn arrival<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    let reported = View { basis: Basis::Reported, ..trial.world.view };
    for view in [reported, far_end(Basis::Reported)] {
        otherwise(trial, view, projection)?;
    }
    Ok(())
}

/// And so it does on the basis `recorded`, once everything is recorded.
pub(super) fn recording<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    otherwise(trial, far_end(Basis::Recorded), projection)
}

fn otherwise<P: Projection>(
    trial: &Trial<'_, P::Key>,
    view: View,
    projection: &P,
) -> Result<(), String> {
    let otherwise = streams(&rearranged(&trial.world.events, trial.keys));
    let otherwise = parts(&otherwise, &trial.lens(view), projection);
    let called = format!("as of {}, on the basis {}, after another order", view.as_of, view.basis);
    trial.same(&called, &trial.parts(view, projection), &otherwise)
}
