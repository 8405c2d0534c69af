//! Changes of a log's key, and the chain of keys that follows from them: whoever trusts the first
//! key knows which to trust at every size.

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::key::{KeyKind, PublicKey, SecretKey};
use crate::note::{NoteError, SignedNote};
use crate::recovery::Recovery;

const BEGINS: &str = "waystage/rotation/v1\n";

/// Why a note changes no key, or a checkpoint is not one of the chain's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// Not the lines of such a note.
    #[error("the text is not a {0} note's: take the whole note, byte for byte")]
    Shape(&'static str),
    /// The old key is not the one that is trusted now.
    #[error("the note gives up a key that is not the last trusted one: take the notes in order")]
    OldKey,
    /// The new key is no other, not a log's, or has another name than it has to.
    #[error("the note's new key is not another key of the log {origin}: make one with that name")]
    NewKey {
        /// The origin, which the key has to have for its name.
        origin: String,
    },
    /// The note is of another log.
    #[error("the note is of {found} and the trusted key of {origin}: take that log's notes")]
    Origin {
        /// The trusted log.
        origin: String,
        /// What the note names.
        found: String,
    },
    /// The note goes back in the log.
    #[error(
        "the key was changed at size {before} already, and {size} lies before: notes are in order"
    )]
    Backwards {
        /// The size of the note before.
        before: u64,
        /// The size of this one.
        size: u64,
    },
    /// Two roots at one size.
    #[error("two roots at size {size} are signed: the log was forked, keep both as proof")]
    Fork {
        /// The size.
        size: u64,
    },
    /// A checkpoint of an epoch at a size before it began.
    #[error(
        "size {size} lies before the epoch of this key, which begins at {first}: take a checkpoint of the epoch"
    )]
    BeforeEpoch {
        /// The checkpoint's size.
        size: u64,
        /// The smallest size of the epoch.
        first: u64,
    },
    /// A signature or a key that does not fit.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<NoteError> for ChainError {
    fn from(error: NoteError) -> Self {
        Self::Checkpoint(error.into())
    }
}

/// What a log's owner says when the key changes: the old key is good up to here, the new one after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The log, and size and root up to which the old key is good.
    pub at: Checkpoint,
    /// The key that is given up.
    pub old: PublicKey,
    /// The key for all larger sizes.
    pub new: PublicKey,
}

impl Rotation {
    /// Returns the text that both keys sign.
    pub fn text(&self) -> String {
        format!("{BEGINS}{}{}\n{}\n", self.at.text(), self.old, self.new)
    }

    /// Reads such a text; nothing may stand behind it.
    pub fn parse_text(text: &str) -> Result<Self, ChainError> {
        let read = || {
            let lines = text.strip_prefix(BEGINS)?.strip_suffix('\n')?;
            let (lines, new) = lines.rsplit_once('\n')?;
            let (at, old) = lines.rsplit_once('\n')?;
            let at = Checkpoint::parse_text(&format!("{at}\n")).ok()?;
            Some(Self { at, old: old.parse().ok()?, new: new.parse().ok()? })
        };
        read().ok_or(ChainError::Shape("rotation"))
    }

    /// Reads what a note says, whoever signed it. [`KeyChain::rotated`] asks who did.
    pub fn of_note(note: &SignedNote) -> Result<Self, ChainError> {
        Self::parse_text(note.text())
    }

    /// Signs it with the old key and the new one, which have to be the ones it names.
    pub fn sign(&self, old: &SecretKey, new: &SecretKey) -> Result<SignedNote, ChainError> {
        self.check_keys()?;
        if *old.public() != self.old {
            return Err(ChainError::OldKey);
        }
        if *new.public() != self.new {
            return Err(ChainError::NewKey { origin: self.at.origin.clone() });
        }
        Ok(SignedNote::sign(&self.text(), &[old, new])?)
    }

    fn check_keys(&self) -> Result<(), ChainError> {
        let is_the_logs =
            |key: &PublicKey| key.kind() == KeyKind::Log && key.name() == self.at.origin;
        match (is_the_logs(&self.old), is_the_logs(&self.new)) {
            (false, _) => Err(ChainError::OldKey),
            (true, true) if self.old != self.new => Ok(()),
            _ => Err(ChainError::NewKey { origin: self.at.origin.clone() }),
        }
    }
}

/// A key that was given up, and the last tree for which it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GivenUp {
    key: PublicKey,
    at: Checkpoint,
}

/// Where an epoch begins: the index of its first leaf, and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Epoch {
    first: u64,
    origin: String,
}

/// Which key of a log is trusted at which size. It begins with one key that somebody handed over,
/// and follows the notes by which the log changed it.
///
/// ```
/// use waystage_evidence::{Checkpoint, KeyChain, KeyKind, Rotation, SecretKey, empty_root};
///
/// let old = SecretKey::of_seed("example.org/log", KeyKind::Log, [7; 32])?;
/// let new = SecretKey::of_seed("example.org/log", KeyKind::Log, [8; 32])?;
/// let at = Checkpoint { origin: "example.org/log".to_owned(), size: 0, root: empty_root() };
/// let rotation = Rotation { at, old: old.public().clone(), new: new.public().clone() };
///
/// let chain = KeyChain::trusting(old.public().clone()).rotated(&rotation.sign(&old, &new)?)?;
/// assert_eq!(chain.key_for(0), old.public());
/// assert_eq!(chain.key_for(1), new.public());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChain {
    given_up: Vec<GivenUp>,
    key: PublicKey,
    /// The first tree of the epoch, where it is not the first epoch.
    since: Option<Checkpoint>,
    epochs: Vec<Epoch>,
}

