//! What a careless answer would get wrong, question by question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, Days};
use waystage::core::contribution::Projection;
use waystage::core::journey::Fact;
use waystage::core::journey::evidence::{Evidence, Method};
use waystage::core::replayed::Replayed;
use waystage::core::rules::Answer;
use waystage_cohorts::Accelerated;
use waystage_testkit::given::{Life, Reads};
use waystage_testkit::{given, person};

use crate::answers::{self, GREATER_MANCHESTER, income};
use crate::page::SECTIONS;
use crate::world::{All, Asked, Read, World, names};

/// Reads a rule of a life under the packs as a file edits them, or as they are.
fn reads(file: Option<&str>, life: Life, as_of: &str, rule: &str) -> Reads {
    let world = World::demo();
    let plain = world.engine.lens(world.view).unwrap();
    let asked = file.map(|name| world.ask(&format!("{name}.toml")));
    let lens = asked.as_ref().map_or(&plain, |asked| &asked.lens);
    given(life).as_of(as_of).under(lens.programmes()).reads(rule)
}

fn of<'a>(all: &'a All, programme: &'a str) -> impl Iterator<Item = &'a Read> {
    all.values().map(Arc::as_ref).filter(move |read| read.programme == programme)
}

fn is_met(read: &Read, rule: &str) -> bool {
    read.rules[rule].0 == Answer::Met
}

#[test]
fn every_file_is_read_and_says_what_it_assumes_and_stands_on_a_page() {
    let listed: BTreeSet<String> = SECTIONS
        .iter()
        .flat_map(|section| section.files)
        .chain(&["fair-start-scotland"])
        .map(|name| format!("{name}.toml"))
        .collect();
    assert_eq!(names().into_iter().collect::<BTreeSet<_>>(), listed);
    for name in names() {
        let asked = World::demo().ask(&name);
        let scenario = &asked.file.scenario;
        assert!(!scenario.name.is_empty() && !scenario.purpose.is_empty(), "{name}");
        assert!(!scenario.assumptions.is_empty(), "{name}");
        assert!(!scenario.changes.is_empty() || !scenario.overlays.is_empty(), "{name}");
        if name.starts_with("01-") {
            let mut assumed = scenario.assumptions.iter();
            assert!(assumed.any(|each| each.starts_with("the rate is of")), "{name}");
        }
    }
}

