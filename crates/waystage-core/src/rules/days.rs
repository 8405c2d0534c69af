//! A day in a participant's life: worked (with so many minutes a week), not worked, or unknown.
//! Days are kept as stretches on which nothing changes, so a year of steady work is one stretch.

use chrono::NaiveDate;

use crate::calendar::{Span, day_before, days_after};
use crate::journey::code::codes;
use crate::journey::employment::{Sector, WeeklyMinutes};
use crate::journey::{FactIndex, Job};

codes! {
    /// Which jobs a rule looks at.
    SectorRule {
        /// Employed work alone.
        Employed = "employed",
        /// Self-employment alone.
        SelfEmployed = "self_employed",
        /// Both.
        Any = "any",
    }
    /// How jobs held on one day count together.
    MultipleJobs {
        /// Their hours are added.
        Sum = "sum",
        /// The longest counts.
        Longest = "longest",
    }
}

impl SectorRule {
    /// Returns whether a job of this sector is looked at.
    pub fn covers(self, sector: Sector) -> bool {
        match self {
            Self::Any => true,
            Self::Employed => sector == Sector::Employed,
            Self::SelfEmployed => sector == Sector::SelfEmployed,
        }
    }
}

/// When a day counts as worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkTest {
    /// Which jobs.
    pub sector: SectorRule,
    /// How jobs of one day count together.
    pub multiple_jobs: MultipleJobs,
    /// The least minutes a week; absent, any work reaches it.
    pub min_weekly: Option<WeeklyMinutes>,
    /// For how many days after its last evidence a silent job is believed; absent, it is believed
    /// through `as_of`.
    pub silence_days: Option<u32>,
}

/// What is known of a day that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    /// It reaches the minimum.
    Reached,
    /// It is known not to.
    Short,
    /// Whether it does was never reported.
    Unknown,
}

/// Days that are all alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) span: Span,
    pub(crate) day: Day,
}

