//! Accounts: what a rule looked at when it was read, whatever it answered. An answer by absence is
//! explained too: which days were looked at, what stood in the way, how much was missing.
//!
//! An account is made on demand, from the same facts as the reading and with the same terms, and
//! works out its verdict from its own numbers: a law holds the two together.

mod attempts;
mod continuous;
mod earnings;
mod jobs;
mod self_employed_days;
mod status_at_point;
mod weeks;
mod why;
mod words;

pub use attempts::{Attempt, Attempted, Attempts, MayStart};
pub use continuous::{ContinuousAccount, Gaps};
pub use earnings::{EarningsAccount, Tested};
pub use jobs::{Gap, Happened, JobFit, JobLooked, JobStartAccount};
pub use self_employed_days::SelfEmployedDaysAccount;
pub use status_at_point::StatusAtPointAccount;
pub use weeks::WeeksAccount;
pub use why::Why;

use chrono::NaiveDate;

use super::{Answer, Reading, RuleReading, Subject, first_claim};
use crate::calendar::{Span, days_after};
use crate::determination::Amounts;
use crate::id::EventId;
use crate::journey::{Journey, Participation};
use crate::programme::{JudgedBy, Programmes, Rule, Terms};

/// What a reading comes to, without its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Satisfied.
    Met {
        /// The last day whose evidence it needed.
        on: NaiveDate,
    },
    /// No day to come can satisfy it.
    NotMet,
    /// Days to come may still satisfy it.
    NotYet {
        /// The last day that can count; none where there is no such day.
        until: Option<NaiveDate>,
    },
    /// Whether the days counted was never reported.
    Unknown {
        /// The first day that is not known.
        missing: NaiveDate,
    },
}

impl Verdict {
    /// Returns which of the four it is.
    pub const fn answer(self) -> Answer {
        match self {
            Self::Met { .. } => Answer::Met,
            Self::NotMet => Answer::NotMet,
            Self::NotYet { .. } => Answer::NotYet,
            Self::Unknown { .. } => Answer::Unknown,
        }
    }
}

impl From<&Reading> for Verdict {
    fn from(reading: &Reading) -> Self {
        match reading {
            Reading::Met(met) => Self::Met { on: met.on },
            Reading::NotMet => Self::NotMet,
            Reading::NotYet { until } => Self::NotYet { until: *until },
            Reading::Unknown { missing, .. } => Self::Unknown { missing: *missing },
        }
    }
}

/// The days on which a version may be met, where the day of the outcome picks the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTime {
    /// The first such day.
    pub from: NaiveDate,
    /// The day from which the next version is in force; none where this is the last.
    pub before: Option<NaiveDate>,
}

impl OwnTime {
    /// Returns the verdict where it may count: a met outside the version's own time does not.
    fn counting(self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Met { on }
                if on < self.from || self.before.is_some_and(|before| before <= on) =>
            {
                Verdict::NotMet
            }
            verdict => verdict,
        }
    }
}

/// What a rule looked at, by family. Days are counted inclusive at both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedAt {
    /// Nothing: the participation has not started.
    NotStarted {
        /// The closing day, where it is closed.
        closed: Option<Happened>,
    },
    /// Nothing: no version of the rule is in force on the day that picks it.
    NoVersion,
    /// Nothing: the version has no such tier, or a window without a day.
    NoTerms,
    /// Job starts.
    JobStart(JobStartAccount),
    /// Earnings statements.
    Earnings(EarningsAccount),
    /// Days of self-employment.
    SelfEmployedDays(SelfEmployedDaysAccount),
    /// Windows of weeks or periods of continuous work, one for each job start that was tried.
    Attempts(Attempts),
    /// Days after the exit; none where there is no exit.
    StatusAtPoint(Option<StatusAtPointAccount>),
}

/// What a rule looked at for one reading: days, events and numbers.
///
/// # Examples
///
/// ```
/// use waystage_core::rules::account::Account;
/// // a programme officer reads the sentence; reports group by the kind and the reason
/// fn tells(account: &Account) -> (String, String, &'static str) {
///     (account.says(), account.reason(), account.why().as_str())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which date picks the version.
    pub judged_by: JudgedBy,
    /// That date; none where there is no start, or the day of the outcome picks the version.
    pub judged_on: Option<NaiveDate>,
    /// The version read, by the day from which it is in force.
    pub version: Option<NaiveDate>,
    /// Where the day of the outcome picks the version, the days on which this one may be met.
    pub own_time: Option<OwnTime>,
    /// What was looked at.
    pub looked: LookedAt,
}

