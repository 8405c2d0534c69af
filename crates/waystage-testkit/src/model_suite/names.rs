//! Rules about names: what cannot be kept is refused in words that say what to change.

use waystage_core::table::{Table, integer, measure, text};
use waystage_store::models::{ModelStore, NAME_BYTES_MAX, Shape, Slot};

use super::sample::{
    adds, cell, claims, claims_table, from_to, funnel, live, refused, row, rows, seen, shape, stand,
};

/// Checks that models are refused, and that nothing changed.
#[track_caller]
fn unfit(store: &dyn ModelStore, shapes: &[Shape], says: &str) {
    let before = seen(store, &[funnel(), claims()]);
    let refusal = refused(store.begin(shapes, &stand(1)));
    assert_eq!(refusal, format!("the read models cannot be kept: {says}"));
    assert_eq!(seen(store, &[funnel(), claims()]), before);
}

fn counting(name: &str) -> Table {
    Table::new(name, "A table.").measure(measure("count", "How many."))
}

pub(super) fn names_that_are_not_plain_are_refused(store: &dyn ModelStore) {
    store.begin(&[funnel()], &stand(1)).unwrap();
    let plain = "begin with one of a to z, go on with a to z, 0 to 9 and _, at most 60 in all";
    let long = "a".repeat(NAME_BYTES_MAX + 1);
    for name in
        ["", "Funnel", "2_weeks", "_funnel", "key-workers", "fünf", "a b", "a\"b", "a;b", &*long]
    {
        let model = [shape(name, vec![counting("weeks")])];
        unfit(store, &model, &format!("{name:?} is no plain name of a model: {plain}"));
        let table = [shape("weeks", vec![counting(name)])];
        unfit(store, &table, &format!("{name:?} is no plain name of a table: {plain}"));
    }
    let column = counting("weeks").column(text("Provider", "A provider."));
    let says = format!("\"Provider\" is no plain name of a column: {plain}");
    unfit(store, &[shape("weeks", vec![column])], &says);
    let other = counting("weeks").measure(measure("starts\0", "Starts."));
    let says = format!("\"starts\\0\" is no plain name of a measure: {plain}");
    unfit(store, &[shape("weeks", vec![other])], &says);
}

pub(super) fn names_that_stand_twice_are_refused(store: &dyn ModelStore) {
    let models = [shape("weeks", vec![counting("weeks")]), shape("weeks", vec![counting("days")])];
    unfit(store, &models, "two models are called weeks: rename one");
    let within = [shape("weeks", vec![counting("weeks"), counting("weeks")])];
    unfit(store, &within, "two tables are called weeks: rename one");
    let across = [shape("weeks", vec![counting("days")]), shape("days", vec![counting("days")])];
    unfit(store, &across, "two tables are called days: rename one");
    let columns = counting("weeks").column(text("area", "x")).column(integer("area", "x"));
    let says = "the table weeks has area twice: rename one";
    unfit(store, &[shape("weeks", vec![columns])], says);
    let measures = counting("weeks").column(text("count", "x"));
    let says = "the table weeks has count twice: rename one";
    unfit(store, &[shape("weeks", vec![measures])], says);
}

pub(super) fn names_that_a_store_has_for_itself_are_refused(store: &dyn ModelStore) {
    for name in ["read_model", "generation", "due", "parked", "about_tables", "about_columns"] {
        let says = format!("{name} is one of the tables that a store has of its own: rename it");
        unfit(store, &[shape(name, vec![counting(name)])], &says);
    }
    for (name, beginning) in
        [("next_weeks", "next_"), ("previous_weeks", "previous_"), ("sqlite_weeks", "sqlite_")]
    {
        let says = format!("the table {name} begins with {beginning}, as none may: rename it");
        unfit(store, &[shape(name, vec![counting(name)])], &says);
    }
}

pub(super) fn shapes_that_hold_nothing_or_too_much_are_refused(store: &dyn ModelStore) {
    let empty = [shape("weeks", vec![])];
    unfit(store, &empty, "the model weeks has no table: give it one");
    let bare = Table::new("weeks", "A table.").column(text("area", "An area."));
    let says = "the table weeks has no measure: give it one";
    unfit(store, &[shape("weeks", vec![bare])], says);
    unfit(
        store,
        &[shape("weeks", vec![wide(100)])],
        "the table weeks has 101 columns and measures, over the limit of 100: split it",
    );
}

/// A table of one measure and so many columns.
fn wide(columns: usize) -> Table {
    (0..columns).fold(counting("weeks"), |table, number| {
        let name: &'static str = Box::leak(format!("column_{number}").into_boxed_str());
        table.column(text(name, "One of many."))
    })
}

pub(super) fn a_table_of_another_live_model_is_refused(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let other = shape("payments", vec![claims_table()]);
    let says = "the live model claims has a table claims already: rename this one";
    unfit(store, std::slice::from_ref(&other), says);
    unfit(store, &[other.clone(), funnel()], says);
    // where that model comes with other tables itself, its old ones are free
    let moved = shape("claims", vec![counting("claims_made")]);
    live(store, &[other.clone(), moved], 1);
    let count = adds("payments", [cell(0, ["A"], 0, 4)]);
    let all = vec![count, adds("funnel", []), adds("claims", [cell(0, [""; 0], 0, 1)])];
    store.apply(Slot::Live, &from_to(stand(1), stand(2), all)).unwrap();
    assert_eq!(rows(store, Slot::Live, &claims_table()), [row(["A"], [4])]);
    // and back again
    live(store, &[shape("payments", vec![counting("payments")]), claims()], 2);
    assert_eq!(rows(store, Slot::Live, &claims_table()), []);
    assert_eq!(rows(store, Slot::Previous, &claims_table()), [row(["A"], [4])]);
}

pub(super) fn plain_names_are_kept_however_odd(store: &dyn ModelStore) {
    let long: &'static str = Box::leak("a".repeat(NAME_BYTES_MAX).into_boxed_str());
    let words = ["select", "table", "order", "rowid", "oid", "nextdoor", "x1_", long];
    let named = |name: &'static str| {
        let other = if name == "group" { "index" } else { "group" };
        Table::new(name, "-- a table */ \"x\" );")
            .column(text(other, "it's; --\r\n"))
            .column(text("values", ""))
    };
    let tables: Vec<Table> = words
        .iter()
        .map(|name| named(name).measure(measure(name, "x\0y")).measure(measure("from", "y")))
        .chain([wide(99)])
        .collect();
    let odd = shape("select", tables.clone());
    live(store, std::slice::from_ref(&odd), 1);
    let cells = tables.iter().enumerate().map(|(place, table)| {
        let values = vec!["it's"; table.columns.len()];
        cell(place, values, table.measures.len() - 1, 3)
    });
    let change = adds("select", cells);
    for step in [1, 2] {
        let twice = from_to(stand(step), stand(step + 1), vec![change.clone()]);
        store.apply(Slot::Live, &twice).unwrap();
    }
    live(store, std::slice::from_ref(&odd), 3);
    for table in &tables {
        let found = rows(store, Slot::Previous, table);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].amounts.last(), Some(&6), "{}", table.name);
        assert_eq!(rows(store, Slot::Live, table), []);
    }
}
