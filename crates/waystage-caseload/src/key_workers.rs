//! How much each key worker carries: open participations by stage, those who look for work and
//! those in work apart, because both are on the caseload. Nobody's are counted too.

use std::collections::BTreeMap;

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::Stage;
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Table, Tabular, measure, text};

use crate::caseload::{is_held, is_open};

/// Open participations of a key worker at a stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyWorkersKey {
    /// The key worker of the day; none where none was assigned.
    pub key_worker: Option<String>,
    /// Where the participation stands.
    pub stage: Stage,
    /// Whether a job is held on the last day of the view, by what was reported.
    pub in_work: bool,
}

/// Open participations per key worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyWorkers;

impl Projection for KeyWorkers {
    type Key = KeyWorkersKey;

    fn name(&self) -> &'static str {
        "key_workers"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<KeyWorkersKey> {
        let as_of = replayed.lens.view.as_of;
        let in_work = replayed.journey.jobs.iter().any(|job| is_held(job, as_of));
        let open = replayed.journey.participations.iter().filter(|each| is_open(each.stage));
        Contributions::of(open.map(|participation| {
            let key_worker = participation.key_worker.clone();
            (KeyWorkersKey { key_worker, stage: participation.stage, in_work }, 1)
        }))
    }
}

/// What a key worker carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyWorkerRow {
    /// The key worker; none where none was assigned.
    pub key_worker: Option<String>,
    /// Open participations by stage: those without a job, and those with one.
    pub stages: BTreeMap<Stage, (i64, i64)>,
}

impl KeyWorkerRow {
    /// Returns the participations without a job: those who look for work.
    pub fn job_search(&self) -> i64 {
        self.stages.values().map(|(search, _)| search).sum()
    }

    /// Returns the participations with a job.
    pub fn in_work(&self) -> i64 {
        self.stages.values().map(|(_, work)| work).sum()
    }

    /// Returns all open participations.
    pub fn all(&self) -> i64 {
        self.job_search() + self.in_work()
    }
}

impl KeyWorkers {
    /// Returns the rows of the summed model, without a key worker first.
    pub fn rows(model: &Contributions<KeyWorkersKey>) -> Vec<KeyWorkerRow> {
        let mut rows: BTreeMap<Option<&str>, KeyWorkerRow> = BTreeMap::new();
        for (key, amount) in model.iter() {
            let row = rows.entry(key.key_worker.as_deref()).or_default();
            row.key_worker.clone_from(&key.key_worker);
            let (search, work) = row.stages.entry(key.stage).or_default();
            *if key.in_work { work } else { search } += amount;
        }
        rows.into_values().collect()
    }
}

impl Tabular for KeyWorkers {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new("key_workers", "Open participations of a key worker at a stage.")
            .column(text(
                "key_worker",
                "The key worker of the day; nothing where none was assigned.",
            ))
            .column(text("stage", "Where the participation stands."))
            .measure(measure("job_search", "Open participations of people without a job."))
            .measure(measure(
                "in_work",
                "Open participations of people who hold a job on the last day of the view.",
            ));
        vec![table]
    }

    fn cell(&self, key: KeyWorkersKey) -> Cell {
        let row = vec![key.key_worker.into(), key.stage.as_str().into()];
        Cell::of(0, row, usize::from(key.in_work))
    }
}
