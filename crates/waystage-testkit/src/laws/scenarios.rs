//! L4: a scenario is a correction that has not come true.

use waystage_core::contribution::Projection;
use waystage_core::scenario::{Scenario, Selector};
use waystage_core::view::{Basis, View};

use super::trial::Trial;
use crate::logs::{streams, withdrawal};
use crate::parts::parts;
use crate::world::far_end;

/// The empty scenario changes nothing, and imagining without a fact is the same as having it
/// withdrawn at the moment at which it was told.
pub(super) fn scenario<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    let Some((participant, event)) =
        trial.world.events.get(trial.chosen % trial.world.events.len().max(1))
    else {
        return Ok(());
    };
    let far = far_end(Basis::Reported);
    let without = Scenario::without("one fact less", Selector::events([event.id]));
    let mut events = trial.world.events.clone();
    let told = event.reported_at.unwrap_or(far.known_at);
    events.push((*participant, withdrawal(event, told)));
    let withdrawn = streams(&events);
    let label = event.sourced.as_ref().map_or_else(String::new, |each| each.reference.to_string());
    for view in [far, View { as_of: trial.world.view.as_of, ..far }] {
        let lens = trial.lens(view);
        let plain = parts(&trial.streams, &lens, projection);
        let named = Scenario { name: "nothing changes".to_owned(), ..Scenario::empty() };
        let named = parts(&trial.streams, &lens.clone().scenario(named), projection);
        trial.same("under a scenario that changes nothing", &plain, &named)?;
        let real = parts(&withdrawn, &lens, projection);
        let imagined = parts(&trial.streams, &lens.scenario(without.clone()), projection);
        trial.same(&format!("imagined without {label}"), &real, &imagined)?;
    }
    Ok(())
}
