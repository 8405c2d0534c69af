//! A store in memory: the contract's shortest form, and a store for tests. Nothing survives it.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use waystage_core::id::{ParticipantId, Position, Version};
use waystage_evidence::{CompactRange, Digest};

use crate::append::{Append, LogState, LogTip, StreamTip, plan};
use crate::error::StoreError;
use crate::event::{Key, Receipt, StoredEvent};
use crate::evidence::{KeptNote, NoteSort};
use crate::reader::{EventReader, EventStore};
use crate::wakeup::Wakeup;

/// A log in memory.
#[derive(Debug)]
pub struct MemoryStore {
    origin: String,
    log: RwLock<Log>,
    wakeup: Wakeup,
}

#[derive(Debug, Default)]
struct Log {
    origin: String,
    events: Vec<StoredEvent>,
    streams: BTreeMap<ParticipantId, Vec<usize>>,
    keys: BTreeMap<Key, usize>,
    range: CompactRange,
    /// The whole nodes of the tree, by height.
    nodes: Vec<Vec<Digest>>,
    notes: Vec<KeptNote>,
}

impl Log {
    fn grow(&mut self, leaf: Digest) {
        let nodes = &mut self.nodes;
        self.range.push_telling(leaf, |height, _, node| {
            let height = usize::from(height);
            if nodes.len() <= height {
                nodes.resize(height + 1, Vec::new());
            }
            nodes[height].push(node);
        });
    }
}

impl MemoryStore {
    /// Returns an empty log of this identity.
    pub fn new(origin: &str) -> Self {
        let log = RwLock::new(Log { origin: origin.to_owned(), ..Log::default() });
        Self { origin: origin.to_owned(), log, wakeup: Wakeup::default() }
    }

    fn log(&self) -> std::sync::RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogState for Log {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn log_tip(&self) -> Result<Option<LogTip>, StoreError> {
        Ok(self
            .events
            .last()
            .map(|last| LogTip { position: last.position, recorded_at: last.recorded_at }))
    }

    fn stream_tip(&self, participant: ParticipantId) -> Result<Option<StreamTip>, StoreError> {
        let last = self.streams.get(&participant).and_then(|stream| stream.last());
        let last = last.and_then(|&index| self.events.get(index));
        Ok(last.map(|last| StreamTip { version: last.version, leaf: last.leaf }))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.keys.get(key).and_then(|&index| self.events.get(index)).cloned())
    }
}

impl EventReader for MemoryStore {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.log().events.last().map(|last| last.position))
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        let log = self.log();
        Ok(log.streams.keys().copied().filter(|id| *id != ParticipantId::LOG).collect())
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        let log = self.log();
        let stream = log.streams.get(&participant).map_or(&[][..], Vec::as_slice);
        Ok(stream.iter().filter_map(|&index| log.events.get(index)).cloned().collect())
    }

    fn stream_version(&self, participant: ParticipantId) -> Result<Option<Version>, StoreError> {
        Ok(self.log().stream_tip(participant)?.map(|tip| tip.version))
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let skip = usize::try_from(position.map_or(0, Position::get)).unwrap_or(usize::MAX);
        Ok(self.log().events.iter().skip(skip).take(count_max).cloned().collect())
    }

    fn wait_after(
        &self,
        position: Option<Position>,
        patience: Duration,
    ) -> Result<Option<Position>, StoreError> {
        Ok(self.wakeup.wait_after(position, patience))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        LogState::find(&*self.log(), key)
    }

    fn kept_range(&self) -> Result<Option<CompactRange>, StoreError> {
        Ok(Some(self.log().range.clone()))
    }

    fn tree_node(&self, height: u8, index: u64) -> Result<Digest, StoreError> {
        let log = self.log();
        let of_height = log.nodes.get(usize::from(height));
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        of_height.and_then(|nodes| nodes.get(index)).copied().ok_or_else(|| StoreError::Damaged {
            says: "its tree was asked for a node beyond its end".to_owned(),
        })
    }

    fn notes(&self, sort: NoteSort) -> Result<Vec<KeptNote>, StoreError> {
        Ok(self.log().notes.iter().filter(|note| note.sort == sort).cloned().collect())
    }
}

impl EventStore for MemoryStore {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        let append = append.encode()?;
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        let plan = plan(&*log, append)?;
        for event in plan.keep {
            let index = log.events.len();
            log.streams.entry(event.participant).or_default().push(index);
            log.keys.insert(event.key(), index);
            log.grow(event.leaf);
            log.events.push(event);
        }
        if let Some(last) = log.events.last() {
            self.wakeup.ring(last.position);
        }
        Ok(plan.receipts)
    }

    fn keep_note(&self, note: KeptNote) -> Result<(), StoreError> {
        self.log.write().unwrap_or_else(PoisonError::into_inner).notes.push(note);
        Ok(())
    }
}
