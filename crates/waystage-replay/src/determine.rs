//! What a determine run has to record for one participant: outcomes that read met and have no
//! determination standing, and determinations that no longer read the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::determination::{
    Changed, Determination, DeterminationWithdrawn, OutcomeDetermined,
};
use waystage_core::id::{EventId, ParticipationId, RuleId, TierId};
use waystage_core::journey::{Record, Recorded};
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Met, Reading, RuleReading};

/// A determination that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Determined {
    /// The day: of the outcome, or of the run where one is withdrawn.
    pub on: NaiveDate,
    /// What is determined.
    pub determination: Determination,
}

/// What a determination is about.
pub(crate) type Subject = (ParticipationId, RuleId, Option<TierId>);

/// A determination that stands: who knows it by what, its day, and what it says.
pub(crate) struct Standing<'a, Id> {
    pub(crate) id: Id,
    pub(crate) on: NaiveDate,
    pub(crate) outcome: &'a OutcomeDetermined,
}

/// What a run has to do.
pub(crate) enum Decided<'r, Id> {
    /// Withdraw this one.
    Withdraw(Id, Changed),
    /// Record what this reading says.
    Record(&'r RuleReading, &'r Met, NaiveDate),
}

/// Returns what a run that looks at this participant has to record. A different because alone
/// changes nothing, and a second run at the same view has nothing to record.
pub fn determine(replayed: &Replayed<'_>, run: EventId) -> Vec<Determined> {
    let decided = decide(&replayed.readings, standing(replayed.stream()));
    let as_of = replayed.lens.view.as_of;
    decided
        .into_iter()
        .map(|decided| match decided {
            Decided::Withdraw(determination, changed) => {
                let withdrawn = DeterminationWithdrawn { determination, changed, run };
                Determined {
                    on: as_of,
                    determination: Determination::DeterminationWithdrawn(withdrawn),
                }
            }
            Decided::Record(reading, met, version) => Determined {
                on: met.on,
                determination: Determination::OutcomeDetermined(outcome(
                    reading, met, version, run,
                )),
            },
        })
        .collect()
}

/// Returns what a reading of met says as a determination.
pub(crate) fn outcome(
    reading: &RuleReading,
    met: &Met,
    rule_version: NaiveDate,
    run: EventId,
) -> OutcomeDetermined {
    OutcomeDetermined {
        participation: reading.participation,
        programme: reading.programme.clone(),
        rule: reading.rule.clone(),
        tier: reading.tier.clone(),
        rule_version,
        because: met.because.clone(),
        amounts: met.amounts.clone(),
        run,
    }
}

/// Returns what a determination is about.
pub(crate) fn subject(outcome: &OutcomeDetermined) -> Subject {
    (outcome.participation, outcome.rule.clone(), outcome.tier.clone())
}

/// Compares readings with what stands: withdrawals first, in the order in which it stands, then
/// what is to be recorded, by what it is about.
pub(crate) fn decide<'r, 's, Id>(
    readings: &'r [RuleReading],
    standing: impl Iterator<Item = Standing<'s, Id>>,
) -> Vec<Decided<'r, Id>> {
    let readings: BTreeMap<Subject, &RuleReading> = readings
        .iter()
        .map(|each| ((each.participation, each.rule.clone(), each.tier.clone()), each))
        .collect();
    let mut settled: BTreeSet<Subject> = BTreeSet::new();
    let mut decided = Vec::new();
    for Standing { id, on, outcome } in standing {
        let subject = subject(outcome);
        let reading = readings.get(&subject).copied();
        let changed = match reading.map(|each| (&each.reading, each.version)) {
            Some((Reading::Met(met), version)) if still(outcome, on, met, version) => {
                if settled.insert(subject) {
                    continue;
                }
                Changed::Otherwise // a second one of the same: only one may stand
            }
            Some((Reading::Met(_), _)) => Changed::Otherwise,
            Some((reading, _)) => {
                Changed::NoLongerMet { reads: reading.answer().as_str().to_owned() }
            }
            None => Changed::NotRead,
        };
        decided.push(Decided::Withdraw(id, changed));
    }
    for (subject, reading) in readings {
        if settled.contains(&subject) {
            continue;
        }
        if let (Reading::Met(met), Some(version)) = (&reading.reading, reading.version) {
            decided.push(Decided::Record(reading, met, version));
        }
    }
    decided
}

fn still(
    standing: &OutcomeDetermined,
    on: NaiveDate,
    met: &Met,
    version: Option<NaiveDate>,
) -> bool {
    on == met.on && Some(standing.rule_version) == version && standing.amounts == met.amounts
}

/// Returns the determinations of a stream that were not withdrawn, in the order of the stream.
fn standing(stream: &[Recorded]) -> impl Iterator<Item = Standing<'_, EventId>> {
    let withdrawn: BTreeSet<EventId> = stream
        .iter()
        .filter_map(|recorded| match &recorded.record {
            Record::Determination(Determination::DeterminationWithdrawn(each)) => {
                Some(each.determination)
            }
            _ => None,
        })
        .collect();
    stream.iter().filter_map(move |recorded| match &recorded.record {
        Record::Determination(Determination::OutcomeDetermined(outcome))
            if !withdrawn.contains(&recorded.id) =>
        {
            Some(Standing { id: recorded.id, on: recorded.on, outcome })
        }
        _ => None,
    })
}
