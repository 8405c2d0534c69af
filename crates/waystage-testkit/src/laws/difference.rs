//! L7: what changed between two views, and whose it is.

use std::collections::BTreeSet;

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipantId;

use super::trial::Trial;
use crate::parts::{parts, parts_in_parallel, sum};
use crate::world::far_end;

/// One model and the difference to another make the other; and the participants whose parts changed
/// account for every amount of it.
pub(super) fn difference<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    let view = trial.world.view;
    let (here, there) = (trial.lens(view), trial.lens(far_end(view.basis)));
    let one = sum(parts_in_parallel(&trial.streams, &here, projection).values());
    let other = sum(parts_in_parallel(&trial.streams, &there, projection).values());
    let difference = other.difference(&one);
    let mut made = one.clone();
    made.add(&difference);
    let (before, after) =
        (parts(&trial.streams, &here, projection), parts(&trial.streams, &there, projection));
    let nothing = Contributions::none();
    let mut accounted = Contributions::none();
    let ids: BTreeSet<ParticipantId> = before.keys().chain(after.keys()).copied().collect();
    for id in ids {
        let (old, new) = (before.get(&id).unwrap_or(&nothing), after.get(&id).unwrap_or(&nothing));
        accounted.add(&new.difference(old));
    }
    for (what, expected, got) in [
        ("one model and the difference to the other, together", &other, &made),
        ("the participants whose parts changed, together", &difference, &accounted),
    ] {
        if expected != got {
            return Err(format!("{what}, make\n{}", trial.words.amounts(expected, got)));
        }
    }
    Ok(())
}
