//! The funnel from referral to sustainment. Every rule shows all four readings, because a figure
//! that drops the unknown or the not-yet is wrong; they add up to the referrals of the row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use waystage_core::calendar::Month;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::{RuleId, TierId};
use waystage_core::journey::Participation;
use waystage_core::programme::Family;
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Answer, RuleReading};
use waystage_core::table::{Cell, Column, Table, Tabular, Value, measure, month, text};

use crate::columns::{PROGRAMME, RULE, TIER, name, place, with_answers};

/// What rows are grouped by. Month, area and group are the referral's, as amended in the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// The programme.
    Programme,
    /// The authority of the home at referral.
    Area,
    /// The month of the referral.
    Month,
    /// The client group declared at referral.
    Group,
    /// The provider referred to.
    Provider,
    /// By choice or mandated.
    ParticipationType,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 6] = [
        Self::Programme,
        Self::Area,
        Self::Month,
        Self::Group,
        Self::Provider,
        Self::ParticipationType,
    ];

    /// Returns the dimension's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Area => "area",
            Self::Month => "month",
            Self::Group => "group",
            Self::Provider => "provider",
            Self::ParticipationType => "participation_type",
        }
    }

    /// Returns the dimension of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.as_str() == name)
    }

    /// Returns what a participation has for this dimension; nothing where nothing was declared.
    pub(crate) fn of(self, participation: &Participation) -> Value {
        match self {
            Self::Programme => participation.programme.as_str().into(),
            Self::Area => participation.local_authority.as_str().into(),
            Self::Month => Month::of(participation.referred.on).into(),
            Self::Group => participation.group.as_deref().into(),
            Self::Provider => participation.provider.as_str().into(),
            Self::ParticipationType => participation.participation_type.as_str().into(),
        }
    }

    /// Returns the column of this dimension.
    pub(crate) const fn column(self) -> Column {
        match self {
            Self::Programme => PROGRAMME,
            Self::Area => text("area", "The authority of the home at referral, by its GSS code."),
            Self::Month => month("month", "The month of the referral."),
            Self::Group => text("client_group", "The client group declared at referral, if any."),
            Self::Provider => text("provider", "The provider referred to."),
            Self::ParticipationType => {
                text("participation_type", "By choice or mandated: `voluntary` or `mandatory`.")
            }
        }
    }
}

/// Returns the dimensions that have a column, each once, with their places in a row.
pub(crate) fn distinct(by: &[Dimension]) -> impl Iterator<Item = (usize, Dimension)> {
    let earlier = |place: usize| by.iter().take(place);
    let all = by.iter().copied().enumerate();
    all.filter(move |(place, dimension)| !earlier(*place).any(|each| each == dimension))
}

/// Returns a row in words, as people are shown it.
pub(crate) fn told(row: &[Value]) -> Vec<Option<String>> {
    let told = row.iter().map(|value| match value {
        Value::Nothing => None,
        value => Some(value.to_string()),
    });
    told.collect()
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunnelCount {
    /// Participations whose referral is in the view: the denominator of everything else.
    Referrals,
    /// Distinct participants of the row.
    Individuals,
    /// Participations with a start.
    Starts,
    /// Participations of programmes with a `job_start` rule: only there can job starts be counted.
    JobStartsAsked,
    /// Participations with a `job_start` rule that reads met.
    JobStarts,
    /// Participations by what a rule reads.
    Outcome {
        /// The rule.
        rule: RuleId,
        /// The tier, where the rule has tiers.
        tier: Option<TierId>,
        /// What it reads.
        answer: Answer,
    },
}

/// A row of the funnel and what is counted in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunnelKey {
    /// The row: one value for each dimension.
    pub row: Vec<Value>,
    /// What is counted.
    pub count: FunnelCount,
}

/// The funnel, grouped by some dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// What rows are grouped by; none for a single row.
    pub by: Vec<Dimension>,
}

impl Projection for Funnel {
    type Key = FunnelKey;

    fn name(&self) -> &'static str {
        "funnel"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<FunnelKey> {
        let mut contributions = Contributions::none();
        let mut rows: BTreeSet<Vec<Value>> = BTreeSet::new();
        for participation in &replayed.journey.participations {
            let row: Vec<Value> =
                self.by.iter().map(|dimension| dimension.of(participation)).collect();
            let mut count = |count| {
                contributions.count(FunnelKey { row: row.clone(), count }, 1);
            };
            count(FunnelCount::Referrals);
            if participation.started.is_some() {
                count(FunnelCount::Starts);
            }
            let programme = replayed.programme(participation);
            let is_job_start = |rule: &RuleId| {
                let rule = programme.and_then(|programme| programme.rule(rule));
                rule.is_some_and(|rule| rule.family == Family::JobStart)
            };
            let readings =
                || replayed.readings.iter().filter(|each| each.participation == participation.id);
            for reading in readings() {
                let (rule, tier) = (reading.rule.clone(), reading.tier.clone());
                count(FunnelCount::Outcome { rule, tier, answer: reading.reading.answer() });
            }
            if readings().any(|reading| is_job_start(&reading.rule)) {
                count(FunnelCount::JobStartsAsked);
            }
            let met = |reading: &RuleReading| reading.reading.answer() == Answer::Met;
            if readings().any(|reading| is_job_start(&reading.rule) && met(reading)) {
                count(FunnelCount::JobStarts);
            }
            if rows.insert(row.clone()) {
                contributions.count(FunnelKey { row, count: FunnelCount::Individuals }, 1);
            }
        }
        contributions
    }
}

