//! Generated rules: every family, every way of picking a version, windows short enough to be met.

use chrono::NaiveDate;
use proptest::option;
use proptest::prelude::*;
use waystage_core::calendar::{DayCount, MonthEnd, days_after};
use waystage_core::journey::employment::WeeklyMinutes;
use waystage_core::programme::{JudgedBy, Rule, RuleVersion, Terms};
use waystage_core::rules::{
    Anchor, AnchorChoice, Continuous, Earnings, JobStart, Length, MultipleJobs, RateAsOf,
    SectorRule, SelfEmployedDays, StatusAtPoint, Threshold, WeeksInWindow, WorkTest,
};

/// A rule with one version or two.
#[derive(Debug, Clone)]
pub(crate) struct RuleDraft {
    judged_by: JudgedBy,
    first: Terms,
    second: Option<(u16, Terms)>,
}

impl RuleDraft {
    /// Returns the rule, its first version in force from before the first day.
    pub(crate) fn rule(&self, index: usize, first_day: NaiveDate) -> Rule {
        let version = |effective_from, terms: &Terms| RuleVersion {
            effective_from,
            terms: terms.clone(),
            assumption: None,
            reference: None,
        };
        let second = self
            .second
            .as_ref()
            .map(|(day, terms)| version(days_after(first_day, u32::from(*day)), terms));
        Rule {
            id: format!("rule-{index}").into(),
            family: self.first.family(),
            judged_by: self.judged_by,
            reference: "none: generated for tests".to_owned(),
            groups: Vec::new(),
            versions: std::iter::once(version(first_day, &self.first)).chain(second).collect(),
        }
    }
}

/// Returns rules.
pub(crate) fn rule() -> impl Strategy<Value = RuleDraft> {
    let judged_by = prop::sample::select(JudgedBy::ALL);
    let changes = option::weighted(0.3, 1_u16..300);
    (judged_by, changes).prop_flat_map(|(judged_by, changes)| {
        families().prop_map(move |(first, other)| RuleDraft {
            judged_by,
            first,
            second: changes.map(|day| (day, other)),
        })
    })
}

/// Returns two sets of terms of one family.
fn families() -> impl Strategy<Value = (Terms, Terms)> {
    let job_start = || job_start().prop_map(Terms::JobStart);
    let earnings = || earnings().prop_map(Terms::Earnings);
    let days = || self_employed_days().prop_map(Terms::SelfEmployedDays);
    let weeks = || weeks_in_window().prop_map(Terms::WeeksInWindow);
    let continuous = || continuous().prop_map(Terms::Continuous);
    let status = || status_at_point().prop_map(Terms::StatusAtPoint);
    prop_oneof![
        1 => (job_start(), job_start()),
        2 => (earnings(), earnings()),
        2 => (days(), days()),
        3 => (weeks(), weeks()),
        3 => (continuous(), continuous()),
        1 => (status(), status()),
    ]
}

fn day_count() -> impl Strategy<Value = DayCount> {
    prop::sample::select(&[DayCount::StartIsDay0, DayCount::StartIsDay1][..])
}

fn minimum() -> impl Strategy<Value = Option<WeeklyMinutes>> {
    let hours = prop_oneof![Just(8_u32), Just(16), 1_u32..30];
    option::of(hours.prop_map(WeeklyMinutes::from_hours))
}

fn silence() -> impl Strategy<Value = Option<u32>> {
    option::of(0_u32..60)
}

fn sector() -> impl Strategy<Value = SectorRule> {
    prop_oneof![
        3 => Just(SectorRule::Any),
        1 => Just(SectorRule::Employed),
        1 => Just(SectorRule::SelfEmployed),
    ]
}

fn job_start() -> impl Strategy<Value = JobStart> {
    (option::of(1_u32..300), day_count(), minimum(), sector()).prop_map(
        |(within_days, day_count, min_weekly, sector)| JobStart {
            within_days,
            day_count,
            min_weekly,
            sector,
        },
    )
}

fn earnings() -> impl Strategy<Value = Earnings> {
    let rate_as_of = prop::sample::select(RateAsOf::ALL);
    (30_u32..400, day_count(), 1_u32..20, 1_u32..12, rate_as_of).prop_map(
        |(window_days, day_count, hours, weeks, rate_as_of)| Earnings {
            window_days,
            day_count,
            thresholds: vec![Threshold {
                tier: None,
                weekly: WeeklyMinutes::from_hours(hours),
                weeks,
            }],
            rate_table: "generated".into(),
            rate_as_of,
        },
    )
}

fn self_employed_days() -> impl Strategy<Value = SelfEmployedDays> {
    (1_u32..80, 80_u32..400, day_count(), silence()).prop_map(
        |(days, window_days, day_count, silence_days)| SelfEmployedDays {
            days,
            window_days,
            day_count,
            silence_days,
        },
    )
}

fn anchor() -> impl Strategy<Value = Anchor> {
    let choice = prop::sample::select(AnchorChoice::ALL);
    (choice, option::of(10_u32..300), day_count())
        .prop_map(|(choice, within_days, day_count)| Anchor { choice, within_days, day_count })
}

fn test() -> impl Strategy<Value = WorkTest> {
    let multiple_jobs = prop::sample::select(MultipleJobs::ALL);
    (sector(), multiple_jobs, minimum(), silence()).prop_map(
        |(sector, multiple_jobs, min_weekly, silence_days)| WorkTest {
            sector,
            multiple_jobs,
            min_weekly,
            silence_days,
        },
    )
}

fn weeks_in_window() -> impl Strategy<Value = WeeksInWindow> {
    (1_u32..8, 0_u32..5, anchor(), test()).prop_map(|(weeks, more, anchor, test)| WeeksInWindow {
        weeks,
        window_weeks: weeks + more,
        anchor,
        test,
    })
}

fn continuous() -> impl Strategy<Value = Continuous> {
    let length =
        prop_oneof![(1_u32..12).prop_map(Length::Weeks), (1_u32..4).prop_map(Length::Months),];
    let month_end = prop::sample::select(&[MonthEnd::Clamp, MonthEnd::Overflow][..]);
    (length, month_end, 0_u32..20, option::of(0_u32..20), anchor(), test()).prop_map(
        |(length, month_end, max_gap_days, more, anchor, test)| Continuous {
            length,
            month_end,
            max_gap_days,
            max_total_gap_days: more.map(|more| max_gap_days + more),
            anchor,
            test,
        },
    )
}

fn status_at_point() -> impl Strategy<Value = StatusAtPoint> {
    (0_u32..40, sector(), silence()).prop_map(|(within_days, sector, silence_days)| StatusAtPoint {
        within_days,
        sector,
        silence_days,
    })
}
