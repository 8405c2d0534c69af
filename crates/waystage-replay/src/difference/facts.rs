//! Which facts of a participant are others, and which corrections and scenarios made them so. All
//! that is known on one side only is named, so that a difference of knowledge is gone without it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::id::{Actor, EventId, Position};
use waystage_core::journey::{Fact, Kind, Recorded, Seen};
use waystage_core::replayed::Replayed;
use waystage_core::scenario::Event;
use waystage_core::time::Timestamp;

/// An event, as people find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEvent {
    /// The event.
    pub id: EventId,
    /// What its source calls it, or its id.
    pub label: String,
    /// Its kind.
    pub kind: Kind,
    /// Its day, as it is read.
    pub on: NaiveDate,
    /// Its place in the log.
    pub position: Position,
    /// When the store witnessed it.
    pub recorded_at: Timestamp,
    /// Who recorded it.
    pub actor: Actor,
}

/// How a fact differs between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactDiffers {
    /// It is read on the second side only.
    Added,
    /// It is read on the first side only.
    Removed,
    /// It is read on both, with another day or content, or told at another time.
    Changed,
    /// It is known on one side only, and read on neither: withdrawn at once, dated later, or a
    /// correction that changes no fact.
    Unread,
}

impl FactDiffers {
    /// Returns the word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Unread => "unread",
        }
    }
}

/// A fact that is another on the second side, and the corrections behind that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChange {
    /// The fact.
    pub event: NamedEvent,
    /// How it differs.
    pub differs: FactDiffers,
    /// The corrections that are known on one side only and act on it, or on a correction of it.
    pub corrections: Vec<NamedEvent>,
    /// Whether a scenario is behind it: it assumes the fact or a correction of it, shapes it, or
    /// imagines it away.
    pub assumed: bool,
}

/// Returns the facts that are others, in the order of their days.
pub(super) fn facts(one: &Replayed<'_>, other: &Replayed<'_>) -> Vec<FactChange> {
    let (first, second) = (Knowledge::of(one), Knowledge::of(other));
    let sides = [&first, &second];
    let mut corrections = corrections_by_fact(sides);
    let mut changes = Vec::new();
    let ids = |of: fn(&Knowledge<'_, '_>) -> BTreeSet<EventId>| {
        let mut ids = of(&first);
        ids.extend(of(&second));
        ids
    };
    for id in ids(|side| side.seen.keys().copied().collect()) {
        let (differs, side, seen) = match (first.seen.get(&id), second.seen.get(&id)) {
            (Some(was), None) => (FactDiffers::Removed, one, was),
            (None, Some(is)) => (FactDiffers::Added, other, is),
            (Some(was), Some(is)) if !is_same(was, is) => (FactDiffers::Changed, other, is),
            _ => continue,
        };
        let acting = corrections.remove(&id).unwrap_or_default();
        let event = NamedEvent { on: seen.on, ..named(side, &seen.recorded) };
        changes.push(change(sides, event, differs, &acting));
    }
    let unread = ids(|side| side.known.keys().copied().collect()).into_iter().filter(|id| {
        let is_seen = first.seen.contains_key(id) || second.seen.contains_key(id);
        is_one_sided(sides, *id) && !is_seen && !is_correction(sides, *id)
    });
    for event in unread.filter_map(|id| found(sides, id)) {
        let acting = corrections.remove(&event.id).unwrap_or_default();
        changes.push(change(sides, event, FactDiffers::Unread, &acting));
    }
    // what is left acts on facts that read the same, or on nothing
    for event in corrections.into_values().flatten().filter_map(|id| found(sides, id)) {
        changes.push(change(sides, event, FactDiffers::Unread, &[]));
    }
    let place = |each: &FactChange| (each.event.on, each.event.position, each.event.id);
    changes.sort_by_key(place);
    changes
}

