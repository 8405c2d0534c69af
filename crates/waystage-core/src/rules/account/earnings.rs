//! What family `earnings` looked at: the window's total against the threshold.

use chrono::NaiveDate;

use super::jobs::{Happened, event_of};
use super::words::{counted, days, pounds};
use super::{LookedAt, Verdict, Why, to_come};
use crate::calendar::{Span, window};
use crate::determination::Amounts;
use crate::id::{EventId, TierId};
use crate::journey::Statement;
use crate::programme::RateTable;
use crate::rules::earnings::{Totals, deciding};
use crate::rules::{Earnings, RateAsOf, Subject};

/// The day on which the total came closest to its threshold, or reached it for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tested {
    /// The day.
    pub on: NaiveDate,
    /// The hourly rate that fixes its threshold, in pence.
    pub rate_pence: u32,
    /// The window's total on the day, in pence.
    pub total_pence: i128,
    /// The least total from the day to the end of the days that have passed, in pence.
    pub least_pence: i128,
}

/// What family `earnings` looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarningsAccount {
    /// The window.
    pub window: Span,
    /// The minutes of work that the threshold stands for.
    pub minutes: u64,
    /// Which date fixes the rate.
    pub rate_as_of: RateAsOf,
    /// The day that fixes the rate, where one day does; none where the first payment does and
    /// there is none.
    pub rate_on: Option<NaiveDate>,
    /// Where the total stood; none where no rate could be fixed.
    pub tested: Option<Tested>,
    /// The window's total at its end, or at the end of the days that have passed, in pence.
    pub total_pence: i128,
    /// The highest total of any day, in pence, and that day; none where nothing was paid.
    pub highest: Option<(NaiveDate, i128)>,
    /// Statements that count: those in the window, and earlier ones that it restates.
    pub counting: Vec<Happened>,
    /// How many of them lie in the window.
    pub in_window: u32,
    /// Statements in the window that were declared not to count.
    pub not_qualifying: Vec<Happened>,
    /// The first counting statement after the window.
    pub next_after: Option<Happened>,
    /// Days of the window that are still to come.
    pub to_come: u32,
}

pub(super) fn looked(terms: &Earnings, subject: Subject<'_>, tier: Option<&TierId>) -> LookedAt {
    let threshold = terms.thresholds.iter().find(|each| each.tier.as_ref() == tier);
    let window = window(subject.start, terms.window_days, terms.day_count);
    let (Some(threshold), Some(window)) = (threshold, window) else {
        return LookedAt::NoTerms;
    };
    let journey = subject.journey;
    let of = |statement: &&Statement| Happened::of(journey, statement.step);
    let (counting, not): (Vec<&Statement>, Vec<&Statement>) =
        journey.statements.iter().partition(|statement| statement.qualifying);
    let mut inside = counting.iter().filter(|each| window.contains(each.step.on)).peekable();
    let rate_on = match terms.rate_as_of {
        RateAsOf::Start => Some(subject.start),
        RateAsOf::FirstPayment => inside.peek().map(|each| each.step.on),
        RateAsOf::Outcome => None,
    };
    let fixed = terms.rate_as_of != RateAsOf::Outcome;
    let totals = window.up_to(subject.as_of).map(|days| Totals::of(&counting, days));
    let rates = subject.programmes.rates.get(&terms.rate_table);
    let tested = match (&totals, rates) {
        (Some(totals), Some(rates)) if !fixed || rate_on.is_some() => {
            closest(totals, rates, threshold.minutes(), rate_on)
        }
        _ => None,
    };
    let steps = totals.iter().flat_map(|totals| &totals.steps);
    let decides = deciding(&counting, window);
    LookedAt::Earnings(EarningsAccount {
        window,
        minutes: threshold.minutes(),
        rate_as_of: terms.rate_as_of,
        rate_on,
        tested,
        total_pence: totals.as_ref().map_or(0, |totals| totals.on(totals.days.last())),
        highest: steps.copied().reduce(|a, b| if a.1 < b.1 { b } else { a }),
        in_window: u32::try_from(inside.count()).unwrap_or(u32::MAX),
        counting: decides
            .into_iter()
            .map(|fact| Happened { on: journey.facts[fact].on, event: event_of(journey, fact) })
            .collect(),
        not_qualifying: not.iter().filter(|each| window.contains(each.step.on)).map(of).collect(),
        next_after: counting.iter().find(|each| window.last() < each.step.on).map(of),
        to_come: to_come(window, subject.as_of),
    })
}

/// Returns the first day from which the total reaches its threshold for good, else the first of
/// those on which least was missing.
fn closest(
    totals: &Totals,
    rates: &RateTable,
    minutes: u64,
    fixed_on: Option<NaiveDate>,
) -> Option<Tested> {
    let turns = rates.rows.iter().map(|row| row.effective_from);
    let mut days: Vec<NaiveDate> = turns
        .chain(totals.steps.iter().map(|(day, _)| *day))
        .filter(|day| totals.days.contains(*day))
        .chain([totals.days.first()])
        .collect();
    days.sort_unstable();
    let tested = days.into_iter().filter_map(|on| {
        let rate_pence = rates.in_force(fixed_on.unwrap_or(on))?.pence;
        let (total_pence, least_pence) = (totals.on(on), totals.least_from(on));
        Some(Tested { on, rate_pence, total_pence, least_pence })
    });
    tested.min_by_key(|tested| tested.short_pence(minutes))
}

