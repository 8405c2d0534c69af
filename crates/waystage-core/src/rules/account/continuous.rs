//! What family `continuous` looked at from one job start: the gaps of the period.

use chrono::NaiveDate;

use super::jobs::{Gap, Happened, event_of};
use super::words::days;
use super::{Verdict, Why, to_come};
use crate::calendar::Span;
use crate::determination::Amounts;
use crate::id::EventId;
use crate::journey::Job;
use crate::rules::days::{Day, Stretch};
use crate::rules::{Continuous, Subject};

/// Gaps, measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gaps {
    /// The first of the longest.
    pub longest: Option<Span>,
    /// All gaps together, in days.
    pub total_days: u32,
    /// The gap that lasts to the end of the period, where one does.
    pub at_the_end: Option<Span>,
}

impl Gaps {
    fn of(gaps: &[Span], period: Span) -> Self {
        let longest = gaps.iter().copied().reduce(|a, b| if a.days() < b.days() { b } else { a });
        Self {
            longest,
            total_days: gaps.iter().map(|gap| gap.days()).sum(),
            at_the_end: gaps.last().copied().filter(|gap| gap.last() == period.last()),
        }
    }

    /// Returns the longest gap, in days.
    pub fn longest_days(&self) -> u32 {
        self.longest.map_or(0, Span::days)
    }
}

/// What family `continuous` looked at from one job start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContinuousAccount {
    /// The period.
    pub period: Span,
    /// The longest gap allowed, in days.
    pub allowed_gap_days: u32,
    /// All gaps together that are allowed, in days; none where they are not limited.
    pub allowed_total_days: Option<u32>,
    /// The gaps that are known.
    pub known: Gaps,
    /// The gaps with the days of which nothing is known taken as not worked.
    pub at_worst: Gaps,
    /// Days of which nothing is known.
    pub unknown: u32,
    /// The first of them.
    pub first_unknown: Option<NaiveDate>,
    /// Days of the period that are still to come.
    pub to_come: u32,
    /// The known gaps, with the events around them.
    pub gaps: Vec<Gap>,
    /// The first job start after the period.
    pub next_start: Option<Happened>,
    /// The facts of the jobs of the period.
    pub jobs: Vec<EventId>,
}

pub(super) fn looked(
    terms: &Continuous,
    subject: Subject<'_>,
    anchor: &Job,
) -> Option<ContinuousAccount> {
    let first = anchor.started.on;
    let period = Span::new(first, terms.last_day(first))?;
    let journey = subject.journey;
    let stretches = terms.test.stretches(&journey.jobs, period, subject.as_of);
    let known = runs(&stretches, &[Day::Short]);
    let unknown = || stretches.iter().filter(|stretch| stretch.day == Day::Unknown);
    let facts = terms.test.facts(&journey.jobs, period).into_iter();
    Some(ContinuousAccount {
        period,
        allowed_gap_days: terms.max_gap_days,
        allowed_total_days: terms.max_total_gap_days,
        known: Gaps::of(&known, period),
        at_worst: Gaps::of(&runs(&stretches, &[Day::Short, Day::Unknown]), period),
        unknown: unknown().map(|stretch| stretch.span.days()).sum(),
        first_unknown: unknown().next().map(|stretch| stretch.span.first()),
        to_come: to_come(period, subject.as_of),
        gaps: known.into_iter().map(|gap| Gap::of(subject, &terms.test, gap)).collect(),
        next_start: terms
            .test
            .jobs(&journey.jobs)
            .filter(|job| period.last() < job.started.on)
            .min_by_key(|job| job.started.on)
            .map(|job| Happened::of(journey, job.started)),
        jobs: facts.map(|fact| event_of(journey, fact)).collect(),
    })
}

/// Returns the maximal runs of days of the listed kinds.
fn runs(stretches: &[Stretch], kinds: &[Day]) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    let mut running = false;
    for stretch in stretches {
        let is_of_kind = kinds.contains(&stretch.day);
        match runs.last_mut().filter(|_| running && is_of_kind) {
            Some(run) => *run = Span::new(run.first(), stretch.span.last()).unwrap_or(*run),
            None if is_of_kind => runs.push(stretch.span),
            None => {}
        }
        running = is_of_kind;
    }
    runs
}

impl ContinuousAccount {
    fn allows(&self, gaps: &Gaps) -> bool {
        gaps.at_the_end.is_none()
            && gaps.longest_days() <= self.allowed_gap_days
            && self.allowed_total_days.is_none_or(|most| gaps.total_days <= most)
    }

