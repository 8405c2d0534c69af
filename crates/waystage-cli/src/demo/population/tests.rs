//! What a generated extract promises: the same bytes for the same plan, the published shares,
//! and rows that an importer accepts. Everything is read back from the text.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::{
    Date, date, days_after, days_between, in_summer_time, month_last, tax_year, working_days_after,
};
use super::figures::{FAR_END, REAL_LIVING_WAGE};
use super::pay::{WINDOW_DAYS, pence_an_hour};
use super::programmes::PROGRAMMES;
use super::{ExtractFile, Plan, generate};

type Fact = BTreeMap<String, String>;

/// An extract read back, by name of file.
struct Extract {
    facts: BTreeMap<&'static str, Vec<Fact>>,
}

impl Extract {
    fn of(participants: u32, seed: u64) -> Self {
        let read = |file: ExtractFile| {
            let mut reader = csv::Reader::from_reader(file.text.as_bytes());
            let facts: Vec<Fact> = reader.deserialize().filter_map(Result::ok).collect();
            assert_eq!(facts.len() + 1, file.text.lines().count(), "{} is not CSV", file.name);
            (file.name, facts)
        };
        Self { facts: generate(&Plan { participants, seed }).into_iter().map(read).collect() }
    }

    fn file(&self, name: &str) -> &[Fact] {
        &self.facts[name]
    }

    fn all(&self) -> impl Iterator<Item = (&'static str, &Fact)> {
        self.facts.iter().flat_map(|(name, facts)| facts.iter().map(|fact| (*name, fact)))
    }

    /// Returns the day of the earliest of these steps of each participation.
    fn steps(&self, steps: &[&str]) -> BTreeMap<&str, &str> {
        let mut days = BTreeMap::new();
        for fact in self.file("progress.csv") {
            if steps.contains(&fact["step"].as_str()) {
                let day = days.entry(fact["participation"].as_str()).or_insert(fact["on"].as_str());
                *day = (*day).min(fact["on"].as_str());
            }
        }
        days
    }

    /// Returns the participant and programme of each participation.
    fn participations(&self) -> BTreeMap<&str, (&str, &str)> {
        self.file("referrals.csv")
            .iter()
            .map(|fact| {
                let to = (fact["participant"].as_str(), fact["programme"].as_str());
                (fact["participation"].as_str(), to)
            })
            .collect()
    }
}

/// Checks that `part` of `whole` is between two shares in permille.
#[track_caller]
fn check_share(what: &str, part: usize, whole: usize, low: usize, high: usize) {
    let permille = part * 1_000 / whole.max(1);
    assert!(
        (low..=high).contains(&permille),
        "{what}: {part} of {whole} is {permille} permille, not {low} to {high}"
    );
}

fn column<'a>(facts: &'a [Fact], name: &str) -> BTreeSet<&'a str> {
    facts.iter().map(|fact| fact[name].as_str()).collect()
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let plan = Plan { participants: 300, seed: 7 };
    assert_eq!(generate(&plan), generate(&plan));
}

#[test]
fn another_seed_gives_other_bytes() {
    let texts = |seed| generate(&Plan { participants: 300, seed });
    for (one, other) in texts(7).iter().zip(texts(8)) {
        assert_ne!(one.text, other.text, "{}", one.name);
    }
}

#[test]
fn the_first_ten_of_many_live_the_lives_of_ten() {
    let (few, many) = (Extract::of(10, 7), Extract::of(200, 7));
    for (name, fact) in few.all().filter(|(name, _)| *name != "corrections.csv") {
        let alike = |other: &Fact| {
            fact.iter().all(|(column, value)| column == "ref" || other[column] == *value)
        };
        assert!(many.file(name).iter().any(alike), "{name}: {fact:?} is not among the many");
    }
}

#[test]
fn nobody_still_gives_twelve_files_with_headers() {
    let files = generate(&Plan { participants: 0, seed: 7 });
    assert_eq!(files.len(), 12);
    assert!(files.iter().all(|file| file.text.starts_with("ref,on,reported_at,")));
}

#[test]
fn nothing_happens_after_it_was_reported_or_after_the_far_end() {
    for (name, fact) in Extract::of(2_000, 7).all() {
        let reported_on = &fact["reported_at"][..10];
        assert!(fact["on"].as_str() <= reported_on, "{name}: {fact:?}");
        assert!(reported_on <= "2025-09-30", "{name}: {fact:?}");
    }
}

#[test]
fn rows_are_in_order_of_report_and_references_are_unique() {
    let extract = Extract::of(2_000, 7);
    let mut references = BTreeSet::new();
    for facts in extract.facts.values() {
        // One office: on one day all have the same offset, so text sorts as time does.
        let order = |fact: &Fact| (fact["reported_at"].clone(), fact["ref"].clone());
        assert!(facts.is_sorted_by_key(order));
        assert!(facts.iter().all(|fact| references.insert(fact["ref"].as_str())));
    }
}

