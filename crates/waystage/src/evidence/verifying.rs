//! Verifying a log against everything that is held of it: its own notes, an anchor, checkpoints and
//! leaves that somebody kept.

use waystage_core::id::Position;
use waystage_evidence::{CompactRange, KeyChain, PublicKey, Recovery, Rotation, SignedCheckpoint};
use waystage_store::{Digest, EventReader, Held, NoteSort, examine};

use crate::engine::Engine;
use crate::error::EngineError;

use super::{Place, chains, place, refused};

/// A checkpoint that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCheckpoint {
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// The leaves behind it, 32 bytes each, where they are held too: with them the first event that
    /// was changed is known exactly.
    pub leaves: Option<Vec<u8>>,
}

/// What somebody who verifies a log trusts and holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// The log's key as it was handed over, perhaps long ago; without it no signature is checked.
    pub key: Option<PublicKey>,
    /// Witnesses whose lines have to stand under every held checkpoint.
    pub witnesses: Vec<PublicKey>,
    /// What is held: an anchor's checkpoint, too.
    pub held: Vec<HeldCheckpoint>,
}

/// A loss that somebody declared: what a held checkpoint has beyond it is not in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredLoss {
    /// The first position that is lost.
    pub from: Position,
    /// The last position that the checkpoint has.
    pub through: Position,
    /// Who declared it.
    pub operator: String,
    /// Who agreed.
    pub approver: String,
    /// Why.
    pub reason: String,
}

/// What a log was found to be. That it was returned says that everything fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many events the log has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
    /// The size of the newest checkpoint that was compared; none where there was none.
    pub checkpoint: Option<u64>,
    /// How many checkpoints were compared, those that the log keeps among them.
    pub compared: u64,
    /// Whether their signatures were checked: only where a key is trusted.
    pub signatures: bool,
    /// Losses that were declared, for held checkpoints that go beyond them.
    pub lost: Vec<DeclaredLoss>,
}

impl Engine {
    /// Reads the whole log again, computes every leaf and the tree, and compares them with every
    /// checkpoint that is held or that the log keeps.
    ///
    /// # Errors
    ///
    /// [`StoreError`](waystage_store::StoreError) names the first position that does not fit, or
    /// between which positions it lies. [`EngineError::Evidence`] where a checkpoint is of another
    /// log, is not signed as it should be, or the leaves are not its own.
    pub fn verify_log(
        &self,
        trust: &Trust,
        watch: &dyn Fn(u64),
    ) -> Result<Verification, EngineError> {
        let reader = self.reader();
        let chains = match &trust.key {
            Some(key) => Some(chains(reader, key.clone())?),
            None => None,
        };
        let mut compared = Vec::new();
        let mut lost = Vec::new();
        for each in &trust.held {
            let leaves = each
                .leaves
                .as_deref()
                .map_or(Ok(Vec::new()), |bytes| leaves_of(bytes, &each.checkpoint))?;
            check_signatures(&each.checkpoint, chains.as_deref(), &trust.witnesses)?;
            match place(reader, &each.checkpoint.checkpoint)? {
                Place::Within => compared.push(held(&each.checkpoint, leaves)),
                Place::Lost(declared) => lost.push(declared),
            }
        }
        for note in reader.notes(NoteSort::Checkpoint)? {
            let own: SignedCheckpoint = note
                .text
                .parse()
                .map_err(|error| refused(NoteSort::Checkpoint.as_str(), &error))?;
            check_signatures(&own, chains.as_deref(), &[])?;
            if matches!(place(reader, &own.checkpoint)?, Place::Within) {
                compared.push(held(&own, Vec::new()));
            }
        }
        let named = named(reader)?;
        let all: Vec<Held> = compared.iter().chain(&named).cloned().collect();
        let verified = examine(reader, &all, watch)?;
        Ok(Verification {
            size: verified.size,
            root: verified.root,
            checkpoint: compared.iter().map(|held| held.size).max(),
            compared: compared.len() as u64,
            signatures: chains.is_some(),
            lost,
        })
    }

    /// Returns the leaves of the first events of the log, 32 bytes each: whoever holds them beside
    /// a checkpoint of that size learns exactly which event was changed later.
    pub fn leaves(&self, size: u64) -> Result<Vec<u8>, EngineError> {
        let mut leaves = Vec::new();
        let mut last = None;
        while last.map_or(0, Position::get) < size {
            let rows = self.reader().rows_after(last, 4096)?;
            let wanted = rows.iter().take_while(|row| row.position.get() <= size);
            leaves.extend(wanted.flat_map(|row| *row.leaf.as_bytes()));
            match rows.last() {
                Some(row) => last = Some(row.position),
                None => break,
            }
        }
        Ok(leaves)
    }
}

/// Returns the trees that the log's changes of keys and its recoveries name as its own.
fn named(reader: &dyn EventReader) -> Result<Vec<Held>, EngineError> {
    let mut named = Vec::new();
    for sort in [NoteSort::Rotation, NoteSort::Recovery] {
        for note in reader.notes(sort)? {
            let note = note.text.parse().map_err(|error| refused(sort.as_str(), &error))?;
            let at = match sort {
                NoteSort::Recovery => Recovery::of_note(&note).map(|recovery| recovery.new),
                _ => Rotation::of_note(&note).map(|rotation| rotation.at),
            };
            let at = at.map_err(|error| refused(sort.as_str(), &error))?;
            named.push(Held { size: at.size, root: at.root, leaves: Vec::new() });
        }
    }
    Ok(named)
}

pub(super) fn held(signed: &SignedCheckpoint, leaves: Vec<Digest>) -> Held {
    Held { size: signed.checkpoint.size, root: signed.checkpoint.root, leaves }
}

/// Reads leaves and believes them only where they are those of the checkpoint.
fn leaves_of(bytes: &[u8], of: &SignedCheckpoint) -> Result<Vec<Digest>, EngineError> {
    let (leaves, rest) = bytes.as_chunks::<32>();
    let leaves: Vec<Digest> = leaves.iter().map(|leaf| Digest::from_bytes(*leaf)).collect();
    let mut range = CompactRange::new();
    for leaf in &leaves {
        range.push(*leaf);
    }
    let fits =
        rest.is_empty() && (range.size(), range.root()) == (of.checkpoint.size, of.checkpoint.root);
    if fits {
        return Ok(leaves);
    }
    let what = format!("the leaves of the checkpoint of {} events", of.checkpoint.size);
    let says = "they are not its leaves: hold those that were written with it".to_owned();
    Err(EngineError::Evidence { what, says })
}

fn check_signatures(
    signed: &SignedCheckpoint,
    chains: Option<&[KeyChain]>,
    witnesses: &[PublicKey],
) -> Result<(), EngineError> {
    let what = || format!("the checkpoint of {} events", signed.checkpoint.size);
    if let Some(chains) = chains {
        let chain = chains.iter().find(|chain| chain.origin() == signed.checkpoint.origin);
        let Some(chain) = chain else {
            let says = format!("nothing is trusted of {}", signed.checkpoint.origin);
            return Err(EngineError::Evidence { what: what(), says });
        };
        chain.verify(signed).map_err(|error| refused(what(), &error))?;
    }
    for witness in witnesses {
        let seen = signed.cosigned_by(witness).map_err(|error| refused(what(), &error))?;
        if seen.is_none() {
            let says = format!("{} did not sign it", witness.name());
            return Err(EngineError::Evidence { what: what(), says });
        }
    }
    Ok(())
}
