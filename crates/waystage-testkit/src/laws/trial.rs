//! One trial: a generated world, how it is turned over, and the participants' streams in it.

use std::sync::Arc;

use waystage_core::contribution::Projection;
use waystage_core::id::ParticipantId;
use waystage_core::programme::Adoptions;
use waystage_core::replayed::Lens;
use waystage_core::view::{Basis, View};

use crate::logs::{Streams, streams};
use crate::parts::{Parts, Words, parts, shown};
use crate::world::{World, far_end};

/// A generated world, and how it is turned over: another order of arrival, and one event chosen.
#[derive(Debug, Clone)]
pub(super) struct Turned {
    pub(super) world: World,
    pub(super) keys: Vec<u64>,
    pub(super) chosen: usize,
}

/// A world on trial.
pub(super) struct Trial<'t, K> {
    pub(super) world: &'t World,
    pub(super) keys: &'t [u64],
    pub(super) chosen: usize,
    pub(super) streams: Streams,
    pub(super) words: Words<'t, K>,
    adoptions: Arc<Adoptions>,
}

impl<'t, K: Ord + Clone> Trial<'t, K> {
    pub(super) fn of(turned: &'t Turned, key: &'t dyn Fn(&K) -> String) -> Self {
        let world = &turned.world;
        Self {
            world,
            keys: &turned.keys,
            chosen: turned.chosen,
            streams: streams(&world.events),
            words: Words::of(&world.events, key),
            adoptions: world.adoptions.clone().into(),
        }
    }

    pub(super) fn lens(&self, view: View) -> Lens {
        Lens::new(view, Arc::clone(&self.adoptions))
    }

    pub(super) fn parts<P: Projection<Key = K>>(&self, view: View, projection: &P) -> Parts<K> {
        parts(&self.streams, &self.lens(view), projection)
    }

    /// Checks that two sets of parts are the same.
    pub(super) fn same(&self, what: &str, one: &Parts<K>, other: &Parts<K>) -> Result<(), String> {
        self.words.same(one, other).map_err(|differs| format!("{what}, {differs}"))
    }

    /// Returns views in which no order of arrival matters, each with what it is called.
    pub(super) fn settled(&self) -> [(View, &'static str); 3] {
        let reported = View { basis: Basis::Reported, ..self.world.view };
        [
            (reported, "in the view, by what was reported"),
            (far_end(Basis::Reported), "at the end, by what was reported"),
            (far_end(Basis::Recorded), "at the end, by what was recorded"),
        ]
    }

    /// Returns the participant that was chosen.
    pub(super) fn chosen_participant(&self) -> Option<ParticipantId> {
        self.streams.keys().nth(self.chosen % self.streams.len().max(1)).copied()
    }
}

/// Returns a world for people to read.
pub(super) fn told(turned: &Turned) -> String {
    let World { adoptions, events, view } = &turned.world;
    let mut lines = vec![format!(
        "    as of {}, as known at {}, basis {}",
        view.as_of, view.known_at, view.basis
    )];
    for programme in adoptions.in_force(view).programmes.values() {
        for rule in &programme.rules {
            for version in &rule.versions {
                lines.push(format!(
                    "    {} {} from {}, judged by {}: {:?}",
                    programme.id, rule.id, version.effective_from, rule.judged_by, version.terms
                ));
            }
        }
    }
    lines.push(shown(events));
    lines.join("\n")
}
