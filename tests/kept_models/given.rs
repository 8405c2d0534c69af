//! What the tests of kept models start from: a store with the small extract, and the comparison of
//! what is kept with what the log gives.

use std::path::{Path, PathBuf};

use crate::models::every_model;
use chrono::NaiveDate;
use rusqlite::Connection;
use tempfile::TempDir;
use waystage::core::contribution::{Contributions, Projection};
use waystage::core::id::ParticipantId;
use waystage::core::replayed::Replayed;
use waystage::core::table::{Cell, Table, Tabular, measure, text};
use waystage::{Adoption, AsOf, Engine, ImportPlan, ReadModels};

pub(crate) const VIEWS: &str = "journeys.views.db";

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn small() -> ImportPlan {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small");
    let (packs, tables) = (folder.join("packs"), folder.join("tables"));
    ImportPlan {
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        folder,
        source: "small".into(),
        batch: 7,
        dry_run: false,
        strict: false,
    }
}

/// Every model of the repository, as of a day in the middle of the small extract.
pub(crate) fn every() -> ReadModels {
    ReadModels::new()
        .with_all(every_model().into_iter().map(Into::into))
        .as_of(AsOf::On(day("2021-09-30")))
}

/// A folder with an empty log.
pub(crate) fn empty() -> (TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::create(folder.path(), "example.org/kept").unwrap();
    (folder, engine)
}

/// A folder with the log of the small extract.
pub(crate) fn filled() -> (TempDir, Engine) {
    let (folder, engine) = empty();
    engine.import(&small(), &|_, _| {}).unwrap();
    (folder, engine)
}

/// Asserts that what is kept is what the log gives, and returns how many rows that is.
pub(crate) fn same_as_the_log(engine: &Engine) -> usize {
    let models = engine.models().unwrap();
    let checked = models.verify(&[], &|_| {}).unwrap();
    assert!(checked.is_clean(), "{:#?}", checked.differences);
    let names: Vec<&'static str> = every_model().iter().map(|model| model.name()).collect();
    assert_eq!(checked.models, names, "a model does not answer");
    let tables: Vec<String> =
        every_model().iter().flat_map(|model| model.tables()).map(|table| table.name).collect();
    let count = |table: &String| Ok(models.read(|at| at.rows(table))?.len());
    let counted: Result<Vec<usize>, waystage::EngineError> = tables.iter().map(count).collect();
    counted.unwrap().into_iter().sum()
}

/// Opens the file of the models as any program may.
pub(crate) fn plain(folder: &TempDir) -> Connection {
    Connection::open(folder.path().join(VIEWS)).unwrap()
}

/// Referrals by provider; its version makes another model of it.
pub(crate) struct ByProvider {
    pub(crate) version: u32,
}

impl Projection for ByProvider {
    type Key = String;

    fn name(&self) -> &'static str {
        "by_provider"
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<String> {
        let referred = replayed.journey.participations.iter();
        Contributions::of(referred.map(|each| (each.provider.clone(), 1)))
    }
}

impl Tabular for ByProvider {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("by_provider", "Referrals, by who they were made to.")
                .column(text("provider", "The provider referred to."))
                .measure(measure("referrals", "Participations whose referral is in the view.")),
        ]
    }

    fn cell(&self, provider: String) -> Cell {
        Cell::of(0, vec![provider.into()], 0)
    }
}

/// A model that fails on one participant.
pub(crate) struct FailsOn(pub(crate) ParticipantId);

impl Projection for FailsOn {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "fails_on"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<&'static str> {
        assert_ne!(replayed.journey.participant, self.0, "the planted failure");
        Contributions::of([("read", 1)])
    }
}

impl Tabular for FailsOn {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("fails_on", "Participants that could be read.")
                .column(text("what", "Always the same."))
                .measure(measure("participants", "Participants.")),
        ]
    }

    fn cell(&self, key: &'static str) -> Cell {
        Cell::of(0, vec![key.into()], 0)
    }
}
