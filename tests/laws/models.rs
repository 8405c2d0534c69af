//! Every projection of the engine keeps the laws of read models.

use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};
use waystage_testkit::laws::{self, Law, Tries};

macro_rules! each {
    ($($name:ident: $p:expr;)*) => {$(
        #[test]
        fn $name() {
            let start = std::time::Instant::now();
            for law in Law::ALL {
                let s = std::time::Instant::now();
                let tries = Tries::default().only(&[*law]);
                if let Err(broken) = tries.contributions(&$p) { eprintln!("{broken}"); }
                eprintln!("   {} {law:?} {:?}", stringify!($name), s.elapsed());
            }
            eprintln!("{} {:?}", stringify!($name), start.elapsed());
        }
    )*};
}
each! {
    funnel: Funnel { by: vec![Dimension::Programme, Dimension::Month] };
    standards: Standards { by: vec![Dimension::Programme] };
    claims: Claims;
    eligibility: Eligibility;
    needs: Needs;
    provision: Provision;
    fees: Fees;
    accelerated: Accelerated;
    targets: Targets;
    ages: Ages;
    caseload: Caseload;
    key_workers: KeyWorkers;
}
