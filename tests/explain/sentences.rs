//! What accounts say, in full: one small programme, one life after another.

use waystage_core::contribution::{Contributions, Projection};
use waystage_core::programme::Programmes;
use waystage_core::replayed::Replayed;
use waystage_programmes::{read_pack, read_tables};
use waystage_testkit::given::Life;
use waystage_testkit::{given, person};

const PACK: &str = r#"
[programme]
id = "told"
name = "Told"
reference = "made up"

[[rule]]
id = "job"
family = "job_start"
judged_by = "start"
reference = "made up"
[[rule.version]]
effective_from = 2015-01-01
within_days = 90
day_count = "start_is_day_1"
min_weekly_hours = 16

[[rule]]
id = "earned"
family = "earnings"
judged_by = "start"
reference = "made up"
[[rule.version]]
effective_from = 2015-01-01
window_days = 100
day_count = "start_is_day_0"
hours_per_week = 16
weeks = 10
rate_table = "wage"
rate_as_of = "start"

[[rule]]
id = "own-days"
family = "self_employed_days"
judged_by = "start"
reference = "made up"
[[rule.version]]
effective_from = 2015-01-01
days = 60
window_days = 100
day_count = "start_is_day_1"
silence_days = 28

[[rule]]
id = "weeks"
family = "weeks_in_window"
judged_by = "start"
reference = "made up"
[[rule.version]]
effective_from = 2015-01-01
weeks = 10
window_weeks = 12
min_weekly_hours = 16
anchor = "first_job_start"

[[rule]]
id = "months"
family = "continuous"
judged_by = "start"
reference = "made up"
[[rule.version]]
effective_from = 2015-01-01
months = 6
max_gap_days = 14
max_total_gap_days = 20
month_end = "clamp"
anchor = "each_job_start"
within_days = 365
day_count = "start_is_day_1"
silence_days = 84

[[rule]]
id = "on-leaving"
family = "status_at_point"
judged_by = "outcome"
reference = "made up"
[[rule.version]]
effective_from = 2015-01-01
within_days = 28
[[rule.version]]
effective_from = 2016-06-01
within_days = 14
"#;

const WAGE: &str = r#"
[[rate_table]]
id = "wage"
name = "Wage"
reference = "made up"
[[rate_table.row]]
effective_from = 2015-10-01
pence = 670
"#;

/// Tells of each reading its reason and its sentence.
struct Tells;

impl Projection for Tells {
    type Key = (String, String, String);

    fn name(&self) -> &'static str {
        "tells"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Self::Key> {
        Contributions::of(replayed.readings.iter().map(|reading| {
            let account = replayed.account(reading).unwrap();
            ((reading.name(), account.reason(), account.says()), 1)
        }))
    }
}

fn programmes() -> Programmes {
    let mut programmes = Programmes::default();
    let pack = read_pack("told.toml", PACK).unwrap();
    programmes.programmes.insert(pack.id.clone(), pack);
    let tables = read_tables("wage.toml", WAGE).unwrap();
    programmes.rates = tables.rates.into_iter().map(|each| (each.id.clone(), each)).collect();
    programmes
}

fn starter() -> Life {
    person("P1").referred("2015-11-02", "told").acknowledged("2015-11-03").started("2015-11-09")
}

/// Asserts what is told of one rule.
#[track_caller]
fn tells(life: Life, as_of: &str, rule: &str, reason: &str, says: &str) {
    let key = (rule.to_owned(), reason.to_owned(), says.to_owned());
    given(life).under(programmes()).as_of(as_of).project(&Tells).then_count(key, 1);
}

#[test]
fn before_the_start_nothing_is_looked_at() {
    let referred = person("P1").referred("2015-11-02", "told").acknowledged("2015-11-03");
    let early = "the participation has not started, so no outcome is read yet";
    tells(referred.clone(), "2016-01-01", "job", "not started", early);
    let gone = referred.not_started("2015-12-01");
    let says = "the participation was closed on 2015-12-01 without a start";
    tells(gone, "2016-01-01", "job", "closed without a start", says);
    let unread = person("P1")
        .referred("2014-11-02", "told")
        .acknowledged("2014-11-03")
        .started("2014-12-09");
    let says =
        "no version of the rule is in force on 2014-12-09, the day of the start that picks it";
    tells(unread, "2016-01-01", "job", "no version in force", says);
}

