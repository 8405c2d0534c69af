//! The structure of what is recorded directly: what a fact names must be recorded before it. That
//! is all; what a programme thinks of a fact is for its rules to read.

use waystage_core::id::EventId;
use waystage_core::journey::correction::Correction;
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Entry;
use waystage_core::journey::{Fact, Record, Recorded};

use crate::error::Refusal;
use crate::event::NewEvent;

/// Checks that what new facts name is recorded in the stream or stands before them in the call.
///
/// # Errors
///
/// [`Refusal::UnknownReference`] where it does not, and [`Refusal::NoSuchField`] where an amendment
/// names a field that the fact does not have.
pub fn check_structure(stream: &[Recorded], events: &[NewEvent]) -> Result<(), Refusal> {
    for (index, event) in events.iter().enumerate() {
        let Record::Fact(fact) = &event.record else {
            continue;
        };
        let recorded = stream.iter().filter_map(|each| Some((each.id, each.fact()?)));
        let before = events[..index].iter().filter_map(|each| match &each.record {
            Record::Fact(fact) => Some((each.id, fact)),
            Record::Determination(_) | Record::Log(_) => None,
        });
        structure(fact, recorded.chain(before))?;
    }
    Ok(())
}

fn structure<'a>(
    fact: &Fact,
    mut before: impl Iterator<Item = (EventId, &'a Fact)>,
) -> Result<(), Refusal> {
    let unknown = |what, reference: String| Err(Refusal::UnknownReference { what, reference });
    match fact {
        Fact::Entry(Entry::Referred(_) | Entry::CharacteristicsRecorded(_))
        | Fact::Employment(Employment::JobStarted(_)) => Ok(()),
        Fact::Correction(correction) => {
            let target = correction.corrects();
            match (before.find(|(id, _)| *id == target), correction) {
                (None, _) => unknown("event", target.to_string()),
                (Some((_, corrected)), Correction::FactAmended(amended))
                    if !corrected.can_be_amended(&amended.amendment) =>
                {
                    Err(Refusal::NoSuchField { target: target.to_string() })
                }
                _ => Ok(()),
            }
        }
        fact => match (fact.participation(), fact.job()) {
            (Some(id), _) => {
                let refers = |each: &Fact| match each {
                    Fact::Entry(Entry::Referred(referred)) => referred.participation.id == id,
                    _ => false,
                };
                match before.find(|(_, each)| refers(each)) {
                    Some(_) => Ok(()),
                    None => unknown("participation", id.to_string()),
                }
            }
            (None, Some(job)) => {
                let starts = |each: &Fact| match each {
                    Fact::Employment(Employment::JobStarted(started)) => started.job.id == job,
                    _ => false,
                };
                match before.find(|(_, each)| starts(each)) {
                    Some(_) => Ok(()),
                    None => unknown("job", job.to_string()),
                }
            }
            (None, None) => Ok(()),
        },
    }
}
