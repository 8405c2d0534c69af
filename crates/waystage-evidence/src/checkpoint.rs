//! Checkpoints (C2SP tlog-checkpoint): a log's size and root, signed by its key, and by witnesses
//! with the second at which they saw it.

use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;
use crate::key::{KeyKind, PublicKey, SecretKey};
use crate::note::{NoteError, NoteSignature, SignedNote};
use crate::text::{base64_of_digest, digest_of_base64, is_name, number};

/// Why a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not the three lines of a checkpoint.
    #[error(
        "the text is not a checkpoint's: a line for the origin, the size, and the root in base64"
    )]
    Shape,
    /// The key belongs to another log.
    #[error("the checkpoint is of {origin}, and the key is of {name}: take the key of that log")]
    Origin {
        /// The log that the checkpoint names.
        origin: String,
        /// The key's name.
        name: String,
    },
    /// The note holds another text.
    #[error("the checkpoint's note holds another text: read both from one place")]
    Text,
    /// The note is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// What a log says of itself: its identity, how many events it has and the root over their leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, which is the name of its key too.
    pub origin: String,
    /// The number of its events.
    pub size: u64,
    /// The root over their leaves.
    pub root: Digest,
}

impl Checkpoint {
    /// Returns the text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64_of_digest(&self.root))
    }

    /// Reads such a text; nothing may stand behind it.
    pub fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let read = || {
            let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
            let &[origin, size, root] = lines.as_slice() else { return None };
            let (size, root) = (number(size)?, digest_of_base64(root)?);
            is_name(origin).then(|| Self { origin: origin.to_owned(), size, root })
        };
        read().ok_or(CheckpointError::Shape)
    }

    /// Signs it with keys of this log.
    pub fn sign(&self, keys: &[&SecretKey]) -> Result<SignedNote, CheckpointError> {
        for key in keys {
            self.check_key(key.public())?;
        }
        Ok(SignedNote::sign(&self.text(), keys)?)
    }

    /// Reads the checkpoint that a note holds, whoever signed it.
    pub fn of_note(note: &SignedNote) -> Result<Self, CheckpointError> {
        Self::parse_text(note.text())
    }

    fn check_key(&self, key: &PublicKey) -> Result<(), CheckpointError> {
        if key.kind() == KeyKind::Log && key.name() == self.origin {
            return Ok(());
        }
        let (origin, name) = (self.origin.clone(), key.name().to_owned());
        Err(CheckpointError::Origin { origin, name })
    }
}

/// A checkpoint with the note that it was read from. Reading one says nothing of whether the
/// signatures fit: ask with [`SignedCheckpoint::verify`].
///
/// ```
/// use waystage_evidence::{Checkpoint, KeyKind, SecretKey, SignedCheckpoint, empty_root};
///
/// let key = SecretKey::of_seed("example.org/log", KeyKind::Log, [7; 32])?;
/// let witness = SecretKey::of_seed("auditor.example/w1", KeyKind::Witness, [8; 32])?;
/// let origin = "example.org/log".to_owned();
/// let note = Checkpoint { origin, size: 0, root: empty_root() }.sign(&[&key])?;
///
/// let signed: SignedCheckpoint = note.to_string().parse()?;
/// signed.verify(key.public())?;
/// let seen = signed.cosign(&witness, 1_767_229_260)?;
/// assert_eq!(seen.cosigned_by(witness.public())?, Some(1_767_229_260));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// The note, all its signature lines included.
    pub note: SignedNote,
}

impl SignedCheckpoint {
    /// Reads the checkpoint of a note, whoever signed it.
    pub fn of_note(note: SignedNote) -> Result<Self, CheckpointError> {
        Ok(Self { checkpoint: Checkpoint::of_note(&note)?, note })
    }

    /// Checks that this key, which has to be the named log's, signed the checkpoint.
    pub fn verify(&self, key: &PublicKey) -> Result<(), CheckpointError> {
        self.checkpoint.check_key(key)?;
        self.check_text()?;
        Ok(self.note.verify(key)?)
    }

    /// Returns the checkpoint with the line of a witness that sees it now, in seconds since 1970.
    /// The witness has to have checked it before: its line says that it did.
    pub fn cosign(&self, witness: &SecretKey, seconds: u64) -> Result<Self, CheckpointError> {
        let line = self.cosignature(witness, seconds)?;
        Ok(Self { checkpoint: self.checkpoint.clone(), note: self.note.clone().with(line)? })
    }

    /// Returns that line alone.
    pub fn cosignature(
        &self,
        witness: &SecretKey,
        seconds: u64,
    ) -> Result<NoteSignature, CheckpointError> {
        self.check_text()?;
        Ok(self.note.cosignature(witness, seconds)?)
    }

    /// Returns the second since 1970 at which this witness saw the checkpoint first, or nothing
    /// where it did not sign. Refused where a line of it does not fit.
    pub fn cosigned_by(&self, witness: &PublicKey) -> Result<Option<u64>, CheckpointError> {
        self.check_text()?;
        Ok(self.note.witnessed_at(witness)?)
    }

    /// Both fields are open, so they might come from two places.
    fn check_text(&self) -> Result<(), CheckpointError> {
        let same = self.note.text() == self.checkpoint.text();
        if same { Ok(()) } else { Err(CheckpointError::Text) }
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;

    fn from_str(note: &str) -> Result<Self, CheckpointError> {
        Self::of_note(note.parse()?)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}
