//! Rules about generations: beginning, switching, reinstating, abandoning.

use waystage_core::table::{measure, text};
use waystage_store::models::{Built, ModelError, ModelStore, Slot, Stand};
use waystage_store::sha256;

use super::sample::{
    adds, cell, claims, claims_table, fingerprints, from_to, funnel, funnel_table, kinds, live,
    person, refused, row, rows, seen, shape, stand, total, totals_table,
};

const NOT_READY: &str = "what was built cannot be switched to: ";

pub(super) fn nothing_is_kept_at_first(store: &dyn ModelStore) {
    for slot in [Slot::Live, Slot::Next, Slot::Previous] {
        assert_eq!(store.stand(slot).unwrap(), None);
        assert_eq!(store.fingerprints(slot).unwrap(), []);
        assert_eq!(store.due(slot, chrono::NaiveDate::MAX).unwrap(), []);
        let snapshot = store.snapshot().unwrap();
        let kept = snapshot.rows(slot, &funnel_table());
        assert!(matches!(kept, Err(ModelError::NotKept { .. })), "{kept:?}");
        let parked = snapshot.parked(slot, "funnel");
        assert!(matches!(parked, Err(ModelError::NotKept { .. })), "{parked:?}");
    }
    let changed = store.apply(Slot::Live, &from_to(stand(0), stand(1), vec![]));
    assert!(matches!(changed, Err(ModelError::Moved)), "{changed:?}");
    assert_eq!(refused(store.switch()), format!("{NOT_READY}nothing is being built"));
    assert_eq!(refused(store.reinstate()), format!("{NOT_READY}there is no previous generation"));
    store.abandon().unwrap();
}

pub(super) fn a_begun_generation_is_the_next_one_and_empty(store: &dyn ModelStore) {
    store.begin(&[funnel(), claims()], &stand(3)).unwrap();
    assert_eq!(store.stand(Slot::Next).unwrap(), Some(stand(3)));
    assert_eq!(store.fingerprints(Slot::Next).unwrap(), fingerprints(&[funnel(), claims()]));
    for table in [funnel_table(), totals_table(), claims_table()] {
        assert_eq!(rows(store, Slot::Next, &table), []);
    }
    assert_eq!(store.stand(Slot::Live).unwrap(), None);
    assert_eq!(store.stand(Slot::Previous).unwrap(), None);
}

/// Adds one referral to the next generation of the first model, which stands at a position.
fn refer(store: &dyn ModelStore, slot: Slot, position: u64) {
    let mut referral = adds("funnel", [cell(0, ["A", "B"], 0, 1), total(1)]);
    referral.due = vec![(person(position), Some(stand(0).as_of))];
    store.apply(slot, &from_to(stand(position), stand(position + 1), vec![referral])).unwrap();
}

pub(super) fn beginning_again_drops_what_was_being_built(store: &dyn ModelStore) {
    store.begin(&[funnel(), claims()], &stand(3)).unwrap();
    let claim = adds("claims", [cell(0, ["A"], 0, 250)]);
    let referral = adds("funnel", [cell(0, ["A", "B"], 0, 1)]);
    store.apply(Slot::Next, &from_to(stand(3), stand(4), vec![referral, claim])).unwrap();
    store.begin(&[funnel()], &stand(9)).unwrap();
    assert_eq!(store.stand(Slot::Next).unwrap(), Some(stand(9)));
    assert_eq!(store.fingerprints(Slot::Next).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Next, &funnel_table()), []);
    let gone = store.snapshot().unwrap().rows(Slot::Next, &claims_table());
    assert!(matches!(gone, Err(ModelError::NotKept { .. })), "{gone:?}");
}

pub(super) fn abandoning_drops_the_next_generation_alone(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    refer(store, Slot::Live, 1);
    live(store, &[funnel()], 5);
    refer(store, Slot::Live, 5);
    let before = seen(store, &[funnel()]);
    store.begin(&[funnel()], &stand(7)).unwrap();
    refer(store, Slot::Next, 7);
    store.abandon().unwrap();
    assert_eq!(seen(store, &[funnel()]), before);
    store.abandon().unwrap();
    assert_eq!(refused(store.switch()), format!("{NOT_READY}nothing is being built"));
}

pub(super) fn a_switch_makes_the_next_generation_live(store: &dyn ModelStore) {
    store.begin(&[funnel()], &stand(1)).unwrap();
    refer(store, Slot::Next, 1);
    store.switch().unwrap();
    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(2)));
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Live, &funnel_table()), [row(["A", "B"], [1, 0])]);
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [1])]);
    assert_eq!(store.stand(Slot::Next).unwrap(), None);
    assert_eq!(store.stand(Slot::Previous).unwrap(), None);
    refer(store, Slot::Live, 2);
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [2])]);
}

