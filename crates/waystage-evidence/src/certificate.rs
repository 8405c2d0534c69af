//! Certificates: what a published figure was computed from, signed by the log's key, so that
//! anybody with the log can compute it again.

use std::collections::BTreeMap;
use std::fmt;

use crate::digest::{Digest, sha256};
use crate::key::{KeyKind, SecretKey};
use crate::note::{NoteError, SignedNote};
use crate::rotation::{ChainError, KeyChain};
use crate::text::{
    base64_of_digest, digest_of_base64, digest_of_hex, is_day, is_instant, is_name, is_word, number,
};

const BEGINS: &str = "waystage/certificate/v1";

/// What the name of a text begins with, by what adopted it.
const PACK_SORTS: [&str; 4] = ["pack-", "rates-", "calendar-", "geography-"];

/// Why something is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A member that does not fit.
    #[error(
        "the certificate's line `{0}` does not fit or stands elsewhere: take the whole note again"
    )]
    Shape(&'static str),
    /// The digest over the packs is not the one of the packs.
    #[error(
        "the certificate's `packs` is not the digest of its pack lines: one of them was changed"
    )]
    Packs,
    /// The key belongs to another log.
    #[error("the certificate is of {origin}, and the key is of {name}: take the key of that log")]
    Origin {
        /// The log that the certificate names.
        origin: String,
        /// The key's name.
        name: String,
    },
    /// The note is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The signature is not one of the trusted keys.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Which facts count as known by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertifiedBasis {
    /// Those that the store had recorded.
    Recorded,
    /// Those that their source knew.
    Reported,
}

impl fmt::Display for CertifiedBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recorded => "recorded",
            Self::Reported => "reported",
        })
    }
}

/// What a published figure was computed from, and what came out.
///
/// ```
/// use waystage_evidence::{
///     Certificate, CertifiedBasis, KeyChain, KeyKind, SecretKey, empty_root, sha256,
/// };
///
/// let key = SecretKey::of_seed("example.org/log", KeyKind::Log, [7; 32])?;
/// let certificate = Certificate {
///     origin: "example.org/log".to_owned(),
///     size: 0,
///     root: empty_root(),
///     as_of: "2026-03-31".to_owned(),
///     known_at: "2026-04-30T23:59:59.999999Z".to_owned(),
///     basis: CertifiedBasis::Recorded,
///     packs: [("pack-wwp".to_owned(), sha256(b"the pack's text"))].into(),
///     model: "funnel".to_owned(),
///     version: 1,
///     fingerprint: sha256(b"the model's definition"),
///     scenario: None,
///     participants: 0,
///     parked: 0,
///     erased: 0,
///     rows: 0,
///     result: sha256(b""),
/// };
/// let note = certificate.sign(&[&key])?;
/// let read = Certificate::verified(&note, &KeyChain::trusting(key.public().clone()))?;
///
/// let later = Certificate { size: 9, ..read.clone() };
/// assert_eq!(read.differences(&later), ["size"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The log's identity.
    pub origin: String,
    /// The number of events that were read.
    pub size: u64,
    /// The root over their leaves.
    pub root: Digest,
    /// The day as of which the figure stands, `YYYY-MM-DD`.
    pub as_of: String,
    /// The instant up to which things were known, UTC, `YYYY-MM-DDThh:mm:ss.ffffffZ`.
    pub known_at: String,
    /// What "known" means.
    pub basis: CertifiedBasis,
    /// The adopted texts that counted, by name (`pack-…`, `rates-…`, `calendar-…` or
    /// `geography-…`), with the SHA-256 of each.
    pub packs: BTreeMap<String, Digest>,
    /// The name of the read model.
    pub model: String,
    /// Its version.
    pub version: u64,
    /// What its definition does, as a digest.
    pub fingerprint: Digest,
    /// The SHA-256 that stands for all that the scenario says, where there is one.
    pub scenario: Option<Digest>,
    /// How many participants were read.
    pub participants: u64,
    /// How many of them are missing because they cannot be read.
    pub parked: u64,
    /// How many were erased.
    pub erased: u64,
    /// The number of lines of the result file.
    pub rows: u64,
    /// The SHA-256 of the result file.
    pub result: Digest,
}

impl Certificate {
    /// Returns all members as they are written, in order.
    fn members(&self) -> Vec<(String, String)> {
        let mut members: Vec<(String, String)> = Vec::new();
        let mut say = |name: &str, value: String| members.push((name.to_owned(), value));
        say("origin", self.origin.clone());
        say("size", self.size.to_string());
        say("root", base64_of_digest(&self.root));
        say("as_of", self.as_of.clone());
        say("known_at", self.known_at.clone());
        say("basis", self.basis.to_string());
        say("packs", self.packs_digest().to_string());
        for (name, digest) in &self.packs {
            say(&format!("pack {name}"), digest.to_string());
        }
        say("model", self.model.clone());
        say("version", self.version.to_string());
        say("fingerprint", self.fingerprint.to_string());
        say("scenario", self.scenario.map_or("none".to_owned(), |digest| digest.to_string()));
        say("participants", self.participants.to_string());
        say("parked", self.parked.to_string());
        say("erased", self.erased.to_string());
        say("rows", self.rows.to_string());
        say("result", self.result.to_string());
        members
    }

    /// Returns the digest over the lines of all packs.
    pub fn packs_digest(&self) -> Digest {
        let lines = self.packs.iter().map(|(name, digest)| format!("pack {name} {digest}\n"));
        sha256(lines.collect::<Vec<_>>().concat().as_bytes())
    }

