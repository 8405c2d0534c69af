//! When time alone changes a model. What the engine sees to for all of them is looked at here by
//! brute force; beyond it each model has to say itself on which day it changes.

use chrono::NaiveDate;
use waystage_cohorts::{Ages, Provision};
use waystage_core::calendar::{day_before, days_after};
use waystage_core::contribution::Projection;
use waystage_core::id::EventId;
use waystage_core::readings::{Case, LimitReading, StandardReading};
use waystage_core::replayed::Replayed;
use waystage_core::rules::RuleReading;
use waystage_core::table::{Model, Tabular};
use waystage_core::view::View;

use crate::models::{Visitor, visit_models};
use crate::sample::{Sample, samples};

/// The days to come that are looked at, counted from the last day of the view.
const LATER: [u32; 14] = [1, 2, 3, 5, 8, 13, 21, 34, 60, 91, 92, 120, 200, 400];

/// What the engine looks at for every model when days pass.
#[derive(Debug, PartialEq)]
struct SeenTo {
    facts: Vec<EventId>,
    readings: Vec<RuleReading>,
    standards: Vec<StandardReading>,
    limits: Vec<(LimitReading, bool)>,
    held: Vec<bool>,
}

impl SeenTo {
    fn of(replayed: &Replayed<'_>) -> Self {
        let as_of = replayed.lens.view.as_of;
        let cases = || Case::all(replayed);
        let limits = cases().flat_map(|case| case.limits().collect::<Vec<_>>());
        let jobs = replayed.journey.jobs.iter();
        Self {
            facts: replayed.journey.facts.iter().map(|(_, seen)| seen.recorded.id).collect(),
            readings: replayed.readings.clone(),
            standards: cases().flat_map(|case| case.standards().collect::<Vec<_>>()).collect(),
            limits: limits
                .map(|limit| {
                    let is_over = limit.last.is_some_and(|last| last < as_of);
                    (limit, is_over)
                })
                .collect(),
            held: jobs.map(|job| job.ended.is_none_or(|ended| as_of <= ended.on)).collect(),
        }
    }
}

/// Returns on how many days to come before `due` it was seen that a model does not change; only
/// days count on which `is_quiet` says that nothing else does.
fn quiet_days<P: Projection>(
    model: &P,
    replayed: &Replayed<'_>,
    due: Option<NaiveDate>,
    is_quiet: impl Fn(&Replayed<'_>) -> bool,
) -> usize {
    let (view, name) = (replayed.lens.view, model.name());
    assert!(due.is_none_or(|due| view.as_of < due), "{name} is due on a day that has passed");
    let now = model.contribute(replayed);
    let last = due.map(day_before);
    let days = LATER.map(|days| days_after(view.as_of, days)).into_iter().chain(last);
    let is_to_come = |day: &NaiveDate| view.as_of < *day && due.is_none_or(|due| *day < due);
    let mut tried = 0;
    for as_of in days.filter(is_to_come) {
        let lens = replayed.lens.at(View { as_of, ..view });
        let later = replayed.at(&lens);
        if is_quiet(&later) {
            tried += 1;
            let same = model.contribute(&later) == now;
            assert!(same, "{name} changes on {as_of} and is due {due:?}");
        }
    }
    tried
}

/// Looks at what each model says of itself, on days on which nothing else changes.
struct OfItself;

impl Visitor for OfItself {
    fn visit<P: Tabular + Send + 'static>(&mut self, model: P) {
        let tried = samples().iter().flat_map(|sample| {
            sample.each(|replayed| {
                let seen_to = SeenTo::of(replayed);
                let due = Projection::due(&model, replayed);
                quiet_days(&model, replayed, due, |later| SeenTo::of(later) == seen_to)
            })
        });
        let tried: usize = tried.sum();
        assert!(tried > 500, "{} was tried on {tried} quiet days", Projection::name(&model));
    }
}

#[test]
fn nothing_changes_by_time_alone_that_neither_the_engine_nor_the_model_sees_to() {
    visit_models(&mut OfItself);
}

/// Looks at what is said of each model altogether.
struct Altogether;

impl Visitor for Altogether {
    fn visit<P: Tabular + Send + 'static>(&mut self, model: P) {
        let tried = samples().iter().flat_map(|sample| {
            sample.each(|replayed| {
                quiet_days(&model, replayed, Model::due(&model, replayed), |_| true)
            })
        });
        let tried: usize = tried.sum();
        assert!(tried > 500, "{} was tried on {tried} days", Projection::name(&model));
    }
}

#[test]
fn no_model_changes_before_the_day_on_which_it_is_due() {
    visit_models(&mut Altogether);
}

/// Returns how often the model says a day of its own, having looked that it changes on that day
/// unless a fact that comes into sight undoes it.
fn changes_when_due<P: Projection>(model: &P, sample: &Sample) -> usize {
    let due = sample.each(|replayed| {
        let as_of = model.due(replayed)?;
        let lens = replayed.lens.at(View { as_of, ..replayed.lens.view });
        let later = replayed.at(&lens);
        let same_facts = SeenTo::of(&later).facts == SeenTo::of(replayed).facts;
        let changed = model.contribute(&later) != model.contribute(replayed);
        assert!(changed || !same_facts, "{} is due on {as_of} for nothing", model.name());
        Some(as_of)
    });
    due.into_iter().flatten().count()
}

#[test]
fn ages_and_waits_change_on_the_day_they_are_due() {
    let of_ages: usize = samples().iter().map(|each| changes_when_due(&Ages, each)).sum();
    let of_waits: usize = samples().iter().map(|each| changes_when_due(&Provision, each)).sum();
    assert!(of_ages > 100 && of_waits > 3, "{of_ages} ages, {of_waits} waits");
}
