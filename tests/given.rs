//! Given, when, then: what a test of a user says, what it is told when it is wrong, and that every
//! variation bites.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::panic::{UnwindSafe, catch_unwind};

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::correction::Amendment;
use waystage_core::journey::employment::{Employment, WeeklyMinutes};
use waystage_core::journey::entry::{Entry, Marked};
use waystage_core::journey::{Fact, Finding};
use waystage_core::programme::Programmes;
use waystage_core::replayed::Replayed;
use waystage_core::rules::Answer;
use waystage_core::view::View;
use waystage_programmes::{bundled_packs, bundled_tables, read_pack, read_tables};
use waystage_store::Refusal;
use waystage_testkit::given::{Life, Variation, job, participation};
use waystage_testkit::{given, person};

const PILOT: &str = "working-well-pilot";

/// Somebody on the Working Well Pilot.
fn pilot(name: &str) -> Life {
    person(name).referred("2015-05-18", PILOT).acknowledged("2015-05-19").started("2015-06-01")
}

fn packs() -> Programmes {
    let (file, text) = bundled_packs().iter().find(|(file, _)| file.starts_with(PILOT)).unwrap();
    let pilot = read_pack(file, text).unwrap();
    let mut packs = Programmes::default();
    packs.programmes.insert(pilot.id.clone(), pilot);
    for (file, text) in bundled_tables() {
        let tables = read_tables(file, text).unwrap();
        packs.rates.extend(tables.rates.into_iter().map(|each| (each.id.clone(), each)));
    }
    packs
}

/// Asserts that a test fails with this message.
fn fails(says: &str, test: impl FnOnce() + UnwindSafe) {
    let panic = catch_unwind(test).expect_err("the test does not fail");
    let message = panic.downcast::<String>().expect("a message");
    assert_eq!(*message, says);
}

/// Counts jobs by the hours that they have as of the view's day.
struct JobsByHours;

impl Projection for JobsByHours {
    type Key = u32;

    fn name(&self) -> &'static str {
        "jobs_by_hours"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<u32> {
        let as_of = replayed.lens.view.as_of;
        let jobs = replayed.journey.jobs.iter();
        Contributions::of(jobs.map(|job| (job.minutes_on(as_of).0 / 60, 1)))
    }
}

#[test]
fn facts_are_recorded_and_what_looks_wrong_is_found() {
    given(pilot("P1"))
        .record(person("P1").job("2015-09-01", 20))
        .then_recorded()
        .then_finds(Finding::ProgrammeNotAdopted);
    given(pilot("P1"))
        .under(packs())
        .record(person("P1").job("2015-09-01", 20))
        .then_finds_nothing();
    given(pilot("P1"))
        .record(person("P1").job("2015-05-20", 20))
        .then_finds(Finding::JobBeforeStart);
    given(person("P1").fact("2015-05-18", referral()))
        .record(person("P1").fact("2015-06-01", Entry::Started(Marked::of(of_p1()))))
        .then_finds(Finding::StartWithoutAcknowledgement);
}

fn of_p1() -> waystage_core::id::ParticipationId {
    participation("P1", 1).id
}

fn referral() -> Entry {
    let area = waystage_core::journey::code::GssCode::parse("E08000002").unwrap();
    let day = "2015-05-18".parse().unwrap();
    let opened = participation("P1", 1);
    Entry::Referred(waystage_core::journey::entry::Referred::to(PILOT, opened, day, area))
}

#[test]
fn what_is_not_recorded_is_refused_and_what_was_is_a_duplicate() {
    let reference = job("P1", 1).id.to_string();
    given(pilot("P1"))
        .record(person("P1").ended("2015-10-01"))
        .then_refused(Refusal::UnknownReference { what: "job", reference });
    let started = |hours| person("P1").job("2015-09-01", hours).called("row-7");
    given([pilot("P1"), started(20)])
        .record(person("P1").fact("2015-09-01", first_job(20)).called("row-7"))
        .then_duplicate();
    given([pilot("P1"), started(20)])
        .record(person("P1").fact("2015-09-01", first_job(16)).called("row-7"))
        .then_refused(Refusal::KeyUsed { key: "row-7 of test".to_owned() });
    let (on, recorded) = ("2015-09-01".parse().unwrap(), "2015-07-01".parse().unwrap());
    given(pilot("P1"))
        .record(person("P1").job("2015-09-01", 20).told("2015-07-01").directly())
        .then_refused(Refusal::InTheFuture { on, recorded });
}

