//! The twelve golden vectors of the domain, through the real engine: facts are recorded, rules come
//! from packs, and every figure is read in a view.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

#[path = "journeys/lines.rs"]
mod lines;
#[path = "vectors/packs.rs"]
mod packs;
#[path = "vectors/world.rs"]
mod world;

use std::collections::BTreeMap;

use lines::{day, instant};
use packs::{HALF_A_YEAR, TEN_POUNDS, THIRTEEN_WEEKS, TOTALS, spans};
use waystage_caseload::{Caseload, Timeline};
use waystage_cohorts::{Claims, Dimension, FourCounts, Funnel};
use waystage_core::calendar::{BankHolidays, DayCount, days_after, window};
use waystage_core::id::CalendarId;
use waystage_core::journey::entry::{Destination, Entry};
use waystage_core::journey::{Fact, Journey, Kind};
use waystage_core::rules::Reading;
use waystage_core::view::{Basis, View};
use world::{World, met_on, met_with_total, person, reported};

/// Checks the last day of a span by the calendar, and by a job on that day and on the day after.
fn check_span(days: u32, count: DayCount, last: &str) {
    let span = window(day("2019-01-01"), days, count).unwrap();
    assert_eq!(span.last(), day(last));
    let first = match count {
        DayCount::StartIsDay0 => 0,
        DayCount::StartIsDay1 => 1,
    };
    let rule = format!("{days}-from-day-{first}");
    let world = World::of(&spans(), "");
    let (inside, outside) = (person("inside", "spans"), person("outside", "spans"));
    let beyond = days_after(day(last), 1);
    let begun = "2019-01-01 R referred\n2019-01-01 S started\n";
    world.record(&inside, &format!("{begun}{last} A job a starts 16h"));
    world.record(&outside, &format!("{begun}{beyond} A job a starts 16h"));
    assert_eq!(met_on(&world.reads(&inside, "2021-01-01", &rule)).as_deref(), Some(last));
    assert_eq!(world.reads(&outside, "2021-01-01", &rule), Reading::NotMet);
    let until = Some(day(last));
    assert_eq!(world.reads(&outside, "2019-06-01", &rule), Reading::NotYet { until });
}

#[test]
fn the_638_day_span_counted_from_day_0_and_the_639_day_span_counted_from_day_1_end_on_the_same_day()
{
    check_span(638, DayCount::StartIsDay0, "2020-09-30");
    check_span(639, DayCount::StartIsDay1, "2020-09-30");
}

#[test]
fn each_other_span_ends_a_day_apart_by_the_day_from_which_it_is_counted() {
    check_span(456, DayCount::StartIsDay1, "2020-03-31");
    check_span(456, DayCount::StartIsDay0, "2020-04-01");
    check_span(638, DayCount::StartIsDay1, "2020-09-29");
    check_span(639, DayCount::StartIsDay0, "2020-10-01");
}

/// A start in the year of the National Living Wage at 8.21 and the Real Living Wage at 9.00.
const BEGUN: &str = "2019-05-01 R referred\n2019-05-01 S started\n";

#[test]
fn a_penny_below_416_hours_at_8_21_is_not_met_and_the_penny_meets_it() {
    let world = World::bundled();
    let (short, enough) = (person("short", "whp-national"), person("enough", "whp-national"));
    world.record(&short, &format!("{BEGUN}2020-02-28 E earns 3415.35"));
    world.record(&enough, &format!("{BEGUN}2020-02-28 E earns 3415.36"));
    let until = Some(day("2021-01-28"));
    assert_eq!(world.reads(&short, "2021-01-27", "job-outcome"), Reading::NotYet { until });
    assert_eq!(world.reads(&short, "2021-01-28", "job-outcome"), Reading::NotMet);
    let read = world.reads(&enough, "2021-01-28", "job-outcome");
    assert_eq!(met_with_total(&read), Some(("2020-02-28".to_owned(), 341_536)));
}

