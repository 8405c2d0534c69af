//! A set of models that are kept together: they stand at one place, so any two of them reconcile.

use std::sync::Arc;

use waystage_core::programme::Adoptions;
use waystage_core::table::Model;
use waystage_core::time::Timestamp;
use waystage_core::view::{Through, View};
use waystage_store::models::{Shape, Stand};
use waystage_store::{Digest, sha256};

use crate::fingerprint::{Corpus, fingerprints};

/// A model and what it is known by.
#[derive(Clone)]
pub struct KeptModel {
    /// The model.
    pub model: Arc<dyn Model>,
    /// Its name, fingerprint and tables.
    pub shape: Shape,
}

/// Models that are kept together.
#[derive(Clone, Default)]
pub struct ModelSet {
    models: Vec<KeptModel>,
}

impl ModelSet {
    /// Returns the set of these models, each known by what it does for a corpus.
    pub fn of(models: impl IntoIterator<Item = Arc<dyn Model>>, corpus: &Corpus) -> Self {
        let models: Vec<Arc<dyn Model>> = models.into_iter().collect();
        let each: Vec<&dyn Model> = models.iter().map(|model| &**model).collect();
        let prints = fingerprints(&each, corpus);
        Self::known_by(models, prints)
    }

    /// Returns the set of these models, each known by a fingerprint that the caller takes of it.
    pub fn new(
        models: impl IntoIterator<Item = Arc<dyn Model>>,
        fingerprint: impl Fn(&dyn Model) -> Digest,
    ) -> Self {
        let models: Vec<Arc<dyn Model>> = models.into_iter().collect();
        let prints = models.iter().map(|model| fingerprint(&**model)).collect();
        Self::known_by(models, prints)
    }

    fn known_by(models: Vec<Arc<dyn Model>>, prints: Vec<Digest>) -> Self {
        let kept = models.into_iter().zip(prints).map(|(model, fingerprint)| {
            let (name, tables) = (model.name().to_owned(), model.tables());
            KeptModel { model, shape: Shape { name, fingerprint, tables } }
        });
        Self { models: kept.collect() }
    }

    /// Returns the models, in the order in which they were given.
    pub fn models(&self) -> &[KeptModel] {
        &self.models
    }

    /// Returns the model of a name.
    pub fn get(&self, name: &str) -> Option<&KeptModel> {
        self.models.iter().find(|kept| kept.shape.name == name)
    }

    /// Returns the models that are kept under these names and fingerprints.
    pub(crate) fn current(&self, kept: &[(String, Digest)]) -> Vec<&KeptModel> {
        let is_kept = |model: &&KeptModel| {
            let shape = &model.shape;
            kept.iter().any(|(name, print)| *name == shape.name && *print == shape.fingerprint)
        };
        self.models.iter().filter(is_kept).collect()
    }
}

/// Returns the view that models at a stand are read in; none where the log was empty.
pub fn view_of(stand: &Stand) -> Option<View> {
    let through = Through::Position(stand.position()?);
    Some(View { as_of: stand.as_of, known_at: Timestamp::MAX, basis: stand.basis, through })
}

/// Returns the SHA-256 over the packs and tables that a view reads with: a line for each, its name
/// and the digest of its text.
pub fn packs_digest(adoptions: &Adoptions, view: Option<&View>) -> Digest {
    let digests = view.map(|view| adoptions.digests(view)).unwrap_or_default();
    let lines: Vec<String> =
        digests.into_iter().map(|(what, digest)| format!("{what} {digest}\n")).collect();
    sha256(lines.concat().as_bytes())
}
