//! The read models, added up over the made-up people; and the laws that every read model keeps.

use std::fmt::Debug;

use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, AgesRow, Claims, Dimension, Doubt, Eligibility, Fees, Funnel, Needs,
    OfferStep, Provision, Standards, Targets, delivered,
};
use waystage_core::calendar::Month;
use waystage_core::contribution::{Contributions, Projection};

use crate::{LATE, day, engine, view};

fn sum<P: Projection>(model: &P) -> Contributions<P::Key> {
    engine().sum(model, view(LATE)).unwrap().model
}

fn month(text: &str) -> Month {
    Month::of(day(&format!("{text}-01")))
}

#[test]
fn standards_add_up_to_the_referrals_of_the_row() {
    let rows = Standards::rows(&sum(&Standards { by: Vec::new() }));
    let says = |by: &[waystage_cohorts::StandardRow]| {
        let rows = by.iter().map(|row| {
            let counts = row.counts;
            let six = [
                counts.met,
                counts.late,
                counts.open,
                counts.missing,
                counts.not_due,
                counts.unknown,
            ];
            let six = six.map(|count| count.to_string()).join(" ");
            let named: Vec<&str> =
                row.row.iter().map(|each| each.as_deref().unwrap_or("-")).collect();
            format!("{} {} {}: {six}", row.programme, row.standard, named.join(" "))
        });
        rows.collect::<Vec<_>>()
    };
    // acknowledge: met A D F G; late B; open H; missing C E; plan: met A; late E; missing D F G;
    // not due B C H
    let expected = ["example acknowledge : 4 1 1 2 0 0", "example plan : 1 1 0 3 3 0"];
    assert_eq!(says(&rows), expected);
    assert!(rows.iter().all(|row| row.counts.all() == 8), "eight referrals to the programme");
    assert_eq!(rows[0].counts.due(), 7, "all but the open one");
    // E08000001: A C E F H; 2: D G; 9: B
    let by_area = Standards::rows(&sum(&Standards { by: vec![Dimension::Area] }));
    let expected = [
        "example acknowledge E08000001: 2 0 1 2 0 0",
        "example acknowledge E08000002: 2 0 0 0 0 0",
        "example acknowledge E08000009: 0 1 0 0 0 0",
    ];
    assert_eq!(says(&by_area)[..3], expected);
}

#[test]
fn eligibility_counts_gates_and_names_whom_to_ask_about() {
    let model = sum(&Eligibility);
    let gates = Eligibility::gates(&model).into_iter().map(|((programme, gate), counts)| {
        let four = [counts.met, counts.not_met, counts.not_yet, counts.unknown];
        assert_eq!((programme.as_str(), counts.all()), ("example", 8));
        format!("{gate} {}", four.map(|count| count.to_string()).join(" "))
    });
    // the columns of the letters in the readings: met, not met, not yet, unknown
    let expected = [
        "age 4 2 0 2",
        "alone 6 2 0 0",
        "area 7 1 0 0",
        "assessed 1 1 2 4",
        "benefit 1 0 0 7",
        "group 3 3 0 2",
        "in-time 7 1 0 0",
        "never 6 2 0 0",
        "out-of-work 7 1 0 0",
    ];
    assert_eq!(gates.collect::<Vec<_>>(), expected);
    let asked = Eligibility::ineligible(&model);
    // not met: B four, C two, D three, E four; and E is on two programmes from 1 July
    assert_eq!(asked.len(), 4 + 2 + 3 + 4 + 2);
    let at_once = asked.iter().filter_map(|row| match &row.doubt {
        Doubt::AtOnceOn { programme, participation, .. } => {
            let because = row.because.join(" ");
            Some(format!("{} with {programme} {participation}: {because}", row.participation))
        }
        Doubt::Gate(_) => None,
    });
    let expected = ["PE with other PE0: ST-E0 ST-E", "PE0 with example PE: ST-E0 ST-E"];
    assert_eq!(at_once.collect::<Vec<_>>(), expected);
    let of_b = asked.iter().filter(|row| row.participation == "PB").map(|row| match &row.doubt {
        Doubt::Gate(gate) => format!("{gate}: {}", row.because.join(" ")),
        Doubt::AtOnceOn { .. } => "at once".to_owned(),
    });
    let expected = ["area: RF-B", "assessed: RF-B EL-B", "group: RF-B", "out-of-work: JS-B RF-B"];
    assert_eq!(of_b.collect::<Vec<_>>(), expected);
}

