//! L3 and L8: a view shows what was known, of the days up to its day, and nothing else.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use waystage_core::contribution::Projection;
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::journey::correction::{Amendment, Correction, FactAmended};
use waystage_core::journey::{Fact, Record, Recorded, Sourced, Visible};
use waystage_core::scenario::Scenario;
use waystage_core::time::Timestamp;
use waystage_core::view::View;
use waystage_store::{NewEvent, naming};

use super::trial::Trial;
use crate::logs::{Streams, Told, corrected, streams, withdrawal};
use crate::parts::parts;
use crate::world::noon;

/// The model in a view is the model of a log that was cut where the view ends: nothing that was
/// learned later was ever recorded, and no fact of a later day. Corrections are chosen by when they
/// were learned alone; those that act on a fact of a later day go with it.
pub(super) fn as_of<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    let view = trial.world.view;
    let whole = trial.parts(view, projection);
    let cut: Streams = trial
        .streams
        .iter()
        .map(|(id, stream)| (*id, cut(stream, &view)))
        .filter(|(_, stream)| !stream.is_empty())
        .collect();
    let then = parts(&cut, &trial.lens(view), projection);
    trial.same("of a log that was cut where the view ends", &then, &whole)?;
    let now = View { known_at: Timestamp::MAX, ..view };
    let now = parts(&cut, &trial.lens(now), projection);
    trial.same("of a log that was cut where the view ends, as known today", &now, &whole)
}

fn cut(stream: &[Recorded], view: &View) -> Vec<Recorded> {
    let known: Vec<Recorded> = stream.iter().filter(|each| view.knows(each)).cloned().collect();
    let ever = View { as_of: NaiveDate::MAX, ..*view };
    let whose = known.first().map_or(ParticipantId::LOG, |each| each.participant);
    let (facts, _) = Visible::of(whose, &known, &ever, &Scenario::empty());
    let later = facts.iter().filter(|(_, seen)| view.as_of < seen.on);
    let mut gone: BTreeSet<EventId> = later.map(|(_, seen)| seen.recorded.id).collect();
    loop {
        let more: Vec<EventId> = known
            .iter()
            .filter(|each| !gone.contains(&each.id))
            .filter(|each| corrected(&each.record).is_some_and(|target| gone.contains(&target)))
            .map(|each| each.id)
            .collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    known.into_iter().filter(|each| !gone.contains(&each.id)).collect()
}

/// What is learned after `known_at` changes nothing there: withdrawals of everything, amended days
/// and facts told once more.
pub(super) fn learned_later<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    let view = trial.world.view;
    let before = trial.parts(view, projection);
    let mut events = trial.world.events.clone();
    for (index, told) in trial.world.events.iter().enumerate() {
        let at = noon(2900 + u32::try_from(index % 90).unwrap_or(0));
        let (participant, event) = told;
        let later = match (index + trial.chosen) % 3 {
            0 => withdrawal(event, at),
            1 => once_more(event, at),
            _ => moved(event, at).unwrap_or_else(|| withdrawal(event, at)),
        };
        events.push((*participant, later));
    }
    events.sort_by_key(|(_, event): &Told| (event.reported_at, event.id));
    let after = parts(&streams(&events), &trial.lens(view), projection);
    trial.same("once more was learned later", &before, &after)
}

fn later(event: &NewEvent, told: Timestamp, called: &str, record: Record) -> NewEvent {
    let source = event.sourced.clone().map_or("generated".into(), |sourced| sourced.source);
    let sourced = Sourced { source, reference: format!("{called}-{}", event.id).into() };
    NewEvent {
        id: naming::event(&sourced, told),
        reported_at: Some(told),
        sourced: Some(sourced),
        record,
        ..event.clone()
    }
}

fn once_more(event: &NewEvent, told: Timestamp) -> NewEvent {
    later(event, told, "again", event.record.clone())
}

fn moved(event: &NewEvent, told: Timestamp) -> Option<NewEvent> {
    let Record::Fact(fact) = &event.record else { return None };
    let amendment = Amendment::On(event.on.pred_opt()?);
    if !fact.can_be_amended(&amendment) {
        return None;
    }
    let amended = FactAmended { corrects: event.id, amendment, reason: None };
    let record = Record::Fact(Fact::Correction(Correction::FactAmended(amended)));
    Some(later(event, told, "moved", record))
}
