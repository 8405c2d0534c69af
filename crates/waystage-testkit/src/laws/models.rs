//! The laws of read models as one call: generated worlds, every law on each, and the smallest world
//! in which one does not hold.

use std::cell::{Cell as Slot, RefCell};
use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Model, Table, Tabular};
use waystage_core::view::Basis;

use super::cells::{Shape, cells, named};
use super::law::{Broken, Law, Tries};
use super::trial::{Trial, Turned, told};
use super::{difference, due, knowledge, order, scenarios, sums};
use crate::parts::debugged;
use crate::world::{far_end, worlds};

/// How often a world that breaks a law is made smaller.
const SHRINKS_MAX: u32 = 1000;

/// Tries every law on a projection that is kept as tables, and panics with the smallest generated
/// world in which one does not hold.
///
/// # Panics
///
/// Where a law is broken.
#[track_caller]
pub fn projection<T>(projection: &T)
where
    T: Tabular + Send,
    T::Key: Debug,
{
    upheld(Tries::default().projection(projection));
}

/// Tries every law on a model of which only the cells are known. Whether two keys share a cell
/// cannot be seen then.
///
/// # Panics
///
/// Where a law is broken.
#[track_caller]
pub fn model(model: &dyn Model) {
    upheld(Tries::default().model(model));
}

/// Tries every law that needs no tables on a projection.
///
/// # Panics
///
/// Where a law is broken.
#[track_caller]
pub fn contributions<P>(projection: &P)
where
    P: Projection,
    P::Key: Debug,
{
    upheld(Tries::default().contributions(projection));
}

#[track_caller]
#[allow(clippy::panic)] // a law that is broken fails the test that calls it
fn upheld(answer: Result<(), Broken>) {
    if let Err(broken) = answer {
        panic!("{broken}");
    }
}

impl Tries {
    /// Tries the laws on a projection that is kept as tables.
    ///
    /// # Errors
    ///
    /// The first law that does not hold, with the smallest world that was found.
    pub fn projection<T>(&self, projection: &T) -> Result<(), Broken>
    where
        T: Tabular + Send,
        T::Key: Debug,
    {
        let shape = Shape { tables: &|it: &T| it.tables(), cell: &|it: &T, key| it.cell(key) };
        let name = Projection::name(projection);
        self.run(name, projection, Some(&shape), &debugged)
    }

    /// Tries the laws on a model of which only the cells are known.
    ///
    /// # Errors
    ///
    /// The first law that does not hold, with the smallest world that was found.
    pub fn model(&self, model: &dyn Model) -> Result<(), Broken> {
        let shape: Shape<'_, InCells<'_>> =
            Shape { tables: &|it: &InCells<'_>| it.0.tables(), cell: &|_, key: Cell| key };
        let tables: Vec<Table> = model.tables();
        let key = |cell: &Cell| named(&tables, cell);
        self.run(model.name(), &InCells(model), Some(&shape), &key)
    }

    /// Tries the laws that need no tables on a projection.
    ///
    /// # Errors
    ///
    /// The first law that does not hold, with the smallest world that was found.
    pub fn contributions<P>(&self, projection: &P) -> Result<(), Broken>
    where
        P: Projection,
        P::Key: Debug,
    {
        self.run(projection.name(), projection, None, &debugged)
    }

    fn run<P: Projection>(
        &self,
        model: &'static str,
        projection: &P,
        shape: Option<&Shape<'_, P>>,
        key: &dyn Fn(&P::Key) -> String,
    ) -> Result<(), Broken> {
        let broken: RefCell<Option<(Law, String)>> = RefCell::new(None);
        let counting = Slot::new(0_u32);
        let answer = self.runner().run(&turned(), |turned| {
            let trial = Trial::of(&turned, key);
            let counts = !trial.parts(far_end(Basis::Recorded), projection).is_empty();
            counting.set(counting.get() + u32::from(counts));
            // once a law is found to be broken, only that one is tried on smaller worlds
            let only = broken.borrow().as_ref().map(|(law, _)| *law);
            for law in self.laws.iter().filter(|law| only.is_none_or(|only| only == **law)) {
                if let Err(says) = holds(*law, &trial, projection, shape) {
                    *broken.borrow_mut() = Some((*law, says.clone()));
                    return Err(TestCaseError::fail(says));
                }
            }
            Ok(())
        });
        let seed = self.seed;
        let Err(error) = answer else {
            let counts = self.counting_min <= counting.get() || !self.laws.contains(&Law::Counts);
            let says =
                format!("it counts something in {} of {} worlds", counting.get(), self.cases);
            let world = String::new();
            let nothing = Broken { model, law: Law::Counts, says, world, seed };
            return if counts { Ok(()) } else { Err(nothing) };
        };
        let law = broken.into_inner().map_or(Law::Counts, |(law, _)| law);
        Err(match error {
            TestError::Fail(says, turned) => {
                Broken { model, law, says: says.to_string(), world: told(&turned), seed }
            }
            TestError::Abort(says) => {
                Broken { model, law, says: says.to_string(), world: String::new(), seed }
            }
        })
    }

    fn runner(&self) -> TestRunner {
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            max_shrink_iters: SHRINKS_MAX,
            ..Config::default()
        };
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }
}

fn holds<P: Projection>(
    law: Law,
    trial: &Trial<'_, P::Key>,
    projection: &P,
    shape: Option<&Shape<'_, P>>,
) -> Result<(), String> {
    match law {
        Law::ArrivalOrder => order::arrival(trial, projection),
        Law::RecordingOrder => order::recording(trial, projection),
        Law::Sums => sums::sums(trial, projection),
        Law::Upkeep => sums::upkeep(trial, projection),
        Law::AsOf => knowledge::as_of(trial, projection),
        Law::Scenario => scenarios::scenario(trial, projection),
        Law::Difference => difference::difference(trial, projection),
        Law::LearnedLater => knowledge::learned_later(trial, projection),
        Law::Due => due::due(trial, projection),
        Law::Cells => shape.map_or(Ok(()), |shape| cells(trial, projection, shape)),
        Law::Counts => Ok(()),
    }
}

fn turned() -> impl Strategy<Value = Turned> {
    let turned = (worlds(), vec(any::<u64>(), 0..130), any::<usize>());
    turned.prop_map(|(world, keys, chosen)| Turned { world, keys, chosen })
}

/// A model whose keys are its cells.
struct InCells<'m>(&'m dyn Model);

impl Projection for InCells<'_> {
    type Key = Cell;

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Cell> {
        self.0.contribute(replayed)
    }

    fn due(&self, replayed: &Replayed<'_>) -> Option<chrono::NaiveDate> {
        self.0.due(replayed)
    }
}
