//! What family `job_start` looked at; and the parts of accounts that are about jobs: starts that
//! were looked at, gaps with the events around them.

use chrono::NaiveDate;

use super::words::days;
use super::{LookedAt, Verdict, Why, to_come};
use crate::calendar::{Span, day_before, days_after, window};
use crate::determination::Amounts;
use crate::id::EventId;
use crate::journey::code::codes;
use crate::journey::employment::WeeklyMinutes;
use crate::journey::{FactIndex, Job, Journey, Step};
use crate::rules::{JobStart, SectorRule, Subject, WorkTest};

/// An event and its day, as amended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    /// The day.
    pub on: NaiveDate,
    /// The event.
    pub event: EventId,
}

impl Happened {
    pub(super) fn of(journey: &Journey<'_>, step: Step) -> Self {
        Self { on: step.on, event: event_of(journey, step.fact) }
    }
}

pub(super) fn event_of(journey: &Journey<'_>, fact: FactIndex) -> EventId {
    journey.facts[fact].recorded.id
}

codes! {
    /// How a job start stands to what a rule looks for.
    JobFit {
        /// It counts.
        Counts = "counts",
        /// Its hours are too few.
        ShortOfHours = "short_of_hours",
        /// The rule does not look at jobs of its sector.
        OtherSector = "other_sector",
        /// It lies before the start.
        Before = "before",
        /// It lies after the last day.
        After = "after",
    }
}

/// A job start that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLooked {
    /// The start.
    pub started: Happened,
    /// Minutes a week at the start.
    pub weekly_minutes: u32,
    /// How it stands.
    pub fit: JobFit,
}

/// What a rule looks for in job starts.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    pub(super) sector: SectorRule,
    pub(super) least: WeeklyMinutes,
    pub(super) from: NaiveDate,
    pub(super) until: Option<NaiveDate>,
}

impl Looks {
    /// Returns every job start, in the order of their days.
    pub(super) fn at(self, journey: &Journey<'_>) -> Vec<JobLooked> {
        let mut jobs: Vec<&Job> = journey.jobs.iter().collect();
        jobs.sort_by_key(|job| (job.started.on, job.started.fact));
        let looked = |job: &Job| JobLooked {
            started: Happened::of(journey, job.started),
            weekly_minutes: job.minutes.0,
            fit: self.fit(job),
        };
        jobs.into_iter().map(looked).collect()
    }

    fn fit(self, job: &Job) -> JobFit {
        let on = job.started.on;
        match job {
            _ if on < self.from => JobFit::Before,
            _ if self.until.is_some_and(|until| until < on) => JobFit::After,
            job if !self.sector.covers(job.sector) => JobFit::OtherSector,
            job if job.minutes < self.least => JobFit::ShortOfHours,
            _ => JobFit::Counts,
        }
    }
}

/// What family `job_start` looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStartAccount {
    /// The first day on which a start counts.
    pub from: NaiveDate,
    /// The last such day; none while the participation is open and there is no window.
    pub until: Option<NaiveDate>,
    /// Days of the window that are still to come; none where it has no last day.
    pub to_come: Option<u32>,
    /// The least minutes a week.
    pub needed_minutes: u32,
    /// Every job start, in the order of their days.
    pub jobs: Vec<JobLooked>,
}

pub(super) fn looked(terms: &JobStart, subject: Subject<'_>) -> LookedAt {
    let until = match terms.within_days {
        Some(within) => match window(subject.start, within, terms.day_count) {
            Some(window) => Some(window.last()),
            None => return LookedAt::NoTerms,
        },
        None => subject.participation.closed.map(|closed| closed.on),
    };
    let least = terms.min_weekly.unwrap_or_default();
    let looks = Looks { sector: terms.sector, least, from: subject.start, until };
    let window = until.map(|until| Span::new(subject.start, until));
    LookedAt::JobStart(JobStartAccount {
        from: subject.start,
        until,
        // a closing before the start leaves no day
        to_come: window.map(|days| days.map_or(0, |days| to_come(days, subject.as_of))),
        needed_minutes: least.0,
        jobs: looks.at(subject.journey),
    })
}

impl JobStartAccount {
    /// Returns the job start that counts.
    pub fn first(&self) -> Option<&JobLooked> {
        self.jobs.iter().find(|job| job.fit == JobFit::Counts)
    }

    pub(super) fn verdict(&self) -> Verdict {
        match (self.first(), self.to_come) {
            (Some(job), _) => Verdict::Met { on: job.started.on },
            (None, None) => Verdict::NotYet { until: None },
            (None, Some(0)) => Verdict::NotMet,
            (None, Some(_)) => Verdict::NotYet { until: self.until },
        }
    }

    pub(super) fn amounts(&self) -> Option<Amounts> {
        self.first().map(|job| Amounts::JobStart { weekly_minutes: job.weekly_minutes })
    }

    pub(super) fn events(&self) -> Vec<EventId> {
        self.jobs.iter().map(|job| job.started.event).collect()
    }