fn first_job(hours: u32) -> Employment {
    let minutes = WeeklyMinutes::from_hours(hours);
    Employment::JobStarted(waystage_core::journey::employment::JobStarted::employed(
        job("P1", 1),
        minutes,
    ))
}

#[test]
fn rules_are_read_as_of_a_day_and_as_known_then() {
    let works = pilot("P1").job("2015-09-01", 20);
    let asked = |life: &Life, as_of| given(life.clone()).under(packs()).as_of(as_of);
    asked(&works, "2015-11-01").reads("sustained-12-months").then(Answer::NotYet);
    asked(&works, "2017-11-01").reads("sustained-12-months").then(Answer::Unknown);
    let verified = works.clone().verified("2016-09-05", "2016-09-04");
    asked(&verified, "2016-12-01").reads("sustained-12-months").then(Answer::Met);
    asked(&verified, "2017-11-01")
        .known_at("2016-09-04")
        .reads("sustained-12-months")
        .then_unknown("2015-11-25");
    asked(&verified, "2017-11-01").reads("sustained-12-months").then_met("2016-08-31");
    given(works)
        .under(packs())
        .record(person("P1").ended("2015-10-01"))
        .then_reads("sustained-12-months", Answer::NotYet);
}

#[test]
fn corrections_act_on_what_was_said_before_them() {
    let works = || pilot("P1").job("2015-09-01", 20);
    let hours = |hours| Amendment::WeeklyMinutes(WeeklyMinutes::from_hours(hours));
    given(works().amended("2015-09-03", hours(16))).project(&JobsByHours).then_counts([(16, 1)]);
    given(works().amended("2015-09-03", hours(16)).withdrawn("2015-09-04"))
        .project(&JobsByHours)
        .then_counts([(20, 1)]);
    given(works().withdrawn("2015-09-04")).project(&JobsByHours).then_nothing();
    given(works())
        .record(person("P1").withdrawn("2015-09-04"))
        .then_recorded()
        .then_finds(Finding::ProgrammeNotAdopted);
    given(works().amended("2015-09-03", hours(16)).told("2015-12-01"))
        .known_at("2015-11-30")
        .project(&JobsByHours)
        .then_counts([(20, 1)]);
}

#[test]
fn people_are_added_up() {
    let one = pilot("P1").job("2015-09-01", 20).changed("2015-10-01", 30);
    let other =
        pilot("P2").job("2015-09-01", 20).ended("2015-09-30").self_employed("2015-10-02", 8);
    given([one, other])
        .project(&JobsByHours)
        .then_counts([(8, 1), (20, 1), (30, 1)])
        .then_count(8, 1)
        .then_count(9, 0);
    given(Vec::new()).project(&JobsByHours).then_nothing();
}

#[test]
fn every_word_of_a_life_is_a_fact_that_can_be_recorded() {
    let whole = person("P1")
        .referred("2021-03-01", "whp-national")
        .to_provider("provider-a")
        .in_group("early_access")
        .in_area("E08000002")
        .acknowledged("2021-03-02")
        .started("2021-03-10")
        .planned("2021-03-11")
        .key_worker("2021-03-11", "worker-1")
        .need("2021-03-12", "housing", 4)
        .group_changed("2021-03-13", "disability")
        .paused("2021-04-01")
        .resumed("2021-04-10")
        .job("2021-05-01", 20)
        .changed("2021-05-10", 16)
        .verified("2021-06-01", "2021-05-31")
        .paid("2021-05-31", 120_000)
        .ended("2021-06-30")
        .self_employed("2021-07-01", 30)
        .claimed("2021-08-01", "job-outcome")
        .claim_paid("2021-08-10", "job-outcome")
        .exited("2021-09-01")
        .rejoined("2021-09-10")
        .completed("2021-10-01")
        .referred("2021-11-01", "restart")
        .not_started("2021-11-05");
    given(whole)
        .record(
            person("P1").fact("2021-11-06", Entry::Started(Marked::of(participation("P1", 2).id))),
        )
        .then_recorded()
        .then_finds(Finding::OutOfSequence);
}

