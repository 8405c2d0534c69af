//! Parts of a model: what each participant contributes, and how two sets of parts differ, told in
//! as few words as it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use rayon::prelude::*;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::ParticipantId;
use waystage_core::journey::{Record, Recorded};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::time::Timestamp;
use waystage_core::view::View;
use waystage_store::NewEvent;

use crate::logs::{Streams, Told, corrected};

/// How many keys of a difference are shown.
const KEYS_SHOWN: usize = 3;

/// What each participant contributes; whoever contributes nothing is not in it.
pub(crate) type Parts<K> = BTreeMap<ParticipantId, Contributions<K>>;

/// Returns what a participant contributes through a lens.
pub(crate) fn part<P: Projection>(
    participant: ParticipantId,
    stream: &[Recorded],
    lens: &Lens,
    projection: &P,
) -> Contributions<P::Key> {
    projection.contribute(&Replayed::of(participant, stream, lens))
}

/// Returns what each participant of a log contributes, asked one after the other.
pub(crate) fn parts<P: Projection>(
    streams: &Streams,
    lens: &Lens,
    projection: &P,
) -> Parts<P::Key> {
    let each = streams.iter().map(|(id, stream)| (*id, part(*id, stream, lens, projection)));
    each.filter(|(_, part)| !part.is_empty()).collect()
}

/// Returns what each participant of a log contributes, asked on several threads.
pub(crate) fn parts_in_parallel<P: Projection>(
    streams: &Streams,
    lens: &Lens,
    projection: &P,
) -> Parts<P::Key> {
    let streams: Vec<_> = streams.iter().collect();
    let each = streams.par_iter().with_max_len(1);
    let each = each.map(|(id, stream)| (**id, part(**id, stream, lens, projection)));
    let each: Vec<_> = each.filter(|(_, part)| !part.is_empty()).collect();
    each.into_iter().collect()
}

/// Returns the model that these parts add up to.
pub(crate) fn sum<'p, K: Ord + Clone + 'p>(
    parts: impl IntoIterator<Item = &'p Contributions<K>>,
) -> Contributions<K> {
    let mut model = Contributions::none();
    parts.into_iter().for_each(|part| model.add(part));
    model
}

/// At how many positions a model that is kept up is compared as a whole.
const LOOKS: usize = 6;

/// Keeps a model up event by event, read by what was recorded up to the last day of a view, and
/// checks that it is at each position what it would be if built anew: the part of whoever the event
/// is about each time, and the whole of it now and then.
pub(crate) fn kept_up<P: Projection>(
    streams: &Streams,
    lens: &dyn Fn(View) -> Lens,
    view: View,
    projection: &P,
    words: &Words<'_, P::Key>,
) -> Result<(), String> {
    let latest = View::new(view.as_of, Timestamp::MAX);
    let live = lens(latest);
    let mut events: Vec<&Recorded> = streams.values().flatten().collect();
    events.sort_by_key(|event| event.position);
    let mut held = Parts::new();
    let mut model = Contributions::none();
    for (index, event) in events.iter().enumerate() {
        let (participant, position) = (event.participant, event.position);
        let whole = streams.get(&participant).map_or(&[][..], Vec::as_slice);
        let until = whole.partition_point(|each| each.position <= position);
        let now = part(participant, &whole[..until], &live, projection);
        let before = held.insert(participant, now.clone()).unwrap_or_default();
        model.subtract(&before);
        model.add(&now);
        let then = lens(latest.through(position));
        let anew = part(participant, whole, &then, projection);
        let called = |says| format!("kept up to position {position}, {says}");
        let one = |part| Parts::from([(participant, part)]);
        words.same(&one(anew), &one(now)).map_err(called)?;
        let is_looked_at = (index + 1).is_multiple_of((events.len() / LOOKS).max(1));
        if is_looked_at || index + 1 == events.len() {
            let anew = sum(parts(streams, &then, projection).values());
            if anew != model {
                let amounts = words.amounts(&anew, &model);
                return Err(called(format!("all contribute\n{amounts}")));
            }
        }
    }
    Ok(())
}

/// How participants and keys are called in messages.
pub(crate) struct Words<'a, K> {
    pub(crate) key: &'a dyn Fn(&K) -> String,
    pub(crate) names: BTreeMap<ParticipantId, String>,
}