impl Account {
    /// Returns what the account's numbers come to; always what the reading says.
    pub fn verdict(&self) -> Verdict {
        let counting = |verdict| match self.own_time {
            Some(own_time) => own_time.counting(verdict),
            None => verdict,
        };
        match &self.looked {
            LookedAt::NotStarted { closed: None } | LookedAt::StatusAtPoint(None) => {
                Verdict::NotYet { until: None }
            }
            LookedAt::NotStarted { closed: Some(_) } | LookedAt::NoVersion | LookedAt::NoTerms => {
                Verdict::NotMet
            }
            LookedAt::JobStart(account) => counting(account.verdict()),
            LookedAt::Earnings(account) => counting(account.verdict()),
            LookedAt::SelfEmployedDays(account) => counting(account.verdict()),
            LookedAt::Attempts(account) => account.verdict(),
            LookedAt::StatusAtPoint(Some(account)) => counting(account.verdict()),
        }
    }

    /// Returns which of the four answers the account's numbers come to.
    pub fn answer(&self) -> Answer {
        self.verdict().answer()
    }

    /// Returns the amounts that decide a reading of met; none where it is not met.
    pub fn amounts(&self) -> Option<Amounts> {
        if self.answer() != Answer::Met {
            return None;
        }
        match &self.looked {
            LookedAt::NotStarted { .. }
            | LookedAt::NoVersion
            | LookedAt::NoTerms
            | LookedAt::StatusAtPoint(None) => None,
            LookedAt::JobStart(account) => account.amounts(),
            LookedAt::Earnings(account) => account.amounts(),
            LookedAt::SelfEmployedDays(account) => Some(account.amounts()),
            LookedAt::Attempts(account) => account.decisive().map(Attempt::amounts),
            LookedAt::StatusAtPoint(Some(account)) => Some(account.amounts()),
        }
    }

    /// Returns the days that were looked at: first and last; the last is none where the window has
    /// no end yet. None where no day was looked at. Of several attempts, the one that decided.
    pub fn window(&self) -> Option<(NaiveDate, Option<NaiveDate>)> {
        match &self.looked {
            LookedAt::NotStarted { .. }
            | LookedAt::NoVersion
            | LookedAt::NoTerms
            | LookedAt::StatusAtPoint(None) => None,
            LookedAt::JobStart(account) => Some((account.from, account.until)),
            LookedAt::Earnings(account) => Some(both(account.window)),
            LookedAt::SelfEmployedDays(account) => Some(both(account.window)),
            LookedAt::Attempts(account) => Some(match account.decisive() {
                Some(attempt) => both(attempt.window()),
                None => (account.from, account.until),
            }),
            LookedAt::StatusAtPoint(Some(account)) => Some(both(account.window)),
        }
    }

    /// Returns the events that were looked at or stood in the way, each once, in the order of
    /// their ids. For a reading of met the events that give it are its `because`.
    pub fn events(&self) -> Vec<EventId> {
        let mut events: Vec<EventId> = match &self.looked {
            LookedAt::NotStarted { closed } => closed.iter().map(|each| each.event).collect(),
            LookedAt::NoVersion | LookedAt::NoTerms | LookedAt::StatusAtPoint(None) => Vec::new(),
            LookedAt::JobStart(account) => account.events(),
            LookedAt::Earnings(account) => account.events(),
            LookedAt::SelfEmployedDays(account) => account.events.clone(),
            LookedAt::Attempts(account) => account.events(),
            LookedAt::StatusAtPoint(Some(account)) => account.events(),
        };
        events.sort_unstable();
        events.dedup();
        events
    }

    /// Returns why it reads so, as a word: the coarse kind by which many readings are grouped.
    pub fn why(&self) -> Why {
        let verdict = self.verdict();
        match &self.looked {
            LookedAt::NotStarted { closed: None } => Why::NotStarted,
            LookedAt::NotStarted { closed: Some(_) } => Why::ClosedBeforeStart,
            LookedAt::NoVersion => Why::NoVersion,
            LookedAt::NoTerms => Why::NoTerms,
            _ if verdict.answer() == Answer::Met => Why::Met,
            looked if self.is_outside_own_time(looked) => Why::OutsideVersion,
            LookedAt::JobStart(account) => account.why(),
            LookedAt::Earnings(account) => account.why(),
            LookedAt::SelfEmployedDays(account) => account.why(),
            LookedAt::Attempts(account) => account.why(),
            LookedAt::StatusAtPoint(None) => Why::NotExited,
            LookedAt::StatusAtPoint(Some(account)) => account.why(),
        }
    }

    /// Returns why it reads so with the number that decides, without dates and people:
    /// `gap of 31 days, 28 allowed`.
    pub fn reason(&self) -> String {
        match (self.why(), &self.looked) {
            (Why::OutsideVersion, _) => Why::OutsideVersion.says().to_owned(),
            (_, LookedAt::JobStart(account)) => account.reason(),
            (_, LookedAt::Earnings(account)) => account.reason(),
            (_, LookedAt::SelfEmployedDays(account)) => account.reason(),
            (_, LookedAt::Attempts(account)) => account.reason(),
            (_, LookedAt::StatusAtPoint(Some(account))) => account.reason(),
            (why, _) => why.says().to_owned(),
        }
    }

