//! Replaying participants, in parallel, and adding up what they contribute.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipantId;
use waystage_core::replayed::{Lens, Replayed};
use waystage_store::models::Parked;
use waystage_store::{EventReader, Head, StoreError, Stream};

use crate::reading::{Looked, all_of, guarded, parked, read, read_there};

/// How many participants are replayed between two looks at the progress.
const BATCH: usize = 256;

/// How far a replay has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Participants replayed.
    pub participants: u64,
    /// Participants in all.
    pub participants_all: u64,
    /// Events read.
    pub events: u64,
}

/// A read model, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct Sum<K: Ord> {
    /// The model.
    pub model: Contributions<K>,
    /// Who is parked, in order of their ids: the model is without them.
    pub parked: Vec<Parked>,
}

impl<K: Ord> std::ops::Deref for Sum<K> {
    type Target = Contributions<K>;

    fn deref(&self) -> &Contributions<K> {
        &self.model
    }
}

/// A replay of a log through a lens.
pub struct Replay<'a> {
    pub(crate) reader: &'a dyn EventReader,
    pub(crate) lens: &'a Lens,
    watch: Option<&'a (dyn Fn(Progress) + Sync)>,
}

impl<'a> Replay<'a> {
    /// Returns the replay of this log through this lens.
    pub fn new(reader: &'a dyn EventReader, lens: &'a Lens) -> Self {
        Self { reader, lens, watch: None }
    }

    /// Has the progress told now and then.
    #[must_use]
    pub fn watched(self, watch: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Replays every participant and returns what `look` makes of each, in order of their ids, and
    /// who could not be read. Who comes only after the place to which the view reads is not there
    /// yet, and left out.
    pub fn each<T: Send>(
        &self,
        look: impl Fn(&Replayed<'_>) -> T + Sync,
    ) -> Result<Looked<T>, StoreError> {
        self.each_stream(|replayed, _| look(replayed))
    }

    /// As [`Replay::each`], with the proof of how far each stream was read: whoever appends to it
    /// what the replay says has to show that nothing came between.
    pub fn each_stream<T: Send>(
        &self,
        look: impl Fn(&Replayed<'_>, Head) -> T + Sync,
    ) -> Result<Looked<T>, StoreError> {
        self.each_read(|participant, stream| {
            let replayed = Replayed::of(participant, &stream.events, self.lens);
            Ok(look(&replayed, stream.head()))
        })
    }

    /// Replays one participant and returns what `look` makes of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotDecodable`] where an event of theirs cannot be read.
    pub fn one<T>(
        &self,
        participant: ParticipantId,
        look: impl FnOnce(&Replayed<'_>) -> T,
    ) -> Result<T, StoreError> {
        let stream = read(self.reader, participant, self.lens)?;
        Ok(look(&Replayed::of(participant, &stream.events, self.lens)))
    }

    /// Adds up a read model. A participant on whom it fails is parked; one of whom the view knows
    /// nothing contributes nothing.
    pub fn sum<P: Projection>(&self, projection: &P) -> Result<Sum<P::Key>, StoreError> {
        let Looked { each, parked } = self.each_read(|participant, stream| {
            if !self.lens.knows_of(participant, &stream.events) {
                return Ok(Contributions::none());
            }
            let contribute = |replayed: &Replayed<'_>| projection.contribute(replayed);
            guarded(participant, &stream.events, self.lens, contribute)
        })?;
        let mut model = Contributions::none();
        for part in each {
            model.take_in(part);
        }
        Ok(Sum { model, parked })
    }

    pub(crate) fn each_read<T: Send>(
        &self,
        look: impl Fn(ParticipantId, Stream) -> Result<T, Parked> + Sync,
    ) -> Result<Looked<T>, StoreError> {
        let participants = all_of(self.reader, self.lens)?;
        let all = participants.len() as u64;
        let (done, events) = (AtomicU64::new(0), AtomicU64::new(0));
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut looked = Looked { each: Vec::with_capacity(batch.len()), parked: Vec::new() };
            for participant in batch {
                let seen = match read_there(self.reader, *participant, self.lens) {
                    Ok(None) => continue,
                    Ok(Some(stream)) => {
                        events.fetch_add(stream.events.len() as u64, Ordering::Relaxed);
                        look(*participant, stream)
                    }
                    Err(error) => Err(parked(*participant, error)?),
                };
                match seen {
                    Ok(seen) => looked.each.push(seen),
                    Err(parked) => looked.parked.push(parked),
                }
            }
            let batch = batch.len() as u64;
            let participants = done.fetch_add(batch, Ordering::Relaxed) + batch;
            if let Some(watch) = self.watch {
                let events = events.load(Ordering::Relaxed);
                watch(Progress { participants, participants_all: all, events });
            }
            Ok(looked)
        });
        let batches: Vec<Looked<T>> = batches.collect::<Result<_, StoreError>>()?;
        let mut looked = Looked { each: Vec::new(), parked: Vec::new() };
        for batch in batches {
            looked.each.extend(batch.each);
            looked.parked.extend(batch.parked);
        }
        Ok(looked)
    }
}
