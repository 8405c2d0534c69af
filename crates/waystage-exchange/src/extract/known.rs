//! What a log already holds of a source: rows of an extract may refer to it, and rows that state it
//! again are duplicates.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::{JobId, ParticipantId, ParticipationId, ProgrammeId, Reference, Source};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Kind, Recorded, Sourced};
use waystage_store::{EventReader, Key, StoreError, codec};

const PAGE: usize = 4096;

/// What a log holds of one source.
pub struct Known<'a> {
    reader: &'a dyn EventReader,
    source: Source,
    is_empty: bool,
    pub(super) participants: BTreeSet<ParticipantId>,
    pub(super) participations: BTreeMap<ParticipationId, (ParticipantId, ProgrammeId)>,
    pub(super) jobs: BTreeSet<(ParticipantId, JobId)>,
}

impl<'a> Known<'a> {
    /// Reads what a log holds of a source. It reads the whole log once and decodes only what may be
    /// referred to.
    pub fn of(reader: &'a dyn EventReader, source: &Source) -> Result<Self, StoreError> {
        let mut known = Self {
            reader,
            source: source.clone(),
            is_empty: true,
            participants: BTreeSet::new(),
            participations: BTreeMap::new(),
            jobs: BTreeSet::new(),
        };
        let referred_to = [Kind::CharacteristicsRecorded, Kind::Referred, Kind::JobStarted]
            .map(|kind| codec::stored(kind).0);
        let mut after = None;
        loop {
            let rows = reader.rows_after(after, PAGE)?;
            let Some(last) = rows.last() else {
                return Ok(known);
            };
            after = Some(last.position);
            let of_source = rows
                .iter()
                .filter(|row| row.sourced.as_ref().is_some_and(|from| from.source == *source));
            for row in of_source {
                known.is_empty = false;
                if referred_to.contains(&&*row.kind) {
                    match codec::decode(row) {
                        Ok(recorded) => known.take(&recorded),
                        // rows that refer to it are rejected as unknown; all others go on
                        Err(StoreError::NotDecodable { .. }) => {}
                        Err(other) => return Err(other),
                    }
                }
            }
        }
    }

    fn take(&mut self, recorded: &Recorded) {
        let participant = recorded.participant;
        match recorded.fact() {
            Some(Fact::Entry(Entry::CharacteristicsRecorded(_))) => {
                self.participants.insert(participant);
            }
            Some(Fact::Entry(Entry::Referred(fact))) => {
                let referred = (participant, fact.programme.clone());
                self.participations.entry(fact.participation.id).or_insert(referred);
            }
            Some(Fact::Employment(Employment::JobStarted(fact))) => {
                self.jobs.insert((participant, fact.job.id));
            }
            _ => {}
        }
    }

    /// Returns the event that the log holds under a reference of the source.
    pub(super) fn find(&self, reference: &Reference) -> Result<Option<Recorded>, StoreError> {
        if self.is_empty {
            return Ok(None);
        }
        let sourced = Sourced { source: self.source.clone(), reference: reference.clone() };
        self.reader.find(&Key::Sourced(sourced))?.as_ref().map(codec::decode).transpose()
    }
}