    /// Returns a sentence for people, with days and numbers: `50 of 52 weeks counted from
    /// 2015-09-01 to 2016-08-29; …`.
    pub fn says(&self) -> String {
        let says = match &self.looked {
            LookedAt::NotStarted { closed: None } => {
                "the participation has not started, so no outcome is read yet".to_owned()
            }
            LookedAt::NotStarted { closed: Some(closed) } => {
                format!("the participation was closed on {} without a start", closed.on)
            }
            LookedAt::NoVersion => match self.judged_on {
                Some(on) => format!(
                    "no version of the rule is in force on {on}, the day of the {} that picks it",
                    self.judged_by
                ),
                None => "no version of the rule is in force yet".to_owned(),
            },
            LookedAt::NoTerms => "the version has no such tier, or a window without a day".into(),
            LookedAt::JobStart(account) => account.says(),
            LookedAt::Earnings(account) => account.says(),
            LookedAt::SelfEmployedDays(account) => account.says(),
            LookedAt::Attempts(account) => account.says(),
            LookedAt::StatusAtPoint(None) => "there is no exit yet to count from".to_owned(),
            LookedAt::StatusAtPoint(Some(account)) => account.says(),
        };
        match (self.why(), self.own_time) {
            (Why::OutsideVersion, Some(OwnTime { from, before: Some(before) })) => {
                format!("{says}; this version may be met only from {from} until before {before}")
            }
            (Why::OutsideVersion, Some(OwnTime { from, before: None })) => {
                format!("{says}; this version may be met only from {from}")
            }
            _ => says,
        }
    }

    /// Returns whether it would be met but for the version's own time.
    fn is_outside_own_time(&self, looked: &LookedAt) -> bool {
        let met = |verdict: Verdict| verdict.answer() == Answer::Met;
        self.own_time.is_some()
            && match looked {
                LookedAt::NotStarted { .. }
                | LookedAt::NoVersion
                | LookedAt::NoTerms
                | LookedAt::StatusAtPoint(None) => false,
                LookedAt::JobStart(account) => met(account.verdict()),
                LookedAt::Earnings(account) => met(account.verdict()),
                LookedAt::SelfEmployedDays(account) => met(account.verdict()),
                LookedAt::Attempts(account) => account.why() == Why::OutsideVersion,
                LookedAt::StatusAtPoint(Some(account)) => met(account.verdict()),
            }
    }
}

fn both(days: Span) -> (NaiveDate, Option<NaiveDate>) {
    (days.first(), Some(days.last()))
}

/// Returns the days of a span that are still to come.
fn to_come(days: Span, as_of: NaiveDate) -> u32 {
    Span::new(days_after(as_of, 1).max(days.first()), days.last()).map_or(0, Span::days)
}

/// Returns what a rule (and tier) looked at for a reading of a participation.
pub(crate) fn account_of(
    journey: &Journey<'_>,
    participation: &Participation,
    rule: &Rule,
    reading: &RuleReading,
    programmes: &Programmes,
    as_of: NaiveDate,
) -> Account {
    let account = |judged_on, own_time, looked| Account {
        judged_by: rule.judged_by,
        judged_on,
        version: reading.version,
        own_time,
        looked,
    };
    let Some(started) = participation.started else {
        let closed = participation.closed.map(|closed| Happened::of(journey, closed));
        return account(None, None, LookedAt::NotStarted { closed });
    };
    let judged_on = match rule.judged_by {
        JudgedBy::Referral => Some(participation.referred.on),
        JudgedBy::Start => Some(started.on),
        JudgedBy::Claim => Some(first_claim(participation, rule).map_or(as_of, |(on, _)| on)),
        JudgedBy::Outcome => None,
    };
    let mut versions = rule.versions.iter();
    let read = |from: NaiveDate| versions.position(|version| version.effective_from == from);
    let Some(index) = reading.version.and_then(read) else {
        return account(judged_on, None, LookedAt::NoVersion);
    };
    let own_time = judged_on.is_none().then(|| OwnTime {
        from: rule.versions[index].effective_from,
        before: rule.versions.get(index + 1).map(|next| next.effective_from),
    });
    let subject = Subject {
        journey,
        participation,
        start: started.on,
        as_of,
        programmes,
        from: NaiveDate::MIN,
        before: None,
    };
    let looked = match &rule.versions[index].terms {
        Terms::JobStart(terms) => jobs::looked(terms, subject),
        Terms::Earnings(terms) => earnings::looked(terms, subject, reading.tier.as_ref()),
        Terms::SelfEmployedDays(terms) => self_employed_days::looked(terms, subject),
        Terms::StatusAtPoint(terms) => status_at_point::looked(terms, subject),
        Terms::WeeksInWindow(terms) => attempts::looked_for_weeks(terms, subject, own_time),
        Terms::Continuous(terms) => attempts::looked_for_work(terms, subject, own_time),
    };
    account(judged_on, own_time, looked)
}
