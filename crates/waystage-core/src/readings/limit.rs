//! How long support lasts: the last day of each limit, with pauses counted or not.

use chrono::NaiveDate;

use super::Case;
use crate::calendar::{Span, window};
use crate::journey::Fact;
use crate::journey::support::Support;
use crate::programme::{Limit, Pauses, Phase};

/// A limit, read on one participation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitReading {
    /// The limit's name within its programme.
    pub limit: String,
    /// The first day; none where what it counts from has not happened.
    pub first: Option<NaiveDate>,
    /// The last day; none before the first, and while a pause lasts whose end moves it.
    pub last: Option<NaiveDate>,
    /// Days of pauses that moved the last day.
    pub paused: u32,
}

impl Case<'_> {
    /// Reads every limit of the programme, in the order of its pack.
    pub fn limits(&self) -> impl Iterator<Item = LimitReading> {
        self.programme.provision.limits.iter().map(|limit| self.limit(limit))
    }

    fn limit(&self, limit: &Limit) -> LimitReading {
        let first = match limit.phase {
            Phase::PreWork | Phase::Total => self.participation.started.map(|step| step.on),
            Phase::InWork => self.first_job_start(),
        };
        let reading = |last, paused| LimitReading { limit: limit.id.clone(), first, last, paused };
        let whole = first.and_then(|first| window(first, limit.days, limit.day_count));
        let Some(whole) = whole else { return reading(None, 0) };
        match limit.pauses {
            Pauses::Ignore => reading(Some(whole.last()), 0),
            Pauses::Extend => match self.moved(whole) {
                Some((last, paused)) => reading(Some(last), paused),
                None => reading(None, 0),
            },
        }
    }

    /// Returns the last day of a span that stops while the participation is paused, and for how
    /// many days it stopped; none where it still does.
    fn moved(&self, whole: Span) -> Option<(NaiveDate, u32)> {
        let mut last = whole.last();
        let mut paused = 0;
        for (from, until) in self.pauses() {
            if last < from {
                break;
            }
            let from = from.max(whole.first());
            let until = until?;
            let stopped = Span::new(from, until.pred_opt()?).map_or(0, Span::days);
            paused += stopped;
            last = crate::calendar::days_after(last, stopped);
        }
        Some((last, paused))
    }

    /// Returns the pauses: the first day of each, and the day of its end where it has one. Who
    /// leaves is no longer paused.
    fn pauses(&self) -> Vec<(NaiveDate, Option<NaiveDate>)> {
        let mut pauses: Vec<(NaiveDate, Option<NaiveDate>)> = Vec::new();
        for (_, on, fact) in self.facts() {
            let is_open = pauses.last().is_some_and(|(_, until)| until.is_none());
            match fact {
                Fact::Support(Support::Paused(_)) if !is_open => pauses.push((on, None)),
                Fact::Support(Support::Resumed(_) | Support::Completed(_) | Support::Exited(_))
                    if is_open =>
                {
                    if let Some((_, until)) = pauses.last_mut() {
                        *until = Some(on);
                    }
                }
                _ => {}
            }
        }
        pauses
    }
}
