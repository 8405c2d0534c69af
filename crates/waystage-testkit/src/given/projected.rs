//! What a projection counts, and what is expected of it. With every expectation come the
//! variations: the same facts sent, recorded and added up in other ways count the same.

use std::collections::BTreeSet;
use std::fmt::Debug;

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::replayed::Lens;

use super::variations::{Variation, varied};
use super::wrong;
use crate::logs::{Told, streams};
use crate::parts::{debugged, parts, sum};

/// What a projection counts of the people that were given.
pub struct Projected<'p, P: Projection> {
    projection: &'p P,
    events: Vec<Told>,
    lens: Lens,
    model: Contributions<P::Key>,
    variations: Vec<Variation>,
    seed: u64,
}

impl<'p, P> Projected<'p, P>
where
    P: Projection,
    P::Key: Debug,
{
    pub(super) fn of(events: Vec<Told>, lens: Lens, projection: &'p P) -> Self {
        let model = sum(parts(&streams(&events), &lens, projection).values());
        let variations = Variation::ALL.to_vec();
        Self { projection, events, lens, model, variations, seed: 7 }
    }

    /// Leaves out a variation: of a projection that asks what was known when, say, the order of
    /// recording is part of the answer.
    #[must_use = "say what it is to count"]
    pub fn without(mut self, variation: Variation) -> Self {
        self.variations.retain(|each| *each != variation);
        self
    }

    /// Varies by other chances.
    #[must_use = "say what it is to count"]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Expects exactly these amounts under these keys, and nothing under any other.
    #[track_caller]
    pub fn then_counts(&mut self, expected: impl IntoIterator<Item = (P::Key, i64)>) -> &mut Self {
        let expected = Contributions::of(expected);
        let keys = self.model.difference(&expected);
        self.expect(&expected, &keys.iter().map(|(key, _)| key.clone()).collect())
    }

    /// Expects this amount under this key, whatever else there is.
    #[track_caller]
    pub fn then_count(&mut self, key: P::Key, amount: i64) -> &mut Self {
        let expected = Contributions::of([(key.clone(), amount)]);
        let keys = if self.model.get(&key) == amount { BTreeSet::new() } else { [key].into() };
        self.expect(&expected, &keys)
    }

    /// Expects that nothing is counted.
    #[track_caller]
    pub fn then_nothing(&mut self) -> &mut Self {
        self.then_counts([])
    }

    #[track_caller]
    fn expect(&mut self, expected: &Contributions<P::Key>, differ: &BTreeSet<P::Key>) -> &mut Self {
        let (name, view) = (self.projection.name(), self.lens.view);
        if !differ.is_empty() {
            let lines = differ.iter().map(|key| {
                let (was, is) = (expected.get(key), self.model.get(key));
                format!("  {key:?}: expected {was}, counted {is}")
            });
            let lines: Vec<String> = lines.collect();
            wrong(&format!(
                "{name} does not count what is expected, as of {}:\n{}",
                view.as_of,
                lines.join("\n")
            ));
        }
        // once they have been tried, further expectations need not try them again
        for variation in std::mem::take(&mut self.variations) {
            let (lens, seed) = (&self.lens, self.seed);
            if let Err(says) =
                varied(variation, &self.events, lens, self.projection, &debugged, seed)
            {
                wrong(&format!("{name} counts otherwise when {variation} (seed {seed}): {says}"));
            }
        }
        self
    }
}
