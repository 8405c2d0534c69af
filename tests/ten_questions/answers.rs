//! What a question asks for beyond the readings that move: months, money, caseloads, evidence.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use waystage::core::calendar::Month;
use waystage::core::contribution::Contributions;
use waystage::core::readings::StandardAnswer;
use waystage::core::replayed::Lens;
use waystage::core::rules::Answer;
use waystage_cohorts::{Accelerated, Fees, delivered};

use crate::world::{All, Asked, Read, World};

/// A programme that most questions are about.
pub(crate) const GREATER_MANCHESTER: &str = "working-well-whp";

/// Writes the readings that move: a row for each rule, before and after.
pub(crate) fn moves(world: &World, files: &[&str]) -> String {
    let mut table = String::from(
        "| scenario | rule | met | not met | not yet | unknown | now met | no longer | another day |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for file in files {
        let asked = world.ask(&format!("{file}.toml"));
        let mut is_empty = true;
        for programme in asked.programmes() {
            for rule in asked.changed_rules(&programme) {
                is_empty = false;
                let before = Asked::counts(&asked.before, &programme, &rule);
                let after = Asked::counts(&asked.after, &programme, &rule);
                let moves = asked.moves(&programme, &rule);
                let cells = before.iter().zip(after).map(|(before, after)| {
                    if *before == after {
                        after.to_string()
                    } else {
                        format!("{before} → {after}")
                    }
                });
                let cells = cells.chain(moves[..3].iter().map(ToString::to_string));
                let cells: Vec<String> = cells.collect();
                let cells = cells.join(" | ");
                writeln!(table, "| `{file}` | {programme}/{rule} | {cells} |").unwrap();
            }
        }
        if is_empty {
            writeln!(table, "| `{file}` | nobody moves | | | | | | | |").unwrap();
        }
    }
    table
}

/// Question 4: the months of the outcomes that move, and the months of their starts.
pub(crate) fn months(world: &World) -> String {
    let asked = world.ask("04-rate-at-start.toml");
    let mut table = String::from(
        "| programme | start | outcome as it is | with the rate of the start |\n|---|---|---|---|\n",
    );
    for programme in asked.programmes() {
        for (before, after) in asked.of(&programme) {
            for (rule, told) in &after.rules {
                let before = before.and_then(|before| before.rules.get(rule));
                if before == Some(told) {
                    continue;
                }
                let month = |told: Option<&(Answer, Option<chrono::NaiveDate>)>| {
                    let on = told.and_then(|told| told.1);
                    on.map_or_else(|| "none".to_owned(), |on| Month::of(on).to_string())
                };
                let start = after.started.map(|on| Month::of(on).to_string()).unwrap_or_default();
                let (was, is) = (month(before), month(Some(told)));
                writeln!(table, "| {programme} | {start} | {was} | {is} |").unwrap();
            }
        }
    }
    table
}

/// Participations that reach a tier, and those that reach either.
pub(crate) fn tiers(asked: &Asked) -> [usize; 3] {
    let reaches = |read: &Read, tier: &str| {
        read.rules.get(tier).is_some_and(|(answer, _)| *answer == Answer::Met)
    };
    let all: Vec<&Read> = asked.of("whp-pioneer").map(|(_, after)| after).collect();
    let count = |of: &dyn Fn(&Read) -> bool| all.iter().filter(|read| of(read)).count();
    let lower = |read: &Read| reaches(read, "job-outcome/lower");
    let higher = |read: &Read| reaches(read, "job-outcome/higher");
    [count(&lower), count(&higher), count(&|read| lower(read) || higher(read))]
}

/// Question 5: one outcome for each participation, against the target.
pub(crate) fn one_outcome(world: &World) -> String {
    let asked = world.ask("05-lower-outcomes.toml");
    let [lower, higher, either] = tiers(&asked);
    format!(
        "{lower} participations reach the lower tier, {higher} of them the higher one: {either} \
         outcomes against 28,\nnot {}.\n",
        lower + higher
    )
}

/// Question 6: the caseload of the day, what is assumed apart.
pub(crate) fn caseload(world: &World) -> String {
    let asked = world.ask("06-referred-on.toml");
    let open = |all: &All, is_assumed: bool| {
        let of = all.values().filter(|read| read.programme == GREATER_MANCHESTER);
        of.filter(|read| read.is_open && read.is_assumed == is_assumed).count()
    };
    let (recorded, assumed) = (open(&asked.after, false), open(&asked.after, true));
    assert_eq!((open(&asked.before, false), open(&asked.before, true)), (recorded, 0));
    let [from, until] = ["2019-03-01", "2020-02-29"].map(|day| day.parse().unwrap());
    let of = asked.before.values().filter(|read| read.programme == GREATER_MANCHESTER);
    let of = of.filter(|read| read.group.as_deref() == Some("long_term_unemployed"));
    let year = of.clone().filter(|read| from <= read.referred && read.referred <= until).count();
    let starts = of.filter(|read| from <= read.referred && read.referred <= until);
    let starts = starts.filter(|read| read.started.is_some()).count();
    format!(
        "| on 30 April 2022 | participations |\n|---|--:|\n\
         | open, recorded | {recorded} |\n| open, assumed: one referral a month that starts | \
         {assumed} |\n\n\
         In the twelve months before the suspension {year} such referrals were recorded, of which \
         {starts} started: about\n{} starts a month. At that pace the {assumed} assumed stand for \
         about {}. A read model that is summed under\nthe scenario holds both rows: keep them \
         apart.\n",
        starts / 12,
        starts * assumed / 12
    )
}

