//! Family `earnings`: earnings reach a wage-indexed threshold inside a window.
//!
//! Statements are netted when read. Per scheme and tax year an original adds its gross, a
//! difference adds its signed gross, and a year-to-date statement *sets* the running total. What
//! counts in the window is the running totals on a day less those on the day before it begins.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Answered, Subject};
use crate::calendar::{DayCount, Span, TaxYear, window};
use crate::determination::Amounts;
use crate::id::{RateTableId, TierId};
use crate::journey::code::codes;
use crate::journey::employment::WeeklyMinutes;
use crate::journey::evidence::StatementKind;
use crate::journey::{FactIndex, Statement};
use crate::programme::RateTable;

codes! {
    /// Which date fixes the hourly rate.
    RateAsOf {
        /// The start of the participation.
        Start = "start",
        /// The first counting statement in the window, of any kind and sign.
        FirstPayment = "first_payment",
        /// The day being tested.
        Outcome = "outcome",
    }
}

/// One threshold: so many hours a week for so many weeks, at the rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// The tier, where the rule has tiers.
    pub tier: Option<TierId>,
    /// Minutes a week.
    pub weekly: WeeklyMinutes,
    /// Weeks.
    pub weeks: u32,
}

impl Threshold {
    /// The minutes that the threshold stands for.
    pub(super) const fn minutes(&self) -> u64 {
        self.weekly.0 as u64 * self.weeks as u64
    }

    /// Returns whether `pence` reach the threshold at an hourly rate, exactly.
    fn reached(&self, pence: i128, rate: u32) -> bool {
        pence * 60 >= i128::from(self.minutes()) * i128::from(rate)
    }
}

/// What earnings must reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earnings {
    /// Length of the window from the start.
    pub window_days: u32,
    /// How the window is counted.
    pub day_count: DayCount,
    /// One threshold, or one for each tier.
    pub thresholds: Vec<Threshold>,
    /// The table of hourly rates.
    pub rate_table: RateTableId,
    /// Which date fixes the rate.
    pub rate_as_of: RateAsOf,
}

impl Earnings {
    /// Returns the last day of the window.
    pub(crate) fn last_day(&self, start: NaiveDate) -> Option<NaiveDate> {
        window(start, self.window_days, self.day_count).map(Span::last)
    }

    pub(crate) fn read(&self, subject: Subject<'_>, tier: Option<&TierId>) -> Answered {
        let Some(threshold) = self.thresholds.iter().find(|each| each.tier.as_ref() == tier) else {
            return Answered::NotMet;
        };
        let Some(window) = window(subject.start, self.window_days, self.day_count) else {
            return Answered::NotMet;
        };
        let counting: Vec<&Statement> =
            subject.journey.statements.iter().filter(|statement| statement.qualifying).collect();
        let met = subject.programmes.rates.get(&self.rate_table).and_then(|rates| {
            let days = window.up_to(subject.as_of)?;
            let totals = Totals::of(&counting, days);
            self.first_day_held(threshold, rates, &counting, &totals, subject.start)
        });
        match met {
            Some(held) => Answered::Met {
                on: held.on,
                facts: deciding(&counting, window),
                amounts: Amounts::Earnings {
                    total_pence: i64::try_from(held.total).unwrap_or(i64::MAX),
                    rate_pence: held.rate,
                    minutes: threshold.minutes(),
                },
            },
            None if subject.as_of < window.last() => {
                Answered::NotYet { until: Some(window.last()) }
            }
            None => Answered::NotMet,
        }
    }

    /// Returns the first day from which the total never falls below the threshold again.
    fn first_day_held(
        &self,
        threshold: &Threshold,
        rates: &RateTable,
        counting: &[&Statement],
        totals: &Totals,
        start: NaiveDate,
    ) -> Option<Held> {
        let fixed_on = match self.rate_as_of {
            RateAsOf::Start => Some(start),
            RateAsOf::FirstPayment => Some(
                counting.iter().map(|each| each.step.on).find(|on| totals.days.contains(*on))?,
            ),
            RateAsOf::Outcome => None,
        };
        let turns = rates.rows.iter().map(|row| row.effective_from);
        let mut tested: Vec<NaiveDate> = turns
            .chain(totals.steps.iter().map(|(day, _)| *day))
            .filter(|day| totals.days.contains(*day))
            .chain([totals.days.first()])
            .collect();
        tested.sort_unstable();
        tested.into_iter().find_map(|on| {
            let rate = rates.in_force(fixed_on.unwrap_or(on))?.pence;
            let held = threshold.reached(totals.least_from(on), rate);
            held.then(|| Held { on, rate, total: totals.on(on) })
        })
    }
}

struct Held {
    on: NaiveDate,
    rate: u32,
    total: i128,
}

/// The window's total, day by day, as the steps on which it changes.
pub(super) struct Totals {
    pub(super) days: Span,
    /// Days inside the window on which it changes, with the total from that day on.
    pub(super) steps: Vec<(NaiveDate, i128)>,
}

impl Totals {
    pub(super) fn of(counting: &[&Statement], days: Span) -> Self {
        let mut running: BTreeMap<(&str, TaxYear), i128> = BTreeMap::new();
        let mut total = 0_i128;
        let mut before = 0_i128;
        let mut steps: Vec<(NaiveDate, i128)> = Vec::new();
        for statement in counting {
            let on = statement.step.on;
            if days.last() < on {
                break;
            }
            let of_scheme =
                running.entry((statement.scheme.as_str(), TaxYear::of(on))).or_default();
            total -= *of_scheme;
            match statement.kind {
                StatementKind::Original | StatementKind::Delta => {
                    *of_scheme += i128::from(statement.gross_pence);
                }
                StatementKind::YearToDate => *of_scheme = i128::from(statement.gross_pence),
            }
            total += *of_scheme;
            if on < days.first() {
                before = total;
            } else if let Some(last) = steps.last_mut().filter(|(day, _)| *day == on) {
                last.1 = total - before;
            } else {
                steps.push((on, total - before));
            }
        }
        Self { days, steps }
    }

    pub(super) fn on(&self, day: NaiveDate) -> i128 {
        self.steps.iter().rev().find(|(step, _)| *step <= day).map_or(0, |(_, total)| *total)
    }

    /// Returns the least total from a day to the end of the days that have passed.
    pub(super) fn least_from(&self, day: NaiveDate) -> i128 {
        self.steps
            .iter()
            .filter(|(step, _)| day < *step)
            .map(|(_, total)| *total)
            .fold(self.on(day), i128::min)
    }
}

/// Returns the statements that decide: those to the window's end, and of those before it only
/// the ones whose scheme and tax year are restated inside it.
pub(super) fn deciding(counting: &[&Statement], window: Span) -> Vec<FactIndex> {
    let of = |statement: &Statement| (statement.scheme.clone(), TaxYear::of(statement.step.on));
    let restated: Vec<_> = counting
        .iter()
        .filter(|each| each.kind == StatementKind::YearToDate && window.contains(each.step.on))
        .map(|each| of(each))
        .collect();
    counting
        .iter()
        .filter(|each| {
            window.contains(each.step.on)
                || (each.step.on < window.first() && restated.contains(&of(each)))
        })
        .map(|each| each.step.fact)
        .collect()
}
