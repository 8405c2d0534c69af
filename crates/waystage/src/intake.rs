//! Taking a journey extract: adopt its packs and tables, judge its rows, record the accepted ones.

use std::path::PathBuf;

use waystage_core::id::Source;
use waystage_core::programme::Programmes;
use waystage_exchange::{Counted, Extract, Import, Imported, Known, import, judge};
use waystage_programmes::Warning;

use crate::adopt::Adoption;
use crate::clock::since;
use crate::engine::Engine;
use crate::error::EngineError;

/// How an extract is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPlan {
    /// The folder of CSV files.
    pub folder: PathBuf,
    /// The system that it comes from; it scopes every reference.
    pub source: Source,
    /// Packs and tables to adopt before.
    pub adoption: Adoption,
    /// Participants in one atomic unit.
    pub batch: usize,
    /// Says everything and stores nothing.
    pub dry_run: bool,
    /// Stores nothing where a row is rejected.
    pub strict: bool,
}

/// What came of an extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// What came of the rows.
    pub counted: Counted,
    /// What was recorded; nothing in a dry run, or where `strict` met a rejected row.
    pub imported: Imported,
    /// Packs and tables that were adopted.
    pub adopted: u64,
    /// What about the packs is worth a second look.
    pub warnings: Vec<Warning>,
}

impl Engine {
    /// Takes a journey extract. `watch` is told, after each atomic unit, how many events are
    /// recorded and how many there will be.
    ///
    /// Taking the same extract again records nothing; taking it again after it was cut off ends in
    /// the same store.
    pub fn import(
        &self,
        plan: &ImportPlan,
        watch: &dyn Fn(u64, u64),
    ) -> Result<ImportReport, EngineError> {
        let span = tracing::info_span!(
            "waystage.import",
            accepted = tracing::field::Empty,
            duplicates = tracing::field::Empty,
            rejected = tracing::field::Empty,
            dry_run = plan.dry_run
        );
        let _entered = span.enter();
        let begun = self.now();
        let extract = Extract::read_folder(&plan.folder)?;
        let checked = self.check(&plan.adoption)?;
        let (mut adopted, warnings) = (0, checked.warnings);
        let judged = self.judge(&extract, plan, &checked.programmes)?;
        let mut report = ImportReport {
            counted: judged.counted.clone(),
            imported: Imported::default(),
            adopted,
            warnings,
        };
        let all = report.counted.all();
        span.record("accepted", all.accepted);
        span.record("duplicates", all.duplicates);
        span.record("rejected", all.rejected);
        let refused = plan.strict && !report.counted.rejects.is_empty();
        if plan.dry_run || refused {
            return Ok(report);
        }
        (adopted, _) = self.adopt(&plan.adoption)?;
        report.adopted = adopted;
        let how = Import { batch: plan.batch, now: &|| self.now(), watch };
        let imported = import(&*self.store, judged, &how);
        // also where it stopped half-way: what it recorded until then is recorded
        self.in_step();
        report.imported = imported?;
        self.meter.count("waystage.import.events", report.imported.recorded);
        self.meter.count("waystage.import.rejected", all.rejected);
        self.meter.took("waystage.import", since(begun, self.now()));
        Ok(report)
    }

    pub(crate) fn judge(
        &self,
        extract: &Extract,
        plan: &ImportPlan,
        programmes: &Programmes,
    ) -> Result<waystage_exchange::Intake, EngineError> {
        let known = Known::of(self.reader(), &plan.source)?;
        Ok(judge(extract, &plan.source, &known, programmes, self.new_id())?)
    }
}