#[test]
fn a_job_start_is_looked_for_in_its_window() {
    let few = starter().job("2015-12-01", 10);
    let says =
        "no job start counts from 2015-11-09 to 2016-02-06; one on 2015-12-01 has only 10 h a week";
    tells(few.clone(), "2016-03-01", "job", "job starts with 10 h a week, 16 h needed", says);
    let says = "no job start counts so far from 2015-11-09 to 2016-02-06, with 30 days to come; \
                one on 2015-12-01 has only 10 h a week";
    tells(few, "2016-01-07", "job", "a job may still start", says);
    let late = starter().job("2016-02-07", 20);
    let says = "no job start counts from 2015-11-09 to 2016-02-06; one on 2016-02-07 lies after";
    tells(late, "2016-03-01", "job", "no job start", says);
    let says = "a job started on 2016-02-06 with 20 h a week; looked from 2015-11-09 to 2016-02-06";
    tells(starter().job("2016-02-06", 20), "2016-03-01", "job", "met", says);
}

#[test]
fn earnings_are_short_by_so_much() {
    let paid = starter().paid("2015-12-31", 60_000).paid("2016-01-31", 45_000);
    let says = "£1,050.00 earned, £1,072.00 (160 hours at £6.70) needed, £22.00 short; \
                2 statements counted from 2015-11-09 to 2016-02-17; the next is of 2016-02-29";
    let short = "earnings short by up to 10 % of the threshold";
    tells(paid.clone().paid("2016-02-29", 45_000), "2016-04-01", "earned", short, says);
    let says = "£1,500.00 earned by 2016-02-17, £1,072.00 (160 hours at £6.70) needed; \
                3 statements counted from 2015-11-09 to 2016-02-17";
    tells(paid.clone().paid("2016-02-17", 45_000), "2016-04-01", "earned", "met", says);
    let says = "£1,050.00 earned, £1,072.00 (160 hours at £6.70) needed, £22.00 short; \
                2 statements counted from 2015-11-09 to 2016-02-17; 16 days to come";
    tells(paid, "2016-02-01", "earned", "earnings may still come", says);
    let old = person("P1").referred("2015-03-02", "told").acknowledged("2015-03-03");
    let says = "£5.00 earned, but no rate is in force; \
                1 statement counted from 2015-03-09 to 2015-06-17";
    let old = old.started("2015-03-09").paid("2015-04-01", 500);
    tells(old, "2016-02-01", "earned", "no rate in force", says);
}

#[test]
fn days_of_self_employment_are_counted() {
    let own = starter().self_employed("2015-12-01", 20);
    let says = "29 of 60 days of self-employment counted from 2015-11-09 to 2016-02-16; \
                49 days from 2015-12-30 never reported, 0 days to come";
    let reason = "29 of 60 days of self-employment, 49 days not reported";
    tells(own.clone(), "2016-03-01", "own-days", reason, says);
    let says =
        "50 of 60 days of self-employment counted from 2015-11-09 to 2016-02-16; 0 days to come";
    tells(
        own.ended("2016-01-19"),
        "2016-03-01",
        "own-days",
        "50 of 60 days of self-employment",
        says,
    );
}

#[test]
fn weeks_are_lost_and_the_last_comes_too_late() {
    let gap = starter().job("2015-12-01", 20).ended("2016-01-04").job("2016-01-20", 20);
    let says = "9 of 10 weeks counted from 2015-12-01 to 2016-02-22; 3 weeks lost; \
                longest out of work 15 days from 2016-01-05 to 2016-01-19; \
                the 10th would have come 7 days after the window ended";
    tells(gap, "2016-06-01", "weeks", "9 of 10 weeks counted", says);
    let steady = starter().job("2015-12-01", 20);
    let says = "10 of 10 weeks counted from 2015-12-01 to 2016-02-22, \
                the last of them complete on 2016-02-08";
    tells(steady, "2016-06-01", "weeks", "met", says);
    let says = "no job has started yet from 2015-11-09, with no last day while the participation \
                is open; no job start is reported";
    tells(starter(), "2016-06-01", "weeks", "a job may still start", says);
    let says = "no job started from 2015-11-09 to 2016-01-10; one on 2016-02-01 lies after";
    let left = starter().exited("2016-01-10").job("2016-02-01", 20);
    tells(left, "2016-06-01", "weeks", "no job start", says);
}

