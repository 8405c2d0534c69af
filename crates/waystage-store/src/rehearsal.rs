//! What an append would do, without doing it: decided by the same function, over a reader. Whoever
//! holds only a reader can ask.

use waystage_core::id::{ParticipantId, Position};
use waystage_core::journey::Recorded;

use crate::append::{Append, LogState, LogTip, StreamTip, plan};
use crate::codec;
use crate::error::StoreError;
use crate::event::{Key, Receipt, StoredEvent};
use crate::reader::EventReader;

/// What an append would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// The end of the log that it would come after; none where the log is empty.
    pub tip: Option<LogTip>,
    /// The events that would be recorded, as they would be read back.
    pub events: Vec<Recorded>,
    /// The receipts that would be given, one for each event of the append.
    pub receipts: Vec<Receipt>,
}

/// Returns what an append would do to a log as it stands.
///
/// # Errors
///
/// Whatever the append itself would be refused with.
///
/// ```
/// use waystage_core::time::Timestamp;
/// use waystage_store::{Append, EventReader, MemoryStore, rehearse};
/// let store = MemoryStore::new("example.org/rehearsed");
/// let append = Append { now: Timestamp::from_micros(1), streams: Vec::new() };
/// assert!(rehearse(&store, append)?.events.is_empty());
/// assert_eq!(store.last_position()?, None);
/// # Ok::<(), waystage_store::StoreError>(())
/// ```
pub fn rehearse(reader: &dyn EventReader, append: Append) -> Result<Rehearsed, StoreError> {
    let state = Standing(reader);
    let tip = state.log_tip()?;
    let plan = plan(&state, append.encode()?)?;
    let events = plan.keep.iter().map(codec::decode).collect::<Result<_, _>>()?;
    Ok(Rehearsed { tip, events, receipts: plan.receipts })
}

/// A log as it stands, looked up through its reader.
struct Standing<'a>(&'a dyn EventReader);

impl LogState for Standing<'_> {
    fn origin(&self) -> &str {
        self.0.origin()
    }

    fn log_tip(&self) -> Result<Option<LogTip>, StoreError> {
        let Some(last) = self.0.last_position()? else { return Ok(None) };
        let rows = self.0.rows_after(Position::new(last.get() - 1), 1)?;
        let tip =
            |last: &StoredEvent| LogTip { position: last.position, recorded_at: last.recorded_at };
        Ok(rows.first().map(tip))
    }

    fn stream_tip(&self, participant: ParticipantId) -> Result<Option<StreamTip>, StoreError> {
        let rows = self.0.rows_of(participant)?;
        Ok(rows.last().map(|last| StreamTip { version: last.version, leaf: last.leaf }))
    }

    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        self.0.find(key)
    }
}
