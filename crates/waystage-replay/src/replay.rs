//! Replaying participants, in parallel, and adding up what they contribute.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipantId;
use waystage_core::replayed::{Lens, Replayed};
use waystage_store::{EventReader, Head, StoreError, read_stream};

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

/// A replay of a log through a lens.
pub struct Replay<'a> {
    reader: &'a dyn EventReader,
    lens: &'a Lens,
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

    /// Replays every participant and returns what `look` makes of each, in order of their ids.
    pub fn each<T: Send>(
        &self,
        look: impl Fn(&Replayed<'_>) -> T + Sync,
    ) -> Result<Vec<T>, StoreError> {
        self.each_stream(|replayed, _| look(replayed))
    }

    /// As [`Replay::each`], with the proof of how far each stream was read: whoever appends to it
    /// what the replay says has to show that nothing came between.
    pub fn each_stream<T: Send>(
        &self,
        look: impl Fn(&Replayed<'_>, Head) -> T + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let participants = self.reader.participants()?;
        let all = participants.len() as u64;
        let (done, events) = (AtomicU64::new(0), AtomicU64::new(0));
        let batches = participants.par_chunks(BATCH).map(|batch| {
            let mut looked = Vec::with_capacity(batch.len());
            for participant in batch {
                let stream = read_stream(self.reader, *participant)?;
                let replayed = Replayed::of(*participant, &stream.events, self.lens);
                looked.push(look(&replayed, stream.head()));
                events.fetch_add(stream.events.len() as u64, Ordering::Relaxed);
            }
            let batch = batch.len() as u64;
            let participants = done.fetch_add(batch, Ordering::Relaxed) + batch;
            if let Some(watch) = self.watch {
                let events = events.load(Ordering::Relaxed);
                watch(Progress { participants, participants_all: all, events });
            }
            Ok(looked)
        });
        let batches: Vec<Vec<T>> = batches.collect::<Result<_, StoreError>>()?;
        Ok(batches.into_iter().flatten().collect())
    }

    /// Replays one participant and returns what `look` makes of it.
    pub fn one<T>(
        &self,
        participant: ParticipantId,
        look: impl FnOnce(&Replayed<'_>) -> T,
    ) -> Result<T, StoreError> {
        let stream = read_stream(self.reader, participant)?;
        Ok(look(&Replayed::of(participant, &stream.events, self.lens)))
    }

    /// Adds up a read model.
    pub fn sum<P: Projection>(&self, projection: &P) -> Result<Contributions<P::Key>, StoreError> {
        let parts = self.each(|replayed| projection.contribute(replayed))?;
        let mut model = Contributions::none();
        for part in &parts {
            model.add(part);
        }
        Ok(model)
    }
}
