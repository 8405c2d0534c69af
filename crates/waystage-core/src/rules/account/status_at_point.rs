//! What family `status_at_point` looked at: the days after the exit, and the work around them.

use chrono::NaiveDate;

use super::jobs::{Happened, event_of};
use super::words::days;
use super::{LookedAt, Verdict, Why, to_come};
use crate::calendar::{Span, days_after};
use crate::determination::Amounts;
use crate::id::EventId;
use crate::rules::days::{Day, Stretch};
use crate::rules::{StatusAtPoint, Subject};

/// What family `status_at_point` looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusAtPointAccount {
    /// The exit.
    pub exit: Happened,
    /// The days that count.
    pub window: Span,
    /// The first of them that was worked.
    pub worked_on: Option<NaiveDate>,
    /// The first of them of which nothing is known.
    pub first_unknown: Option<NaiveDate>,
    /// Days that are still to come.
    pub to_come: u32,
    /// The last end of work before them.
    pub ended_before: Option<Happened>,
    /// The first job start after them.
    pub started_after: Option<Happened>,
    /// The facts of the jobs of those days.
    pub jobs: Vec<EventId>,
}

pub(super) fn looked(terms: &StatusAtPoint, subject: Subject<'_>) -> LookedAt {
    let Some(exit) = subject.participation.exited else {
        return LookedAt::StatusAtPoint(None);
    };
    let Some(window) = Span::new(exit.on, days_after(exit.on, terms.within_days)) else {
        return LookedAt::NoTerms;
    };
    let test = terms.test();
    let journey = subject.journey;
    let stretches = test.stretches(&journey.jobs, window, subject.as_of);
    let first = |day| {
        let found = stretches.iter().find(|stretch: &&Stretch| stretch.day == day);
        found.map(|stretch| stretch.span.first())
    };
    let ends = test.jobs(&journey.jobs).filter_map(|job| job.ended);
    let starts = test.jobs(&journey.jobs).map(|job| job.started);
    let before = ends.filter(|end| end.on < window.first()).max_by_key(|end| end.on);
    let after = starts.filter(|start| window.last() < start.on).min_by_key(|start| start.on);
    let jobs = test.facts(&journey.jobs, window);
    LookedAt::StatusAtPoint(Some(StatusAtPointAccount {
        exit: Happened::of(journey, exit),
        window,
        worked_on: first(Day::Reached),
        first_unknown: first(Day::Unknown),
        to_come: to_come(window, subject.as_of),
        ended_before: before.map(|step| Happened::of(journey, step)),
        started_after: after.map(|step| Happened::of(journey, step)),
        jobs: jobs.into_iter().map(|fact| event_of(journey, fact)).collect(),
    }))
}

impl StatusAtPointAccount {
    pub(super) const fn verdict(&self) -> Verdict {
        match (self.worked_on, self.first_unknown) {
            (Some(on), _) => Verdict::Met { on },
            (None, _) if self.to_come > 0 => Verdict::NotYet { until: Some(self.window.last()) },
            (None, Some(missing)) => Verdict::Unknown { missing },
            (None, None) => Verdict::NotMet,
        }
    }

    pub(super) const fn amounts(&self) -> Amounts {
        Amounts::StatusAtPoint { exit: self.exit.on }
    }

    pub(super) fn events(&self) -> Vec<EventId> {
        let around = self.ended_before.iter().chain(&self.started_after).map(|each| each.event);
        self.jobs.iter().copied().chain(around).chain([self.exit.event]).collect()
    }

    pub(super) const fn why(&self) -> Why {
        match self.verdict() {
            Verdict::Met { .. } => Why::Met,
            Verdict::NotMet => Why::NotInWork,
            Verdict::NotYet { .. } => Why::WorkMayCome,
            Verdict::Unknown { .. } => Why::WorkUnknown,
        }
    }

    pub(super) fn reason(&self) -> String {
        match self.why() {
            Why::NotInWork => {
                format!("not in work on any of {} from the exit", days(self.window.days()))
            }
            why => why.says().to_owned(),
        }
    }

    pub(super) fn says(&self) -> String {
        let (exit, last) = (self.window.first(), self.window.last());
        let looked = format!("from the exit on {exit} to {last}");
        let stands = match self.verdict() {
            Verdict::Met { on } => return format!("in work on {on}; looked {looked}"),
            Verdict::NotMet => format!("not in work on any day {looked}"),
            Verdict::NotYet { .. } => {
                format!("not in work so far {looked}, with {} to come", days(self.to_come))
            }
            Verdict::Unknown { missing } => {
                format!("work {looked} was never reported, first on {missing}")
            }
        };
        let mut says = vec![stands];
        if let Some(ended) = self.ended_before {
            says.push(format!("the last job before ended on {}", ended.on));
        }
        if let Some(started) = self.started_after {
            says.push(format!("the next job started on {}", started.on));
        }
        says.join("; ")
    }
}