/// Income of a provider, in pence: fees, what cohorts pay more, delivery.
pub(crate) struct Income {
    pub(crate) earned: i64,
    pub(crate) fees: i64,
    pub(crate) accelerated: i64,
    pub(crate) delivery: i64,
}

/// Returns the income of the programme under a lens.
pub(crate) fn income(world: &World, lens: &Lens) -> Income {
    let replay = world.engine.replay(lens);
    let fees = Fees::rows(&replay.sum(&Fees).unwrap());
    let fees = fees.iter().filter(|row| row.programme == GREATER_MANCHESTER);
    assert!(fees.clone().all(|row| row.unknown == 0));
    let cohorts: Contributions<_> = replay.sum(&Accelerated).unwrap().model;
    let cohorts = Accelerated::rows(&cohorts);
    let cohorts = cohorts.iter().filter(|row| row.programme == GREATER_MANCHESTER);
    let delivery = delivered(lens.programmes(), world.view.as_of);
    let delivery = delivery.iter().filter(|row| row.programme == GREATER_MANCHESTER);
    Income {
        earned: fees.clone().map(|row| row.count).sum(),
        fees: fees.map(|row| row.pence).sum(),
        accelerated: cohorts.map(|row| row.pence.unwrap()).sum(),
        delivery: delivery.map(|row| row.pence).sum(),
    }
}