    /// Returns the best of the job starts that are short of hours.
    fn longest_short(&self) -> Option<&JobLooked> {
        let short = self.jobs.iter().filter(|job| job.fit == JobFit::ShortOfHours);
        short.max_by_key(|job| (job.weekly_minutes, std::cmp::Reverse(job.started.on)))
    }

    pub(super) fn why(&self) -> Why {
        match (self.verdict(), self.longest_short()) {
            (Verdict::Met { .. }, _) => Why::Met,
            (Verdict::NotYet { .. }, _) => Why::JobMayStart,
            (_, Some(_)) => Why::JobShortOfHours,
            (_, None) => Why::NoJobStart,
        }
    }

    pub(super) fn reason(&self) -> String {
        match (self.why(), self.longest_short()) {
            (Why::JobShortOfHours, Some(job)) => {
                let (has, needs) = (job.weekly_minutes, self.needed_minutes);
                format!("job starts with {} a week, {} needed", hours(has), hours(needs))
            }
            (why, _) => why.says().to_owned(),
        }
    }

    pub(super) fn says(&self) -> String {
        let looked = match self.until {
            Some(until) => format!("from {} to {until}", self.from),
            None => format!("from {}, with no last day while the participation is open", self.from),
        };
        match (self.first(), self.to_come) {
            (Some(job), _) => format!(
                "a job started on {} with {} a week; looked {looked}",
                job.started.on,
                hours(job.weekly_minutes)
            ),
            (None, Some(0)) => format!("no job start counts {looked}{}", others(&self.jobs)),
            (None, Some(left)) => format!(
                "no job start counts so far {looked}, with {} to come{}",
                days(left),
                others(&self.jobs)
            ),
            (None, None) => format!("no job start counts so far {looked}{}", others(&self.jobs)),
        }
    }
}

/// Returns the job starts that do not count in words, at most three of them.
pub(super) fn others(jobs: &[JobLooked]) -> String {
    let says = |job: &JobLooked| {
        let on = job.started.on;
        match job.fit {
            JobFit::Counts => format!("one on {on} counts"),
            JobFit::ShortOfHours => {
                format!("one on {on} has only {} a week", hours(job.weekly_minutes))
            }
            JobFit::OtherSector => format!("one on {on} is of another sector"),
            JobFit::Before => format!("one on {on} lies before"),
            JobFit::After => format!("one on {on} lies after"),
        }
    };
    match jobs {
        [] => "; no job start is reported".to_owned(),
        jobs if jobs.len() <= 3 => {
            format!("; {}", jobs.iter().map(says).collect::<Vec<_>>().join(", "))
        }
        jobs => {
            let said: Vec<String> = jobs.iter().take(3).map(says).collect();
            format!("; {}, and {} more", said.join(", "), jobs.len() - 3)
        }
    }
}

pub(super) fn hours(minutes: u32) -> String {
    WeeklyMinutes(minutes).to_string()
}

/// Days in a row that do not count, with the events around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The days.
    pub days: Span,
    /// The events after which the gap opened: ends of jobs on the day before, changes of hours on
    /// its first day, and the last evidence of a job that fell silent.
    pub opened_by: Vec<EventId>,
    /// The events that closed it: starts and changes of hours on the day after.
    pub closed_by: Vec<EventId>,
}

impl Gap {
    /// Returns the gap of these days, with the events around it.
    pub(super) fn of(subject: Subject<'_>, test: &WorkTest, gap: Span) -> Self {
        let (before, after) = (day_before(gap.first()), days_after(gap.last(), 1));
        let (mut opened, mut closed) = (Vec::new(), Vec::new());
        for job in test.jobs(&subject.journey.jobs) {
            if job.ended.is_some_and(|ended| ended.on == before) {
                opened.extend(job.ends());
            }
            if test.believed_through(job) == Some(before) {
                let verified = job.verified.iter().map(|each| (each.covers_to, each.fact));
                let changes = job.changes.iter().map(|each| (each.step.on, each.step.fact));
                let start = (job.started.on, job.started.fact);
                opened.extend(verified.chain(changes).chain([start]).max().map(|(_, fact)| fact));
            }
            let changes = || job.changes.iter().map(|change| change.step);
            opened.extend(changes().filter(|each| each.on == gap.first()).map(|each| each.fact));
            let starts = changes().chain([job.started]).filter(|each| each.on == after);
            closed.extend(starts.map(|each| each.fact));
        }
        let events = |mut facts: Vec<FactIndex>| {
            facts.sort_unstable();
            facts.iter().map(|fact| event_of(subject.journey, *fact)).collect()
        };
        Self { days: gap, opened_by: events(opened), closed_by: events(closed) }
    }

    pub(super) fn events(&self) -> impl Iterator<Item = EventId> {
        self.opened_by.iter().chain(&self.closed_by).copied()
    }

    /// Returns the gap in words: `31 days from 2016-01-04 to 2016-02-03`.
    pub(super) fn says(&self) -> String {
        let (first, last) = (self.days.first(), self.days.last());
        format!("{} from {first} to {last}", days(self.days.days()))
    }
}
