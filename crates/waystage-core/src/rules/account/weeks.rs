//! What family `weeks_in_window` looked at from one job start: each week of the window.

use chrono::NaiveDate;

use super::jobs::{Gap, Happened};
use super::words::{counted, days, ordinal};
use super::{Verdict, Why};
use crate::calendar::{Span, days_after};
use crate::determination::Amounts;
use crate::id::EventId;
use crate::journey::Job;
use crate::rules::days::{Day, Stretch};
use crate::rules::{Subject, WeeksInWindow};

/// How many weeks after the window are looked at for the week that came too late.
const WEEKS_AFTER_MAX: u32 = 520;

/// What family `weeks_in_window` looked at from one job start. Where the weeks needed have counted
/// it stops there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeksAccount {
    /// The window.
    pub window: Span,
    /// Weeks needed.
    pub needed: u32,
    /// Weeks counted.
    pub counted: u32,
    /// The last day of the week that completes them.
    pub completed_on: Option<NaiveDate>,
    /// Weeks lost: one of their days is known not to reach the hours.
    pub lost: u32,
    /// Weeks of which something is not known.
    pub unknown: u32,
    /// The first day that is not known of them.
    pub first_unknown: Option<NaiveDate>,
    /// Weeks with days to come.
    pub to_come: u32,
    /// The days of the window that are known not to reach the hours, with the events around them.
    pub gaps: Vec<Gap>,
    /// Where weeks after the window would have completed them: how many days after its end.
    pub completed_after_window_by_days: Option<u32>,
    /// The first job start after the window.
    pub next_start: Option<Happened>,
    /// The facts of the jobs of the window.
    pub jobs: Vec<EventId>,
}

enum Week {
    Counts,
    Lost,
    ToCome,
    Unknown(NaiveDate),
}

pub(super) fn looked(
    terms: &WeeksInWindow,
    subject: Subject<'_>,
    anchor: &Job,
) -> Option<WeeksAccount> {
    let first = anchor.started.on;
    let jobs = &subject.journey.jobs;
    let window = Span::new(first, terms.last_day(first))?;
    let stretches = terms.test.stretches(jobs, window, subject.as_of);
    let facts = terms.test.facts(jobs, window).into_iter();
    let mut account = WeeksAccount {
        window,
        needed: terms.weeks,
        counted: 0,
        completed_on: None,
        lost: 0,
        unknown: 0,
        first_unknown: None,
        to_come: 0,
        gaps: gaps(terms, subject, &stretches),
        completed_after_window_by_days: None,
        next_start: terms
            .test
            .jobs(jobs)
            .filter(|job| window.last() < job.started.on)
            .min_by_key(|job| job.started.on)
            .map(|job| Happened::of(subject.journey, job.started)),
        jobs: facts.map(|fact| super::jobs::event_of(subject.journey, fact)).collect(),
    };
    for number in 0..terms.window_weeks {
        let Some(week) = week(first, number) else { break };
        match weigh(&stretches, week, subject.as_of) {
            Week::Counts => account.counted += 1,
            Week::Lost => account.lost += 1,
            Week::ToCome => account.to_come += 1,
            Week::Unknown(missing) => {
                account.unknown += 1;
                account.first_unknown = account.first_unknown.or(Some(missing));
            }
        }
        if account.counted == account.needed {
            account.completed_on = Some(week.last());
            return Some(account);
        }
    }
    account.completed_after_window_by_days = completed_after(terms, subject, &account);
    Some(account)
}

fn week(first: NaiveDate, number: u32) -> Option<Span> {
    let monday = days_after(first, number.saturating_mul(7));
    Span::new(monday, days_after(monday, 6))
}

fn weigh(stretches: &[Stretch], week: Span, as_of: NaiveDate) -> Week {
    let first = |day: Day| {
        let mut of_kind = stretches.iter().filter(|stretch| stretch.day == day);
        of_kind.find_map(|stretch| stretch.span.and(week)).map(Span::first)
    };
    match (first(Day::Short), first(Day::Unknown)) {
        (Some(_), _) => Week::Lost,
        (None, _) if as_of < week.last() => Week::ToCome,
        (None, Some(missing)) => Week::Unknown(missing),
        (None, None) => Week::Counts,
    }
}

