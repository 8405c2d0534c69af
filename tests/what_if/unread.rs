//! An event that cannot be read, and that a view does not know yet, is in the way of nobody, until
//! a scenario could have it told earlier.

use waystage::core::replayed::Lens;
use waystage::core::scenario::{Change, Scenario, Selector};
use waystage::core::table::Model;
use waystage::core::time::Timestamp;
use waystage::core::view::{Basis, View};
use waystage::store::codec;
use waystage::{Engine, Figures};
use waystage_cohorts::Fees;

use crate::isolated::imported;
use crate::unguarded::of_schema;

#[test]
fn whoever_has_one_that_a_scenario_tells_earlier_is_parked_and_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let engine = imported(folder.path());
    let known_at: Timestamp = "2020-12-31T00:00:00Z".parse().unwrap();
    let people = engine.reader().participants().unwrap();
    let rows = people.iter().flat_map(|person| engine.reader().rows_of(*person).unwrap());
    let is_later = |told: Option<Timestamp>| told.is_some_and(|told| known_at < told);
    let row = rows.into_iter().find(|row| is_later(row.reported_at)).unwrap();
    let kind = codec::decode(&row).unwrap().fact().unwrap().kind();
    drop(engine);
    of_schema(folder.path(), row.position, 99);

    let engine = Engine::open(folder.path()).unwrap();
    let as_of = "2020-12-31".parse().unwrap();
    let view = View { as_of, known_at, ..engine.today() }.basis(Basis::Reported);
    let parked = |lens: &Lens| engine.replay(lens).each(|_| ()).unwrap().parked;
    let lens = engine.lens(view).unwrap();
    assert!(parked(&lens).is_empty(), "what is not known yet parks nobody");

    let told_earlier = Change::Rereport(Selector::kind(kind), -4_000);
    let scenario = Scenario { changes: vec![told_earlier], ..Scenario::empty() };
    let everybody = parked(&lens.scenario(scenario.clone()));
    assert_eq!(
        everybody.iter().map(|each| each.participant).collect::<Vec<_>>(),
        [row.participant]
    );
    let models: [&dyn Model; 1] = [&Fees];
    let looking = engine.access("user:analyst-1", "had it been told in time?");
    let supposed = looking.what_if(&scenario, view, &models, Figures::Totals, &|_| {}).unwrap();
    assert_eq!(supposed.would_be.difference.parked, everybody);
}
