//! Targets against what happened, month by month and over the spans that contracts are judged by;
//! and outcomes by cohort, where like ages are compared: only participations that are old enough
//! are in the denominator, so that a young cohort does not look like a bad one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::calendar::{Month, MonthEnd, months_after};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::Participation;
use waystage_core::programme::{Measure, Milestone, Programmes, Target};
use waystage_core::readings::Case;
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Reading, RuleReading};
use waystage_core::table::{Cell, Table, Tabular, integer, measure, month, text};

use crate::columns::{PROGRAMME, RULE, TIER, name};

/// The months since the start at which cohorts are compared.
const STEP_MONTHS: u32 = 3;
/// The last of them: ten years.
const AGE_MONTHS_MAX: u32 = 120;

/// Returns the ages, in months, that somebody who started on a day has reached by another.
pub fn ages(start: NaiveDate, as_of: NaiveDate) -> impl Iterator<Item = (u32, NaiveDate)> {
    all_ages(start).take_while(move |(_, day)| *day <= as_of)
}

/// Returns every age, in months, with the day on which it is reached.
fn all_ages(start: NaiveDate) -> impl Iterator<Item = (u32, NaiveDate)> {
    let ages = (0..=AGE_MONTHS_MAX / STEP_MONTHS).map(|step| step * STEP_MONTHS);
    ages.map(move |age| (age, months_after(start, age, MonthEnd::Clamp)))
}

/// What a target counts, in the month in which it happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetKey {
    /// The programme.
    pub programme: String,
    /// The target's name within it.
    pub target: String,
    /// The month.
    pub month: Month,
}

/// What happened, by target and month. What was planned stands in the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Targets;

impl Projection for Targets {
    type Key = TargetKey;

    fn name(&self) -> &'static str {
        "targets"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<TargetKey> {
        let counted = Case::all(replayed).flat_map(|case| {
            case.programme.provision.targets.iter().filter_map(move |target| {
                let key = TargetKey {
                    programme: case.programme.id.to_string(),
                    target: target.id.clone(),
                    month: Month::of(counted_on(&case, target)?),
                };
                Some((key, 1))
            })
        });
        Contributions::of(counted)
    }
}

/// Returns the day on which a participation counts for a target; none where it does not.
fn counted_on(case: &Case<'_>, target: &Target) -> Option<NaiveDate> {
    let of = case.participation;
    let is_there = target.area.is_none_or(|area| area == of.local_authority);
    let is_in = target.group.is_none() || target.group == of.group;
    if !(is_there && is_in) {
        return None;
    }
    match target.measure {
        Measure::Referrals => Some(of.referred.on),
        Measure::Starts => of.started.map(|step| step.on),
        Measure::JobStarts => case.milestone(Milestone::JobStarted),
        Measure::Outcomes => {
            let own = case.rule_readings.iter().filter(|each| each.participation == of.id);
            let asked = own.filter(|each| target.rule.as_ref() == Some(&each.rule));
            asked.filter_map(met_on).min()
        }
    }
}

fn met_on(reading: &RuleReading) -> Option<NaiveDate> {
    match &reading.reading {
        Reading::Met(met) => Some(met.on),
        Reading::NotMet | Reading::NotYet { .. } | Reading::Unknown { .. } => None,
    }
}

impl Tabular for Targets {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new("targets", "What happened of what a target counts, by month.")
            .column(PROGRAMME)
            .column(text("target", "The target, by its name within the programme."))
            .column(month("month", "The month in which it happened."))
            .measure(measure("actual", "Participations that count for the target in the month."));
        vec![table]
    }

    fn cell(&self, key: TargetKey) -> Cell {
        Cell::of(0, vec![key.programme.into(), key.target.into(), key.month.into()], 0)
    }
}

/// How many, and how many were planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// What happened.
    pub actual: i64,
    /// What was planned; none where no month of the span has a plan.
    pub planned: Option<i64>,
}

/// A target in a month, over the spans that contracts are judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRow {
    /// The programme.
    pub programme: String,
    /// The target's name within it.
    pub target: String,
    /// What is counted.
    pub measure: Measure,
    /// The rule whose outcomes are counted, where it counts outcomes.
    pub rule: Option<String>,
    /// Of this area alone, where one is named.
    pub area: Option<String>,
    /// Of this group alone, where one is named.
    pub group: Option<String>,
    /// In the month itself.
    pub in_month: Compared,
    /// In the three months that end with it.
    pub rolling_three: Compared,
    /// In the twelve months that end with it.
    pub rolling_twelve: Compared,
    /// From the beginning to the end of the month.
    pub cumulative: Compared,
}

impl Targets {
    /// Returns every target of every programme in a month, whether or not anything happened.
    pub fn rows(
        model: &Contributions<TargetKey>,
        programmes: &Programmes,
        month: Month,
    ) -> Vec<TargetRow> {
        let all = programmes.programmes.values().flat_map(|programme| {
            let targets = programme.provision.targets.iter();
            targets.map(move |target| (programme.id.to_string(), target))
        });
        let rows = all.map(|(programme, target)| {
            let actual: BTreeMap<Month, i64> = model
                .iter()
                .filter(|(key, _)| key.programme == programme && key.target == target.id)
                .map(|(key, amount)| (key.month, amount))
                .collect();
            let over = |months: Option<u32>| compared(&actual, target, month, months);
            TargetRow {
                programme,
                target: target.id.clone(),
                measure: target.measure,
                rule: target.rule.as_ref().map(ToString::to_string),
                area: target.area.map(|area| area.to_string()),
                group: target.group.clone(),
                in_month: over(Some(1)),
                rolling_three: over(Some(3)),
                rolling_twelve: over(Some(12)),
                cumulative: over(None),
            }
        });
        rows.collect()
    }
}

