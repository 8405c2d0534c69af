//! Selectors: conditions that pick facts of a participant's stream. They read what was recorded,
//! never what corrections made of it, and the whole stream, whatever a view knows of it: so which
//! facts a scenario picks depends neither on the view nor on the order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::id::{EventId, ParticipantId, ParticipationId, ProgrammeId, Reference};
use crate::journey::code::GssCode;
use crate::journey::entry::{Entry, Referred};
use crate::journey::evidence::{Evidence, Method};
use crate::journey::{Fact, Kind, Recorded};
use crate::time::Timestamp;

/// One condition on a fact. A list is met by any of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It is one of these events.
    Events(BTreeSet<EventId>),
    /// Its source calls it so.
    References(BTreeSet<Reference>),
    /// It is of one of these kinds.
    Kinds(BTreeSet<Kind>),
    /// Its day as recorded, both ends counted; an end that is absent is open.
    On {
        /// The first day.
        from: Option<NaiveDate>,
        /// The last day.
        until: Option<NaiveDate>,
    },
    /// When it was told, both ends counted; an end that is absent is open.
    Reported {
        /// The first instant.
        from: Option<Timestamp>,
        /// The last instant.
        until: Option<Timestamp>,
    },
    /// It stands in the stream of one of these participants.
    Participants(BTreeSet<ParticipantId>),
    /// It stands in the stream of a participant whom a source calls so.
    ParticipantReferences(BTreeSet<Reference>),
    /// It is about a participation that a source calls so.
    Participations(BTreeSet<Reference>),
    /// It is about a participation in one of these programmes.
    Programmes(BTreeSet<ProgrammeId>),
    /// It is about a participation whose referral names one of these authorities.
    Areas(BTreeSet<GssCode>),
    /// It is about a participation that was referred with one of these groups.
    Groups(BTreeSet<String>),
    /// It is about a participation that was referred to one of these providers, or is itself one's
    /// doing: an intervention that it delivers. A transfer to a provider is not its doing.
    Providers(BTreeSet<String>),
    /// It is about a person who was ever referred to one of these providers.
    EverReferredTo(BTreeSet<String>),
    /// It verifies a job by one of these methods.
    Methods(BTreeSet<Method>),
    /// It is about a person of whom none of these benefits was ever observed.
    NeverOn(BTreeSet<String>),
    /// It is about a person of whom no consent for any of these purposes was ever recorded; one
    /// that was withdrawn later was recorded.
    NeverConsentedTo(BTreeSet<String>),
}

/// Picks the facts that meet all of its conditions; without a condition, every fact. Conditions
/// about participations pick no facts that are the person's own, such as jobs, and no corrections.
///
/// ```
/// use waystage_core::journey::Kind;
/// use waystage_core::scenario::{Condition, Selector};
/// let big_life = Condition::EverReferredTo(["big-life".to_owned()].into());
/// let jobs = Selector::of([big_life, Condition::Kinds([Kind::JobStarted].into())]);
/// assert_eq!(jobs.conditions().len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector(Vec<Condition>);

impl Selector {
    /// Returns the selector of these conditions together.
    pub fn of(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self(conditions.into_iter().collect())
    }

    /// Returns the selector of these events.
    pub fn events(ids: impl IntoIterator<Item = EventId>) -> Self {
        Self::of([Condition::Events(ids.into_iter().collect())])
    }

    /// Returns the selector of every fact of a kind.
    pub fn kind(kind: Kind) -> Self {
        Self::of([Condition::Kinds([kind].into())])
    }

    /// Returns the conditions.
    pub fn conditions(&self) -> &[Condition] {
        &self.0
    }

    /// Returns whether it picks this event of the person's stream.
    pub(super) fn selects(&self, event: &Recorded, person: &Person<'_>) -> bool {
        let Some(fact) = event.fact() else { return false };
        self.0.iter().all(|condition| condition.is_met(event, fact, person))
    }
}

/// What conditions ask about the person: the referrals and references of one stream, as recorded.
pub(super) struct Person<'e> {
    participant: ParticipantId,
    references: BTreeSet<&'e Reference>,
    referrals: BTreeMap<ParticipationId, Vec<&'e Referred>>,
    benefits: BTreeSet<&'e str>,
    consents: BTreeSet<&'e str>,
}

