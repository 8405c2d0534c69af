//! What an audit can find, by family. A kind has a stored name that never changes, a heading for
//! people, and says whether money hangs on it.

use waystage_core::journey::Finding;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $code:literal, $pays:ident, $heading:literal;)*) => {
        /// What an audit finds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum AuditKind {
            $($(#[$doc])* $kind,)*
            /// What looks wrong in a journey whatever was claimed or determined.
            Journey(Finding),
        }

        impl AuditKind {
            /// Every kind but those of journeys, in the order of reports.
            pub const OWN: &'static [Self] = &[$(Self::$kind,)*];

            /// Returns the kind as it is written: lower case, with underscores.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                    Self::Journey(finding) => finding.as_str(),
                }
            }

            /// Returns what all findings of the kind have in common, in words.
            pub const fn heading(self) -> &'static str {
                match self {
                    $(Self::$kind => $heading,)*
                    Self::Journey(finding) => finding.says(),
                }
            }

            /// Returns whether a claim that such a finding names is in error: it should not have
            /// been paid, or not so.
            pub const fn touches_payment(self) -> bool {
                match self {
                    $(Self::$kind => kinds!(@ $pays),)*
                    Self::Journey(finding) => matches!(finding, Finding::ClaimPaidTwice),
                }
            }
        }
    };
    (@ pays) => { true };
    (@ free) => { false };
}

kinds! {
    /// A run should have recorded an outcome, and did not.
    DeterminationMissing = "determination_missing", free,
        "an outcome read met at a run and was not determined";
    /// A run recorded an outcome that did not read met then, or stood already.
    DeterminationUnfounded = "determination_unfounded", free,
        "an outcome was determined that the rules did not give at the run";
    /// A run recorded an outcome otherwise than it read.
    DeterminationDiffers = "determination_differs", free,
        "a determination says something else than the rules gave at the run";
    /// A determination names no run of the log, or was not recorded with it.
    DeterminationOfNoRun = "determination_of_no_run", free,
        "a determination that no run of the log recorded";
    /// A run should have withdrawn a determination, and did not.
    WithdrawalMissing = "withdrawal_missing", free,
        "a determination no longer held at a run and was not withdrawn";
    /// A run withdrew a determination that held, or that nobody knows.
    WithdrawalUnfounded = "withdrawal_unfounded", free,
        "a determination was withdrawn that held at the run, or that did not stand";
    /// A run withdrew a determination with another reason or on another day.
    WithdrawalDiffers = "withdrawal_differs", free,
        "a withdrawal says something else than the rules gave at the run";
    /// A withdrawal names no run of the log, or was not recorded with it.
    WithdrawalOfNoRun = "withdrawal_of_no_run", free,
        "a withdrawal that no run of the log recorded";
    /// A run says that it read with other packs or tables than the log had adopted.
    PacksDiffer = "packs_differ", free,
        "a run names other packs and tables than the log had adopted by then";
    /// A claim was made that the rules did not support, as known then.
    ClaimNotSupportedThen = "claim_not_supported_then", free,
        "a claim that the rules did not support when it was made";
    /// A claim was supported when it was made and is not any more.
    ClaimNoLongerSupported = "claim_no_longer_supported", pays,
        "a claim that was supported when it was made and no longer is";
    /// An outcome with a fee reads met and was never claimed.
    OutcomeNeverClaimed = "outcome_never_claimed", free,
        "an outcome with a fee reads met and was never claimed";
    /// One rule was paid more than once for one participation.
    ClaimPaidTwice = "claim_paid_twice", pays,
        "the same rule was paid more than once";
    /// Two participations in two programmes, open at once, were both paid for.
    PaidUnderTwoProgrammes = "paid_under_two_programmes", pays,
        "paid for under two programmes over the same days";
    /// A claim rests on the participant's own word alone.
    ClaimOnSelfDeclaration = "claim_on_self_declaration", pays,
        "a claim rests on self-declaration alone where its rule asks for more";
    /// A claim has evidence, but none of an accepted kind that reaches as far as the outcome.
    ClaimWithoutAcceptedEvidence = "claim_without_accepted_evidence", pays,
        "no evidence of an accepted kind covers the work that a claim rests on";
    /// A claim came before the time that had to be waited.
    ClaimTooEarly = "claim_too_early", pays,
        "a claim was made before the waiting time was over";
    /// A claim was made once too often.
    ClaimAttemptsExceeded = "claim_attempts_exceeded", pays,
        "a claim was made more often than its rule allows";
    /// A claim came after the last day on which it may be made.
    ClaimAfterLineClosed = "claim_after_line_closed", pays,
        "a claim was made after the line had closed";
    /// A participation started and its referral was never acknowledged.
    StartWithoutAcknowledgement = "start_without_acknowledgement", pays,
        "started although never acknowledged";
    /// The referral was acknowledged after the start.
    AcknowledgedAfterStart = "acknowledged_after_start", free,
        "acknowledged only after the start";
    /// A referral that led to a start was acknowledged later than its standard asks.
    AcknowledgedLate = "acknowledged_late", free,
        "acknowledged before the start, and later than the service standard asks";
    /// A service standard was met after its last day.
    StandardLate = "standard_late", free,
        "a service standard was met late";
    /// A service standard is overdue.
    StandardMissing = "standard_missing", free,
        "a service standard is overdue";
    /// A job start was told after a claim that it precedes.
    JobStartToldAfterClaim = "job_start_told_after_claim", free,
        "a job start was told only after a claim that it precedes: it is back-dated";
    /// A job start was told after the day of an outcome that rests on it.
    JobStartToldAfterOutcome = "job_start_told_after_outcome", free,
        "a job start was told only after the day of an outcome that rests on it";
    /// A statement was corrected, and an outcome that read met no longer reaches its threshold.
    EarningsCorrectedBelowThreshold = "earnings_corrected_below_threshold", pays,
        "earnings were corrected and an outcome fell below its threshold";
    /// Every duty to keep a record has passed.
    RecordPastRetention = "record_past_retention", free,
        "no duty asks any more that the record is kept";
    /// One duty alone asks that a record is kept; the others have passed.
    RecordKeptByOneTag = "record_kept_by_one_tag", free,
        "one duty alone still asks that the record is kept";
    /// The payment file has a payment that the log does not have.
    PaymentNotInLog = "payment_not_in_log", pays,
        "paid by the file and not by the log";
    /// The log has a payment that the payment file does not have.
    PaymentNotInFile = "payment_not_in_file", free,
        "paid by the log and not by the file";
    /// File and log name different amounts.
    PaymentOfOtherAmount = "payment_of_other_amount", pays,
        "file and log name different amounts";
    /// The file has a payment for a claim that the rules do not support in the view.
    PaymentNotSupported = "payment_not_supported", pays,
        "paid by the file, and the rules do not support the claim";
}