/// What one side knows and reads of a participant.
struct Knowledge<'r, 'a> {
    replayed: &'r Replayed<'a>,
    seen: BTreeMap<EventId, &'r Seen<'a>>,
    known: BTreeMap<EventId, Event<'a>>,
}

impl<'r, 'a> Knowledge<'r, 'a> {
    fn of(replayed: &'r Replayed<'a>) -> Self {
        let seen = replayed.journey.facts.iter().map(|(_, seen)| (seen.recorded.id, seen));
        let known = replayed.known().into_iter().filter(|event| event.fact().is_some());
        Self {
            replayed,
            seen: seen.collect(),
            known: known.map(|event| (event.id, event)).collect(),
        }
    }

    /// Returns whether its scenario is behind how it has an event.
    fn imagines(&self, id: EventId) -> bool {
        let view = &self.replayed.lens.view;
        let of_log = || self.replayed.stream().iter().find(|event| event.id == id);
        self.replayed.journey.facts.assumed_by(id).is_some()
            || self.seen.get(&id).is_some_and(|seen| seen.assumed.is_some())
            || (!self.known.contains_key(&id) && of_log().is_some_and(|event| view.knows(event)))
    }
}

fn is_same(one: &Seen<'_>, other: &Seen<'_>) -> bool {
    one.on == other.on && one.fact == other.fact && one.recorded.told() == other.recorded.told()
}

fn is_one_sided([first, second]: [&Knowledge<'_, '_>; 2], id: EventId) -> bool {
    first.known.contains_key(&id) != second.known.contains_key(&id)
}

fn target(sides: [&Knowledge<'_, '_>; 2], id: EventId) -> Option<EventId> {
    let known = sides.iter().find_map(|side| side.known.get(&id))?;
    match known.fact()? {
        Fact::Correction(correction) => Some(correction.corrects()),
        _ => None,
    }
}

fn is_correction(sides: [&Knowledge<'_, '_>; 2], id: EventId) -> bool {
    target(sides, id).is_some()
}

/// Returns the corrections that are known on one side only, by the fact that their chain ends in.
fn corrections_by_fact(sides: [&Knowledge<'_, '_>; 2]) -> BTreeMap<EventId, Vec<EventId>> {
    let mut by_fact: BTreeMap<EventId, Vec<EventId>> = BTreeMap::new();
    let all: BTreeSet<EventId> = sides.iter().flat_map(|side| side.known.keys().copied()).collect();
    for id in all {
        if !is_one_sided(sides, id) || !is_correction(sides, id) {
            continue;
        }
        let (mut end, mut passed) = (id, BTreeSet::new());
        while let Some(next) = target(sides, end)
            && passed.insert(end)
        {
            end = next;
        }
        by_fact.entry(end).or_default().push(id);
    }
    by_fact
}

fn change(
    sides: [&Knowledge<'_, '_>; 2],
    event: NamedEvent,
    differs: FactDiffers,
    corrections: &[EventId],
) -> FactChange {
    let mut corrections: Vec<NamedEvent> =
        corrections.iter().filter_map(|each| found(sides, *each)).collect();
    corrections.sort_by_key(|each| (each.position, each.id));
    let imagined = |id: EventId| sides.iter().any(|side| side.imagines(id));
    let assumed = imagined(event.id) || corrections.iter().any(|each| imagined(each.id));
    FactChange { event, differs, corrections, assumed }
}

/// Returns an event by its id, from whichever side knows it.
fn found(sides: [&Knowledge<'_, '_>; 2], id: EventId) -> Option<NamedEvent> {
    sides.iter().find_map(|side| Some(named(side.replayed, side.known.get(&id)?)))
}

fn named(replayed: &Replayed<'_>, recorded: &Recorded) -> NamedEvent {
    NamedEvent {
        id: recorded.id,
        label: replayed.label(recorded.id),
        kind: recorded.record.kind(),
        on: recorded.on,
        position: recorded.position,
        recorded_at: recorded.recorded_at,
        actor: recorded.actor.clone(),
    }
}