#[test]
fn one_total_meets_the_national_programme_and_not_greater_manchesters() {
    let world = World::bundled();
    let one = person("one", "whp-national");
    let facts = "
        2019-05-01 R  referred
        2019-05-01 S  started
        2019-05-01 R2 referred to working-well-whp as P2
        2019-05-01 S2 started as P2
        2020-02-28 E  earns 3500.00
    ";
    world.record(&one, facts);
    let view = View::new(day("2021-06-01"), world.engine.now());
    let national = world.reads_in(&one, view, "P1", "job-outcome");
    assert_eq!(met_with_total(&national), Some(("2020-02-28".to_owned(), 350_000)));
    assert_eq!(world.reads_in(&one, view, "P2", "job-outcome"), Reading::NotMet);
    world.record(&one, "2020-03-31 F earns 244.00");
    let view = View::new(day("2021-06-01"), world.engine.now());
    let manchester = world.reads_in(&one, view, "P2", "job-outcome");
    assert_eq!(met_with_total(&manchester), Some(("2020-03-31".to_owned(), 374_400)));
}

#[test]
fn a_correcting_statement_takes_an_outcome_back_that_was_reached_as_known_before_it() {
    let world = World::bundled();
    let one = person("one", "whp-national");
    world.now("2020-03-01");
    world.record(&one, &format!("{BEGUN}2020-01-31 E earns 1000.00\n2020-02-28 F earns 2420.00"));
    let run = world.engine.determine(day("2020-03-01"), Basis::Recorded).unwrap();
    assert_eq!((run.determined, run.withdrawn), (1, 0));
    world.now("2020-04-15");
    world.record(&one, "2020-01-31 G difference -10.00 told 2020-04-15");

    let before = View::new(day("2020-04-15"), instant("2020-03-01T12:00:01Z"));
    let then = world.reads_in(&one, before, "P1", "job-outcome");
    assert_eq!(met_with_total(&then), Some(("2020-02-28".to_owned(), 342_000)));
    let until = Some(day("2021-01-28"));
    assert_eq!(world.reads(&one, "2020-04-15", "job-outcome"), Reading::NotYet { until });
    world.now("2021-02-01");
    assert_eq!(world.reads(&one, "2021-02-01", "job-outcome"), Reading::NotMet);
    let run = world.engine.determine(day("2021-02-01"), Basis::Recorded).unwrap();
    assert_eq!((run.determined, run.withdrawn), (0, 1));
    world.record(&one, "2020-03-31 H earns 5.36 told 2021-01-31");
    let again = world.reads(&one, "2021-02-01", "job-outcome");
    assert_eq!(met_with_total(&again), Some(("2020-03-31".to_owned(), 341_536)));
}

#[test]
fn of_two_statements_with_one_source_reference_one_counts() {
    let world = World::of(TOTALS, TEN_POUNDS);
    let one = person("one", "totals");
    world.record(&one, BEGUN);
    let first = world.record(&one, "2019-07-31 E earns 1200.00");
    let second = world.record(&one, "2019-07-31 E earns 1200.00");
    assert_eq!((first[0].duplicate, second[0].duplicate), (false, true));
    assert_eq!(first[0].position, second[0].position);
    let read = world.reads(&one, "2021-06-01", "reaches-1200");
    assert_eq!(met_with_total(&read), Some(("2019-07-31".to_owned(), 120_000)));
    assert_eq!(world.reads(&one, "2021-06-01", "reaches-2100"), Reading::NotMet);
}

#[test]
fn a_year_to_date_restatement_replaces_three_originals_and_adds_nothing() {
    let world = World::of(TOTALS, TEN_POUNDS);
    let one = person("one", "totals");
    let statements = "
        2019-07-31 E earns 300.00
        2019-08-30 F earns 300.00
        2019-09-30 G earns 300.00
        2019-10-31 Y year-to-date 1200.00
    ";
    world.record(&one, &format!("{BEGUN}{statements}"));
    let read = world.reads(&one, "2021-06-01", "reaches-1200");
    assert_eq!(met_with_total(&read), Some(("2019-10-31".to_owned(), 120_000)));
    assert_eq!(world.reads(&one, "2021-06-01", "reaches-2100"), Reading::NotMet);
}

#[test]
fn two_spells_of_self_employment_that_overlap_have_181_days_and_not_242() {
    let world = World::bundled();
    let one = person("one", "whp-national");
    let spells = "
        2021-01-01 R referred
        2021-01-01 S started
        2021-01-01 A business a starts 16h
        2021-04-30 B business a ends
        2021-03-01 C business c starts 16h
        2021-06-30 D business c ends
    ";
    world.record(&one, spells);
    // 638 days from 1 January 2021, which is day 0, end on 1 October 2022
    let until = Some(day("2022-10-01"));
    let rule = "self-employed-outcome";
    assert_eq!(world.reads(&one, "2022-09-30", rule), Reading::NotYet { until });
    assert_eq!(world.reads(&one, "2022-10-01", rule), Reading::NotMet);
    world.record(&one, "2022-09-01 E business e starts 1h\n2022-09-01 F business e ends");
    assert_eq!(met_on(&world.reads(&one, "2022-10-01", rule)).as_deref(), Some("2022-09-01"));
}

