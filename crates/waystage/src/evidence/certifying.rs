//! Certificates: what a published figure was computed from, signed, so that anybody who has the log
//! can compute it again and see which input is another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::determination::{FigurePublished, LogEntry};
use waystage_core::id::{Actor, Position};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::scenario::Scenario;
use waystage_core::table::{Cell, Model};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, Through, View};
use waystage_evidence::{
    Certificate, CertifiedBasis, PublicKey, SecretKey, SignedNote, empty_root, root_at,
};
use waystage_exchange::result_file;
use waystage_replay::fingerprint;
use waystage_store::{
    Append, Digest, Held, KeptTree, NewEvent, Receipt, StoreError, ToStream, examine_streams,
    log_head, origin_at, sha256,
};

use crate::corpus;
use crate::engine::Engine;
use crate::error::EngineError;

use super::trusted::Trusted;
use super::{Anchor, refused};

const RETRIES: usize = 5;

/// A certificate and the result that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// The certificate.
    pub certificate: Certificate,
    /// The certificate, signed.
    pub note: SignedNote,
    /// The result file: its SHA-256 is in the certificate.
    pub result: Vec<u8>,
}

/// A member of a certificate that is another when it is computed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The member, as the certificate names it.
    pub member: String,
    /// What the certificate says; none where it has no such member.
    pub certified: Option<String>,
    /// What is found now; none where there is no such member now.
    pub found: Option<String>,
}

/// A model whose cells are its keys, and how many participants it looked at.
struct Cells<'a> {
    model: &'a dyn Model,
    looked_at: AtomicU64,
}

impl Projection for Cells<'_> {
    type Key = Cell;

    fn name(&self) -> &'static str {
        self.model.name()
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Cell> {
        let contributions = self.model.contribute(replayed);
        // whoever a model cannot be asked of is parked, and counted there
        self.looked_at.fetch_add(1, Ordering::Relaxed);
        contributions
    }
}

impl Engine {
    /// Signs what a model gives in a view, after the log was signed as it stands. The same log,
    /// view, packs and model give the same bytes anywhere.
    ///
    /// # Errors
    ///
    /// As [`Engine::checkpoint`], and where the log is empty or cannot be replayed.
    pub(crate) fn certify(
        &self,
        model: &dyn Model,
        view: View,
        key: &SecretKey,
        anchor: &Anchor,
    ) -> Result<Certified, EngineError> {
        let view = self.signed_view(view, key, anchor)?;
        let (certificate, result) = self.certificate(model, &self.lens(view)?, None)?;
        let note = certificate.sign(&[key]).map_err(|error| refused("the certificate", &error))?;
        Ok(Certified { certificate, note, result })
    }

    /// As [`Engine::certify`], under a scenario: the certificate says which, by the SHA-256 of its
    /// whole content, so that nobody takes the figure for one of what was recorded.
    pub(crate) fn certify_under(
        &self,
        model: &dyn Model,
        view: View,
        scenario: &Scenario,
        key: &SecretKey,
        anchor: &Anchor,
    ) -> Result<Certified, EngineError> {
        let view = self.signed_view(view, key, anchor)?;
        let lens = self.lens(view)?.scenario(scenario.clone());
        let (certificate, result) = self.certificate(model, &lens, Some(digest_of(scenario)))?;
        let note = certificate.sign(&[key]).map_err(|error| refused("the certificate", &error))?;
        Ok(Certified { certificate, note, result })
    }

    /// As [`Engine::check_certificate`], of a figure under a scenario.
    ///
    /// # Errors
    ///
    /// As [`Engine::check_certificate`].
    pub fn check_certificate_under(
        &self,
        note: &SignedNote,
        trusted: Option<&PublicKey>,
        model: &dyn Model,
        scenario: &Scenario,
    ) -> Result<Vec<Disagreement>, EngineError> {
        self.disagreements(note, trusted, model, Some(scenario))
    }

    /// Signs the log, reads all of it again, and returns the view up to what was signed at most:
    /// what is certified rests on nothing else.
    pub(crate) fn signed_view(
        &self,
        view: View,
        key: &SecretKey,
        anchor: &Anchor,
    ) -> Result<View, EngineError> {
        let signed = self.checkpoint(key, anchor, &|_| {})?.checkpoint;
        let whole = Held { size: signed.size, root: signed.root, leaves: Vec::new() };
        let _ = examine_streams(self.reader(), &[whole], &|_| {})?;
        match (view.through, Position::new(signed.size)) {
            (Through::Head, Some(last)) => Ok(view.through(last)),
            (Through::Position(asked), Some(last)) if asked <= last => Ok(view),
            (Through::Position(asked), _) => Err(EngineError::BeyondEnd { asked }),
            (Through::Head, None) => Err(of_an_empty_log()),
        }
    }