impl Tested {
    /// Returns the threshold in pence, rounded up: fewer whole pence do not reach it.
    pub fn threshold_pence(&self, minutes: u64) -> i128 {
        let sixtieths = i128::from(minutes) * i128::from(self.rate_pence);
        (sixtieths + 59) / 60
    }

    /// Returns how many pence are missing; 0 where the threshold is reached for good.
    pub fn short_pence(&self, minutes: u64) -> i128 {
        (self.threshold_pence(minutes) - self.least_pence).max(0)
    }
}

impl EarningsAccount {
    /// Returns the threshold in pence; none where no rate could be fixed.
    pub fn threshold_pence(&self) -> Option<i128> {
        self.tested.map(|tested| tested.threshold_pence(self.minutes))
    }

    /// Returns how many pence are missing; none where no rate could be fixed.
    pub fn short_pence(&self) -> Option<i128> {
        self.tested.map(|tested| tested.short_pence(self.minutes))
    }

    pub(super) fn verdict(&self) -> Verdict {
        match self.tested {
            Some(tested) if tested.short_pence(self.minutes) == 0 => Verdict::Met { on: tested.on },
            _ if self.to_come > 0 => Verdict::NotYet { until: Some(self.window.last()) },
            _ => Verdict::NotMet,
        }
    }

    pub(super) fn amounts(&self) -> Option<Amounts> {
        self.tested.map(|tested| Amounts::Earnings {
            total_pence: i64::try_from(tested.total_pence).unwrap_or(i64::MAX),
            rate_pence: tested.rate_pence,
            minutes: self.minutes,
        })
    }

    pub(super) fn events(&self) -> Vec<EventId> {
        let looked = self.counting.iter().chain(&self.not_qualifying).chain(&self.next_after);
        looked.map(|each| each.event).collect()
    }

    pub(super) fn why(&self) -> Why {
        match self.verdict() {
            Verdict::Met { .. } => Why::Met,
            Verdict::NotYet { .. } => Why::EarningsMayCome,
            _ if self.in_window == 0 => Why::NoEarnings,
            _ if self.tested.is_none() => Why::NoRate,
            _ => Why::EarningsShort,
        }
    }

    pub(super) fn reason(&self) -> String {
        match (self.why(), self.short_pence(), self.threshold_pence()) {
            (Why::EarningsShort, Some(short), Some(threshold)) => {
                // tenths of the threshold, so that many people stand under few reasons
                let tenths =
                    if threshold > 0 { (short * 10 + threshold - 1) / threshold } else { 0 };
                format!("earnings short by up to {} % of the threshold", tenths * 10)
            }
            (why, ..) => why.says().to_owned(),
        }
    }

    pub(super) fn says(&self) -> String {
        let (first, last) = (self.window.first(), self.window.last());
        let statements = counted(self.in_window, "statement");
        let looked = format!("{statements} counted from {first} to {last}");
        let total = pounds(self.total_pence);
        let stands = match (self.verdict(), self.tested) {
            (Verdict::Met { on }, Some(tested)) => format!(
                "{} earned by {on}, {} needed; {looked}",
                pounds(tested.total_pence),
                self.threshold_says(tested)
            ),
            (_, Some(tested)) => format!(
                "{total} earned, {} needed, {} short; {looked}",
                self.threshold_says(tested),
                pounds(tested.short_pence(self.minutes))
            ),
            (_, None) if self.rate_as_of == RateAsOf::FirstPayment && self.rate_on.is_none() => {
                format!("nothing earned, so no rate is fixed; {looked}")
            }
            (_, None) => format!("{total} earned, but no rate is in force; {looked}"),
        };
        if self.verdict().answer() == crate::rules::Answer::Met {
            return stands;
        }
        let mut says = vec![stands];
        if let Some((on, highest)) = self.highest.filter(|(_, most)| self.total_pence < *most) {
            says.push(format!("the total stood at {} on {on} and fell", pounds(highest)));
        }
        if !self.not_qualifying.is_empty() {
            let not = u32::try_from(self.not_qualifying.len()).unwrap_or(u32::MAX);
            says.push(format!("{} declared not to count", counted(not, "statement")));
        }
        match (self.to_come, self.next_after) {
            (0, Some(next)) => says.push(format!("the next is of {}", next.on)),
            (0, None) => {}
            (left, _) => says.push(format!("{} to come", days(left))),
        }
        says.join("; ")
    }

    fn threshold_says(&self, tested: Tested) -> String {
        format!(
            "{} ({} hours at {})",
            pounds(tested.threshold_pence(self.minutes)),
            self.minutes / 60,
            pounds(i128::from(tested.rate_pence))
        )
    }
}
