//! What becomes of tables and entries when generations change: which go depends on where everything
//! stood before and stands afterwards, and on nothing else. SQLite makes, renames and drops tables
//! within the transaction.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use waystage_store::models::{KeptModel, Shape, Slot, Stand, check_shapes};

use super::books::{self, Kept, Known};
use super::fault::Fault;
use super::form::{Form, layouts_of, tables_of};
use super::text::{TableText, table_name, word};

const MOVE_TABLE: &str =
    "UPDATE about_tables SET table_name = ?1, generation = ?2 WHERE table_name = ?3";
const DROP_TABLE: &str = "DELETE FROM about_tables WHERE table_name = ?1";
pub(super) const DROP_DUE: &str = "DELETE FROM due WHERE due_list = ?1";
pub(super) const DROP_PARKED: &str = "DELETE FROM parked WHERE model = ?1";

/// Begins a next generation of these models, in place of one that was being built.
pub(super) fn begin(
    connection: &Connection,
    before: &Kept,
    shapes: &[Shape],
    stand: &Stand,
) -> Result<(), Fault> {
    let mut live = Vec::new();
    for model in before.0.get(&Slot::Live).into_iter().flat_map(|live| live.models.keys()) {
        for table in tables_of(connection, Slot::Live, model)? {
            live.push((model.as_str(), table));
        }
    }
    check_shapes(shapes, live.iter().map(|(model, table)| (*model, table.as_str())))?;
    let known = places(before);
    let last = known.keys().next_back().copied().unwrap_or(0);
    let due_list = lists(&known).last().copied().unwrap_or(0) + 1;
    let mut after = before.clone();
    let models = shapes
        .iter()
        .zip(last + 1..)
        .map(|(shape, number)| (shape.name.clone(), shape.fingerprint, Known { number, due_list }));
    after.begin(stand, models);
    keep(connection, before, &after, shapes)
}

/// Where each model is, by its number.
type Places<'a> = BTreeMap<i64, (Slot, &'a str, &'a KeptModel<Known>)>;

fn places(kept: &Kept) -> Places<'_> {
    let models = kept.0.iter().flat_map(|(slot, generation)| {
        generation
            .models
            .iter()
            .map(move |(name, model)| (model.kept.number, (*slot, &**name, model)))
    });
    models.collect()
}

fn lists(places: &Places<'_>) -> BTreeSet<i64> {
    places.values().map(|(.., model)| model.kept.due_list).collect()
}

/// Brings the file from what it kept before to what it keeps afterwards.
pub(super) fn keep(
    connection: &Connection,
    before: &Kept,
    after: &Kept,
    shapes: &[Shape],
) -> Result<(), Fault> {
    let (was, is) = (places(before), places(after));
    for (number, (slot, model, _)) in &was {
        if !is.contains_key(number) {
            drop_model(connection, *slot, model, *number)?;
        }
    }
    for gone in lists(&was).difference(&lists(&is)) {
        connection.prepare_cached(DROP_DUE)?.execute([gone])?;
    }
    let (stayed, mut others): (Vec<_>, Vec<_>) =
        is.iter().partition(|(number, place)| was.get(number).is_some_and(|was| was.0 == place.0));
    // what answers makes way before another takes its names
    others.sort_by_key(|(number, _)| was.get(number).map_or(Slot::Previous, |(from, ..)| *from));
    for (number, (slot, name, model)) in others {
        books::keep_model(connection, *slot, name, model)?;
        match was.get(number) {
            Some((from, ..)) => move_tables(connection, *from, *slot, name)?,
            None => make_tables(connection, *slot, shapes.iter().find(|each| each.name == *name))?,
        }
    }
    for (number, (slot, name, model)) in stayed {
        if was.get(number).is_some_and(|(.., was)| was.stand != model.stand) {
            books::keep_model(connection, *slot, name, model)?;
        }
    }
    for slot in [Slot::Live, Slot::Next, Slot::Previous] {
        let stand = after.0.get(&slot).map(|generation| &generation.stand);
        if before.0.get(&slot).map(|generation| &generation.stand) != stand {
            books::keep_stand(connection, slot, stand)?;
        }
    }
    Ok(())
}

fn make_tables(connection: &Connection, slot: Slot, shape: Option<&Shape>) -> Result<(), Fault> {
    let Some(shape) = shape else { return Ok(()) };
    for (place, table) in shape.tables.iter().enumerate() {
        let form = Form::of(&shape.name, table);
        connection.execute(&TableText::of(slot, &form.layout)?.create(&form), [])?;
        form.tell(connection, slot, place)?;
    }
    Ok(())
}

fn move_tables(connection: &Connection, from: Slot, to: Slot, model: &str) -> Result<(), Fault> {
    for layout in layouts_of(connection, from, model)? {
        let (old, new) = (TableText::of(from, &layout)?, TableText::of(to, &layout)?);
        connection.execute(&old.rename(&new), [])?;
        let (old, new) = (table_name(from, &layout.name), table_name(to, &layout.name));
        connection.prepare_cached(MOVE_TABLE)?.execute((new, word(to), old))?;
    }
    Ok(())
}

fn drop_model(connection: &Connection, slot: Slot, model: &str, number: i64) -> Result<(), Fault> {
    for layout in layouts_of(connection, slot, model)? {
        connection.execute(&TableText::of(slot, &layout)?.drop(), [])?;
        connection.prepare_cached(DROP_TABLE)?.execute([table_name(slot, &layout.name)])?;
    }
    connection.prepare_cached(DROP_PARKED)?.execute([number])?;
    books::drop_model(connection, number)
}