/// Returns pence as pounds, rounded half up.
fn pounds(pence: i64) -> String {
    let pounds = ((pence + 50) / 100).to_string();
    let mut written = String::new();
    for (place, digit) in pounds.chars().enumerate() {
        if place > 0 && (pounds.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// Question 7: income under each model of payment.
pub(crate) fn incomes(world: &World, files: &[&str]) -> String {
    let mut table = String::from(
        "| paid | fees earned | fees | accelerator | delivery | in all, pounds |\n\
         |---|--:|--:|--:|--:|--:|\n",
    );
    let mut row = |name: &str, lens: &Lens| {
        let Income { earned, fees, accelerated, delivery } = income(world, lens);
        let all = pounds(fees + accelerated + delivery);
        let [fees, accelerated, delivery] = [fees, accelerated, delivery].map(pounds);
        writeln!(table, "| {name} | {earned} | {fees} | {accelerated} | {delivery} | {all} |")
            .unwrap();
    };
    row("as it is", &world.engine.lens(world.view).unwrap());
    for file in files {
        let asked = world.ask(&format!("{file}.toml"));
        row(&format!("`{file}`"), &asked.lens);
    }
    let asked = world.ask(&format!("{}.toml", files[2]));
    let paid = asked.after.values().filter(|read| read.programme == GREATER_MANCHESTER);
    let paid: Vec<&Arc<Read>> = paid.filter(|read| !read.fees.is_empty()).collect();
    let has = |read: &Read, name: &str| read.fees.keys().any(|fee| fee.starts_with(name));
    let longer = paid.iter().filter(|read| has(read, "weeks-26") || has(read, "weeks-52"));
    let skipped = longer.filter(|read| !has(read, "weeks-13")).count();
    format!(
        "{table}\nFor weeks, {} participations earned the fees. {skipped} of them reached a longer \
         period and not 13 weeks of 16:\nthe windows are not nested, and four weeks lost early on \
         fail the shortest alone.\n",
        paid.len()
    )
}

/// Question 8: the three standards, and how many change the month of their start and expiry.
pub(crate) fn starts(world: &World) -> String {
    let base = world.ask("08-start-is-the-meeting.toml");
    let asked = world.ask("08-start-is-the-agreement.toml");
    let mut table = String::from(
        "| standard | start is | met | late | missing | open | not due |\n\
         |---|---|--:|--:|--:|--:|--:|\n",
    );
    for standard in ["acknowledge-referral", "start-in-15-days", "agree-action-plan"] {
        for (name, all) in [("the meeting", &base.after), ("the agreement", &asked.after)] {
            let counts = standards(all, standard).map(|count| count.to_string()).join(" | ");
            writeln!(table, "| {standard} | {name} | {counts} |").unwrap();
        }
    }
    let month = |day: Option<chrono::NaiveDate>| day.map(Month::of);
    let [mut starts, mut cohorts, mut expiries, mut early] = [0; 4];
    for (name, before) in base.after.iter().filter(|(_, of)| of.programme == GREATER_MANCHESTER) {
        let after = &asked.after[name];
        starts += i64::from(before.started.is_some());
        early += i64::from(after.started.is_some_and(|on| on < after.referred));
        let is_kept = before.started.is_some() && after.started.is_some();
        cohorts += i64::from(is_kept && month(before.started) != month(after.started));
        let [was, is] = [before, after].map(|read| month(read.limits["pre-work"]));
        expiries += i64::from(is_kept && was != is);
    }
    format!(
        "{table}\nOf {starts} starts {cohorts} fall into the month before, and {expiries} reach \
         their 456 days in the month before. {early}\nwould have started before they were \
         referred: a finding for each, and a start all the same.\n"
    )
}

/// Counts what a standard reads: met, late, missing, open, not due.
pub(crate) fn standards(all: &All, standard: &str) -> [i64; 5] {
    let mut counts = [0; 5];
    for read in all.values().filter(|read| read.programme == GREATER_MANCHESTER) {
        counts[match read.standards[standard] {
            StandardAnswer::Met => 0,
            StandardAnswer::Late => 1,
            StandardAnswer::Missing => 2,
            StandardAnswer::Open => 3,
            StandardAnswer::NotDue => 4,
            StandardAnswer::Unknown => panic!("a calendar is missing"),
        }] += 1;
    }
    counts
}

/// Question 9: how many people key workers of a provider carry, and what was observed of the
/// relation of caseload and jobs.
pub(crate) fn key_workers(world: &World) -> String {
    let two = world.ask("09-two-key-workers.toml");
    let four = world.ask("09-four-key-workers.toml");
    let mut table = String::from(
        "| on 29 February 2020 | people of the provider | each key worker carries |\n\
         |---|--:|---|\n",
    );
    for (name, all) in [("two key workers", &two.after), ("four key workers", &four.after)] {
        let carried = carried(all);
        let people = carried.values().sum::<i64>();
        let each: Vec<String> = carried.values().map(ToString::to_string).collect();
        writeln!(table, "| {name} | {people} | {} |", each.join(", ")).unwrap();
    }
    table.push_str(&observed(world));
    table
}

/// Counts the open people of each key worker who works for the provider.
pub(crate) fn carried(all: &All) -> BTreeMap<String, i64> {
    let mut carried = BTreeMap::new();
    let open = all.values().filter(|read| read.is_open && read.provider == "provider-c");
    for key_worker in open.filter_map(|read| read.key_worker.clone()) {
        *carried.entry(key_worker).or_default() += 1;
    }
    carried
}

/// Returns what was observed: job starts of the people of key workers with few and with many.
fn observed(world: &World) -> String {
    let asked = world.ask("08-start-is-the-meeting.toml");
    let mut of: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let started = asked.before.values().filter(|read| read.programme == GREATER_MANCHESTER);
    for read in started.filter(|read| read.started.is_some()) {
        let Some(key_worker) = read.key_worker.as_deref() else { continue };
        let (people, jobs) = of.entry(key_worker).or_default();
        *people += 1;
        *jobs += i64::from(read.rules["job-start"].0 == Answer::Met);
    }
    let mut table = String::from(
        "\n| people that a key worker ever had | key workers | people | with a job start |\n\
         |---|--:|--:|--:|\n",
    );
    for (name, least, most) in [("up to 7", 0, 7), ("8 to 10", 8, 10), ("11 and more", 11, 999)] {
        let band = of.values().filter(|(people, _)| least <= *people && *people <= most);
        let (workers, people, jobs) = band.fold((0, 0, 0), |(workers, people, jobs), each| {
            (workers + 1, people + each.0, jobs + each.1)
        });
        writeln!(table, "| {name} | {workers} | {people} | {jobs} |").unwrap();
    }
    table
}

/// Question 10: claims whose evidence was enough, and is no longer.
pub(crate) fn evidence(world: &World) -> String {
    let asked = world.ask("10-consent.toml");
    let mut table = String::from(
        "| claims of | submitted | evidence enough | without what employers said |\n\
         |---|--:|--:|--:|\n",
    );
    let counts = |all: &All| {
        let mut counts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for read in all.values() {
            for (rule, answer) in &read.claims {
                let of = counts.entry(format!("{}/{rule}", read.programme)).or_default();
                of.0 += 1;
                of.1 += i64::from(*answer == Answer::Met);
            }
        }
        counts
    };
    let after = counts(&asked.after);
    for (rule, (submitted, enough)) in counts(&asked.before) {
        let still = after[&rule].1;
        if enough > 0 {
            writeln!(table, "| {rule} | {submitted} | {enough} | {still} |").unwrap();
        }
    }
    table
}