/// Participations by reading of one rule or gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FourCounts {
    /// Reads met.
    pub met: i64,
    /// Reads not met.
    pub not_met: i64,
    /// Reads not yet.
    pub not_yet: i64,
    /// Reads unknown.
    pub unknown: i64,
}

impl FourCounts {
    /// Counts so many more with this answer.
    pub(crate) const fn count(&mut self, answer: Answer, amount: i64) {
        *match answer {
            Answer::Met => &mut self.met,
            Answer::NotMet => &mut self.not_met,
            Answer::NotYet => &mut self.not_yet,
            Answer::Unknown => &mut self.unknown,
        } += amount;
    }

    /// Returns the participations that the rule was read for.
    pub const fn all(&self) -> i64 {
        self.met + self.not_met + self.not_yet + self.unknown
    }
}

/// One row of the funnel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FunnelRow {
    /// One value for each dimension.
    pub row: Vec<Option<String>>,
    /// Participations.
    pub referrals: i64,
    /// Distinct participants.
    pub individuals: i64,
    /// Participations with a start.
    pub starts: i64,
    /// Participations of programmes that have a `job_start` rule.
    pub job_starts_asked: i64,
    /// Participations with a job start.
    pub job_starts: i64,
    /// By rule, or `rule/tier`.
    pub outcomes: BTreeMap<String, FourCounts>,
}

impl Funnel {
    /// Returns the rows of a summed funnel, in order.
    pub fn rows(model: &Contributions<FunnelKey>) -> Vec<FunnelRow> {
        let mut rows: BTreeMap<&[Value], FunnelRow> = BTreeMap::new();
        for (key, amount) in model.iter() {
            let row = rows
                .entry(&key.row)
                .or_insert_with(|| FunnelRow { row: told(&key.row), ..FunnelRow::default() });
            match &key.count {
                FunnelCount::Referrals => row.referrals += amount,
                FunnelCount::Individuals => row.individuals += amount,
                FunnelCount::Starts => row.starts += amount,
                FunnelCount::JobStartsAsked => row.job_starts_asked += amount,
                FunnelCount::JobStarts => row.job_starts += amount,
                FunnelCount::Outcome { rule, tier, answer } => {
                    let name = name(rule.as_str(), tier.as_ref().map(|tier| tier.as_str()));
                    row.outcomes.entry(name).or_default().count(*answer, amount);
                }
            }
        }
        rows.into_values().collect()
    }
}

const FUNNEL: usize = 0;
const OUTCOMES: usize = 1;

impl Tabular for Funnel {
    fn tables(&self) -> Vec<Table> {
        let by = |table: Table| {
            distinct(&self.by).fold(table, |table, (_, each)| table.column(each.column()))
        };
        let funnel = by(Table::new("funnel", "Participations by how far they came."))
            .measure(measure(
                "referrals",
                "Participations whose referral is in the view: what everything else is out of.",
            ))
            .measure(measure(
                "individuals",
                "Participants of the row, each once; one may stand in several rows.",
            ))
            .measure(measure("starts", "Participations with a start."))
            .measure(measure(
                "job_starts_asked",
                "Participations of programmes that count job starts: what job starts are out of.",
            ))
            .measure(measure("job_starts", "Participations with a job start that counts."));
        let outcomes = by(Table::new(
            "funnel_outcomes",
            "Participations by what a rule reads; the four add up to those that it is read for.",
        ));
        vec![funnel, with_answers(outcomes.column(RULE).column(TIER))]
    }

    fn cell(&self, key: FunnelKey) -> Cell {
        let mut row: Vec<Value> =
            distinct(&self.by).filter_map(|(place, _)| key.row.get(place).cloned()).collect();
        let measure = match key.count {
            FunnelCount::Referrals => 0,
            FunnelCount::Individuals => 1,
            FunnelCount::Starts => 2,
            FunnelCount::JobStartsAsked => 3,
            FunnelCount::JobStarts => 4,
            FunnelCount::Outcome { rule, tier, answer } => {
                row.push(rule.as_str().into());
                row.push(tier.as_ref().map(|tier| tier.as_str()).into());
                return Cell::of(OUTCOMES, row, place(answer));
            }
        };
        Cell::of(FUNNEL, row, measure)
    }
}
