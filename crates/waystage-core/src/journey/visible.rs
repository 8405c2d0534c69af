//! The set of facts that a view sees, in effective order: known, in force, amended, dated.
//!
//! Corrections are chosen by what was known alone and applied before anything is read. A withdrawal
//! holds over amendments; of several amendments of one field the one reported last holds; a
//! correction can itself be withdrawn, to any depth.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Index;

use chrono::NaiveDate;

use super::correction::{Amendment, Correction, FactAmended};
use super::{Fact, Finding, Found, Kind, Learned, Recorded};
use crate::id::{EventId, ParticipantId};
use crate::scenario::{Event, Imagined, Scenario, Shaping};
use crate::view::View;

/// Place of a fact in the effective order of one view of one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactIndex(u32);

/// A fact as a view sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The event.
    pub recorded: Event<'a>,
    /// The day on which it happened, as amended.
    pub on: NaiveDate,
    /// The fact, as amended.
    pub fact: Cow<'a, Fact>,
    /// The amendments in force that shaped it, in the order of being reported; assumed ones last.
    pub shaped_by: Vec<EventId>,
    /// The last change of the scenario, by its place, that made it what it is; none where it is as
    /// the record has it.
    pub assumed: Option<u32>,
}

impl Seen<'_> {
    fn effective(&self) -> (NaiveDate, Kind, Learned<'_>) {
        (self.on, self.fact.kind(), self.recorded.learned())
    }
}

/// The facts of one participant that a view sees, in effective order. Corrections are not among
/// them: they have done their work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visible<'a> {
    facts: Vec<Seen<'a>>,
    to_come: Option<NaiveDate>,
    withdrawn: BTreeMap<EventId, EventId>,
    assumed: BTreeMap<EventId, u32>,
}

impl<'a> Visible<'a> {
    /// Returns the facts of a participant's `stream` that the view sees under the scenario, in
    /// whatever order the stream hands them over, and what looked wrong about the corrections.
    pub fn of(
        participant: ParticipantId,
        stream: &'a [Recorded],
        view: &View,
        scenario: &Scenario,
    ) -> (Self, Vec<Found>) {
        let imagined = scenario.imagine(participant, stream);
        let known: Vec<&Event<'a>> =
            imagined.events.iter().filter(|recorded| view.knows(recorded)).collect();
        let mut corrections = Corrections::among(&known);
        for id in imagined.away.keys() {
            corrections.standing.insert(*id, Standing::Withdrawn);
        }
        let mut findings = corrections.findings(&known);
        let mut facts: Vec<Seen<'a>> = known
            .iter()
            .filter(|event| !event.fact().is_none_or(|fact| fact.kind().is_correction()))
            .filter(|event| !imagined.replaced.contains(&event.id))
            .filter_map(|event| corrections.apply(event, &imagined, &mut findings))
            .collect();
        let to_come = facts.iter().map(|seen| seen.on).filter(|on| view.as_of < *on).min();
        facts.retain(|seen| seen.on <= view.as_of);
        facts.sort_by(|a, b| a.effective().cmp(&b.effective()));
        findings.sort();
        let withdrawn = corrections.withdrawn();
        let otherwise = imagined.corrected_otherwise(stream);
        let mut visible = Self { facts, to_come, withdrawn, assumed: imagined.assumed };
        if !otherwise.is_empty() {
            let (plain, _) = Self::of(participant, stream, view, &Scenario::empty());
            visible.mark(&otherwise, &plain);
        }
        (visible, findings)
    }

    /// Marks the facts of which corrections are otherwise as assumed, where they are not as they
    /// are without the scenario.
    fn mark(&mut self, otherwise: &BTreeMap<EventId, u32>, plain: &Self) {
        let as_recorded: BTreeMap<EventId, (NaiveDate, &Fact)> =
            plain.facts.iter().map(|seen| (seen.recorded.id, (seen.on, &*seen.fact))).collect();
        for seen in &mut self.facts {
            let Some(&change) = otherwise.get(&seen.recorded.id) else { continue };
            if as_recorded.get(&seen.recorded.id) == Some(&(seen.on, &*seen.fact)) {
                continue;
            }
            seen.assumed = seen.assumed.max(Some(change));
            let by = self.assumed.entry(seen.recorded.id).or_insert(change);
            *by = change.max(*by);
        }
    }

