//! Rules about changes: from where to where, whole or not at all.

use std::thread;

use chrono::NaiveDate;
use waystage_core::id::Position;
use waystage_core::view::Basis;
use waystage_store::models::{Anchor, Built, ModelError, ModelStore, Slot, Stand};
use waystage_store::sha256;

use super::sample::{
    adds, cell, claims, claims_table, date, fingerprints, from_to, funnel, leaf, live, person,
    refused, row, rows, seen, stand, total, totals_table,
};

/// Stands that differ from the first in one thing each.
fn other_stands() -> Vec<Stand> {
    let first = stand(1);
    let place = |position| Position::new(position).unwrap();
    let anchor = |position, of| Some(Anchor { position: place(position), leaf: leaf(of) });
    vec![
        stand(0),
        stand(2),
        Stand { anchor: anchor(1, 2), ..first.clone() },
        Stand { anchor: anchor(2, 1), ..first.clone() },
        Stand { as_of: date("2021-10-15"), ..first.clone() },
        Stand { basis: Basis::Reported, ..first.clone() },
        Stand { packs: sha256(b"other packs"), ..first.clone() },
        Stand { built: Built::Through(None), ..first.clone() },
        Stand { built: Built::Through(Some(person(1))), ..first },
    ]
}

pub(super) fn a_change_brings_a_generation_from_one_stand_to_another(store: &dyn ModelStore) {
    live(store, &[funnel()], 0);
    let mut at = stand(0);
    for (count, to) in (1..).zip(other_stands().into_iter().chain([stand(1 << 62)])) {
        let change = from_to(at, to.clone(), vec![adds("funnel", [total(1)])]);
        store.apply(Slot::Live, &change).unwrap();
        assert_eq!(store.stand(Slot::Live).unwrap(), Some(to.clone()));
        assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel()]));
        assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [count])]);
        at = to;
    }
}

pub(super) fn how_far_a_generation_was_built_is_kept(store: &dyn ModelStore) {
    for built in [None, Some(person(0)), Some(person(u64::MAX))].map(Built::Through) {
        let at = Stand { built, as_of: date("1999-12-31"), ..stand(8) };
        store.begin(&[funnel()], &at).unwrap();
        assert_eq!(store.stand(Slot::Next).unwrap(), Some(at));
    }
}

pub(super) fn a_change_from_any_other_stand_changes_nothing(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    store.begin(&[funnel()], &stand(1)).unwrap();
    let before = seen(store, &[funnel()]);
    for slot in [Slot::Live, Slot::Next] {
        for from in other_stands() {
            let change = from_to(from, stand(9), vec![adds("funnel", [total(1)])]);
            let moved = store.apply(slot, &change);
            assert!(matches!(moved, Err(ModelError::Moved)), "{moved:?}");
            assert_eq!(seen(store, &[funnel()]), before);
        }
    }
    // whoever went on after another had been there is refused as well
    let change = from_to(stand(1), stand(2), vec![adds("funnel", [total(1)])]);
    store.apply(Slot::Live, &change).unwrap();
    assert_eq!(
        refused(store.apply(Slot::Live, &change)),
        "the read models moved on while they were brought up to date: try again"
    );
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [1])]);
}

pub(super) fn a_change_of_a_model_that_is_not_kept_changes_nothing(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    let before = seen(store, &[funnel(), claims()]);
    let models = vec![adds("funnel", [total(1)]), adds("claims", [cell(0, ["A"], 0, 1)])];
    let refusal = refused(store.apply(Slot::Live, &from_to(stand(1), stand(2), models)));
    assert_eq!(refusal, "the read model claims is not kept here: rebuild it");
    assert_eq!(seen(store, &[funnel(), claims()]), before);
}

pub(super) fn a_change_that_fails_half_way_changes_nothing(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let before = seen(store, &[funnel(), claims()]);
    let mut first = adds("funnel", [cell(0, ["A", "B"], 0, 1), total(1)]);
    first.due = vec![(person(1), Some(date("2021-12-01")))];
    let misfit = adds("claims", [cell(0, ["A"], 0, 1), cell(0, [7_i64], 0, 1)]);
    let failed = store.apply(Slot::Live, &from_to(stand(1), stand(2), vec![first, misfit]));
    assert!(matches!(failed, Err(ModelError::Unfit { .. })), "{failed:?}");
    assert_eq!(seen(store, &[funnel(), claims()]), before);
}

pub(super) fn models_that_a_change_leaves_out_are_left_behind(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let mut claim = adds("claims", [cell(0, ["A"], 0, 250)]);
    claim.due = vec![(person(1), Some(date("2021-12-01")))];
    let both = vec![adds("funnel", []), claim];
    store.apply(Slot::Live, &from_to(stand(1), stand(2), both)).unwrap();
    let referral = adds("funnel", [total(1)]);
    store.apply(Slot::Live, &from_to(stand(2), stand(3), vec![referral])).unwrap();

    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(3)));
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel()]));
    assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [250])], "they stay");
    assert_eq!(store.due(Slot::Live, NaiveDate::MAX).unwrap(), [], "nobody can read them again");
    let claim = || adds("claims", [cell(0, ["A"], 0, 1)]);
    for (from, refusal) in [
        (stand(3), "the read model claims is not kept here: rebuild it"),
        (stand(2), "the read models moved on while they were brought up to date: try again"),
    ] {
        let change = from_to(from, stand(4), vec![claim()]);
        assert_eq!(refused(store.apply(Slot::Live, &change)), refusal);
    }
    live(store, &[claims()], 3);
    assert_eq!(store.fingerprints(Slot::Live).unwrap(), fingerprints(&[funnel(), claims()]));
    assert_eq!(rows(store, Slot::Live, &claims_table()), []);
}

pub(super) fn a_change_of_the_next_generation_leaves_the_live_one_alone(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    store.begin(&[funnel()], &stand(1)).unwrap();
    let change = |count| from_to(stand(1), stand(2), vec![adds("funnel", [total(count)])]);
    store.apply(Slot::Next, &change(3)).unwrap();
    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(1)));
    assert_eq!(rows(store, Slot::Live, &totals_table()), []);
    store.apply(Slot::Live, &change(5)).unwrap();
    assert_eq!(rows(store, Slot::Next, &totals_table()), [row([""; 0], [3])]);
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [5])]);
}

pub(super) fn of_changes_from_one_stand_one_is_kept(store: &dyn ModelStore) {
    const CALLERS: usize = 4;
    live(store, &[funnel()], 0);
    for round in 0..25 {
        let change = from_to(stand(round), stand(round + 1), vec![adds("funnel", [total(1)])]);
        let kept = thread::scope(|scope| {
            let apply = || store.apply(Slot::Live, &change);
            let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(apply)).collect();
            let answers = callers.into_iter().map(|caller| caller.join().unwrap());
            answers
                .filter(|answer| match answer {
                    Ok(()) => true,
                    Err(ModelError::Moved) => false,
                    Err(error) => panic!("{error}"),
                })
                .count()
        });
        assert_eq!(kept, 1);
    }
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [25])]);
}