#[test]
fn needs_are_severe_by_the_threshold_of_their_day() {
    let rows = Needs::rows(&sum(&Needs));
    let of = &rows["example"];
    // started: A D E F G; needs were rated of A and E
    assert_eq!((of.referrals, of.starts, of.rated), (8, 5, 2));
    let needs = of.needs.iter().map(|(category, need)| {
        let (severe, not, unknown) = (need.severe, need.not_severe, need.unknown);
        format!("{category} {} = {severe} + {not} + {unknown}, {}", need.identified(), need.none)
    });
    // A: housing 4 from 4 was severe, and is not when it is 1 later; debt 3 is not; caring 0 is no
    // need. E: in July the threshold is 5, so housing 4 is not; in December 2023 there was none
    let expected = [
        "caring 0 = 0 + 0 + 0, 1",
        "debt 2 = 0 + 1 + 1, 0",
        "housing 2 = 0 + 2 + 0, 0",
        "mental_health 1 = 1 + 0 + 0, 0",
    ];
    assert_eq!(needs.collect::<Vec<_>>(), expected);
    assert_eq!((rows["other"].referrals, rows["other"].rated), (2, 0));
}

#[test]
fn distance_travelled_has_sums_and_denominators() {
    let rows = Needs::rows(&sum(&Needs));
    let travelled = rows["example"].travelled.iter().map(|((instrument, version), row)| {
        let numbers = [
            row.assessed,
            row.scored,
            row.twice,
            row.better,
            row.same,
            row.worse,
            row.better_for_sure,
            row.meaning_unknown,
            row.first_sum,
            row.latest_sum,
        ];
        format!("{instrument} {version}: {}", numbers.map(|each| each.to_string()).join(" "))
    });
    // version 1: A 6 to 9, D 9 to 8 and E without a score; version 2: F 10 to 8, less is better
    let expected = [
        "feelings 1: 1 0 0 0 0 0 0 0 0 0",
        "wellbeing 1: 3 2 2 1 0 1 1 0 15 17",
        "wellbeing 2: 1 1 1 1 0 0 0 1 10 8",
    ];
    assert_eq!(travelled.collect::<Vec<_>>(), expected);
}

#[test]
fn interventions_are_counted_once_a_step_and_waits_in_days() {
    let rows = Provision::rows(&sum(&Provision));
    let says = rows.iter().map(|row| {
        let offer = &row.offer;
        let catalogue = match offer.in_catalogue {
            Some(true) => "in",
            Some(false) => "out",
            None => "none",
        };
        let steps = [
            OfferStep::Recommended,
            OfferStep::Referred,
            OfferStep::Accepted,
            OfferStep::Declined,
            OfferStep::Started,
            OfferStep::Completed,
        ];
        let steps = steps.map(|step| row.reached(step).to_string()).join(" ");
        format!(
            "{} {} {} {} {catalogue}: {} = {steps}; {} in {}, {} for {}",
            offer.programme,
            offer.category,
            offer.delivery,
            offer.provider.as_deref().unwrap_or("-"),
            row.interventions,
            row.waited,
            row.waited_days,
            row.waiting,
            row.waiting_days
        )
    });
    let expected = [
        // E waits from 1 September to 1 October; G left while waiting
        "example debt_advice signposted - in: 2 = 1 1 0 0 0 0; 0 in 0, 1 for 30",
        // nobody waited for what begins without a referral
        "example gardening self_arranged - out: 1 = 0 0 0 0 1 0; 0 in 0, 0 for 0",
        // A: 22 May to 1 June, 10 days; D: 10 June to 1 July, 21, the second start counts once and
        // the provider is the last one told; E declined
        "example talking_therapies statutory nhs in: 3 = 1 3 1 1 2 1; 2 in 31, 0 for 0",
        "other gardening self_arranged club none: 1 = 0 0 0 0 1 0; 0 in 0, 0 for 0",
    ];
    assert_eq!(says.collect::<Vec<_>>(), expected);
}

#[test]
fn fees_stand_in_the_month_that_earned_them() {
    let rows = Fees::rows(&sum(&Fees));
    let says = rows.iter().map(|row| {
        let tier = row.tier.as_deref().unwrap_or("-");
        let (count, pence, unknown) = (row.count, row.pence, row.unknown);
        format!("{} {tier} {}: {count} {pence} {unknown}", row.fee, row.month)
    });
    let expected = [
        "earned higher 2024-05: 1 90000 0",
        "earned lower 2024-04: 1 50000 0",
        "job-start - 2024-06: 1 0 1", // A, of unknown amount
        "job-start - 2024-07: 1 0 1", // D
        "start - 2024-03: 1 10000 0", // F
        "start - 2024-04: 1 10000 0", // E
        "start - 2024-05: 1 10000 0", // A
        "start - 2024-06: 1 12000 0", // D, by the second version
        "start - 2024-08: 1 12000 0", // G
    ];
    assert_eq!(says.collect::<Vec<_>>(), expected);
}

