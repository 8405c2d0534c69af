//! What any program that reads SQLite sees of the file while it is in use.

use rusqlite::types::Value as Stored;
use rusqlite::{Connection, OpenFlags};
use waystage_sqlite::SqliteModels;
use waystage_store::models::{Change, ModelChange, ModelStore, Slot};

use crate::kept::{
    a_file, a_folder, claims, date, more_waits, nothing_of, person, rows, rows_of, stand, step,
    waits,
};

/// Opens the file as somebody who only looks.
fn looking(path: &std::path::Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Returns all that a query finds.
fn found(connection: &Connection, sql: &str) -> Vec<Vec<Stored>> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|index| row.get(index)).collect();
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

/// Returns the same as lines of text.
fn shown(connection: &Connection, sql: &str) -> Vec<String> {
    let cell = |cell: Stored| match cell {
        Stored::Null => "NULL".to_owned(),
        Stored::Integer(number) => number.to_string(),
        Stored::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let rows = found(connection, sql).into_iter();
    rows.map(|row| row.into_iter().map(cell).collect::<Vec<_>>().join(" | ")).collect()
}

#[test]
fn rows_have_the_types_that_sql_knows() {
    let (_folder, path) = a_folder();
    let _models = a_file(&path);
    let found = found(&looking(&path), "SELECT * FROM waits ORDER BY provider");
    let text = |text: &str| Stored::Text(text.to_owned());
    let integer = Stored::Integer;
    let nothing = || Stored::Null;
    assert_eq!(
        found,
        [
            vec![nothing(), nothing(), nothing(), nothing(), nothing(), integer(2), integer(0)],
            vec![
                text("Ingeus"),
                text("2021-03"),
                text("2021-03-31"),
                integer(7),
                integer(1),
                integer(1),
                integer(-3)
            ],
        ]
    );
}

#[test]
fn everything_can_be_looked_up() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    models.begin(&[waits(), claims()], &stand(5)).unwrap();
    let look = looking(&path);
    assert_eq!(
        shown(&look, "SELECT * FROM about_tables ORDER BY table_name"),
        [
            "next_claims | next | claims | 0 | What was claimed.",
            "next_waits | next | waits | 0 | How long people wait, by provider.",
            "waits | live | waits | 0 | How long people wait, by provider.",
        ]
    );
    let columns = |table: &str| {
        let sql = "SELECT column_name, kind, role, says FROM about_columns
            WHERE table_name = 'TABLE' ORDER BY place";
        shown(&look, &sql.replace("TABLE", table))
    };
    assert_eq!(
        columns("waits"),
        [
            "provider | text | column | The provider; nothing where none was declared.",
            "cohort | month | column | The month of the referral.",
            "since | day | column | The day since when.",
            "weeks | integer | column | Whole weeks.",
            "is_over | truth | column | Whether it is over.",
            "people | integer | measure | How many wait.",
            "days | integer | measure | Their days together.",
        ]
    );
    models.switch().unwrap();
    assert_eq!(columns("claims"), ["pence | integer | measure | The amount, in pence."]);
    assert_eq!(columns("previous_waits").len(), 7);
    assert_eq!(columns("next_waits").len(), 0);
    let sql = "SELECT sql FROM sqlite_schema WHERE name IN ('claims', 'due')";
    let made = shown(&look, sql).join("\n");
    for says in ["-- What was claimed.", "-- The amount, in pence.", "-- The first later day."] {
        assert!(made.contains(says), "{made}");
    }
    // every column of the store's own tables has its meaning beside it too
    for (name, made) in ["generation", "read_model", "due", "parked", "about_tables"].map(|name| {
        let sql = "SELECT sql FROM sqlite_schema WHERE name = 'TABLE'";
        (name, shown(&look, &sql.replace("TABLE", name)).join(""))
    }) {
        let is_column = |line: &&str| line.contains(" TEXT") || line.contains(" INTEGER");
        let bare: Vec<_> =
            made.lines().filter(is_column).filter(|line| !line.contains(" -- ")).collect();
        assert_eq!(bare, [""; 0], "{name}");
    }
}