/// Compares over so many months that end with this one; over all of them where none is said.
fn compared(
    actual: &BTreeMap<Month, i64>,
    target: &Target,
    month: Month,
    months: Option<u32>,
) -> Compared {
    let reaches =
        |each: &Month| *each <= month && months.is_none_or(|months| each.until(month) < months);
    let actual = actual.iter().filter(|(each, _)| reaches(each)).map(|(_, count)| count).sum();
    let mut planned = target.profile.iter().filter(|(each, _)| reaches(each)).peekable();
    let planned =
        planned.peek().is_some().then(|| planned.map(|(_, count)| i64::from(*count)).sum());
    Compared { actual, planned }
}

/// What is counted of a cohort at an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgesCount {
    /// Participations that have reached the age by the last day of the view: the denominator.
    OldEnough,
    /// Of these: the outcome was met by that age.
    Met,
    /// Of these: whether it was met by that age was never reported.
    Unknown,
}

/// A cohort at an age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgesKey {
    /// The programme.
    pub programme: String,
    /// The rule.
    pub rule: String,
    /// The tier, where the rule has tiers.
    pub tier: Option<String>,
    /// The month of the start.
    pub cohort: Month,
    /// Months since the start.
    pub age: u32,
    /// What is counted.
    pub count: AgesCount,
}

/// Outcomes by month of start and by months since, so that like ages are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages;

impl Projection for Ages {
    type Key = AgesKey;

    fn name(&self) -> &'static str {
        "ages"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<AgesKey> {
        let mut contributions = Contributions::none();
        let as_of = replayed.lens.view.as_of;
        for participation in &replayed.journey.participations {
            let Some(start) = participation.started.map(|step| step.on) else { continue };
            let own = |each: &&RuleReading| each.participation == participation.id;
            for reading in replayed.readings.iter().filter(own) {
                for (age, day) in ages(start, as_of) {
                    let mut count = |count| {
                        let key = AgesKey {
                            programme: participation.programme.to_string(),
                            rule: reading.rule.to_string(),
                            tier: reading.tier.as_ref().map(ToString::to_string),
                            cohort: Month::of(start),
                            age,
                            count,
                        };
                        contributions.count(key, 1);
                    };
                    count(AgesCount::OldEnough);
                    match &reading.reading {
                        Reading::Met(met) if met.on <= day => count(AgesCount::Met),
                        Reading::Unknown { missing, .. } if *missing <= day => {
                            count(AgesCount::Unknown);
                        }
                        _ => {}
                    }
                }
            }
        }
        contributions
    }

    /// The next age that a participation of which anything is read reaches.
    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        let as_of = replayed.lens.view.as_of;
        let is_read =
            |of: &Participation| replayed.readings.iter().any(|each| each.participation == of.id);
        let read = replayed.journey.participations.iter().filter(|each| is_read(each));
        let next = read.filter_map(|each| {
            let mut days = all_ages(each.started?.on).map(|(_, day)| day);
            days.find(|day| as_of < *day)
        });
        next.min()
    }
}

/// A cohort at an age, with its denominator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgesRow {
    /// The programme.
    pub programme: String,
    /// The rule, or `rule/tier`.
    pub rule: String,
    /// The month of the start.
    pub cohort: Month,
    /// Months since the start.
    pub age: u32,
    /// Participations that have reached the age.
    pub old_enough: i64,
    /// Of these: the outcome was met by that age.
    pub met: i64,
    /// Of these: nobody reported whether.
    pub unknown: i64,
}

impl Ages {
    /// Returns the rows of the summed model, in order.
    pub fn rows(model: &Contributions<AgesKey>) -> Vec<AgesRow> {
        let of = |key: &AgesKey, count| model.get(&AgesKey { count, ..key.clone() });
        let cohorts = model.iter().filter(|(key, _)| key.count == AgesCount::OldEnough);
        let rows = cohorts.map(|(key, old_enough)| AgesRow {
            programme: key.programme.clone(),
            rule: name(&key.rule, key.tier.as_deref()),
            cohort: key.cohort,
            age: key.age,
            old_enough,
            met: of(key, AgesCount::Met),
            unknown: of(key, AgesCount::Unknown),
        });
        rows.collect()
    }
}

impl Tabular for Ages {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new(
            "ages",
            "Outcomes of the participations that started in a month, so many months later: like \
             ages are compared.",
        );
        let table = table
            .column(PROGRAMME)
            .column(RULE)
            .column(TIER)
            .column(month("start_month", "The month of the start."))
            .column(integer("age_months", "Months since the start."))
            .measure(measure(
                "old_enough",
                "Participations that have reached the age: what the others are out of.",
            ))
            .measure(measure("met", "Participations whose outcome was met by that age."))
            .measure(measure(
                "unknown",
                "Participations of which nobody reported whether it was met by that age.",
            ));
        vec![table]
    }

    fn cell(&self, key: AgesKey) -> Cell {
        let row = vec![
            key.programme.into(),
            key.rule.into(),
            key.tier.into(),
            key.cohort.into(),
            key.age.into(),
        ];
        let measure = match key.count {
            AgesCount::OldEnough => 0,
            AgesCount::Met => 1,
            AgesCount::Unknown => 2,
        };
        Cell::of(0, row, measure)
    }
}
