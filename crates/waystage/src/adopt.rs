//! Adopting packs and tables into the log, and reading back what was adopted, so that the log alone
//! is enough to derive everything again.

use std::fs;
use std::path::Path;

use waystage_core::determination::{LogEntry, PackAdopted, TablesAdopted};
use waystage_core::id::Actor;
use waystage_core::journey::{Record, Recorded};
use waystage_core::programme::{self, Adopted, Adoptions, Skip};
use waystage_core::view::View;
use waystage_programmes::{
    Checked, Files, PackErrors, Tables, Warning, check, read_pack, read_tables,
};
use waystage_store::{Append, NewEvent, StoreError, ToStream, read_log, sha256};

use crate::engine::Engine;
use crate::error::EngineError;

const RETRIES: usize = 3;

/// Packs and tables as texts, each with the name of its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoption {
    /// Packs.
    pub packs: Vec<(String, String)>,
    /// Tables files.
    pub tables: Vec<(String, String)>,
}

impl Adoption {
    /// Returns the packs and tables that come with the engine.
    pub fn bundled() -> Self {
        let owned = |files: &[(&str, &str)]| {
            files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        Self {
            packs: owned(waystage_programmes::bundled_packs()),
            tables: owned(waystage_programmes::bundled_tables()),
        }
    }

    /// Takes in a file, as tables where it holds tables and as a pack otherwise.
    pub fn take(&mut self, file: String, text: String) {
        let has_tables = |text: &str| {
            text.lines()
                .map(str::trim_start)
                .any(|line| line.starts_with("[[rate_table") || line.starts_with("[[calendar"))
        };
        if read_tables(&file, &text).is_ok() || has_tables(&text) {
            self.tables.push((file, text));
        } else {
            self.packs.push((file, text));
        }
    }

    /// Reads the `.toml` files of one folder, packs and tables alike.
    pub fn read_together(folder: &Path) -> Result<Self, EngineError> {
        let mut adoption = Self::default();
        for (file, text) in texts(folder)? {
            adoption.take(file, text);
        }
        Ok(adoption)
    }

    /// Reads the `.toml` files of a folder of packs and of a folder of tables. A folder that is not
    /// given holds none.
    pub fn read(packs: Option<&Path>, tables: Option<&Path>) -> Result<Self, EngineError> {
        let texts = |folder: Option<&Path>| folder.map_or(Ok(Vec::new()), texts);
        Ok(Self { packs: texts(packs)?, tables: texts(tables)? })
    }
}

fn texts(folder: &Path) -> Result<Vec<(String, String)>, EngineError> {
    let unreadable = |path: &Path, error: std::io::Error| EngineError::Unreadable {
        path: path.display().to_string(),
        says: error.to_string(),
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            files.push((name.unwrap_or_default(), text));
        }
    }
    files.sort();
    Ok(files)
}

impl Engine {
    /// Reads and checks packs and tables together with what is in force. Nothing is stored.
    pub fn check(&self, adoption: &Adoption) -> Result<Checked, EngineError> {
        let standing = self.adoptions()?.in_force(&everything());
        let files = Files { packs: &adoption.packs, tables: &adoption.tables };
        let checked = check(&files, &standing);
        if checked.errors.is_empty() {
            Ok(checked)
        } else {
            Err(EngineError::Packs(checked.errors))
        }
    }

    /// Adopts packs and tables into the log. What is in force already is not adopted again. Returns
    /// how many were adopted, and what is worth a second look.
    pub fn adopt(&self, adoption: &Adoption) -> Result<(u64, Vec<Warning>), EngineError> {
        let checked = self.check(adoption)?;
        for _ in 0..RETRIES {
            match self.adopt_once(adoption) {
                Err(EngineError::Store(StoreError::Conflict { .. })) => {}
                answer => {
                    let adopted = answer?;
                    tracing::info!(adopted, "waystage.adopt");
                    self.in_step();
                    return Ok((adopted, checked.warnings));
                }
            }
        }
        let participant = waystage_core::id::ParticipantId::LOG;
        Err(EngineError::Contended { participant })
    }

    fn adopt_once(&self, adoption: &Adoption) -> Result<u64, EngineError> {
        let log = read_log(&*self.store)?;
        let events = self.to_adopt(adoption, &log.events)?;
        let adopted = events.len() as u64;
        if events.is_empty() {
            return Ok(0);
        }
        let streams = vec![ToStream { head: log.head(), events }];
        self.store.append(Append { now: self.now(), streams })?;
        Ok(adopted)
    }

