//! The kinds of event, in order of precedence: of two facts on one day, the kind that stands
//! earlier in this list is read first. Kinds may be added; none is renamed once it is stored.

macro_rules! kinds {
    ($($kind:ident,)*) => {
        /// What kind of event this is. The declaration order is the precedence within one day.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)] // the names are the domain's own; each payload says what it holds
        pub enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// Every kind, in order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];
        }
    };
}

kinds! {
    CharacteristicsRecorded, Referred, ReferralAcknowledged, EligibilityAssessed, Allocated,
    NotStarted, Started, Rejoined, GroupChanged, Transferred, KeyWorkerAssigned,
    AssessmentAnswered, NeedIdentified, BetterOffCalculated, ActionPlanAgreed, ContactMade,
    AppointmentBooked, AppointmentAttended, AppointmentMissed, InterventionRecommended,
    InterventionReferred, InterventionAccepted, InterventionDeclined, InterventionWaitListed,
    InterventionStarted, InterventionAttended, InterventionMissed, InterventionCompleted,
    InterventionWithdrawn, QualificationAchieved, ConcernRaised, ConcernClosed, JobStarted,
    JobChanged, EmploymentVerified,
    EarningsReported, BenefitObserved, InWorkSupportStarted, InWorkSupportEnded, JobEnded, Paused,
    Resumed, ConsentRecorded, ConsentWithdrawn, ClaimSubmitted, ClaimValidated, ClaimFailed,
    ClaimPaid, ClaimClawedBack, Completed, Exited, FactAmended, FactWithdrawn,
    // not facts:
    OutcomeDetermined, DeterminationWithdrawn, PackAdopted, TablesAdopted, DeterminationsMade,
    LossDeclared, EventSkipped, ParticipantRetried, LogRecovered, FigurePublished, AccessRecorded,
}

impl Kind {
    /// Returns whether an event of this kind corrects another.
    pub const fn is_correction(self) -> bool {
        matches!(self, Self::FactAmended | Self::FactWithdrawn)
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn kinds_stand_in_order_of_precedence() {
        assert!(Kind::ALL.is_sorted());
        assert_eq!(Kind::ALL.len(), 64);
        assert!(Kind::JobStarted < Kind::JobChanged && Kind::JobChanged < Kind::JobEnded);
    }
}
