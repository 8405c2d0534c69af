//! Every read model of the repository, each once. A model that is not here is kept, compared and
//! checked by nobody, so `tests/tables.rs` fails for a projection that is left out.

use std::fmt::Debug;

use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};
use waystage_core::table::{Model, Tabular};

/// What is done with each model where its keys matter; otherwise [`every_model`] will do.
pub(crate) trait Visitor {
    /// Looks at one model.
    fn visit<P>(&mut self, model: P)
    where
        P: Tabular + Send + 'static,
        P::Key: Debug;
}

/// Shows every model to a visitor.
pub(crate) fn visit_models(visitor: &mut impl Visitor) {
    visitor.visit(Accelerated);
    visitor.visit(Ages);
    visitor.visit(Caseload);
    visitor.visit(Claims);
    visitor.visit(Definitions);
    visitor.visit(Eligibility);
    visitor.visit(Fees);
    visitor.visit(Funnel { by: Dimension::ALL.to_vec() });
    visitor.visit(KeyWorkers);
    visitor.visit(Needs);
    visitor.visit(Provision);
    // programme and standard are there anyway
    visitor.visit(Standards { by: Dimension::ALL.to_vec() });
    visitor.visit(Targets);
}

/// Returns every model.
pub(crate) fn every_model() -> Vec<Box<dyn Model>> {
    struct Boxes(Vec<Box<dyn Model>>);
    impl Visitor for Boxes {
        fn visit<P: Tabular + Send + 'static>(&mut self, model: P) {
            self.0.push(Box::new(model));
        }
    }
    let mut boxes = Boxes(Vec::new());
    visit_models(&mut boxes);
    boxes.0
}
