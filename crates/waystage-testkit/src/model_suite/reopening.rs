//! Rules about stores that survive their handles.

use waystage_store::models::{Slot, Stand};

use super::ModelsUnderTest;
use super::sample::{
    adds, cell, claims, claims_table, date, from_to, funnel, live, parked, person, row, rows, seen,
    stand, total,
};

pub(super) fn everything_is_there_when_the_store_is_opened_again(store: &mut dyn ModelsUnderTest) {
    let models = [funnel(), claims()];
    let before = {
        let store = store.create();
        live(&*store, &models, 1);
        let mut referral = adds("funnel", [cell(0, [Some("A"), None], 0, 2), total(-3)]);
        referral.due = vec![(person(1), Some(date("2021-12-01")))];
        referral.parked = vec![(person(2), None)];
        let all = vec![referral, adds("claims", [cell(0, ["A"], 0, 250)])];
        store.apply(Slot::Live, &from_to(stand(1), stand(2), all)).unwrap();
        live(&*store, &[claims()], 2);
        let left = from_to(stand(2), stand(3), vec![adds("claims", [cell(0, ["B"], 0, 1)])]);
        store.apply(Slot::Live, &left).unwrap();
        let at = Stand { as_of: date("2022-01-01"), ..stand(0) };
        store.begin(&[funnel()], &at).unwrap();
        seen(&*store, &models)
    };
    let Some(again) = store.reopen() else { return };
    assert_eq!(seen(&*again, &models), before);
    assert_eq!(rows(&*again, Slot::Previous, &claims_table()), [row(["A"], [250])]);
    assert_eq!(parked(&*again, Slot::Next, "funnel"), []);
    let change = from_to(stand(3), stand(4), vec![adds("claims", [cell(0, ["B"], 0, 1)])]);
    again.apply(Slot::Live, &change).unwrap();
    assert_eq!(rows(&*again, Slot::Live, &claims_table()), [row(["B"], [2])]);
}
