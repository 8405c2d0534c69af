//! Rules about rows: sums under values, whatever the values.

use chrono::NaiveDate;
use waystage_core::calendar::Month;
use waystage_core::contribution::Contributions;
use waystage_core::table::{Table, Value, integer, text};
use waystage_store::models::{ModelChange, ModelError, ModelStore, Row, Slot};

use super::sample::{
    adds, cell, claims, claims_table, date, from_to, funnel, funnel_table, kinds, kinds_table,
    live, refused, row, rows, stand, total, totals_table,
};

/// Adds to a live model that stands at the first position, and stays there.
fn add(store: &dyn ModelStore, change: ModelChange) {
    store.apply(Slot::Live, &from_to(stand(1), stand(1), vec![change])).unwrap();
}

pub(super) fn rows_are_the_sums_of_what_was_added(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    add(store, adds("funnel", [cell(0, ["A", "X"], 0, 2), cell(0, ["A", "X"], 1, 1)]));
    add(store, adds("funnel", [cell(0, ["A", "X"], 1, 4), cell(0, ["B", "X"], 1, 3), total(9)]));
    add(store, adds("funnel", [cell(0, ["A", "Y"], 0, 1), cell(0, ["B", "X"], 1, -1)]));
    let expected = [row(["A", "X"], [2, 5]), row(["A", "Y"], [1, 0]), row(["B", "X"], [0, 2])];
    assert_eq!(rows(store, Slot::Live, &funnel_table()), expected);
    let cells = store.snapshot().unwrap().cells(Slot::Live, &funnel().tables).unwrap();
    let sums = [
        cell(0, ["A", "X"], 0, 2),
        cell(0, ["A", "X"], 1, 5),
        cell(0, ["A", "Y"], 0, 1),
        cell(0, ["B", "X"], 1, 2),
        total(9),
    ];
    assert_eq!(cells, Contributions::of(sums));
}

pub(super) fn a_row_of_zeros_vanishes_and_comes_again(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    let both = |sign: i64| {
        adds("funnel", [cell(0, ["A", "X"], 0, 2 * sign), cell(0, ["A", "X"], 1, sign)])
    };
    for _ in 0..2 {
        add(store, both(1));
        add(store, adds("funnel", [cell(0, ["A", "X"], 0, -2)]));
        assert_eq!(rows(store, Slot::Live, &funnel_table()), [row(["A", "X"], [0, 1])]);
        add(store, adds("funnel", [cell(0, ["A", "X"], 1, -1)]));
        assert_eq!(rows(store, Slot::Live, &funnel_table()), []);
    }
    add(store, both(1));
    add(store, both(-1));
    add(store, adds("funnel", []));
    assert_eq!(rows(store, Slot::Live, &funnel_table()), []);
}

pub(super) fn amounts_may_be_less_than_nothing(store: &dyn ModelStore) {
    live(store, &[claims()], 1);
    for (amount, sum) in [(-5, -5), (-7, -12), (20, 8), (i64::MIN, i64::MIN + 8)] {
        add(store, adds("claims", [cell(0, ["A"], 0, amount)]));
        assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [sum])]);
    }
}

pub(super) fn nothing_and_an_empty_text_are_two_rows(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    let values = [Value::Nothing, "".into(), "(none)".into(), "NULL".into()];
    let mut expected = Vec::new();
    for _ in 0..2 {
        expected.clear();
        for (number, first) in (1..).zip(&values) {
            for second in &values {
                let pair = [first.clone(), second.clone()];
                add(store, adds("funnel", [cell(0, pair.clone(), 0, number)]));
                expected.push(row(pair, [number, 0]));
            }
        }
    }
    for row in &mut expected {
        row.amounts[0] *= 2;
    }
    assert_eq!(rows(store, Slot::Live, &funnel_table()), expected);
    let nothing = || [Value::Nothing, Value::Nothing];
    add(store, adds("funnel", [cell(0, nothing(), 0, -2)]));
    expected.remove(0);
    assert_eq!(rows(store, Slot::Live, &funnel_table()), expected);
}

/// Rows that hold each value in its column, and nothing in the others.
fn rows_of_every_kind() -> Vec<Vec<Value>> {
    let texts = ["", " ", "a", "A", "ä", "日本\n\t", "it's \"quoted\"; --", "a\0b", "0", "%_"];
    let texts = texts.map(Value::from).into_iter().chain([Value::from("long ".repeat(2_000))]);
    let numbers = [i64::MIN, -1, 0, 1, 1 << 53, (1 << 53) + 1, i64::MAX].map(Value::from);
    let days = ["0000-01-01", "0999-12-31", "2024-02-29", "9999-12-31"].map(date);
    let days = days.into_iter().chain([NaiveDate::MIN, NaiveDate::MAX]);
    let months = days.clone().map(|day| Value::from(Month::of(day)));
    let days = days.map(Value::from);
    let truths = [false, true].map(Value::from);
    let texts = texts.map(|value| (0, value));
    let numbers = numbers.into_iter().map(|value| (1, value));
    let days = days.map(|value| (2, value));
    let months = months.map(|value| (3, value));
    let truths = truths.into_iter().map(|value| (4, value));
    let mut rows = vec![vec![Value::Nothing; 5]];
    for (column, value) in texts.chain(numbers).chain(days).chain(months).chain(truths) {
        let mut row = vec![Value::Nothing; 5];
        row[column] = value;
        rows.push(row);
    }
    rows
}

