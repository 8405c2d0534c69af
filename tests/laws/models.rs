//! Every read model of the repository keeps the laws of read models, on worlds in which it counts.

use std::fmt::Debug;

use waystage_core::table::Tabular;
use waystage_testkit::laws::{Law, Tries};

use crate::every::{Visitor, every_model, visit_models};

/// Tries the laws on the model of a name.
struct Upheld<'a>(&'a str);

impl Visitor for Upheld<'_> {
    fn visit<P>(&mut self, model: P)
    where
        P: Tabular + Send + 'static,
        P::Key: Debug,
    {
        if model.name() != self.0 {
            return;
        }
        let tries = Tries::default();
        let tries = Tries { counting_min: tries.cases / 4, ..tries };
        let tries = match self.0 {
            // whether a claim was supported when it was recorded rests on the order of recording
            "claims" => tries.except(&[Law::RecordingOrder]),
            _ => tries,
        };
        if let Err(broken) = tries.projection(&model) {
            panic!("{broken}");
        }
    }
}

macro_rules! tried {
    ($($model:ident,)*) => {
        const TRIED: &[&str] = &[$(stringify!($model)),*];
        $(
            #[test]
            fn $model() {
                visit_models(&mut Upheld(stringify!($model)));
            }
        )*
    };
}

tried! {
    accelerated, ages, caseload, claims, definitions, eligibility, fees, funnel, key_workers, needs,
    provision, standards, targets,
}

#[test]
fn every_model_is_tried_and_no_model_is_tried_that_is_not_there() {
    let mut models: Vec<&str> = every_model().iter().map(|model| model.name()).collect();
    models.sort_unstable();
    assert_eq!(models, TRIED);
}