    /// Returns the certificate of a model through a lens, unsigned, and its result file. `scenario`
    /// is the SHA-256 of the scenario that the lens reads with, where it does.
    ///
    /// # Errors
    ///
    /// Where the log cannot be replayed.
    pub fn certificate(
        &self,
        model: &dyn Model,
        lens: &Lens,
        scenario: Option<Digest>,
    ) -> Result<(Certificate, Vec<u8>), EngineError> {
        let reader = self.reader();
        let through = match lens.view.through {
            Through::Position(position) => Some(position),
            Through::Head => reader.last_position()?,
        };
        let view = through.map_or(lens.view, |through| lens.view.through(through));
        let lens = lens.at(view);
        let size = through.map_or(0, Position::get);
        if let Some(asked) =
            through.filter(|asked| reader.last_position().ok().flatten() < Some(*asked))
        {
            return Err(EngineError::BeyondEnd { asked });
        }
        let epochs = reader.epochs()?;
        let origin = through.and_then(|last| origin_at(&epochs, last)).unwrap_or(reader.origin());
        let root = if size == 0 { empty_root() } else { root_at(&KeptTree(reader), size)? };
        let cells = Cells { model, looked_at: AtomicU64::new(0) };
        let sum = self.replay(&lens).sum(&cells)?;
        let result = result_file(&model.tables(), &sum.model);
        let parked = sum.parked.len() as u64;
        let is_written = |day: NaiveDate| (1..=9999).contains(&day.year());
        if !is_written(view.as_of) || !is_written(view.known_at.date()) {
            return Err(EngineError::Endless);
        }
        let certificate = Certificate {
            origin: origin.to_owned(),
            size,
            root,
            as_of: view.as_of.to_string(),
            known_at: instant(view.known_at),
            basis: match view.basis {
                Basis::Recorded => CertifiedBasis::Recorded,
                Basis::Reported => CertifiedBasis::Reported,
            },
            packs: packs(&lens)?,
            model: model.name().to_owned(),
            version: u64::from(model.version()),
            fingerprint: fingerprint(model, &corpus::golden()?),
            scenario,
            participants: cells.looked_at.into_inner() + parked,
            parked,
            erased: 0,
            rows: sum.model.len() as u64,
            result: sha256(&result),
        };
        Ok((certificate, result))
    }

    /// Computes again what a certificate speaks of, at its own view, and returns the members that
    /// are others now; none where all of it agrees. With a trusted key the signature is checked
    /// first.
    ///
    /// # Errors
    ///
    /// [`EngineError::Evidence`] where the note is no certificate, or the key did not sign it.
    pub fn check_certificate(
        &self,
        note: &SignedNote,
        trusted: Option<&PublicKey>,
        model: &dyn Model,
    ) -> Result<Vec<Disagreement>, EngineError> {
        self.disagreements(note, trusted, model, None)
    }

    fn disagreements(
        &self,
        note: &SignedNote,
        trusted: Option<&PublicKey>,
        model: &dyn Model,
        scenario: Option<&Scenario>,
    ) -> Result<Vec<Disagreement>, EngineError> {
        let certificate = self.certified(note, trusted)?;
        let lens = self.lens(certified_view(&certificate)?)?;
        let lens = match scenario {
            Some(scenario) => lens.scenario(scenario.clone()),
            None => lens,
        };
        let (found, _) = self.certificate(model, &lens, scenario.map(digest_of))?;
        let (certified_lines, found_lines) = (members(&certificate), members(&found));
        let differ = certificate.differences(&found).into_iter().map(|member| Disagreement {
            certified: certified_lines.get(&member).cloned(),
            found: found_lines.get(&member).cloned(),
            member,
        });
        Ok(differ.collect())
    }

    fn certified(
        &self,
        note: &SignedNote,
        trusted: Option<&PublicKey>,
    ) -> Result<Certificate, EngineError> {
        let what = "the certificate";
        let certificate = Certificate::of_note(note).map_err(|error| refused(what, &error))?;
        let Some(key) = trusted else { return Ok(certificate) };
        let trusted = Trusted::from(self.reader(), key)?;
        let Some(chain) = trusted.chain(&certificate.origin) else {
            let says = format!("nothing is trusted of {}", certificate.origin);
            return Err(EngineError::Evidence { what: what.to_owned(), says });
        };
        Certificate::verified(note, chain).map_err(|error| refused(what, &error))
    }

