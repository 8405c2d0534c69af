//! The entry step: who is referred, whether the programme takes them on, and how a participation
//! begins, moves and changes group.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::code::{GssCode, codes};
use super::correction::Amendment;
use super::kind::Kind;
use super::steps::step;
use crate::id::{Named, ParticipationId, ProgrammeId, Reference};

codes! {
    /// Sex, as the participant wishes it recorded.
    Sex {
        /// Female.
        Female = "F",
        /// Male.
        Male = "M",
        /// Another, or not stated as either.
        Other = "X",
    }
    /// The highest qualification held at the time.
    Qualification {
        /// No qualification.
        None = "none",
        /// Level 1.
        Level1 = "level1",
        /// Level 2.
        Level2 = "level2",
        /// Level 3.
        Level3 = "level3",
        /// Level 4 or above.
        Level4Plus = "level4plus",
    }
    /// Whether the participant chose to take part.
    ParticipationType {
        /// By choice.
        Voluntary = "voluntary",
        /// Mandated by the Jobcentre.
        Mandatory = "mandatory",
    }
    /// What was decided on eligibility.
    Eligibility {
        /// May take part.
        Eligible = "eligible",
        /// May not.
        Ineligible = "ineligible",
    }
    /// The arm of a trial.
    Arm {
        /// Gets the programme.
        Treatment = "treatment",
        /// Is compared with those who do.
        Control = "control",
    }
}

/// Characteristics of the person, as a source recorded them on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharacteristicsRecorded {
    /// The source's pseudonymous reference for the person.
    pub participant_ref: Reference,
    /// Year of birth.
    pub birth_year: u16,
    /// Sex.
    pub sex: Option<Sex>,
    /// Highest qualification.
    pub qualification: Option<Qualification>,
    /// Authority of the home.
    pub local_authority: GssCode,
}

/// A referral to a programme: it opens the participation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referred {
    /// The participation that it opens.
    pub participation: Named<ParticipationId>,
    /// The programme.
    pub programme: ProgrammeId,
    /// The day on which the provider received it; service standards count from here.
    pub received_on: NaiveDate,
    /// Who referred.
    pub referrer: Option<String>,
    /// By choice or mandated.
    pub participation_type: ParticipationType,
    /// The declared client group. One that the pack does not know is a finding.
    pub group: Option<String>,
    /// The provider referred to.
    pub provider: String,
    /// Authority of the home at referral.
    pub local_authority: GssCode,
}

impl Referred {
    /// Returns a voluntary referral, received on that day; set what else is known on the value.
    pub fn to(
        programme: impl Into<ProgrammeId>,
        participation: Named<ParticipationId>,
        received_on: NaiveDate,
        local_authority: GssCode,
    ) -> Self {
        Self {
            participation,
            programme: programme.into(),
            received_on,
            referrer: None,
            participation_type: ParticipationType::Voluntary,
            group: None,
            provider: String::new(),
            local_authority,
        }
    }
}

/// A step of a participation that says nothing but that it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marked {
    /// The participation.
    pub participation: ParticipationId,
    /// A note or reason, in the source's words.
    pub note: Option<String>,
}

impl Marked {
    /// Returns the step of a participation, without a note.
    pub const fn of(participation: ParticipationId) -> Self {
        Self { participation, note: None }
    }
}

/// A decision on eligibility. It refuses nothing: eligibility by rules is a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityAssessed {
    /// The participation.
    pub participation: ParticipationId,
    /// The decision.
    pub decision: Eligibility,
}

/// Allocation to an arm of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocated {
    /// The participation.
    pub participation: ParticipationId,
    /// The arm.
    pub arm: Arm,
}

/// A change of client group. The referral keeps the group that it was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupChanged {
    /// The participation.
    pub participation: ParticipationId,
    /// The group from this day.
    pub group: String,
}

/// Where a participation was transferred to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Destination {
    /// Another provider.
    Provider(String),
    /// Another area.
    Area(GssCode),
}

/// A transfer to another provider or area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transferred {
    /// The participation.
    pub participation: ParticipationId,
    /// Where to.
    pub to: Destination,
}

step! {
    /// Facts of the entry step.
    Entry {
        CharacteristicsRecorded(CharacteristicsRecorded),
        Referred(Referred),
        ReferralAcknowledged(Marked),
        EligibilityAssessed(EligibilityAssessed),
        Allocated(Allocated),
        NotStarted(Marked),
        Started(Marked),
        Rejoined(Marked),
        GroupChanged(GroupChanged),
        Transferred(Transferred),
    }
}

impl Entry {
    /// Returns the participation that the fact is about; characteristics are the person's own.
    pub fn participation(&self) -> Option<ParticipationId> {
        match self {
            Self::CharacteristicsRecorded(_) => None,
            Self::Referred(fact) => Some(fact.participation.id),
            Self::ReferralAcknowledged(fact)
            | Self::NotStarted(fact)
            | Self::Started(fact)
            | Self::Rejoined(fact) => Some(fact.participation),
            Self::EligibilityAssessed(fact) => Some(fact.participation),
            Self::Allocated(fact) => Some(fact.participation),
            Self::GroupChanged(fact) => Some(fact.participation),
            Self::Transferred(fact) => Some(fact.participation),
        }
    }

    pub(super) fn amend(&mut self, amendment: &Amendment) -> bool {
        use Amendment as To;
        match (self, amendment.clone()) {
            (Self::CharacteristicsRecorded(fact), To::BirthYear(year)) => fact.birth_year = year,
            (Self::CharacteristicsRecorded(fact), To::Sex(sex)) => fact.sex = Some(sex),
            (Self::CharacteristicsRecorded(fact), To::Qualification(level)) => {
                fact.qualification = Some(level);
            }
            (Self::CharacteristicsRecorded(fact), To::LocalAuthority(area)) => {
                fact.local_authority = area;
            }
            (Self::Referred(fact), To::LocalAuthority(area)) => fact.local_authority = area,
            (Self::Referred(fact), To::ReceivedOn(day)) => fact.received_on = day,
            (Self::Referred(fact), To::Referrer(referrer)) => fact.referrer = Some(referrer),
            (Self::Referred(fact), To::ParticipationType(by)) => fact.participation_type = by,
            (Self::Referred(fact), To::Group(group)) => fact.group = Some(group),
            (Self::Referred(fact), To::Provider(provider)) => fact.provider = provider,
            (
                Self::ReferralAcknowledged(fact)
                | Self::NotStarted(fact)
                | Self::Started(fact)
                | Self::Rejoined(fact),
                To::Note(note),
            ) => fact.note = Some(note),
            (Self::EligibilityAssessed(fact), To::Eligibility(decision)) => {
                fact.decision = decision;
            }
            (Self::Allocated(fact), To::Arm(arm)) => fact.arm = arm,
            (Self::GroupChanged(fact), To::Group(group)) => fact.group = group,
            (Self::Transferred(fact), To::Destination(to)) => fact.to = to,
            _ => return false,
        }
        true
    }
}
