//! What the statements of the models' file cost, and what its tables look like.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may

use rusqlite::Connection;
use waystage_core::table::{Table, day, integer, measure, month, text, truth};
use waystage_store::models::Slot;

use super::form::Form;
use super::text::TableText;
use super::{apply, books, due, form, read, schema, switch};

fn table() -> Table {
    Table::new("waits", "How long people wait,\nby provider.")
        .column(text("provider", "The provider; nothing where none was\tdeclared."))
        .column(month("cohort", "The month of the referral."))
        .column(day("since", "The day since when."))
        .column(integer("weeks", "Whole weeks."))
        .column(truth("is_over", "Whether it is over."))
        .measure(measure("people", "How many wait."))
        .measure(measure("days", "Their days together."))
}

fn made() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for (_, statement) in schema::OBJECTS {
        connection.execute(statement, []).unwrap();
    }
    connection
}

#[test]
fn a_table_says_what_it_holds() {
    let form = Form::of("waits", &table());
    let text = |slot| TableText::of(slot, &form.layout).unwrap();
    let made = text(Slot::Next).create(&form);
    assert_eq!(
        made,
        "CREATE TABLE \"next_waits\" (
  -- How long people wait, by provider.
  \"provider\" TEXT, -- The provider; nothing where none was declared.
  \"cohort\" TEXT, -- The month of the referral.
  \"since\" TEXT, -- The day since when.
  \"weeks\" INTEGER, -- Whole weeks.
  \"is_over\" INTEGER, -- Whether it is over.
  \"people\" INTEGER NOT NULL DEFAULT 0, -- How many wait.
  \"days\" INTEGER NOT NULL DEFAULT 0, -- Their days together.
  UNIQUE (\"provider\", \"cohort\", \"since\", \"weeks\", \"is_over\")
) STRICT"
    );
    // renamed, it is as if it had been made under the other name
    let connection = Connection::open_in_memory().unwrap();
    connection.execute(&made, []).unwrap();
    for (from, to) in [(Slot::Next, Slot::Live), (Slot::Live, Slot::Previous)] {
        connection.execute(&text(from).rename(&text(to)), []).unwrap();
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table'";
        let kept: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, text(to).create(&form));
    }
}

#[test]
fn names_that_are_not_plain_never_come_into_a_statement() {
    for name in ["Waits", "waits\"; --", "", "wäits", "1", "next waits"] {
        let mut layout = Form::of("waits", &table()).layout;
        layout.measures[1] = name.to_owned();
        assert!(TableText::of(Slot::Live, &layout).is_err(), "{name:?} as a measure");
        layout = Form::of("waits", &table()).layout;
        layout.columns[0].0 = name.to_owned();
        assert!(TableText::of(Slot::Live, &layout).is_err(), "{name:?} as a column");
        layout = Form::of("waits", &table()).layout;
        layout.name = name.to_owned();
        assert!(TableText::of(Slot::Live, &layout).is_err(), "{name:?} as a table");
    }
}

/// How SQLite answers each statement that is run for a row, a participant or a model: all search.
#[test]
fn every_statement_searches_an_index_and_none_scans_a_table() {
    let connection = made();
    let form = Form::of("waits", &table());
    let waits = TableText::of(Slot::Live, &form.layout).unwrap();
    connection.execute(&waits.create(&form), []).unwrap();
    let by_values = "SEARCH waits USING INDEX sqlite_autoindex_waits_1 \
        (provider=? AND cohort=? AND since=? AND weeks=? AND is_over=?)";
    let by_number = "SEARCH waits USING INTEGER PRIMARY KEY (rowid=?)";
    for (sql, plan) in [
        (&*waits.find(), by_values),
        (&*waits.set(), by_number),
        (&*waits.remove(), by_number),
        (due::DAYS, "SEARCH due USING PRIMARY KEY (due_list=? AND participant=?)"),
        (due::UNSET, "SEARCH due USING PRIMARY KEY (due_list=? AND participant=? AND day=?)"),
        (read::DUE, "SEARCH due USING INDEX due_by_day (due_list=? AND day<?)"),
        (switch::DROP_DUE, "SEARCH due USING PRIMARY KEY (due_list=?)"),
        (apply::WHO_IS_PARKED, "SEARCH parked USING PRIMARY KEY (model=?)"),
        (apply::UNPARK, "SEARCH parked USING PRIMARY KEY (model=? AND participant=?)"),
        (read::PARKED, "SEARCH parked USING PRIMARY KEY (model=?)"),
        (switch::DROP_PARKED, "SEARCH parked USING PRIMARY KEY (model=?)"),
        (books::DROP, "SEARCH read_model USING INTEGER PRIMARY KEY (rowid=?)"),
        (form::ABOUT_TABLE, "SEARCH about_tables USING PRIMARY KEY (table_name=?)"),
        (form::ABOUT_COLUMNS, "SEARCH about_columns USING PRIMARY KEY (table_name=?)"),
        (
            form::TABLES_OF_MODEL,
            "SEARCH about_tables USING COVERING INDEX about_tables_of_model \
             (generation=? AND model=?)",
        ),
    ] {
        let steps = steps(&connection, sql);
        assert!(steps.iter().any(|step| step == plan), "{sql}: {steps:?}");
        let is_slow = |step: &String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        assert!(!steps.iter().any(is_slow), "{sql}: {steps:?}");
    }
}

fn steps(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&["EXPLAIN QUERY PLAN ", sql].concat()).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps
}
