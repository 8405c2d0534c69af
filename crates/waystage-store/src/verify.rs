//! Checking a whole log against itself and against what others hold of it: dense places, rising
//! instants, every leaf computed again from the stored columns, the tree over them, and every event
//! found by its key and in its stream.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::determination::LogEntry;
use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::journey::Record;
use waystage_core::time::Timestamp;
use waystage_evidence::{CompactRange, Digest, NO_LEAF, range_at, sha256};

use crate::codec;
use crate::error::StoreError;
use crate::event::StoredEvent;
use crate::evidence::{Epoch, KeptTree, NODE_STEP, origin_at};
use crate::reader::EventReader;

const PAGE: usize = 4096;

/// What was seen of a stream so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    version: Version,
    leaf: Digest,
    /// The hash of the leaves, one after the other: an index can give a stream other events in
    /// between and the right ones at its end.
    leaves: Digest,
}

impl Seen {
    fn with(before: Option<Self>, row: &StoredEvent) -> Self {
        let before = before.map_or(NO_LEAF, |seen| seen.leaves);
        let leaves = sha256(&[*before.as_bytes(), *row.leaf.as_bytes()].concat());
        Self { version: row.version, leaf: row.leaf, leaves }
    }
}

/// A checkpoint that somebody holds: what the log was when it had so many events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// How many events it had.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
    /// Their leaves, where these are held too: with them, the first event that was changed is known
    /// exactly. Empty where they are not held.
    pub leaves: Vec<Digest>,
}

/// What a log was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many events it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

/// Reads a whole log, computes every leaf again from the stored columns and the tree from the
/// leaves, and compares them with what is stored and with every checkpoint that is held. What the
/// events say is not read: an event that this engine cannot read is no sign of a change. `watch` is
/// told now and then how many events have been looked at.
///
/// # Errors
///
/// [`StoreError::Corrupt`] names the first position that does not fit those before it;
/// [`StoreError::Rewritten`] says where lies what was changed together with its hashes;
/// [`StoreError::BehindCheckpoint`] that the end is missing; [`StoreError::Unreadable`] names the
/// first position that the storage does not give.
pub fn examine(
    reader: &(impl EventReader + ?Sized),
    held: &[Held],
    watch: &dyn Fn(u64),
) -> Result<Verified, StoreError> {
    Walk::new(reader, held)?.whole(watch)
}

/// As [`examine`], and every stream is read on its own: an index that hides events of somebody from
/// whoever reads that stream changes no leaf.
///
/// # Errors
///
/// As [`examine`].
pub fn examine_streams(
    reader: &(impl EventReader + ?Sized),
    held: &[Held],
    watch: &dyn Fn(u64),
) -> Result<Verified, StoreError> {
    let mut walk = Walk::new(reader, held)?;
    let verified = walk.whole(watch)?;
    streams(reader, &walk.tips, walk.last.map(|(position, _)| position))?;
    Ok(verified)
}

/// As [`examine`], of what came after a checkpoint that was examined before: leaves up to there are
/// taken from the tree that was kept, which must give the checkpoint's root.
///
/// # Errors
///
/// As [`examine`].
pub fn examine_since(
    reader: &(impl EventReader + ?Sized),
    held: &Held,
    watch: &dyn Fn(u64),
) -> Result<Verified, StoreError> {
    let end = reader.last_position()?;
    if end.map_or(0, Position::get) < held.size {
        return Err(StoreError::BehindCheckpoint { held: held.size, last: end });
    }
    let held = [held.clone()];
    Walk::since(reader, &held)?.whole(watch)
}

/// Reads a whole log and checks it against itself: as [`examine`], and that every event can be
/// read, is found by its key and stands in its stream. Returns the number of events.
///
/// # Errors
///
/// As [`examine`], and [`StoreError::NotDecodable`] names the first event that this engine cannot
/// read.
pub fn verify(reader: &(impl EventReader + ?Sized)) -> Result<u64, StoreError> {
    let mut walk = Walk::new(reader, &[])?;
    let found = |row: &StoredEvent| {
        codec::decode(row)?;
        let position = row.position;
        if twice(position, || reader.find(&row.key()))?.as_ref() != Some(row) {
            return Err(StoreError::Corrupt { position, says: "it is not found by its key" });
        }
        Ok(())
    };
    while walk.page(&found)? {}
    let size = walk.end()?.size;
    streams(reader, &walk.tips, walk.last.map(|(position, _)| position))?;
    Ok(size)
}