#[test]
fn a_wrong_test_is_told_what_is_expected_and_what_is() {
    fails(
        "the given facts cannot be recorded: P1-004: job 4222Y2P99XXX942R31001NX9WB is not \
         recorded for this participant: record it first",
        || drop(given(pilot("P1").ended("2015-10-01"))),
    );
    fails("\"1 March\" is not a day: write it like 2021-03-01", || {
        drop(person("P1").referred("1 March", PILOT));
    });
    fails("\"Bury\" is no area: write a code like E08000003", || {
        drop(person("P1").referred("2015-05-18", PILOT).in_area("Bury"));
    });
    fails("`told` is about the fact before it, and there is none", || {
        drop(person("P1").told("2015-05-18"));
    });
    fails(
        "the given facts cannot be recorded: P1-001: there is nothing before it to withdraw",
        || drop(given(person("P1").withdrawn("2015-05-18"))),
    );
    fails(
        "found that it is no adopted pack names the programme; no rule is read; expected: dated \
         before the referral",
        || {
            let job = person("P1").job("2015-09-01", 20);
            given(pilot("P1")).record(job).then_finds(Finding::BeforeReferral);
        },
    );
    fails(
        "refused: job 4222Y2P99XXX942R31001NX9WB is not recorded for this participant: record it \
         first; expected: recorded",
        || {
            given(pilot("P1")).record(person("P1").ended("2015-10-01")).then_recorded();
        },
    );
    fails("it is recorded; expected refusal: its source is blank: name it", || {
        let job = person("P1").job("2015-09-01", 20);
        let refusal = Refusal::NoName { what: "source" };
        given(pilot("P1")).record(job).then_refused(refusal);
    });
}

#[test]
fn a_day_is_one_that_evidence_can_write() {
    let job = |on| given(pilot("P1")).record(person("P1").job(on, 20));
    let refused = |on: &str| Refusal::NoSuchDay { on: on.parse().unwrap() };
    let _ = job("0000-12-31").then_refused(refused("0000-12-31"));
    let _ = job("0001-01-01").then_recorded();
}

#[test]
fn a_wrong_reading_is_told_in_words() {
    let works = || given(pilot("P1").job("2015-09-01", 20)).under(packs());
    fails(
        "sustained-12-months reads not_yet, until 2018-05-29 as of 2015-09-01; expected: met on \
         2016-08-31",
        || {
            works().reads("sustained-12-months").then_met("2016-08-31");
        },
    );
    fails(
        "sustained-12-months reads not_yet, until 2018-05-29 as of 2015-09-01; expected: unknown",
        || {
            works().reads("sustained-12-months").then(Answer::Unknown);
        },
    );
    fails(
        "sustained is not read of anybody as of 2015-09-01; these are: job-start, \
         sustained-12-months",
        || drop(works().reads("sustained")),
    );
    fails(
        "sustained is not read of anybody as of 2015-06-01; no rule is: name the programmes with \
         `under`",
        || drop(given(pilot("P1")).reads("sustained")),
    );
}

#[test]
fn a_wrong_count_is_told_key_by_key() {
    let one = || given(pilot("P1").job("2015-09-01", 20));
    fails(
        "jobs_by_hours does not count what is expected, as of 2015-09-01:\n  \
         16: expected 1, counted 0\n  20: expected 0, counted 1",
        || {
            one().project(&JobsByHours).then_counts([(16, 1)]);
        },
    );
    fails(
        "jobs_by_hours does not count what is expected, as of 2015-09-01:\n  \
         16: expected 2, counted 0",
        || {
            one().project(&JobsByHours).then_count(16, 2);
        },
    );
}

type Contribute = fn(&Replayed<'_>) -> i64;

/// A projection with a fault.
struct Faulty(Contribute);

impl Projection for Faulty {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "faulty"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<&'static str> {
        Contributions::of([("counted", (self.0)(replayed))])
    }
}

fn two() -> [Life; 2] {
    [pilot("P1").job("2015-09-01", 20), pilot("P2").job("2015-09-02", 16)]
}

/// Returns the message with which a test of a faulty projection fails.
fn found(faulty: Contribute, counted: i64) -> String {
    let panic = catch_unwind(|| {
        given(two()).project(&Faulty(faulty)).then_count("counted", counted);
    })
    .expect_err("no variation finds it");
    *panic.downcast::<String>().expect("a message")
}

