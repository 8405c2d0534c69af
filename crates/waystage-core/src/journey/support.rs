//! The support step: key workers, contact, interventions from recommendation to their end, pauses,
//! and leaving the programme.

use serde::{Deserialize, Serialize};

use super::code::codes;
use super::correction::Amendment;
use super::entry::Marked;
use super::kind::Kind;
use super::steps::step;
use crate::id::{InterventionId, Named, ParticipationId};

codes! {
    /// How an intervention is delivered, in the commissioners' words.
    Delivery {
        /// By the provider itself.
        InHouse = "in_house",
        /// Within the provider's supply chain.
        SupplyChain = "supply_chain",
        /// Bought for this person.
        SpotPurchase = "spot_purchase",
        /// The person was told where to go.
        Signposted = "signposted",
        /// By a statutory service.
        Statutory = "statutory",
        /// The person arranged it.
        SelfArranged = "self_arranged",
    }
    /// What kind of concern it is.
    Concern {
        /// Somebody may be at risk of harm.
        Safeguarding = "safeguarding",
        /// Somebody is not content with the service.
        Complaint = "complaint",
    }
}

/// A key worker takes on a participation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyWorkerAssigned {
    /// The participation.
    pub participation: ParticipationId,
    /// The key worker's pseudonymous id.
    pub key_worker: String,
}

/// A contact with the participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactMade {
    /// The participation.
    pub participation: ParticipationId,
    /// By which channel (`telephone`).
    pub channel: String,
    /// What for.
    pub purpose: Option<String>,
}

/// An appointment booked, attended or missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// The participation.
    pub participation: ParticipationId,
    /// What kind (`first`, `review`, `in_work`, `exit`).
    pub purpose: String,
    /// Why it was missed, or what was said.
    pub note: Option<String>,
}

/// One step in the life of an intervention; the kind of event says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// The participation.
    pub participation: ParticipationId,
    /// The intervention.
    pub intervention: Named<InterventionId>,
    /// What it is (`talking_therapies`).
    pub category: String,
    /// How it is delivered.
    pub delivery: Delivery,
    /// Who delivers it.
    pub provider: Option<String>,
}

/// A qualification achieved during support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualificationAchieved {
    /// The participation.
    pub participation: ParticipationId,
    /// The level (`level2`).
    pub level: String,
    /// Who awarded it.
    pub awarding_body: Option<String>,
}

/// A concern was raised or closed. What it is about, and about whom, stays with those who handle
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcernNoted {
    /// The participation.
    pub participation: ParticipationId,
    /// Which kind of concern.
    pub concern: Concern,
}

step! {
    /// Facts of the support step.
    Support {
        KeyWorkerAssigned(KeyWorkerAssigned),
        ContactMade(ContactMade),
        AppointmentBooked(Appointment),
        AppointmentAttended(Appointment),
        AppointmentMissed(Appointment),
        InterventionRecommended(Intervention),
        InterventionReferred(Intervention),
        InterventionAccepted(Intervention),
        InterventionDeclined(Intervention),
        InterventionWaitListed(Intervention),
        InterventionStarted(Intervention),
        InterventionAttended(Intervention),
        InterventionMissed(Intervention),
        InterventionCompleted(Intervention),
        InterventionWithdrawn(Intervention),
        QualificationAchieved(QualificationAchieved),
        ConcernRaised(ConcernNoted),
        ConcernClosed(ConcernNoted),
        Paused(Marked),
        Resumed(Marked),
        Completed(Marked),
        Exited(Marked),
    }
}

impl Support {
    /// Returns the step of an intervention, where the fact is one.
    pub fn intervention(&self) -> Option<&Intervention> {
        match self {
            Self::InterventionRecommended(fact)
            | Self::InterventionReferred(fact)
            | Self::InterventionAccepted(fact)
            | Self::InterventionDeclined(fact)
            | Self::InterventionWaitListed(fact)
            | Self::InterventionStarted(fact)
            | Self::InterventionAttended(fact)
            | Self::InterventionMissed(fact)
            | Self::InterventionCompleted(fact)
            | Self::InterventionWithdrawn(fact) => Some(fact),
            Self::KeyWorkerAssigned(_)
            | Self::ContactMade(_)
            | Self::AppointmentBooked(_)
            | Self::AppointmentAttended(_)
            | Self::AppointmentMissed(_)
            | Self::QualificationAchieved(_)
            | Self::ConcernRaised(_)
            | Self::ConcernClosed(_)
            | Self::Paused(_)
            | Self::Resumed(_)
            | Self::Completed(_)
            | Self::Exited(_) => None,
        }
    }

    /// Returns the participation that the fact is about.
    pub fn participation(&self) -> ParticipationId {
        match self {
            Self::KeyWorkerAssigned(fact) => fact.participation,
            Self::ContactMade(fact) => fact.participation,
            Self::AppointmentBooked(fact)
            | Self::AppointmentAttended(fact)
            | Self::AppointmentMissed(fact) => fact.participation,
            Self::InterventionRecommended(fact)
            | Self::InterventionReferred(fact)
            | Self::InterventionAccepted(fact)
            | Self::InterventionDeclined(fact)
            | Self::InterventionWaitListed(fact)
            | Self::InterventionStarted(fact)
            | Self::InterventionAttended(fact)
            | Self::InterventionMissed(fact)
            | Self::InterventionCompleted(fact)
            | Self::InterventionWithdrawn(fact) => fact.participation,
            Self::QualificationAchieved(fact) => fact.participation,
            Self::ConcernRaised(fact) | Self::ConcernClosed(fact) => fact.participation,
            Self::Paused(fact)
            | Self::Resumed(fact)
            | Self::Completed(fact)
            | Self::Exited(fact) => fact.participation,
        }
    }

    pub(super) fn amend(&mut self, amendment: &Amendment) -> bool {
        use Amendment as To;
        match (self, amendment.clone()) {
            (Self::KeyWorkerAssigned(fact), To::KeyWorker(worker)) => fact.key_worker = worker,
            (
                Self::AppointmentBooked(fact)
                | Self::AppointmentAttended(fact)
                | Self::AppointmentMissed(fact),
                To::Note(note),
            ) => fact.note = Some(note),
            (
                Self::Paused(fact)
                | Self::Resumed(fact)
                | Self::Completed(fact)
                | Self::Exited(fact),
                To::Note(note),
            ) => fact.note = Some(note),
            (
                Self::InterventionRecommended(fact)
                | Self::InterventionReferred(fact)
                | Self::InterventionAccepted(fact)
                | Self::InterventionDeclined(fact)
                | Self::InterventionWaitListed(fact)
                | Self::InterventionStarted(fact)
                | Self::InterventionAttended(fact)
                | Self::InterventionMissed(fact)
                | Self::InterventionCompleted(fact)
                | Self::InterventionWithdrawn(fact),
                amendment,
            ) => return amend_intervention(fact, amendment),
            _ => return false,
        }
        true
    }
}

fn amend_intervention(fact: &mut Intervention, amendment: Amendment) -> bool {
    match amendment {
        Amendment::Category(category) => fact.category = category,
        Amendment::Delivery(delivery) => fact.delivery = delivery,
        Amendment::Provider(provider) => fact.provider = Some(provider),
        _ => return false,
    }
    true
}