#[test]
fn a_scenario_leaves_the_denominators_and_the_control_groups_as_they_are() {
    let mut compared = 0;
    for name in names() {
        let asked = World::demo().ask(&name);
        let recorded = |all: &All| all.values().filter(|read| !read.is_assumed).count();
        let whole =
            asked.after.values().filter(|read| asked.before.contains_key(&read.participation));
        assert_eq!(whole.count(), asked.before.len(), "{name}");
        assert!(recorded(&asked.after) <= recorded(&asked.before), "{name}");
        for programme in asked.programmes() {
            let rules: BTreeSet<&String> =
                of(&asked.before, &programme).flat_map(|read| read.rules.keys()).collect();
            for rule in rules {
                let [before, after] = [&*asked.before, &asked.after].map(|all| {
                    let known = |read: &&Read| asked.before.contains_key(&read.participation);
                    let all = of(all, &programme).filter(known);
                    all.filter(|read| read.rules.contains_key(rule)).count()
                });
                let is_tiered = name.starts_with("05-") && rule == "job-outcome";
                assert!(before == after || is_tiered && after == 0, "{name} {programme}/{rule}");
                compared += 1;
            }
        }
        let controls = asked.after.values().filter(|read| read.is_control);
        let controls: Vec<&Arc<Read>> = controls.collect();
        assert!(controls.len() > 20);
        for read in controls {
            assert_eq!((read.started, read.is_open), (None, false), "{name}");
            assert!(read.fees.is_empty(), "{name}");
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn the_answer_to_the_first_question_hangs_on_the_date_that_fixes_the_rate() {
    // 416 hours: 3,257.28 at the rate of the start, 3,415.36 at that of April 2019, 3,744.00 real
    let life = || {
        let life = person("P1").referred("2018-12-20", GREATER_MANCHESTER);
        let life = life.acknowledged("2018-12-21").started("2019-01-02");
        life.paid("2019-03-29", 100_000).paid("2019-05-31", 230_000)
    };
    let read = |file| reads(file, life(), "2019-06-30", "job-outcome");
    read(None).then_not_yet("2020-10-01");
    read(Some("01-national-wage-at-start")).then_met("2019-05-31");
    read(Some("01-national-wage-at-first-payment")).then_met("2019-05-31");
    read(Some("01-national-wage-at-outcome")).then_not_yet("2020-10-01");
    read(Some("01-national-wage")).then_met("2019-05-31");
    let met = |name: &str| {
        let asked = World::demo().ask(&format!("{name}.toml"));
        let [_, lost, _, _] = asked.moves(GREATER_MANCHESTER, "job-outcome");
        assert_eq!(lost, 0, "the national rate is the lower one: {name}");
        Asked::counts(&asked.after, GREATER_MANCHESTER, "job-outcome")[0]
    };
    let dates = ["at-start", "at-first-payment", "at-outcome"];
    let met: Vec<i64> = dates.iter().map(|date| met(&format!("01-national-wage-{date}"))).collect();
    assert!(met[0] > met[1] && met[1] > met[2], "{met:?}");
}

#[test]
fn days_638_and_639_end_on_the_same_day_under_the_two_countings() {
    let life = |paid: &str| {
        let life = person("P1").referred("2018-12-20", GREATER_MANCHESTER);
        life.acknowledged("2018-12-21").started("2019-01-01").paid(paid, 400_000)
    };
    let read = |file, paid| reads(file, life(paid), "2020-12-31", "job-outcome");
    for file in [None, Some("02-window-639-days")] {
        read(file, "2020-09-30").then_met("2020-09-30");
        read(file, "2020-10-01").then_not_met();
    }
    read(Some("02-window-639-days-after"), "2020-10-01").then_met("2020-10-01");
    read(Some("02-window-639-days-after"), "2020-10-02").then_not_met();
    let asked = World::demo().ask("02-window-639-days.toml");
    assert!(*asked.before == asked.after);
    // nobody has failed under an open window, who has not left its denominator
    let open = World::demo().ask("02-window-open.toml");
    for (before, after) in open.of(GREATER_MANCHESTER) {
        let failed = after.rules["job-outcome"].0 == Answer::NotMet;
        assert!(!failed || after.started.is_none());
        assert!(!is_met(before.unwrap(), "job-outcome") || is_met(after, "job-outcome"));
    }
}

#[test]
fn the_gap_rule_and_the_job_decide_who_was_a_year_in_work() {
    let started = || {
        let life = person("P1").referred("2014-12-20", "working-well-pilot");
        life.acknowledged("2014-12-22").started("2015-01-05")
    };
    let rule = "sustained-12-months";
    let read = |file, life| reads(file, life, "2018-12-31", rule);
    // a gap of twenty days between two long jobs
    let gap = || {
        let life = started().job("2015-02-02", 20).ended("2015-08-30");
        let life = life.job("2015-09-20", 20).ended("2016-06-30");
        life.verified("2016-06-30", "2016-06-30")
    };
    read(None, gap()).then_not_met();
    read(Some("03-gap-0-days"), gap()).then_not_met();
    read(Some("03-gap-28-days"), gap()).then(Answer::Met);
    read(Some("03-52-in-60"), gap()).then(Answer::Met);
    read(Some("03-52-in-60-longest-job"), gap()).then(Answer::Met);
    // a job of a fortnight, and half a year later one that lasts
    let later = || {
        let life = started().job("2015-02-02", 20).ended("2015-02-15");
        life.job("2015-09-01", 20).ended("2016-12-31").verified("2016-12-31", "2016-12-31")
    };
    read(Some("03-52-in-60"), later()).then(Answer::Met);
    read(Some("03-52-in-60-first-job"), later()).then_not_met();
    // two jobs of ten hours at once
    let two = || {
        let life = started().job("2015-02-02", 10).ended("2016-12-31");
        life.job("2015-02-02", 10).ended("2016-12-31")
    };
    read(Some("03-52-in-60"), two()).then(Answer::Met);
    read(Some("03-52-in-60-longest-job"), two()).then_not_met();
    read(Some("03-52-in-60-any-hours"), two()).then(Answer::Met);
}

#[test]
fn with_the_rate_of_the_start_no_outcome_comes_later_and_no_start_moves() {
    let asked = World::demo().ask("04-rate-at-start.toml");
    let mut moved = 0;
    for (name, before) in asked.before.iter() {
        let after = &asked.after[name];
        assert_eq!(before.started, after.started);
        for (rule, (answer, on)) in &before.rules {
            let (now, when) = after.rules[rule];
            assert!(*answer != Answer::Met || now == Answer::Met && when <= *on, "{name} {rule}");
            moved += i64::from((*answer, *on) != (now, when));
        }
    }
    assert!(moved > 10, "{moved}");
}

#[test]
fn two_tiers_are_one_outcome_of_one_participation() {
    let asked = World::demo().ask("05-lower-outcomes.toml");
    let [lower, higher, either] = answers::tiers(&asked);
    assert_eq!((higher > 0, either), (true, lower));
    let mut both = 0;
    for (_, after) in asked.of("whp-pioneer") {
        let tier = |tier: &str| is_met(after, &format!("job-outcome/{tier}"));
        assert!(!tier("higher") || tier("lower"));
        let paid: i64 = after.fees.values().sum();
        let due = [("lower", 130_000), ("higher", 130_000)];
        assert_eq!(
            paid,
            due.iter().filter(|(name, _)| tier(name)).map(|(_, pence)| *pence).sum::<i64>()
        );
        both += i64::from(paid == 260_000);
    }
    assert_eq!(both, i64::try_from(higher).unwrap());
}

#[test]
fn referrals_that_never_were_are_assumed_and_counted_apart() {
    let asked = World::demo().ask("06-referred-on.toml");
    for (name, before) in asked.before.iter() {
        assert_eq!(before, &asked.after[name], "nobody else's journey is another");
    }
    let assumed = asked.after.values().filter(|read| read.is_assumed);
    let assumed: Vec<&Arc<Read>> = assumed.collect();
    assert_eq!((assumed.len(), asked.after.len() - asked.before.len()), (15, 15));
    for read in assumed {
        assert!(read.is_open && !read.is_control && read.fees.is_empty());
        assert!(read.rules.values().all(|(answer, _)| *answer == Answer::NotYet));
        let last = read.limits["pre-work"].unwrap();
        assert!(last >= asked.lens.view.as_of, "the 456 days are over");
    }
}

#[test]
fn the_accelerator_is_earned_by_a_cohort_and_by_nobody_in_it() {
    let world = World::demo();
    let asked = world.ask("07-paid-30-70.toml");
    let paid = income(world, &asked.lens);
    let mut cohorts: BTreeMap<i32, i64> = BTreeMap::new();
    for read in of(&asked.after, GREATER_MANCHESTER).filter(|read| is_met(read, "job-outcome")) {
        *cohorts.entry(read.started.unwrap().year()).or_default() += 1;
    }
    let above: i64 = cohorts.values().map(|outcomes| (outcomes - 40).max(0)).sum();
    assert!(above > 0 && cohorts.values().any(|outcomes| *outcomes < 40));
    assert_eq!(paid.accelerated, above * 50_000);
    // asked of each person alone it is nothing, and the fees are all that persons earn
    let alone = |replayed: &Replayed<'_>| {
        let rows = Accelerated::rows(&Accelerated.contribute(replayed));
        rows.iter().map(|row| row.pence.unwrap()).sum::<i64>()
    };
    let alone = world.engine.replay(&asked.lens).each(alone).unwrap().each;
    assert_eq!(alone.iter().sum::<i64>(), 0);
    let fees = of(&asked.after, GREATER_MANCHESTER).flat_map(|read| read.fees.values());
    assert_eq!(paid.fees, fees.sum::<i64>());
}

#[test]
fn three_payments_for_weeks_are_parts_of_one_job_and_no_three_outcomes() {
    let world = World::demo();
    let asked = world.ask("07-paid-13-26-52-weeks.toml");
    let paid = income(world, &asked.lens);
    let people = of(&asked.after, GREATER_MANCHESTER).filter(|read| !read.fees.is_empty());
    let people = i64::try_from(people.count()).unwrap();
    assert!(paid.earned > people && people > 0, "{} {people}", paid.earned);
    // the windows are not nested: a gap of six weeks loses the 26 of 30 and not the 52 of 60
    let life = || {
        let life = person("P1").referred("2018-12-20", GREATER_MANCHESTER);
        let life = life.acknowledged("2018-12-21").started("2019-01-01");
        let life = life.job("2020-03-02", 20).ended("2020-07-19");
        life.job("2020-08-31", 20).ended("2021-06-30").verified("2021-06-30", "2021-06-30")
    };
    let file = Some("07-paid-13-26-52-weeks");
    reads(file, life(), "2021-12-31", "weeks-52-in-60").then(Answer::Met);
    reads(file, life(), "2021-12-31", "weeks-26-in-30").then_not_met();
    reads(file, life(), "2021-12-31", "weeks-13-in-16").then(Answer::Met);
    // nor is the 13 of 16: four weeks of few hours lose it, and not the 26 of 30
    let life = || {
        let life = person("P1").referred("2018-12-20", GREATER_MANCHESTER);
        let life = life.acknowledged("2018-12-21").started("2019-01-01").job("2019-03-04", 20);
        let life = life.changed("2019-04-01", 8).changed("2019-04-29", 20).ended("2020-06-30");
        life.verified("2020-06-30", "2020-06-30")
    };
    reads(file, life(), "2021-12-31", "weeks-13-in-16").then_not_met();
    reads(file, life(), "2021-12-31", "weeks-26-in-30").then(Answer::Met);
    let all = asked.after.values().filter(|read| read.fees.contains_key("weeks-52-in-60"));
    assert!(all.clone().any(|read| read.fees.len() == 3));
    assert_eq!((paid.delivery, paid.accelerated), (0, 0));
}

#[test]
fn what_is_not_measured_from_the_start_does_not_move_with_it() {
    let world = World::demo();
    let asked = world.ask("08-start-is-the-agreement.toml");
    let base = world.ask("08-start-is-the-meeting.toml");
    for standard in ["acknowledge-referral", "agree-action-plan"] {
        let [before, after] =
            [&base.after, &asked.after].map(|all| answers::standards(all, standard));
        assert_eq!(before, after);
    }
    let week = Days::new(7);
    for (name, before) in base.after.iter().filter(|(_, of)| of.programme == GREATER_MANCHESTER) {
        let after = &asked.after[name];
        assert_eq!(before.started, after.started.map(|on| on + week));
        let [was, is] = [before, after].map(|read| read.limits["pre-work"]);
        assert_eq!(was, is.map(|on| on + week));
        assert_eq!(before.referred, after.referred);
    }
    let others = base.after.values().filter(|read| read.programme != GREATER_MANCHESTER);
    assert!(others.clone().count() > 1000);
    assert!(others.clone().all(|read| asked.after[&read.participation].started == read.started));
}

#[test]
fn moving_people_to_other_key_workers_moves_no_reading() {
    for file in ["09-two-key-workers.toml", "09-four-key-workers.toml"] {
        let asked = World::demo().ask(file);
        let mut moved = 0;
        for (name, before) in asked.before.iter() {
            let after =
                Read { key_worker: before.key_worker.clone(), ..(*asked.after[name]).clone() };
            let is_new = |name: &String| name.starts_with("KW-");
            let is_moved = asked.after[name].key_worker.as_ref().is_some_and(is_new);
            assert_eq!(is_moved, asked.after[name].key_worker != before.key_worker, "{name}");
            assert!(!is_moved || after.is_assumed, "{name}");
            moved += i64::from(is_moved);
            assert_eq!(**before, Read { is_assumed: before.is_assumed, ..after }, "{name}");
        }
        assert!(moved > 20, "{moved}");
        let [before, after] = [&*asked.before, &asked.after].map(answers::carried);
        assert_eq!(before.values().sum::<i64>(), after.values().sum::<i64>());
    }
}

#[test]
fn only_what_employers_said_of_people_who_never_claimed_loses_its_place() {
    let world = World::demo();
    let asked = world.ask("10-consent.toml");
    let contact = [Method::EmployerLetter, Method::EmployerCall];
    let (mut away, mut kept) = (0, 0);
    for (participant, stream) in world.streams() {
        let has_claimed = stream.iter().any(|event| {
            matches!(event.fact(), Some(Fact::Evidence(Evidence::BenefitObserved(_))))
        });
        let gone = asked.file.scenario.away(*participant, stream);
        for event in stream {
            let Some(Fact::Evidence(Evidence::EmploymentVerified(fact))) = event.fact() else {
                assert!(!gone.contains(&event.id));
                continue;
            };
            let goes = contact.contains(&fact.method) && !has_claimed;
            assert_eq!(gone.contains(&event.id), goes);
            away += i64::from(goes);
            kept += i64::from(contact.contains(&fact.method) && has_claimed);
        }
    }
    assert!(away > 100 && kept > 100, "{away} {kept}");
    for (name, before) in asked.before.iter() {
        let after = &asked.after[name];
        let enough = |read: &Read| read.claims.iter().filter(|each| each.1 == Answer::Met).count();
        assert!(enough(after) <= enough(before));
        let earnings = ["working-well-whp", "whp-pioneer"].contains(&before.programme.as_str());
        let of = |read: &Read| read.rules.get("job-outcome").copied();
        assert!(!earnings || of(before) == of(after), "outcomes of earnings rest on statements");
    }
}
