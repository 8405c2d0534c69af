//! The tables of every read model: names that need no quotes, a sentence for each column, cells
//! that fit, two keys never in one cell, and the day on which time alone changes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "tables/due.rs"]
mod due;
#[path = "support/models.rs"]
mod models;
#[path = "tables/rows.rs"]
mod rows;
#[path = "tables/sample.rs"]
mod sample;
#[path = "support/small.rs"]
mod small;
#[path = "provision/taken.rs"]
mod taken;
#[path = "support/texts.rs"]
mod texts;
#[path = "provision/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use waystage_cohorts::{Dimension, Doubt, Eligibility, EligibilityKey, Funnel, Ineligible};
use waystage_core::id::ParticipationId;
use waystage_core::table::{Cell, Column, ColumnKind, Tabular, Value};

use models::{Visitor, every_model, visit_models};
use sample::samples;

/// The keywords of SQLite.
const OF_SQLITE: &str = "\
    abort action add after all alter always analyze and as asc attach autoincrement before begin \
    between by cascade case cast check collate column commit conflict constraint create cross \
    current current_date current_time current_timestamp database default deferrable deferred \
    delete desc detach distinct do drop each else end escape except exclude exclusive exists \
    explain fail filter first following for foreign from full generated glob group groups having \
    if ignore immediate in index indexed initially inner insert instead intersect into is isnull \
    join key last left like limit match materialized natural no not nothing notnull null nulls \
    of offset on or order others outer over partition plan pragma preceding primary query raise \
    range recursive references regexp reindex release rename replace restrict returning right \
    rollback row rows savepoint select set table temp temporary then ties to transaction trigger \
    unbounded union unique update using vacuum values view virtual when where window with \
    without";

/// What `DuckDB` takes for a keyword wherever it stands, beyond those.
const OF_DUCKDB: &str = "analyse any array asymmetric both false fetch grant lambda lateral leading \
    localtime localtimestamp only pivot placing positional qualify semi anti asof show some \
    summarize symmetric trailing true unpivot user variadic";

/// Returns the names of the projections that the sources of a crate define.
fn projections(name: &str) -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src");
    let mut found = BTreeSet::new();
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            for line in text.lines().filter(|line| line.trim_start().starts_with("impl")) {
                let name = line.split("Projection for ").nth(1);
                let end = |each: char| !each.is_alphanumeric();
                found.extend(name.and_then(|name| name.split(end).next()).map(ToOwned::to_owned));
            }
        }
    }
    found
}

#[test]
fn every_projection_is_in_the_list_of_models() {
    let mut defined = projections("waystage-cohorts");
    defined.extend(projections("waystage-caseload"));
    let list = include_str!("support/models.rs");
    let listed: BTreeSet<String> = list
        .split("visitor.visit(")
        .skip(1)
        .filter_map(|rest| rest.split(|each: char| !each.is_alphanumeric()).next())
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(listed, defined, "tests/support/models.rs lists the projections");
    assert_eq!(every_model().len(), defined.len());
}

/// Asserts that a name can be written in a query as it is.
fn is_plain(name: &str) {
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
    let goes_on = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    assert!(begins && bytes.all(goes_on), "{name} is no plain name");
    let mut keywords = OF_SQLITE.split_whitespace().chain(OF_DUCKDB.split_whitespace());
    assert!(!keywords.any(|keyword| keyword == name), "{name} is a keyword");
}

fn is_sentence(says: &str) {
    assert!(says.len() > 5 && says.ends_with('.'), "{says:?} is no sentence");
    let begins = says.starts_with(|each: char| each.is_uppercase() || each.is_ascii_digit());
    assert!(begins && !says.contains("  ") && !says.contains('\n'), "{says:?} is no sentence");
}

#[test]
fn names_need_no_quotes_and_everything_says_what_it_means() {
    let (mut models, mut tables) = (BTreeSet::new(), BTreeSet::new());
    let mut meanings: BTreeMap<&str, Column> = BTreeMap::new();
    for model in every_model() {
        is_plain(model.name());
        assert!(models.insert(model.name()), "{} is the name of two models", model.name());
        assert!(!model.tables().is_empty());
        for table in model.tables() {
            is_plain(&table.name);
            is_sentence(table.says);
            assert!(table.name.starts_with(model.name()), "{} is of {}", table.name, model.name());
            assert!(tables.insert(table.name.clone()), "{} is there twice", table.name);
            assert!(!table.measures.is_empty(), "{} measures nothing", table.name);
            let columns = table.columns.iter().map(|each| (each.name, each.says));
            let measures = table.measures.iter().map(|each| (each.name, each.says));
            let mut names = BTreeSet::new();
            for (name, says) in columns.chain(measures) {
                is_plain(name);
                is_sentence(says);
                assert!(names.insert(name), "{name} is twice in {}", table.name);
            }
            for column in table.columns {
                let same = meanings.entry(column.name).or_insert(column);
                assert_eq!(same.kind, column.kind, "{} is two kinds of thing", column.name);
            }
        }
    }
}

