//! Family `self_employed_days`: days of self-employment inside the window add up, each day once.

use chrono::NaiveDate;

use super::days::{Day, MultipleJobs};
use super::{Answered, SectorRule, Subject, WorkTest};
use crate::calendar::{DayCount, Span, days_after, window};
use crate::determination::Amounts;

/// How many days of self-employment are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelfEmployedDays {
    /// Days needed.
    pub days: u32,
    /// Length of the window from the start.
    pub window_days: u32,
    /// How the window is counted.
    pub day_count: DayCount,
    /// For how long a silent spell is believed.
    pub silence_days: Option<u32>,
}

impl SelfEmployedDays {
    /// Returns the last day of the window.
    pub(crate) fn last_day(&self, start: NaiveDate) -> Option<NaiveDate> {
        window(start, self.window_days, self.day_count).map(Span::last)
    }

    /// Returns when a day counts.
    pub(crate) const fn test(&self) -> WorkTest {
        WorkTest {
            sector: SectorRule::SelfEmployed,
            multiple_jobs: MultipleJobs::Sum,
            min_weekly: None,
            silence_days: self.silence_days,
        }
    }

    pub(crate) fn read(&self, subject: Subject<'_>) -> Answered {
        let Some(window) = window(subject.start, self.window_days, self.day_count) else {
            return Answered::NotMet;
        };
        let test = self.test();
        let jobs = &subject.journey.jobs;
        let stretches = test.stretches(jobs, window, subject.as_of);
        let (mut counted, mut unknown, mut missing) = (0_u32, 0_u32, None);
        for stretch in stretches {
            match stretch.day {
                Day::Reached => {
                    let short_of = self.days.saturating_sub(counted);
                    if (1..=stretch.span.days()).contains(&short_of) {
                        let on = days_after(stretch.span.first(), short_of - 1);
                        let needed = Span::new(window.first(), on).unwrap_or(window);
                        return Answered::Met {
                            on,
                            facts: test.facts(jobs, needed),
                            amounts: Amounts::SelfEmployedDays { days: self.days },
                        };
                    }
                    counted += stretch.span.days();
                }
                Day::Unknown => {
                    unknown += stretch.span.days();
                    missing = missing.or(Some(stretch.span.first()));
                }
                Day::Short => {}
            }
        }
        let to_come = Span::new(days_after(subject.as_of, 1).max(window.first()), window.last())
            .map_or(0, Span::days);
        match missing {
            _ if to_come > 0 && counted + unknown + to_come >= self.days => {
                Answered::NotYet { until: Some(window.last()) }
            }
            Some(missing) if counted + unknown >= self.days => Answered::Unknown { missing },
            _ => Answered::NotMet,
        }
    }
}
