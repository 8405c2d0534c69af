//! Recording what is told next, and what is expected of that: that it is recorded, refused, or
//! looks wrong.

use waystage_core::id::ParticipantId;
use waystage_core::journey::{Finding, Found};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::Answer;
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, EventReader, EventStore, MemoryStore, NewEvent, Receipt, Refusal, StoreError, ToStream,
    check_structure, read_stream,
};

use super::life::{Life, participant};
use super::reads::Reads;
use super::{Given, wrong};
use crate::logs::{Streams, Told, decoded, record};

/// What became of facts that were recorded.
#[derive(Debug)]
pub struct Recording {
    answer: Result<Vec<Receipt>, Refusal>,
    streams: Streams,
    lens: Lens,
    participant: ParticipantId,
}

impl Recording {
    /// Records the facts that follow in a life, or says why that cannot be tried.
    pub(super) fn of(mut given: Given, life: Life) -> Result<Self, String> {
        let participant = participant(&life.name);
        let known = given.life_of(participant).map_or(0, Life::len);
        let store = MemoryStore::new("example.org/given");
        record(&store, &given.events()).map_err(|error| error.to_string())?;
        match given.lives.iter().position(|each| each.name == life.name) {
            Some(place) => given.lives[place] = given.lives[place].clone().and(life),
            None => given.lives.push(life),
        }
        let whole = given.life_of(participant).map_or_else(|| Ok(Vec::new()), Life::events)?;
        let next: Vec<Told> = whole.into_iter().skip(known).collect();
        let next: Vec<NewEvent> = next.into_iter().map(|(_, event)| event).collect();
        let answer = match append(&store, participant, next) {
            Ok(receipts) => Ok(receipts),
            Err(StoreError::Refused(refusal)) => Err(refusal),
            Err(error) => return Err(error.to_string()),
        };
        let streams = decoded(&store).map_err(|error| error.to_string())?;
        Ok(Self { answer, streams, lens: given.lens(), participant })
    }

    /// Expects that every fact is recorded for the first time.
    #[track_caller]
    pub fn then_recorded(&self) -> &Self {
        self.expect_receipts("recorded", |receipt| !receipt.duplicate)
    }

    /// Expects that every fact was recorded before, and gets its first receipt again.
    #[track_caller]
    pub fn then_duplicate(&self) -> &Self {
        self.expect_receipts("a duplicate", |receipt| receipt.duplicate)
    }

    #[track_caller]
    fn expect_receipts(&self, expected: &str, is_so: impl Fn(&Receipt) -> bool) -> &Self {
        match &self.answer {
            Ok(receipts) if receipts.iter().all(is_so) => self,
            Ok(receipts) => {
                let duplicates = receipts.iter().filter(|receipt| receipt.duplicate).count();
                let all = receipts.len();
                wrong(&format!("{duplicates} of {all} are duplicates; expected: {expected}"))
            }
            Err(refusal) => wrong(&format!("refused: {refusal}; expected: {expected}")),
        }
    }

    /// Expects that all of it is refused, for this reason.
    #[track_caller]
    #[allow(clippy::needless_pass_by_value)] // it reads as a sentence
    pub fn then_refused(&self, expected: Refusal) -> &Self {
        match &self.answer {
            Err(refusal) if *refusal == expected => self,
            Err(refusal) => wrong(&format!("refused: {refusal}; expected refusal: {expected}")),
            Ok(_) => wrong(&format!("it is recorded; expected refusal: {expected}")),
        }
    }

    /// Expects that something looks wrong with the person's journey now.
    #[track_caller]
    pub fn then_finds(&self, expected: Finding) -> &Self {
        let found = self.found();
        if found.iter().all(|each| each.finding != expected) {
            let found = in_words(&found);
            wrong(&format!("found {found}; expected: {}", expected.says()));
        }
        self
    }

    /// Expects that nothing looks wrong with the person's journey now.
    #[track_caller]
    pub fn then_finds_nothing(&self) -> &Self {
        let found = self.found();
        if !found.is_empty() {
            wrong(&format!("found {}; expected: nothing", in_words(&found)));
        }
        self
    }

    /// Expects what a rule (`rule`, or `rule/tier`) reads now.
    #[track_caller]
    pub fn then_reads(&self, rule: &str, answer: Answer) -> &Self {
        match Reads::of(&self.streams, &self.lens, rule) {
            Ok(reads) => {
                reads.then(answer);
            }
            Err(says) => wrong(&says),
        }
        self
    }

    fn found(&self) -> Vec<Found> {
        let stream = self.streams.get(&self.participant).map_or(&[][..], Vec::as_slice);
        let replayed = Replayed::of(self.participant, stream, &self.lens);
        replayed.journey.findings
    }
}

fn in_words(found: &[Found]) -> String {
    match found {
        [] => "nothing".to_owned(),
        found => {
            let says: Vec<&str> = found.iter().map(|each| each.finding.says()).collect();
            format!("that it is {}", says.join(", and "))
        }
    }
}

/// Checks and appends as an engine does, at the last instant at which any of it was told.
fn append(
    store: &MemoryStore,
    participant: ParticipantId,
    events: Vec<NewEvent>,
) -> Result<Vec<Receipt>, StoreError> {
    let stream = read_stream(store, participant)?;
    check_structure(&stream.events, &events)?;
    let told = events
        .iter()
        .map(|event| event.reported_at.unwrap_or_else(|| Timestamp::of_event_id(event.id)));
    let rows = store.rows_after(None, usize::MAX)?;
    let last = rows.last().map(|row| row.recorded_at);
    let now = told.chain(last).max().unwrap_or(Timestamp::MIN);
    store.append(Append { now, streams: vec![ToStream { head: stream.head(), events }] })
}