#[test]
fn sqlite_takes_every_name_as_it_is() {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    for table in every_model().iter().flat_map(|model| model.tables()) {
        let columns = table.columns.iter().map(|each| each.name);
        let names: Vec<&str> = columns.chain(table.measures.iter().map(|each| each.name)).collect();
        let (name, declared, names) = (&table.name, names.join(" ANY, "), names.join(", "));
        database.execute(&format!("CREATE TABLE {name} ({declared} ANY) STRICT"), []).unwrap();
        let select = format!("SELECT {names} FROM {name} GROUP BY {names} ORDER BY {names}");
        database.prepare(&select).unwrap();
    }
}

/// Looks at every key that a model contributes in any sample, and at its cell.
struct Cells {
    never_seen: Vec<String>,
}

impl Visitor for Cells {
    fn visit<P: Tabular + Send + 'static>(&mut self, model: P) {
        let tables = model.tables();
        let mut by_key: BTreeMap<P::Key, Cell> = BTreeMap::new();
        for key in samples().iter().flat_map(|sample| sample.keys(&model)) {
            by_key.entry(key).or_insert_with_key(|key| model.cell(key.clone()));
        }
        let name = model.name();
        let mut reached = BTreeSet::new();
        for cell in by_key.values() {
            let table =
                tables.get(cell.table).unwrap_or_else(|| panic!("{name} has no such table"));
            assert!(cell.measure < table.measures.len(), "{} has no such measure", table.name);
            assert_eq!(cell.row.len(), table.columns.len(), "{}", table.name);
            for (value, column) in cell.row.iter().zip(&table.columns) {
                let fits = value.fits(column.kind);
                assert!(fits, "{value:?} in {} of {}", column.name, table.name);
            }
            reached.insert((cell.table, cell.measure));
        }
        let cells: BTreeSet<&Cell> = by_key.values().collect();
        assert_eq!(cells.len(), by_key.len(), "two keys of {name} stand in one cell");
        let all = tables.iter().enumerate().flat_map(|(place, table)| {
            (0..table.measures.len()).map(move |measure| (place, measure))
        });
        for (place, measure) in all.filter(|cell| !reached.contains(cell)) {
            let (table, measure) = (&tables[place], tables[place].measures[measure].name);
            self.never_seen.push(format!("{}.{measure}", table.name));
        }
    }
}

#[test]
fn keys_and_cells_are_one_to_one_and_cells_fit_their_tables() {
    let mut cells = Cells { never_seen: Vec::new() };
    visit_models(&mut cells);
    let never_seen = cells.never_seen;
    assert!(never_seen.is_empty(), "no key of the samples reaches {never_seen:?}");
}

#[test]
fn names_in_a_list_are_told_apart_whatever_is_in_them() {
    let because = |names: &[&str]| {
        let row = Ineligible {
            programme: "p".to_owned(),
            participation: "r".to_owned(),
            doubt: Doubt::Gate("age".to_owned()),
            because: names.iter().map(|name| (*name).to_owned()).collect(),
            id: ParticipationId::from_bytes([1; 16]),
        };
        Eligibility.cell(EligibilityKey::Ineligible(row)).row.pop().unwrap()
    };
    assert_eq!(because(&["a", "b"]), Value::from("a; b"));
    assert_eq!(because(&["a; b"]), Value::from("a\\; b"));
    let lists: [&[&str]; 10] = [
        &[],
        &[""],
        &["", ""],
        &["a", "b"],
        &["a; b"],
        &["a\\", "b"],
        &["a\\; b"],
        &["a\\\\", "b"],
        &["a;", "b"],
        &["a", "; b"],
    ];
    let texts: BTreeSet<Value> = lists.iter().map(|names| because(names)).collect();
    assert_eq!(texts.len(), lists.len());
}

#[test]
fn a_funnel_has_the_columns_that_were_chosen_each_once_and_in_their_order() {
    let names = |by: &[Dimension]| {
        let tables = Funnel { by: by.to_vec() }.tables();
        let names = |place: usize| tables[place].columns.iter().map(|each| each.name).collect();
        let [funnel, outcomes]: [Vec<&str>; 2] = [names(0), names(1)];
        assert_eq!(outcomes, [funnel.as_slice(), &["rule", "tier"]].concat());
        assert_eq!(
            (tables[0].name.as_str(), tables[1].name.as_str()),
            ("funnel", "funnel_outcomes")
        );
        funnel
    };
    assert!(names(&[]).is_empty());
    assert_eq!(names(&[Dimension::Month, Dimension::Area]), ["month", "area"]);
    let twice = [Dimension::Group, Dimension::Area, Dimension::Group];
    assert_eq!(names(&twice), ["client_group", "area"]);
    let tables = Funnel { by: Dimension::ALL.to_vec() }.tables();
    let month = tables[0].columns.iter().find(|column| column.name == "month").unwrap();
    assert_eq!(month.kind, ColumnKind::Month);
}
