//! What is trusted: from one key that somebody handed over, through the notes by which a log
//! changed its key and its epochs.

use waystage_evidence::{
    ChainError, KeyChain, PublicKey, Recovery, Rotation, SecretKey, SignedCheckpoint, SignedNote,
};
use waystage_store::{EventReader, Held, NoteSort};

use crate::error::EngineError;

use super::refused;

/// The keys that are trusted, epoch by epoch.
pub(super) struct Trusted {
    chains: Vec<KeyChain>,
    /// Up to this size of the first of these epochs, an earlier key signed that is not trusted.
    handed_over: Option<u64>,
    /// The identities of epochs before the first of these.
    before: Vec<String>,
}

/// Returns the notes of a sort with what each says. Every one has to be such a note, of one of the
/// log's identities.
fn read<T>(
    reader: &dyn EventReader,
    sort: NoteSort,
    of_note: impl Fn(&SignedNote) -> Result<T, ChainError>,
    origin: impl Fn(&T) -> &str,
) -> Result<Vec<(SignedNote, T)>, EngineError> {
    let epochs = reader.epochs()?;
    let mut notes = Vec::new();
    for kept in reader.notes(sort)? {
        let refuse = |says: String| refused(sort.as_str(), &says);
        let note: SignedNote = kept.text.parse().map_err(|error| refuse(format!("{error}")))?;
        let says = of_note(&note).map_err(|error| refuse(error.to_string()))?;
        if !epochs.iter().any(|epoch| epoch.origin == origin(&says)) {
            return Err(refuse(format!("{} is no identity of this log", origin(&says))));
        }
        notes.push((note, says));
    }
    Ok(notes)
}

fn rotations(reader: &dyn EventReader) -> Result<Vec<(SignedNote, Rotation)>, EngineError> {
    read(reader, NoteSort::Rotation, Rotation::of_note, |rotation| &rotation.at.origin)
}

/// Returns the notes that bind one epoch to the next.
pub(super) fn recoveries(
    reader: &dyn EventReader,
) -> Result<Vec<(SignedNote, Recovery)>, EngineError> {
    read(reader, NoteSort::Recovery, Recovery::of_note, |recovery| &recovery.new.origin)
}

impl Trusted {
    /// Trusts this key, and every later one that the log's own notes lead to.
    pub(super) fn from(reader: &dyn EventReader, key: &PublicKey) -> Result<Self, EngineError> {
        let (rotations, recoveries) = (rotations(reader)?, recoveries(reader)?);
        let origins = reader.epochs()?.into_iter().map(|epoch| epoch.origin);
        let before: Vec<String> = origins.take_while(|origin| origin != key.name()).collect();
        let mut chain = KeyChain::trusting(key.clone());
        let mut handed_over = None;
        let mut chains = Vec::new();
        loop {
            let of_epoch: Vec<&(SignedNote, Rotation)> = rotations
                .iter()
                .filter(|(_, rotation)| rotation.at.origin == chain.origin())
                .collect();
            let is_first = chains.is_empty();
            let begin = of_epoch.iter().position(|(_, it)| is_first && it.new == *key);
            if let Some(begin) = begin {
                handed_over = Some(of_epoch[begin].1.at.size);
            }
            for (note, _) in of_epoch.iter().skip(begin.map_or(0, |begin| begin + 1)) {
                let error = |error| refused(NoteSort::Rotation.as_str(), &error);
                chain = chain.rotated(note).map_err(error)?;
            }
            chains.push(chain.clone());
            let mut next = recoveries.iter();
            let next = next.find(|(_, recovery)| recovery.old.origin == chain.origin());
            let Some((next, _)) = next else { break };
            let error = |error| refused(NoteSort::Recovery.as_str(), &error);
            chain = chain.recovered(next).map_err(error)?;
        }
        let trusted = Self { chains, handed_over, before };
        if trusted.chain(reader.origin()).is_none() {
            let what = "the log's keys".to_owned();
            let says = format!("nothing that is trusted leads to {}", reader.origin());
            return Err(EngineError::Evidence { what, says });
        }
        Ok(trusted)
    }

    /// Returns what is trusted of an epoch.
    pub(super) fn chain(&self, origin: &str) -> Option<&KeyChain> {
        self.chains.iter().find(|chain| chain.origin() == origin)
    }

    /// Checks a checkpoint's signature and returns whether it could be: what an earlier key signed
    /// than the one that is trusted cannot.
    pub(super) fn check(&self, signed: &SignedCheckpoint) -> Result<bool, EngineError> {
        let at = &signed.checkpoint;
        let what = || format!("the checkpoint of {} events", at.size);
        if self.before.contains(&at.origin) {
            return Ok(false);
        }
        let Some(chain) = self.chain(&at.origin) else {
            let says = format!("nothing is trusted of {}", at.origin);
            return Err(EngineError::Evidence { what: what(), says });
        };
        let is_first = self.chains.first().is_some_and(|first| first.origin() == at.origin);
        if is_first && self.handed_over.is_some_and(|size| at.size <= size) {
            return Ok(false);
        }
        chain.verify(signed).map_err(|error| refused(what(), &error))?;
        Ok(true)
    }
}

/// Returns the keys of the present epoch up to this secret one, which has to be the last: as the
/// log's own notes say, each signed by both keys.
pub(super) fn up_to(reader: &dyn EventReader, key: &SecretKey) -> Result<KeyChain, EngineError> {
    let (origin, public) = (reader.origin(), key.public());
    if public.name() != origin {
        let says = format!("it is a key of {}, and the log is {origin}", public.name());
        return Err(EngineError::WrongKey { says });
    }
    let mut rotations = rotations(reader)?;
    rotations.retain(|(_, rotation)| rotation.at.origin == origin);
    let first = rotations.first().map_or(public, |(_, rotation)| &rotation.old);
    let mut chain = KeyChain::trusting(first.clone());
    for (note, _) in &rotations {
        let error = |error| refused(NoteSort::Rotation.as_str(), &error);
        chain = chain.rotated(note).map_err(error)?;
    }
    if chain.key() == public {
        return Ok(chain);
    }
    Err(EngineError::WrongKey { says: format!("the log is signed with {} now", chain.key()) })
}

/// Returns the roots that the changes of keys name.
pub(super) fn roots(reader: &dyn EventReader) -> Result<Vec<(String, Held)>, EngineError> {
    let held = rotations(reader)?.into_iter().map(|(_, rotation)| {
        let (size, root) = (rotation.at.size, rotation.at.root);
        (rotation.at.origin, Held { size, root, leaves: Vec::new() })
    });
    Ok(held.collect())
}