    /// Returns the text that is signed.
    pub fn text(&self) -> String {
        let lines = self.members().into_iter().map(|(name, value)| format!("{name} {value}\n"));
        std::iter::once(format!("{BEGINS}\n")).chain(lines).collect()
    }

    /// Reads such a text; nothing may stand behind it.
    pub fn parse_text(text: &str) -> Result<Self, CertificateError> {
        let mut lines = Lines(text);
        lines.next(BEGINS, empty)?;
        let origin = lines.next("origin ", text_that(is_name))?;
        let size = lines.next("size ", number)?;
        let root = lines.next("root ", digest_of_base64)?;
        let as_of = lines.next("as_of ", text_that(is_day))?;
        let known_at = lines.next("known_at ", text_that(is_instant))?;
        let basis = lines.next("basis ", basis)?;
        let packs_digest = lines.next("packs ", digest_of_hex)?;
        let certificate = Self {
            origin,
            size,
            root,
            as_of,
            known_at,
            basis,
            packs: lines.packs()?,
            model: lines.next("model ", text_that(is_word))?,
            version: lines.next("version ", number)?,
            fingerprint: lines.next("fingerprint ", digest_of_hex)?,
            scenario: match lines.next("scenario none", empty) {
                Ok(()) => None,
                Err(_) => Some(lines.next("scenario ", digest_of_hex)?),
            },
            participants: lines.next("participants ", number)?,
            parked: lines.next("parked ", number)?,
            erased: lines.next("erased ", number)?,
            rows: lines.next("rows ", number)?,
            result: lines.next("result ", digest_of_hex)?,
        };
        match (lines.0, certificate.packs_digest() == packs_digest) {
            ("", true) => Ok(certificate),
            ("", false) => Err(CertificateError::Packs),
            _ => Err(CertificateError::Shape("result")),
        }
    }

    /// Signs it with keys of the log, after checking that it can be read again.
    pub fn sign(&self, keys: &[&SecretKey]) -> Result<SignedNote, CertificateError> {
        let text = self.text();
        Self::parse_text(&text)?;
        for key in keys.iter().map(|key| key.public()) {
            if key.kind() != KeyKind::Log || key.name() != self.origin {
                let (origin, name) = (self.origin.clone(), key.name().to_owned());
                return Err(CertificateError::Origin { origin, name });
            }
        }
        Ok(SignedNote::sign(&text, keys)?)
    }

    /// Reads the certificate that a note holds, whoever signed it.
    pub fn of_note(note: &SignedNote) -> Result<Self, CertificateError> {
        Self::parse_text(note.text())
    }

    /// Reads the certificate of a note that is signed by the key that the log had at its size, or
    /// by a later one.
    pub fn verified(note: &SignedNote, keys: &KeyChain) -> Result<Self, CertificateError> {
        let certificate = Self::of_note(note)?;
        keys.check_origin(&certificate.origin)?;
        keys.verify_note(note, certificate.size)?;
        Ok(certificate)
    }

    /// Returns the names of the members that differ, in order, a pack as `pack` and its name
    /// (whether it is another text or only in one of them; those that only the other has stand
    /// last). Empty where both say the same.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (ours, theirs) = (self.members(), other.members());
        let by_name: BTreeMap<_, _> = theirs.iter().map(|(name, value)| (name, value)).collect();
        let own: BTreeMap<_, _> = ours.iter().map(|(name, value)| (name, value)).collect();
        let differ = ours.iter().filter(|(name, value)| by_name.get(name) != Some(&value));
        let added = theirs.iter().filter(|(name, _)| !own.contains_key(name));
        // the digest over the packs says no more than the packs do
        let names = differ.chain(added).map(|(name, _)| name.clone());
        names.filter(|name| name != "packs").collect()
    }
}

fn text_that(fits: fn(&str) -> bool) -> impl Fn(&str) -> Option<String> {
    move |text| fits(text).then(|| text.to_owned())
}

fn basis(text: &str) -> Option<CertifiedBasis> {
    let all = [CertifiedBasis::Recorded, CertifiedBasis::Reported];
    all.into_iter().find(|basis| basis.to_string() == text)
}

fn empty(text: &str) -> Option<()> {
    text.is_empty().then_some(())
}

fn is_pack_name(text: &str) -> bool {
    let id = PACK_SORTS.iter().find_map(|sort| text.strip_prefix(sort));
    id.is_some_and(is_word)
}

/// The lines that are still to be read.
struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn next<T>(
        &mut self,
        begins: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, CertificateError> {
        let line = self.0.strip_prefix(begins).and_then(|rest| rest.split_once('\n'));
        let value = line.and_then(|(value, rest)| Some((read(value)?, rest)));
        let (value, rest) = value.ok_or(CertificateError::Shape(begins.trim_end()))?;
        self.0 = rest;
        Ok(value)
    }

    /// Reads the packs, which are in order and each there once.
    fn packs(&mut self) -> Result<BTreeMap<String, Digest>, CertificateError> {
        let mut packs = BTreeMap::new();
        while self.0.starts_with("pack ") {
            let (name, digest) = self.next("pack ", |line| {
                let (name, digest) = line.split_once(' ')?;
                Some((text_that(is_pack_name)(name)?, digest_of_hex(digest)?))
            })?;
            if packs.last_key_value().is_some_and(|(last, _)| *last >= name) {
                return Err(CertificateError::Shape("pack"));
            }
            packs.insert(name, digest);
        }
        Ok(packs)
    }
}