/// One walk through a log, from its first event to its last.
struct Walk<'a, R: ?Sized> {
    reader: &'a R,
    epochs: Vec<Epoch>,
    /// Those held, by their sizes.
    held: Vec<&'a Held>,
    /// Those of which the leaves are held too.
    leaves: Vec<&'a Held>,
    tips: BTreeMap<ParticipantId, Seen>,
    last: Option<(Position, Timestamp)>,
    range: CompactRange,
    /// How many of those held were compared.
    compared: usize,
    /// The largest held checkpoint that fits.
    fits: u64,
    /// Between which positions the tree that was kept has other leaves first.
    otherwise: Option<(Position, Position)>,
    /// Up to here the log was not walked.
    since: Option<Position>,
}

impl<'a, R: EventReader + ?Sized> Walk<'a, R> {
    fn new(reader: &'a R, held: &'a [Held]) -> Result<Self, StoreError> {
        let epochs = twice(Position::FIRST, || reader.epochs())?;
        let mut held: Vec<&Held> = held.iter().collect();
        held.sort_by_key(|held| held.size);
        let (tips, range) = (BTreeMap::new(), CompactRange::new());
        let mut walk = Self {
            reader,
            epochs,
            leaves: held.iter().filter(|held| !held.leaves.is_empty()).copied().collect(),
            held,
            tips,
            last: None,
            range,
            compared: 0,
            fits: 0,
            otherwise: None,
            since: None,
        };
        walk.compare_with_held()?;
        Ok(walk)
    }

    /// Begins behind a checkpoint.
    fn since(reader: &'a R, held: &'a [Held; 1]) -> Result<Self, StoreError> {
        let mut walk = Self::new(reader, &[])?;
        let size = held[0].size;
        walk.held = held.iter().collect();
        walk.range = range_at(&KeptTree(reader), size)?;
        walk.compare_with_held()?;
        walk.since = Position::new(size);
        let before = Position::new(size.saturating_sub(1));
        let last = reader.rows_after(before, 1)?;
        walk.last = walk.since.zip(last.first()).map(|(position, row)| (position, row.recorded_at));
        Ok(walk)
    }

    /// Returns what is known of a stream before this row: seen on the way, or recorded before the
    /// walk began.
    fn tip(&self, row: &StoredEvent) -> Result<Option<Seen>, StoreError> {
        if let Some(seen) = self.tips.get(&row.participant) {
            return Ok(Some(*seen));
        }
        let Some(since) = self.since.filter(|_| row.version != Version::FIRST) else {
            return Ok(None);
        };
        let rows = self.reader.rows_of(row.participant)?;
        let before = rows.iter().rev().find(|before| before.position <= since);
        Ok(before.map(|before| Seen::with(None, before)))
    }

    /// Walks over a page and returns whether there was one.
    fn page(
        &mut self,
        look: &dyn Fn(&StoredEvent) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let rows = page_after(self.reader, self.last.map(|(position, _)| position))?;
        for row in &rows {
            self.follows(row)?;
            look(row)?;
            self.compare_leaf(row)?;
            self.grow(row)?;
            self.compare_with_held()?;
        }
        Ok(!rows.is_empty())
    }

