//! What is appended: events with keys 0, 1, 2 and so on, in groups that are recorded together or
//! not at all, over a few streams. Everything follows from the key.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use waystage_core::id::{Actor, Named, ParticipantId};
use waystage_core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, EventReader, EventStore, Head, NewEvent, Receipt, StoreError, StoredEvent, ToStream,
    naming, read_stream,
};

/// The identity of every log here.
pub const ORIGIN: &str = "example.org/faults";
/// How many events the groups have, over and over.
const SIZES: [u64; 8] = [1, 1, 1, 3, 1, 5, 1, 2];
const STREAMS: u64 = 3;

/// Returns where the log is in a folder.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("journeys.db")
}

/// Returns where a backup of the log is put.
pub fn backup_of(folder: &Path) -> PathBuf {
    folder.join("backup.db")
}

/// Returns where that backup is restored.
pub fn restored_of(folder: &Path) -> PathBuf {
    folder.join("restored.db")
}

/// Returns the keys of a group.
pub fn group(index: u64) -> Range<u64> {
    let (round, place) = (index / 8, usize::try_from(index % 8).unwrap());
    let first = round * SIZES.iter().sum::<u64>() + SIZES[..place].iter().sum::<u64>();
    first..first + SIZES[place]
}

/// Returns the group that a key belongs to.
pub fn group_of(key: u64) -> u64 {
    let round = key / SIZES.iter().sum::<u64>();
    (round * 8..round * 8 + 8).find(|&index| group(index).contains(&key)).unwrap()
}

fn stream_of(key: u64) -> ParticipantId {
    ParticipantId::from_bytes([u8::try_from(key % STREAMS + 1).unwrap(); 16])
}

/// Returns the instant at which everything happens.
pub fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

/// Returns the event of a key.
pub fn event(key: u64) -> NewEvent {
    event_of("faults", &key.to_string())
}

/// Returns the event that a source calls by a reference.
pub fn event_of(source: &str, reference: &str) -> NewEvent {
    let sourced = Sourced { source: source.into(), reference: reference.into() };
    let job = Named::new(naming::job(&sourced.source, "P", reference).id, "a job");
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
    NewEvent {
        id: naming::event(&sourced, noon()),
        on: "2026-01-01".parse().unwrap(),
        reported_at: Some(noon()),
        actor: Actor::from("user:1"),
        sourced: Some(sourced),
        correlation: None,
        causation: None,
        record: Record::Fact(Fact::Employment(Employment::JobStarted(start))),
    }
}

/// Returns the key of a stored event.
pub fn key_of(row: &StoredEvent) -> u64 {
    row.sourced.as_ref().unwrap().reference.as_str().parse().unwrap()
}

/// Appends a group, reading again while others are faster.
pub fn append(log: &dyn EventStore, index: u64) -> Result<Vec<(u64, Receipt)>, StoreError> {
    append_after(log, &mut BTreeMap::new(), index)
}

/// Appends a group after heads that were read before; only where they are behind it reads again.
pub fn append_after(
    log: &dyn EventStore,
    heads: &mut BTreeMap<ParticipantId, Head>,
    index: u64,
) -> Result<Vec<(u64, Receipt)>, StoreError> {
    let mut by_stream: BTreeMap<ParticipantId, Vec<u64>> = BTreeMap::new();
    for key in group(index) {
        by_stream.entry(stream_of(key)).or_default().push(key);
    }
    loop {
        let mut streams = Vec::new();
        for (participant, keys) in &by_stream {
            let head = match heads.get(participant) {
                Some(head) => *head,
                None => read_stream(log, *participant)?.head(),
            };
            heads.insert(*participant, head);
            streams.push(ToStream { head, events: keys.iter().map(|key| event(*key)).collect() });
        }
        match log.append(Append { now: noon(), streams }) {
            Err(StoreError::Conflict { .. }) => heads.clear(),
            answer => return Ok(by_stream.into_values().flatten().zip(answer?).collect()),
        }
    }
}

/// Returns every row of a log.
pub fn rows(log: &(impl EventReader + ?Sized)) -> Result<Vec<StoredEvent>, StoreError> {
    log.rows_after(None, usize::MAX)
}

/// Returns the name of an error: its variant, and the code where the storage gave one.
pub fn name_of(error: &StoreError) -> String {
    match error {
        StoreError::Locked { pid } => return format!("Locked({pid})"),
        StoreError::ReadFault { code, .. } => return format!("ReadFault({code})"),
        StoreError::WriteFault { code, .. } => return format!("WriteFault({code})"),
        StoreError::NotWritable { code, .. } => return format!("NotWritable({code})"),
        _ => {}
    }
    let shown = format!("{error:?}");
    shown.split(|each: char| !each.is_alphanumeric()).next().unwrap().to_owned()
}
