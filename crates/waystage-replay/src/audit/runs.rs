//! The determine runs of a log, each with the lens that it read through.

use std::collections::BTreeSet;

use waystage_core::determination::{DeterminationsMade, LogEntry};
use waystage_core::id::{EventId, Position};
use waystage_core::journey::{Record, Recorded};
use waystage_core::replayed::Lens;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, Through, View};
use waystage_store::{EventReader, StoreError, read_log};

use super::finding::{AuditFinding, Cited};
use super::kind::AuditKind;
use crate::models::packs_digest;

/// A determine run.
pub(super) struct Run {
    pub(super) id: EventId,
    pub(super) recorded_at: Timestamp,
    /// Through which it read; none where the log was empty.
    pub(super) lens: Option<Lens>,
    /// Where the packs and tables stand that it read with.
    pub(super) adopted: Vec<Position>,
}

/// Every run that a view sees whole, in the order of the log.
pub(super) struct Runs {
    pub(super) whole: Vec<Run>,
    /// When runs were recorded that the view does not see, or not whole.
    pub(super) beyond: BTreeSet<Timestamp>,
    /// What is wrong about a run itself.
    pub(super) findings: Vec<AuditFinding>,
}

impl Runs {
    pub(super) fn read(reader: &dyn EventReader, lens: &Lens) -> Result<Self, StoreError> {
        let cut = cut_off(reader, &lens.view)?;
        let mut runs = Self { whole: Vec::new(), beyond: BTreeSet::new(), findings: Vec::new() };
        for recorded in read_log(reader)?.events {
            let Record::Log(LogEntry::DeterminationsMade(made)) = &recorded.record else {
                continue;
            };
            if sees(&lens.view, &recorded) && Some(recorded.recorded_at) != cut {
                runs.take(&recorded, made, lens);
            } else {
                runs.beyond.insert(recorded.recorded_at);
            }
        }
        Ok(runs)
    }

    fn take(&mut self, recorded: &Recorded, made: &DeterminationsMade, lens: &Lens) {
        let view = |through| View {
            as_of: made.as_of,
            known_at: recorded.recorded_at,
            basis: made.basis,
            through: Through::Position(through),
        };
        let view = made.through.map(view);
        let digest = packs_digest(lens.adoptions(), view.as_ref()).to_string();
        if digest != made.packs_digest {
            let says = format!(
                "the run says that it read with packs and tables of digest {}; those adopted by \
                 then have {digest}",
                made.packs_digest
            );
            let cited = Cited { label: recorded.label(), id: recorded.id };
            let finding = AuditFinding::new(AuditKind::PacksDiffer, says).citing([cited]);
            self.findings.push(finding);
        }
        let nearest = self.whole.iter().rev().find_map(|run| run.lens.as_ref()).unwrap_or(lens);
        let own = view.map(|view| nearest.at(view));
        let adopted = view
            .map(|view| lens.adoptions().known(&view).map(|adoption| adoption.position).collect());
        self.whole.push(Run {
            id: recorded.id,
            recorded_at: recorded.recorded_at,
            lens: own,
            adopted: adopted.unwrap_or_default(),
        });
    }
}

/// Returns whether a view sees a run: as with packs, on the basis `recorded` where it was witnessed
/// by then, and on the basis `reported`, which is about what sources knew, wherever it reaches.
fn sees(view: &View, run: &Recorded) -> bool {
    view.reaches(run.position)
        && match view.basis {
            Basis::Recorded => run.recorded_at <= view.known_at,
            Basis::Reported => true,
        }
}

/// Returns the instant of the append in the midst of which a view ends: a run of it is not there
/// as a whole.
fn cut_off(reader: &dyn EventReader, view: &View) -> Result<Option<Timestamp>, StoreError> {
    let Through::Position(last) = view.through else { return Ok(None) };
    let before = Position::new(last.get() - 1);
    Ok(match reader.rows_after(before, 2)?.as_slice() {
        [one, next] if one.recorded_at == next.recorded_at => Some(one.recorded_at),
        _ => None,
    })
}
