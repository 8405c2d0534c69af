//! Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

use std::fmt;
use std::str::FromStr;

use crate::key::{KeyKind, PublicKey, SecretKey};
use crate::text::{base64, is_name, of_base64};

/// The most bytes of a note that are read.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// The most signature lines of a note that are read.
pub const NOTE_SIGNATURES_MAX: usize = 64;

/// Why a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// Larger than is read.
    #[error("the note has {got} bytes, and at most {NOTE_BYTES_MAX} are read")]
    TooLong {
        /// Its size in bytes.
        got: usize,
    },
    /// More signatures than are read.
    #[error("the note has {got} signatures, and at most {NOTE_SIGNATURES_MAX} are read")]
    TooManySignatures {
        /// How many.
        got: usize,
    },
    /// A control character.
    #[error("line {line} of the note has a control character: copy the note again, byte for byte")]
    Control {
        /// The line, from 1.
        line: usize,
    },
    /// A text that does not end as it has to.
    #[error("the text of a note ends with a line feed, and is not empty")]
    Text,
    /// No signatures.
    #[error(
        "the note has no empty line before signatures that end with a line feed: take all of it"
    )]
    Unsigned,
    /// A line that is no signature.
    #[error("signature {number} of the note is not written `— name base64`: copy the note again")]
    Line {
        /// Which one, from 1.
        number: usize,
    },
    /// The key that is asked about did not sign.
    #[error("the note is not signed by {name} with the key that is trusted: ask for one that is")]
    NotSigned {
        /// The key's name.
        name: String,
    },
    /// The signature of the key that is asked about does not fit the text.
    #[error("the signature of {name} does not fit the text: one of them was changed")]
    BadSignature {
        /// The key's name.
        name: String,
    },
    /// A witness was asked to sign without a time.
    #[error("{name} is a witness, and signs only checkpoints, with a time: let it cosign")]
    Witness {
        /// The key's name.
        name: String,
    },
    /// A log's key was asked to sign as a witness.
    #[error("{name} is no witness: take a witness's key")]
    NoWitness {
        /// The key's name.
        name: String,
    },
}

/// One signature line: who signed, with which key, and the bytes. It prints as the line, without
/// its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// Returns the name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the id of the key.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Returns the signature, after the id.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn is_by(&self, key: &PublicKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    fn of(key: &SecretKey, bytes: Vec<u8>) -> Self {
        let public = key.public();
        Self { name: public.name().to_owned(), id: public.id(), bytes }
    }
}

impl FromStr for NoteSignature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, NoteError> {
        let read = || {
            let (name, rest) = line.strip_prefix("— ")?.split_once(' ')?;
            let bytes = of_base64(rest)?;
            let (id, bytes) = bytes.split_first_chunk::<4>()?;
            let fits = is_name(name) && !bytes.is_empty();
            fits.then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
        };
        read().ok_or(NoteError::Line { number: 1 })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.bytes].concat();
        write!(f, "— {} {}", self.name, base64(&bytes))
    }
}

/// A text and who signed it. Reading one says nothing of whether the signatures fit: ask with
/// [`SignedNote::verify`], for the keys that you trust. It prints as it is read, byte for byte.
///
/// ```
/// use waystage_evidence::{KeyKind, SecretKey, SignedNote};
///
/// let key = SecretKey::of_seed("example.org/log", KeyKind::Log, [7; 32])?;
/// let note = SignedNote::sign("what is said\n", &[&key])?;
/// let read: SignedNote = note.to_string().parse()?;
/// read.verify(key.public())?;
/// assert_eq!(read.text(), "what is said\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Returns what a witness signs of a text.
fn witnessed(seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    if text.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLong { got: text.len() });
    }
    let stray = |line: &str| line.chars().any(|each| each.is_control());
    match text.split('\n').position(stray) {
        Some(index) => Err(NoteError::Control { line: index + 1 }),
        None => Ok(()),
    }
}

