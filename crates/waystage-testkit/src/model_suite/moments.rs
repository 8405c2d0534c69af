//! Rules about snapshots: one moment, whatever others do meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use waystage_core::table::Table;
use waystage_store::models::{ModelError, ModelStore, Row, Shape, Slot, Snapshot};
use waystage_store::sha256;

use super::sample::{
    adds, cell, claims, claims_table, date, fingerprints, from_to, funnel, funnel_table, kinds,
    kinds_table, live, person, row, shape, stand, total, totals_table,
};

/// Reads that are made while another thread changes the store.
const READS: u64 = 2_000;

fn read(snapshot: &dyn Snapshot, slot: Slot, table: &Table) -> Vec<Row> {
    snapshot.rows(slot, table).unwrap()
}

pub(super) fn a_snapshot_sees_nothing_that_comes_after_it(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let models = |count| vec![adds("funnel", [total(count)]), adds("claims", [])];
    store.apply(Slot::Live, &from_to(stand(1), stand(2), models(5))).unwrap();
    let old = store.snapshot().unwrap();

    let mut second = models(6);
    second[0].parked = vec![(person(1), None)];
    second[1].due = vec![(person(1), Some(date("2021-12-01")))];
    store.apply(Slot::Live, &from_to(stand(2), stand(3), second)).unwrap();
    let newer = store.snapshot().unwrap();
    let mut other = shape("funnel", vec![funnel_table()]);
    other.fingerprint = sha256(b"other");
    live(store, &[other.clone(), claims()], 4);
    store.begin(&[kinds()], &stand(9)).unwrap();

    for (snapshot, at, count) in [(&old, 2, 5), (&newer, 3, 11)] {
        assert_eq!(snapshot.stand(Slot::Live).unwrap(), Some(stand(at)));
        assert_eq!(snapshot.stand(Slot::Next).unwrap(), None);
        assert_eq!(snapshot.stand(Slot::Previous).unwrap(), None);
        let names = fingerprints(&[funnel(), claims()]);
        assert_eq!(snapshot.fingerprints(Slot::Live).unwrap(), names);
        assert_eq!(read(&**snapshot, Slot::Live, &totals_table()), [row([""; 0], [count])]);
        let not_there = snapshot.rows(Slot::Next, &kinds_table());
        assert!(matches!(not_there, Err(ModelError::NotKept { .. })), "{not_there:?}");
    }
    drop(newer);
    let now = store.snapshot().unwrap();
    assert_eq!(now.fingerprints(Slot::Live).unwrap(), fingerprints(&[other, claims()]));
    assert_eq!(read(&*now, Slot::Previous, &totals_table()), [row([""; 0], [11])]);
    assert_eq!(read(&*old, Slot::Live, &totals_table()), [row([""; 0], [5])]);
}

/// Adds one to a cell of each of three models, step by step, until it is told to end.
fn keep_adding(store: &dyn ModelStore, is_over: &AtomicBool) {
    let mut step = 0;
    while !is_over.load(Ordering::Acquire) {
        let models = vec![
            adds("funnel", [cell(0, ["A", "B"], 1, 1), total(1)]),
            adds("claims", [cell(0, ["A"], 0, 1)]),
            adds("kinds", [cell(0, [None::<&str>, None, None, None, None], 0, 1)]),
        ];
        store.apply(Slot::Live, &from_to(stand(step), stand(step + 1), models)).unwrap();
        step += 1;
    }
}

/// Returns where a snapshot of the three models stands; all have to be there.
fn one_stand(snapshot: &dyn Snapshot) -> u64 {
    let at = snapshot.stand(Slot::Live).unwrap().unwrap();
    let position = at.position().map_or(0, |position| position.get());
    assert_eq!(at, stand(position));
    let names = fingerprints(&[funnel(), claims(), kinds()]);
    assert_eq!(snapshot.fingerprints(Slot::Live).unwrap(), names);
    for table in [funnel_table(), totals_table(), claims_table(), kinds_table()] {
        let rows = read(snapshot, Slot::Live, &table);
        let sum: i64 = rows.iter().flat_map(|row| &row.amounts).sum();
        assert_eq!(sum, i64::try_from(position).unwrap(), "{} at {position}", table.name);
    }
    position
}

/// Runs something while another thread keeps changing the store.
fn while_it_changes(store: &dyn ModelStore, run: impl FnOnce()) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let changing = scope.spawn(|| keep_adding(store, &is_over));
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        is_over.store(true, Ordering::Release);
        changing.join().unwrap();
        if let Err(says) = ran {
            std::panic::resume_unwind(says);
        }
    });
}

pub(super) fn a_snapshot_stays_as_it_is_while_others_change_the_store(store: &dyn ModelStore) {
    live(store, &[funnel(), claims(), kinds()], 0);
    while_it_changes(store, || {
        let mut stands = Vec::new();
        while stands.last().is_none_or(|last| *last < 50) {
            let snapshot = store.snapshot().unwrap();
            let first = one_stand(&*snapshot);
            let begun = store.stand(Slot::Live).unwrap();
            while store.stand(Slot::Live).unwrap() == begun {
                thread::yield_now();
            }
            assert_eq!(one_stand(&*snapshot), first);
            stands.push(first);
        }
        assert!(stands.is_sorted(), "what was seen once is seen by whoever looks later");
    });
}

pub(super) fn a_snapshot_of_several_models_shows_one_stand(store: &dyn ModelStore) {
    live(store, &[funnel(), claims(), kinds()], 0);
    while_it_changes(store, || {
        let reads = |count: u64| {
            let mut last = 0;
            for _ in 0..count {
                let position = one_stand(&*store.snapshot().unwrap());
                assert!(position >= last, "{position} was seen after {last}");
                last = position;
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| reads(READS / 2));
            reads(READS / 2);
        });
    });
}

/// The same model with two behaviours and two sets of tables, told apart by what it counts.
fn behaviours() -> [(Shape, Table, i64); 2] {
    let (mut first, mut second) =
        (shape("funnel", vec![funnel_table()]), shape("funnel", vec![totals_table()]));
    first.fingerprint = sha256(b"first");
    second.fingerprint = sha256(b"second");
    [(first, funnel_table(), 1), (second, totals_table(), 2)]
}

pub(super) fn a_switch_is_seen_whole(store: &dyn ModelStore) {
    let all = behaviours();
    let build = |number: usize| {
        let (shape, table, amount) = &all[number % 2];
        store.begin(std::slice::from_ref(shape), &stand(amount.unsigned_abs())).unwrap();
        let values = vec!["A"; table.columns.len()];
        let cells = adds("funnel", [cell(0, values, 0, *amount)]);
        let at = || stand(amount.unsigned_abs());
        store.apply(Slot::Next, &from_to(at(), at(), vec![cells])).unwrap();
        store.switch().unwrap();
    };
    build(0);
    let is_over = AtomicBool::new(false);
    let look = || {
        let snapshot = store.snapshot().unwrap();
        let names = snapshot.fingerprints(Slot::Live).unwrap();
        let found =
            all.iter().find(|(shape, ..)| fingerprints(std::slice::from_ref(shape)) == names);
        let (_, table, amount) = found.expect("one of the two is live");
        assert_eq!(snapshot.stand(Slot::Live).unwrap(), Some(stand(amount.unsigned_abs())));
        let rows = read(&*snapshot, Slot::Live, table);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].amounts[0], *amount);
    };
    thread::scope(|scope| {
        let looking = scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                look();
            }
        });
        (1..60).for_each(build);
        is_over.store(true, Ordering::Release);
        looking.join().unwrap();
    });
}