    pub(super) fn verdict(&self) -> Verdict {
        let last = self.period.last();
        match (self.to_come, self.first_unknown) {
            (0, _) if self.allows(&self.at_worst) => Verdict::Met { on: last },
            _ if !self.allows(&self.known) => Verdict::NotMet,
            (0, Some(missing)) => Verdict::Unknown { missing },
            (0, None) => Verdict::NotMet,
            _ => Verdict::NotYet { until: Some(last) },
        }
    }

    pub(super) fn amounts(&self) -> Amounts {
        Amounts::Continuous {
            anchor: self.period.first(),
            longest_gap_days: self.at_worst.longest_days(),
            total_gap_days: self.at_worst.total_days,
        }
    }

    /// Returns by how many days the known gaps are over what is allowed, the larger of the two.
    pub fn over_days(&self) -> u32 {
        let longest = self.known.longest_days().saturating_sub(self.allowed_gap_days);
        let allowed = self.allowed_total_days.unwrap_or(u32::MAX);
        longest.max(self.known.total_days.saturating_sub(allowed))
    }

    pub(super) fn events(&self) -> impl Iterator<Item = EventId> {
        let gaps = self.gaps.iter().flat_map(Gap::events);
        let next = self.next_start.iter().map(|each| each.event);
        self.jobs.iter().copied().chain(gaps).chain(next)
    }

    pub(super) fn why(&self) -> Why {
        let too_long = self.known.longest_days() > self.allowed_gap_days;
        match self.verdict() {
            Verdict::Met { .. } => Why::Met,
            Verdict::NotYet { .. } => Why::PeriodMayCome,
            Verdict::Unknown { .. } => Why::WorkUnknown,
            Verdict::NotMet if too_long && self.ends_with_longest() => Why::EndedBefore,
            Verdict::NotMet if too_long => Why::GapTooLong,
            Verdict::NotMet if self.known.at_the_end.is_some() => Why::EndedBefore,
            Verdict::NotMet => Why::GapsTooLong,
        }
    }

    /// Returns whether the gap that is too long has no end within the days that have passed.
    fn ends_with_longest(&self) -> bool {
        self.known.at_the_end.is_some() && self.known.at_the_end == self.known.longest
    }

    pub(super) fn reason(&self) -> String {
        let allowed = self.allowed_gap_days;
        match (self.why(), self.allowed_total_days) {
            (Why::GapTooLong, _) => {
                format!("gap of {}, {allowed} allowed", days(self.known.longest_days()))
            }
            (Why::GapsTooLong, Some(most)) => {
                format!("gaps of {} together, {most} allowed", days(self.known.total_days))
            }
            (Why::EndedBefore, _) => {
                let left = self.known.at_the_end.map_or(0, Span::days);
                format!("work ended {} before the period did", days(left))
            }
            (Why::WorkUnknown, _) => format!("{} of the period not reported", days(self.unknown)),
            (why, _) => why.says().to_owned(),
        }
    }

    pub(super) fn says(&self) -> String {
        let (first, last) = (self.period.first(), self.period.last());
        let looked = format!("looked from {first} to {last}");
        let allowed = self.allowed_gap_days;
        let total = match self.allowed_total_days {
            Some(most) => format!("{} together, {most} allowed", days(self.known.total_days)),
            None => format!("{} together", days(self.known.total_days)),
        };
        let says = match (self.why(), self.known.longest, self.known.at_the_end) {
            (Why::Met, ..) => match self.at_worst.longest {
                None => return format!("in work without a gap from {first} to {last}"),
                Some(gap) => {
                    return format!(
                        "in work from {first} to {last}; longest gap {}, {allowed} allowed",
                        said(gap)
                    );
                }
            },
            (Why::GapTooLong, Some(gap), _) => {
                format!("gap of {}, {allowed} allowed; {looked}", said(gap))
            }
            (Why::EndedBefore, _, Some(gap)) => format!(
                "work ended before the period did: {} out of work at its end; {looked}",
                said(gap)
            ),
            (Why::GapsTooLong, ..) => format!("gaps of {total}; {looked}"),
            (Why::WorkUnknown, ..) => format!(
                "{} never reported, first on {}; {looked}",
                days(self.unknown),
                self.first_unknown.unwrap_or(first)
            ),
            (Why::PeriodMayCome, Some(gap), _) => format!(
                "the period is not over: {} to come, longest gap so far {}, {allowed} allowed; \
                 {looked}",
                days(self.to_come),
                said(gap)
            ),
            _ => format!("the period is not over: {} to come; {looked}", days(self.to_come)),
        };
        match self.next_start.filter(|_| self.to_come == 0) {
            Some(next) => format!("{says}; the next job after it started on {}", next.on),
            None => says,
        }
    }
}

fn said(gap: Span) -> String {
    format!("{} from {} to {}", days(gap.days()), gap.first(), gap.last())
}
