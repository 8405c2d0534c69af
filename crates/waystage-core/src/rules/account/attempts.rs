//! What the two families that count from job starts looked at: one attempt for each job start that
//! was tried, the one that decided first, and whether another job could still start.

use std::cmp::Reverse;

use chrono::NaiveDate;

use super::continuous::{self, ContinuousAccount};
use super::jobs::{JobFit, JobLooked, Looks, others};
use super::weeks::{self, WeeksAccount};
use super::{Happened, LookedAt, OwnTime, Verdict, Why};
use crate::calendar::{Span, day_before, window};
use crate::determination::Amounts;
use crate::id::EventId;
use crate::journey::Job;
use crate::journey::employment::WeeklyMinutes;
use crate::rules::{Anchor, AnchorChoice, Continuous, SectorRule, Subject, WeeksInWindow};

/// What was looked at from one job start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempted {
    /// Weeks in a window.
    Weeks(WeeksAccount),
    /// A period of continuous work.
    Continuous(ContinuousAccount),
}

/// One job start that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The job start.
    pub anchor: Happened,
    /// What was looked at from there.
    pub attempted: Attempted,
    /// Whether it is met, but on a day outside the version's own time: it does not count.
    pub outside_version: bool,
}

/// A job may still start on a day to come and be tried too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayStart {
    /// The last day that can count for such a job; none where there is no such day.
    pub until: Option<NaiveDate>,
}

/// What was looked at from job starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// The earliest job start is tried, or each.
    pub choice: AnchorChoice,
    /// The first day on which a job start qualifies.
    pub from: NaiveDate,
    /// The last such day; none while the participation is open and there is no window.
    pub until: Option<NaiveDate>,
    /// Every job start, in the order of their days; those that count qualify.
    pub starts: Vec<JobLooked>,
    /// Each job start that was tried: first the one that decided, of those that failed the one that
    /// missed by least; then the others by how they stand.
    pub attempts: Vec<Attempt>,
    /// Whether another job could still start.
    pub may_start: Option<MayStart>,
}

pub(super) fn looked_for_weeks(
    terms: &WeeksInWindow,
    subject: Subject<'_>,
    own_time: Option<OwnTime>,
) -> LookedAt {
    let look = |job: &Job| weeks::looked(terms, subject, job).map(Attempted::Weeks);
    let last_day = |start| terms.last_day(start);
    let tried = Tried { anchor: &terms.anchor, sector: terms.test.sector, own_time };
    tried.looked(subject, look, last_day)
}

pub(super) fn looked_for_work(
    terms: &Continuous,
    subject: Subject<'_>,
    own_time: Option<OwnTime>,
) -> LookedAt {
    let look = |job: &Job| continuous::looked(terms, subject, job).map(Attempted::Continuous);
    let last_day = |start| terms.last_day(start);
    let tried = Tried { anchor: &terms.anchor, sector: terms.test.sector, own_time };
    tried.looked(subject, look, last_day)
}

/// Which job starts are tried.
struct Tried<'t> {
    anchor: &'t Anchor,
    sector: SectorRule,
    own_time: Option<OwnTime>,
}

impl Tried<'_> {
    fn looked(
        &self,
        subject: Subject<'_>,
        look: impl Fn(&Job) -> Option<Attempted>,
        last_day: impl Fn(NaiveDate) -> NaiveDate,
    ) -> LookedAt {
        let (from, journey) = (subject.start, subject.journey);
        let until = match self.anchor.within_days {
            // a window without a day ends before it begins
            Some(days) => {
                Some(window(from, days, self.anchor.day_count).map_or(day_before(from), Span::last))
            }
            None => subject.participation.closed.map(|closed| closed.on),
        };
        let looks = Looks { sector: self.sector, least: WeeklyMinutes(0), from, until };
        let starts = looks.at(journey);
        let counts = |job: &&Job| {
            let event = Happened::of(journey, job.started).event;
            starts.iter().any(|each| each.started.event == event && each.fit == JobFit::Counts)
        };
        let mut jobs: Vec<&Job> = journey.jobs.iter().filter(counts).collect();
        jobs.sort_by_key(|job| job.started.on);
        if self.anchor.choice == AnchorChoice::FirstJobStart {
            jobs.truncate(1);
        }
        let none_tried = jobs.is_empty();
        let attempt = |job: &Job| {
            let anchor = Happened::of(journey, job.started);
            let mut attempt = Attempt { anchor, attempted: look(job)?, outside_version: false };
            let verdict = attempt.verdict();
            let counts = self.own_time.map_or(verdict, |own_time| own_time.counting(verdict));
            attempt.outside_version = counts != verdict;
            Some(attempt)
        };
        let mut attempts: Vec<Attempt> = jobs.into_iter().filter_map(attempt).collect();
        attempts.sort_by_key(|attempt| {
            (standing(attempt.verdict()), attempt.missed_by(), attempt.anchor.on)
        });
        let another = self.anchor.choice == AnchorChoice::EachJobStart || none_tried;
        let may_start = match (until, self.anchor.within_days) {
            _ if !another => None,
            (None, _) => Some(MayStart { until: None }),
            (Some(last), Some(_)) if subject.as_of < last => {
                Some(MayStart { until: Some(last_day(last)) })
            }
            (Some(_), _) => None,
        };
        let choice = self.anchor.choice;
        LookedAt::Attempts(Attempts { choice, from, until, starts, attempts, may_start })
    }
}

