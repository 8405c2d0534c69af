//! Looking for a purpose: whoever audits, explains, exports, certifies or asks what would have been
//! says who they are and what for, and that is recorded before they get an answer. The records
//! stand in a log of their own, with the same evidence.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};
use waystage_core::determination::{AccessRecorded, LogEntry};
use waystage_core::id::{Actor, EventId, ParticipantId, Position};
use waystage_core::journey::{Record, Recorded};
use waystage_core::replayed::Replayed;
use waystage_core::scenario::Scenario;
use waystage_core::table::Model;
use waystage_core::time::Timestamp;
use waystage_core::view::{Through, View};
use waystage_evidence::{ProofFile, PublicKey, SecretKey, SignedNote};
use waystage_exchange::log::export_log;
use waystage_replay::audit::Audited;
use waystage_replay::{Explained, Figure, Progress};
use waystage_sqlite::SqliteLog;
use waystage_store::{EventReader, MemoryStore, StoreError, read_log};

use crate::clock::SystemIds;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::evidence::{Anchor, Certified, Disagreement};
use crate::restated::Restatement;

/// The file of the access log within a store's folder.
pub(crate) const ACCESS_FILE: &str = "access.db";

/// Returns the identity of the log of who looked at a log.
pub(crate) fn access_origin(reader: &dyn EventReader) -> Result<String, StoreError> {
    let first = reader.epochs()?.into_iter().next();
    let origin = first.map_or_else(|| reader.origin().to_owned(), |first| first.origin);
    Ok(format!("{origin}/access"))
}

/// The access log of an engine, opened when somebody looks for the first time.
#[derive(Default)]
pub(crate) struct AccessLog {
    opened: Mutex<Option<Arc<Engine>>>,
}

/// Somebody who looks, and what for. What they do through it is recorded, or refused where it
/// cannot be.
///
/// ```
/// use waystage::Engine;
/// let engine = Engine::in_memory("example.org/working-well");
/// let looking = engine.access("user:auditor-3", "the yearly sample");
/// assert!(looking.audit(engine.today(), &|_| {})?.is_clean());
/// let looks = engine.accesses()?;
/// assert_eq!((looks[0].what.as_str(), looks[0].purpose.as_str()), ("audit", "the yearly sample"));
/// # Ok::<(), waystage::EngineError>(())
/// ```
pub struct Access<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) actor: Actor,
    pub(crate) purpose: String,
}

/// One look that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub recorded_at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was done, such as `audit`.
    pub what: String,
    /// What for.
    pub purpose: String,
    /// What it was about; none where it was about everything.
    pub about: Option<String>,
    /// The last position of the log that was read.
    pub through: Option<Position>,
}

impl Engine {
    /// Returns the access of somebody for a purpose: the door to all that leaves a record.
    pub fn access(&self, actor: impl Into<Actor>, purpose: impl Into<String>) -> Access<'_> {
        Access { engine: self, actor: actor.into(), purpose: purpose.into() }
    }

    /// Returns the log of who looked at this one, as an engine of its own: it is signed, verified,
    /// proved from and exported as any log is. It stands in `access.db` beside the log.
    ///
    /// # Errors
    ///
    /// Where that file cannot be opened or made.
    pub fn access_log(&self) -> Result<Arc<Self>, EngineError> {
        let mut opened = self.access.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*opened {
            return Ok(Arc::clone(engine));
        }
        let origin = access_origin(self.reader())?;
        let engine = match self.folder() {
            None => {
                let store = Arc::new(MemoryStore::new(&origin));
                Self::with(store, Box::new(self.clock_of()), Box::<SystemIds>::default())
            }
            Some(folder) => {
                let path = folder.join(ACCESS_FILE);
                let log = if path.exists() {
                    SqliteLog::open(&path)?
                } else {
                    SqliteLog::create(&path, &origin)?
                };
                Self::of_log_at(log, self.clock_of())
            }
        };
        let engine = Arc::new(engine);
        *opened = Some(Arc::clone(&engine));
        Ok(engine)
    }

    /// Returns whether anybody ever looked.
    pub fn has_access_log(&self) -> bool {
        self.folder().is_some_and(|folder| folder.join(ACCESS_FILE).exists())
            || self.access.opened.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Returns who looked, in the order of looking.
    pub fn accesses(&self) -> Result<Vec<Look>, EngineError> {
        if !self.has_access_log() {
            return Ok(Vec::new());
        }
        let log = self.access_log()?;
        let looks = read_log(log.reader())?.events;
        Ok(looks.into_iter().filter_map(look).collect())
    }
}

fn look(recorded: Recorded) -> Option<Look> {
    let Record::Log(LogEntry::AccessRecorded(access)) = recorded.record else { return None };
    Some(Look {
        recorded_at: recorded.recorded_at,
        actor: recorded.actor,
        what: access.what,
        purpose: access.purpose,
        about: access.about,
        through: access.through,
    })
}