    /// Checks that a row follows those before it and that its columns give its leaf.
    fn follows(&mut self, row: &StoredEvent) -> Result<(), StoreError> {
        let position = row.position;
        let corrupt = |says| StoreError::Corrupt { position, says };
        let next = Position::after(self.last.map(|(position, _)| position));
        if position != next {
            let says = "its position does not follow the one before";
            return Err(StoreError::Corrupt { position: position.min(next), says });
        }
        if self.last.is_some_and(|(_, instant)| row.recorded_at < instant) {
            return Err(corrupt("it was recorded before the event before it"));
        }
        let seen = self.tip(row)?;
        if row.version != Version::after(seen.map(|seen| seen.version)) {
            return Err(corrupt("its version does not follow the one before"));
        }
        let origin = origin_at(&self.epochs, position).unwrap_or_default();
        if row.leaf != row.leaf_of(origin, seen.map_or(NO_LEAF, |seen| seen.leaf)) {
            return Err(corrupt("its columns do not give its leaf"));
        }
        let begins = self.epochs.iter().skip(1).find(|epoch| epoch.first == position);
        if begins.is_some_and(|epoch| !declares(row, epoch)) {
            return Err(corrupt("another identity begins here, and nobody declared it"));
        }
        self.tips.insert(row.participant, Seen::with(seen, row));
        self.last = Some((position, row.recorded_at));
        Ok(())
    }

    /// Compares a leaf with the one that somebody holds of this place.
    fn compare_leaf(&self, row: &StoredEvent) -> Result<(), StoreError> {
        let index = usize::try_from(row.position.get() - 1).unwrap_or(usize::MAX);
        let of_place = |held: &&&Held| held.leaves.get(index).is_some_and(|leaf| *leaf != row.leaf);
        match self.leaves.iter().find(of_place) {
            None => Ok(()),
            Some(held) => Err(StoreError::Rewritten {
                held: held.size,
                first: row.position,
                through: row.position,
                says: "its leaf is not the one that is held",
            }),
        }
    }

    /// Takes a leaf into the tree, and compares the nodes that it completes with those kept.
    fn grow(&mut self, row: &StoredEvent) -> Result<(), StoreError> {
        let mut completed = Vec::new();
        self.range.push_telling(row.leaf, |height, index, node| {
            if 0 < height && height % NODE_STEP == 0 {
                completed.push((height, index, node));
            }
        });
        for (height, index, node) in completed {
            let kept = match twice(row.position, || self.reader.tree_node(height, index)) {
                // it has no such node
                Err(StoreError::Unreadable { .. }) => None,
                kept => Some(kept?),
            };
            if kept != Some(node) {
                let first = Position::new((index << height) + 1).unwrap_or(Position::FIRST);
                self.otherwise.get_or_insert((first, row.position));
            }
        }
        Ok(())
    }

    fn compare_with_held(&mut self) -> Result<(), StoreError> {
        let size = self.range.size();
        let to_come = self.held.get(self.compared..).unwrap_or_default();
        let at_this_size = to_come.iter().take_while(|held| held.size <= size);
        let here = at_this_size.clone().count();
        if here == 0 {
            return Ok(());
        }
        let root = self.range.root();
        let differs = at_this_size.clone().any(|held| held.size == size && held.root != root);
        self.compared += here;
        if differs {
            let place = |position| Position::new(position).unwrap_or(Position::FIRST);
            let all = (place(self.fits + 1), place(size));
            let (first, through) = self.otherwise.unwrap_or(all);
            return Err(StoreError::Rewritten {
                held: size,
                first,
                through,
                says: "it was written anew together with its hashes",
            });
        }
        self.fits = size;
        Ok(())
    }

    /// Reads to the end and compares it.
    fn whole(&mut self, watch: &dyn Fn(u64)) -> Result<Verified, StoreError> {
        while self.page(&|_| Ok(()))? {
            watch(self.range.size());
        }
        self.end()
    }

