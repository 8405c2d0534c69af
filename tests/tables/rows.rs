//! Each figure of a table is the figure that the model's own rows say: names are not exchanged.

use std::collections::BTreeMap;

use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Doubt, Eligibility, Fees, FourCounts,
    Funnel, Needs, NeedsCount, NeedsKey, Offer, OfferStep, Provision, ProvisionCount, ProvisionKey,
    StandardKey, Standards, Targets, TravelledCount,
};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::journey::support::Delivery;
use waystage_core::readings::StandardAnswer;
use waystage_core::table::{Tabular, Value};

use crate::sample::samples;

/// The figures of a model by table, row and measure, as a reader of the tables finds them.
struct Tabled(BTreeMap<(String, Vec<String>, &'static str), i64>);

impl Tabled {
    /// Returns a figure; nothing where there is no such row. It is taken away.
    fn take<R: ToString>(&mut self, table: &str, row: &[R], measure: &'static str) -> i64 {
        let row = row.iter().map(ToString::to_string).collect();
        self.0.remove(&(table.to_owned(), row, measure)).unwrap_or(0)
    }

    fn take_four<R: ToString>(&mut self, table: &str, row: &[R]) -> FourCounts {
        FourCounts {
            met: self.take(table, row, "met"),
            not_met: self.take(table, row, "not_met"),
            not_yet: self.take(table, row, "not_yet"),
            unknown: self.take(table, row, "unknown"),
        }
    }

    fn is_used_up(&self) {
        assert!(self.0.is_empty(), "figures that no row says: {:?}", self.0);
    }
}

/// Calls `compare` with the sum of a model in every sample, and its tables.
fn compared<P: Tabular>(model: &P, compare: impl Fn(&Contributions<P::Key>, &mut Tabled)) {
    let shape = model.tables();
    let mut seen = false;
    for sample in samples() {
        let mut sum = Contributions::none();
        let parts = sample.each(|replayed| Projection::contribute(model, replayed));
        for part in &parts {
            sum.add(part);
        }
        seen |= !sum.is_empty();
        let figures = sum.iter().map(|(key, amount)| {
            let cell = model.cell(key.clone());
            let table = &shape[cell.table];
            let row = cell.row.iter().map(ToString::to_string).collect();
            ((table.name.clone(), row, table.measures[cell.measure].name), amount)
        });
        let mut tabled = Tabled(figures.collect());
        compare(&sum, &mut tabled);
        tabled.is_used_up();
    }
    assert!(seen, "{} says something", model.name());
}

fn or_none(text: Option<&str>) -> String {
    Value::from(text).to_string()
}

/// Returns the rule and the tier of `rule/tier`, as two columns have them.
fn rule_and_tier(name: &str) -> [String; 2] {
    let (rule, tier) = name.split_once('/').map_or((name, None), |(rule, it)| (rule, Some(it)));
    [rule.to_owned(), or_none(tier)]
}

#[test]
fn funnels() {
    let model = Funnel { by: vec![Dimension::Programme, Dimension::Group, Dimension::Month] };
    compared(&model, |sum, tabled| {
        for row in Funnel::rows(sum) {
            let by: Vec<String> = row.row.iter().map(|it| or_none(it.as_deref())).collect();
            let mut funnel = |measure| tabled.take("funnel", &by, measure);
            assert_eq!(funnel("referrals"), row.referrals);
            assert_eq!(funnel("individuals"), row.individuals);
            assert_eq!(funnel("starts"), row.starts);
            assert_eq!(funnel("job_starts_asked"), row.job_starts_asked);
            assert_eq!(funnel("job_starts"), row.job_starts);
            for (name, four) in row.outcomes {
                let by = [by.clone(), rule_and_tier(&name).to_vec()].concat();
                assert_eq!(tabled.take_four("funnel_outcomes", &by), four);
            }
        }
    });
}

#[test]
fn definitions() {
    compared(&Definitions, |sum, tabled| {
        for row in Definitions::rows(sum) {
            assert_eq!(tabled.take_four("definitions", &[&row.definition]), row.counts);
            for (other, both) in row.also.iter().filter(|(other, _)| row.definition < **other) {
                let pair = [&row.definition, other];
                assert_eq!(tabled.take("definitions_both", &pair, "both_met"), *both);
            }
        }
        let programmes = ["generated", "example", "other"].map(ToOwned::to_owned).to_vec();
        let left = tabled.0.keys().map(|(_, row, _)| row[0].clone());
        let programmes: Vec<String> = programmes.into_iter().chain(left).collect();
        let starts = programmes.iter().map(|of| tabled.take("definitions_starts", &[of], "starts"));
        assert_eq!(starts.sum::<i64>(), Definitions::starts(sum));
    });
}

#[test]
fn gates_and_doubts() {
    compared(&Eligibility, |sum, tabled| {
        for ((programme, gate), four) in Eligibility::gates(sum) {
            assert_eq!(tabled.take_four("eligibility_gates", &[programme, gate]), four);
        }
        for row in Eligibility::ineligible(sum) {
            let none = || "(none)".to_owned();
            let why = match &row.doubt {
                Doubt::Gate(gate) => ["gate".to_owned(), gate.clone(), none(), none(), none()],
                Doubt::AtOnceOn { programme, participation, id } => {
                    let other = [programme.clone(), participation.clone(), id.to_string()];
                    let [programme, participation, id] = other;
                    ["at_once".to_owned(), none(), programme, participation, id]
                }
            };
            let because = (!row.because.is_empty()).then(|| row.because.join("; "));
            let own = [row.programme.clone(), row.participation.clone(), row.id.to_string()];
            let row = [own.to_vec(), why.to_vec(), vec![or_none(because.as_deref())]].concat();
            assert_eq!(tabled.take("eligibility_doubts", &row, "doubts"), 1, "{row:?}");
        }
    });
}

#[test]
fn needs() {
    compared(&Needs, |sum, tabled| {
        for (programme, of) in Needs::rows(sum) {
            let mut needs = |measure| tabled.take("needs", &[&programme], measure);
            assert_eq!(needs("referrals"), of.referrals);
            assert_eq!(needs("starts"), of.starts);
            assert_eq!(needs("rated"), of.rated);
            for (category, need) in &of.needs {
                let row = [&programme, category];
                let mut category = |measure| tabled.take("needs_categories", &row, measure);
                assert_eq!(category("no_need"), need.none);
                assert_eq!(category("not_severe"), need.not_severe);
                assert_eq!(category("severity_unknown"), need.unknown);
                assert_eq!(category("severe"), need.severe);
            }
            for ((instrument, version), it) in &of.travelled {
                let row = [&programme, instrument, version];
                let mut travelled = |measure| tabled.take("needs_travelled", &row, measure);
                assert_eq!(travelled("assessed"), it.assessed);
                assert_eq!(travelled("scored"), it.scored);
                assert_eq!(travelled("scored_twice"), it.twice);
                assert_eq!(travelled("better"), it.better);
                assert_eq!(travelled("same"), it.same);
                assert_eq!(travelled("worse"), it.worse);
                assert_eq!(travelled("better_for_sure"), it.better_for_sure);
                assert_eq!(travelled("meaning_unknown"), it.meaning_unknown);
                assert_eq!(travelled("first_points"), it.first_sum);
                assert_eq!(travelled("latest_points"), it.latest_sum);
            }
        }
    });
}

#[test]
fn interventions() {
    let steps = [
        ("recommended", OfferStep::Recommended),
        ("referred", OfferStep::Referred),
        ("accepted", OfferStep::Accepted),
        ("declined", OfferStep::Declined),
        ("wait_listed", OfferStep::WaitListed),
        ("started", OfferStep::Started),
        ("attended", OfferStep::Attended),
        ("missed", OfferStep::Missed),
        ("completed", OfferStep::Completed),
        ("withdrawn", OfferStep::Withdrawn),
    ];
    compared(&Provision, |sum, tabled| {
        for row in Provision::rows(sum) {
            let offer = &row.offer;
            let by = [
                offer.programme.clone(),
                offer.category.clone(),
                offer.delivery.to_string(),
                or_none(offer.provider.as_deref()),
                Value::from(offer.in_catalogue).to_string(),
            ];
            let mut provision = |measure| tabled.take("provision", &by, measure);
            assert_eq!(provision("interventions"), row.interventions);
            for (measure, step) in steps {
                assert_eq!(provision(measure), row.reached(step), "{measure}");
            }
            assert_eq!(provision("waited"), row.waited);
            assert_eq!(provision("waited_days"), row.waited_days);
            assert_eq!(provision("waiting"), row.waiting);
            assert_eq!(provision("waiting_days"), row.waiting_days);
        }
    });
}

#[test]
fn standards() {
    // the programme is there anyway
    let model = Standards { by: vec![Dimension::Programme, Dimension::Area] };
    compared(&model, |sum, tabled| {
        for row in Standards::rows(sum) {
            let [Some(_), Some(area)] = &row.row[..] else { panic!("{row:?}") };
            let (by, it) = ([&row.programme, &row.standard, area], row.counts);
            let mut standard = |measure| tabled.take("standards", &by, measure);
            assert_eq!(standard("met"), it.met);
            assert_eq!(standard("late"), it.late);
            assert_eq!(standard("open"), it.open);
            assert_eq!(standard("missing"), it.missing);
            assert_eq!(standard("not_due"), it.not_due);
            assert_eq!(standard("unknown"), it.unknown);
        }
    });
}

#[test]
fn fees_and_what_is_paid_more() {
    compared(&Fees, |sum, tabled| {
        for row in Fees::rows(sum) {
            let by = [row.programme, row.fee, or_none(row.tier.as_deref()), row.month.to_string()];
            assert_eq!(tabled.take("fees", &by, "earned"), row.count);
            assert_eq!(tabled.take("fees", &by, "earned_pence"), row.pence);
            assert_eq!(tabled.take("fees", &by, "amount_unknown"), row.unknown);
        }
    });
    compared(&Accelerated, |sum, tabled| {
        for ((key, _), row) in sum.iter().zip(Accelerated::rows(sum)) {
            let [rule, tier] = rule_and_tier(&row.fee);
            let by = [
                row.programme,
                key.accelerator.to_string(),
                rule,
                tier,
                key.above.to_string(),
                Value::from(key.pence).to_string(),
                row.cohort,
            ];
            assert_eq!(tabled.take("accelerated", &by, "outcomes"), row.outcomes);
        }
    });
}

#[test]
fn targets_and_ages() {
    compared(&Targets, |sum, tabled| {
        for (key, amount) in sum.iter() {
            let by = [key.programme.clone(), key.target.clone(), key.month.to_string()];
            assert_eq!(tabled.take("targets", &by, "actual"), amount);
        }
    });
    compared(&Ages, |sum, tabled| {
        for row in Ages::rows(sum) {
            let [rule, tier] = rule_and_tier(&row.rule);
            let by = [row.programme, rule, tier, row.cohort.to_string(), row.age.to_string()];
            assert_eq!(tabled.take("ages", &by, "old_enough"), row.old_enough);
            assert_eq!(tabled.take("ages", &by, "met"), row.met);
            assert_eq!(tabled.take("ages", &by, "unknown"), row.unknown);
        }
    });
}

#[test]
fn what_no_sample_has_stands_under_its_name_too() {
    fn measure<P: Tabular>(model: &P, key: P::Key) -> &'static str {
        let cell = model.cell(key);
        model.tables()[cell.table].measures[cell.measure].name
    }
    let what = TravelledCount::Same;
    let (instrument, version) = ("i".to_owned(), "1".to_owned());
    let count = NeedsCount::Travelled { instrument, version, what };
    assert_eq!(measure(&Needs, NeedsKey { programme: "p".to_owned(), count }), "same");
    let offer = Offer {
        programme: "p".to_owned(),
        category: "c".to_owned(),
        delivery: Delivery::Statutory,
        provider: None,
        in_catalogue: None,
    };
    let count = ProvisionCount::Reached(OfferStep::Withdrawn);
    assert_eq!(measure(&Provision, ProvisionKey { offer, count }), "withdrawn");
    let (programme, standard) = ("p".to_owned(), "s".to_owned());
    let key = StandardKey { programme, standard, row: vec![], answer: StandardAnswer::Unknown };
    assert_eq!(measure(&Standards { by: vec![] }, key), "unknown");
}

#[test]
fn claims() {
    compared(&Claims, |sum, tabled| {
        for (row, _) in sum.iter() {
            let by = [
                row.programme.clone(),
                row.claim.clone(),
                row.id.to_string(),
                row.participation.clone(),
                row.participation_id.to_string(),
                row.rule.clone(),
                row.submitted_on.to_string(),
                Value::from(row.amount_pence).to_string(),
                row.supported_then.to_string(),
                row.supported_now.to_string(),
            ];
            assert_eq!(tabled.take("claims", &by, "submitted"), 1);
        }
    });
}

#[test]
fn caseloads() {
    compared(&Caseload, |sum, tabled| {
        for (row, _) in sum.iter() {
            let (next_on, next_what) = row.next.clone().unzip();
            let findings: Vec<&str> = row.findings.iter().map(|each| each.as_str()).collect();
            let by = [
                row.programme.clone(),
                row.participation.clone(),
                row.id.to_string(),
                row.participant.clone(),
                row.area.clone(),
                or_none(row.group.as_deref()),
                row.provider.clone(),
                or_none(row.key_worker.as_deref()),
                row.stage.to_string(),
                row.since.to_string(),
                row.jobs_held.to_string(),
                Value::from(next_on).to_string(),
                or_none(next_what.as_deref()),
                or_none((!findings.is_empty()).then(|| findings.join("; ")).as_deref()),
            ];
            assert_eq!(tabled.take("caseload", &by, "participations"), 1);
        }
    });
    compared(&KeyWorkers, |sum, tabled| {
        for row in KeyWorkers::rows(sum) {
            for (stage, (search, work)) in row.stages {
                let by = [or_none(row.key_worker.as_deref()), stage.to_string()];
                assert_eq!(tabled.take("key_workers", &by, "job_search"), search);
                assert_eq!(tabled.take("key_workers", &by, "in_work"), work);
            }
        }
    });
}