#[test]
fn thirteen_weeks_of_sixteen_are_not_thirteen_consecutive_ones() {
    let world = World::of(THIRTEEN_WEEKS, "");
    let one = person("one", "thirteen");
    // weeks from Monday 7 January 2019; weeks 5, 9 and 10 are missed
    let jobs = "
        2019-01-01 R referred
        2019-01-01 S started
        2019-01-07 A job a starts 16h
        2019-02-03 B job a ends
        2019-02-11 C job c starts 16h
        2019-03-03 D job c ends
        2019-03-18 E job e starts 16h
        2019-04-28 F job e ends
    ";
    world.record(&one, jobs);
    let in_sixteen = world.reads(&one, "2020-06-01", "in-sixteen");
    assert_eq!(met_on(&in_sixteen).as_deref(), Some("2019-04-28"));
    assert_eq!(world.reads(&one, "2020-06-01", "consecutive"), Reading::NotMet);
}

#[test]
fn a_job_start_recorded_after_the_claim_is_unknown_on_the_day_of_the_claim_and_shows_as_late() {
    let world = World::of(HALF_A_YEAR, "");
    let one = person("one", "half-a-year");
    world.now("2021-05-01");
    let claimed = "
        2021-01-04 R referred
        2021-01-04 S started
        2021-05-01 C claims job-start
    ";
    world.record(&one, claimed);
    world.now("2021-05-10");
    world.record(&one, "2021-02-02 A job a starts 16h told 2021-05-10");

    // nothing was known of a job, so a job start was still to come
    let first_of_may = View::new(day("2021-05-01"), instant("2021-05-01T12:00:01Z"));
    let then = world.reads_in(&one, first_of_may, "P1", "job-start");
    assert_eq!(then, Reading::NotYet { until: None });
    assert!(world.look(&one, first_of_may, |replayed| replayed.journey.jobs.is_empty()));
    let now = world.reads(&one, "2021-05-10", "job-start");
    assert_eq!(met_on(&now).as_deref(), Some("2021-02-02"));
    let as_reported = reported("2021-05-01", "2021-05-09");
    let then = world.reads_in(&one, as_reported, "P1", "job-start");
    assert_eq!(then, Reading::NotYet { until: None });

    let today = View::new(day("2021-05-10"), world.engine.now());
    let timeline = world.look(&one, today, Timeline::of);
    let line = |kind: Kind| timeline.entries.iter().find(|line| line.kind == kind).unwrap();
    let (job, claim) = (line(Kind::JobStarted), line(Kind::ClaimSubmitted));
    assert!(job.on < claim.on && claim.learned_at < job.learned_at);
    assert_eq!((job.learned_at.date() - job.on).num_days(), 97);
    let claims = world.engine.sum(&Claims, today).unwrap();
    let (row, _) = claims.iter().next().unwrap();
    assert_eq!((row.supported_then, row.supported_now), (false, true));
}

#[test]
fn silent_job_starts_of_half_a_year_ago_are_unknown_and_young_ones_are_in_no_denominator() {
    let world = World::of(HALF_A_YEAR, "");
    for number in 0..20 {
        let one = person(&format!("person {number}"), "half-a-year");
        // up to 30 June 2021: ten weeks from 21 April, over 26 weeks from 1 December
        let job = if number < 10 { "2021-04-21" } else { "2020-12-01" };
        let begun = "2020-11-02 R referred\n2020-11-02 S started\n";
        world.record(&one, &format!("{begun}{job} A job a starts 16h"));
    }
    let view = View::new(day("2021-06-30"), world.engine.now());
    let model = world.engine.sum(&Funnel { by: Vec::new() }, view).unwrap();
    let rows = Funnel::rows(&model);
    let expected = FourCounts { met: 0, not_met: 0, not_yet: 10, unknown: 10 };
    assert_eq!((rows[0].starts, rows[0].job_starts), (20, 20));
    let half_a_year = rows[0].outcomes["26-weeks"];
    assert_eq!(half_a_year, expected);
    assert_eq!(half_a_year.all() - half_a_year.not_yet, 10);
}

