//! Earnings statements that were corrected after an outcome, and the outcomes that fell below their
//! threshold by it.

use std::collections::BTreeMap;

use waystage_core::determination::Amounts;
use waystage_core::id::EventId;
use waystage_core::journey::correction::Correction;
use waystage_core::journey::evidence::{Evidence, StatementKind};
use waystage_core::journey::{Fact, Participation, Recorded};
use waystage_core::programme::Family;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Met, Reading, RuleReading};
use waystage_core::scenario::{Scenario, Selector};
use waystage_core::time::Timestamp;
use waystage_core::view::View;

use super::finding::{Cited, cited, source_of};
use super::kind::AuditKind;
use super::now::{Now, reads};

/// What lowers a statement or may do so, and the statement that it is about.
type Lowering<'r> = (&'r Recorded, EventId);

impl<'a> Now<'a> {
    /// Finds outcomes of earnings that read met until a statement was corrected.
    pub(super) fn earnings(&mut self) {
        let corrections = self.corrections();
        if corrections.is_empty() {
            return;
        }
        for of in &self.replayed.journey.participations {
            let Some(programme) = self.replayed.programme(of) else { continue };
            let fallen: Vec<&RuleReading> = self
                .readings(of)
                .filter(|each| !matches!(each.reading, Reading::Met(_)))
                .filter(|each| {
                    programme.rule(&each.rule).is_some_and(|it| it.family == Family::Earnings)
                })
                .collect();
            for reading in fallen {
                self.fell(of, reading, &corrections);
            }
        }
    }

    /// Returns what lowers a statement or may do so, each with the statement that it is about, by
    /// when it was learned.
    fn corrections(&self) -> Vec<Lowering<'a>> {
        let view = self.replayed.lens.view;
        let stream = self.replayed.stream();
        let known = stream.iter().filter(|event| view.knows(event));
        let facts: BTreeMap<EventId, &Fact> =
            known.clone().filter_map(|event| Some((event.id, event.fact()?))).collect();
        let mut corrections: Vec<Lowering<'a>> =
            known.filter_map(|event| Some((event, statement(event, &facts)?))).collect();
        corrections.sort_by_key(|(event, _)| (event.learned_at(view.basis), event.position));
        corrections
    }

    /// Finds the last correction before which a reading was met and after which it is not.
    fn fell(&mut self, of: &Participation, reading: &RuleReading, corrections: &[Lowering<'_>]) {
        let basis = self.replayed.lens.view.basis;
        for (event, _) in corrections.iter().rev() {
            let learned = event.learned_at(basis);
            let before = Timestamp::from_micros(learned.micros().saturating_sub(1));
            let Some(met) = self.met_at(before, reading) else { continue };
            if self.met_at(learned, reading).is_some() {
                continue;
            }
            let total = match met.amounts {
                Amounts::Earnings { total_pence, .. } => format!(" with {total_pence} pence"),
                _ => String::new(),
            };
            let together = corrections.iter().filter(|(it, _)| it.learned_at(basis) == learned);
            let causes = self.causes(reading, together.copied().collect());
            let by: Vec<String> = causes.iter().map(|cause| self.did(cause)).collect();
            let by = by.join(" and ");
            let says = format!(
                "{} read met on {}{total} until {by}; now {}",
                reading.name(),
                met.on,
                reads(std::iter::once(reading))
            );
            let programme = self.replayed.programme(of);
            let source = programme.and_then(|it| source_of(it, &reading.rule, reading.version));
            let events: Vec<Cited> = causes
                .iter()
                .flat_map(|(event, statement)| [cited(event), self.cited(*statement)])
                .chain(self.claims_for(of, reading))
                .collect();
            let finding = self.about(AuditKind::EarningsCorrectedBelowThreshold, of, says);
            let finding = finding.rule(reading.name(), reading.version);
            self.findings.push(finding.citing(events).source(source));
            return;
        }
    }

    /// Returns which of the corrections that were learned together made the difference: those of
    /// which one alone does, and all of them where none does.
    fn causes<'r>(&self, reading: &RuleReading, together: Vec<Lowering<'r>>) -> Vec<Lowering<'r>> {
        if together.len() < 2 {
            return together;
        }
        let alone = together.iter().copied().filter(|(event, _)| {
            let imagined = Scenario::without("audit", Selector::events([event.id]));
            let lens = self.replayed.lens.clone().scenario(imagined);
            met_of(&self.replayed.at(&lens), reading).is_some()
        });
        let alone: Vec<Lowering<'r>> = alone.collect();
        if alone.is_empty() { together } else { alone }
    }

    fn did(&self, (event, statement): &Lowering<'_>) -> String {
        if event.id == *statement {
            format!("{} was reported", event.label())
        } else {
            format!("{} corrected {}", event.label(), self.cited(*statement).label)
        }
    }

    fn met_at(&self, known_at: Timestamp, reading: &RuleReading) -> Option<Met> {
        let lens: Lens = self.replayed.lens.at(View { known_at, ..self.replayed.lens.view });
        met_of(&self.replayed.at(&lens), reading)
    }
}

/// Returns what a replay has of the same participation, rule and tier, where that is met.
fn met_of(replayed: &Replayed<'_>, reading: &RuleReading) -> Option<Met> {
    let same = |each: &&RuleReading| {
        (each.participation, &each.rule, &each.tier)
            == (reading.participation, &reading.rule, &reading.tier)
    };
    match replayed.readings.iter().find(same).map(|each| &each.reading) {
        Some(Reading::Met(met)) => Some(met.clone()),
        _ => None,
    }
}

/// Returns the statement that an event lowers or may lower; none where it is about none.
fn statement(event: &Recorded, facts: &BTreeMap<EventId, &Fact>) -> Option<EventId> {
    match event.fact()? {
        Fact::Evidence(Evidence::EarningsReported(fact)) => {
            let lowers = match fact.statement_kind {
                StatementKind::Original => false,
                StatementKind::Delta => fact.gross_pence < 0,
                StatementKind::YearToDate => true,
            };
            lowers.then_some(event.id)
        }
        Fact::Correction(correction) => corrected(correction, facts),
        _ => None,
    }
}

/// Returns the statement at the end of a chain of corrections.
fn corrected(correction: &Correction, facts: &BTreeMap<EventId, &Fact>) -> Option<EventId> {
    let mut target = correction.corrects();
    // a chain cannot be longer than there are facts: it ends also where it runs in a circle
    for _ in 0..=facts.len() {
        match facts.get(&target)? {
            Fact::Correction(earlier) => target = earlier.corrects(),
            Fact::Evidence(Evidence::EarningsReported(_)) => return Some(target),
            _ => return None,
        }
    }
    None
}
