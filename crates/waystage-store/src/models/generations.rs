//! Which generations there are, where they stand, and how they take each other's place: one
//! definition for every store. A store keeps what comes of it and sees to the rows.

use std::collections::BTreeMap;

use waystage_evidence::Digest;

use super::{Built, Change, ModelError, Slot, Stand};

/// A model in a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptModel<M> {
    /// What its behaviour is known by.
    pub fingerprint: Digest,
    /// Where it stands; elsewhere than its generation where it was left behind.
    pub stand: Stand,
    /// What the store knows it by.
    pub kept: M,
}

/// A generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation<M> {
    /// Where it stands.
    pub stand: Stand,
    /// Its models, by name.
    pub models: BTreeMap<String, KeptModel<M>>,
}

impl<M> Generation<M> {
    /// Returns the models that stand where the generation stands.
    pub fn answering(&self) -> impl Iterator<Item = (&String, &KeptModel<M>)> {
        self.models.iter().filter(|(_, model)| model.stand == self.stand)
    }
}

/// The generations of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generations<M>(pub BTreeMap<Slot, Generation<M>>);

impl<M> Default for Generations<M> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<M> Generations<M> {
    /// Returns where a generation stands.
    pub fn stand(&self, slot: Slot) -> Option<Stand> {
        self.0.get(&slot).map(|generation| generation.stand.clone())
    }

    /// Returns the models that stand where the generation stands, each with its fingerprint.
    pub fn fingerprints(&self, slot: Slot) -> Vec<(String, Digest)> {
        let answering = self.0.get(&slot).into_iter().flat_map(Generation::answering);
        answering.map(|(name, model)| (name.clone(), model.fingerprint)).collect()
    }

    /// Returns a model of a generation, left behind or not.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotKept`] where the generation has no such model.
    pub fn model(&self, slot: Slot, name: &str) -> Result<&KeptModel<M>, ModelError> {
        let model = self.0.get(&slot).and_then(|generation| generation.models.get(name));
        model.ok_or_else(|| ModelError::NotKept { model: name.to_owned() })
    }

    /// Begins a next generation of these models at a stand, in place of one that was being built.
    pub fn begin(&mut self, stand: &Stand, models: impl IntoIterator<Item = (String, Digest, M)>) {
        let models = models.into_iter().map(|(name, fingerprint, kept)| {
            (name, KeptModel { fingerprint, stand: stand.clone(), kept })
        });
        let next = Generation { stand: stand.clone(), models: models.collect() };
        self.0.insert(Slot::Next, next);
    }

    /// Lets a generation, and the models that a change names, stand where the change ends.
    ///
    /// # Errors
    ///
    /// [`ModelError::Moved`] where the generation does not stand where the change begins,
    /// [`ModelError::NotKept`] where one of the models does not.
    pub fn advance(&mut self, slot: Slot, change: &Change) -> Result<(), ModelError> {
        if slot == Slot::Previous {
            let says = "the previous generation stays as it is: reinstate it first".to_owned();
            return Err(ModelError::Unfit { says });
        }
        let generation = self.0.get_mut(&slot).filter(|each| each.stand == change.from);
        let generation = generation.ok_or(ModelError::Moved)?;
        for named in &change.models {
            let model = generation.models.get(&named.model);
            if model.is_none_or(|model| model.stand != change.from) {
                return Err(ModelError::NotKept { model: named.model.clone() });
            }
        }
        generation.stand = change.to.clone();
        for named in &change.models {
            if let Some(model) = generation.models.get_mut(&named.model) {
                model.stand = change.to.clone();
            }
        }
        Ok(())
    }

    /// Makes the next generation the live one, and live models of the same names the previous.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotReady`] with the reason.
    pub fn switch(&mut self) -> Result<(), ModelError> {
        self.check_switch()?;
        self.0.remove(&Slot::Previous);
        let Some(next) = self.0.remove(&Slot::Next) else { return Ok(()) };
        let Some(live) = self.0.remove(&Slot::Live) else {
            self.0.insert(Slot::Live, next);
            return Ok(());
        };
        let (replaced, staying): (BTreeMap<_, _>, BTreeMap<_, _>) =
            live.models.into_iter().partition(|(name, _)| next.models.contains_key(name));
        let models = next.models.into_iter().chain(staying).collect();
        self.0.insert(Slot::Live, Generation { stand: next.stand, models });
        if let Some(stand) = stand_of(&replaced, &live.stand) {
            self.0.insert(Slot::Previous, Generation { stand, models: replaced });
        }
        Ok(())
    }

    fn check_switch(&self) -> Result<(), ModelError> {
        let not_ready = |says| Err(ModelError::NotReady { says });
        let Some(next) = self.0.get(&Slot::Next) else {
            return not_ready("nothing is being built");
        };
        if next.stand.built != Built::Whole {
            return not_ready("it is not built to the end");
        }
        if next.answering().count() < next.models.len() {
            return not_ready("one of its models was left behind; begin it anew");
        }
        let live = self.0.get(&Slot::Live).filter(|live| live.stand != next.stand);
        let mut answering = live.into_iter().flat_map(Generation::answering);
        if answering.any(|(name, _)| !next.models.contains_key(name)) {
            return not_ready("live models that stay stand elsewhere; bring both to one stand");
        }
        Ok(())
    }

    /// Makes the previous generation the next one, where it stands. Models of it that were left
    /// behind cannot be brought further and are dropped.
    ///
    /// # Errors
    ///
    /// [`ModelError::NotReady`] where there is no previous generation.
    pub fn reinstate(&mut self) -> Result<(), ModelError> {
        let Some(mut previous) = self.0.remove(&Slot::Previous) else {
            return Err(ModelError::NotReady { says: "there is no previous generation" });
        };
        let stand = previous.stand.clone();
        previous.models.retain(|_, model| model.stand == stand);
        self.0.insert(Slot::Next, previous);
        Ok(())
    }

    /// Drops the next generation, if there is one.
    pub fn abandon(&mut self) {
        self.0.remove(&Slot::Next);
    }
}

/// Returns where replaced models stand as a generation: where they answered, if one of them still
/// did, or else where the one that was brought furthest was left behind.
fn stand_of<M>(replaced: &BTreeMap<String, KeptModel<M>>, live: &Stand) -> Option<Stand> {
    let stands = || replaced.values().map(|model| &model.stand);
    let answered = stands().find(|stand| *stand == live);
    answered.or_else(|| stands().max_by_key(|stand| (stand.position(), stand.as_of))).cloned()
}
