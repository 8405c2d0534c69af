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

type Subject = (ParticipationId, RuleId, Option<TierId>);

/// Returns what a run that looks at this participant has to record. A different because alone
/// changes nothing, and a second run at the same view has nothing to record.
pub fn determine(replayed: &Replayed<'_>, run: EventId) -> Vec<Determined> {
    let readings: BTreeMap<Subject, &RuleReading> = replayed
        .readings
        .iter()
        .map(|each| ((each.participation, each.rule.clone(), each.tier.clone()), each))
        .collect();
    let mut settled: BTreeSet<Subject> = BTreeSet::new();
    let mut determined = Vec::new();
    for (id, on, standing) in standing(replayed.stream()) {
        let subject = (standing.participation, standing.rule.clone(), standing.tier.clone());
        let reading = readings.get(&subject).copied();
        let changed = match reading.map(|each| (&each.reading, each.version)) {
            Some((Reading::Met(met), version)) if still(standing, on, met, version) => {
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
        let withdrawn = DeterminationWithdrawn { determination: id, changed, run };
        determined.push(Determined {
            on: replayed.lens.view.as_of,
            determination: Determination::DeterminationWithdrawn(withdrawn),
        });
    }
    for (subject, reading) in readings {
        if settled.contains(&subject) {
            continue;
        }
        if let (Reading::Met(met), Some(rule_version)) = (&reading.reading, reading.version) {
            let outcome = OutcomeDetermined {
                participation: reading.participation,
                programme: reading.programme.clone(),
                rule: reading.rule.clone(),
                tier: reading.tier.clone(),
                rule_version,
                because: met.because.clone(),
                amounts: met.amounts.clone(),
                run,
            };
            determined.push(Determined {
                on: met.on,
                determination: Determination::OutcomeDetermined(outcome),
            });
        }
    }
    determined
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
fn standing(stream: &[Recorded]) -> impl Iterator<Item = (EventId, NaiveDate, &OutcomeDetermined)> {
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
            Some((recorded.id, recorded.on, outcome))
        }
        _ => None,
    })
}