#[test]
fn every_reference_resolves() {
    let extract = Extract::of(2_000, 7);
    let participants = column(extract.file("participants.csv"), "participant");
    let participations = column(extract.file("referrals.csv"), "participation");
    assert_eq!(participations.len(), extract.file("referrals.csv").len());
    let started = extract.file("jobs.csv").iter().filter(|fact| fact["step"] == "started");
    let jobs: BTreeSet<(&str, &str)> =
        started.map(|fact| (fact["participant"].as_str(), fact["job"].as_str())).collect();
    let references: BTreeSet<&str> = extract.all().map(|(_, fact)| fact["ref"].as_str()).collect();
    for (name, fact) in extract.all() {
        let known = |column: &str, those: &BTreeSet<&str>| {
            fact.get(column).is_none_or(|value| those.contains(value.as_str()))
        };
        assert!(known("participant", &participants), "{name}: {fact:?}");
        assert!(known("participation", &participations), "{name}: {fact:?}");
        assert!(known("corrects", &references), "{name}: {fact:?}");
        let job = fact.get("job").map(|job| (fact["participant"].as_str(), job.as_str()));
        assert!(job.is_none_or(|job| jobs.contains(&job)), "{name}: {fact:?}");
    }
}

#[test]
fn claims_are_for_rules_of_the_programme_that_carry_a_fee() {
    let extract = Extract::of(2_000, 7);
    let participations = extract.participations();
    for fact in extract.file("claims.csv") {
        let (_, programme) = participations[fact["participation"].as_str()];
        let fees = PROGRAMMES.iter().filter(|(_, known)| known.id == programme);
        let mut rules = fees.flat_map(|(_, known)| known.fees);
        assert!(rules.any(|fee| fee.rule == fact["rule"]), "{fact:?}");
    }
}

#[test]
fn corrections_come_after_their_row_and_amend_one_of_its_columns() {
    const FIXED: [&str; 9] = [
        "ref",
        "reported_at",
        "participant",
        "participation",
        "job",
        "assessment",
        "intervention",
        "step",
        "programme",
    ];
    let extract = Extract::of(2_000, 7);
    let rows: BTreeMap<&str, &Fact> =
        extract.all().map(|(_, fact)| (fact["ref"].as_str(), fact)).collect();
    for fact in extract.file("corrections.csv") {
        let target = rows[fact["corrects"].as_str()];
        assert!(target["reported_at"][..10] <= fact["reported_at"][..10], "{fact:?}");
        if fact["action"] == "amend" {
            let field = fact["field"].as_str();
            assert!(target.contains_key(field) && !FIXED.contains(&field), "{fact:?}");
            assert!(!target.contains_key("corrects") && !fact["value"].is_empty(), "{fact:?}");
            assert!(field != "on" || fact["value"] <= fact["reported_at"], "{fact:?}");
        } else {
            assert!(fact["field"].is_empty() && fact["value"].is_empty(), "{fact:?}");
        }
    }
}

#[test]
fn five_thousand_people_have_the_published_shares() {
    let extract = Extract::of(5_000, 7);
    let referrals = extract.file("referrals.csv");
    let starts = extract.steps(&["started"]);
    check_share("referrals that start", starts.len(), referrals.len(), 630, 670);
    let second = referrals.len() - extract.file("participants.csv").len();
    check_share("second referrals", second, 5_000, 60, 100);
    let severe: BTreeSet<&str> = extract
        .file("needs.csv")
        .iter()
        .filter(|fact| fact["category"] == "housing" && fact["severity"].as_str() >= "4")
        .map(|fact| fact["participation"].as_str())
        .collect();
    check_share("severe housing", severe.len(), starts.len(), 105, 135);
    let (work_and_health, long_term): (Vec<&Fact>, Vec<&Fact>) = referrals
        .iter()
        .filter(|fact| fact["programme"] == "working-well-whp")
        .partition(|fact| fact["group"] != "long_term_unemployed");
    let all = work_and_health.len() + long_term.len();
    check_share("long-term unemployed", long_term.len(), all, 130, 170);
    assert!(long_term.iter().all(|fact| fact["participation_type"] == "mandatory"));
    assert!(work_and_health.iter().all(|fact| fact["participation_type"] == "voluntary"));
}