#[test]
fn gaps_are_named_with_what_is_allowed() {
    let end = "2018-01-01";
    let two = starter().job("2015-12-01", 20).ended("2016-01-03").job("2016-02-04", 20);
    let says = "of 2 job starts tried the closest: gap of 31 days from 2016-01-04 to 2016-02-03, \
                14 allowed; looked from 2015-12-01 to 2016-05-31";
    let short = two.clone().ended("2016-06-15");
    tells(short, end, "months", "gap of 31 days, 14 allowed", says);
    let says = "in work without a gap from 2016-02-04 to 2016-08-03";
    tells(two.ended("2016-12-31"), end, "months", "met", says);
    let three = starter().job("2015-12-01", 20).ended("2016-01-03").job("2016-01-14", 20);
    let three = three.ended("2016-02-20").job("2016-03-03", 20).ended("2016-05-31");
    let says = "of 3 job starts tried the closest: gaps of 21 days together, 20 allowed; \
                looked from 2015-12-01 to 2016-05-31";
    tells(three, end, "months", "gaps of 21 days together, 20 allowed", says);
    let one = starter().job("2015-12-01", 20);
    let says = "work ended before the period did: 6 days from 2016-05-26 to 2016-05-31 \
                out of work at its end; looked from 2015-12-01 to 2016-05-31";
    let reason = "work ended 6 days before the period did";
    tells(one.clone().ended("2016-05-25"), end, "months", reason, says);
    let says = "98 days never reported, first on 2016-02-24; looked from 2015-12-01 to 2016-05-31";
    tells(one.clone(), end, "months", "98 days of the period not reported", says);
    let says = "the period is not over: 91 days to come; looked from 2015-12-01 to 2016-05-31";
    tells(one, "2016-03-01", "months", "the period is not over", says);
}

#[test]
fn work_after_leaving_is_looked_for() {
    let worked = starter().job("2015-12-01", 20).ended("2016-02-01").exited("2016-02-10");
    let says = "not in work on any day from the exit on 2016-02-10 to 2016-03-09; \
                the last job before ended on 2016-02-01; the next job started on 2016-03-20";
    let reason = "not in work on any of 29 days from the exit";
    let again = worked.clone().job("2016-03-20", 20);
    tells(again, "2016-05-31", "on-leaving", reason, says);
    let says = "not in work so far from the exit on 2016-02-10 to 2016-03-09, with 9 days to come; \
                the last job before ended on 2016-02-01";
    tells(worked, "2016-02-29", "on-leaving", "work may still begin", says);
    let says = "there is no exit yet to count from";
    tells(starter(), "2016-02-29", "on-leaving", "no exit yet", says);
}

/// Counts reasons of one rule.
struct Reasons;

impl Projection for Reasons {
    type Key = String;

    fn name(&self) -> &'static str {
        "reasons"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<String> {
        let weeks = replayed.readings.iter().filter(|reading| reading.name() == "weeks");
        Contributions::of(weeks.map(|each| (replayed.account(each).unwrap().reason(), 1)))
    }
}

#[test]
fn many_people_stand_under_few_reasons() {
    let lives = (1..=9).map(|number| {
        let name = format!("P{number}");
        let referred = person(&name).referred("2015-11-02", "told").acknowledged("2015-11-03");
        let first = format!("2015-12-0{number}");
        referred.started("2015-11-09").job(&first, 20).ended(&format!("2016-01-0{number}"))
    });
    let lives: Vec<Life> = lives.collect();
    let mut counted = given(lives).under(programmes()).as_of("2016-06-01").project(&Reasons);
    counted.then_counts([("4 of 10 weeks counted".to_owned(), 9)]);
}