    /// Returns the facts with their places, in effective order.
    pub fn iter(&self) -> impl Iterator<Item = (FactIndex, &Seen<'a>)> {
        (0..).map(FactIndex).zip(&self.facts)
    }

    /// Returns the withdrawal in force of a known event, the first reported where there are more.
    pub fn withdrawn_by(&self, event: EventId) -> Option<EventId> {
        self.withdrawn.get(&event).copied()
    }

    /// Returns the change of the scenario, by its place, that assumes an event, has it told at
    /// another time, or has a correction of it otherwise; none for what stands in the log as it is
    /// read.
    pub fn assumed_by(&self, event: EventId) -> Option<u32> {
        self.assumed.get(&event).copied()
    }

    /// Returns the first later day of which a known fact speaks: it comes into sight then.
    pub const fn to_come(&self) -> Option<NaiveDate> {
        self.to_come
    }

    /// Returns how many facts are seen.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Returns whether no fact is seen.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Returns the events behind these facts in effective order, each once and followed by the
    /// corrections that shaped it.
    pub fn events(&self, mut facts: Vec<FactIndex>) -> Vec<EventId> {
        facts.sort_unstable();
        facts.dedup();
        facts
            .into_iter()
            .flat_map(|index| {
                let seen = &self[index];
                std::iter::once(seen.recorded.id).chain(seen.shaped_by.iter().copied())
            })
            .collect()
    }
}

impl<'a> Index<FactIndex> for Visible<'a> {
    type Output = Seen<'a>;

    fn index(&self, index: FactIndex) -> &Seen<'a> {
        &self.facts[index.0 as usize]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Asked,
    InForce,
    Withdrawn,
}

/// The known corrections of one participant and which of them are in force.
struct Corrections<'a> {
    withdrawals: BTreeMap<EventId, Vec<&'a Recorded>>,
    amendments: BTreeMap<EventId, Vec<(&'a Recorded, &'a FactAmended)>>,
    standing: BTreeMap<EventId, Standing>,
}

impl<'a> Corrections<'a> {
    fn among(known: &[&'a Event<'_>]) -> Self {
        let mut corrections = Self {
            withdrawals: BTreeMap::new(),
            amendments: BTreeMap::new(),
            standing: BTreeMap::new(),
        };
        for recorded in known.iter().map(|event| &***event) {
            match recorded.fact() {
                Some(Fact::Correction(Correction::FactWithdrawn(fact))) => {
                    corrections.withdrawals.entry(fact.corrects).or_default().push(recorded);
                }
                Some(Fact::Correction(Correction::FactAmended(fact))) => {
                    corrections.amendments.entry(fact.corrects).or_default().push((recorded, fact));
                }
                _ => {}
            }
        }
        corrections
    }

    /// Returns whether the event is in force: no withdrawal in force names it. Walks the chain with
    /// a list of its own, so that a chain of any length is read.
    fn in_force(&mut self, event: EventId) -> bool {
        match self.standing.get(&event) {
            Some(standing) => return *standing == Standing::InForce,
            None if !self.withdrawals.contains_key(&event) => return true,
            None => {}
        }
        let mut asked = vec![event];
        while let Some(&top) = asked.last() {
            let withdrawals = self.withdrawals.get(&top).map_or(&[][..], Vec::as_slice);
            let standing = |id: &EventId| self.standing.get(id).copied();
            let mut open = None;
            let mut withdrawn = false;
            for withdrawal in withdrawals {
                match standing(&withdrawal.id) {
                    Some(Standing::InForce) => withdrawn = true,
                    Some(Standing::Withdrawn | Standing::Asked) => {}
                    None => open = Some(withdrawal.id),
                }
            }
            match (withdrawn, open) {
                (false, Some(next)) => {
                    self.standing.insert(top, Standing::Asked);
                    asked.push(next);
                }
                (withdrawn, _) => {
                    let standing = if withdrawn { Standing::Withdrawn } else { Standing::InForce };
                    self.standing.insert(top, standing);
                    asked.pop();
                }
            }
        }
        self.standing.get(&event) == Some(&Standing::InForce)
    }