impl KeyChain {
    /// Trusts this key of a log, for every size.
    pub fn trusting(key: PublicKey) -> Self {
        let epochs = vec![Epoch { first: 0, origin: key.name().to_owned() }];
        Self { given_up: Vec::new(), key, since: None, epochs }
    }

    /// Returns the chain after this change of the key. The note has to be signed by both keys, to
    /// give up the last trusted one, and not to lie before the change before it.
    pub fn rotated(&self, note: &SignedNote) -> Result<Self, ChainError> {
        let rotation = Rotation::of_note(note)?;
        self.check_origin(&rotation.at.origin)?;
        rotation.check_keys()?;
        if rotation.old != self.key {
            return Err(ChainError::OldKey);
        }
        note.verify(&rotation.old)?;
        note.verify(&rotation.new)?;
        self.check_point(&rotation.at)?;
        let size = rotation.at.size;
        match self.given_up.last() {
            Some(last) if last.at.size > size => {
                return Err(ChainError::Backwards { before: last.at.size, size });
            }
            _ => (),
        }
        let mut chain = self.clone();
        chain.given_up.push(GivenUp { key: rotation.old, at: rotation.at });
        chain.key = rotation.new;
        Ok(chain)
    }

    /// Returns the chain of the epoch that a recovery began. It trusts the new epoch's key, and
    /// remembers under which origin each leaf was recorded. This chain goes on to stand for
    /// checkpoints of the old epoch.
    pub fn recovered(&self, note: &SignedNote) -> Result<Self, ChainError> {
        let Recovery { new, key, .. } = Recovery::verified(note, self)?;
        // the declaration is the last leaf of that tree, and the first of the epoch
        let first = new.size.saturating_sub(1);
        let mut epochs = self.epochs.clone();
        epochs.retain(|epoch| epoch.first < first);
        epochs.push(Epoch { first, origin: new.origin.clone() });
        Ok(Self { given_up: Vec::new(), key, since: Some(new), epochs })
    }

    /// Returns the log's identity in this epoch.
    pub fn origin(&self) -> &str {
        self.key.name()
    }

    /// Returns the key that is trusted now.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Returns the key that is trusted for checkpoints of this size.
    pub fn key_for(&self, size: u64) -> &PublicKey {
        let given_up = self.given_up.iter().find(|given_up| size <= given_up.at.size);
        given_up.map_or(&self.key, |given_up| &given_up.key)
    }

    /// Returns the origin that the frame of the leaf of this index has to name.
    pub fn origin_at(&self, index: u64) -> &str {
        let epoch = self.epochs.iter().rev().find(|epoch| epoch.first <= index);
        epoch.map_or(self.origin(), |epoch| &epoch.origin)
    }

    /// Checks that a checkpoint is signed by the key that is trusted at its size, lies in this
    /// epoch, and has the root that a change of keys says where there was one at its size.
    pub fn verify(&self, signed: &SignedCheckpoint) -> Result<(), ChainError> {
        self.check_origin(&signed.checkpoint.origin)?;
        signed.verify(self.key_for(signed.checkpoint.size))?;
        self.check_point(&signed.checkpoint)
    }

    /// Checks that a note about the log at this size, such as a certificate, is signed by the key
    /// that is trusted at that size or by a later one.
    pub fn verify_note(&self, note: &SignedNote, size: u64) -> Result<(), ChainError> {
        let later = self.given_up.iter().filter(|given_up| size <= given_up.at.size);
        let mut is_signed = false;
        for key in later.map(|given_up| &given_up.key).chain([&self.key]) {
            match note.verify(key) {
                Err(NoteError::NotSigned { .. }) => (),
                verified => {
                    verified?;
                    is_signed = true;
                }
            }
        }
        let name = self.origin().to_owned();
        if is_signed { Ok(()) } else { Err(NoteError::NotSigned { name }.into()) }
    }

    /// Checks a size and root against all that the chain knows.
    pub(crate) fn check_point(&self, point: &Checkpoint) -> Result<(), ChainError> {
        let size = point.size;
        let known = self.given_up.iter().map(|given_up| &given_up.at).chain(&self.since);
        if known.clone().any(|at| at.size == size && at.root != point.root) {
            return Err(ChainError::Fork { size });
        }
        match &self.since {
            Some(since) if size < since.size => {
                Err(ChainError::BeforeEpoch { size, first: since.size })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn check_origin(&self, found: &str) -> Result<(), ChainError> {
        let (origin, found) = (self.origin().to_owned(), found.to_owned());
        if origin == found { Ok(()) } else { Err(ChainError::Origin { origin, found }) }
    }
}
