//! Provision: what was offered and what became of it, by kind, way and provider, and how long
//! people wait between being referred and the first day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::id::InterventionId;
use waystage_core::journey::support::{Delivery, Intervention};
use waystage_core::journey::{Fact, Journey, Kind, Participation, Stage};
use waystage_core::programme::Programme;
use waystage_core::replayed::Replayed;

/// What interventions are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer {
    /// The programme.
    pub programme: String,
    /// What it is.
    pub category: String,
    /// How it is delivered.
    pub delivery: Delivery,
    /// Who delivers it, where somebody said so.
    pub provider: Option<String>,
    /// Whether the pack's catalogue has the category; none where the pack has no catalogue.
    pub in_catalogue: Option<bool>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProvisionCount {
    /// Interventions, whatever became of them.
    Interventions,
    /// Interventions that reached this step, each once.
    Reached(Kind),
    /// Interventions that were waited for and started.
    Waited,
    /// Days from being referred to the first day, of those.
    WaitedDays,
    /// Interventions that somebody still waits for on the last day of the view.
    Waiting,
    /// Days that these have waited so far.
    WaitingDays,
}

/// A group of interventions and what is counted of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvisionKey {
    /// The group.
    pub offer: Offer,
    /// What is counted.
    pub count: ProvisionCount,
}

/// Interventions by kind, way and provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provision;

/// One intervention, as its steps tell it: the latest says what it is.
struct Course<'a> {
    latest: &'a Intervention,
    provider: Option<&'a str>,
    first: BTreeMap<Kind, NaiveDate>,
}

impl Projection for Provision {
    type Key = ProvisionKey;

    fn name(&self) -> &'static str {
        "provision"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<ProvisionKey> {
        let as_of = replayed.lens.view.as_of;
        let mut contributions = Contributions::none();
        for participation in &replayed.journey.participations {
            let programme = replayed.programme(participation);
            for course in courses(&replayed.journey, participation).values() {
                let offer = course.offer(participation, programme);
                let mut count = |count, amount| {
                    contributions.count(ProvisionKey { offer: offer.clone(), count }, amount);
                };
                count(ProvisionCount::Interventions, 1);
                for kind in course.first.keys() {
                    count(ProvisionCount::Reached(*kind), 1);
                }
                match course.wait(participation.stage, as_of) {
                    Some((days, true)) => {
                        count(ProvisionCount::Waited, 1);
                        count(ProvisionCount::WaitedDays, days);
                    }
                    Some((days, false)) => {
                        count(ProvisionCount::Waiting, 1);
                        count(ProvisionCount::WaitingDays, days);
                    }
                    None => {}
                }
            }
        }
        contributions
    }
}

fn courses<'a>(
    journey: &'a Journey<'_>,
    participation: &Participation,
) -> BTreeMap<InterventionId, Course<'a>> {
    let mut courses: BTreeMap<InterventionId, Course<'a>> = BTreeMap::new();
    for index in &participation.facts {
        let seen = &journey.facts[*index];
        let Fact::Support(fact) = &*seen.fact else { continue };
        let Some(step) = fact.intervention() else { continue };
        let course = courses.entry(step.intervention.id).or_insert_with(|| Course {
            latest: step,
            provider: None,
            first: BTreeMap::new(),
        });
        course.latest = step;
        course.provider = step.provider.as_deref().or(course.provider);
        course.first.entry(fact.kind()).or_insert(seen.on);
    }
    courses
}

impl Course<'_> {
    fn offer(&self, participation: &Participation, programme: Option<&Programme>) -> Offer {
        let catalogue = programme.map(|programme| &programme.provision.interventions);
        let catalogue = catalogue.filter(|catalogue| !catalogue.is_empty());
        let listed = |category: &str| {
            catalogue.map(|catalogue| catalogue.iter().any(|each| each.category == category))
        };
        Offer {
            programme: participation.programme.to_string(),
            category: self.latest.category.clone(),
            delivery: self.latest.delivery,
            provider: self.provider.map(ToOwned::to_owned),
            in_catalogue: listed(&self.latest.category),
        }
    }

    /// Returns how many days somebody waited, and whether the wait is over; none where nobody
    /// waited: never referred or recommended before the first day, declined, or left.
    fn wait(&self, stage: Stage, as_of: NaiveDate) -> Option<(i64, bool)> {
        let day = |kind| self.first.get(&kind).copied();
        let started = day(Kind::InterventionStarted);
        let until = started.unwrap_or(as_of);
        let from = [Kind::InterventionReferred, Kind::InterventionRecommended];
        let from = from.into_iter().filter_map(day).find(|from| *from <= until)?;
        let given_up =
            [Kind::InterventionDeclined, Kind::InterventionCompleted, Kind::InterventionWithdrawn];
        let has_left = matches!(stage, Stage::NotStarted | Stage::Completed | Stage::Exited);
        if started.is_none() && (has_left || given_up.into_iter().any(|kind| day(kind).is_some())) {
            return None;
        }
        Some(((until - from).num_days(), started.is_some()))
    }
}

/// One group of interventions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionRow {
    /// The group.
    pub offer: Offer,
    /// Interventions, whatever became of them.
    pub interventions: i64,
    /// Interventions by step reached.
    pub reached: BTreeMap<Kind, i64>,
    /// Interventions that were waited for and started.
    pub waited: i64,
    /// Days that these waited.
    pub waited_days: i64,
    /// Interventions that somebody still waits for.
    pub waiting: i64,
    /// Days that these have waited so far.
    pub waiting_days: i64,
}

impl ProvisionRow {
    /// Returns how many interventions reached a step.
    pub fn reached(&self, kind: Kind) -> i64 {
        self.reached.get(&kind).copied().unwrap_or(0)
    }
}

impl Provision {
    /// Returns the rows of the summed model, in order.
    pub fn rows(model: &Contributions<ProvisionKey>) -> Vec<ProvisionRow> {
        let offers: BTreeSet<&Offer> = model.iter().map(|(key, _)| &key.offer).collect();
        let get = |offer: &Offer, count| model.get(&ProvisionKey { offer: offer.clone(), count });
        let mut reached: BTreeMap<&Offer, BTreeMap<Kind, i64>> = BTreeMap::new();
        for (key, amount) in model.iter() {
            if let ProvisionCount::Reached(kind) = key.count {
                reached.entry(&key.offer).or_default().insert(kind, amount);
            }
        }
        let rows = offers.into_iter().map(|offer| ProvisionRow {
            offer: offer.clone(),
            interventions: get(offer, ProvisionCount::Interventions),
            reached: reached.remove(offer).unwrap_or_default(),
            waited: get(offer, ProvisionCount::Waited),
            waited_days: get(offer, ProvisionCount::WaitedDays),
            waiting: get(offer, ProvisionCount::Waiting),
            waiting_days: get(offer, ProvisionCount::WaitingDays),
        });
        rows.collect()
    }
}