/// What orders verdicts: which of the four, the earliest day, the last day that can count.
type Standing = (u8, Option<NaiveDate>, Reverse<(bool, Option<NaiveDate>)>);

/// Orders verdicts by which stands of several: the earliest met, else the not-yet that lasts
/// longest, else the unknown that misses the earliest day, else not met.
fn standing(verdict: Verdict) -> Standing {
    let none = Reverse((false, None));
    match verdict {
        Verdict::Met { on } => (0, Some(on), none),
        Verdict::NotYet { until } => (1, None, Reverse((until.is_none(), until))),
        Verdict::Unknown { missing } => (2, Some(missing), none),
        Verdict::NotMet => (3, None, none),
    }
}

impl Attempt {
    /// Returns what it comes to; a met outside the version's own time is not met.
    pub fn verdict(&self) -> Verdict {
        match &self.attempted {
            _ if self.outside_version => Verdict::NotMet,
            Attempted::Weeks(account) => account.verdict(),
            Attempted::Continuous(account) => account.verdict(),
        }
    }

    pub(super) fn amounts(&self) -> Amounts {
        match &self.attempted {
            Attempted::Weeks(account) => account.amounts(),
            Attempted::Continuous(account) => account.amounts(),
        }
    }

    /// Returns the days that were looked at.
    pub const fn window(&self) -> Span {
        match &self.attempted {
            Attempted::Weeks(account) => account.window,
            Attempted::Continuous(account) => account.period,
        }
    }

    /// Returns by how much it missed: weeks, or days of gaps.
    fn missed_by(&self) -> u32 {
        match &self.attempted {
            Attempted::Weeks(account) => account.short(),
            Attempted::Continuous(account) => account.over_days(),
        }
    }

    fn events(&self) -> Vec<EventId> {
        let mut events: Vec<EventId> = match &self.attempted {
            Attempted::Weeks(account) => account.events().collect(),
            Attempted::Continuous(account) => account.events().collect(),
        };
        events.push(self.anchor.event);
        events
    }

    fn why(&self) -> Why {
        match &self.attempted {
            _ if self.outside_version => Why::OutsideVersion,
            Attempted::Weeks(account) => account.why(),
            Attempted::Continuous(account) => account.why(),
        }
    }

    fn reason(&self) -> String {
        match &self.attempted {
            _ if self.outside_version => Why::OutsideVersion.says().to_owned(),
            Attempted::Weeks(account) => account.reason(),
            Attempted::Continuous(account) => account.reason(),
        }
    }

    fn says(&self) -> String {
        match &self.attempted {
            Attempted::Weeks(account) => account.says(),
            Attempted::Continuous(account) => account.says(),
        }
    }
}

impl Attempts {
    /// Returns the attempt that decided, or came closest; none where no job start was tried.
    pub fn decisive(&self) -> Option<&Attempt> {
        self.attempts.first()
    }

    /// Returns what the attempts come to together.
    pub(super) fn verdict(&self) -> Verdict {
        let may_start = self.may_start.map(|may| Verdict::NotYet { until: may.until });
        let attempts = self.attempts.iter().map(Attempt::verdict);
        attempts.chain(may_start).min_by_key(|each| standing(*each)).unwrap_or(Verdict::NotMet)
    }

    pub(super) fn events(&self) -> Vec<EventId> {
        let starts = self.starts.iter().map(|start| start.started.event);
        self.attempts.iter().flat_map(Attempt::events).chain(starts).collect()
    }

    /// Returns the attempt that gives the answer; none where only a job to come could.
    fn answering(&self) -> Option<&Attempt> {
        let attempt = self.decisive()?;
        let waits = |verdict| matches!(verdict, Verdict::Met { .. } | Verdict::NotYet { .. });
        (self.may_start.is_none() || waits(attempt.verdict())).then_some(attempt)
    }

    pub(super) fn why(&self) -> Why {
        match (self.answering(), self.may_start) {
            (Some(attempt), _) => attempt.why(),
            (None, Some(_)) => Why::JobMayStart,
            (None, None) => Why::NoJobStart,
        }
    }

    pub(super) fn reason(&self) -> String {
        match (self.answering(), self.why()) {
            (Some(attempt), _) => attempt.reason(),
            (None, why) => why.says().to_owned(),
        }
    }

    pub(super) fn says(&self) -> String {
        let looked = match self.until {
            Some(until) => format!("from {} to {until}", self.from),
            None => format!("from {}, with no last day while the participation is open", self.from),
        };
        let Some(attempt) = self.decisive() else {
            return match self.may_start {
                Some(_) => format!("no job has started yet {looked}{}", others(&self.starts)),
                None => format!("no job started {looked}{}", others(&self.starts)),
            };
        };
        let mut says = attempt.says();
        let tried = self.attempts.len();
        if tried > 1 && attempt.verdict().answer() != crate::rules::Answer::Met {
            says = format!("of {tried} job starts tried the closest: {says}");
        }
        if self.answering().is_none() {
            says = format!("{says}; another job may still start {looked}");
        }
        says
    }
}
