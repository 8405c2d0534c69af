//! A stream as a scenario imagines it. Changes are applied in their order to what was recorded,
//! before anything is read; what they make exists nowhere but here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use chrono::NaiveDate;

use super::selector::Person;
use super::{Change, Scenario};
use crate::calendar::moved;
use crate::id::{Actor, EventId, ParticipantId, Position, Version};
use crate::journey::correction::Amendment;
use crate::journey::{Fact, Record, Recorded};
use crate::time::Timestamp;
use crate::view::View;

/// An event that is read: one that the log holds, or one that a scenario assumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// As the log holds it.
    Logged(&'a Recorded),
    /// As a scenario has it; no log holds it so.
    Assumed(Arc<Recorded>),
}

impl Deref for Event<'_> {
    type Target = Recorded;

    fn deref(&self) -> &Recorded {
        match self {
            Self::Logged(recorded) => recorded,
            Self::Assumed(recorded) => recorded,
        }
    }
}

impl<'a> Event<'a> {
    /// Returns the fact, borrowed from the log where the log holds it.
    pub(crate) fn borrowed_fact(&self) -> Option<Cow<'a, Fact>> {
        match self {
            Self::Logged(recorded) => recorded.fact().map(Cow::Borrowed),
            Self::Assumed(recorded) => recorded.fact().cloned().map(Cow::Owned),
        }
    }
}

/// What a scenario does to a fact that stays: as an amendment reported after all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shaping {
    /// The assumed amendment's id.
    pub(crate) id: EventId,
    /// The change, by its place in the scenario.
    pub(crate) change: u32,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Amended(Amendment),
    Moved(i32),
}

impl Shaping {
    /// Returns the amendment that it comes to for a fact that stands on this day.
    pub(crate) fn amendment(&self, on: NaiveDate) -> Amendment {
        match &self.shape {
            Shape::Amended(amendment) => amendment.clone(),
            Shape::Moved(days) => Amendment::On(moved(on, *days)),
        }
    }
}

/// A stream under a scenario.
pub(crate) struct Imagined<'a> {
    /// Every event, those imagined away among them.
    pub(crate) events: Vec<Event<'a>>,
    /// The events imagined away, each with the change that does so.
    pub(crate) away: BTreeMap<EventId, u32>,
    /// The facts in whose place others are assumed.
    pub(crate) replaced: BTreeSet<EventId>,
    /// For each assumed fact that stands in the place of another, that other one.
    pub(crate) in_place_of: BTreeMap<EventId, EventId>,
    /// What is done to facts that stay, in the order of the changes.
    pub(crate) shapings: BTreeMap<EventId, Vec<Shaping>>,
    /// Assumed events, each with the change that made it or told it at another time.
    pub(crate) assumed: BTreeMap<EventId, u32>,
}

impl Scenario {
    /// Returns the stream as the scenario imagines it.
    pub(crate) fn imagine<'a>(
        &self,
        participant: ParticipantId,
        stream: &'a [Recorded],
    ) -> Imagined<'a> {
        let mut imagined = Imagined {
            events: stream.iter().map(Event::Logged).collect(),
            away: BTreeMap::new(),
            replaced: BTreeSet::new(),
            in_place_of: BTreeMap::new(),
            shapings: BTreeMap::new(),
            assumed: BTreeMap::new(),
        };
        for (index, change) in (0..).zip(&self.changes) {
            imagined.apply(participant, index, change);
        }
        imagined
    }

    /// Returns the events that a view knows of the stream, without those imagined away or replaced.
    pub(crate) fn known<'a>(
        &self,
        participant: ParticipantId,
        stream: &'a [Recorded],
        view: &View,
    ) -> Vec<Event<'a>> {
        let Imagined { mut events, away, replaced, .. } = self.imagine(participant, stream);
        events.retain(|event| {
            let gone = away.contains_key(&event.id) || replaced.contains(&event.id);
            !gone && view.knows(event)
        });
        events
    }

    /// Returns whether a view knows any event of the stream, be it one that is imagined away.
    pub(crate) fn knows_of(
        &self,
        participant: ParticipantId,
        stream: &[Recorded],
        view: &View,
    ) -> bool {
        self.imagine(participant, stream).events.iter().any(|event| view.knows(event))
    }
}

