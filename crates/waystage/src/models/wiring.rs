//! How an application wires the read models that it wants kept: which, how closely they follow the
//! log, and as of which day.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use waystage_core::table::Model;
use waystage_core::view::Basis;

/// How closely kept models follow the log. One definition serves all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// They are up to date before a call that records returns. What a crash leaves behind is
    /// caught up when the models are wired again.
    InStep,
    /// A thread of their own follows the log; whoever must see a write waits for its receipt.
    Following,
    /// They are brought up to date when they are read.
    OnDemand,
}

/// The day as of which kept models stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// Today, by the engine's clock and UTC: they move on with it, and never back.
    Today,
    /// This day, until they are moved to another.
    On(NaiveDate),
    /// The day at which they stand; today where nothing is kept yet.
    Kept,
}

/// Read models that are to be kept.
///
/// ```
/// use waystage::{Pace, ReadModels};
/// use waystage_cohorts::{Dimension, Funnel};
/// # fn main() -> Result<(), waystage::EngineError> {
/// let models = ReadModels::new()
///     .with(Funnel { by: vec![Dimension::Programme, Dimension::Month] })
///     .pace(Pace::InStep);
/// let engine = waystage::Engine::in_memory("example.org/kept").keep(models)?;
/// let referrals = engine.models()?.read(|at| at.rows("funnel"))?;
/// assert!(referrals.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "models are kept once an engine is told to keep them"]
pub struct ReadModels {
    pub(crate) models: Vec<Arc<dyn Model>>,
    pub(crate) pace: Pace,
    pub(crate) as_of: AsOf,
    pub(crate) basis: Option<Basis>,
    pub(crate) file: PathBuf,
    pub(crate) anew: bool,
    pub(crate) leaves_missing: bool,
    pub(crate) threads: usize,
}

impl Default for ReadModels {
    fn default() -> Self {
        Self::new()
    }
}

impl ReadModels {
    /// Returns no models; they follow in step, as of today, on the basis on which they are kept or
    /// else `recorded`, in `journeys.views.db` beside the log.
    pub fn new() -> Self {
        Self {
            models: Vec::new(),
            pace: Pace::InStep,
            as_of: AsOf::Today,
            basis: None,
            file: PathBuf::from("journeys.views.db"),
            anew: false,
            leaves_missing: false,
            threads: 0,
        }
    }

    /// Adds a model. Any [`Tabular`](waystage_core::table::Tabular) projection is one.
    pub fn with(mut self, model: impl Model + 'static) -> Self {
        self.models.push(Arc::new(model));
        self
    }

    /// Adds models that are chosen at run time.
    pub fn with_all(mut self, models: impl IntoIterator<Item = Arc<dyn Model>>) -> Self {
        self.models.extend(models);
        self
    }

    /// Sets how closely they follow the log.
    pub const fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Sets the day as of which they stand.
    pub const fn as_of(mut self, as_of: AsOf) -> Self {
        self.as_of = as_of;
        self
    }

    /// Sets what "known" means to them. What is kept on another basis takes it over when it is
    /// rebuilt.
    pub const fn basis(mut self, basis: Basis) -> Self {
        self.basis = Some(basis);
        self
    }

    /// Sets on how many threads they are built; on as many as the machine has cores where this is
    /// never called.
    pub const fn threads(mut self, count: usize) -> Self {
        self.threads = count;
        self
    }

    /// Sets the file in the store's folder that they are kept in. Models in different files stand
    /// each where they stand; those of one file reconcile.
    ///
    /// A file is for one wiring: models of it that are not wired are left behind when the others
    /// move on, and do not answer any more until they are rebuilt. The `waystage` program keeps its
    /// own in a file of its own.
    pub fn file(mut self, name: impl Into<PathBuf>) -> Self {
        self.file = name.into();
        self
    }

    /// Leaves models that were never kept to a rebuild; otherwise they are built at once.
    pub const fn leaving_missing(mut self) -> Self {
        self.leaves_missing = true;
        self
    }

    /// Makes the file anew, whatever is there: it holds nothing that the log does not give again.
    pub const fn anew(mut self) -> Self {
        self.anew = true;
        self
    }
}