pub(super) fn values_of_every_kind_are_read_as_they_were_written(store: &dyn ModelStore) {
    live(store, &[kinds()], 1);
    let all = rows_of_every_kind();
    for _ in 0..2 {
        add(store, adds("kinds", all.iter().map(|row| cell(0, row.clone(), 0, 21))));
    }
    let mut expected: Vec<Row> = all.iter().map(|each| row(each.clone(), [42])).collect();
    expected.sort();
    assert_eq!(rows(store, Slot::Live, &kinds_table()), expected);
}

pub(super) fn a_table_without_columns_has_one_row(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    assert_eq!(rows(store, Slot::Live, &totals_table()), []);
    add(store, adds("funnel", [total(2)]));
    add(store, adds("funnel", [total(3)]));
    assert_eq!(rows(store, Slot::Live, &totals_table()), [row([""; 0], [5])]);
    add(store, adds("funnel", [total(-5)]));
    assert_eq!(rows(store, Slot::Live, &totals_table()), []);
}

pub(super) fn rows_come_in_order_of_their_columns(store: &dyn ModelStore) {
    live(store, &[kinds(), funnel()], 1);
    let all = rows_of_every_kind();
    for row in all.iter().rev() {
        let change = vec![adds("kinds", [cell(0, row.clone(), 0, 1)]), adds("funnel", [])];
        store.apply(Slot::Live, &from_to(stand(1), stand(1), change)).unwrap();
    }
    let found = rows(store, Slot::Live, &kinds_table());
    assert!(found.is_sorted(), "{found:?}");
    assert_eq!(found.len(), all.len());
}

pub(super) fn a_large_change_is_kept_whole(store: &dyn ModelStore) {
    const CELLS: i64 = 50_000;
    live(store, &[funnel()], 1);
    let area = |number: i64| format!("area {}", number % 97);
    let row_of = |number: i64| [format!("provider {}", number / 2), area(number / 2)];
    let part = |numbers: std::ops::Range<i64>, sign: i64| {
        adds("funnel", numbers.map(|it| cell(0, row_of(it), usize::from(it % 2 == 1), sign)))
    };
    add(store, part(0..CELLS, 1));
    let all = rows(store, Slot::Live, &funnel_table());
    assert_eq!(all.len(), 25_000);
    assert!(all.iter().all(|row| row.amounts == [1, 1]));
    add(store, part(0..CELLS / 2, -1));
    add(store, part(CELLS / 2..CELLS, 4));
    let left = rows(store, Slot::Live, &funnel_table());
    assert_eq!(left.len(), 12_500);
    assert!(left.iter().all(|row| row.amounts == [5, 5]));
}

pub(super) fn amounts_that_grow_too_large_are_refused(store: &dyn ModelStore) {
    live(store, &[claims()], 1);
    add(store, adds("claims", [cell(0, ["A"], 0, i64::MAX)]));
    let more = vec![adds("claims", [cell(0, ["A"], 0, 1)])];
    assert_eq!(
        refused(store.apply(Slot::Live, &from_to(stand(1), stand(2), more))),
        "the read models cannot be kept: an amount grows beyond what a whole number can hold: \
         count in larger units"
    );
    assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [i64::MAX])]);
    assert_eq!(store.stand(Slot::Live).unwrap(), Some(stand(1)));
}

pub(super) fn cells_that_fit_no_table_are_refused(store: &dyn ModelStore) {
    live(store, &[claims()], 1);
    for misfit in [
        cell(1, ["A"], 0, 1),
        cell(0, ["A"], 1, 1),
        cell(0, [""; 0], 0, 1),
        cell(0, ["A", "B"], 0, 1),
        cell(0, [true], 0, 1),
        cell(0, [date("2021-10-14")], 0, 1),
    ] {
        let models = vec![adds("claims", [cell(0, ["A"], 0, 1), misfit])];
        assert_eq!(
            refused(store.apply(Slot::Live, &from_to(stand(1), stand(2), models))),
            "the read models cannot be kept: a cell of the model claims fits none of its tables: \
             give a value of its kind for each column"
        );
        assert_eq!(rows(store, Slot::Live, &claims_table()), []);
    }
}

pub(super) fn a_table_is_read_as_it_was_kept_or_not_at_all(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    let snapshot = store.snapshot().unwrap();
    let mut other_words = funnel_table();
    other_words.says = "The same in other words.";
    assert_eq!(snapshot.rows(Slot::Live, &other_words).unwrap(), []);
    let wider = funnel_table().column(text("programme", "The programme."));
    let mut turned = funnel_table();
    turned.columns.reverse();
    let mut counted = funnel_table();
    counted.columns[1] = integer("area", "A number.");
    let mut fewer = funnel_table();
    fewer.measures.pop();
    for other in [wider, turned, counted, fewer] {
        let stale = snapshot.rows(Slot::Live, &other).unwrap_err();
        assert!(matches!(&stale, ModelError::Stale { model } if model == "funnel"), "{stale}");
    }
    let unknown = Table { name: "funnels".to_owned(), ..funnel_table() };
    let not_kept = snapshot.rows(Slot::Live, &unknown).unwrap_err();
    assert_eq!(not_kept.to_string(), "the read model funnels is not kept here: rebuild it");
    // nor can the name of a store's own table, or a longer one, be slipped in
    for name in ["read_model", "funnel\" --", "previous_funnel", ""] {
        let slipped = Table { name: name.to_owned(), ..funnel_table() };
        let not_kept = snapshot.rows(Slot::Live, &slipped);
        assert!(matches!(not_kept, Err(ModelError::NotKept { .. })), "{not_kept:?}");
    }
}
