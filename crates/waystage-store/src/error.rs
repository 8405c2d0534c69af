//! What can go wrong at a store, and what it means for the write: not written, written, unknown or
//! fatal. No message carries personal data.

use std::time::Duration;

use chrono::NaiveDate;
use waystage_core::id::{ParticipantId, Position, Version};

/// Why an event cannot be recorded. Refusals are structural; what a programme objects to is a
/// finding or a reading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The day lies in the future.
    #[error(
        "it is dated {on}, later than the day after it is recorded ({recorded}): correct the date"
    )]
    InTheFuture {
        /// The day given.
        on: NaiveDate,
        /// The UTC date of recording.
        recorded: NaiveDate,
    },
    /// The day has no year of four digits.
    #[error("it is dated {on}: write a day of the years 1 to 9999")]
    NoSuchDay {
        /// The day given.
        on: NaiveDate,
    },
    /// A key names another event already.
    #[error("{key} was recorded before with other content: correct it by an amendment of its own")]
    KeyUsed {
        /// The key.
        key: String,
    },
    /// A source or a reference is blank.
    #[error("its {what} is blank: name it")]
    NoName {
        /// Which name.
        what: &'static str,
    },
    /// The kind of event does not belong into this stream.
    #[error(
        "{kind} does not belong into {stream}: packs, tables and runs go into the log's own stream, all else into a participant's"
    )]
    WrongStream {
        /// The kind of event.
        kind: &'static str,
        /// The stream.
        stream: ParticipantId,
    },
    /// The fact names something that is not recorded in the participant's stream.
    #[error("{what} {reference} is not recorded for this participant: record it first")]
    UnknownReference {
        /// What is named.
        what: &'static str,
        /// Its id.
        reference: String,
    },
    /// An amendment names a field that the fact does not have.
    #[error(
        "the amended fact {target} has no such field, or is a correction: withdraw it and report it again"
    )]
    NoSuchField {
        /// The amended event.
        target: String,
    },
}

/// A limit of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of one payload.
    PayloadBytes,
    /// Bytes of a reference, source or actor.
    NameBytes,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PayloadBytes => "bytes of a payload",
            Self::NameBytes => "bytes of a source, reference or actor",
        })
    }
}

/// What a failure means for the write that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing was written.
    NotWritten,
    /// It may or may not have been written; the same key resolves it.
    Unknown,
    /// The store cannot be used as it is.
    Fatal,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not without changing something.
    Never,
    /// After reading the stream again.
    AfterReading,
    /// With the same keys, and with these only.
    SameKey,
    /// After a while.
    After(Duration),
}

