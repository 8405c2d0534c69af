//! One participant as an audit reads them: every event that can be decoded, those that cannot, and
//! what a lens sees of them.

use std::borrow::Cow;

use waystage_core::id::{EventId, Named, ParticipantId, ParticipationId};
use waystage_core::journey::Recorded;
use waystage_core::replayed::{Lens, Replayed};
use waystage_store::models::Parked;
use waystage_store::{StoreError, StoredEvent, Wanted, codec};

use super::finding::{Cited, cited_of};
use crate::reading::{parked, wanted_by};

/// A participant's stream.
pub(super) struct Person {
    pub(super) id: ParticipantId,
    pub(super) events: Vec<Recorded>,
    unreadable: Vec<(StoredEvent, Parked)>,
}

/// What people call a participant and their participations, as the audit's own view sees them.
pub(super) struct Names {
    pub(super) participant: Named<ParticipantId>,
    participations: Vec<Named<ParticipationId>>,
}

impl Person {
    pub(super) fn of(id: ParticipantId, rows: Vec<StoredEvent>) -> Result<Self, StoreError> {
        let mut person =
            Self { id, events: Vec::with_capacity(rows.len()), unreadable: Vec::new() };
        for row in rows {
            match codec::decode(&row) {
                Ok(event) => person.events.push(event),
                Err(error) => person.unreadable.push((row, parked(id, error)?)),
            }
        }
        Ok(person)
    }

    /// Returns why a lens cannot read the participant, where it cannot.
    pub(super) fn hinders(&self, lens: &Lens) -> Option<&Parked> {
        let wanted = wanted_by(lens, self.id);
        let needed = |(row, _): &&(StoredEvent, Parked)| wanted(row) == Wanted::Surely;
        self.unreadable.iter().find(needed).map(|(_, parked)| parked)
    }

    /// Returns the stream without what somebody decided to leave out before the lens's view ends.
    pub(super) fn stream(&self, lens: &Lens) -> Cow<'_, [Recorded]> {
        let skipped = lens.adoptions().skipped(&lens.view, self.id);
        if skipped.is_empty() {
            return Cow::Borrowed(&self.events);
        }
        let kept = self.events.iter().filter(|event| !skipped.contains(&event.position));
        Cow::Owned(kept.cloned().collect())
    }

    pub(super) fn cited(&self, event: EventId) -> Cited {
        cited_of(&self.events, event)
    }
}

impl Names {
    pub(super) fn of(replayed: &Replayed<'_>) -> Self {
        let id = replayed.journey.participant;
        let reference = replayed.reference().cloned().unwrap_or_else(|| id.to_string().into());
        let participations = replayed.journey.participations.iter();
        let named = participations.map(|each| Named::new(each.id, each.reference.clone()));
        Self { participant: Named { id, reference }, participations: named.collect() }
    }

    /// Returns what people call a participation: its reference, or its id where the view has none.
    pub(super) fn participation(&self, id: ParticipationId) -> Named<ParticipationId> {
        let named = self.participations.iter().find(|each| each.id == id);
        named.cloned().unwrap_or_else(|| Named::new(id, id.to_string()))
    }
}