fn gaps(terms: &WeeksInWindow, subject: Subject<'_>, stretches: &[Stretch]) -> Vec<Gap> {
    let short = stretches.iter().filter(|stretch| stretch.day == Day::Short);
    short.map(|stretch| Gap::of(subject, &terms.test, stretch.span)).collect()
}

/// Returns how many days after the window the last week needed would have been complete.
fn completed_after(
    terms: &WeeksInWindow,
    subject: Subject<'_>,
    account: &WeeksAccount,
) -> Option<u32> {
    let first = account.window.first();
    let numbers = terms.window_weeks..terms.window_weeks.saturating_add(WEEKS_AFTER_MAX);
    let later = Span::new(days_after(account.window.last(), 1), subject.as_of)?;
    let stretches = terms.test.stretches(&subject.journey.jobs, later, subject.as_of);
    let mut counted = account.counted;
    for week in numbers.map_while(|number| week(first, number)) {
        if subject.as_of < week.last() {
            return None;
        }
        counted += u32::from(matches!(weigh(&stretches, week, subject.as_of), Week::Counts));
        if counted == account.needed {
            return Span::new(later.first(), week.last()).map(Span::days);
        }
    }
    None
}

impl WeeksAccount {
    pub(super) const fn verdict(&self) -> Verdict {
        let possible = self.counted + self.unknown;
        match (self.completed_on, self.first_unknown) {
            (Some(on), _) if self.counted >= self.needed => Verdict::Met { on },
            _ if self.to_come > 0 && possible + self.to_come >= self.needed => {
                Verdict::NotYet { until: Some(self.window.last()) }
            }
            (_, Some(missing)) if possible >= self.needed => Verdict::Unknown { missing },
            _ => Verdict::NotMet,
        }
    }

    pub(super) const fn amounts(&self) -> Amounts {
        Amounts::WeeksInWindow { weeks: self.counted, anchor: self.window.first() }
    }

    /// Returns how many weeks are missing.
    pub const fn short(&self) -> u32 {
        self.needed.saturating_sub(self.counted)
    }

    pub(super) fn events(&self) -> impl Iterator<Item = EventId> {
        let gaps = self.gaps.iter().flat_map(Gap::events);
        let next = self.next_start.iter().map(|each| each.event);
        self.jobs.iter().copied().chain(gaps).chain(next)
    }

    pub(super) const fn why(&self) -> Why {
        match self.verdict() {
            Verdict::Met { .. } => Why::Met,
            Verdict::NotMet => Why::WeeksShort,
            Verdict::NotYet { .. } => Why::WeeksMayCome,
            Verdict::Unknown { .. } => Why::WeeksUnknown,
        }
    }

    pub(super) fn reason(&self) -> String {
        let (has, needs) = (self.counted, counted(self.needed, "week"));
        match self.why() {
            Why::WeeksShort => format!("{has} of {needs} counted"),
            Why::WeeksUnknown => {
                format!("{has} of {needs} counted, {} not reported", counted(self.unknown, "week"))
            }
            why => why.says().to_owned(),
        }
    }

    pub(super) fn says(&self) -> String {
        let (first, last) = (self.window.first(), self.window.last());
        let needed = counted(self.needed, "week");
        let counts = format!("{} of {needed} counted from {first} to {last}", self.counted);
        if let Some(on) = self.completed_on {
            return format!("{counts}, the last of them complete on {on}");
        }
        let mut says = vec![counts];
        if self.lost > 0 {
            says.push(format!("{} lost", counted(self.lost, "week")));
        }
        if let Some(longest) = self.longest_gap() {
            says.push(format!("longest out of work {}", longest.says()));
        }
        if let Some(missing) = self.first_unknown {
            let unknown = counted(self.unknown, "week");
            says.push(format!("{unknown} never reported, first on {missing}"));
        }
        if self.to_come > 0 {
            says.push(format!("{} to come", counted(self.to_come, "week")));
        }
        if let Some(late) = self.completed_after_window_by_days {
            let (late, place) = (days(late), ordinal(self.needed));
            says.push(format!("the {place} would have come {late} after the window ended"));
        }
        says.join("; ")
    }

    /// Returns the first of the longest gaps.
    fn longest_gap(&self) -> Option<&Gap> {
        self.gaps.iter().reduce(|a, b| if a.days.days() < b.days.days() { b } else { a })
    }
}