/// Returns whether a day has the four digits of a year with which days are written.
fn is_written(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

impl Access<'_> {
    /// Records that somebody looks; nothing is answered where that fails.
    pub(crate) fn record(
        &self,
        what: &str,
        about: Option<String>,
        view: Option<&View>,
    ) -> Result<(), EngineError> {
        let through = match view.map(|view| view.through) {
            Some(Through::Position(position)) => Some(position),
            Some(Through::Head) | None => self.engine.reader().last_position()?,
        };
        let entry = LogEntry::AccessRecorded(AccessRecorded {
            what: what.to_owned(),
            purpose: self.purpose.clone(),
            about,
            // a view without an end says none: such days and instants are not written
            as_of: view.map(|view| view.as_of).filter(|day| is_written(*day)),
            known_at: view.map(|view| view.known_at).filter(|at| is_written(at.date())),
            basis: view.map(|view| view.basis),
            through,
        });
        let _ = self.engine.access_log()?.append_to_log(entry, &self.actor)?;
        Ok(())
    }

    /// Audits the log in a view: every determine run is read again as known when it was made, and
    /// everything as known in the view. `watch` is told how far it is.
    pub fn audit(
        &self,
        view: View,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Audited, EngineError> {
        self.record("audit", None, Some(&view))?;
        self.engine.audit(view, watch)
    }

    /// Explains a figure of a read model in a view: who adds how much to it, what rules read of
    /// them and what each looked at, and the events that give it. At most so many participants are
    /// told in full; the parts and the reasons are always those of everybody. Nothing is kept for
    /// it: it is worked out by replaying, once for the figure and some times more for each
    /// participant.
    ///
    /// # Errors
    ///
    /// [`EngineError::Figure`] where the model has no such figure, and failures of the store.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use waystage::Engine;
    /// use waystage::core::table::Model;
    /// use waystage::replay::Figure;
    /// use waystage_cohorts::Fees;
    ///
    /// let engine = Engine::in_memory("example.org/explained");
    /// let figure = Figure::parse("fees.earned[rule=start]", &Model::tables(&Fees))?;
    /// let looking = engine.access("user:analyst-2", "a question in the meeting");
    /// let explained = looking.explain(&Fees, &figure, engine.today(), usize::MAX)?;
    /// assert_eq!((explained.amount, explained.parts.len()), (0, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(
        &self,
        model: &dyn Model,
        figure: &Figure,
        view: View,
        most: usize,
    ) -> Result<Explained, EngineError> {
        self.record("explain", Some(figure.to_string()), Some(&view))?;
        self.engine.explain_first(model, figure, view, most)
    }

    /// Writes the whole log as lines of JSON (`docs/evidence/FORMAT.md`) and returns how many
    /// events there are.
    pub fn export(&self, out: &mut dyn Write, watch: &dyn Fn(u64)) -> Result<u64, EngineError> {
        self.record("export", Some("log".to_owned()), None)?;
        Ok(export_log(self.engine.reader(), out, watch)?)
    }

    /// Copies the whole log: see [`Engine::backup`](crate::Engine::backup).
    pub fn backup(&self, to: &Path) -> Result<u64, EngineError> {
        self.record("backup", None, None)?;
        self.engine.backup(to)
    }

    /// Writes the log of who looked in the same form. That too is a look, and stands in it.
    pub fn export_accesses(&self, out: &mut dyn Write) -> Result<u64, EngineError> {
        self.record("export", Some("accesses".to_owned()), None)?;
        Ok(export_log(self.engine.access_log()?.reader(), out, &|_| {})?)
    }

    /// Signs what a model gives in a view with the log's key, after the log was signed as it
    /// stands.
    ///
    /// # Errors
    ///
    /// As [`Engine::checkpoint`], and where the log cannot be replayed.
    pub fn certify(
        &self,
        model: &dyn Model,
        view: View,
        key: &SecretKey,
        anchor: &Anchor,
    ) -> Result<Certified, EngineError> {
        self.record("certify", Some(model.name().to_owned()), Some(&view))?;
        self.engine.certify(model, view, key, anchor)
    }

    /// Computes again what a certificate speaks of, under the scenario that it names where it names
    /// one: see [`Engine::check_certificate`].
    ///
    /// # Errors
    ///
    /// As [`Engine::check_certificate`].
    pub fn check_certificate(
        &self,
        note: &SignedNote,
        trusted: Option<&PublicKey>,
        model: &dyn Model,
        scenario: Option<&Scenario>,
    ) -> Result<Vec<Disagreement>, EngineError> {
        self.record("certify --check", Some(model.name().to_owned()), None)?;
        match scenario {
            Some(scenario) => self.engine.check_certificate_under(note, trusted, model, scenario),
            None => self.engine.check_certificate(note, trusted, model),
        }
    }

    /// Replays one participant in a view and hands them to `look`.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read, or the participant cannot be replayed.
    pub fn one<T>(
        &self,
        participant: ParticipantId,
        view: View,
        look: impl FnOnce(&Replayed<'_>) -> T,
    ) -> Result<T, EngineError> {
        self.record("show", Some(participant.to_string()), Some(&view))?;
        let lens = self.engine.lens(view)?;
        Ok(self.engine.replay(&lens).one(participant, look)?)
    }

    /// Returns a proof for each event of a participant that the newest checkpoint covers, in the
    /// order of the stream, with the event's id.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotCovered`] where no checkpoint was signed since the first of them was
    /// recorded.
    pub fn prove(
        &self,
        participant: ParticipantId,
    ) -> Result<Vec<(EventId, ProofFile)>, EngineError> {
        self.record("prove", Some(participant.to_string()), None)?;
        self.engine.prove(participant)
    }

    /// Returns what has changed since each published figure: see [`Restatement`].
    pub fn restated(
        &self,
        models: &[&dyn Model],
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Restatement>, EngineError> {
        self.record("restated", None, None)?;
        self.engine.restated(models, watch)
    }
}
