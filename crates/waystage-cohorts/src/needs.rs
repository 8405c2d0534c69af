//! Needs and distance travelled: what stands between people and work, how much of it is severe by
//! the threshold of the day, and how far scores came between the first and the latest. Sums and
//! counts only; a mean is taken when it is read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::diagnostic::Diagnostic;
use waystage_core::journey::{Fact, Journey, Participation};
use waystage_core::programme::Programme;
use waystage_core::readings::Case;
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Table, Tabular, measure, text};

use crate::columns::PROGRAMME;

/// Whether a need is severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It was rated, and every rating says that there is no such need: 0.
    None,
    /// Identified, and below the threshold of its day.
    NotSevere,
    /// Identified, and no threshold was in force on its day.
    Unknown,
    /// Identified, and at or above the threshold of its day.
    Severe,
}

/// What is counted. Everything counts participations but the two sums, which are points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedsCount {
    /// Participations whose referral is in the view.
    Referrals,
    /// Participations with a start.
    Starts,
    /// Participations of which any need was rated: the denominator of the categories.
    Rated,
    /// Participations by category: each once, with the severity that was identified last.
    Need {
        /// The category.
        category: String,
        /// How severe.
        severity: Severity,
    },
    /// Participations by instrument and version.
    Travelled {
        /// The instrument.
        instrument: String,
        /// Its version.
        version: String,
        /// What is counted of them.
        what: TravelledCount,
    },
}

/// What is counted of an instrument and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TravelledCount {
    /// Assessed with it at least once.
    Assessed,
    /// With at least one score.
    Scored,
    /// With two scores or more: the denominator of what follows.
    Twice,
    /// The latest is better than the first.
    Better,
    /// The latest is as good as the first.
    Same,
    /// The latest is worse than the first.
    Worse,
    /// Better by at least the least change that means something.
    BetterForSure,
    /// Nobody said how large a change must be to mean something.
    MeaningUnknown,
    /// The sum of the first scores of those scored twice.
    FirstSum,
    /// The sum of their latest scores.
    LatestSum,
}

/// A programme and what is counted of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedsKey {
    /// The programme.
    pub programme: String,
    /// What is counted.
    pub count: NeedsCount,
}

/// Needs and distance travelled, by programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs;

impl Projection for Needs {
    type Key = NeedsKey;

    fn name(&self) -> &'static str {
        "needs"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<NeedsKey> {
        let mut contributions = Contributions::none();
        for participation in &replayed.journey.participations {
            let programme = replayed.programme(participation);
            let mut count = |count, amount| {
                let programme = participation.programme.to_string();
                contributions.count(NeedsKey { programme, count }, amount);
            };
            count(NeedsCount::Referrals, 1);
            count(NeedsCount::Starts, i64::from(participation.started.is_some()));
            let needs = needs(&replayed.journey, participation, programme);
            count(NeedsCount::Rated, i64::from(!needs.is_empty()));
            for (category, severity) in needs {
                let category = category.to_owned();
                count(NeedsCount::Need { category, severity }, 1);
            }
            if let Some(case) = Case::of(replayed, participation) {
                travelled(&case, &mut |instrument, version, what, amount| {
                    let (instrument, version) = (instrument.to_owned(), version.to_owned());
                    count(NeedsCount::Travelled { instrument, version, what }, amount);
                });
            }
        }
        contributions
    }
}

/// Returns the needs of a participation by category, each as it was rated last.
fn needs<'a>(
    journey: &'a Journey<'_>,
    participation: &Participation,
    programme: Option<&Programme>,
) -> BTreeMap<&'a str, Severity> {
    let mut needs: BTreeMap<&str, Severity> = BTreeMap::new();
    for index in &participation.facts {
        let seen = &journey.facts[*index];
        let Fact::Diagnostic(Diagnostic::NeedIdentified(need)) = &*seen.fact else { continue };
        needs.insert(&need.category, severity(need.severity, seen.on, programme));
    }
    needs
}

fn severity(rating: u8, on: NaiveDate, programme: Option<&Programme>) -> Severity {
    let thresholds = programme.map(|programme| &programme.provision.severe);
    let threshold = thresholds
        .and_then(|thresholds| thresholds.iter().rev().find(|each| each.effective_from <= on));
    match (rating, threshold) {
        (0, _) => Severity::None,
        (_, None) => Severity::Unknown,
        (rating, Some(threshold)) if threshold.severity <= rating => Severity::Severe,
        (_, Some(_)) => Severity::NotSevere,
    }
}

