//! The generated programmes: what they say beside their rules is the same in every world, so that
//! whatever reads it is tried on every world.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use waystage_core::calendar::{BankHolidays, DayCount, Month, days_after};
use waystage_core::id::{Position, ProgrammeId};
use waystage_core::journey::code::GssCode;
use waystage_core::journey::entry::ParticipationType;
use waystage_core::journey::evidence::Method;
use waystage_core::programme::{
    Accelerator, Adopted, Adoption, Adoptions, ClaimRule, ClaimTerms, ClientGroup, Cohort, Fee,
    FeeVersion, Gate, GateTest, Ground, GroupVersion, Instrument, InterventionKind, Limit, Measure,
    Milestone, Pauses, Phase, Programme, Provision, Questions, RateRow, RateTable, Scoring,
    SevereFrom, Standard, Target, Within,
};
use waystage_core::time::Timestamp;

use super::first_day;
use super::rules::RuleDraft;

/// The programme to which everybody in a generated world is referred.
pub const PROGRAMME: &str = "generated";

/// A second programme of every generated world, to which some are referred as well.
pub const OTHER: &str = "generated-other";

pub(super) fn area(number: u32) -> GssCode {
    let text = format!("E0800000{}", number % 10);
    GssCode::parse(&text).unwrap_or_else(|| unreachable!("eight digits"))
}

fn after(days: u32) -> NaiveDate {
    days_after(first_day(), days)
}

/// Returns the generated programmes and their tables, adopted before anything else.
pub(super) fn adopted(rules: &[RuleDraft]) -> Adoptions {
    let one = programme(PROGRAMME, rules.iter().collect());
    // the other has the same rules under other names, and no calendar
    let turned = rules.iter().rev().take(2).collect();
    let other = Programme { calendar: None, ..programme(OTHER, turned) };
    let row = |day, pence| RateRow { effective_from: after(day), pence };
    let rates = RateTable {
        id: "generated".into(),
        name: "Generated".to_owned(),
        reference: "none: generated for tests".to_owned(),
        rows: vec![row(0, 500), row(75, 600), row(200, 550)],
    };
    let calendar = BankHolidays {
        id: "generated".into(),
        name: "Generated".to_owned(),
        reference: "none: generated for tests".to_owned(),
        days: BTreeSet::from([after(3), after(10), after(90)]),
    };
    let adoption = |adopted| Adoption {
        position: Position::FIRST,
        recorded_at: Timestamp::MIN,
        digest: "none".to_owned(),
        adopted,
    };
    Adoptions::new(vec![
        adoption(Adopted::Programme(one)),
        adoption(Adopted::Programme(other)),
        adoption(Adopted::Tables {
            rates: vec![rates],
            calendars: vec![calendar],
            geographies: Vec::new(),
        }),
    ])
}

fn programme(id: &str, rules: Vec<&RuleDraft>) -> Programme {
    let rules = rules.into_iter().enumerate();
    Programme {
        id: ProgrammeId::from(id),
        name: "Generated".to_owned(),
        reference: "none: generated for tests".to_owned(),
        referrals_from: None,
        referrals_until: Some(after(150)),
        groups: vec!["esa".to_owned(), "jsa".to_owned()],
        areas: vec![area(0), area(1)],
        calendar: Some("generated".into()),
        assumption: None,
        standards: standards(),
        rules: rules.map(|(index, draft)| draft.rule(index, first_day())).collect(),
        fees: ["start", "rule-0"].into_iter().map(fee).collect(),
        provision: Box::new(provision()),
    }
}

fn standards() -> Vec<Standard> {
    let standard = |id: &str, from, to, within| Standard {
        id: id.to_owned(),
        from,
        to,
        within,
        reference: None,
        assumption: None,
    };
    vec![
        standard("acknowledge", Milestone::Received, Milestone::Acknowledged, Within::Days(20)),
        standard("meet", Milestone::Started, Milestone::KeyWorker, Within::WorkingDays(5)),
    ]
}

