//! The tables in which the models' file keeps its books, what says that a file is one, and the
//! check that it holds these, the tables of its models and nothing else.

use std::collections::BTreeMap;

use rusqlite::{Connection, TransactionBehavior};
use waystage_core::id::ParticipantId;
use waystage_store::models::Slot;

use super::books::{self, Kept};
use super::fault::Fault;
use super::form::{Form, tables_of};
use super::text::{TableText, table_name};

/// `WAYV`: the file holds read models of this engine.
const APPLICATION_ID: i32 = 0x5741_5956;
/// The layout of the tables below.
const USER_VERSION: i32 = 1;

/// Every object of the file but the models' tables, by name, with the statement that makes it. What
/// is said beside each column stays in the file.
pub(super) const OBJECTS: &[(&str, &str)] = &[
    (
        "generation",
        "CREATE TABLE generation (
  -- Where the generations of read models stand: everything they follow from, with the fingerprints.
  name TEXT PRIMARY KEY, -- live (it answers), next (is being built) or previous (answered before).
  position INTEGER, -- The last event of the log that is in; nothing where the log was empty.
  leaf TEXT, -- The hash of that event.
  as_of TEXT NOT NULL, -- The day up to which facts are read.
  basis TEXT NOT NULL, -- Whether what counts is when facts were recorded or reported.
  packs TEXT NOT NULL, -- The digest of the packs and tables in force.
  built TEXT NOT NULL -- How far it was built: whole, nobody, or up to this participant.
) STRICT, WITHOUT ROWID",
    ),
    (
        "read_model",
        "CREATE TABLE read_model (
  -- The read models, each in its generation. One that stands elsewhere than its generation was left
  -- behind: its tables are out of date.
  number INTEGER PRIMARY KEY, -- By which parked names it.
  due_list INTEGER NOT NULL, -- The list of due on which it is, with all that were begun together.
  generation TEXT NOT NULL, -- live, next or previous.
  name TEXT NOT NULL, -- The model.
  fingerprint TEXT NOT NULL, -- What its behaviour is known by.
  position INTEGER, -- The last event of the log that is in; nothing where the log was empty.
  leaf TEXT, -- The hash of that event.
  as_of TEXT NOT NULL, -- The day up to which facts are read.
  basis TEXT NOT NULL, -- Whether what counts is when facts were recorded or reported.
  packs TEXT NOT NULL, -- The digest of the packs and tables in force.
  built TEXT NOT NULL, -- How far it was built: whole, nobody, or up to this participant.
  UNIQUE (generation, name)
) STRICT",
    ),
    (
        "due",
        "CREATE TABLE due (
  -- When time alone could next change what somebody contributes to read models.
  due_list INTEGER NOT NULL, -- The list; read_model says which models have it.
  participant TEXT NOT NULL, -- The participant.
  day TEXT NOT NULL, -- The first later day.
  models TEXT NOT NULL, -- The names of the models; one that has another list by now does not count.
  PRIMARY KEY (due_list, participant, day)
) STRICT, WITHOUT ROWID",
    ),
    ("due_by_day", "CREATE INDEX due_by_day ON due (due_list, day)"),
    (
        "parked",
        "CREATE TABLE parked (
  -- Who is left out of a read model, because something about them cannot be read.
  model INTEGER NOT NULL, -- The number of the read model.
  participant TEXT NOT NULL, -- The participant.
  position INTEGER, -- The event that cannot be read; nothing where the model itself failed.
  says TEXT NOT NULL, -- What is wrong.
  PRIMARY KEY (model, participant)
) STRICT, WITHOUT ROWID",
    ),
    (
        "about_tables",
        "CREATE TABLE about_tables (
  -- What a row of each read model's table is.
  table_name TEXT PRIMARY KEY, -- The table.
  generation TEXT NOT NULL, -- live, next or previous.
  model TEXT NOT NULL, -- The read model.
  place INTEGER NOT NULL, -- Its place among the tables of the model.
  says TEXT NOT NULL -- What a row is.
) STRICT, WITHOUT ROWID",
    ),
    (
        "about_tables_of_model",
        "CREATE INDEX about_tables_of_model ON about_tables (generation, model, place)",
    ),
    (
        "about_columns",
        "CREATE TABLE about_columns (
  -- What each column of a read model's table means.
  table_name TEXT NOT NULL -- The table.
    REFERENCES about_tables (table_name) ON UPDATE CASCADE ON DELETE CASCADE,
  place INTEGER NOT NULL, -- Its place in the table.
  column_name TEXT NOT NULL, -- The column.
  kind TEXT NOT NULL, -- text, integer, day (2021-10-14), month (2021-10), or truth (1 or 0).
  role TEXT NOT NULL, -- column: it says which row it is; measure: an amount, which is added up.
  says TEXT NOT NULL, -- What it means.
  PRIMARY KEY (table_name, place)
) STRICT, WITHOUT ROWID",
    ),
];

