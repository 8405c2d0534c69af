//! What family `self_employed_days` looked at.

use chrono::NaiveDate;

use super::jobs::event_of;
use super::words::{counted, days};
use super::{LookedAt, Verdict, Why, to_come};
use crate::calendar::{Span, days_after, window};
use crate::determination::Amounts;
use crate::id::EventId;
use crate::rules::days::Day;
use crate::rules::{SelfEmployedDays, Subject};

/// What family `self_employed_days` looked at. Where the days needed are reached it stops there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfEmployedDaysAccount {
    /// The window.
    pub window: Span,
    /// Days needed.
    pub needed: u32,
    /// Days counted.
    pub counted: u32,
    /// The day on which the count reached what is needed.
    pub reached_on: Option<NaiveDate>,
    /// Days of a spell that fell silent.
    pub unknown: u32,
    /// The first of them.
    pub first_unknown: Option<NaiveDate>,
    /// Days of the window that are still to come.
    pub to_come: u32,
    /// The spells that were looked at: their starts, changes, ends and verifications.
    pub events: Vec<EventId>,
}

pub(super) fn looked(terms: &SelfEmployedDays, subject: Subject<'_>) -> LookedAt {
    let Some(window) = window(subject.start, terms.window_days, terms.day_count) else {
        return LookedAt::NoTerms;
    };
    let test = terms.test();
    let jobs = &subject.journey.jobs;
    let facts = test.facts(jobs, window);
    let mut account = SelfEmployedDaysAccount {
        window,
        needed: terms.days,
        counted: 0,
        reached_on: None,
        unknown: 0,
        first_unknown: None,
        to_come: to_come(window, subject.as_of),
        events: facts.into_iter().map(|fact| event_of(subject.journey, fact)).collect(),
    };
    for stretch in test.stretches(jobs, window, subject.as_of) {
        let length = stretch.span.days();
        let short = account.short();
        match stretch.day {
            Day::Reached if 0 < short && short <= length => {
                account.counted = account.needed;
                account.reached_on = Some(days_after(stretch.span.first(), short - 1));
                break;
            }
            Day::Reached => account.counted += length,
            Day::Unknown => {
                account.unknown += length;
                account.first_unknown = account.first_unknown.or(Some(stretch.span.first()));
            }
            Day::Short => {}
        }
    }
    LookedAt::SelfEmployedDays(account)
}

impl SelfEmployedDaysAccount {
    /// Returns how many days are missing.
    pub const fn short(&self) -> u32 {
        self.needed.saturating_sub(self.counted)
    }

    pub(super) const fn verdict(&self) -> Verdict {
        let possible = self.counted + self.unknown;
        match (self.reached_on, self.first_unknown) {
            (Some(on), _) => Verdict::Met { on },
            (None, _) if self.to_come > 0 && possible + self.to_come >= self.needed => {
                Verdict::NotYet { until: Some(self.window.last()) }
            }
            (None, Some(missing)) if possible >= self.needed => Verdict::Unknown { missing },
            (None, _) => Verdict::NotMet,
        }
    }

    pub(super) const fn amounts(&self) -> Amounts {
        Amounts::SelfEmployedDays { days: self.needed }
    }

    pub(super) const fn why(&self) -> Why {
        match self.verdict() {
            Verdict::Met { .. } => Why::Met,
            Verdict::NotMet => Why::DaysShort,
            Verdict::NotYet { .. } => Why::DaysMayCome,
            Verdict::Unknown { .. } => Why::DaysUnknown,
        }
    }

    pub(super) fn reason(&self) -> String {
        let (has, needs) = (self.counted, self.needed);
        match self.why() {
            Why::Met => Why::Met.says().to_owned(),
            Why::DaysUnknown => {
                let unknown = days(self.unknown);
                format!("{has} of {needs} days of self-employment, {unknown} not reported")
            }
            _ => format!("{has} of {needs} days of self-employment"),
        }
    }

    pub(super) fn says(&self) -> String {
        let (first, last) = (self.window.first(), self.window.last());
        let counts = format!(
            "{} of {} counted from {first} to {last}",
            self.counted,
            counted(self.needed, "day") + " of self-employment"
        );
        match (self.reached_on, self.first_unknown) {
            (Some(on), _) => format!("{counts}, the last of them on {on}"),
            (None, Some(missing)) => format!(
                "{counts}; {} from {missing} never reported, {} to come",
                days(self.unknown),
                days(self.to_come)
            ),
            (None, None) => format!("{counts}; {} to come", days(self.to_come)),
        }
    }
}
