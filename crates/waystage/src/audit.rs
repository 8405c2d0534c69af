//! Audits: everything that was determined and claimed, derived again and compared with the record.

use std::path::Path;

use waystage_core::view::View;
use waystage_exchange::read_payments;
use waystage_replay::Progress;
use waystage_replay::audit::{Audit, Audited, Payment};

use crate::clock::since;
use crate::engine::Engine;
use crate::error::EngineError;

/// Reads a file of payments, to compare an audited log with: [`Audited::against`]. It is CSV with
/// the columns `claim`, `participation`, `rule` and `amount_pence`, in any order.
///
/// # Errors
///
/// [`EngineError::Payments`] where it is anything else.
pub fn payments(path: &Path) -> Result<Vec<Payment>, EngineError> {
    let rows = read_payments(path)?.into_iter();
    let payments = rows.map(|row| Payment {
        line: row.line,
        claim: row.claim,
        participation: row.participation,
        rule: row.rule.into(),
        pence: row.amount_pence,
    });
    Ok(payments.collect())
}

impl Engine {
    /// Audits the log in a view: every determine run is read again as known when it was made, and
    /// everything as known in the view. `watch` is told how far it is. Nothing is recorded.
    pub(crate) fn audit(
        &self,
        view: View,
        watch: &(dyn Fn(Progress) + Sync),
    ) -> Result<Audited, EngineError> {
        let span = tracing::info_span!(
            "waystage.audit",
            participants = tracing::field::Empty,
            findings = tracing::field::Empty
        );
        let _entered = span.enter();
        let begun = self.now();
        let audit = Audit::new(self.reader(), view, self.adoptions()?);
        let audited = audit.watched(watch).audited()?;
        span.record("participants", audited.checked.participants);
        span.record("findings", audited.findings.len() as u64);
        self.meter.took("waystage.audit", since(begun, self.now()));
        Ok(audited)
    }
}