/// Counts the scores of a participation, by instrument and version.
fn travelled(case: &Case<'_>, count: &mut dyn FnMut(&str, &str, TravelledCount, i64)) {
    use TravelledCount as Count;
    let mut scored: BTreeMap<(String, String), bool> = BTreeMap::new();
    for reading in case.scores() {
        *scored.entry((reading.instrument, reading.version)).or_default() |=
            reading.score.is_some();
    }
    for ((instrument, version), has_score) in &scored {
        count(instrument, version, Count::Assessed, 1);
        count(instrument, version, Count::Scored, i64::from(*has_score));
    }
    for each in case.travelled() {
        let mut count = |what, amount| count(&each.instrument, &each.version, what, amount);
        count(Count::Twice, 1);
        let direction = match each.better_by {
            0 => Count::Same,
            1.. => Count::Better,
            _ => Count::Worse,
        };
        count(direction, 1);
        match each.means_something {
            Some(true) if each.better_by > 0 => count(Count::BetterForSure, 1),
            Some(_) => {}
            None => count(Count::MeaningUnknown, 1),
        }
        count(Count::FirstSum, i64::from(each.first));
        count(Count::LatestSum, i64::from(each.latest));
    }
}

/// The needs of one category: the four add up to the participations that were rated for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NeedRow {
    /// Rated as no need.
    pub none: i64,
    /// Identified, not severe.
    pub not_severe: i64,
    /// Identified, and no threshold says whether severe.
    pub unknown: i64,
    /// Identified and severe.
    pub severe: i64,
}

impl NeedRow {
    /// Returns the participations with the need identified.
    pub const fn identified(&self) -> i64 {
        self.not_severe + self.unknown + self.severe
    }
}

/// How far people came by one instrument and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TravelledRow {
    /// Assessed with it.
    pub assessed: i64,
    /// With a score.
    pub scored: i64,
    /// With two scores or more.
    pub twice: i64,
    /// Of these: better.
    pub better: i64,
    /// Of these: the same.
    pub same: i64,
    /// Of these: worse.
    pub worse: i64,
    /// Of these: better by at least the least change that means something.
    pub better_for_sure: i64,
    /// Of these: nobody said how large a change must be.
    pub meaning_unknown: i64,
    /// The sum of the first scores of those scored twice.
    pub first_sum: i64,
    /// The sum of their latest scores.
    pub latest_sum: i64,
}

/// Needs and distance travelled of one programme.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NeedsOf {
    /// Participations.
    pub referrals: i64,
    /// Participations with a start.
    pub starts: i64,
    /// Participations of which any need was rated.
    pub rated: i64,
    /// By category.
    pub needs: BTreeMap<String, NeedRow>,
    /// By instrument and version.
    pub travelled: BTreeMap<(String, String), TravelledRow>,
}

impl Needs {
    /// Returns the summed model by programme.
    pub fn rows(model: &Contributions<NeedsKey>) -> BTreeMap<String, NeedsOf> {
        let mut rows: BTreeMap<String, NeedsOf> = BTreeMap::new();
        for (key, amount) in model.iter() {
            let of = rows.entry(key.programme.clone()).or_default();
            match &key.count {
                NeedsCount::Referrals => of.referrals += amount,
                NeedsCount::Starts => of.starts += amount,
                NeedsCount::Rated => of.rated += amount,
                NeedsCount::Need { category, severity } => {
                    let row = of.needs.entry(category.clone()).or_default();
                    *match severity {
                        Severity::None => &mut row.none,
                        Severity::NotSevere => &mut row.not_severe,
                        Severity::Unknown => &mut row.unknown,
                        Severity::Severe => &mut row.severe,
                    } += amount;
                }
                NeedsCount::Travelled { instrument, version, what } => {
                    let key = (instrument.clone(), version.clone());
                    *of.travelled.entry(key).or_default().of(*what) += amount;
                }
            }
        }
        rows
    }
}

