//! Family `job_start`: a job starts at or after the start, inside the window.

use chrono::NaiveDate;

use super::{Answered, SectorRule, Subject};
use crate::calendar::{DayCount, Span, window};
use crate::determination::Amounts;
use crate::journey::employment::WeeklyMinutes;

/// What a job start must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobStart {
    /// Length of the window from the start; absent, it runs through the closing day.
    pub within_days: Option<u32>,
    /// How those days are counted.
    pub day_count: DayCount,
    /// The least minutes a week at the start itself.
    pub min_weekly: Option<WeeklyMinutes>,
    /// Which jobs.
    pub sector: SectorRule,
}

impl JobStart {
    /// Returns the last day of a window of its own; none where it has none.
    pub(crate) fn last_day(&self, start: NaiveDate) -> Option<NaiveDate> {
        window(start, self.within_days?, self.day_count).map(Span::last)
    }

    pub(crate) fn read(&self, subject: Subject<'_>) -> Answered {
        let closed = subject.participation.closed.map(|closed| closed.on);
        let last = match self.within_days {
            Some(days) => match window(subject.start, days, self.day_count).map(Span::last) {
                Some(last) => Some(last),
                None => return Answered::NotMet,
            },
            None => closed,
        };
        let minimum = self.min_weekly.unwrap_or_default();
        let first = subject
            .journey
            .jobs
            .iter()
            .filter(|job| self.sector.covers(job.sector) && job.minutes >= minimum)
            .filter(|job| {
                subject.start <= job.started.on && last.is_none_or(|last| job.started.on <= last)
            })
            .min_by_key(|job| (job.started.on, job.started.fact));
        match (first, last) {
            (Some(job), _) => Answered::Met {
                on: job.started.on,
                facts: vec![job.started.fact],
                amounts: Amounts::JobStart { weekly_minutes: job.minutes.0 },
            },
            (None, None) => Answered::NotYet { until: None },
            (None, Some(last)) if subject.as_of < last => Answered::NotYet { until: Some(last) },
            (None, Some(_)) => Answered::NotMet,
        }
    }
}