pub(super) fn a_switch_keeps_what_it_replaces_as_the_previous_generation(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    refer(store, Slot::Live, 1);
    let other = shape("funnel", vec![funnel_table()]);
    store.begin(std::slice::from_ref(&other), &stand(5)).unwrap();
    store.switch().unwrap();
    assert_eq!(store.stand(Slot::Previous).unwrap(), Some(stand(2)));
    assert_eq!(store.fingerprints(Slot::Previous).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Previous, &funnel_table()), [row(["A", "B"], [1, 0])]);
    assert_eq!(rows(store, Slot::Previous, &totals_table()), [row([""; 0], [1])]);
    assert_eq!(rows(store, Slot::Live, &funnel_table()), []);
    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(5)));
}

pub(super) fn a_second_switch_drops_the_previous_generation(store: &dyn ModelStore) {
    for position in [1, 4, 7] {
        store.begin(&[funnel()], &stand(position)).unwrap();
        for _ in 0..position {
            let more = adds("funnel", [total(1)]);
            let here = || stand(position);
            store.apply(Slot::Next, &from_to(here(), here(), vec![more])).unwrap();
        }
        store.switch().unwrap();
    }
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [7])]);
    assert_eq!(rows(store, Slot::Previous, &totals_table()), [row([""; 0], [4])]);
    assert_eq!(store.stand(Slot::Previous).unwrap(), Some(stand(4)));
    // what replaces nothing leaves no previous generation
    live(store, &[claims()], 7);
    assert_eq!(store.stand(Slot::Previous).unwrap(), None);
    let gone = store.snapshot().unwrap().rows(Slot::Previous, &totals_table());
    assert!(matches!(gone, Err(ModelError::NotKept { .. })), "{gone:?}");
}

pub(super) fn live_models_of_other_names_stay_live(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let claim = adds("claims", [cell(0, ["A"], 0, 250)]);
    store.apply(Slot::Live, &from_to(stand(1), stand(2), vec![claim, adds("funnel", [])])).unwrap();
    live(store, &[funnel()], 2);
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel(), claims()]));
    assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [250])]);
    assert_eq!(store.fingerprints(Slot::Previous).unwrap(), fingerprints(&[funnel()]));
    let both = vec![adds("claims", [cell(0, ["A"], 0, -50)]), adds("funnel", [total(1)])];
    store.apply(Slot::Live, &from_to(stand(2), stand(3), both)).unwrap();
    assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [200])]);
}

pub(super) fn models_that_stay_have_to_stand_where_the_next_generation_does(
    store: &dyn ModelStore,
) {
    live(store, &[funnel(), claims()], 1);
    store.begin(&[funnel()], &stand(2)).unwrap();
    let before = seen(store, &[funnel(), claims()]);
    let says = "live models that stay stand elsewhere; bring both to one stand";
    assert_eq!(refused(store.switch()), format!("{NOT_READY}{says}"));
    assert_eq!(seen(store, &[funnel(), claims()]), before);
    let both = vec![adds("claims", []), adds("funnel", [])];
    store.apply(Slot::Live, &from_to(stand(1), stand(2), both)).unwrap();
    store.switch().unwrap();
    // where all are replaced, any stand will do
    live(store, &[funnel(), claims()], 9);
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel(), claims()]));
}

pub(super) fn a_model_that_was_left_behind_hinders_no_switch_of_others(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let change = from_to(stand(1), stand(2), vec![adds("funnel", [])]);
    store.apply(Slot::Live, &change).unwrap();
    live(store, &[funnel()], 5);
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Live, &claims_table()), []);
    live(store, &[claims()], 5);
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel(), claims()]));
}

pub(super) fn only_what_is_built_to_the_end_is_switched_to(store: &dyn ModelStore) {
    let through = |number| Stand { built: Built::Through(number), ..stand(3) };
    store.begin(&[funnel()], &through(None)).unwrap();
    let says = format!("{NOT_READY}it is not built to the end");
    assert_eq!(refused(store.switch()), says);
    let part = |from, to| from_to(from, to, vec![adds("funnel", [total(1)])]);
    store.apply(Slot::Next, &part(through(None), through(Some(person(4))))).unwrap();
    assert_eq!(refused(store.switch()), says);
    assert_eq!(store.stand(Slot::Next).unwrap(), Some(through(Some(person(4)))));
    store.apply(Slot::Next, &part(through(Some(person(4))), stand(3))).unwrap();
    store.switch().unwrap();
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [2])]);
}

pub(super) fn what_was_left_behind_while_it_was_built_is_not_switched_to(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    store.begin(&[funnel(), claims()], &stand(3)).unwrap();
    let change = from_to(stand(3), stand(4), vec![adds("claims", [])]);
    store.apply(Slot::Next, &change).unwrap();
    let before = seen(store, &[funnel(), claims()]);
    let says = "one of its models was left behind; begin it anew";
    assert_eq!(refused(store.switch()), format!("{NOT_READY}{says}"));
    assert_eq!(seen(store, &[funnel(), claims()]), before);
}