/// Returns the jobs of each participant by start, each with the last day that the extract gives
/// reason to believe in: its end, or 84 days after its last verification or its start.
fn believed_spells(extract: &Extract) -> BTreeMap<&str, BTreeSet<(Date, Date)>> {
    let jobs = extract.file("jobs.csv");
    let ends: BTreeMap<&str, Date> = jobs
        .iter()
        .filter(|fact| fact["step"] == "ended")
        .map(|fact| (fact["job"].as_str(), day(&fact["on"])))
        .collect();
    let mut verified: BTreeMap<&str, Date> = BTreeMap::new();
    for fact in extract.file("evidence.csv") {
        let until = verified.entry(fact["job"].as_str()).or_default();
        *until = (*until).max(day(&fact["covers_to"]));
    }
    let mut spells: BTreeMap<&str, BTreeSet<(Date, Date)>> = BTreeMap::new();
    for fact in jobs.iter().filter(|fact| fact["step"] == "started") {
        let (job, on) = (fact["job"].as_str(), day(&fact["on"]));
        let heard = verified.get(job).copied().unwrap_or(on).max(on);
        let end = ends.get(job).copied().unwrap_or(days_after(heard, 84));
        spells.entry(fact["participant"].as_str()).or_default().insert((on, end));
    }
    spells
}

fn day(text: &str) -> Date {
    text.parse().unwrap_or_default()
}

#[test]
fn five_thousand_people_find_and_keep_work_as_published() {
    let extract = Extract::of(5_000, 7);
    let participations = extract.participations();
    let closings = extract.steps(&["exited", "completed"]);
    let spells = believed_spells(&extract);
    let starts = extract.steps(&["started"]);
    let mut kept_days = Vec::new();
    for (participation, start) in &starts {
        let (participant, _) = participations[participation];
        let closing = closings.get(participation).map_or(FAR_END, |on| day(on));
        let inside = |(on, _): &&(Date, Date)| day(start) <= *on && *on <= closing;
        let mut jobs = spells.get(participant).into_iter().flatten().filter(inside);
        if let Some((first, last)) = jobs.next() {
            let last =
                jobs.fold(
                    *last,
                    |last, (on, end)| {
                        if *on <= days_after(last, 15) { last.max(*end) } else { last }
                    },
                );
            let through = if last >= FAR_END { 999 } else { days_between(*first, last) };
            kept_days.push(through);
        }
    }
    let kept = |days: u32| kept_days.iter().filter(|kept| **kept >= days).count();
    check_share("starts with a job start", kept(0), starts.len(), 360, 400);
    check_share("in work at 3 months", kept(91), starts.len(), 255, 300);
    check_share("in work at 6 months", kept(182), starts.len(), 205, 250);
    check_share("in work at 12 months", kept(365), starts.len(), 155, 200);
    let jobs = extract.file("jobs.csv").iter().filter(|fact| fact["step"] == "started");
    let own = jobs.clone().filter(|fact| fact["sector"] == "self_employed");
    check_share("self-employed jobs", own.count(), jobs.count(), 65, 95);
}

#[test]
fn five_thousand_people_earn_outcomes_at_a_likely_rate() {
    let extract = Extract::of(5_000, 7);
    let participations = extract.participations();
    let mut statements: BTreeMap<&str, Vec<(Date, i64)>> = BTreeMap::new();
    let earnings = extract.file("earnings.csv").iter();
    for fact in earnings.filter(|fact| fact["qualifying"] == "true") {
        // A total for the year repeats what the months said, give or take a little.
        if fact["statement_kind"] != "year_to_date" {
            let statement = (day(&fact["on"]), fact["gross_pence"].parse().unwrap_or(0));
            statements.entry(fact["participant"].as_str()).or_default().push(statement);
        }
    }
    let starts: Vec<(&str, Date)> = extract
        .steps(&["started"])
        .into_iter()
        .filter(|(participation, _)| participations[participation].1 == "working-well-whp")
        .map(|(participation, on)| (participations[participation].0, day(on)))
        .collect();
    let reached = starts.iter().filter(|(participant, start)| {
        let window = *start..=days_after(*start, WINDOW_DAYS);
        let inside = statements.get(participant).into_iter().flatten();
        let pence: i64 = inside.filter(|(on, _)| window.contains(on)).map(|(_, pence)| pence).sum();
        let hourly = pence_an_hour(REAL_LIVING_WAGE, *start).unwrap_or(u32::MAX);
        pence >= i64::from(hourly) * 16 * 26
    });
    check_share("earnings outcomes", reached.count(), starts.len(), 120, 180);
}

#[test]
fn days_are_counted_as_people_count_them() {
    assert_eq!(month_last(date(2024, 2, 1)), date(2024, 2, 29));
    assert_eq!(month_last(date(2023, 12, 31)), date(2023, 12, 31));
    assert_eq!(month_last(date(2023, 1, 30)), date(2023, 1, 31));
    assert_eq!((tax_year(date(2024, 4, 5)), tax_year(date(2024, 4, 6))), (2023, 2024));
    assert!(!in_summer_time(date(2024, 3, 30)) && in_summer_time(date(2024, 3, 31)));
    assert!(in_summer_time(date(2024, 10, 26)) && !in_summer_time(date(2024, 10, 27)));
    assert_eq!(working_days_after(date(2024, 3, 1), 1), date(2024, 3, 4));
}