    /// Compares the end with the tree that was kept and with the largest checkpoint.
    fn end(&mut self) -> Result<Verified, StoreError> {
        let kept = loop {
            let kept = twice(Position::FIRST, || self.reader.kept_range())?;
            // the log may have grown since its last page was read
            let grown = kept.as_ref().is_some_and(|kept| self.range.size() < kept.size());
            if !grown || !self.page(&|_| Ok(()))? {
                break kept;
            }
        };
        let size = self.range.size();
        let last = self.last.map(|(position, _)| position);
        if let Some(held) = self.held.iter().find(|held| size < held.size) {
            return Err(StoreError::BehindCheckpoint { held: held.size, last });
        }
        if let Some((position, _)) = self.otherwise {
            let says = "from here on, the tree that was kept has other leaves";
            return Err(StoreError::Corrupt { position, says });
        }
        if kept.is_some_and(|kept| kept != self.range) {
            let says = "the tree that was kept is not that of the events before";
            return Err(StoreError::Corrupt { position: Position::after(last), says });
        }
        if let Some(epoch) = self.epochs.iter().skip(1).find(|epoch| last < Some(epoch.first)) {
            let says = "another identity begins here, and there is no event";
            return Err(StoreError::Corrupt { position: epoch.first, says });
        }
        Ok(Verified { size, root: self.range.root() })
    }
}

/// Returns whether an event declares that an epoch begins with it.
fn declares(row: &StoredEvent, epoch: &Epoch) -> bool {
    let recorded = codec::decode(row);
    matches!(
        recorded.map(|recorded| recorded.record),
        Ok(Record::Log(LogEntry::LogRecovered(recovered))) if recovered.origin == epoch.origin
    )
}

const fn is_unreadable(error: &StoreError) -> bool {
    matches!(error, StoreError::ReadFault { .. } | StoreError::Damaged { .. })
}

/// Reads something again where it could not be read: a disk that failed once answers then.
fn twice<T>(position: Position, read: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let still = |error| match error {
        error if is_unreadable(&error) => {
            StoreError::Unreadable { position, says: error.to_string() }
        }
        other => other,
    };
    match read() {
        Err(error) if is_unreadable(&error) => read().map_err(still),
        answer => answer,
    }
}

/// Reads a page; where it cannot be read, one event at a time, up to the first that is not given.
fn page_after(
    reader: &(impl EventReader + ?Sized),
    after: Option<Position>,
) -> Result<Vec<StoredEvent>, StoreError> {
    match reader.rows_after(after, PAGE) {
        Err(error) if is_unreadable(&error) => {}
        answer => return answer,
    }
    let mut rows: Vec<StoredEvent> = Vec::new();
    while rows.len() < PAGE {
        let last = rows.last().map(|row| row.position).or(after);
        match twice(Position::after(last), || reader.rows_after(last, 1)) {
            Ok(more) if more.is_empty() => break,
            Ok(more) => rows.extend(more),
            // what was read is checked first
            Err(StoreError::Unreadable { .. }) if !rows.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(rows)
}

/// Checks that each stream, read on its own, holds what the log says.
fn streams(
    reader: &(impl EventReader + ?Sized),
    tips: &BTreeMap<ParticipantId, Seen>,
    last: Option<Position>,
) -> Result<(), StoreError> {
    let listed = twice(Position::FIRST, || reader.participants())?;
    let says = "the log and its streams do not hold the same events";
    let listed: BTreeSet<ParticipantId> = listed.into_iter().collect();
    let mut known = tips.keys().filter(|id| **id != ParticipantId::LOG);
    if !known.all(|id| listed.contains(id)) {
        return Err(StoreError::Corrupt { position: Position::FIRST, says });
    }
    let new = |row: &StoredEvent| last < Some(row.position);
    for participant in listed.iter().filter(|id| !tips.contains_key(*id)) {
        // somebody may have come since the log was walked
        let rows = twice(Position::FIRST, || reader.rows_of(*participant))?;
        if rows.is_empty() || !rows.iter().all(new) {
            return Err(StoreError::Corrupt { position: Position::FIRST, says });
        }
    }
    for (participant, seen) in tips {
        let mut rows = twice(Position::FIRST, || reader.rows_of(*participant))?;
        rows.retain(|row| !new(row));
        let read = rows.iter().fold(None, |read, row| Some(Seen::with(read, row)));
        let dense = rows.iter().zip(1_u64..).all(|(row, at)| row.version.get() == at);
        if !dense || read != Some(*seen) {
            let position = rows.last().map_or(Position::FIRST, |row| row.position);
            return Err(StoreError::Corrupt { position, says });
        }
    }
    Ok(())
}