/// What went wrong at a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An event cannot be recorded; nothing of the append was.
    #[error("could not record: {0}")]
    Refused(#[from] Refusal),
    /// Somebody else appended to the stream since it was read.
    #[error("stream {participant} was read at version {} and is at {}: read it again", shown(*expected), shown(*actual))]
    Conflict {
        /// The stream.
        participant: ParticipantId,
        /// The version read.
        expected: Option<Version>,
        /// The version it has.
        actual: Option<Version>,
    },
    /// Something is larger than the store takes.
    #[error("{got} {which} are over the limit of {limit}: split it, or shorten it")]
    LimitExceeded {
        /// Which limit.
        which: Limit,
        /// The limit.
        limit: usize,
        /// What was given.
        got: usize,
    },
    /// The clock stands behind the last recorded instant.
    #[error("the clock stands {} ms behind the last recorded event: set it right", by.as_millis())]
    ClockWentBack {
        /// By how much.
        by: Duration,
    },
    /// Another writer holds the store.
    #[error("another process is writing to the store: try again when it is done")]
    Busy,
    /// No space is left; nothing was written.
    #[error("no space is left for the store: free some, then try again")]
    StorageFull,
    /// The machine has no memory, thread or file handle left for it.
    #[error(
        "the machine has no room for it ({says}): free memory, threads or file handles, then try again"
    )]
    NoResources {
        /// What could not be had.
        says: String,
    },
    /// The commit failed half-way; whether it holds will be seen when it is sent again to a handle
    /// opened anew. Reading settles nothing: the old handle may not see what recovery brings back.
    #[error(
        "the commit did not finish ({says}): send the same events again to learn whether it holds"
    )]
    OutcomeUnknown {
        /// What the storage said, or how the answer was lost.
        says: String,
    },
    /// The store failed at an earlier commit and has to be opened again.
    #[error("an earlier commit failed ({cause}): open the store again")]
    Poisoned {
        /// What the storage said then.
        cause: String,
    },
    /// A stored event cannot be decoded.
    #[error("event {position} ({kind}, schema {schema}) cannot be read: {reason}")]
    NotDecodable {
        /// Its place.
        position: Position,
        /// The stored name of its kind.
        kind: String,
        /// The stored version of its shape.
        schema: u32,
        /// What is wrong with it.
        reason: String,
    },
    /// An event cannot be encoded.
    #[error("the event cannot be encoded: {reason}")]
    NotEncodable {
        /// Why.
        reason: String,
    },
    /// A check of the log could not read something, and could not when it tried again. Whether the
    /// file is damaged or the disk fails cannot be told apart.
    #[error(
        "from position {position} on, the log could not be read, nor when it was tried again ({says}): check the disk, then restore a backup"
    )]
    Unreadable {
        /// The first position that could not be read.
        position: Position,
        /// What the storage said.
        says: String,
    },
    /// The stored columns contradict each other.
    #[error("the store is damaged at position {position}: {says}")]
    Corrupt {
        /// The first place that does not fit.
        position: Position,
        /// What does not fit.
        says: &'static str,
    },
    /// There is a store where one was to be created.
    #[error("there is something at {path} already: open it, or choose another place")]
    AlreadyExists {
        /// The place.
        path: String,
    },
    /// There is no store where one was to be opened.
    #[error("there is no store at {path}: create one with `init`, or check the path")]
    NotFound {
        /// The place.
        path: String,
    },
    /// The file is not a store of this engine, or of another version.
    #[error("{path} cannot be opened: {says}")]
    UnsupportedFormat {
        /// The file.
        path: String,
        /// What is different.
        says: String,
    },
    /// The `SQLite` that is linked is not safe to use.
    #[error("the linked SQLite is {version}: at least 3.51.3 is needed, and not 3.52.0")]
    UnsafeSqlite {
        /// Its version.
        version: String,
    },
    /// Another handle holds the store, in this process or in another.
    #[error("the store is held by process {pid}: stop it, or read a backup")]
    Locked {
        /// The holder's process id; 0 where it did not say.
        pid: u32,
    },
    /// The handle was opened by the process that this one was forked from.
    #[error("the store was opened before this process was forked: open it again here")]
    ForkedHandle,
    /// The file system does not keep locks or syncs as a log needs it.
    #[error("{path} is on {kind}, where locks and syncs cannot be relied on: use a local disk")]
    UnsafeFilesystem {
        /// The path.
        path: String,
        /// What kind of file system it is.
        kind: &'static str,
    },
    /// The store ends before an event that is known to have been recorded, or holds another there.
    #[error("position {known} is known to hold another event than this store, which ends at {}: it is older or a fork; declare the loss to go on", place(*last))]
    BehindReceipt {
        /// The position that is known.
        known: Position,
        /// The last position that the store has.
        last: Option<Position>,
    },
    /// What was recorded before a checkpoint that somebody holds is not what it was.
    #[error("what was recorded before the checkpoint of {held} events was changed: {says}")]
    Rewritten {
        /// The size of the checkpoint.
        held: u64,
        /// The first position that can be the one changed.
        first: Position,
        /// The last position of which that holds; the same where it is known exactly.
        through: Position,
        /// How it is known.
        says: &'static str,
    },
    /// The log ends before a checkpoint that somebody holds.
    #[error(
        "a checkpoint of {held} events is known, and the log ends at {}: it is an older copy; find the newer one, or declare the loss to go on",
        place(*last)
    )]
    BehindCheckpoint {
        /// The size of the checkpoint.
        held: u64,
        /// The last position that the log has.
        last: Option<Position>,
    },
    /// The store has no place for signed notes.
    #[error("this store keeps no notes: keep the {sort} in a file")]
    KeepsNoNotes {
        /// What the note is about.
        sort: &'static str,
    },
    /// A reader holds the write-ahead log back, and it has reached its limit.
    #[error("a reader holds the write-ahead log at {bytes} bytes: end that reader, then try again")]
    HeldByReader {
        /// The size of the write-ahead log.
        bytes: u64,
    },
    /// A read took longer than readers are given; a snapshot that stays holds the write-ahead log
    /// back for all.
    #[error("the read took longer than {} ms: read less at a time, or give readers longer", allowed.as_millis())]
    ReadTooLong {
        /// How long a read may take.
        allowed: Duration,
    },
    /// The storage could not be read. That alone is no proof of damage: a failing cable looks the
    /// same.
    #[error(
        "the storage could not be read ({code}: {says}): try again; where it stays so, verify the log"
    )]
    ReadFault {
        /// The storage's own code.
        code: i32,
        /// What it says.
        says: String,
    },
    /// The storage could not be written, before anything was recorded.
    #[error(
        "the storage could not be written ({code}: {says}), and nothing was recorded: try again"
    )]
    WriteFault {
        /// The storage's own code.
        code: i32,
        /// What it says.
        says: String,
    },
    /// The files of the store may not be written.
    #[error(
        "the store may not be written ({code}: {says}): check who owns its files and how its disk is mounted"
    )]
    NotWritable {
        /// The storage's own code.
        code: i32,
        /// What it says.
        says: String,
    },
    /// The store answers with what no store of this engine holds.
    #[error(
        "the store contradicts itself ({says}): verify it, and restore a backup where that fails"
    )]
    Damaged {
        /// What does not fit.
        says: String,
    },
}

