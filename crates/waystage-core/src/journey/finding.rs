//! What looks wrong in a journey. A finding refuses nothing: the fact stays, and reports show the
//! finding with the events it is about.

use super::code::codes;
use crate::id::{EventId, ParticipationId};

codes! {
    /// What looks wrong.
    Finding {
        /// The target of a correction is not known in this view.
        CorrectionOfNothing = "correction_of_nothing",
        /// The amended field is none of the fact's.
        AmendmentDoesNotFit = "amendment_does_not_fit",
        /// The participation's referral is not in this view.
        FactWithoutReferral = "fact_without_referral",
        /// A participation was referred more than once; the first referral stands.
        SecondReferral = "second_referral",
        /// A step of a participation is dated before its referral.
        BeforeReferral = "before_referral",
        /// A step does not follow from the stage in which the participation stood.
        OutOfSequence = "out_of_sequence",
        /// A participation started and its referral was never acknowledged.
        StartWithoutAcknowledgement = "start_without_acknowledgement",
        /// The referral was acknowledged after the start.
        AcknowledgedAfterStart = "acknowledged_after_start",
        /// A change, end or verification of a job whose start is not in this view.
        JobWithoutStart = "job_without_start",
        /// A job started again; the later start is read as a change of hours.
        SecondJobStart = "second_job_start",
        /// A job started before the participation did.
        JobBeforeStart = "job_before_start",
        /// A job ended before it started; it has no days.
        JobEndsBeforeItStarts = "job_ends_before_it_starts",
        /// A job has several ends; the latest is read.
        SeveralJobEnds = "several_job_ends",
        /// A change of hours is dated outside the job.
        ChangeOutsideJob = "change_outside_job",
        /// A verification ends before it begins.
        VerificationCoversNothing = "verification_covers_nothing",
        /// An earnings period ends before it begins.
        StatementOfNoPeriod = "statement_of_no_period",
        /// A claim was checked or paid that was never submitted.
        ClaimNeverSubmitted = "claim_never_submitted",
        /// One rule was paid more than once for one participation.
        ClaimPaidTwice = "claim_paid_twice",
        /// A job start was told after a claim was made that it would precede: it is back-dated.
        JobStartToldAfterClaim = "job_start_told_after_claim",
        /// No adopted pack names the programme, so no rule is read.
        ProgrammeNotAdopted = "programme_not_adopted",
        /// The pack does not know the client group.
        UnknownGroup = "unknown_group",
        /// The referral lies outside the programme's referral dates.
        OutsideReferralDates = "outside_referral_dates",
        /// The home at referral lies outside the programme's areas.
        OutsideAreas = "outside_areas",
    }
}

impl Finding {
    /// Returns the finding as a sentence for people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::CorrectionOfNothing => "a correction names an event that is not known here",
            Self::AmendmentDoesNotFit => "an amendment names a field that the fact does not have",
            Self::FactWithoutReferral => "a step of a participation whose referral is not in view",
            Self::SecondReferral => "referred again under the same participation; the first stands",
            Self::BeforeReferral => "dated before the referral",
            Self::OutOfSequence => "does not follow from the stage reached so far",
            Self::StartWithoutAcknowledgement => "started although never acknowledged",
            Self::AcknowledgedAfterStart => "acknowledged only after the start",
            Self::JobWithoutStart => "about a job whose start is not in view",
            Self::SecondJobStart => "the job started before; read as a change of hours",
            Self::JobBeforeStart => "the job started before the participation did",
            Self::JobEndsBeforeItStarts => "the job ends before it starts and has no days",
            Self::SeveralJobEnds => "the job has several ends; the latest is read",
            Self::ChangeOutsideJob => "the change of hours is dated outside the job",
            Self::VerificationCoversNothing => "the verification ends before it begins",
            Self::StatementOfNoPeriod => "the earnings period ends before it begins",
            Self::ClaimNeverSubmitted => "checked or paid although never submitted",
            Self::ClaimPaidTwice => "the same rule was paid more than once",
            Self::JobStartToldAfterClaim => "told only after a claim that it precedes: back-dated",
            Self::ProgrammeNotAdopted => "no adopted pack names the programme; no rule is read",
            Self::UnknownGroup => "the pack does not know this client group",
            Self::OutsideReferralDates => "outside the programme's referral dates",
            Self::OutsideAreas => "the home at referral lies outside the programme's areas",
        }
    }
}

/// A finding and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The participation concerned, where there is one.
    pub participation: Option<ParticipationId>,
    /// What looks wrong.
    pub finding: Finding,
    /// The events it rests on.
    pub events: Vec<EventId>,
}

impl Found {
    /// Returns the finding about these events.
    pub fn new(
        finding: Finding,
        participation: Option<ParticipationId>,
        events: Vec<EventId>,
    ) -> Self {
        Self { participation, finding, events }
    }
}