impl TravelledRow {
    const fn of(&mut self, what: TravelledCount) -> &mut i64 {
        match what {
            TravelledCount::Assessed => &mut self.assessed,
            TravelledCount::Scored => &mut self.scored,
            TravelledCount::Twice => &mut self.twice,
            TravelledCount::Better => &mut self.better,
            TravelledCount::Same => &mut self.same,
            TravelledCount::Worse => &mut self.worse,
            TravelledCount::BetterForSure => &mut self.better_for_sure,
            TravelledCount::MeaningUnknown => &mut self.meaning_unknown,
            TravelledCount::FirstSum => &mut self.first_sum,
            TravelledCount::LatestSum => &mut self.latest_sum,
        }
    }
}

const NEEDS: usize = 0;
const CATEGORIES: usize = 1;
const TRAVELLED: usize = 2;

impl Tabular for Needs {
    fn tables(&self) -> Vec<Table> {
        let needs = Table::new("needs", "Participations, and of how many needs were rated.")
            .column(PROGRAMME)
            .measure(measure("referrals", "Participations whose referral is in the view."))
            .measure(measure("starts", "Participations with a start."))
            .measure(measure("rated", "Participations of which any need was rated."));
        let categories = Table::new(
            "needs_categories",
            "Participations by a category of need, each with what was identified last; the four \
             add up to those that were rated for it.",
        );
        let categories = categories
            .column(PROGRAMME)
            .column(text("category", "The category of the need."))
            .measure(measure("no_need", "Participations rated as having no such need."))
            .measure(measure("not_severe", "Participations with the need, below the threshold."))
            .measure(measure(
                "severity_unknown",
                "Participations with the need, on a day on which no threshold was in force.",
            ))
            .measure(measure("severe", "Participations with the need, at the threshold or above."));
        vec![needs, categories, travelled_table()]
    }

    fn cell(&self, key: NeedsKey) -> Cell {
        let programme = key.programme.into();
        match key.count {
            NeedsCount::Referrals => Cell::of(NEEDS, vec![programme], 0),
            NeedsCount::Starts => Cell::of(NEEDS, vec![programme], 1),
            NeedsCount::Rated => Cell::of(NEEDS, vec![programme], 2),
            NeedsCount::Need { category, severity } => {
                let measure = match severity {
                    Severity::None => 0,
                    Severity::NotSevere => 1,
                    Severity::Unknown => 2,
                    Severity::Severe => 3,
                };
                Cell::of(CATEGORIES, vec![programme, category.into()], measure)
            }
            NeedsCount::Travelled { instrument, version, what } => {
                let row = vec![programme, instrument.into(), version.into()];
                Cell::of(TRAVELLED, row, what.place())
            }
        }
    }
}

fn travelled_table() -> Table {
    let table = Table::new(
        "needs_travelled",
        "How far participations came by a version of an instrument, from the first score to the \
         latest.",
    );
    let table = table
        .column(PROGRAMME)
        .column(text("instrument", "The instrument, by its name in facts."))
        .column(text("instrument_version", "The version of the instrument."));
    let measures = [
        measure("assessed", "Participations that were assessed with it."),
        measure("scored", "Participations with at least one score."),
        measure(
            "scored_twice",
            "Participations with two scores or more: out of these are changes.",
        ),
        measure("better", "Participations whose latest score is better than the first."),
        measure("same", "Participations whose latest score is as good as the first."),
        measure("worse", "Participations whose latest score is worse than the first."),
        measure(
            "better_for_sure",
            "Participations better by at least the least change that means something.",
        ),
        measure(
            "meaning_unknown",
            "Participations scored twice where nobody said how large a change means something.",
        ),
        measure("first_points", "The sum of the first scores of those scored twice, in points."),
        measure("latest_points", "The sum of the latest scores of those scored twice, in points."),
    ];
    measures.into_iter().fold(table, Table::measure)
}

impl TravelledCount {
    const fn place(self) -> usize {
        match self {
            Self::Assessed => 0,
            Self::Scored => 1,
            Self::Twice => 2,
            Self::Better => 3,
            Self::Same => 4,
            Self::Worse => 5,
            Self::BetterForSure => 6,
            Self::MeaningUnknown => 7,
            Self::FirstSum => 8,
            Self::LatestSum => 9,
        }
    }
}