#[test]
fn delivery_fees_follow_from_the_pack_and_the_day() {
    let delivered = |as_of: &str| {
        let lens = engine().lens(view(as_of)).unwrap();
        let rows = delivered(lens.programmes(), day(as_of));
        let pence: i64 = rows.iter().map(|row| row.pence).sum();
        let unknown: i64 = rows.iter().map(|row| row.unknown).sum();
        (rows.len(), pence, unknown)
    };
    // 5,000.00 a month from January to March, then nine months of unknown amount
    assert_eq!(delivered("2023-12-31"), (0, 0, 0));
    assert_eq!(delivered("2024-01-01"), (1, 500_000, 0));
    assert_eq!(delivered("2024-03-31"), (3, 1_500_000, 0));
    assert_eq!(delivered(LATE), (10, 1_500_000, 7));
    assert_eq!(delivered("2026-01-01"), (12, 1_500_000, 9));
}

#[test]
fn outcomes_of_a_cohort_above_a_number_are_paid_more() {
    let rows = Accelerated::rows(&sum(&Accelerated));
    let says = rows.iter().map(|row| {
        let pence = row.pence.map_or_else(|| "?".to_owned(), |pence| pence.to_string());
        format!("{} {}: {} {} {pence}", row.fee, row.cohort, row.outcomes, row.above)
    });
    // A and D, who started in May and June, have a job start each: one is above one
    let expected = ["job-start 2024-Q2: 2 1 2500", "earned/lower all: 1 1 ?"];
    assert_eq!(says.collect::<Vec<_>>(), expected);
}

/// Returns every target in a month: actual and planned, in the month, over three, over twelve and
/// from the beginning.
fn targets(of: &str) -> Vec<String> {
    let lens = engine().lens(view(LATE)).unwrap();
    let rows = Targets::rows(&sum(&Targets), lens.programmes(), month(of));
    let says = rows.iter().map(|row| {
        let spans = [row.in_month, row.rolling_three, row.rolling_twelve, row.cumulative];
        let spans = spans.map(|each| match each.planned {
            Some(planned) => format!("{}/{planned}", each.actual),
            None => format!("{}/-", each.actual),
        });
        format!("{} {}", row.target, spans.join(" "))
    });
    says.collect()
}

#[test]
fn targets_are_compared_in_the_month_and_over_three_and_twelve() {
    // seven referrals planned for April to June are 2, 2 and 3. They came: C in December; F in
    // March, E in April, A B D in May, G in August, H in September
    let expected = [
        "referrals 3/2 5/4 6/4 6/4",
        "starts-in-one-area 1/4 3/4 3/4 3/4", // F in March, E in April, A in May
        "jobs 0/- 0/- 0/- 0/-",               // none is planned before June
        "jobs-of-disabled-people 0/- 0/- 0/- 0/-",
        "earned 0/- 1/1 1/1 1/1", // F in April, once for two tiers
    ];
    assert_eq!(targets("2024-05"), expected);
    let expected = [
        "referrals 0/3 4/7 6/7 6/7",
        "starts-in-one-area 0/- 2/4 3/4 3/4",
        "jobs 1/2 1/2 1/2 1/2", // A
        "jobs-of-disabled-people 1/1 1/1 1/1 1/1",
        "earned 0/- 1/1 1/1 1/1",
    ];
    assert_eq!(targets("2024-06"), expected);
    let expected = [
        "referrals 1/- 2/- 8/7 8/7",
        "starts-in-one-area 0/- 0/- 3/4 3/4",
        "jobs 0/- 1/- 2/2 2/2", // D in July
        "jobs-of-disabled-people 0/- 0/- 1/1 1/1",
        "earned 0/- 0/- 1/1 1/1",
    ];
    assert_eq!(targets("2024-09"), expected);
}

#[test]
fn cohorts_are_compared_at_like_ages() {
    let rows = Ages::rows(&sum(&Ages));
    let says = |rule: &str| {
        let of_rule = rows.iter().filter(|row| row.rule == rule);
        let says = |row: &AgesRow| {
            format!("{} {}: {}/{} {}", row.cohort, row.age, row.met, row.old_enough, row.unknown)
        };
        of_rule.map(says).collect::<Vec<_>>()
    };
    // F started on 4 March and is old enough for 6 months on 1 October, not for 9; E, 15 April, for
    // 3; A, 13 May, for 3 and had a job by then; D, 3 June, for 3, with a job on 15 July; G, 5
    // August, for none but the first day
    let expected = [
        "2024-03 0: 0/1 0",
        "2024-03 3: 0/1 0",
        "2024-03 6: 0/1 0",
        "2024-04 0: 0/1 0",
        "2024-04 3: 0/1 0",
        "2024-05 0: 0/1 0",
        "2024-05 3: 1/1 0",
        "2024-06 0: 0/1 0",
        "2024-06 3: 1/1 0",
        "2024-08 0: 0/1 0",
    ];
    assert_eq!(says("job-start"), expected);
    assert_eq!(
        says("earned/higher")[..3],
        ["2024-03 0: 0/1 0", "2024-03 3: 1/1 0", "2024-03 6: 1/1 0"]
    );
    // only jobs of the first 60 days count, and nobody told whether A's went on after 30 June and
    // the week of belief: the first day that is not known, 8 July, lies before 13 August. So with D
    let sustained = says("sustained");
    assert_eq!(sustained[5..7], ["2024-05 0: 0/1 0", "2024-05 3: 0/1 1"]);
    assert_eq!(sustained[7..9], ["2024-06 0: 0/1 0", "2024-06 3: 0/1 1"]);
}

