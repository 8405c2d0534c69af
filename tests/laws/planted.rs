//! For each law of read models a small projection that breaks it, and one that breaks none.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::NaiveDate;
use waystage_core::calendar::days_after;
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::{Fact, Journey};
use waystage_core::replayed::Replayed;
use waystage_core::scenario::Scenario;
use waystage_core::table::{Cell, Table, Tabular, integer, measure, text};
use waystage_core::view::View;
use waystage_testkit::laws::{self, Broken, Law, Tries};

type Contribute = fn(&Replayed<'_>) -> Contributions<(&'static str, i64)>;

/// A projection that is one function.
struct Counts(Contribute);

impl Projection for Counts {
    type Key = (&'static str, i64);

    fn name(&self) -> &'static str {
        "counts"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Self::Key> {
        (self.0)(replayed)
    }
}

/// Asserts that a law, tried alone, finds what breaks it, and that all together find something.
fn finds<P>(law: Law, says: &str, projection: &P)
where
    P: Projection,
    P::Key: std::fmt::Debug,
{
    let often = Tries { cases: 500, ..Tries::default() };
    let broken: Broken = often
        .clone()
        .only(&[law])
        .contributions(projection)
        .expect_err("the law does not find its planted fault");
    assert_eq!(broken.law, law);
    assert!(broken.to_string().contains(says), "it says {broken}");
    often.contributions(projection).expect_err("all laws together find nothing");
}

fn one(key: &'static str, number: usize) -> Contributions<(&'static str, i64)> {
    Contributions::of([((key, 0), i64::try_from(number).expect("a small number"))])
}

#[test]
fn a_projection_that_looks_at_places_in_the_log_depends_on_the_order_of_arrival() {
    let looks: Contribute = |replayed| {
        let facts = replayed.journey.facts.iter();
        let versions = facts.map(|(_, seen)| seen.recorded.version.get());
        Contributions::of([(("first", i64::try_from(versions.min().unwrap_or(0)).unwrap()), 1)])
    };
    finds(Law::ArrivalOrder, "on the basis reported, after another order", &Counts(looks));
}

#[test]
fn a_projection_that_asks_what_was_known_when_depends_on_the_order_of_recording() {
    let asks: Contribute = |replayed| {
        let Some((_, first)) = replayed.journey.facts.iter().next() else {
            return Contributions::none();
        };
        let view = replayed.lens.view;
        let lens =
            replayed.lens.at(View { known_at: first.recorded.learned_at(view.basis), ..view });
        let known = replayed.at(&lens).journey.facts.len();
        one("known with the first", known)
    };
    let tries = Tries { cases: 200, ..Tries::default() };
    let excused = tries.except(&[Law::RecordingOrder]).contributions(&Counts(asks));
    assert_eq!(excused, Ok(()));
    finds(Law::RecordingOrder, "on the basis recorded, after another order", &Counts(asks));
}

/// Contributes otherwise whenever it is asked.
struct Remembers(AtomicI64);

impl Projection for Remembers {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "remembers"
    }

    fn contribute(&self, _: &Replayed<'_>) -> Contributions<&'static str> {
        let asked = self.0.fetch_add(1, Ordering::Relaxed);
        Contributions::of([("asked before", asked * asked)])
    }
}

#[test]
fn a_projection_that_remembers_whom_it_saw_adds_up_to_something_else() {
    finds(Law::Sums, "asked again", &Remembers(1.into()));
}

#[test]
fn a_projection_that_remembers_makes_differences_that_nobody_accounts_for() {
    finds(Law::Difference, "the participants whose parts changed", &Remembers(1.into()));
}

#[test]
fn a_projection_that_counts_what_the_view_does_not_reach_cannot_be_kept_up() {
    let counts: Contribute = |replayed| one("events", replayed.stream().len());
    finds(Law::Upkeep, "kept up to position", &Counts(counts));
}

#[test]
fn a_projection_that_sees_the_days_to_come_is_not_as_of_a_day() {
    let sees: Contribute = |replayed| {
        let view = replayed.lens.view;
        let known = replayed.stream().iter().filter(|each| view.knows(each));
        let is_start = |fact: &Fact| matches!(fact, Fact::Employment(Employment::JobStarted(_)));
        one("job starts", known.filter(|each| each.fact().is_some_and(is_start)).count())
    };
    finds(Law::AsOf, "cut where the view ends", &Counts(sees));
}

#[test]
fn a_projection_that_knows_what_was_recorded_later_is_found() {
    let knows: Contribute = |replayed| {
        let known_at = replayed.lens.view.known_at;
        let later = replayed.stream().iter().filter(|each| known_at < each.recorded_at);
        one("recorded later", later.count())
    };
    finds(Law::LearnedLater, "once more was learned later", &Counts(knows));
    finds(Law::AsOf, "cut where the view ends", &Counts(knows));
}

#[test]
fn a_projection_that_folds_the_stream_itself_overlooks_the_scenario() {
    let folds: Contribute = |replayed| {
        let lens = replayed.lens;
        let participant = replayed.journey.participant;
        let stream = replayed.stream();
        let journey = Journey::of(participant, stream, &lens.view, &Scenario::empty());
        one("jobs", journey.jobs.len())
    };
    finds(Law::Scenario, "imagined without", &Counts(folds));
}

/// Counts participations by the weeks that have passed since the referral, and says when the next
/// week begins, so many days late.
struct Weeks {
    days_late: u32,
}

impl Projection for Weeks {
    type Key = i64;