impl Imagined<'_> {
    /// Returns the facts of which a recorded correction is imagined away or told at another time,
    /// each with the last such change. A correction of a correction counts for the fact at the end
    /// of the chain.
    pub(crate) fn corrected_otherwise(&self, stream: &[Recorded]) -> BTreeMap<EventId, u32> {
        let mut facts = BTreeMap::new();
        if self.away.is_empty() && self.assumed.is_empty() {
            return facts;
        }
        let corrects = |event: &Recorded| match event.fact()? {
            Fact::Correction(correction) => Some((event.id, correction.corrects())),
            _ => None,
        };
        let corrects: BTreeMap<EventId, EventId> = stream.iter().filter_map(corrects).collect();
        for id in corrects.keys() {
            let Some(&change) = self.away.get(id).max(self.assumed.get(id)) else { continue };
            let mut end = *id;
            // no chain is longer than that, should one bite its tail
            for _ in 0..=corrects.len() {
                let Some(&next) = corrects.get(&end) else { break };
                end = next;
            }
            let last = facts.entry(end).or_insert(change);
            *last = change.max(*last);
        }
        facts
    }

    fn apply(&mut self, participant: ParticipantId, index: u32, change: &Change) {
        let picked = self.picked(participant, change);
        match change {
            Change::Without(_) => {
                self.away.extend(picked.iter().map(|&each| (self.events[each].id, index)));
            }
            Change::Instead(_, fact) => {
                for each in picked {
                    self.replace(each, index, fact);
                }
            }
            Change::Also(also) => {
                if also.participant == participant {
                    self.assume(participant, index, also);
                }
            }
            Change::Arrive(arrivals) => {
                for event in arrivals.of_participant(participant) {
                    self.assumed.insert(event.id, index);
                    self.events.push(Event::Assumed(Arc::clone(event)));
                }
            }
            Change::Redate(_, days) => self.shape(&picked, index, &Shape::Moved(*days)),
            Change::Rereport(_, days) => {
                for each in picked {
                    self.tell(each, index, *days);
                }
            }
            Change::Amend(_, amendment) => {
                self.shape(&picked, index, &Shape::Amended(amendment.clone()));
            }
        }
    }

    /// Returns the places of the events that the change picks; nothing that is gone is picked.
    fn picked(&self, participant: ParticipantId, change: &Change) -> Vec<usize> {
        let Some(selector) = change.selector() else { return Vec::new() };
        let person = Person::of(participant, self.events.iter().map(|event| &**event));
        let picked = self.events.iter().enumerate().filter(|(_, event)| {
            let gone = self.away.contains_key(&event.id) || self.replaced.contains(&event.id);
            !gone && selector.selects(event, &person)
        });
        picked.map(|(place, _)| place).collect()
    }

    /// Assumes another fact in the place of one; a correction has no place in the journey.
    fn replace(&mut self, place: usize, index: u32, fact: &Fact) {
        let old = &self.events[place];
        if old.fact().is_none_or(|fact| fact.kind().is_correction()) {
            return;
        }
        let mut new = Recorded::clone(old);
        new.id = assumed_id(index, old.told(), old.id.as_bytes());
        new.reported_at = Some(old.told());
        new.record = Record::Fact(fact.clone());
        let origin = self.in_place_of.get(&old.id).copied().unwrap_or(old.id);
        self.replaced.insert(old.id);
        self.in_place_of.insert(new.id, origin);
        self.assumed.insert(new.id, index);
        self.events.push(Event::Assumed(Arc::new(new)));
    }

    fn assume(&mut self, participant: ParticipantId, index: u32, also: &super::Also) {
        let told = also.reported_at.unwrap_or_else(|| Timestamp::midnight(also.on));
        let id = assumed_id(index, told, participant.as_bytes());
        self.assumed.insert(id, index);
        self.events.push(Event::Assumed(Arc::new(Recorded {
            position: Position::FIRST,
            version: Version::FIRST,
            participant,
            id,
            on: also.on,
            recorded_at: told,
            reported_at: Some(told),
            actor: Actor::from("scenario"),
            sourced: None,
            correlation: None,
            causation: None,
            record: Record::Fact(also.fact.clone()),
        })));
    }

    /// Shapes the facts that have the field; others of the selection stay as they are.
    fn shape(&mut self, picked: &[usize], change: u32, shape: &Shape) {
        for event in picked.iter().map(|&place| &self.events[place]) {
            let shaping = Shaping {
                id: assumed_id(change, event.told(), event.id.as_bytes()),
                change,
                shape: shape.clone(),
            };
            let amendment = shaping.amendment(event.on);
            if event.fact().is_some_and(|fact| fact.can_be_amended(&amendment)) {
                self.assumed.insert(shaping.id, change);
                self.shapings.entry(event.id).or_default().push(shaping);
            }
        }
    }

    /// Has an event told, and witnessed, so many days later.
    fn tell(&mut self, place: usize, index: u32, days: i32) {
        let mut told = Recorded::clone(&self.events[place]);
        told.reported_at = Some(told.told().moved(days));
        told.recorded_at = told.recorded_at.moved(days);
        self.assumed.insert(told.id, index);
        self.events[place] = Event::Assumed(Arc::new(told));
    }
}

/// Returns the id of what a change assumes: the time at which it was told, then a mix of the
/// change's place and of what it is about. It is the same in every replay, and no source's.
pub(super) fn assumed_id(index: u32, told: Timestamp, about: &[u8; 16]) -> EventId {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = b"assumed".iter().copied().chain(index.to_be_bytes()).chain(*about);
    let mixed = bytes.fold(OFFSET, |mix, byte| (mix ^ u128::from(byte)).wrapping_mul(PRIME));
    let milliseconds = u128::try_from(told.micros().div_euclid(1000)).unwrap_or(0);
    let id = (milliseconds << 80) | (mixed & ((1 << 80) - 1));
    EventId::from_bytes(id.to_be_bytes())
}