fn fee(on: &str) -> Fee {
    let version = |day, pence| FeeVersion {
        effective_from: after(day),
        pence,
        reference: None,
        assumption: None,
    };
    let versions = vec![version(0, Some(10_000)), version(100, None)];
    Fee { on: on.into(), tier: None, reference: None, versions }
}

fn provision() -> Provision {
    let limit = |id: &str, phase, pauses| Limit {
        id: id.to_owned(),
        phase,
        days: 100,
        day_count: DayCount::StartIsDay1,
        pauses,
        ground: Ground::default(),
    };
    let severe = |day, severity| SevereFrom {
        effective_from: after(day),
        severity,
        ground: Ground::default(),
    };
    Provision {
        groups: vec![group()],
        gates: gates(),
        limits: vec![
            limit("in-work", Phase::InWork, Pauses::Extend),
            limit("pre-work", Phase::PreWork, Pauses::Ignore),
        ],
        instruments: vec![instrument()],
        severe: vec![severe(0, 4), severe(150, 3)],
        interventions: vec![InterventionKind {
            category: "therapy".to_owned(),
            name: "Therapy".to_owned(),
            services: Vec::new(),
            delivery: Vec::new(),
            ground: Ground::default(),
        }],
        claims: vec![claims()],
        accelerators: vec![Accelerator {
            on: "rule-0".into(),
            tier: None,
            cohort: Cohort::Quarter,
            above: 1,
            pence: Some(5_000),
            ground: Ground::default(),
        }],
        targets: targets(),
        ..Provision::default()
    }
}

fn group() -> ClientGroup {
    let version = |day, open| GroupVersion {
        effective_from: after(day),
        participation: ParticipationType::Voluntary,
        open,
        ground: Ground::default(),
    };
    ClientGroup {
        id: "esa".to_owned(),
        name: "Generated".to_owned(),
        versions: vec![version(0, true), version(60, false)],
        ground: Ground::default(),
    }
}

fn gates() -> Vec<Gate> {
    let gate = |id: &str, test| Gate { id: id.to_owned(), test, ground: Ground::default() };
    vec![
        gate("out-of-work", GateTest::OutOfWork),
        gate("alone", GateTest::NotAtOnceWith { programmes: Vec::new() }),
        gate("in-time", GateTest::ReferredInTime),
        gate("in-area", GateTest::LivesInArea),
        gate("open", GateTest::GroupIsOpen),
        gate("adult", GateTest::Age { least: 25, most: Some(60) }),
        gate("on-benefit", GateTest::OnBenefit { benefits: vec!["esa".to_owned()] }),
        gate("first-time", GateTest::NeverStarted { programmes: vec![PROGRAMME.into()] }),
        gate("assessed", GateTest::AssessedEligible),
    ]
}

fn instrument() -> Instrument {
    Instrument {
        id: "scale".to_owned(),
        name: "Scale".to_owned(),
        questions: vec![Questions {
            domain: "wellbeing".to_owned(),
            codes: vec!["q0".to_owned(), "q1".to_owned()],
            least: Some(0),
            most: Some(3),
        }],
        scorings: vec![Scoring {
            version: "1".to_owned(),
            severe_from: Some(4),
            lower_is_better: true,
            change: Some(2),
            ground: Ground::default(),
        }],
        ground: Ground::default(),
    }
}

fn claims() -> ClaimRule {
    ClaimRule {
        on: "rule-0".into(),
        versions: vec![ClaimTerms {
            effective_from: first_day(),
            wait: Some(Within::Days(10)),
            attempts: Some(1),
            evidence: vec![Method::Payslip],
            line_closes: None,
            ground: Ground::default(),
        }],
    }
}

fn targets() -> Vec<Target> {
    let target = |id: &str, measure| Target {
        id: id.to_owned(),
        measure,
        rule: None,
        area: None,
        group: None,
        profile: [(Month::of(first_day()), 3)].into(),
        ground: Ground::default(),
    };
    vec![
        target("job-starts", Measure::JobStarts),
        Target { area: Some(area(0)), ..target("referrals", Measure::Referrals) },
        Target { rule: Some("rule-0".into()), ..target("outcomes", Measure::Outcomes) },
    ]
}
