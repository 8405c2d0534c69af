//! What an append does, decided in one place for every store: duplicates are settled first, heads
//! are compared, then positions, versions and leaves are given. A store supplies look-ups and keeps
//! the result, inside one transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Datelike;
use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::journey::Record;
use waystage_core::time::Timestamp;
use waystage_evidence::{Digest, NO_LEAF};

use crate::codec::{self, Payload};
use crate::error::{Limit, Refusal, StoreError};
use crate::event::{Key, NewEvent, Receipt, StoredEvent};
use crate::reader::Head;

/// The largest payload, in bytes; packs and tables are the largest there are.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// The longest source, reference or actor, in bytes.
pub const NAME_BYTES_MAX: usize = 1024;
/// How far the clock may stand behind the last recorded instant.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// Events for one stream, and how far it was read.
#[derive(Debug, Clone)]
pub struct ToStream {
    /// Proof of how far the stream was read.
    pub head: Head,
    /// The events, in order.
    pub events: Vec<NewEvent>,
}

/// Events for one stream or several, recorded together or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// What the clock says. The store records this instant, or the one just after its last.
    pub now: Timestamp,
    /// The streams.
    pub streams: Vec<ToStream>,
}

/// An event with its payload in bytes.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The event.
    pub event: NewEvent,
    /// What is stored of its content.
    pub payload: Payload,
}

/// Encoded events for one stream.
#[derive(Debug, Clone)]
pub struct EncodedStream {
    /// Proof of how far the stream was read.
    pub head: Head,
    /// The events, in order.
    pub events: Vec<Encoded>,
}

/// An append whose payloads are bytes and within the limits; made before a transaction begins.
#[derive(Debug, Clone)]
pub struct EncodedAppend {
    now: Timestamp,
    streams: Vec<EncodedStream>,
}

impl Append {
    /// Returns the append with its payloads in bytes, or what about it cannot be recorded.
    pub fn encode(self) -> Result<EncodedAppend, StoreError> {
        let streams = self.streams.into_iter().map(encode_stream).collect::<Result<_, _>>()?;
        Ok(EncodedAppend { now: self.now, streams })
    }
}

fn encode_stream(to: ToStream) -> Result<EncodedStream, StoreError> {
    let participant = to.head.participant();
    let events = to.events.into_iter().map(|event| -> Result<Encoded, StoreError> {
        let payload = codec::encode(&event.record)?;
        let belongs = matches!(event.record, Record::Log(_)) == (participant == ParticipantId::LOG);
        if !belongs {
            let refusal = Refusal::WrongStream { kind: payload.kind, stream: participant };
            return Err(refusal.into());
        }
        within(Limit::PayloadBytes, PAYLOAD_BYTES_MAX, payload.bytes.len())?;
        within(Limit::NameBytes, NAME_BYTES_MAX, event.actor.as_str().len())?;
        if !(1..=9999).contains(&event.on.year()) {
            return Err(Refusal::NoSuchDay { on: event.on }.into());
        }
        let sourced = event.sourced.as_ref().map(|sourced| {
            [("source", sourced.source.as_str()), ("reference", sourced.reference.as_str())]
        });
        for (what, name) in sourced.into_iter().flatten() {
            // a blank one would hash as if there were no source
            if name.is_empty() {
                return Err(Refusal::NoName { what }.into());
            }
            within(Limit::NameBytes, NAME_BYTES_MAX, name.len())?;
        }
        Ok(Encoded { event, payload })
    });
    Ok(EncodedStream { head: to.head, events: events.collect::<Result<_, _>>()? })
}

fn within(which: Limit, limit: usize, got: usize) -> Result<(), StoreError> {
    if got <= limit { Ok(()) } else { Err(StoreError::LimitExceeded { which, limit, got }) }
}

/// The end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogTip {
    /// Its last position.
    pub position: Position,
    /// The instant recorded there.
    pub recorded_at: Timestamp,
}

/// The end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamTip {
    /// Its last version.
    pub version: Version,
    /// The leaf recorded there.
    pub leaf: Digest,
}

/// What an append has to look up. The answers must hold until the result is kept.
pub trait LogState {
    /// Returns the log's identity.
    fn origin(&self) -> &str;
    /// Returns the end of the log.
    fn log_tip(&self) -> Result<Option<LogTip>, StoreError>;
    /// Returns the end of a stream.
    fn stream_tip(&self, participant: ParticipantId) -> Result<Option<StreamTip>, StoreError>;
    /// Returns the event that has this key.
    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError>;
}

/// What an append does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The events to keep, in the order of their positions; none where all were recorded before.
    pub keep: Vec<StoredEvent>,
    /// One receipt for each event of the append, in its order.
    pub receipts: Vec<Receipt>,
}

/// Decides what an append does. One refusal, conflict or used key refuses all of it.
pub fn plan(state: &impl LogState, append: EncodedAppend) -> Result<Plan, StoreError> {
    let tip = state.log_tip()?;
    let mut planning = Planning {
        state,
        now: append.now,
        tip,
        last: tip.map(|tip| tip.position),
        kept: BTreeMap::new(),
        tips: BTreeMap::new(),
        plan: Plan { keep: Vec::new(), receipts: Vec::new() },
    };
    for stream in append.streams {
        planning.take(stream)?;
    }
    Ok(planning.plan)
}