#[test]
fn each_variation_finds_what_it_is_for() {
    let by_order = found(
        |replayed| {
            let is_start = |fact: &Fact| matches!(fact, Fact::Entry(Entry::Started(_)));
            let mut stream = replayed.stream().iter();
            let start = stream.position(|each| each.fact().is_some_and(is_start));
            i64::try_from(start.unwrap_or(9)).unwrap()
        },
        4,
    );
    assert_eq!(
        by_order,
        "faulty counts otherwise when facts arrive in another order (seed 7): P1 contributes\n    \
         \"counted\": 3 instead of 2\n  in this order:\n    \
         P1-001   2015-05-18 Referred P1/1 to working-well-pilot, told 2015-05-18\n    \
         P1-002   2015-05-19 ReferralAcknowledged, told 2015-05-19\n    \
         P1-004   2015-09-01 JobStarted job 1 20 h, told 2015-09-01\n    \
         P1-003   2015-06-01 Started, told 2015-06-01\n    \
         P2-001   2015-05-18 Referred P2/1 to working-well-pilot, told 2015-05-18\n    \
         P2-002   2015-05-19 ReferralAcknowledged, told 2015-05-19\n    \
         P2-003   2015-06-01 Started, told 2015-06-01\n    \
         P2-004   2015-09-02 JobStarted job 1 16 h, told 2015-09-02"
    );
    let by_batch = found(
        |replayed| {
            let mut instants: Vec<_> =
                replayed.stream().iter().map(|each| each.recorded_at).collect();
            instants.dedup();
            i64::try_from(instants.len()).unwrap()
        },
        8,
    );
    assert!(by_batch.contains("when facts are recorded in batches"), "{by_batch}");
    let by_upkeep = found(|replayed| i64::try_from(replayed.stream().len()).unwrap(), 8);
    assert!(by_upkeep.contains("when it is kept up event by event"), "{by_upkeep}");
    let by_place = found(
        |replayed| {
            let mut facts = replayed.journey.facts.iter();
            facts.next().map_or(0, |(_, first)| i64::from(first.recorded.position.get() == 1))
        },
        1,
    );
    assert!(by_place.contains("counts otherwise when"), "{by_place}");
}

#[test]
fn a_projection_that_remembers_is_found() {
    use std::sync::atomic::{AtomicI64, Ordering};
    static SEEN: AtomicI64 = AtomicI64::new(1);
    let remembers = found(|_| SEEN.fetch_add(1, Ordering::Relaxed), 3);
    assert!(remembers.contains("when every fact is sent twice"), "{remembers}");
}

#[test]
fn a_projection_that_asks_what_was_known_when_is_excused_from_the_order_of_recording() {
    let asks: Contribute = |replayed| {
        let mut facts = replayed.journey.facts.iter();
        let Some((_, first)) = facts.next() else { return 0 };
        let view = replayed.lens.view;
        let lens =
            replayed.lens.at(View { known_at: first.recorded.learned_at(view.basis), ..view });
        i64::try_from(replayed.at(&lens).journey.facts.len()).unwrap()
    };
    let says = found(asks, 2);
    assert!(says.contains("when facts were recorded in another order"), "{says}");
    given(two())
        .project(&Faulty(asks))
        .without(Variation::RecordingOrder)
        .seed(8)
        .then_count("counted", 2);
}

#[test]
fn a_failure_points_at_the_line_of_the_test() {
    use std::sync::Mutex;
    static FILES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(location) = panic.location() {
            FILES.lock().unwrap().push(format!("{}:{}", location.file(), location.line()));
        }
        before(panic);
    }));
    let line = line!() + 1;
    fails_somehow(|| _ = given(pilot("P1")).project(&JobsByHours).then_count(20, 1));
    fails_somehow(|| _ = given(pilot("P1")).as_of("nonsense"));
    fails_somehow(|| _ = given(pilot("P1").ended("2015-10-01")));
    fails_somehow(|| _ = given(pilot("P1")).record(pilot("P1")).then_duplicate());
    fails_somehow(|| _ = given(pilot("P1")).under(packs()).reads("none"));
    let files = FILES.lock().unwrap().clone(); // and not held: what fails here is told as well
    for line in line..line + 5 {
        let place = format!("given.rs:{line}");
        assert!(files.iter().any(|file| file.ends_with(&place)), "{place} is not in {files:?}");
    }
}

fn fails_somehow(test: impl FnOnce() + UnwindSafe) {
    catch_unwind(test).expect_err("the test does not fail");
}