#[test]
fn key_workers_carry_those_who_search_and_those_in_work() {
    let rows = KeyWorkers::rows(&sum(&KeyWorkers));
    let says = rows.iter().map(|row| {
        let stages =
            row.stages.iter().map(|(stage, (search, work))| format!("{stage} {search}+{work}"));
        let named = row.key_worker.as_deref().unwrap_or("-");
        let stages = stages.collect::<Vec<_>>().join(" ");
        format!("{named} {} = {} + {}: {stages}", row.all(), row.job_search(), row.in_work())
    });
    // B, F and G are closed, and so is D's first; C and H were only referred, E came back to PE0
    let expected = [
        "- 3 = 3 + 0: referred 2+0 started 1+0",
        "KW1 2 = 0 + 2: supported 0+2", // A and D
        "KW2 1 = 1 + 0: paused 1+0",    // E
    ];
    assert_eq!(says.collect::<Vec<_>>(), expected);
}

#[test]
fn the_caseload_says_when_support_ends() {
    let next = |participation: &str, as_of: &str| {
        let model = engine().sum(&Caseload, view(as_of)).unwrap();
        let row = model.iter().find(|(row, _)| row.participation == participation);
        row.unwrap().0.next.as_ref().map(|(on, what)| format!("{on} {what}"))
    };
    // the first job start was on 10 June, day 1 of 50: 29 July
    let in_work = "2024-07-29 last day of support (in-work)";
    assert_eq!(next("PA", "2024-06-30").as_deref(), Some(in_work));
    assert_eq!(next("PA", LATE).as_deref(), Some("2024-07-29 support ended (in-work)"));
    // before the job: 13 May + 100 days; the plan is agreed
    let before_work = "2024-08-21 last day of support (pre-work)";
    assert_eq!(next("PA", "2024-06-09").as_deref(), Some(before_work));
    // who left has no last day of support. Jobs count until day 60, 4 October, and eight weeks of
    // work from there end on 28 November
    let rule = "2024-11-28 last day that can count for sustained";
    assert_eq!(next("PG", LATE).as_deref(), Some(rule));
}

/// Every read model is the same whole, in parts and after subtracting and adding.
fn keeps_the_laws<P: Projection>(model: &P)
where
    P::Key: Debug,
{
    let mut seen = false;
    for as_of in ["2023-12-31", "2024-05-08", "2024-07-05", LATE, "2025-12-31"] {
        let view = view(as_of);
        let lens = engine().lens(view).unwrap();
        let whole = engine().sum(model, view).unwrap().model;
        let parts = engine().replay(&lens).each(|replayed| model.contribute(replayed)).unwrap();
        let mut backwards = Contributions::none();
        parts.iter().rev().for_each(|part| backwards.add(part));
        assert_eq!(backwards, whole, "{} as of {as_of}", model.name());
        for part in &parts {
            backwards.subtract(part);
            backwards.add(part);
        }
        assert_eq!(backwards, whole, "{} as of {as_of}", model.name());
        for part in &parts {
            backwards.subtract(part);
        }
        assert!(backwards.is_empty(), "{} as of {as_of}", model.name());
        assert!(whole.iter().all(|(_, amount)| amount > 0), "{} as of {as_of}", model.name());
        seen |= !whole.is_empty();
    }
    assert!(seen, "{} counts something", model.name());
}

#[test]
fn every_model_is_the_same_whole_in_parts_and_after_subtracting_and_adding() {
    let by = vec![Dimension::Programme, Dimension::Month];
    keeps_the_laws(&Funnel { by: by.clone() });
    keeps_the_laws(&Standards { by });
    keeps_the_laws(&Eligibility);
    keeps_the_laws(&Needs);
    keeps_the_laws(&Provision);
    keeps_the_laws(&Fees);
    keeps_the_laws(&Accelerated);
    keeps_the_laws(&Targets);
    keeps_the_laws(&Ages);
    keeps_the_laws(&Claims);
    keeps_the_laws(&Caseload);
    keeps_the_laws(&KeyWorkers);
}
