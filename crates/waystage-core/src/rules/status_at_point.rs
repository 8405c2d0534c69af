//! Family `status_at_point`: in work on some day within days of the exit.

use super::days::{Day, MultipleJobs};
use super::{Answered, SectorRule, Subject, WorkTest};
use crate::calendar::{Span, days_after};
use crate::determination::Amounts;

/// In work soon after leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusAtPoint {
    /// Days after the exit that count; the day of the exit counts too.
    pub within_days: u32,
    /// Which jobs.
    pub sector: SectorRule,
    /// For how long a silent job is believed.
    pub silence_days: Option<u32>,
}

impl StatusAtPoint {
    /// Returns when a day counts.
    pub(crate) const fn test(&self) -> WorkTest {
        WorkTest {
            sector: self.sector,
            multiple_jobs: MultipleJobs::Sum,
            min_weekly: None,
            silence_days: self.silence_days,
        }
    }

    pub(crate) fn read(&self, subject: Subject<'_>) -> Answered {
        let Some(exit) = subject.participation.exited else {
            return Answered::NotYet { until: None };
        };
        let last = days_after(exit.on, self.within_days);
        let Some(span) = Span::new(exit.on, last) else {
            return Answered::NotMet;
        };
        let test = self.test();
        let jobs = &subject.journey.jobs;
        let stretches = test.stretches(jobs, span, subject.as_of);
        let first = |day: Day| stretches.iter().find(|stretch| stretch.day == day);
        match (first(Day::Reached), first(Day::Unknown)) {
            (Some(worked), _) => {
                let on = worked.span.first();
                let mut facts = Span::new(on, on).map_or(Vec::new(), |day| test.facts(jobs, day));
                facts.push(exit.fact);
                Answered::Met { on, facts, amounts: Amounts::StatusAtPoint { exit: exit.on } }
            }
            _ if subject.as_of < last => Answered::NotYet { until: Some(last) },
            (None, Some(unknown)) => Answered::Unknown { missing: unknown.span.first() },
            (None, None) => Answered::NotMet,
        }
    }
}
