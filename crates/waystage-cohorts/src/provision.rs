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
use waystage_core::table::{Cell, Table, Tabular, measure, text, truth};

use crate::columns::PROGRAMME;

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

/// A step of an intervention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfferStep {
    /// It was recommended.
    Recommended,
    /// Somebody was referred to it.
    Referred,
    /// The referral was accepted.
    Accepted,
    /// It was declined.
    Declined,
    /// Somebody was put on a waiting list.
    WaitListed,
    /// The first day.
    Started,
    /// A day was attended.
    Attended,
    /// A day was missed.
    Missed,
    /// It was completed.
    Completed,
    /// Somebody withdrew.
    Withdrawn,
}

impl OfferStep {
    /// Returns the step that a kind of fact takes; none where it is about no intervention.
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::InterventionRecommended => Some(Self::Recommended),
            Kind::InterventionReferred => Some(Self::Referred),
            Kind::InterventionAccepted => Some(Self::Accepted),
            Kind::InterventionDeclined => Some(Self::Declined),
            Kind::InterventionWaitListed => Some(Self::WaitListed),
            Kind::InterventionStarted => Some(Self::Started),
            Kind::InterventionAttended => Some(Self::Attended),
            Kind::InterventionMissed => Some(Self::Missed),
            Kind::InterventionCompleted => Some(Self::Completed),
            Kind::InterventionWithdrawn => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProvisionCount {
    /// Interventions, whatever became of them.
    Interventions,
    /// Interventions that reached this step, each once.
    Reached(OfferStep),
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
    first: BTreeMap<OfferStep, NaiveDate>,
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
                for step in course.first.keys() {
                    count(ProvisionCount::Reached(*step), 1);
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

    /// Who waits has waited a day longer tomorrow.
    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        let as_of = replayed.lens.view.as_of;
        let waits = replayed.journey.participations.iter().any(|participation| {
            let courses = courses(&replayed.journey, participation);
            let mut waits = courses.values().map(|each| each.wait(participation.stage, as_of));
            waits.any(|wait| matches!(wait, Some((_, false))))
        });
        as_of.succ_opt().filter(|_| waits)
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
        let (Some(step), Some(reached)) = (fact.intervention(), OfferStep::of(fact.kind())) else {
            continue;
        };
        let course = courses.entry(step.intervention.id).or_insert_with(|| Course {
            latest: step,
            provider: None,
            first: BTreeMap::new(),
        });
        course.latest = step;
        course.provider = step.provider.as_deref().or(course.provider);
        course.first.entry(reached).or_insert(seen.on);
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
        let day = |step| self.first.get(&step).copied();
        let started = day(OfferStep::Started);
        let until = started.unwrap_or(as_of);
        let from = [OfferStep::Referred, OfferStep::Recommended];
        let from = from.into_iter().filter_map(day).find(|from| *from <= until)?;
        let given_up = [OfferStep::Declined, OfferStep::Completed, OfferStep::Withdrawn];
        let has_left = matches!(stage, Stage::NotStarted | Stage::Completed | Stage::Exited);
        if started.is_none() && (has_left || given_up.into_iter().any(|step| day(step).is_some())) {
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
    pub reached: BTreeMap<OfferStep, i64>,
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
    pub fn reached(&self, step: OfferStep) -> i64 {
        self.reached.get(&step).copied().unwrap_or(0)
    }
}

impl Provision {
    /// Returns the rows of the summed model, in order.
    pub fn rows(model: &Contributions<ProvisionKey>) -> Vec<ProvisionRow> {
        let offers: BTreeSet<&Offer> = model.iter().map(|(key, _)| &key.offer).collect();
        let get = |offer: &Offer, count| model.get(&ProvisionKey { offer: offer.clone(), count });
        let mut reached: BTreeMap<&Offer, BTreeMap<OfferStep, i64>> = BTreeMap::new();
        for (key, amount) in model.iter() {
            if let ProvisionCount::Reached(step) = key.count {
                reached.entry(&key.offer).or_default().insert(step, amount);
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

impl Tabular for Provision {
    fn tables(&self) -> Vec<Table> {
        let table = Table::new(
            "provision",
            "Interventions by what they are, how and by whom they are delivered, and what became \
             of them.",
        );
        let table = table
            .column(PROGRAMME)
            .column(text("category", "What it is."))
            .column(text("delivery", "How it is delivered."))
            .column(text("delivered_by", "Who delivers it; nothing where nobody said so."))
            .column(truth(
                "in_catalogue",
                "Whether the pack's catalogue has the category; nothing where it has no catalogue.",
            ));
        let measures = [
            measure("interventions", "Interventions, whatever became of them."),
            measure("recommended", "Interventions that were recommended."),
            measure("referred", "Interventions that somebody was referred to."),
            measure("accepted", "Interventions whose referral was accepted."),
            measure("declined", "Interventions that were declined."),
            measure("wait_listed", "Interventions that somebody was put on a waiting list for."),
            measure("started", "Interventions that started."),
            measure("attended", "Interventions of which a day was attended."),
            measure("missed", "Interventions of which a day was missed."),
            measure("completed", "Interventions that were completed."),
            measure("withdrawn", "Interventions that somebody withdrew from."),
            measure("waited", "Interventions that were waited for and started."),
            measure("waited_days", "Days from being referred to the first day, of those."),
            measure("waiting", "Interventions still waited for on the last day of the view."),
            measure("waiting_days", "Days that these have been waited for so far."),
        ];
        vec![measures.into_iter().fold(table, Table::measure)]
    }

    fn cell(&self, key: ProvisionKey) -> Cell {
        let row = vec![
            key.offer.programme.into(),
            key.offer.category.into(),
            key.offer.delivery.as_str().into(),
            key.offer.provider.into(),
            key.offer.in_catalogue.into(),
        ];
        let measure = match key.count {
            ProvisionCount::Interventions => 0,
            ProvisionCount::Reached(OfferStep::Recommended) => 1,
            ProvisionCount::Reached(OfferStep::Referred) => 2,
            ProvisionCount::Reached(OfferStep::Accepted) => 3,
            ProvisionCount::Reached(OfferStep::Declined) => 4,
            ProvisionCount::Reached(OfferStep::WaitListed) => 5,
            ProvisionCount::Reached(OfferStep::Started) => 6,
            ProvisionCount::Reached(OfferStep::Attended) => 7,
            ProvisionCount::Reached(OfferStep::Missed) => 8,
            ProvisionCount::Reached(OfferStep::Completed) => 9,
            ProvisionCount::Reached(OfferStep::Withdrawn) => 10,
            ProvisionCount::Waited => 11,
            ProvisionCount::WaitedDays => 12,
            ProvisionCount::Waiting => 13,
            ProvisionCount::WaitingDays => 14,
        };
        Cell::of(0, row, measure)
    }
}
