//! Scenarios: named changes to facts, programmes and tables, imagined while reading and never
//! stored. Withdrawing a fact on the record and imagining the journey without it are the same
//! function.

mod imagined;
mod overlay;
mod selector;

pub use imagined::Event;
pub(crate) use imagined::{Imagined, Shaping};
pub use overlay::Overlay;
pub use selector::{Condition, Selector};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use self::selector::Person;
use crate::id::{EventId, ParticipantId, ProgrammeId};
use crate::journey::correction::Amendment;
use crate::journey::{Fact, Recorded};
use crate::programme::Programmes;
use crate::time::Timestamp;
use crate::view::{Basis, View};

/// One change to the facts. What it makes of a fact is known in every view that knows the fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Imagines the journey without the facts that are picked, as if they were withdrawn.
    Without(Selector),
    /// Assumes another fact in the place of each that is picked: on its day as recorded, told when
    /// it was told. Amendments of the old fact do not act on the new one, its withdrawals do; a
    /// correction is not replaced.
    Instead(Selector, Fact),
    /// Assumes a fact.
    Also(Also),
    /// Assumes events exactly as they would be recorded: under their own ids and names, at the
    /// instant of recording. Corrections among them may act on others of them.
    Arrive(Arrivals),
    /// Moves facts so many days later, from where amendments leave them; earlier where negative.
    Redate(Selector, i32),
    /// Has facts and corrections told so many days later; earlier where negative.
    Rereport(Selector, i32),
    /// Sets a field of each fact that has it, as an amendment reported after all others.
    Amend(Selector, Amendment),
}

/// Events that are assumed as they would be recorded, by participant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrivals(BTreeMap<ParticipantId, Vec<Arc<Recorded>>>);

impl Arrivals {
    /// Takes events, in any order, each for the participant that it names.
    pub fn of(events: impl IntoIterator<Item = Recorded>) -> Self {
        let mut arrivals: BTreeMap<ParticipantId, Vec<Arc<Recorded>>> = BTreeMap::new();
        for event in events {
            arrivals.entry(event.participant).or_default().push(Arc::new(event));
        }
        Self(arrivals)
    }

    /// Returns the participants of whom something arrives.
    pub fn participants(&self) -> impl Iterator<Item = ParticipantId> {
        self.0.keys().copied()
    }

    /// Returns the events of a participant.
    pub(crate) fn of_participant(&self, participant: ParticipantId) -> &[Arc<Recorded>] {
        self.0.get(&participant).map_or(&[], Vec::as_slice)
    }
}

/// A fact that is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Also {
    /// Whose.
    pub participant: ParticipantId,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// What happened.
    pub fact: Fact,
    /// When it was told, on either basis of knowledge; none means as the day began.
    pub reported_at: Option<Timestamp>,
}

impl Change {
    /// Returns what picks the facts that it changes; none where it changes none.
    pub const fn selector(&self) -> Option<&Selector> {
        match self {
            Self::Without(selector)
            | Self::Instead(selector, _)
            | Self::Redate(selector, _)
            | Self::Rereport(selector, _)
            | Self::Amend(selector, _) => Some(selector),
            Self::Also(_) | Self::Arrive(_) => None,
        }
    }
}

/// The view that a scenario asks for, where it does; both runs are read in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BaseView {
    /// Facts whose day is later are not seen.
    pub as_of: Option<NaiveDate>,
    /// Facts learned later are not seen.
    pub known_at: Option<Timestamp>,
    /// What "learned" means.
    pub basis: Option<Basis>,
}

impl BaseView {
    /// Returns the view with what the scenario asks for.
    #[must_use]
    pub fn over(self, view: View) -> View {
        View {
            as_of: self.as_of.unwrap_or(view.as_of),
            known_at: self.known_at.unwrap_or(view.known_at),
            basis: self.basis.unwrap_or(view.basis),
            ..view
        }
    }
}

/// Named changes, applied in order. The empty scenario changes nothing.
///
/// ```
/// use waystage_core::journey::Kind;
/// use waystage_core::scenario::{Change, Scenario, Selector};
/// let late = Change::Rereport(Selector::kind(Kind::ClaimSubmitted), -30);
/// let scenario = Scenario { name: "claims a month sooner".to_owned(), ..Scenario::empty() };
/// let scenario = Scenario { changes: vec![late], ..scenario };
/// assert_ne!(scenario.canonical(), Scenario::empty().canonical());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scenario {
    /// What people call it.
    pub name: String,
    /// What it is asked for.
    pub purpose: String,
    /// What it takes for granted; every result prints it.
    pub assumptions: Vec<String>,
    /// The view that it asks for.
    pub base: BaseView,
    /// The changes to facts, in the order in which they are applied.
    pub changes: Vec<Change>,
    /// The changes to programmes and tables, in the order in which they are laid.
    pub overlays: Vec<Overlay>,
}