impl WorkTest {
    /// Returns the jobs that the test looks at.
    pub(crate) fn jobs<'a>(&self, jobs: &'a [Job]) -> impl Iterator<Item = &'a Job> {
        let sector = self.sector;
        jobs.iter().filter(move |job| sector.covers(job.sector))
    }

    /// Returns the passed days of `span`, in order and without holes.
    pub(crate) fn stretches(&self, jobs: &[Job], span: Span, as_of: NaiveDate) -> Vec<Stretch> {
        let Some(passed) = span.up_to(as_of) else {
            return Vec::new();
        };
        let jobs: Vec<&Job> = self.jobs(jobs).collect();
        let mut turns: Vec<NaiveDate> = jobs
            .iter()
            .flat_map(|job| {
                let changes = job.changes.iter().map(|change| change.step.on);
                let over = job.ended.map(|ended| days_after(ended.on, 1));
                let doubted = self.believed_through(job).map(|last| days_after(last, 1));
                std::iter::once(job.started.on).chain(changes).chain(over).chain(doubted)
            })
            .filter(|turn| *turn != passed.first() && passed.contains(*turn))
            .chain([passed.first()])
            .collect();
        turns.sort_unstable();
        turns.dedup();
        let ends = turns.iter().skip(1).map(|turn| day_before(*turn)).chain([passed.last()]);
        let mut stretches: Vec<Stretch> = Vec::new();
        for (first, last) in turns.iter().zip(ends) {
            let day = self.on(&jobs, *first);
            match (Span::new(*first, last), stretches.last_mut()) {
                (Some(span), Some(before)) if before.day == day => {
                    before.span = Span::new(before.span.first(), span.last()).unwrap_or(span);
                }
                (Some(span), _) => stretches.push(Stretch { span, day }),
                (None, _) => {}
            }
        }
        stretches
    }

    /// Returns what is known of one day.
    fn on(&self, jobs: &[&Job], day: NaiveDate) -> Day {
        let mut silent = false;
        let mut minutes: Option<u32> = None;
        for job in jobs {
            if !held(job, day) {
                continue;
            }
            if self.believed_through(job).is_some_and(|last| last < day) {
                silent = true;
                continue;
            }
            let of_job = job.minutes_on(day).0;
            minutes = Some(match (minutes, self.multiple_jobs) {
                (None, _) => of_job,
                (Some(so_far), MultipleJobs::Sum) => so_far.saturating_add(of_job),
                (Some(so_far), MultipleJobs::Longest) => so_far.max(of_job),
            });
        }
        let least = self.min_weekly.map_or(0, |least| least.0);
        match minutes {
            Some(minutes) if minutes >= least => Day::Reached,
            _ if silent => Day::Unknown,
            _ => Day::Short,
        }
    }

    /// Returns the last day on which an open job is believed; none where its end was reported or
    /// it is believed through `as_of`.
    pub(crate) fn believed_through(&self, job: &Job) -> Option<NaiveDate> {
        match (job.ended, self.silence_days) {
            (None, Some(days)) => Some(days_after(last_evidence(job), days)),
            (Some(_), _) | (None, None) => None,
        }
    }

    /// Returns the facts of the jobs that were worked on some day of `span`: start, changes up to
    /// its last day, ends, and the verification that carried belief where one had to.
    pub(crate) fn facts(&self, jobs: &[Job], span: Span) -> Vec<FactIndex> {
        let mut facts = Vec::new();
        for job in self.jobs(jobs) {
            let Some(spell) = Span::new(job.started.on, self.last_worked(job)) else {
                continue;
            };
            if spell.and(span).is_none() {
                continue;
            }
            facts.push(job.started.fact);
            facts.extend(
                job.changes
                    .iter()
                    .filter(|change| change.step.on <= span.last())
                    .map(|change| change.step.fact),
            );
            match (job.ended, self.silence_days) {
                (Some(_), _) => facts.extend(job.ends()),
                (None, Some(days)) => facts.extend(carriers(job, days, span.last())),
                (None, None) => {}
            }
        }
        facts
    }

    fn last_worked(&self, job: &Job) -> NaiveDate {
        job.ended.map(|ended| ended.on).or(self.believed_through(job)).unwrap_or(NaiveDate::MAX)
    }
}

fn held(job: &Job, day: NaiveDate) -> bool {
    job.started.on <= day && job.ended.is_none_or(|ended| day <= ended.on)
}

fn last_evidence(job: &Job) -> NaiveDate {
    let changes = job.changes.iter().map(|change| change.step.on);
    let verified = job.verified.iter().map(|verified| verified.covers_to);
    changes.chain(verified).fold(job.started.on, NaiveDate::max)
}

/// Returns the fact that carries belief in a silent job to `last` or as far as it goes: none where
/// the start or a change up to `last` does, else the first that reaches, else the furthest.
fn carriers(job: &Job, silence_days: u32, last: NaiveDate) -> Option<FactIndex> {
    let reach = |evidence: NaiveDate| days_after(evidence, silence_days);
    let own = job
        .changes
        .iter()
        .map(|change| change.step.on)
        .filter(|on| *on <= last)
        .fold(job.started.on, NaiveDate::max);
    if last <= reach(own) {
        return None;
    }
    let verified = job.verified.iter().map(|verified| (verified.covers_to, verified.fact));
    let later = job.changes.iter().map(|change| (change.step.on, change.step.fact));
    let mut candidates: Vec<(NaiveDate, FactIndex)> =
        verified.chain(later).filter(|(to, _)| own < *to).collect();
    candidates.sort_by_key(|(_, fact)| *fact);
    candidates
        .iter()
        .find(|(to, _)| last <= reach(*to))
        .or_else(|| candidates.iter().max_by_key(|(to, fact)| (*to, std::cmp::Reverse(*fact))))
        .map(|(_, fact)| *fact)
}
