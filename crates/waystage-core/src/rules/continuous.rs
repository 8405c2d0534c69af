//! Family `continuous`: work without a gap over the limit, from an anchor for a length of time.

use chrono::NaiveDate;

use super::days::{Day, Stretch};
use super::{Anchor, Answered, Subject, WorkTest};
use crate::calendar::{MonthEnd, Span, day_before, days_after, months_after};
use crate::determination::Amounts;
use crate::journey::Job;

/// How long the period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Months, counted once from the anchor.
    Months(u32),
    /// Weeks of seven days.
    Weeks(u32),
}

/// Continuous work and its allowance for gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuous {
    /// How long.
    pub length: Length,
    /// What a month means where it is too short.
    pub month_end: MonthEnd,
    /// The longest gap allowed, in days.
    pub max_gap_days: u32,
    /// All gaps together, in days; absent, they are not limited.
    pub max_total_gap_days: Option<u32>,
    /// From which job starts the period is counted.
    pub anchor: Anchor,
    /// When a day counts.
    pub test: WorkTest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gaps {
    longest: u32,
    total: u32,
    at_the_end: bool,
}

impl Continuous {
    pub(crate) fn read(&self, subject: Subject<'_>) -> Answered {
        self.anchor.read(
            subject,
            self.test.sector,
            |job| self.read_from(subject, job),
            |start| self.last_day(start),
        )
    }

    /// Returns the last day of the period of a job that starts on a day.
    pub(crate) fn last_day(&self, start: NaiveDate) -> NaiveDate {
        day_before(self.end(start))
    }

    fn end(&self, start: NaiveDate) -> NaiveDate {
        match self.length {
            Length::Months(months) => months_after(start, months, self.month_end),
            Length::Weeks(weeks) => days_after(start, weeks.saturating_mul(7)),
        }
    }

    fn read_from(&self, subject: Subject<'_>, anchor: &Job) -> Answered {
        let first = anchor.started.on;
        let Some(period) = Span::new(first, self.last_day(first)) else {
            return Answered::NotMet;
        };
        let jobs = &subject.journey.jobs;
        let stretches = self.test.stretches(jobs, period, subject.as_of);
        let passed = period.last() <= subject.as_of;
        let at_worst = gaps(&stretches, &[Day::Short, Day::Unknown], passed);
        if passed && self.allows(at_worst) {
            let mut facts = self.test.facts(jobs, period);
            facts.push(anchor.started.fact);
            facts.extend(anchor.ends());
            return Answered::Met {
                on: period.last(),
                facts,
                amounts: Amounts::Continuous {
                    anchor: first,
                    longest_gap_days: at_worst.longest,
                    total_gap_days: at_worst.total,
                },
            };
        }
        if !self.allows(gaps(&stretches, &[Day::Short], passed)) {
            return Answered::NotMet;
        }
        let unknown = stretches.iter().find(|stretch| stretch.day == Day::Unknown);
        match unknown {
            _ if !passed => Answered::NotYet { until: Some(period.last()) },
            Some(stretch) => Answered::Unknown { missing: stretch.span.first() },
            None => Answered::NotMet,
        }
    }

    fn allows(&self, gaps: Gaps) -> bool {
        !gaps.at_the_end
            && gaps.longest <= self.max_gap_days
            && self.max_total_gap_days.is_none_or(|most| gaps.total <= most)
    }
}

/// Measures the gaps, taking days of the listed kinds as not worked and days to come as worked.
fn gaps(stretches: &[Stretch], not_worked: &[Day], passed: bool) -> Gaps {
    let (mut longest, mut total, mut running) = (0, 0, 0_u32);
    for stretch in stretches {
        if not_worked.contains(&stretch.day) {
            running += stretch.span.days();
            total += stretch.span.days();
            longest = longest.max(running);
        } else {
            running = 0;
        }
    }
    Gaps { longest, total, at_the_end: passed && running > 0 }
}
