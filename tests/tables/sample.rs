//! What the models are tried on: generated worlds, the small extract, the made-up programme whose
//! pack has every section, and the golden corpus; each in several views.

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waystage::Engine;
use waystage_core::calendar::days_after;
use waystage_core::contribution::Projection;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_replay::{Corpus, Replay};
use waystage_store::MemoryStore;
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{far_end, worlds};

/// How many generated worlds there are.
const WORLDS: usize = 40;

/// A log and a lens.
pub(crate) struct Sample {
    store: Kept,
    lens: Lens,
}

#[derive(Clone)]
enum Kept {
    Engine(Arc<Engine>),
    Memory(Arc<MemoryStore>),
    Corpus(Arc<Corpus>),
}

impl Sample {
    /// Returns what `look` makes of every participant.
    pub(crate) fn each<T: Send>(&self, look: impl Fn(&Replayed<'_>) -> T + Sync) -> Vec<T> {
        let replay = match &self.store {
            Kept::Engine(engine) => engine.replay(&self.lens),
            Kept::Memory(store) => Replay::new(&**store, &self.lens),
            Kept::Corpus(corpus) => {
                let streams = corpus.streams.iter();
                let look =
                    |(of, stream): &(_, Vec<_>)| look(&Replayed::of(*of, stream, &self.lens));
                return streams.map(look).collect();
            }
        };
        let looked = replay.each(look).unwrap();
        assert!(looked.parked.is_empty(), "{:?}", looked.parked);
        looked.each
    }

    /// Returns every key that the model contributes, each as often as participants have it.
    pub(crate) fn keys<P: Projection>(&self, model: &P) -> Vec<P::Key> {
        let parts = self.each(|replayed| model.contribute(replayed));
        parts.into_iter().flatten().map(|(key, _)| key).collect()
    }
}

/// Returns the view of everything that is ever told about days up to this one.
fn all_known(as_of: NaiveDate) -> View {
    View::new(as_of, Timestamp::MAX).basis(Basis::Reported)
}

fn of_engine(engine: Engine, as_of: &[&str]) -> Vec<Sample> {
    let engine = Arc::new(engine);
    let sample = |as_of: &&str| Sample {
        store: Kept::Engine(Arc::clone(&engine)),
        lens: engine.lens(all_known(as_of.parse().unwrap())).unwrap(),
    };
    as_of.iter().map(sample).collect()
}

fn of_worlds() -> Vec<Sample> {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let mut samples = Vec::new();
    for _ in 0..WORLDS {
        let world = worlds().new_tree(&mut runner).unwrap().current();
        let store = Arc::new(recorded(&world.events).unwrap());
        let adoptions = Arc::new(world.adoptions);
        let end = far_end(Basis::Reported).as_of;
        let early = all_known(days_after(world.view.as_of, 30).min(end));
        for view in [world.view, early, far_end(Basis::Recorded)] {
            let lens = Lens::new(view, Arc::clone(&adoptions));
            samples.push(Sample { store: Kept::Memory(Arc::clone(&store)), lens });
        }
    }
    samples
}

fn of_corpus() -> Vec<Sample> {
    let corpus = Arc::new(waystage::corpus::golden().unwrap());
    let sample = |view: &View| Sample {
        store: Kept::Corpus(Arc::clone(&corpus)),
        lens: Lens::new(*view, Arc::clone(&corpus.adoptions)),
    };
    corpus.views.iter().map(sample).collect()
}

/// Returns every sample.
pub(crate) fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let (small, _) = crate::small::imported();
        let mut samples = of_worlds();
        let days = ["2016-12-31", "2018-03-31", "2019-12-31", "2024-06-30", "2025-09-09"];
        samples.extend(of_engine(small, &days));
        let days = ["2024-05-21", "2024-06-10", "2024-07-05", "2024-08-15", "2024-10-01"];
        samples.extend(of_engine(crate::taken::taken(), &days));
        samples.extend(of_corpus());
        samples
    })
}