/// Whether a file is one of read models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It is, exactly as this engine makes it.
    Models,
    /// Nothing is in it yet, also where making it was cut short.
    Nothing,
}

/// Checks what a file holds. A view or a trigger of somebody else is refused too: a view would
/// follow its table into the previous generation, and a trigger would run in every change.
pub(super) fn check(connection: &Connection) -> Result<Found, Fault> {
    // on one snapshot: somebody else may be switching
    connection.execute_batch("BEGIN")?;
    let found = look(connection)?;
    connection.execute_batch("COMMIT")?;
    Ok(found)
}

fn look(connection: &Connection) -> Result<Found, Fault> {
    let number = |pragma: &str| -> Result<i32, Fault> {
        Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
    };
    let (application, version) = (number("application_id")?, number("user_version")?);
    let found = objects(connection)?;
    if (application, version) == (0, 0) && found.is_empty() {
        return Ok(Found::Nothing);
    }
    if application != APPLICATION_ID {
        return Err(Fault::Unlike("it is no file of read models".to_owned()));
    }
    if version != USER_VERSION {
        return Err(Fault::Unlike(format!(
            "its layout is version {version} and this engine reads version {USER_VERSION}"
        )));
    }
    let own = OBJECTS.iter().map(|(name, made)| ((*name).to_owned(), (*made).to_owned()));
    let mut expected: BTreeMap<String, String> = own.collect();
    for own in expected.keys() {
        if !found.contains_key(own) {
            return Err(Fault::Unlike(format!("its {own} is missing")));
        }
    }
    expected.extend(tables_of_models(connection, &books::read(connection)?)?);
    if let Some((name, _)) = found.iter().find(|(name, made)| expected.get(*name) != Some(made)) {
        return Err(Fault::Unlike(format!("its {name} is not as this engine makes it")));
    }
    match expected.keys().find(|name| !found.contains_key(*name)) {
        Some(missing) => Err(Fault::Unlike(format!("its {missing} is missing"))),
        None => Ok(Found::Models),
    }
}

fn objects(connection: &Connection) -> Result<BTreeMap<String, String>, Fault> {
    let mut statement = connection.prepare(
        "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns the tables that there have to be for the models, with the statements that make them.
fn tables_of_models(
    connection: &Connection,
    kept: &Kept,
) -> Result<BTreeMap<String, String>, Fault> {
    let mut tables = BTreeMap::new();
    for (slot, model) in each_model(kept) {
        for table in tables_of(connection, slot, model)? {
            if let Some(form) = Form::read(connection, slot, &table)? {
                let made = TableText::of(slot, &form.layout)?.create(&form);
                tables.insert(table_name(slot, &table), made);
            }
        }
    }
    Ok(tables)
}

fn each_model(kept: &Kept) -> impl Iterator<Item = (Slot, &str)> {
    kept.0.iter().flat_map(|(slot, generation)| {
        generation.models.keys().map(move |model| (*slot, model.as_str()))
    })
}

/// Makes the tables of a file in which nothing is yet.
pub(super) fn make(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (_, statement) in OBJECTS {
        transaction.execute(statement, [])?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", USER_VERSION)?;
    transaction.commit().map_err(Fault::AtCommit)
}

/// Returns a participant as the file names them, and as every other command does.
pub(super) fn shown(participant: ParticipantId) -> String {
    participant.to_string()
}

/// Returns the participant whom the file names so.
pub(super) fn participant(text: &str) -> Result<ParticipantId, Fault> {
    text.parse().map_err(|_| Fault::Unlike(format!("it names a participant {text:?}")))
}