#[test]
fn the_books_show_what_is_behind_and_who_is_due_or_parked() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    models.begin(&[claims()], &stand(2)).unwrap();
    models.switch().unwrap();
    models.apply(Slot::Live, &step(2, vec![nothing_of("claims")])).unwrap();
    let look = looking(&path);
    assert_eq!(
        shown(&look, "SELECT name, position, as_of, basis, built FROM generation"),
        ["live | 3 | 2021-10-14 | recorded | whole"]
    );
    assert_eq!(
        shown(&look, "SELECT generation, name, position FROM read_model ORDER BY name"),
        ["live | claims | 3", "live | waits | 2"],
        "waits was left behind"
    );
    let due = "SELECT read_model.name, due.participant, due.day, due.models
        FROM due JOIN read_model USING (due_list)";
    assert_eq!(shown(&look, due), [format!("waits | {} | 2021-12-01 | waits", person(1))]);
    let parked = "SELECT read_model.name, parked.participant, parked.position, parked.says
        FROM parked JOIN read_model ON read_model.number = parked.model";
    assert_eq!(shown(&look, parked), [format!("waits | {} | 4 | odd", person(2))]);
}

#[test]
fn a_reader_that_stays_neither_waits_nor_is_waited_for() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    let look = looking(&path);
    look.execute_batch("BEGIN").unwrap();
    let people = || shown(&look, "SELECT people FROM waits WHERE provider = 'Ingeus'");
    assert_eq!(people(), ["1"]);
    let began = std::time::Instant::now();
    for position in 2..102 {
        models.apply(Slot::Live, &step(position, vec![more_waits(1)])).unwrap();
    }
    models.begin(&[waits()], &stand(102)).unwrap();
    models.switch().unwrap();
    let spent = began.elapsed();
    assert!(spent < std::time::Duration::from_secs(4), "it waited: {spent:?}");
    assert_eq!(people(), ["1"], "as it was when it began");
    look.execute_batch("COMMIT").unwrap();
    assert_eq!(shown(&look, "SELECT people FROM waits"), [""; 0]);
    assert_eq!(shown(&look, "SELECT people FROM previous_waits ORDER BY people"), ["101", "202"]);
    assert_eq!(rows(&models), []);
}

#[test]
fn what_is_written_from_outside_is_seen() {
    let (_folder, path) = a_folder();
    let models = a_file(&path);
    assert_eq!(rows(&models), rows_of(1));
    let other = Connection::open(&path).unwrap();
    other.execute("UPDATE waits SET people = people * 3, days = days * 3", []).unwrap();
    assert_eq!(rows(&models), rows_of(3));
    let refused = other.execute("UPDATE waits SET people = 'three'", []).unwrap_err();
    assert!(refused.to_string().contains("cannot store TEXT value in INTEGER column"), "{refused}");
}

#[test]
fn entries_that_are_written_again_name_no_model_that_has_gone() {
    let (_folder, path) = a_folder();
    let models = SqliteModels::open(&path).unwrap();
    let due = |name: &str, who: u8| ModelChange {
        due: vec![(person(who), Some(date("2021-12-01"))), (person(3), Some(date("2022-01-01")))],
        ..nothing_of(name)
    };
    let stay = |changes| Change { from: stand(1), to: stand(1), models: changes };
    models.begin(&[waits(), claims()], &stand(1)).unwrap();
    let both = vec![due("waits", 1), due("claims", 1)];
    models.apply(Slot::Next, &stay(both)).unwrap();
    let look = looking(&path);
    let entries = || shown(&look, "SELECT day, models FROM due ORDER BY day, models");
    assert_eq!(entries(), ["2021-12-01 | claims waits", "2022-01-01 | claims waits"]);
    // two switches on, the first generation of one of them is gone
    for _ in 0..3 {
        models.switch().unwrap();
        models.begin(&[waits()], &stand(1)).unwrap();
    }
    assert_eq!(entries(), ["2021-12-01 | claims waits", "2022-01-01 | claims waits"]);
    assert_eq!(models.due(Slot::Live, date("2023-01-01")).unwrap().len(), 2);
    let both = vec![nothing_of("waits"), due("claims", 2)];
    models.apply(Slot::Live, &stay(both)).unwrap();
    let now = ["2021-12-01 | claims", "2021-12-01 | claims waits", "2022-01-01 | claims"];
    assert_eq!(entries(), now);
    // with the last model of a list the list goes
    models.abandon().unwrap();
    for _ in 0..2 {
        models.begin(&[claims(), waits()], &stand(1)).unwrap();
        models.switch().unwrap();
    }
    assert_eq!(entries(), [""; 0]);
}