    fn name(&self) -> &'static str {
        "weeks"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<i64> {
        let as_of = replayed.lens.view.as_of;
        let participations = replayed.journey.participations.iter();
        Contributions::of(participations.map(|each| ((as_of - each.referred.on).num_days() / 7, 1)))
    }

    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        let as_of = replayed.lens.view.as_of;
        let participations = replayed.journey.participations.iter();
        let next = participations.map(|each| {
            let weeks = (as_of - each.referred.on).num_days() / 7 + 1;
            days_after(each.referred.on, u32::try_from(7 * weeks).expect("a few weeks"))
        });
        next.min().map(|day| days_after(day, self.days_late))
    }
}

impl Tabular for Weeks {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("weeks", "Participations by weeks since their referral.")
                .column(integer("weeks", "Whole weeks since the referral."))
                .measure(measure("participations", "Participations.")),
        ]
    }

    fn cell(&self, weeks: i64) -> Cell {
        Cell::of(0, vec![weeks.into()], 0)
    }
}

#[test]
fn a_projection_that_is_due_too_late_is_found_by_a_single_day() {
    finds(Law::Due, "was told as due", &Weeks { days_late: 1 });
}

#[test]
fn a_projection_that_reckons_with_days_and_never_says_when_it_is_due_is_found() {
    let ages: Contribute = |replayed| {
        let view = replayed.lens.view;
        let participations = replayed.journey.participations.iter();
        Contributions::of(
            participations.map(|each| (("days", (view.as_of - each.referred.on).num_days()), 1)),
        )
    };
    finds(Law::Due, "day was told as due", &Counts(ages));
}

#[test]
fn a_projection_that_does_it_right_keeps_every_law() {
    laws::projection(&Weeks { days_late: 0 });
    laws::model(&Weeks { days_late: 0 });
    laws::contributions(&Weeks { days_late: 0 });
}

/// Jobs by sector and hours, with two wrong ways of putting them into cells.
#[derive(Clone, Copy)]
enum Jobs {
    WithoutHours,
    HoursAsText,
    NoSuchMeasure,
}

impl Projection for Jobs {
    type Key = (String, u32);

    fn name(&self) -> &'static str {
        "jobs"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Self::Key> {
        let jobs = replayed.journey.jobs.iter();
        Contributions::of(jobs.map(|job| ((job.sector.to_string(), job.minutes.0), 1)))
    }
}

impl Tabular for Jobs {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("jobs", "Jobs by sector and hours.")
                .column(text("sector", "For whom."))
                .column(integer("minutes", "Minutes a week."))
                .measure(measure("jobs", "Jobs.")),
        ]
    }

    fn cell(&self, (sector, minutes): Self::Key) -> Cell {
        match self {
            Self::WithoutHours => Cell::of(0, vec![sector.into(), 0_i64.into()], 0),
            Self::HoursAsText => Cell::of(0, vec![sector.into(), minutes.to_string().into()], 0),
            Self::NoSuchMeasure => Cell::of(0, vec![sector.into(), minutes.into()], 1),
        }
    }
}

#[test]
fn keys_that_share_a_cell_and_cells_that_do_not_fit_are_found() {
    for (jobs, says) in [
        (Jobs::WithoutHours, "two keys stand in jobs[sector = employed, minutes = 0].jobs"),
        (Jobs::HoursAsText, "minutes of jobs is a column of integer"),
        (Jobs::NoSuchMeasure, "the table jobs has 1 measures"),
    ] {
        let broken = Tries::default().projection(&jobs).expect_err("a fault");
        assert_eq!(broken.law, Law::Cells);
        assert!(broken.to_string().contains(says), "it says {broken}");
    }
    let broken = Tries::default().model(&Jobs::HoursAsText).expect_err("a fault");
    assert_eq!(broken.law, Law::Cells);
}

#[test]
fn a_model_that_counts_nothing_is_not_taken_for_one_that_keeps_the_laws() {
    let nothing = Counts(|_| Contributions::none());
    let broken = Tries::default().contributions(&nothing).expect_err("nothing was tried");
    assert_eq!(
        broken.to_string(),
        format!(
            "counts breaks a law: the model counts something\n  it counts something in 0 of {} \
             worlds\n",
            Tries::default().cases
        )
    );
    let knowing = Tries { counting_min: 0, ..Tries::default() };
    assert_eq!(knowing.contributions(&nothing), Ok(()));
}

#[test]
#[should_panic(expected = "P0 contributes")]
fn a_law_that_is_broken_fails_the_test_that_calls_it() {
    laws::contributions(&Weeks { days_late: 3 });
}
