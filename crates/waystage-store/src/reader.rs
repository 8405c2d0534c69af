//! Reading a log, and the one way of writing to it.

use std::time::Duration;

use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::journey::Recorded;

use waystage_evidence::{CompactRange, Digest};

use crate::append::Append;
use crate::codec;
use crate::error::StoreError;
use crate::event::{Key, Receipt, StoredEvent};
use crate::evidence::{Epoch, KeptNote, NoteSort, node_of_leaves};
use crate::sift::{Pattern, Sifted, row_by_row};

/// Proof of how far a stream was read; an append needs it. Only reading a whole stream makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    participant: ParticipantId,
    version: Option<Version>,
}

impl Head {
    /// Returns whose stream was read.
    pub const fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// Returns the last version read; none where the stream was empty.
    pub const fn version(&self) -> Option<Version> {
        self.version
    }
}

/// A whole stream, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// The events, in the order of their versions.
    pub events: Vec<Recorded>,
    head: Head,
}

impl Stream {
    /// Returns the proof of how far it was read.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Takes the rows of a whole stream; those that are not wanted are left out of the events.
    fn of(
        participant: ParticipantId,
        rows: &[StoredEvent],
        wanted: &dyn Fn(&StoredEvent) -> Wanted,
    ) -> Result<Self, StoreError> {
        let mut last = None;
        for row in rows {
            if row.version != Version::after(last) || row.participant != participant {
                let says = "the versions of its stream are not dense";
                return Err(StoreError::Corrupt { position: row.position, says });
            }
            last = Some(row.version);
        }
        let events = decode_where(rows, wanted)?;
        Ok(Self { events, head: Head { participant, version: last } })
    }
}

/// Reads a log. Whoever holds only this cannot write.
///
/// Reads see whole appends, never part of one, and what was read once is never missing later.
///
/// A reader has no way of writing,
///
/// ```compile_fail,E0599
/// use waystage_store::{Append, EventReader};
/// fn writes(reader: &dyn EventReader, append: Append) {
///     let _ = reader.append(append);
/// }
/// ```
///
/// and does not become a writer:
///
/// ```compile_fail,E0308
/// use waystage_store::{EventReader, EventStore};
/// fn writes(reader: &dyn EventReader) -> &dyn EventStore {
///     reader
/// }
/// ```
pub trait EventReader: Send + Sync {
    /// Returns the log's identity.
    fn origin(&self) -> &str;

    /// Returns the last position; none where the log is empty.
    fn last_position(&self) -> Result<Option<Position>, StoreError>;

    /// Returns the participants that have a stream, in order of their ids; the log's own stream is
    /// not among them.
    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError>;

    /// Returns the stored events of a stream, in order of their versions.
    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError>;

    /// Returns the last version of a stream; none where it is empty. A store that knows it without
    /// reading the stream says so itself.
    fn stream_version(&self, participant: ParticipantId) -> Result<Option<Version>, StoreError> {
        Ok(self.rows_of(participant)?.last().map(|row| row.version))
    }

    /// Returns at most `count_max` stored events after a position (or from the first), in order of
    /// their positions.
    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// Waits until the log holds something after a position, for as long as `patience` at most, and
    /// returns its last position. A store that cannot wait returns at once.
    fn wait_after(
        &self,
        position: Option<Position>,
        patience: Duration,
    ) -> Result<Option<Position>, StoreError> {
        let _ = (position, patience);
        self.last_position()
    }

    /// Returns the event that has this key.
    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError>;

    /// Returns who has rows that patterns let through, up to a position (or to the end), without
    /// decoding any. A store that has a shorter way than looking at every row takes it.
    fn sift(&self, patterns: &[Pattern], through: Option<Position>) -> Result<Sifted, StoreError> {
        row_by_row(self, patterns, through)
    }

    /// Returns the stretches of the log that have an identity of their own, in order; the last
    /// one's is [`EventReader::origin`].
    fn epochs(&self) -> Result<Vec<Epoch>, StoreError> {
        Ok(vec![Epoch { first: Position::FIRST, origin: self.origin().to_owned() }])
    }

    /// Returns the tree over the leaves as it was kept with the last append; none where the store
    /// keeps none.
    fn kept_range(&self) -> Result<Option<CompactRange>, StoreError> {
        Ok(None)
    }

    /// Returns a whole node of the tree: the one of this number, from 0, among those of a height;
    /// leaves have height 0. A store that keeps nodes answers from them.
    fn tree_node(&self, height: u8, index: u64) -> Result<Digest, StoreError> {
        node_of_leaves(self, height, index)
    }

    /// Returns the signed notes of a sort that the store keeps, in the order in which they came.
    fn notes(&self, sort: NoteSort) -> Result<Vec<KeptNote>, StoreError> {
        let _ = sort;
        Ok(Vec::new())
    }
}

/// A log that can be appended to.
pub trait EventStore: EventReader {
    /// Records events, all of them or none, and returns one receipt for each. When it returns, they
    /// are durable.
    ///
    /// An event that was recorded before under the same key and says the same is a duplicate: its
    /// first receipt is returned. Under the same key with anything different, the append is
    /// refused. Duplicates are settled before heads are compared.
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError>;

    /// Keeps a signed note beside the log. When it returns, the note is durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeepsNoNotes`] where the store has no place for them.
    fn keep_note(&self, note: KeptNote) -> Result<(), StoreError> {
        Err(StoreError::KeepsNoNotes { sort: note.sort.as_str() })
    }
}

/// Whether an event of a stream is to be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It is; that it cannot be is an error.
    Surely,
    /// It is where it can be: nothing that is asked now rests on it.
    IfReadable,
    /// It is left out.
    Not,
}

/// Decodes stored events, leaving out some as `wanted` says.
///
/// # Errors
///
/// [`StoreError::NotDecodable`] names the first wanted event that cannot be decoded.
pub fn decode_where(
    rows: &[StoredEvent],
    wanted: &dyn Fn(&StoredEvent) -> Wanted,
) -> Result<Vec<Recorded>, StoreError> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        match wanted(row) {
            Wanted::Not => {}
            Wanted::Surely => events.push(codec::decode(row)?),
            Wanted::IfReadable => events.extend(codec::decode(row)),
        }
    }
    Ok(events)
}

/// Reads and decodes a stream, leaving out events as `wanted` says. The proof of how far it was
/// read is that of the whole stream.
///
/// # Errors
///
/// [`StoreError::NotDecodable`] names the first wanted event that cannot be decoded.
pub fn read_stream_where(
    reader: &(impl EventReader + ?Sized),
    participant: ParticipantId,
    wanted: &dyn Fn(&StoredEvent) -> Wanted,
) -> Result<Stream, StoreError> {
    Stream::of(participant, &reader.rows_of(participant)?, wanted)
}

/// Reads and decodes a whole stream.
pub fn read_stream(
    reader: &(impl EventReader + ?Sized),
    participant: ParticipantId,
) -> Result<Stream, StoreError> {
    read_stream_where(reader, participant, &|_| Wanted::Surely)
}

/// Returns how far the log's own stream goes, for entries that say nothing of those before them.
pub fn log_head(reader: &(impl EventReader + ?Sized)) -> Result<Head, StoreError> {
    let participant = ParticipantId::LOG;
    Ok(Head { participant, version: reader.stream_version(participant)? })
}

/// Reads and decodes the log's own stream: adopted packs and tables, determine runs.
pub fn read_log(reader: &(impl EventReader + ?Sized)) -> Result<Stream, StoreError> {
    read_stream(reader, ParticipantId::LOG)
}