/// A referral received on Friday 3 May 2024, before the bank holiday of Monday 6 May.
const RECEIVED: &str = "2024-05-03 R referred";

#[test]
fn the_second_working_day_after_a_referral_is_not_the_bank_holiday() {
    let world = World::bundled();
    let one = person("one", "whp-national");
    world.record(&one, RECEIVED);
    let due_on = |as_of: &str| {
        let view = View::new(day(as_of), world.engine.now());
        let caseload = world.engine.sum(&Caseload, view).unwrap();
        let (row, _) = caseload.iter().next().unwrap();
        row.next.clone()
    };
    let due = (day("2024-05-08"), "acknowledge-referral is due".to_owned());
    assert_eq!(due_on("2024-05-03"), Some(due.clone()));
    assert_eq!(due_on("2024-05-08"), Some(due.clone()));
    let overdue = (due.0, "acknowledge-referral is overdue".to_owned());
    assert_eq!(due_on("2024-05-09"), Some(overdue));

    let view = View::new(day("2024-05-31"), world.engine.now());
    let lens = world.engine.lens(view).unwrap();
    let calendar = &lens.programmes().calendars[&CalendarId::from("england-and-wales")];
    let weekdays = BankHolidays { days: std::collections::BTreeSet::new(), ..calendar.clone() };
    let referral = day("2024-05-03");
    assert_eq!(calendar.working_days_after(referral, 2), due.0);
    assert_eq!(calendar.working_days_after(referral, 3), day("2024-05-09"));
    assert_eq!(weekdays.working_days_after(referral, 2), day("2024-05-07"));
    assert_eq!(days_after(referral, 2), day("2024-05-05"));

    for (acknowledged, in_time) in [("2024-05-08", true), ("2024-05-09", false)] {
        let one = person(acknowledged, "whp-national");
        world.record(&one, &format!("{RECEIVED}\n{acknowledged} K acknowledged"));
        let view = View::new(day("2024-05-31"), world.engine.now());
        let on = world.look(&one, view, |replayed| replayed.journey.participations[0].acknowledged);
        assert_eq!(on.unwrap().on <= due.0, in_time);
    }
}

/// Returns where a participant lives now: the last area that a participation was transferred to,
/// else the home at referral. No projection groups by it.
fn home_now(journey: &Journey<'_>) -> String {
    let participation = &journey.participations[0];
    let moved = journey.facts.iter().filter_map(|(_, seen)| match seen.fact.as_ref() {
        Fact::Entry(Entry::Transferred(transferred)) => match &transferred.to {
            Destination::Area(area) => Some(area.to_string()),
            Destination::Provider(_) => None,
        },
        _ => None,
    });
    moved.last().unwrap_or(participation.local_authority.to_string())
}

#[test]
fn a_move_from_bolton_to_leeds_moves_one_between_areas_and_no_total() {
    const BOLTON: &str = "E08000001";
    const LEEDS: &str = "E08000035";
    let world = World::bundled();
    let homes = [("mover", BOLTON), ("stayer", BOLTON), ("leeds", LEEDS)];
    let people = homes.map(|(name, home)| (person(name, "whp-national"), home));
    for (one, home) in &people {
        world.record(one, &format!("2019-05-01 R referred from {home}\n2019-05-01 S started"));
    }
    world.record(&people[0].0, &format!("2019-09-02 T moves to {LEEDS}"));

    let view = View::new(day("2019-12-31"), world.engine.now());
    let by = vec![Dimension::Area];
    let model = world.engine.sum(&Funnel { by }, view).unwrap();
    let at_start: BTreeMap<String, i64> = Funnel::rows(&model)
        .into_iter()
        .map(|row| (row.row[0].clone().unwrap(), row.starts))
        .collect();
    let mut now: BTreeMap<String, i64> = BTreeMap::new();
    for (one, _) in &people {
        let home = world.look(one, view, |replayed| home_now(&replayed.journey));
        *now.entry(home).or_default() += 1;
    }
    let counts =
        |bolton, leeds| BTreeMap::from([(BOLTON.to_owned(), bolton), (LEEDS.to_owned(), leeds)]);
    assert_eq!(at_start, counts(2, 1));
    assert_eq!(now, counts(1, 2));
    assert_eq!(at_start.values().sum::<i64>(), now.values().sum::<i64>());
}