    /// Records that a figure was published with this certificate: from then on the engine can say
    /// what has changed since.
    ///
    /// # Errors
    ///
    /// [`EngineError::Evidence`] where the note is no certificate of this log.
    pub fn publish(
        &self,
        name: &str,
        note: &SignedNote,
        by: impl Into<Actor>,
    ) -> Result<Receipt, EngineError> {
        let certificate = self.certified(note, None)?;
        let is_ours = self.reader().epochs()?.iter().any(|each| each.origin == certificate.origin);
        if !is_ours {
            let what = "the certificate".to_owned();
            let says = format!("it is of {}, another log", certificate.origin);
            return Err(EngineError::Evidence { what, says });
        }
        let published = LogEntry::FigurePublished(FigurePublished {
            name: name.to_owned(),
            certificate: note.to_string(),
        });
        self.append_to_log(published, &by.into())
    }

    /// Records an entry in the log's own stream.
    pub(crate) fn append_to_log(
        &self,
        entry: LogEntry,
        by: &Actor,
    ) -> Result<Receipt, EngineError> {
        let event = NewEvent { actor: by.clone(), ..self.log_event(entry) };
        for _ in 0..RETRIES {
            let head = log_head(self.reader())?;
            let streams = vec![ToStream { head, events: vec![event.clone()] }];
            match self.store.append(Append { now: self.now(), streams }) {
                Err(StoreError::Conflict { .. }) => {}
                answer => {
                    let receipts = answer?;
                    self.in_step();
                    let says = "an append answered without a receipt".to_owned();
                    let receipt = receipts.first().copied();
                    return receipt.ok_or_else(|| StoreError::Damaged { says }.into());
                }
            }
        }
        Err(EngineError::Contended { participant: waystage_core::id::ParticipantId::LOG })
    }
}

/// Returns the view that a certificate was computed in.
///
/// # Errors
///
/// [`EngineError::Evidence`] where its day or its instant is none, or it is of an empty log.
pub fn certified_view(certificate: &Certificate) -> Result<View, EngineError> {
    let what = "the certificate";
    let as_of = certificate.as_of.parse().map_err(|error| refused(what, &error))?;
    let known_at: Timestamp =
        certificate.known_at.parse().map_err(|error| refused(what, &error))?;
    let view = View::new(as_of, known_at).basis(match certificate.basis {
        CertifiedBasis::Recorded => Basis::Recorded,
        CertifiedBasis::Reported => Basis::Reported,
    });
    // a view that reads to the end would see all that came after an empty log
    Ok(view.through(Position::new(certificate.size).ok_or_else(of_an_empty_log)?))
}

fn of_an_empty_log() -> EngineError {
    refused("the certificate", &"the log is empty, so there is no figure: record something first")
}

/// Returns the digest by which a certificate names a scenario.
fn digest_of(scenario: &Scenario) -> Digest {
    sha256(scenario.canonical().as_bytes())
}

/// Returns an instant with all six places of its microseconds.
fn instant(at: Timestamp) -> String {
    let instant = DateTime::from_timestamp_micros(at.micros()).unwrap_or_default();
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns the packs and tables that a lens reads with, named as certificates name them.
fn packs(lens: &Lens) -> Result<BTreeMap<String, Digest>, EngineError> {
    let digests = lens.adoptions().digests(&lens.view).into_iter();
    let named = digests.map(|(name, digest)| {
        let bytes = unhex(&digest)
            .ok_or_else(|| refused(&name, &"the digest that the log adopted it with is none"))?;
        Ok((name.replacen(' ', "-", 1), Digest::from_bytes(bytes)))
    });
    named.collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Returns the members of a certificate as they are written, by name; packs as `pack NAME`.
fn members(certificate: &Certificate) -> BTreeMap<String, String> {
    let text = certificate.text();
    let members = text.lines().skip(1).filter_map(|line| {
        let (name, value) = line.split_once(' ')?;
        Some(match name {
            "pack" => {
                let (pack, digest) = value.split_once(' ')?;
                (format!("pack {pack}"), digest.to_owned())
            }
            _ => (name.to_owned(), value.to_owned()),
        })
    });
    members.collect()
}