impl SignedNote {
    /// Signs a text, which ends with a line feed, with the keys of logs.
    pub fn sign(text: &str, keys: &[&SecretKey]) -> Result<Self, NoteError> {
        check_characters(text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::Text);
        }
        let mut signatures = Vec::new();
        for key in keys {
            if key.public().kind() == KeyKind::Witness {
                return Err(NoteError::Witness { name: key.public().name().to_owned() });
            }
            signatures.push(NoteSignature::of(key, key.sign(text.as_bytes()).to_vec()));
        }
        Self { text: text.to_owned(), signatures }.checked()
    }

    /// Returns the note with another signature line behind the others, whatever it is worth.
    pub fn with(mut self, signature: NoteSignature) -> Result<Self, NoteError> {
        self.signatures.push(signature);
        self.checked()
    }

    /// Returns the line by which a witness says that it saw this text at this time.
    pub(crate) fn cosignature(
        &self,
        witness: &SecretKey,
        seconds: u64,
    ) -> Result<NoteSignature, NoteError> {
        if witness.public().kind() != KeyKind::Witness {
            return Err(NoteError::NoWitness { name: witness.public().name().to_owned() });
        }
        let signature = witness.sign(&witnessed(seconds, &self.text));
        let bytes = [seconds.to_be_bytes().as_slice(), &signature].concat();
        Ok(NoteSignature::of(witness, bytes))
    }

    /// Refuses what could not be read again.
    fn checked(self) -> Result<Self, NoteError> {
        let got = self.to_string().len();
        match self.signatures.len() {
            0 => Err(NoteError::Unsigned),
            got if got > NOTE_SIGNATURES_MAX => Err(NoteError::TooManySignatures { got }),
            _ if got > NOTE_BYTES_MAX => Err(NoteError::TooLong { got }),
            _ => Ok(self),
        }
    }

    /// Returns the text, its last line feed included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the signature lines, in order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks that this key signed the text: it has a line at least, and all its lines fit. Lines
    /// of other keys are ignored. A witness's line is checked with the time that it says.
    pub fn verify(&self, key: &PublicKey) -> Result<(), NoteError> {
        if self.signed(key)?.is_empty() {
            return Err(NoteError::NotSigned { name: key.name().to_owned() });
        }
        Ok(())
    }

    /// Tells whether [`SignedNote::verify`] takes this key.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.verify(key).is_ok()
    }

    /// Returns the second since 1970 at which this witness says that it first saw the text: the
    /// earliest of its lines. Nothing where it has no line; refused where one of them does not fit.
    pub(crate) fn witnessed_at(&self, witness: &PublicKey) -> Result<Option<u64>, NoteError> {
        if witness.kind() != KeyKind::Witness {
            return Err(NoteError::NoWitness { name: witness.name().to_owned() });
        }
        let lines = self.signed(witness)?;
        Ok(lines.into_iter().flatten().min())
    }

    /// Returns a time (of a witness) or nothing (of a log) for each line of this key, all of which
    /// fit.
    fn signed(&self, key: &PublicKey) -> Result<Vec<Option<u64>>, NoteError> {
        let mut lines = Vec::new();
        for line in self.signatures.iter().filter(|line| line.is_by(key)) {
            let (seconds, message, signature) = match (key.kind(), line.bytes.split_first_chunk()) {
                (KeyKind::Witness, Some((seconds, signature))) => {
                    let seconds = u64::from_be_bytes(*seconds);
                    (Some(seconds), witnessed(seconds, &self.text), signature)
                }
                _ => (None, self.text.clone().into_bytes(), line.bytes.as_slice()),
            };
            let signature = signature.try_into().ok();
            if !signature.is_some_and(|signature| key.signed(&message, signature)) {
                return Err(NoteError::BadSignature { name: key.name().to_owned() });
            }
            lines.push(seconds);
        }
        Ok(lines)
    }
}

impl FromStr for SignedNote {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        check_characters(note)?;
        let end = note.rfind("\n\n").ok_or(NoteError::Unsigned)?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        let mut signatures = Vec::new();
        for (index, line) in lines.split('\n').enumerate() {
            let signature = line.parse().map_err(|_| NoteError::Line { number: index + 1 })?;
            signatures.push(signature);
        }
        Self { text: text.to_owned(), signatures }.checked()
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
