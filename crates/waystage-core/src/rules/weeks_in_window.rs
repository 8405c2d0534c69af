//! Family `weeks_in_window`: so many seven-day weeks in work inside a window of weeks.

use chrono::NaiveDate;

use super::days::{Day, Stretch};
use super::{Anchor, Answered, Subject, WorkTest};
use crate::calendar::{Span, days_after};
use crate::determination::Amounts;
use crate::journey::Job;

/// How many weeks of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeeksInWindow {
    /// Weeks needed.
    pub weeks: u32,
    /// Weeks of the window.
    pub window_weeks: u32,
    /// From which job starts the window is counted.
    pub anchor: Anchor,
    /// When a day counts.
    pub test: WorkTest,
}

enum Week {
    Counts,
    Lost,
    ToCome,
    Unknown,
}

impl WeeksInWindow {
    /// Returns the last day of the window of a job that starts on a day.
    pub(crate) fn last_day(&self, start: NaiveDate) -> NaiveDate {
        days_after(start, self.window_weeks.saturating_mul(7).saturating_sub(1))
    }

    pub(crate) fn read(&self, subject: Subject<'_>) -> Answered {
        self.anchor.read(
            subject,
            self.test.sector,
            |job| self.read_from(subject, job),
            |start| self.last_day(start),
        )
    }

    fn read_from(&self, subject: Subject<'_>, anchor: &Job) -> Answered {
        let first = anchor.started.on;
        let jobs = &subject.journey.jobs;
        let last = self.last_day(first);
        let Some(window) = Span::new(first, last) else {
            return Answered::NotMet;
        };
        let stretches = self.test.stretches(jobs, window, subject.as_of);
        let (mut counted, mut unknown, mut to_come, mut missing) = (0, 0, 0, None);
        for number in 0..self.window_weeks {
            let monday = days_after(first, number.saturating_mul(7));
            let Some(week) = Span::new(monday, days_after(monday, 6)) else {
                break;
            };
            match weigh(&stretches, week, subject) {
                Week::Lost => {}
                Week::ToCome => to_come += 1,
                Week::Unknown => {
                    unknown += 1;
                    missing = missing.or_else(|| first_unknown(&stretches, week));
                }
                Week::Counts => counted += 1,
            }
            if counted == self.weeks {
                let needed = Span::new(first, week.last()).unwrap_or(week);
                let mut facts = self.test.facts(jobs, needed);
                facts.push(anchor.started.fact);
                facts.extend(anchor.ends());
                return Answered::Met {
                    on: week.last(),
                    facts,
                    amounts: Amounts::WeeksInWindow { weeks: counted, anchor: first },
                };
            }
        }
        match missing {
            _ if to_come > 0 && counted + unknown + to_come >= self.weeks => {
                Answered::NotYet { until: Some(last) }
            }
            Some(missing) if counted + unknown >= self.weeks => Answered::Unknown { missing },
            _ => Answered::NotMet,
        }
    }
}

/// A week is lost if a passed day is known not to reach the minimum; else to come if a day is;
/// else unknown if a day is; else it counts.
fn weigh(stretches: &[Stretch], week: Span, subject: Subject<'_>) -> Week {
    let has = |day: Day| {
        stretches.iter().any(|stretch| stretch.day == day && stretch.span.and(week).is_some())
    };
    if has(Day::Short) {
        Week::Lost
    } else if subject.as_of < week.last() {
        Week::ToCome
    } else if has(Day::Unknown) {
        Week::Unknown
    } else {
        Week::Counts
    }
}

fn first_unknown(stretches: &[Stretch], week: Span) -> Option<NaiveDate> {
    stretches
        .iter()
        .filter(|stretch| stretch.day == Day::Unknown)
        .find_map(|stretch| stretch.span.and(week).map(Span::first))
}
