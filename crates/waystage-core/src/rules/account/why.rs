//! Why a rule reads as it does, as a closed list of words by which many readings are grouped.

use crate::journey::code::codes;

codes! {
    /// The kinds of reasons for a reading.
    Why {
        /// It is met.
        Met = "met",
        /// The participation has not started.
        NotStarted = "not_started",
        /// The participation was closed without a start.
        ClosedBeforeStart = "closed_before_start",
        /// No version of the rule is in force on the day that picks it.
        NoVersion = "no_version",
        /// The version has no such tier, or a window without a day.
        NoTerms = "no_terms",
        /// It was met on a day outside the version's own time.
        OutsideVersion = "outside_version",
        /// No job started on a day that counts.
        NoJobStart = "no_job_start",
        /// A job started, with too few hours.
        JobShortOfHours = "job_short_of_hours",
        /// A job may still start.
        JobMayStart = "job_may_start",
        /// No statement counted in the window.
        NoEarnings = "no_earnings",
        /// No rate is in force on the day that fixes it.
        NoRate = "no_rate",
        /// Earnings did not reach the threshold.
        EarningsShort = "earnings_short",
        /// Earnings may still reach the threshold.
        EarningsMayCome = "earnings_may_come",
        /// Too few days counted.
        DaysShort = "days_short",
        /// Days to come may still count.
        DaysMayCome = "days_may_come",
        /// Whether days counted was never reported.
        DaysUnknown = "days_unknown",
        /// Too few weeks counted.
        WeeksShort = "weeks_short",
        /// Weeks to come may still count.
        WeeksMayCome = "weeks_may_come",
        /// Whether weeks counted was never reported.
        WeeksUnknown = "weeks_unknown",
        /// A gap is longer than allowed.
        GapTooLong = "gap_too_long",
        /// All gaps together are longer than allowed.
        GapsTooLong = "gaps_too_long",
        /// The period ended out of work.
        EndedBefore = "ended_before",
        /// The period is not over.
        PeriodMayCome = "period_may_come",
        /// Whether work went on was never reported.
        WorkUnknown = "work_unknown",
        /// There is no exit to count from.
        NotExited = "not_exited",
        /// No day after the exit was worked.
        NotInWork = "not_in_work",
        /// Work may still begin in time after the exit.
        WorkMayCome = "work_may_come",
    }
}

impl Why {
    /// Returns it in words.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotStarted => "not started",
            Self::ClosedBeforeStart => "closed without a start",
            Self::NoVersion => "no version in force",
            Self::NoTerms => "no such tier, or a window without a day",
            Self::OutsideVersion => "met outside the time of the version",
            Self::NoJobStart => "no job start",
            Self::JobShortOfHours => "job starts short of hours",
            Self::JobMayStart => "a job may still start",
            Self::NoEarnings => "no earnings in the window",
            Self::NoRate => "no rate in force",
            Self::EarningsShort => "earnings short of the threshold",
            Self::EarningsMayCome => "earnings may still come",
            Self::DaysShort => "too few days of self-employment",
            Self::DaysMayCome => "days may still come",
            Self::DaysUnknown => "days not reported",
            Self::WeeksShort => "too few weeks in work",
            Self::WeeksMayCome => "weeks may still come",
            Self::WeeksUnknown => "weeks not reported",
            Self::GapTooLong => "a gap too long",
            Self::GapsTooLong => "gaps too long together",
            Self::EndedBefore => "work ended before the period did",
            Self::PeriodMayCome => "the period is not over",
            Self::WorkUnknown => "work not reported",
            Self::NotExited => "no exit yet",
            Self::NotInWork => "not in work after the exit",
            Self::WorkMayCome => "work may still begin",
        }
    }
}
