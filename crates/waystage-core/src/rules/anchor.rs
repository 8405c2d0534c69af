//! Anchors: the job starts from which a window or a period is counted, and how the answers of
//! several are taken together.

use chrono::NaiveDate;

use super::{Answered, SectorRule, Subject};
use crate::calendar::{DayCount, Span, window};
use crate::journey::Job;
use crate::journey::code::codes;

codes! {
    /// Which job starts are tried.
    AnchorChoice {
        /// The earliest that qualifies.
        FirstJobStart = "first_job_start",
        /// Each that qualifies.
        EachJobStart = "each_job_start",
    }
}

/// From which job starts a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The earliest, or each.
    pub choice: AnchorChoice,
    /// A job start qualifies inside this many days of the start; absent, up to the closing day.
    pub within_days: Option<u32>,
    /// How those days are counted.
    pub day_count: DayCount,
}

impl Anchor {
    /// Takes the answers of all anchors together. `read` answers for one job start, `last_day`
    /// gives the last day that can count for a job that starts on a day.
    pub(crate) fn read(
        &self,
        subject: Subject<'_>,
        sector: SectorRule,
        read: impl Fn(&Job) -> Answered,
        last_day: impl Fn(NaiveDate) -> NaiveDate,
    ) -> Answered {
        let to_come = self.days_to_come(subject);
        let mut anchors: Vec<&Job> = subject
            .journey
            .jobs
            .iter()
            .filter(|job| sector.covers(job.sector) && self.qualifies(subject, job.started.on))
            .collect();
        anchors.sort_by_key(|job| job.started.on);
        if self.choice == AnchorChoice::FirstJobStart {
            anchors.truncate(1);
        }
        let may_come = match (self.choice, anchors.is_empty()) {
            (AnchorChoice::EachJobStart, _) | (_, true) => match to_come {
                ToCome::Never => None,
                ToCome::Until(last) => Some(Answered::NotYet { until: Some(last_day(last)) }),
                ToCome::Always => Some(Answered::NotYet { until: None }),
            },
            (AnchorChoice::FirstJobStart, false) => None,
        };
        anchors
            .into_iter()
            .map(|job| subject.counting(read(job)))
            .chain(may_come)
            .reduce(better)
            .unwrap_or(Answered::NotMet)
    }

    fn qualifies(&self, subject: Subject<'_>, on: NaiveDate) -> bool {
        subject.start <= on
            && match (self.within_days, subject.participation.closed) {
                (Some(days), _) => window(subject.start, days, self.day_count)
                    .is_some_and(|window: Span| window.contains(on)),
                (None, Some(closed)) => on <= closed.on,
                (None, None) => true,
            }
    }

    /// Returns the last day on which a job may start, where the anchor has one of its own.
    pub(crate) fn last_day(&self, start: NaiveDate) -> Option<NaiveDate> {
        window(start, self.within_days?, self.day_count).map(Span::last)
    }

    /// Returns whether a job that starts on a day to come could still qualify.
    fn days_to_come(&self, subject: Subject<'_>) -> ToCome {
        match (self.within_days, subject.participation.closed) {
            (Some(days), _) => match window(subject.start, days, self.day_count).map(Span::last) {
                Some(last) if subject.as_of < last => ToCome::Until(last),
                Some(_) | None => ToCome::Never,
            },
            (None, Some(_)) => ToCome::Never,
            (None, None) => ToCome::Always,
        }
    }
}

/// The days to come on which a job could start and qualify.
#[derive(Clone, Copy)]
enum ToCome {
    /// No such day is left.
    Never,
    /// Up to this day.
    Until(NaiveDate),
    /// There is no last such day.
    Always,
}

/// Returns the answer that stands of two anchors: the earliest met, else the not-yet that lasts
/// longest, else the unknown that misses the earliest day, else not met.
fn better(a: Answered, b: Answered) -> Answered {
    use Answered::{Met, NotMet, NotYet, Unknown};
    match (&a, &b) {
        (Met { on: of_a, .. }, Met { on: of_b, .. }) => {
            if of_b < of_a {
                b
            } else {
                a
            }
        }
        (Met { .. }, _) => a,
        (_, Met { .. }) => b,
        (NotYet { until: None }, _) => a,
        (_, NotYet { until: None }) => b,
        (NotYet { until: of_a }, NotYet { until: of_b }) => {
            if of_b > of_a {
                b
            } else {
                a
            }
        }
        (NotYet { .. }, _) => a,
        (_, NotYet { .. }) => b,
        (Unknown { missing: of_a }, Unknown { missing: of_b }) => {
            if of_b < of_a {
                b
            } else {
                a
            }
        }
        (Unknown { .. }, _) => a,
        (_, Unknown { .. }) => b,
        (NotMet, NotMet) => a,
    }
}
