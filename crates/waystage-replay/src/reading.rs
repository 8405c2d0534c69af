//! Reading one participant through a lens: what the view leaves out is left out, and where an event
//! that it needs cannot be read the participant is parked, so that all others go on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use waystage_core::contribution::Contributions;
use waystage_core::id::ParticipantId;
use waystage_core::journey::Recorded;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::table::{Cell, Model};
use waystage_core::view::{Basis, View};
use waystage_store::models::Parked;
use waystage_store::{EventReader, StoreError, StoredEvent, Stream, Wanted, read_stream_where};

/// Reads a participant's stream for a lens. An event that was skipped, or lies behind the place to
/// which the view reads, is left out; one that the view does not know yet is left out only where it
/// cannot be read, and no scenario could pick it or ask about it.
pub(crate) fn read(
    reader: &dyn EventReader,
    participant: ParticipantId,
    lens: &Lens,
) -> Result<Stream, StoreError> {
    read_stream_where(reader, participant, &wanted_by(lens, participant))
}

/// Returns the participants of a log, and those of whom the scenario of a lens assumes something.
pub(crate) fn all_of(
    reader: &dyn EventReader,
    lens: &Lens,
) -> Result<Vec<ParticipantId>, StoreError> {
    let mut all = reader.participants()?;
    let assumed = lens.scenario.assumed_participants();
    if !assumed.is_empty() {
        all.extend(assumed);
        all.sort_unstable();
        all.dedup();
    }
    Ok(all)
}

/// As [`read`], of a participant who has a stream; none where the view does not reach as far as its
/// first event, and the scenario assumes nothing of them.
pub(crate) fn read_there(
    reader: &dyn EventReader,
    participant: ParticipantId,
    lens: &Lens,
) -> Result<Option<Stream>, StoreError> {
    let reached = std::cell::Cell::new(lens.scenario.assumes_of(participant));
    let wanted = wanted_by(lens, participant);
    let stream = read_stream_where(reader, participant, &|row| {
        reached.set(reached.get() || lens.view.reaches(row.position));
        wanted(row)
    })?;
    Ok(reached.get().then_some(stream))
}

/// Returns which events of a participant a lens needs.
pub(crate) fn wanted_by(
    lens: &Lens,
    participant: ParticipantId,
) -> impl Fn(&StoredEvent) -> Wanted {
    let (view, skipped) = (lens.view, lens.adoptions().skipped(&lens.view, participant));
    let picks = lens.scenario.picks();
    move |row| {
        if skipped.contains(&row.position) || !view.reaches(row.position) {
            Wanted::Not
        } else if picks || knows(&view, row) {
            Wanted::Surely
        } else {
            Wanted::IfReadable
        }
    }
}

/// Returns how a participant is parked who could not be read.
///
/// # Errors
///
/// The failure itself, where it is no event of theirs that cannot be read but the store that fails.
pub(crate) fn parked(participant: ParticipantId, error: StoreError) -> Result<Parked, StoreError> {
    match error {
        StoreError::NotDecodable { position, .. } => {
            Ok(Parked { participant, position: Some(position), says: error.to_string() })
        }
        other => Err(other),
    }
}

/// Returns whether an event that is still stored is known in a view.
fn knows(view: &View, row: &StoredEvent) -> bool {
    let learned_at = match (view.basis, row.reported_at) {
        (Basis::Recorded, _) => row.recorded_at,
        (Basis::Reported, Some(told)) => told,
        (Basis::Reported, None) => waystage_core::time::Timestamp::of_event_id(row.id),
    };
    learned_at <= view.known_at
}

/// Replays a participant and looks at them; parks them where that fails, so that one journey that a
/// projection cannot bear takes no other with it. What the failure said is left to the place where
/// it happened: it may speak of the person.
pub(crate) fn guarded<T>(
    participant: ParticipantId,
    events: &[Recorded],
    lens: &Lens,
    look: impl FnOnce(&Replayed<'_>) -> T,
) -> Result<T, Parked> {
    let looked = catch_unwind(AssertUnwindSafe(|| look(&Replayed::of(participant, events, lens))));
    looked.map_err(|_| unbearable(participant))
}

/// Replays a participant; parks them where that fails.
pub(crate) fn replayed<'a>(
    participant: ParticipantId,
    events: &'a [Recorded],
    lens: &'a Lens,
) -> Result<Replayed<'a>, Parked> {
    let replayed = catch_unwind(AssertUnwindSafe(|| Replayed::of(participant, events, lens)));
    replayed.map_err(|_| unbearable(participant))
}

/// Reads a replayed participant by the programmes of another lens; parks them where that fails.
pub(crate) fn judged<'a: 'b, 'b>(
    replayed: &Replayed<'a>,
    lens: &'b Lens,
) -> Result<Replayed<'b>, Parked> {
    let judged = catch_unwind(AssertUnwindSafe(|| replayed.judged(lens)));
    judged.map_err(|_| unbearable(replayed.journey.participant))
}

/// Returns what somebody contributes to a model: nothing where nothing is known of them. Parks them
/// where the model fails on them.
pub(crate) fn contributed(
    model: &dyn Model,
    replayed: &Replayed<'_>,
    is_known: bool,
) -> Result<Contributions<Cell>, Parked> {
    if !is_known {
        return Ok(Contributions::none());
    }
    let contributed = catch_unwind(AssertUnwindSafe(|| model.contribute(replayed)));
    contributed.map_err(|_| unbearable(replayed.journey.participant))
}

fn unbearable(participant: ParticipantId) -> Parked {
    Parked {
        participant,
        position: None,
        says: "the read model failed on this participant: mend it and rebuild".to_owned(),
    }
}

/// What was made of the participants who could be read, and who could not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it says who was left out"]
pub struct Looked<T> {
    /// What was made of each, in order of their ids.
    pub each: Vec<T>,
    /// Who is parked, in order of their ids: whatever rests on `each` is without them.
    pub parked: Vec<Parked>,
}

impl<T> std::ops::Deref for Looked<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.each
    }
}

impl<T> IntoIterator for Looked<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.each.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Looked<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.each.iter()
    }
}
