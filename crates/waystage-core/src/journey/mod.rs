//! Facts by step, one file each, and the journey folded from them. The file list is the programme:
//! entry, diagnostic, support, employment, evidence, money, correction.
//!
//! A fact says what happened and is never refused for what a programme thinks of it; what looks
//! wrong is a [`Finding`].

pub mod code;
pub mod correction;
pub mod diagnostic;
pub mod employment;
pub mod entry;
pub mod evidence;
mod finding;
mod fold;
mod kind;
mod look_over;
pub mod money;
mod recorded;
mod stage;
mod steps;
pub mod support;
mod visible;

pub use finding::{Finding, Found};
pub use fold::{Claimed, Job, Journey, Participation, Statement, Step};
pub use kind::Kind;
pub use recorded::{Learned, Record, Recorded, Sourced};
pub use stage::Stage;
pub use visible::{FactIndex, Seen, Visible};

use self::correction::{Amendment, Correction};
use self::diagnostic::Diagnostic;
use self::employment::Employment;
use self::entry::Entry;
use self::evidence::Evidence;
use self::money::Money;
use self::support::Support;
use crate::id::{JobId, ParticipationId};

/// Something that happened, by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Who is referred, taken on, moved.
    Entry(Entry),
    /// What stands between the person and work.
    Diagnostic(Diagnostic),
    /// Key workers, interventions, pauses, leaving.
    Support(Support),
    /// Jobs and self-employment.
    Employment(Employment),
    /// Verifications, earnings, benefits, consent.
    Evidence(Evidence),
    /// Claims and payments.
    Money(Money),
    /// A fact that acts on an earlier one.
    Correction(Correction),
}

impl Fact {
    /// Returns the kind of the fact.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Entry(fact) => fact.kind(),
            Self::Diagnostic(fact) => fact.kind(),
            Self::Support(fact) => fact.kind(),
            Self::Employment(fact) => fact.kind(),
            Self::Evidence(fact) => fact.kind(),
            Self::Money(fact) => fact.kind(),
            Self::Correction(fact) => fact.kind(),
        }
    }

    /// Reads the payload of a kind, whatever it is written in; none where the kind is no fact.
    pub fn of_kind<'de, D>(kind: Kind, payload: D) -> Option<Result<Self, D::Error>>
    where
        D: serde::Deserializer<'de> + Clone,
    {
        fn fact<T: Into<Fact>, E>(read: Result<T, E>) -> Result<Fact, E> {
            read.map(Into::into)
        }
        Entry::of_kind(kind, payload.clone())
            .map(fact)
            .or_else(|| Diagnostic::of_kind(kind, payload.clone()).map(fact))
            .or_else(|| Support::of_kind(kind, payload.clone()).map(fact))
            .or_else(|| Employment::of_kind(kind, payload.clone()).map(fact))
            .or_else(|| Evidence::of_kind(kind, payload.clone()).map(fact))
            .or_else(|| Money::of_kind(kind, payload.clone()).map(fact))
            .or_else(|| Correction::of_kind(kind, payload).map(fact))
    }

    /// Returns the participation that the fact is about; none where it is the person's own.
    pub fn participation(&self) -> Option<ParticipationId> {
        match self {
            Self::Entry(fact) => fact.participation(),
            Self::Diagnostic(fact) => Some(fact.participation()),
            Self::Support(fact) => Some(fact.participation()),
            Self::Employment(fact) => fact.participation(),
            Self::Money(fact) => Some(fact.claim().participation),
            Self::Evidence(_) | Self::Correction(_) => None,
        }
    }

    /// Returns the job that the fact is about, where it is about one.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Employment(fact) => fact.job(),
            Self::Evidence(Evidence::EmploymentVerified(fact)) => Some(fact.job),
            Self::Entry(_)
            | Self::Diagnostic(_)
            | Self::Support(_)
            | Self::Evidence(_)
            | Self::Money(_)
            | Self::Correction(_) => None,
        }
    }

    /// Sets one field of the fact and returns whether it has that field. The day (`on`) is not a
    /// field of the fact but of the event, and a correction has none that may be amended.
    pub fn amend(&mut self, amendment: &Amendment) -> bool {
        match self {
            Self::Entry(fact) => fact.amend(amendment),
            Self::Diagnostic(fact) => fact.amend(amendment),
            Self::Support(fact) => fact.amend(amendment),
            Self::Employment(fact) => fact.amend(amendment),
            Self::Evidence(fact) => fact.amend(amendment),
            Self::Money(fact) => fact.amend(amendment),
            Self::Correction(_) => false,
        }
    }

    /// Returns whether the amendment names something that this fact has.
    pub fn can_be_amended(&self, amendment: &Amendment) -> bool {
        match (self, amendment) {
            (Self::Correction(_), _) => false,
            (_, Amendment::On(_)) => true,
            (fact, amendment) => fact.clone().amend(amendment),
        }
    }
}

macro_rules! steps_are_facts {
    ($($step:ident,)*) => {$(
        impl From<$step> for Fact {
            fn from(fact: $step) -> Self {
                Self::$step(fact)
            }
        }
    )*};
}

steps_are_facts! { Entry, Diagnostic, Support, Employment, Evidence, Money, Correction, }