struct Planning<'a, S> {
    state: &'a S,
    now: Timestamp,
    /// The end of the log before this append.
    tip: Option<LogTip>,
    last: Option<Position>,
    /// Where in the plan the event of a key is kept.
    kept: BTreeMap<Key, usize>,
    /// The tips that streams have by this append.
    tips: BTreeMap<ParticipantId, StreamTip>,
    plan: Plan,
}

impl<S: LogState> Planning<'_, S> {
    fn take(&mut self, stream: EncodedStream) -> Result<(), StoreError> {
        let head = stream.head;
        let mut compared = None;
        for encoded in stream.events {
            if let Some(before) = self.recorded_before(&encoded.event.key())? {
                if !same_fact(&before, head.participant(), &encoded)? {
                    return Err(Refusal::KeyUsed { key: before.key().to_string() }.into());
                }
                self.plan.receipts.push(before.receipt(true));
                continue;
            }
            // only now, so that what was recorded before gets its receipt whatever the clock says
            let recorded_at = instant_after(self.tip, self.now)?;
            refuse_the_future(&encoded.event, recorded_at)?;
            let in_the_log = match compared {
                Some(tip) => tip,
                None => *compared.insert(compare_heads(self.state, &head)?),
            };
            let tip = self.tips.get(&head.participant()).copied().or(in_the_log);
            let tip = self.keep(head.participant(), tip, recorded_at, encoded);
            self.tips.insert(head.participant(), tip);
        }
        Ok(())
    }

    fn recorded_before(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        match self.kept.get(key) {
            Some(&index) => Ok(self.plan.keep.get(index).cloned()),
            None => self.state.find(key),
        }
    }

    /// Gives an event its place behind the tip of its stream, and returns the new tip.
    fn keep(
        &mut self,
        participant: ParticipantId,
        tip: Option<StreamTip>,
        recorded_at: Timestamp,
        Encoded { event, payload }: Encoded,
    ) -> StreamTip {
        let position = Position::after(self.last);
        let version = Version::after(tip.map(|tip| tip.version));
        let mut stored = StoredEvent {
            position,
            participant,
            version,
            id: event.id,
            kind: payload.kind.into(),
            schema: payload.schema,
            recorded_at,
            reported_at: event.reported_at,
            on: event.on,
            actor: event.actor,
            sourced: event.sourced,
            correlation: event.correlation,
            causation: event.causation,
            payload: payload.bytes,
            leaf: NO_LEAF,
        };
        stored.leaf = stored.leaf_of(self.state.origin(), tip.map_or(NO_LEAF, |tip| tip.leaf));
        let tip = StreamTip { version, leaf: stored.leaf };
        self.last = Some(position);
        self.kept.insert(stored.key(), self.plan.keep.len());
        self.plan.receipts.push(stored.receipt(false));
        self.plan.keep.push(stored);
        tip
    }
}

fn instant_after(tip: Option<LogTip>, now: Timestamp) -> Result<Timestamp, StoreError> {
    let Some(tip) = tip else { return Ok(now) };
    let behind = tip.recorded_at.micros().saturating_sub(now.micros());
    let by = Duration::from_micros(u64::try_from(behind).unwrap_or(0));
    if by > CLOCK_TOLERANCE {
        return Err(StoreError::ClockWentBack { by });
    }
    Ok(now.max(Timestamp::from_micros(tip.recorded_at.micros().saturating_add(1))))
}

fn compare_heads(state: &impl LogState, head: &Head) -> Result<Option<StreamTip>, StoreError> {
    let tip = state.stream_tip(head.participant())?;
    let actual = tip.map(|tip| tip.version);
    if actual == head.version() {
        return Ok(tip);
    }
    Err(StoreError::Conflict { participant: head.participant(), expected: head.version(), actual })
}

/// Returns whether a recorded event and one that is sent under its key state the same fact.
fn same_fact(
    before: &StoredEvent,
    participant: ParticipantId,
    Encoded { event, payload }: &Encoded,
) -> Result<bool, StoreError> {
    let same_frame = before.participant == participant
        && before.on == event.on
        && before.reported_at == event.reported_at
        && *before.kind == *payload.kind;
    if !same_frame {
        return Ok(false);
    }
    if before.schema == payload.schema && before.payload == payload.bytes {
        return Ok(true);
    }
    Ok(codec::decode(before)?.record == event.record)
}

/// A fact that is recorded directly may not be dated later than the day after.
fn refuse_the_future(event: &NewEvent, recorded_at: Timestamp) -> Result<(), StoreError> {
    let recorded = recorded_at.date();
    let is_direct_fact = match &event.record {
        Record::Fact(_) => event.sourced.is_none(),
        Record::Determination(_) | Record::Log(_) => false,
    };
    if is_direct_fact && recorded.succ_opt().is_some_and(|limit| limit < event.on) {
        return Err(Refusal::InTheFuture { on: event.on, recorded }.into());
    }
    Ok(())
}