fn place(position: Option<Position>) -> String {
    position.map_or_else(|| "0".to_owned(), |position| position.to_string())
}

fn shown(version: Option<Version>) -> String {
    version.map_or_else(|| "0".to_owned(), |version| version.to_string())
}

impl StoreError {
    /// Returns what the failure means for the write that was asked for.
    pub const fn class(&self) -> Class {
        match self {
            Self::Refused(_)
            | Self::Conflict { .. }
            | Self::LimitExceeded { .. }
            | Self::ClockWentBack { .. }
            | Self::Busy
            | Self::StorageFull
            | Self::NoResources { .. }
            | Self::HeldByReader { .. }
            | Self::ReadTooLong { .. }
            | Self::ReadFault { .. }
            | Self::WriteFault { .. }
            | Self::KeepsNoNotes { .. }
            | Self::NotEncodable { .. } => Class::NotWritten,
            Self::OutcomeUnknown { .. } => Class::Unknown,
            Self::Poisoned { .. }
            | Self::NotWritable { .. }
            | Self::Damaged { .. }
            | Self::NotDecodable { .. }
            | Self::Unreadable { .. }
            | Self::Corrupt { .. }
            | Self::AlreadyExists { .. }
            | Self::NotFound { .. }
            | Self::UnsupportedFormat { .. }
            | Self::Locked { .. }
            | Self::ForkedHandle
            | Self::UnsafeFilesystem { .. }
            | Self::BehindReceipt { .. }
            | Self::BehindCheckpoint { .. }
            | Self::Rewritten { .. }
            | Self::UnsafeSqlite { .. } => Class::Fatal,
        }
    }

    /// Returns whether trying again can help.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Conflict { .. } => Retry::AfterReading,
            Self::OutcomeUnknown { .. } => Retry::SameKey,
            Self::Busy
            | Self::StorageFull
            | Self::NoResources { .. }
            | Self::HeldByReader { .. }
            | Self::ReadFault { .. }
            | Self::WriteFault { .. } => Retry::After(Duration::from_millis(100)),
            Self::Refused(_)
            | Self::LimitExceeded { .. }
            | Self::ClockWentBack { .. }
            | Self::ReadTooLong { .. }
            | Self::Poisoned { .. }
            | Self::NotWritable { .. }
            | Self::Damaged { .. }
            | Self::NotDecodable { .. }
            | Self::NotEncodable { .. }
            | Self::Unreadable { .. }
            | Self::Corrupt { .. }
            | Self::AlreadyExists { .. }
            | Self::NotFound { .. }
            | Self::UnsupportedFormat { .. }
            | Self::Locked { .. }
            | Self::ForkedHandle
            | Self::UnsafeFilesystem { .. }
            | Self::BehindReceipt { .. }
            | Self::BehindCheckpoint { .. }
            | Self::Rewritten { .. }
            | Self::KeepsNoNotes { .. }
            | Self::UnsafeSqlite { .. } => Retry::Never,
        }
    }
}