pub(super) fn a_reinstated_generation_is_brought_up_to_date_and_live_again(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    refer(store, Slot::Live, 1);
    let other = shape("funnel", vec![claims_table()]);
    live(store, &[other], 5);
    store.begin(&[funnel()], &stand(6)).unwrap();
    store.reinstate().unwrap();
    assert_eq!(store.stand(Slot::Next).unwrap(), Some(stand(2)));
    assert_eq!(store.stand(Slot::Previous).unwrap(), None);
    assert_eq!(rows(store, Slot::Next, &totals_table()), [row([""; 0], [1])]);
    let due = vec![(person(1), "funnel".to_owned())];
    assert_eq!(store.due(Slot::Next, stand(0).as_of).unwrap(), due);
    refer(store, Slot::Next, 2);
    store.switch().unwrap();
    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(3)));
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [2])]);
    assert_eq!(store.stand(Slot::Previous).unwrap(), Some(stand(5)));
    assert_eq!(rows(store, Slot::Previous, &claims_table()), []);
}

pub(super) fn a_generation_that_was_left_behind_and_replaced_can_be_reinstated(
    store: &dyn ModelStore,
) {
    live(store, &[funnel(), claims()], 1);
    refer_leaving_claims(store);
    live(store, &[claims()], 2);
    assert_eq!(store.stand(Slot::Previous).unwrap(), Some(stand(1)), "where it was left behind");
    assert_eq!(store.fingerprints(Slot::Previous).unwrap(), fingerprints(&[claims()]));
    store.reinstate().unwrap();
    let claim = adds("claims", [cell(0, ["A"], 0, 250)]);
    store.apply(Slot::Next, &from_to(stand(1), stand(2), vec![claim])).unwrap();
    store.switch().unwrap();
    assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [250])]);
}

fn refer_leaving_claims(store: &dyn ModelStore) {
    let referral = adds("funnel", [total(1)]);
    store.apply(Slot::Live, &from_to(stand(1), stand(2), vec![referral])).unwrap();
}

pub(super) fn reinstating_leaves_out_what_was_left_behind_before_the_rest(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    refer_leaving_claims(store);
    live(store, &[funnel(), claims()], 5);
    assert_eq!(store.stand(Slot::Previous).unwrap(), Some(stand(2)));
    assert_eq!(store.fingerprints(Slot::Previous).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Previous, &claims_table()), [], "they stay until then");
    store.reinstate().unwrap();
    assert_eq!(store.fingerprints(Slot::Next).unwrap(), fingerprints(&[funnel()]));
    let gone = store.snapshot().unwrap().rows(Slot::Next, &claims_table());
    assert!(matches!(gone, Err(ModelError::NotKept { .. })), "{gone:?}");
    store.apply(Slot::Next, &from_to(stand(2), stand(5), vec![adds("funnel", [])])).unwrap();
    store.switch().unwrap();
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel(), claims()]));
}

pub(super) fn of_what_was_left_behind_what_came_furthest_is_reinstated(store: &dyn ModelStore) {
    let models = [funnel(), claims(), kinds()];
    live(store, &models, 1);
    let steps = [vec!["claims", "kinds"], vec!["kinds"], vec![]];
    for (position, names) in (1..).zip(steps) {
        let further = names.into_iter().map(|name| adds(name, []));
        let change = from_to(stand(position), stand(position + 1), further.collect());
        store.apply(Slot::Live, &change).unwrap();
    }
    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(4)));
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), []);
    live(store, &[claims(), funnel()], 9);
    assert_eq!(store.stand(Slot::Previous).unwrap(), Some(stand(2)));
    assert_eq!(store.fingerprints(Slot::Previous).unwrap(), fingerprints(&[claims()]));
    store.reinstate().unwrap();
    assert_eq!(store.stand(Slot::Next).unwrap(), Some(stand(2)));
    assert_eq!(store.fingerprints(Slot::Next).unwrap(), fingerprints(&[claims()]));
}

pub(super) fn the_previous_generation_is_not_brought_further(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    live(store, &[funnel()], 5);
    let before = seen(store, &[funnel()]);
    let change = from_to(stand(1), stand(2), vec![adds("funnel", [total(1)])]);
    assert_eq!(
        refused(store.apply(Slot::Previous, &change)),
        "the read models cannot be kept: the previous generation stays as it is: reinstate it first"
    );
    assert_eq!(seen(store, &[funnel()]), before);
}

pub(super) fn a_model_may_come_with_other_tables(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    refer(store, Slot::Live, 1);
    let wider = funnel_table()
        .column(text("programme", "The programme."))
        .measure(measure("jobs", "Jobs that began."));
    let mut other = shape("funnel", vec![wider.clone()]);
    other.fingerprint = sha256(b"another behaviour");
    live(store, std::slice::from_ref(&other), 2);
    let cells = adds("funnel", [cell(0, ["A", "B", "C"], 2, 3)]);
    store.apply(Slot::Live, &from_to(stand(2), stand(3), vec![cells])).unwrap();
    assert_eq!(rows(store, Slot::Live, &wider), [row(["A", "B", "C"], [0, 0, 3])]);
    assert_eq!(rows(store, Slot::Previous, &funnel_table()), [row(["A", "B"], [1, 0])]);
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[other]));
    let gone = store.snapshot().unwrap().rows(Slot::Live, &totals_table());
    assert!(matches!(gone, Err(ModelError::NotKept { .. })), "{gone:?}");
}
