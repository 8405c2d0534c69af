//! Where a participation stands, as one table: the stage so far, the kind of step, what follows.

use super::Kind;
use super::code::codes;

codes! {
    /// Where a participation stands.
    Stage {
        /// Referred, not yet acknowledged.
        Referred = "referred",
        /// Acknowledged by the provider.
        Acknowledged = "acknowledged",
        /// Closed without a start.
        NotStarted = "not_started",
        /// Started.
        Started = "started",
        /// Started, with a plan or an intervention under way.
        Supported = "supported",
        /// Paused.
        Paused = "paused",
        /// Left after completing.
        Completed = "completed",
        /// Left early.
        Exited = "exited",
    }
}

/// What a step does to the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The stage that follows.
    To(Stage),
    /// The stage stays, as it should.
    Stays,
    /// The step does not follow from the stage; it is a finding, and this is where things stand.
    OutOfSequence(Stage),
}

impl Stage {
    /// Returns what a step of this kind does to the stage.
    pub(super) fn next(self, kind: Kind) -> Next {
        use Kind as K;
        use Next::{OutOfSequence, Stays, To};
        use Stage::{
            Acknowledged, Completed, Exited, NotStarted, Paused, Referred, Started, Supported,
        };
        match (self, kind) {
            (Referred, K::ReferralAcknowledged) => To(Acknowledged),
            (stage, K::ReferralAcknowledged) => OutOfSequence(stage),

            (Referred | Acknowledged, K::NotStarted) => To(NotStarted),
            (stage, K::NotStarted) => OutOfSequence(stage),

            (Referred | Acknowledged, K::Started) => To(Started),
            (NotStarted, K::Started) => OutOfSequence(Started),
            (stage, K::Started) => OutOfSequence(stage),

            (Completed | Exited, K::Rejoined) => To(Started),
            (stage, K::Rejoined) => OutOfSequence(stage),

            (Started, K::ActionPlanAgreed | K::InterventionStarted | K::InterventionReferred) => {
                To(Supported)
            }
            (Started | Supported, K::Paused) => To(Paused),
            (Paused, K::Resumed) => To(Supported),
            (stage, K::Paused | K::Resumed) => OutOfSequence(stage),

            (Started | Supported | Paused, K::Completed) => To(Completed),
            (Started | Supported | Paused, K::Exited) => To(Exited),
            (Referred | Acknowledged | NotStarted, K::Completed) => OutOfSequence(Completed),
            (Referred | Acknowledged | NotStarted, K::Exited) => OutOfSequence(Exited),
            (Completed | Exited, K::Completed | K::Exited) => OutOfSequence(self),

            (
                stage @ (Completed | Exited | NotStarted),
                K::EligibilityAssessed
                | K::Allocated
                | K::GroupChanged
                | K::Transferred
                | K::KeyWorkerAssigned
                | K::AssessmentAnswered
                | K::NeedIdentified
                | K::BetterOffCalculated
                | K::ActionPlanAgreed,
            ) => OutOfSequence(stage),

            _ => Stays,
        }
    }
}