    /// Returns what adopting these would add to a log's own stream.
    pub(crate) fn to_adopt(
        &self,
        adoption: &Adoption,
        log: &[Recorded],
    ) -> Result<Vec<NewEvent>, EngineError> {
        let in_force = adoptions(log)?.digests(&everything());
        let stands = |names: &[String], digest: &String| {
            !names.is_empty() && names.iter().all(|name| in_force.get(name) == Some(digest))
        };
        let refused = |errors: PackErrors| EngineError::Packs(errors.into_iter().collect());
        let mut entries = Vec::new();
        for (file, text) in &adoption.tables {
            let digest = sha256(text.as_bytes()).to_string();
            let tables = read_tables(file, text).map_err(refused)?;
            let rates = tables.rates.iter().map(|table| format!("rates {}", table.id));
            let calendars = tables.calendars.iter().map(|each| format!("calendar {}", each.id));
            let lists = tables.geographies.iter().map(|each| format!("geography {}", each.id));
            if !stands(&rates.chain(calendars).chain(lists).collect::<Vec<_>>(), &digest) {
                let text = text.clone();
                entries.push(LogEntry::TablesAdopted(TablesAdopted { digest, text }));
            }
        }
        for (file, text) in &adoption.packs {
            let digest = sha256(text.as_bytes()).to_string();
            let id = read_pack(file, text).map_err(refused)?.id;
            if !stands(&[format!("pack {id}")], &digest) {
                let text = text.clone();
                entries.push(LogEntry::PackAdopted(PackAdopted { id, digest, text }));
            }
        }
        Ok(entries.into_iter().map(|entry| self.log_event(entry)).collect())
    }

    pub(crate) fn log_event(&self, entry: LogEntry) -> NewEvent {
        NewEvent {
            id: self.new_id(),
            on: self.now().date(),
            reported_at: None,
            actor: Actor::from("system:engine"),
            sourced: None,
            correlation: None,
            causation: None,
            record: Record::Log(entry),
        }
    }
}

fn everything() -> View {
    View::new(chrono::NaiveDate::MAX, waystage_core::time::Timestamp::MAX)
}

/// Reads what a log's own stream has adopted.
pub(crate) fn adoptions(log: &[Recorded]) -> Result<Adoptions, EngineError> {
    let (mut adoptions, mut skips) = (Vec::new(), Vec::new());
    for recorded in log {
        let decided = |participant, event| Skip {
            decided: recorded.position,
            recorded_at: recorded.recorded_at,
            participant,
            event,
        };
        let unreadable = |what: String, says: String| EngineError::AdoptedUnreadable {
            what,
            position: recorded.position.get(),
            says,
        };
        let (digest, adopted) = match &recorded.record {
            Record::Log(LogEntry::PackAdopted(pack)) => {
                let programme = read_pack(pack.id.as_str(), &pack.text).map_err(|errors| {
                    unreadable(format!("the pack {}", pack.id), errors.to_string())
                })?;
                (&pack.digest, Adopted::Programme(programme))
            }
            Record::Log(LogEntry::TablesAdopted(tables)) => {
                let read = read_tables("tables", &tables.text)
                    .map_err(|errors| unreadable("tables".to_owned(), errors.to_string()))?;
                let Tables { rates, calendars, geographies } = read;
                (&tables.digest, Adopted::Tables { rates, calendars, geographies })
            }
            Record::Log(LogEntry::EventSkipped(skipped)) => {
                skips.push(decided(skipped.participant, Some(skipped.position)));
                continue;
            }
            Record::Log(LogEntry::ParticipantRetried(retried)) => {
                skips.push(decided(retried.participant, None));
                continue;
            }
            Record::Log(
                LogEntry::DeterminationsMade(_)
                | LogEntry::LossDeclared(_)
                | LogEntry::LogRecovered(_)
                | LogEntry::FigurePublished(_)
                | LogEntry::AccessRecorded(_),
            )
            | Record::Fact(_)
            | Record::Determination(_) => continue,
        };
        adoptions.push(programme::Adoption {
            position: recorded.position,
            recorded_at: recorded.recorded_at,
            digest: digest.clone(),
            adopted,
        });
    }
    Ok(Adoptions::new(adoptions).skipping(skips))
}
