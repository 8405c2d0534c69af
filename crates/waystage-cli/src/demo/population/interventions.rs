//! Interventions with their dated lifecycle: recommended for a need, referred, accepted or
//! declined or put on a waiting list, started, attended and missed, completed or withdrawn.

use super::calendar::{Date, days_after, working_day_from};
use super::diagnostics::Need;
use super::funnel::Participation;
use super::programmes::Weighted;
use super::sheets::File;
use super::source::{Delay, Source};

/// What is recommended for which need: category, then who delivers it, by weight.
const RECOMMENDED_FOR: [(&str, &str, Weighted); 8] = [
    ("mental_health", "talking_therapies", &[(70, "supply_chain"), (30, "statutory")]),
    (
        "physical_health",
        "physiotherapy",
        &[(45, "statutory"), (35, "supply_chain"), (20, "spot_purchase")],
    ),
    ("housing", "housing_advice", &[(60, "signposted"), (40, "statutory")]),
    ("debt", "debt_advice", &[(70, "signposted"), (30, "supply_chain")]),
    (
        "skills",
        "skills_for_employment",
        &[(55, "supply_chain"), (30, "in_house"), (15, "self_arranged")],
    ),
    ("substance_misuse", "substance_misuse_service", &[(80, "statutory"), (20, "signposted")]),
    ("caring", "benefit_check", &[(60, "in_house"), (40, "signposted")]),
    (
        "work_experience",
        "work_experience_placement",
        &[(55, "in_house"), (30, "spot_purchase"), (15, "self_arranged")],
    ),
];

/// One intervention as its rows name it.
struct Intervention<'a> {
    participation: &'a str,
    reference: String,
    category: &'static str,
    delivery: &'static str,
    provider: String,
}

/// Tells the interventions of a participation: up to four, the worst needs first.
pub(super) fn tell(
    source: &mut Source,
    participation: &Participation,
    needs: &[Need],
    start: Date,
    until: Date,
) {
    let count = source.chance.weighted(&[(16, 0), (34, 1), (29, 2), (15, 3), (6, 4)]);
    let mut worst: Vec<&Need> = needs.iter().filter(|need| need.severity >= 2).collect();
    worst.sort_by_key(|need| std::cmp::Reverse(need.severity));
    for (index, need) in worst.into_iter().take(count).enumerate() {
        let recommendation = RECOMMENDED_FOR.iter().find(|(from, _, _)| *from == need.category);
        let Some(&(_, category, deliveries)) = recommendation else {
            continue;
        };
        let delivery = source.chance.weighted(deliveries);
        let provider = match delivery {
            "self_arranged" => String::new(),
            "in_house" => participation.provider.to_owned(),
            _ => format!("{category}-{}", source.chance.one_of(&["north", "south", "central"])),
        };
        let reference = format!("{}-I{}", participation.id, index + 1);
        let participation = participation.id.as_str();
        let intervention = Intervention { participation, reference, category, delivery, provider };
        let on = working_day_from(days_after(start, source.chance.early_between(0, 90)));
        follow(source, &intervention, on.min(until), until);
    }
}

/// Follows one intervention from its recommendation as far as it gets before `until`.
fn follow(source: &mut Source, intervention: &Intervention, recommended: Date, until: Date) {
    tell_step(source, intervention, "recommended", recommended);
    if source.chance.falls(100) {
        return;
    }
    let referred = next(source, recommended, (0, 10));
    tell_step(source, intervention, "referred", referred);
    let mut answered = next(source, referred, (1, 18));
    if source.chance.falls(170) {
        tell_step(source, intervention, "wait_listed", answered);
        answered = next(source, answered, (20, 110));
    }
    if source.chance.falls(75) {
        tell_step(source, intervention, "declined", answered);
        return;
    }
    if answered > until || source.chance.falls(60) {
        return;
    }
    tell_step(source, intervention, "accepted", answered);
    let started = next(source, answered, (2, 30));
    if started > until || source.chance.falls(90) {
        return;
    }
    tell_step(source, intervention, "started", started);
    attend(source, intervention, started, until);
}

fn attend(source: &mut Source, intervention: &Intervention, started: Date, until: Date) {
    let mut on = started;
    for _ in 0..source.chance.between(0, 4) {
        on = next(source, on, (5, 16));
        if on > until {
            break;
        }
        let step = if source.chance.falls(190) { "missed" } else { "attended" };
        tell_step(source, intervention, step, on);
    }
    let last = next(source, on, (3, 30));
    match source.chance.weighted(&[(68, Some("completed")), (20, Some("withdrawn")), (12, None)]) {
        Some(step) if last <= until => tell_step(source, intervention, step, last),
        _ => {}
    }
}

fn next(source: &mut Source, after: Date, (low, high): (u32, u32)) -> Date {
    working_day_from(days_after(after, source.chance.between(low, high)))
}

fn tell_step(source: &mut Source, intervention: &Intervention, step: &str, on: Date) {
    let Intervention { participation, reference, category, delivery, provider } = intervention;
    let cells = [participation, reference.as_str(), category, delivery, provider, step];
    source.tell(File::Interventions, on, Delay::Ordinary, &cells);
}