    /// Returns the fact as the corrections in force and the scenario leave it; none where it is
    /// withdrawn.
    fn apply<'e>(
        &mut self,
        event: &Event<'e>,
        imagined: &Imagined<'e>,
        findings: &mut Vec<Found>,
    ) -> Option<Seen<'e>> {
        if !self.in_force(event.id) {
            return None;
        }
        if let Some(&origin) = imagined.in_place_of.get(&event.id)
            && !self.in_force(origin)
        {
            return None;
        }
        let mut seen = Seen {
            recorded: event.clone(),
            on: event.on,
            fact: event.borrowed_fact()?,
            shaped_by: Vec::new(),
            assumed: None,
        };
        let held: Vec<(EventId, Amendment)> = self
            .holding(event.id)
            .into_iter()
            .map(|(by, amended)| (by.id, amended.amendment.clone()))
            .collect();
        let shapings = imagined.shapings.get(&event.id).map_or(&[][..], Vec::as_slice);
        for (by, amendment) in shaped(event.on, held, shapings) {
            let fits = match &amendment {
                Amendment::On(day) => {
                    seen.on = *day;
                    true
                }
                amendment => seen.fact.to_mut().amend(amendment),
            };
            if fits {
                seen.shaped_by.push(by);
            } else {
                let finding = Finding::AmendmentDoesNotFit;
                let of = seen.fact.participation();
                findings.push(Found::new(finding, of, vec![by, event.id]));
            }
        }
        let made_by = std::iter::once(&event.id).chain(&seen.shaped_by);
        seen.assumed = made_by.filter_map(|id| imagined.assumed.get(id)).max().copied();
        Some(seen)
    }

    /// Returns the withdrawn events, each with the first reported withdrawal in force.
    fn withdrawn(&mut self) -> BTreeMap<EventId, EventId> {
        let targets: Vec<(EventId, Vec<&Recorded>)> =
            self.withdrawals.iter().map(|(target, by)| (*target, by.clone())).collect();
        let mut withdrawn = BTreeMap::new();
        for (target, mut by) in targets {
            by.sort_by(|a, b| a.learned().cmp(&b.learned()));
            if let Some(first) = by.into_iter().find(|by| self.in_force(by.id)) {
                withdrawn.insert(target, first.id);
            }
        }
        withdrawn
    }

    /// Returns the amendments that hold for an event: in force, and for each field the last
    /// reported, in the order of being reported.
    fn holding(&mut self, event: EventId) -> Vec<(&'a Recorded, &'a FactAmended)> {
        let Some(amendments) = self.amendments.get(&event).cloned() else {
            return Vec::new();
        };
        let mut in_force: Vec<_> =
            amendments.into_iter().filter(|(by, _)| self.in_force(by.id)).collect();
        in_force.sort_by(|(a, _), (b, _)| a.learned().cmp(&b.learned()));
        let mut holding: Vec<(&'a Recorded, &'a FactAmended)> = Vec::new();
        for (by, amended) in in_force {
            holding.retain(|(_, earlier)| !earlier.amendment.same_field(&amended.amendment));
            holding.push((by, amended));
        }
        holding
    }

    fn findings(&self, known: &[&Event<'_>]) -> Vec<Found> {
        if self.withdrawals.is_empty() && self.amendments.is_empty() {
            return Vec::new();
        }
        let facts: BTreeMap<EventId, &Fact> =
            known.iter().filter_map(|recorded| Some((recorded.id, recorded.fact()?))).collect();
        let withdrawals = self
            .withdrawals
            .iter()
            .filter(|(target, _)| !facts.contains_key(target))
            .flat_map(|(_, withdrawals)| withdrawals.iter().map(|by| by.id));
        let amendments = self
            .amendments
            .iter()
            .filter(|(target, _)| facts.get(target).is_none_or(|fact| fact.kind().is_correction()))
            .flat_map(|(_, amendments)| amendments.iter().map(|(by, _)| by.id));
        withdrawals
            .chain(amendments)
            .map(|id| Found::new(Finding::CorrectionOfNothing, None, vec![id]))
            .collect()
    }
}

/// Returns the amendments that hold for a fact once the scenario has had the last word, of each
/// field the last.
fn shaped(
    on: NaiveDate,
    mut held: Vec<(EventId, Amendment)>,
    shapings: &[Shaping],
) -> Vec<(EventId, Amendment)> {
    for shaping in shapings {
        let day = held.iter().find_map(|(_, amendment)| match amendment {
            Amendment::On(day) => Some(*day),
            _ => None,
        });
        let amendment = shaping.amendment(day.unwrap_or(on));
        held.retain(|(_, earlier)| !earlier.same_field(&amendment));
        held.push((shaping.id, amendment));
    }
    held
}