impl Scenario {
    /// Returns the scenario that changes nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Returns the scenario without the facts that are picked.
    pub fn without(name: &str, selector: Selector) -> Self {
        let changes = vec![Change::Without(selector)];
        Self { name: name.to_owned(), changes, ..Self::empty() }
    }

    /// Returns the scenario that reads with other programmes or tables.
    pub fn overlaid(name: &str, overlay: Overlay) -> Self {
        Self { name: name.to_owned(), overlays: vec![overlay], ..Self::empty() }
    }

    /// Returns the programmes and tables with all overlays, in their order.
    #[must_use]
    pub fn overlay(&self, programmes: Programmes) -> Programmes {
        self.overlays.iter().fold(programmes, |below, overlay| overlay.over(below))
    }

    /// Returns the participants for whom it assumes facts; a log need not know them.
    pub fn assumed_participants(&self) -> BTreeSet<ParticipantId> {
        let mut participants = BTreeSet::new();
        for change in &self.changes {
            match change {
                Change::Also(also) => {
                    participants.insert(also.participant);
                }
                Change::Arrive(arrivals) => participants.extend(arrivals.participants()),
                _ => {}
            }
        }
        participants
    }

    /// Returns whether any change picks facts by what they and the person's others are: it asks all
    /// of a stream, also what a view does not know yet.
    pub fn picks(&self) -> bool {
        self.changes.iter().any(|change| change.selector().is_some())
    }

    /// Returns whether it assumes a fact of this participant, whom a log need not know.
    pub fn assumes_of(&self, participant: ParticipantId) -> bool {
        self.changes.iter().any(|change| match change {
            Change::Also(also) => also.participant == participant,
            Change::Arrive(arrivals) => !arrivals.of_participant(participant).is_empty(),
            _ => false,
        })
    }

    /// Returns the name of an event that arrives by a change; none where it assumes another way.
    pub(crate) fn arrived(
        &self,
        participant: ParticipantId,
        change: u32,
        event: EventId,
    ) -> Option<String> {
        let change = self.changes.get(usize::try_from(change).ok()?)?;
        let Change::Arrive(arrivals) = change else { return None };
        let mut arrived = arrivals.of_participant(participant).iter();
        Some(arrived.find(|each| each.id == event)?.label())
    }

    /// Returns the events of a participant's stream that it imagines away.
    pub fn away(&self, participant: ParticipantId, stream: &[Recorded]) -> BTreeSet<EventId> {
        self.imagine(participant, stream).away.into_keys().collect()
    }

    /// Returns the id of what a change assumes about an event: the amendment of it, or the fact in
    /// its place. It is the same in every replay.
    pub fn assumed_id(change: u32, event: &Recorded) -> EventId {
        imagined::assumed_id(change, event.told(), event.id.as_bytes())
    }

    /// Returns the programmes whose readings its overlays could change, among those in force.
    pub fn affected(&self, programmes: &Programmes) -> BTreeSet<ProgrammeId> {
        self.overlays.iter().flat_map(|overlay| overlay.affected(programmes)).collect()
    }

    /// Returns the programmes among those in force that name a rate table or a calendar which its
    /// overlays change.
    pub fn naming_tables(&self, programmes: &Programmes) -> BTreeSet<ProgrammeId> {
        self.overlays.iter().flat_map(|overlay| overlay.naming_tables(programmes)).collect()
    }

    /// Returns whether it could change anything for a participant, without replaying: a change
    /// picks a fact of the stream, or the person was referred to a programme of `affected`. Whoever
    /// is not touched has the same journey and the same readings under the scenario as without it.
    /// A projection that reads rules of programmes that somebody was never referred to, as a
    /// comparison of definitions does, has to look at everybody where `affected` is not empty.
    pub fn touches(
        &self,
        participant: ParticipantId,
        stream: &[Recorded],
        affected: &BTreeSet<ProgrammeId>,
    ) -> bool {
        let person = Person::of(participant, stream.iter());
        let is_picked = |change: &Change| match change {
            Change::Also(also) => also.participant == participant,
            Change::Arrive(arrivals) => !arrivals.of_participant(participant).is_empty(),
            other => other.selector().is_some_and(|selector| {
                stream.iter().any(|event| selector.selects(event, &person))
            }),
        };
        person.was_referred_to(affected) || self.changes.iter().any(is_picked)
    }

    /// Returns the whole content of the scenario as a text to take a digest of: equal scenarios
    /// have equal texts and different ones different texts, within one version of this library.
    pub fn canonical(&self) -> String {
        format!("waystage scenario\n{self:?}\n")
    }
}
