//! The tree over the leaves, kept in the transaction of the events: its peaks, and its whole nodes
//! at every eighth height. The nodes between are computed again from at most 128 of those below.

use rusqlite::{Connection, OptionalExtension};
use waystage_evidence::{CompactRange, Digest};
use waystage_store::{NODE_STEP, StoreError};

use crate::failure::failed;
use crate::read::Reading;

const RANGE: &str = "SELECT size, peaks FROM tree";
const KEEP_RANGE: &str = "INSERT INTO tree (only_row, size, peaks) VALUES (1, ?1, ?2)
    ON CONFLICT (only_row) DO UPDATE SET size = excluded.size, peaks = excluded.peaks";
const KEEP_NODE: &str = "INSERT INTO tree_node (height, number, hash) VALUES (?1, ?2, ?3)";
const NODES: &str = "SELECT hash FROM tree_node WHERE height = ?1 AND number >= ?2 AND number < ?3
    ORDER BY number";
const LEAVES: &str = "SELECT leaf FROM event WHERE position > ?1 AND position <= ?2
    ORDER BY position";

/// Returns the tree as it stands in the file.
pub(crate) fn range(connection: &Connection) -> Result<CompactRange, StoreError> {
    let kept: Option<(i64, Vec<u8>)> = connection
        .prepare_cached(RANGE)
        .and_then(|mut statement| {
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(failed)?;
    let Some((size, peaks)) = kept else {
        return Ok(CompactRange::new());
    };
    let (hashes, rest) = peaks.as_chunks::<32>();
    let hashes = hashes.iter().map(|hash| Digest::from_bytes(*hash)).collect();
    u64::try_from(size)
        .ok()
        .filter(|_| rest.is_empty())
        .and_then(|size| CompactRange::of_parts(size, hashes))
        .ok_or_else(|| StoreError::Damaged { says: "its tree has another form".to_owned() })
}

/// Takes the leaves of new events into the tree, within their transaction.
pub(crate) fn extend(
    connection: &Connection,
    leaves: impl IntoIterator<Item = Digest>,
) -> Result<(), StoreError> {
    let mut range = range(connection)?;
    let mut completed = Vec::new();
    for leaf in leaves {
        range.push_telling(leaf, |height, index, node| {
            if 0 < height && height % NODE_STEP == 0 {
                completed.push((height, index, node));
            }
        });
    }
    for (height, index, node) in completed {
        let values = rusqlite::params![height, signed(index), node.as_bytes()];
        connection
            .prepare_cached(KEEP_NODE)
            .and_then(|mut statement| statement.execute(values))
            .map_err(failed)?;
    }
    let peaks: Vec<u8> = range.peaks().iter().flat_map(|peak| *peak.as_bytes()).collect();
    connection
        .prepare_cached(KEEP_RANGE)
        .and_then(|mut statement| statement.execute(rusqlite::params![signed(range.size()), peaks]))
        .map(|_| ())
        .map_err(failed)
}

/// Returns a whole node: kept, or computed from those kept or the leaves below it.
pub(crate) fn node(reading: &Reading<'_>, height: u8, index: u64) -> Result<Digest, StoreError> {
    let below = height % NODE_STEP;
    let base = height - below;
    let count = 1_u64 << below;
    let first = index.saturating_mul(count);
    let mut statement = reading.prepare(if base == 0 { LEAVES } else { NODES })?;
    let last = first.saturating_add(count);
    let hash = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 32]>(0);
    let hashes = if base == 0 {
        statement.query_map([signed(first), signed(last)], hash)
    } else {
        statement.query_map([i64::from(base), signed(first), signed(last)], hash)
    };
    let mut range = CompactRange::new();
    for hash in hashes.map_err(failed)? {
        range.push(Digest::from_bytes(hash.map_err(failed)?));
    }
    if range.size() != count {
        let says = "its tree was asked for a node beyond its end".to_owned();
        return Err(StoreError::Damaged { says });
    }
    Ok(range.root())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
