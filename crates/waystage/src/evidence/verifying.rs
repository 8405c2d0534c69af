//! Verifying a log against everything that is held of it: its own notes, an anchor, checkpoints and
//! leaves that somebody kept.

use waystage_core::id::Position;
use waystage_evidence::{CompactRange, PublicKey, SignedCheckpoint};
use waystage_store::{Digest, Held, NoteSort, examine_streams};

use crate::engine::Engine;
use crate::error::EngineError;

use super::epochs::{Epochs, Place};
use super::refused;
use super::trusted::{Trusted, roots};

/// A checkpoint that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCheckpoint {
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// The leaves behind it, 32 bytes each, where they are held too: with them the first event that
    /// was changed is known exactly.
    pub leaves: Option<Vec<u8>>,
    /// Witnesses whose lines have to stand under it.
    pub witnesses: Vec<PublicKey>,
}

impl HeldCheckpoint {
    /// Returns a checkpoint that is held alone.
    pub const fn of(checkpoint: SignedCheckpoint) -> Self {
        Self { checkpoint, leaves: None, witnesses: Vec::new() }
    }
}

/// What somebody who verifies a log trusts and holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// The log's key as it was handed over, perhaps long ago; without it no signature is checked.
    /// What an earlier key signed cannot be checked by it, and is counted.
    pub key: Option<PublicKey>,
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
    /// How many of them an earlier key signed than the one that is trusted.
    pub unchecked: u64,
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
        let epochs = Epochs::read(reader)?;
        let trusted = trust.key.as_ref().map(|key| Trusted::from(reader, key)).transpose()?;
        let mut comparing = Comparing { compared: Vec::new(), lost: Vec::new(), unchecked: 0 };
        for each in &trust.held {
            let leaves = each.leaves.as_deref();
            let leaves = leaves.map_or(Ok(Vec::new()), |bytes| leaves_of(bytes, &each.checkpoint));
            let leaves = leaves?;
            comparing.check(&each.checkpoint, trusted.as_ref(), &each.witnesses)?;
            match epochs.place(reader, &each.checkpoint.checkpoint)? {
                Place::Within => comparing.compared.push(held(&each.checkpoint, leaves)),
                Place::Lost(declared) => {
                    let end = epochs.end_of(&each.checkpoint.checkpoint.origin).unwrap_or(0);
                    comparing.compared.extend(beginning(&leaves, end));
                    comparing.lost.push(declared);
                }
            }
        }
        for note in reader.notes(NoteSort::Checkpoint)? {
            let own: SignedCheckpoint = note
                .text
                .parse()
                .map_err(|error| refused(NoteSort::Checkpoint.as_str(), &error))?;
            comparing.check(&own, trusted.as_ref(), &[])?;
            if matches!(epochs.place(reader, &own.checkpoint)?, Place::Within) {
                comparing.compared.push(held(&own, Vec::new()));
            }
        }
        let within = |origin: &str, size| epochs.end_of(origin).is_none_or(|end| size <= end);
        let rotations = roots(reader)?.into_iter();
        let rotations = rotations.filter(|(origin, held)| within(origin, held.size));
        let bound: Vec<Held> = rotations.map(|(_, held)| held).chain(epochs.roots()).collect();
        let Comparing { mut compared, lost, unchecked } = comparing;
        let (newest, count) = (compared.iter().map(|held| held.size).max(), compared.len() as u64);
        compared.extend(bound);
        let verified = examine_streams(reader, &compared, watch)?;
        Ok(Verification {
            size: verified.size,
            root: verified.root,
            checkpoint: newest,
            compared: count,
            signatures: trusted.is_some(),
            unchecked,
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

/// Returns what leaves say of the beginning of a log that is still there.
fn beginning(leaves: &[Digest], end: u64) -> Option<Held> {
    let there = leaves.get(..usize::try_from(end).ok()?)?;
    let mut range = CompactRange::new();
    for leaf in there {
        range.push(*leaf);
    }
    let leaves = there.to_vec();
    (!leaves.is_empty()).then(|| Held { size: range.size(), root: range.root(), leaves })
}

/// What a log is compared with.
struct Comparing {
    compared: Vec<Held>,
    lost: Vec<DeclaredLoss>,
    unchecked: u64,
}

impl Comparing {
    fn check(
        &mut self,
        signed: &SignedCheckpoint,
        trusted: Option<&Trusted>,
        witnesses: &[PublicKey],
    ) -> Result<(), EngineError> {
        if let Some(trusted) = trusted
            && !trusted.check(signed)?
        {
            self.unchecked += 1;
        }
        let what = || format!("the checkpoint of {} events", signed.checkpoint.size);
        for witness in witnesses {
            let seen = signed.cosigned_by(witness).map_err(|error| refused(what(), &error))?;
            if seen.is_none() {
                let says = format!("{} did not sign it", witness.name());
                return Err(EngineError::Evidence { what: what(), says });
            }
        }
        Ok(())
    }
}