impl<'a, K> Words<'a, K> {
    /// Takes the names of participants from what their events are called: `P1-007` is about `P1`.
    pub(crate) fn of(events: &[Told], key: &'a dyn Fn(&K) -> String) -> Self {
        let names = events.iter().filter_map(|(participant, event)| {
            let reference = event.sourced.as_ref()?.reference.as_str();
            let (name, _) = reference.rsplit_once('-')?;
            Some((*participant, name.to_owned()))
        });
        Self { key, names: names.collect() }
    }

    /// Returns what a participant is called.
    pub(crate) fn name(&self, participant: ParticipantId) -> String {
        self.names.get(&participant).cloned().unwrap_or_else(|| participant.to_string())
    }
}

impl<K: Ord + Clone> Words<'_, K> {
    /// Returns nothing where both are the same, or else who contributes what otherwise: of all who
    /// do, the one with the fewest keys that differ.
    pub(crate) fn same(&self, expected: &Parts<K>, got: &Parts<K>) -> Result<(), String> {
        let ids: BTreeSet<_> = expected.keys().chain(got.keys()).copied().collect();
        let nothing = Contributions::none();
        let differs = ids.into_iter().filter_map(|id| {
            let (expected, got) =
                (expected.get(&id).unwrap_or(&nothing), got.get(&id).unwrap_or(&nothing));
            (expected != got).then_some((id, expected, got))
        });
        let least = differs.min_by_key(|(_, expected, got)| got.difference(expected).len());
        match least {
            None => Ok(()),
            Some((id, expected, got)) => {
                Err(format!("{} contributes\n{}", self.name(id), self.amounts(expected, got)))
            }
        }
    }

    /// Returns the amounts that differ, a line each.
    pub(crate) fn amounts(&self, expected: &Contributions<K>, got: &Contributions<K>) -> String {
        let difference = got.difference(expected);
        let mut lines: Vec<String> = difference
            .iter()
            .take(KEYS_SHOWN)
            .map(|(key, _)| {
                let (is, was) = (got.get(key), expected.get(key));
                format!("    {}: {is} instead of {was}", (self.key)(key))
            })
            .collect();
        if let Some(more @ 1..) = difference.len().checked_sub(KEYS_SHOWN) {
            lines.push(format!("    and {more} more"));
        }
        lines.join("\n")
    }
}

/// Returns the name under which people find an event.
pub(crate) fn label(event: &NewEvent) -> String {
    match &event.sourced {
        Some(sourced) => sourced.reference.to_string(),
        None => event.id.to_string(),
    }
}

/// Returns events for people to read, a line each.
pub(crate) fn shown(events: &[Told]) -> String {
    let lines = events.iter().map(|(_, event)| {
        let target = corrected(&event.record);
        let target = target.map(|id| {
            let target = events.iter().find(|(_, other)| other.id == id);
            target.map_or_else(|| id.to_string(), |(_, other)| label(other))
        });
        let told = event.reported_at.map(|told| format!(", told {}", told.date()));
        format!(
            "    {:<8} {} {}{}{}",
            label(event),
            event.on,
            content(&event.record),
            target.map(|target| format!(" of {target}")).unwrap_or_default(),
            told.unwrap_or_default()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns what an event says, in one line.
fn content(record: &Record) -> String {
    use waystage_core::journey::Fact;
    use waystage_core::journey::correction::Correction;
    use waystage_core::journey::employment::Employment;
    use waystage_core::journey::entry::Entry;
    use waystage_core::journey::evidence::Evidence;
    let kind = format!("{:?}", record.kind());
    let Record::Fact(fact) = record else { return kind };
    match fact {
        Fact::Entry(Entry::Referred(fact)) => {
            format!("{kind} {} to {}", fact.participation.reference, fact.programme)
        }
        Fact::Employment(Employment::JobStarted(fact)) => {
            format!("{kind} {} {}", fact.job.reference, fact.weekly_minutes)
        }
        Fact::Employment(Employment::JobChanged(fact)) => {
            format!("{kind} {}", fact.weekly_minutes)
        }
        Fact::Evidence(Evidence::EmploymentVerified(fact)) => {
            format!("{kind} {} to {}", fact.covers_from, fact.covers_to)
        }
        Fact::Evidence(Evidence::EarningsReported(fact)) => {
            format!("{kind} {} pence", fact.gross_pence)
        }
        Fact::Money(money) => format!("{kind} {}", money.claim().rule),
        Fact::Correction(Correction::FactAmended(fact)) => format!("{kind} {:?}", fact.amendment),
        _ => kind,
    }
}

/// Returns a key as it is written in code.
pub(crate) fn debugged<K: Debug>(key: &K) -> String {
    format!("{key:?}")
}