impl<'e> Person<'e> {
    pub(super) fn of(
        participant: ParticipantId,
        events: impl Iterator<Item = &'e Recorded>,
    ) -> Self {
        let mut person = Self {
            participant,
            references: BTreeSet::new(),
            referrals: BTreeMap::new(),
            benefits: BTreeSet::new(),
            consents: BTreeSet::new(),
        };
        for event in events {
            match event.fact() {
                Some(Fact::Entry(Entry::CharacteristicsRecorded(fact))) => {
                    person.references.insert(&fact.participant_ref);
                }
                Some(Fact::Entry(Entry::Referred(fact))) => {
                    person.referrals.entry(fact.participation.id).or_default().push(fact);
                }
                Some(Fact::Evidence(Evidence::BenefitObserved(fact))) => {
                    person.benefits.insert(&fact.benefit);
                }
                Some(Fact::Evidence(Evidence::ConsentRecorded(fact))) => {
                    person.consents.insert(&fact.purpose);
                }
                _ => {}
            }
        }
        person
    }

    /// Returns whether a participation in one of these programmes was ever recorded.
    pub(super) fn was_referred_to(&self, programmes: &BTreeSet<ProgrammeId>) -> bool {
        self.referrals.values().flatten().any(|referred| programmes.contains(&referred.programme))
    }

    /// Returns whether a referral row of the participation that the fact is about fits.
    fn has_referral(&self, fact: &Fact, fits: impl Fn(&Referred) -> bool) -> bool {
        let rows = fact.participation().and_then(|id| self.referrals.get(&id));
        rows.is_some_and(|rows| rows.iter().any(|row| fits(row)))
    }
}

impl Condition {
    fn is_met(&self, event: &Recorded, fact: &Fact, person: &Person<'_>) -> bool {
        match self {
            Self::Events(ids) => ids.contains(&event.id),
            Self::References(names) => {
                event.sourced.as_ref().is_some_and(|sourced| names.contains(&sourced.reference))
            }
            Self::Kinds(kinds) => kinds.contains(&fact.kind()),
            Self::On { from, until } => within(event.on, *from, *until),
            Self::Reported { from, until } => within(event.told(), *from, *until),
            Self::Participants(ids) => ids.contains(&person.participant),
            Self::ParticipantReferences(names) => {
                person.references.iter().any(|name| names.contains(*name))
            }
            Self::Participations(names) => {
                person.has_referral(fact, |row| names.contains(&row.participation.reference))
            }
            Self::Programmes(ids) => person.has_referral(fact, |row| ids.contains(&row.programme)),
            Self::Areas(codes) => {
                person.has_referral(fact, |row| codes.contains(&row.local_authority))
            }
            Self::Groups(groups) => person.has_referral(fact, |row| {
                row.group.as_ref().is_some_and(|group| groups.contains(group))
            }),
            Self::Providers(names) => {
                provider_named(fact).is_some_and(|name| names.contains(name))
                    || person.has_referral(fact, |row| names.contains(&row.provider))
            }
            Self::EverReferredTo(names) => {
                person.referrals.values().flatten().any(|row| names.contains(&row.provider))
            }
            Self::Methods(methods) => match fact {
                Fact::Evidence(Evidence::EmploymentVerified(fact)) => {
                    methods.contains(&fact.method)
                }
                _ => false,
            },
            Self::NeverOn(benefits) => {
                benefits.iter().all(|name| !person.benefits.contains(name.as_str()))
            }
            Self::NeverConsentedTo(purposes) => {
                purposes.iter().all(|name| !person.consents.contains(name.as_str()))
            }
        }
    }
}

fn within<T: PartialOrd + Copy>(value: T, from: Option<T>, until: Option<T>) -> bool {
    from.is_none_or(|from| from <= value) && until.is_none_or(|until| value <= until)
}

/// Returns the provider whose doing the fact says it is. A transfer names where somebody goes, and
/// is the doing of whoever they leave.
fn provider_named(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Entry(Entry::Referred(fact)) => Some(&fact.provider),
        Fact::Support(fact) => fact.intervention()?.provider.as_deref(),
        _ => None,
    }
}
