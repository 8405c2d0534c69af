//! Where the generations and their models stand, as the file keeps it.

use rusqlite::{Connection, Row};
use waystage_core::id::Position;
use waystage_core::view::Basis;
use waystage_store::Digest;
use waystage_store::models::{Anchor, Built, Generation, Generations, KeptModel, Slot, Stand};

use super::fault::Fault;
use super::schema;
use super::text::word;

const GENERATIONS: &str = "SELECT position, leaf, as_of, basis, packs, built, name FROM generation";
const MODELS: &str = "SELECT position, leaf, as_of, basis, packs, built, generation, name,
    fingerprint, number, due_list FROM read_model";
const STAND: &str = "INSERT INTO generation (position, leaf, as_of, basis, packs, built, name)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name) DO UPDATE SET
    position = ?1, leaf = ?2, as_of = ?3, basis = ?4, packs = ?5, built = ?6";
const STAND_NOWHERE: &str = "DELETE FROM generation WHERE name = ?1";
const KEEP: &str = "INSERT INTO read_model
    (position, leaf, as_of, basis, packs, built, generation, name, fingerprint, number, due_list)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (number) DO UPDATE SET
    position = ?1, leaf = ?2, as_of = ?3, basis = ?4, packs = ?5, built = ?6, generation = ?7";
pub(super) const DROP: &str = "DELETE FROM read_model WHERE number = ?1";

const WHOLE: &str = "whole";
const NOBODY: &str = "nobody";

/// The generations of a file.
pub(super) type Kept = Generations<Known>;

/// What the file knows a model by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) number: i64,
    /// The list of who is due; models that were begun together share it.
    pub(super) due_list: i64,
}

/// Reads where everything stands.
pub(super) fn read(connection: &Connection) -> Result<Kept, Fault> {
    let mut kept = Kept::default();
    let mut statement = connection.prepare_cached(GENERATIONS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let generation = Generation { stand: stand(row)?, models: [].into() };
        kept.0.insert(slot(&row.get::<_, String>(6)?)?, generation);
    }
    let mut statement = connection.prepare_cached(MODELS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(7)?;
        let model = KeptModel {
            fingerprint: digest(&row.get::<_, String>(8)?)?,
            stand: stand(row)?,
            kept: Known { number: row.get(9)?, due_list: row.get(10)? },
        };
        match kept.0.get_mut(&slot(&row.get::<_, String>(6)?)?) {
            Some(generation) => generation.models.insert(name, model),
            None => return Err(unlike("a read model is of no generation")),
        };
    }
    Ok(kept)
}

/// Keeps where a generation stands, or that there is none.
pub(super) fn keep_stand(
    connection: &Connection,
    slot: Slot,
    stand: Option<&Stand>,
) -> Result<(), Fault> {
    match stand.map(Columns::of) {
        Some(it) => connection.prepare_cached(STAND)?.execute((
            it.position,
            it.leaf,
            it.as_of,
            it.basis,
            it.packs,
            it.built,
            word(slot),
        ))?,
        None => connection.prepare_cached(STAND_NOWHERE)?.execute([word(slot)])?,
    };
    Ok(())
}

/// Keeps of which generation a model is and where it stands.
pub(super) fn keep_model(
    connection: &Connection,
    slot: Slot,
    name: &str,
    model: &KeptModel<Known>,
) -> Result<(), Fault> {
    let it = Columns::of(&model.stand);
    let fingerprint = model.fingerprint.to_string();
    connection.prepare_cached(KEEP)?.execute((
        it.position,
        it.leaf,
        it.as_of,
        it.basis,
        it.packs,
        it.built,
        word(slot),
        name,
        fingerprint,
        model.kept.number,
        model.kept.due_list,
    ))?;
    Ok(())
}

/// Forgets a model.
pub(super) fn drop_model(connection: &Connection, number: i64) -> Result<(), Fault> {
    connection.prepare_cached(DROP)?.execute([number])?;
    Ok(())
}

/// A stand as columns.
struct Columns {
    position: Option<i64>,
    leaf: Option<String>,
    as_of: String,
    basis: &'static str,
    packs: String,
    built: String,
}

impl Columns {
    fn of(stand: &Stand) -> Self {
        let position = |anchor: Anchor| i64::try_from(anchor.position.get()).unwrap_or(i64::MAX);
        Self {
            position: stand.anchor.map(position),
            leaf: stand.anchor.map(|anchor| anchor.leaf.to_string()),
            as_of: stand.as_of.to_string(),
            basis: stand.basis.as_str(),
            packs: stand.packs.to_string(),
            built: match stand.built {
                Built::Whole => WHOLE.to_owned(),
                Built::Through(None) => NOBODY.to_owned(),
                Built::Through(Some(participant)) => schema::shown(participant),
            },
        }
    }
}

/// Reads the stand that the first six columns of a row are.
fn stand(row: &Row<'_>) -> Result<Stand, Fault> {
    let (position, leaf): (Option<i64>, Option<String>) = (row.get(0)?, row.get(1)?);
    let anchor = match (position, leaf) {
        (Some(position), Some(leaf)) => {
            let position = u64::try_from(position).ok().and_then(Position::new);
            let position = position.ok_or_else(|| unlike("a position is no number from 1"))?;
            Some(Anchor { position, leaf: digest(&leaf)? })
        }
        (None, None) => None,
        _ => return Err(unlike("a position has no leaf, or a leaf no position")),
    };
    let (as_of, basis): (String, String) = (row.get(2)?, row.get(3)?);
    Ok(Stand {
        anchor,
        as_of: as_of.parse().map_err(|_| unlike("a day is no date"))?,
        basis: Basis::parse(&basis).ok_or_else(|| unlike("a basis is none"))?,
        packs: digest(&row.get::<_, String>(4)?)?,
        built: match &*row.get::<_, String>(5)? {
            WHOLE => Built::Whole,
            NOBODY => Built::Through(None),
            participant => Built::Through(Some(schema::participant(participant)?)),
        },
    })
}

fn slot(found: &str) -> Result<Slot, Fault> {
    let slots = [Slot::Live, Slot::Next, Slot::Previous];
    let slot = slots.into_iter().find(|slot| word(*slot) == found);
    slot.ok_or_else(|| unlike("a generation is none of the three"))
}

fn digest(text: &str) -> Result<Digest, Fault> {
    let mut bytes = [0; 32];
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|each| each.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    match digits {
        Some(digits) if digits.len() == 64 => {
            for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
                *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
            }
            Ok(Digest::from_bytes(bytes))
        }
        _ => Err(unlike("a digest is none")),
    }
}

fn unlike(says: &str) -> Fault {
    Fault::Unlike(says.to_owned())
}
