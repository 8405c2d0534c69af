//! Who is due when. Most of what changes with time alone changes for all models on the same day, so
//! a participant has one entry for each day, which names the models: a thirteenth of the entries
//! that there would be otherwise, for everybody in thirteen models.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use waystage_core::id::ParticipantId;
use waystage_store::models::{Change, Slot};

use super::books::Kept;
use super::fault::Fault;
use super::schema::shown;
use super::values::due_day;

pub(super) const DAYS: &str =
    "SELECT day, models FROM due WHERE due_list = ?1 AND participant = ?2";
pub(super) const SET: &str = "INSERT INTO due (due_list, participant, day, models)
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (due_list, participant, day) DO UPDATE SET models = ?4";
pub(super) const UNSET: &str =
    "DELETE FROM due WHERE due_list = ?1 AND participant = ?2 AND day = ?3";

/// What a change says of one participant in one model.
struct Said<'a> {
    due_list: i64,
    participant: ParticipantId,
    model: &'a str,
    day: Option<String>,
}

/// Sets the days of a change, of which all models are kept.
pub(super) fn set(
    connection: &Connection,
    kept: &Kept,
    slot: Slot,
    change: &Change,
) -> Result<(), Fault> {
    let mut said = Vec::new();
    for model in &change.models {
        let due_list = kept.model(slot, &model.model)?.kept.due_list;
        said.extend(model.due.iter().map(|(participant, day)| Said {
            due_list,
            participant: *participant,
            model: &model.model,
            day: day.map(due_day),
        }));
    }
    // the order of the entries in the file; what is said last of a model stays the last
    said.sort_by_key(|said| (said.due_list, said.participant));
    let mut lists: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for (name, model) in kept.0.values().flat_map(|generation| &generation.models) {
        lists.entry(model.kept.due_list).or_default().insert(name);
    }
    let of_one =
        |a: &Said<'_>, b: &Said<'_>| (a.due_list, a.participant) == (b.due_list, b.participant);
    for said in said.chunk_by(of_one) {
        if let Some(models) = said.first().and_then(|said| lists.get(&said.due_list)) {
            set_one(connection, models, said)?;
        }
    }
    Ok(())
}

/// Sets what is said of one participant, and writes no entry that is as it was.
fn set_one(
    connection: &Connection,
    models: &BTreeSet<&str>,
    said: &[Said<'_>],
) -> Result<(), Fault> {
    let Some(Said { due_list, participant, .. }) = said.first() else { return Ok(()) };
    let participant = shown(*participant);
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    let mut statement = connection.prepare_cached(DAYS)?;
    let mut rows = statement.query((due_list, &participant))?;
    while let Some(row) = rows.next()? {
        before.insert(row.get(0)?, row.get(1)?);
    }
    let after = days_after(models, &before, said);
    for (day, models) in &after {
        if before.get(day) != Some(models) {
            let entry = (due_list, &participant, day, models);
            connection.prepare_cached(SET)?.execute(entry)?;
        }
    }
    for day in before.keys().filter(|day| !after.contains_key(*day)) {
        connection.prepare_cached(UNSET)?.execute((due_list, &participant, day))?;
    }
    Ok(())
}

/// Returns the days of a participant, each with its models, once what is said has been taken in.
/// Names that are no longer of the list are left out.
fn days_after(
    models: &BTreeSet<&str>,
    before: &BTreeMap<String, String>,
    said: &[Said<'_>],
) -> BTreeMap<String, String> {
    let mut days: BTreeMap<&str, &str> = BTreeMap::new();
    for (day, named) in before {
        let named = named.split(' ').filter(|model| models.contains(model));
        days.extend(named.map(|model| (model, day.as_str())));
    }
    for said in said {
        match &said.day {
            Some(day) => days.insert(said.model, day),
            None => days.remove(said.model),
        };
    }
    let mut after: BTreeMap<String, String> = BTreeMap::new();
    for (model, day) in days {
        let named = after.entry(day.to_owned()).or_default();
        if !named.is_empty() {
            named.push(' ');
        }
        named.push_str(model);
    }
    after
}
