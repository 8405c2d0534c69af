//! A read model is known by its behaviour: by what it contributes for a corpus of participants
//! that never changes. Whoever changes a projection, the fold or a rule gets another fingerprint,
//! and what was stored under the old one is not read as if it were the same model.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use waystage_core::id::ParticipantId;
use waystage_core::journey::Recorded;
use waystage_core::programme::Adoptions;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::Model;
use waystage_core::view::View;
use waystage_store::Digest;

use crate::digest::Bytes;

/// Participants on whom models show what they do, and the views in which they do it.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// Each participant's stream.
    pub streams: Vec<(ParticipantId, Vec<Recorded>)>,
    /// The packs and tables that are read with.
    pub adoptions: Arc<Adoptions>,
    /// The views, each read with every participant.
    pub views: Vec<View>,
}

/// Returns the fingerprint of a model: over its name, the version that its author declares, the
/// shape of its tables, and for each view and participant of the corpus what it contributes and
/// when time alone could change that.
pub fn fingerprint(model: &dyn Model, corpus: &Corpus) -> Digest {
    let mut bytes = [begun(model, corpus)];
    take_in(&[model], corpus, &mut bytes);
    bytes[0].digest()
}

/// Returns the fingerprints of several models, in their order: the corpus is replayed once.
pub fn fingerprints(models: &[&dyn Model], corpus: &Corpus) -> Vec<Digest> {
    let mut bytes: Vec<Bytes> = models.iter().map(|model| begun(*model, corpus)).collect();
    take_in(models, corpus, &mut bytes);
    bytes.iter().map(Bytes::digest).collect()
}

fn begun(model: &dyn Model, corpus: &Corpus) -> Bytes {
    let mut bytes = Bytes::of("waystage.fingerprint.v1\n");
    bytes.text(model.name());
    bytes.count(model.version() as usize);
    bytes.tables(&model.tables());
    bytes.count(corpus.views.len());
    bytes.count(corpus.streams.len());
    bytes
}

/// Takes in what each model contributes, by view and participant.
fn take_in(models: &[&dyn Model], corpus: &Corpus, bytes: &mut [Bytes]) {
    for view in &corpus.views {
        let lens = Lens::new(*view, Arc::clone(&corpus.adoptions));
        let streams = corpus.streams.par_iter();
        let looked = streams.map(|(participant, stream)| {
            let replayed = Replayed::of(*participant, stream, &lens);
            // whom a model fails on it parks: that too is how it behaves
            let look = |model: &&dyn Model| {
                let look = || (model.contribute(&replayed), model.due(&replayed));
                catch_unwind(AssertUnwindSafe(look)).ok()
            };
            (*participant, models.iter().map(look).collect::<Vec<_>>())
        });
        for (participant, parts) in looked.collect::<Vec<_>>() {
            for (part, bytes) in parts.iter().zip(bytes.iter_mut()) {
                bytes.id(participant.as_bytes());
                match part {
                    Some((cells, due)) => {
                        bytes.cells(cells);
                        bytes.day(*due);
                    }
                    None => bytes.text("fails"),
                }
            }
        }
    }
}
