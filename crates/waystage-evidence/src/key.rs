//! Keys of logs and witnesses: a name, a kind and Ed25519, written as signed notes have them.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::digest::sha256_of;
use crate::text::{base64, hex, is_name, of_base64, of_hex};

const SECRET: &str = "PRIVATE+KEY+";

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// Texts, as the log itself: checkpoints, certificates, changes of the key.
    Log,
    /// Checkpoints of others, each with the second at which it saw them.
    Witness,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }

    const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Log),
            0x04 => Some(Self::Witness),
            _ => None,
        }
    }
}

/// Why something is no key. No message shows any part of a secret one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the parts of a key.
    #[error("a key is written {0}: copy the whole of it")]
    Shape(&'static str),
    /// Not a name.
    #[error(
        "the name of a key is not empty and has no spaces, control characters or `+`: rename it"
    )]
    Name,
    /// The id belongs to another key.
    #[error("the id of the key is not the one of its name and bytes: copy the key again")]
    Id,
    /// The last part holds no key.
    #[error(
        "the last part of the key is not base64 of its kind (log or witness) and 32 bytes: copy the key again"
    )]
    Bytes,
    /// The bytes are no point of the curve that can be trusted.
    #[error("the bytes of the key are no safe Ed25519 key: ask its owner for another")]
    Unsafe,
}

/// Returns the id that signature lines carry.
fn id(name: &str, kind: KeyKind, public: &[u8; 32]) -> [u8; 4] {
    let hash = sha256_of(&[name.as_bytes(), b"\n", &[kind.byte()], public]);
    let [first, second, third, fourth, ..] = *hash.as_bytes();
    [first, second, third, fourth]
}

/// Takes `name+id+base64` apart. Only the last part may hold a `+`.
fn parts(
    text: &str,
    shape: &'static str,
) -> Result<(String, [u8; 4], KeyKind, [u8; 32]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::Shape(shape));
    };
    if !is_name(name) {
        return Err(KeyError::Name);
    }
    let id = of_hex(id).ok_or(KeyError::Shape(shape))?;
    let bytes: [u8; 33] =
        of_base64(rest).and_then(|bytes| bytes.try_into().ok()).ok_or(KeyError::Bytes)?;
    let [kind, key @ ..] = bytes;
    let kind = KeyKind::of_byte(kind).ok_or(KeyError::Bytes)?;
    Ok((name.to_owned(), id, kind, key))
}

/// The key by which others check what a log or a witness signed. It reads and prints as
/// `name+id+base64`.
///
/// ```
/// use waystage_evidence::{KeyKind, PublicKey, SecretKey};
///
/// let secret = SecretKey::of_seed("example.org/log", KeyKind::Log, [7; 32])?;
/// let public: PublicKey = secret.public().to_string().parse()?;
/// assert_eq!(public.name(), "example.org/log");
/// # Ok::<(), waystage_evidence::KeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    key: VerifyingKey,
}

impl PublicKey {
    /// Returns the key that the same 32 bytes are under another name: name and id differ, and
    /// neither key's signature is the other's.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let id = id(name, self.kind, self.key.as_bytes());
        Ok(Self { name: name.to_owned(), id, ..self.clone() })
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Returns the four bytes that signature lines begin with.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Returns the 32 bytes of Ed25519.
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Tells whether this is the key's signature over the message.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, told, kind, bytes) = parts(text, "name+id+base64")?;
        if told != id(&name, kind, &bytes) {
            return Err(KeyError::Id);
        }
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Unsafe)?;
        if key.is_weak() {
            return Err(KeyError::Unsafe);
        }
        Ok(Self { name, kind, id: told, key })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.kind.byte()], self.bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id), base64(&bytes))
    }
}

/// The key with which a log or a witness signs; its memory is wiped when it is dropped.
///
/// It prints as the text that is kept in a key file, **the secret included**. `Debug` shows the
/// public part alone.
#[derive(Clone)]
pub struct SecretKey {
    public: PublicKey,
    key: SigningKey,
}

impl SecretKey {
    /// Returns the key of these 32 random bytes, which are the secret. Refuses what is no name.
    pub fn of_seed(name: &str, kind: KeyKind, seed: [u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let key = SigningKey::from_bytes(&seed);
        let public = key.verifying_key();
        let id = id(name, kind, public.as_bytes());
        Ok(Self { public: PublicKey { name: name.to_owned(), kind, id, key: public }, key })
    }

    /// Returns the key that the same secret is under another name, for another log of one owner.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        Self::of_seed(name, self.public.kind, self.key.to_bytes())
    }

    /// Returns the key that others check with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let shape = "PRIVATE+KEY+name+id+base64";
        let rest = text.strip_prefix(SECRET).ok_or(KeyError::Shape(shape))?;
        let (name, told, kind, seed) = parts(rest, shape)?;
        let key = Self::of_seed(&name, kind, seed)?;
        if told == key.public.id { Ok(key) } else { Err(KeyError::Id) }
    }
}

impl fmt::Display for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.public.kind.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{SECRET}{}+{}+{}", self.public.name, hex(&self.public.id), base64(&bytes))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("public", &self.public).finish_non_exhaustive()
    }
}
