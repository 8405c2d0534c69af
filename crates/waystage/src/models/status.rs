//! How the kept models stand, in words that an operator can act on.

use std::sync::PoisonError;

use chrono::NaiveDate;
use waystage_core::id::Position;
use waystage_store::Digest;
use waystage_store::models::{Built, Slot, Stand};

use super::kept::{Kept, Models};
use super::wiring::Pace;
use crate::error::EngineError;

/// How one model stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelState {
    /// It answers.
    Current,
    /// What is kept was built by a definition that behaves otherwise: it does not answer.
    Stale,
    /// It is not kept, or was left behind: it does not answer.
    NotKept,
}

impl ModelState {
    /// Returns the state in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Stale => "stale",
            Self::NotKept => "not_kept",
        }
    }
}

/// One model and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// Its name.
    pub name: String,
    /// What its present definition is known by.
    pub fingerprint: Digest,
    /// How it stands.
    pub state: ModelState,
    /// Participants whom its rows are without, because something about them cannot be read.
    pub parked: u64,
}

/// How the kept models stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsStatus {
    /// How closely they follow the log.
    pub pace: Pace,
    /// Where they stand; none where nothing was ever built.
    pub stand: Option<Stand>,
    /// Events in the log that they do not hold yet.
    pub behind: u64,
    /// Each of the models.
    pub models: Vec<ModelStatus>,
    /// Where the build stands that was begun and not finished, if there is one.
    pub building: Option<Stand>,
    /// Where the models stand that answered before the last switch.
    pub previous: Option<Stand>,
    /// Why they could last not be brought up to date, if they could not.
    pub failure: Option<String>,
}

impl Models {
    /// Returns how the models stand.
    pub fn status(&self) -> Result<ModelsStatus, EngineError> {
        let kept = &self.kept;
        let snapshot = kept.store.snapshot()?;
        let stand = snapshot.stand(Slot::Live)?;
        let live = snapshot.fingerprints(Slot::Live)?;
        let mut models = Vec::new();
        for model in kept.set.models() {
            let (name, fingerprint) = (model.shape.name.clone(), model.shape.fingerprint);
            let state = match live.iter().find(|(each, _)| *each == name) {
                Some((_, of_kept)) if *of_kept == fingerprint => ModelState::Current,
                Some(_) => ModelState::Stale,
                None => ModelState::NotKept,
            };
            let parked = match state {
                ModelState::Current => snapshot.parked(Slot::Live, &name)?.len() as u64,
                ModelState::Stale | ModelState::NotKept => 0,
            };
            models.push(ModelStatus { name, fingerprint, state, parked });
        }
        let last = kept.reader.last_position()?.map_or(0, Position::get);
        let held = stand.as_ref().and_then(Stand::position).map_or(0, Position::get);
        let failure = kept.failure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(ModelsStatus {
            pace: kept.pace,
            behind: last.saturating_sub(held),
            models,
            building: snapshot.stand(Slot::Next)?.filter(|next| next.built != Built::Whole),
            previous: snapshot.stand(Slot::Previous)?,
            stand,
            failure,
        })
    }
}

impl Kept {
    /// Returns whether models that stand at a day are to stand at a later one.
    pub(super) fn is_another_day(&self, stands: Option<NaiveDate>) -> bool {
        let as_of = *self.as_of.lock().unwrap_or_else(PoisonError::into_inner);
        match (as_of, stands) {
            (super::AsOf::Today, Some(stands)) => stands < self.clock.now().date(),
            (super::AsOf::On(day), Some(stands)) => stands != day,
            (super::AsOf::Kept, Some(_)) | (_, None) => false,
        }
    }
}
