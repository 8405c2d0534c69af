//! What a pack says is what the core gets: every family, the defaults, hours as minutes.

#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

use chrono::NaiveDate;
use waystage_core::calendar::{DayCount, MonthEnd};
use waystage_core::journey::employment::WeeklyMinutes;
use waystage_core::programme::{Family, JudgedBy, Milestone, Terms, Within};
use waystage_core::rules::{
    Anchor, AnchorChoice, Continuous, Earnings, JobStart, Length, MultipleJobs, RateAsOf,
    SectorRule, SelfEmployedDays, StatusAtPoint, Threshold, WeeksInWindow, WorkTest,
};
use waystage_programmes::{bundled_packs, bundled_tables, read_pack, read_tables};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Reads a pack of one rule with one version.
fn terms(family: &str, version: &str) -> Terms {
    let text = format!(
        "[programme]\nid = \"p\"\nname = \"P\"\nreference = \"R\"\n[[rule]]\nid = \"r\"\n\
         family = \"{family}\"\njudged_by = \"start\"\nreference = \"R\"\n[[rule.version]]\n\
         effective_from = 2018-03-01\n{version}\n"
    );
    let programme = read_pack("p.toml", &text).unwrap_or_else(|errors| panic!("{errors}"));
    programme.rules[0].versions[0].terms.clone()
}

#[test]
fn the_pilot_is_read_in_full() {
    let pilot = bundled_packs().iter().find(|(file, _)| file.contains("pilot"));
    let (file, text) = pilot.expect("a pack");
    let pilot = read_pack(file, text).expect("a programme");
    assert_eq!(pilot.name, "Working Well Pilot");
    assert_eq!(pilot.referrals_from, Some(day("2014-03-01")));
    assert_eq!(pilot.referrals_until, Some(day("2016-03-31")));
    assert_eq!(pilot.groups, ["esa_wrag"]);
    assert_eq!(pilot.areas.len(), 10);
    assert_eq!(pilot.calendar, Some("england-and-wales".into()));
    let standard = &pilot.standards[0];
    assert_eq!((standard.from, standard.to), (Milestone::Received, Milestone::Acknowledged));
    assert_eq!(standard.within, Within::WorkingDays(2));
    let [job_start, sustained] = pilot.rules.as_slice() else {
        panic!("two rules");
    };
    assert_eq!((job_start.family, job_start.judged_by), (Family::JobStart, JudgedBy::Start));
    assert!(sustained.reference.starts_with("in work for more than 12 months: GMCA"));
    let version = &sustained.versions[0];
    assert_eq!(version.effective_from, day("2014-03-01"));
    assert!(version.assumption.as_deref().is_some_and(|it| it.starts_with("gap allowance")));
    assert!(version.reference.as_deref().is_some_and(|it| it.contains("https://")));
    let wanted = Continuous {
        length: Length::Months(12),
        month_end: MonthEnd::Clamp,
        max_gap_days: 14,
        max_total_gap_days: Some(28),
        anchor: Anchor {
            choice: AnchorChoice::EachJobStart,
            within_days: Some(730),
            day_count: DayCount::StartIsDay1,
        },
        test: WorkTest {
            sector: SectorRule::Any,
            multiple_jobs: MultipleJobs::Sum,
            min_weekly: None,
            silence_days: Some(84),
        },
    };
    assert_eq!(version.terms, Terms::Continuous(wanted));
    let fee = &pilot.fees[0];
    assert_eq!((&fee.on, &fee.tier), (&sustained.id, &None));
    assert_eq!(fee.versions[0].pence, Some(300_000));
    assert!(fee.versions[0].assumption.is_some());
}

#[test]
fn versions_and_rates_keep_their_dates() {
    let found = bundled_packs().iter().find(|(file, _)| *file == "working-well-whp.toml");
    let (file, text) = found.expect("the bundled pack");
    let programme = read_pack(file, text).expect("a programme");
    let outcome = programme.rule(&"job-outcome".into()).expect("a rule");
    let from: Vec<NaiveDate> = outcome.versions.iter().map(|v| v.effective_from).collect();
    assert_eq!(from, [day("2018-01-29"), day("2022-11-01")]);
    let (file, text) =
        bundled_tables().iter().find(|(file, _)| *file == "rates.toml").expect("the rates");
    let rates = read_tables(file, text).expect("tables").rates;
    let wage = rates.iter().find(|table| table.id == "national-living-wage".into());
    let wage = wage.expect("a table");
    let on = |text| wage.in_force(day(text)).map(|row| row.pence);
    assert_eq!(on("2016-03-31"), None);
    assert_eq!(on("2016-04-01"), Some(720));
    assert_eq!(on("2019-03-31"), Some(783));
    assert_eq!(on("2026-01-01"), Some(1221));
}

#[test]
fn what_is_left_out_has_the_default_of_the_rules() {
    let any = Terms::JobStart(JobStart {
        within_days: None,
        day_count: DayCount::StartIsDay1,
        min_weekly: None,
        sector: SectorRule::Any,
    });
    assert_eq!(terms("job_start", ""), any);
    assert_eq!(terms("job_start", "min_weekly_hours = 0"), any);
    assert_eq!(terms("job_start", "min_weekly_hours = 0.0"), any);

    let anchor = Anchor {
        choice: AnchorChoice::FirstJobStart,
        within_days: None,
        day_count: DayCount::StartIsDay1,
    };
    let test = WorkTest {
        sector: SectorRule::Any,
        multiple_jobs: MultipleJobs::Sum,
        min_weekly: None,
        silence_days: None,
    };
    let anchored = "max_gap_days = 0\nweeks = 26\nanchor = \"first_job_start\"";
    let wanted = Continuous {
        length: Length::Weeks(26),
        month_end: MonthEnd::Clamp,
        max_gap_days: 0,
        max_total_gap_days: None,
        anchor,
        test,
    };
    assert_eq!(terms("continuous", anchored), Terms::Continuous(wanted));

    let weeks = "weeks = 16\nwindow_weeks = 16\nanchor = \"first_job_start\"\nmin_weekly_hours = 0";
    let wanted = WeeksInWindow { weeks: 16, window_weeks: 16, anchor, test };
    assert_eq!(terms("weeks_in_window", weeks), Terms::WeeksInWindow(wanted));

    let wanted = StatusAtPoint { within_days: 0, sector: SectorRule::Any, silence_days: None };
    assert_eq!(terms("status_at_point", "within_days = 0"), Terms::StatusAtPoint(wanted));
}

#[test]
fn a_window_that_counts_the_start_as_day_0_has_one_day_more() {
    let text = "days = 639\nwindow_days = 638\nday_count = \"start_is_day_0\"\nsilence_days = 0";
    let wanted = SelfEmployedDays {
        days: 639,
        window_days: 638,
        day_count: DayCount::StartIsDay0,
        silence_days: Some(0),
    };
    assert_eq!(terms("self_employed_days", text), Terms::SelfEmployedDays(wanted));
}

#[test]
fn hours_are_minutes_exactly() {
    for (hours, minutes) in [
        ("7.5", 450),
        ("16", 960),
        ("16.00", 960),
        ("0x10", 960),
        ("37.35", 2_241),
        ("0.05", 3),
        ("168", 10_080),
    ] {
        let read = terms("job_start", &format!("min_weekly_hours = {hours}"));
        let Terms::JobStart(read) = read else {
            panic!("another family");
        };
        assert_eq!(read.min_weekly, Some(WeeklyMinutes(minutes)), "{hours}");
    }
}

#[test]
fn tiers_are_thresholds_in_the_order_of_the_pack() {
    let text = "window_days = 638\nday_count = \"start_is_day_0\"\nrate_table = \"wage\"\n\
                rate_as_of = \"outcome\"\n[[rule.version.tier]]\nid = \"lower\"\n\
                hours_per_week = 8\nweeks = 26\n[[rule.version.tier]]\nid = \"higher\"\n\
                hours_per_week = 16.5\nweeks = 26";
    let threshold = |tier: &str, minutes| Threshold {
        tier: Some(tier.into()),
        weekly: WeeklyMinutes(minutes),
        weeks: 26,
    };
    let wanted = Earnings {
        window_days: 638,
        day_count: DayCount::StartIsDay0,
        thresholds: vec![threshold("lower", 480), threshold("higher", 990)],
        rate_table: "wage".into(),
        rate_as_of: RateAsOf::Outcome,
    };
    assert_eq!(terms("earnings", text), Terms::Earnings(wanted));
}

#[test]
fn a_fee_may_name_a_tier_and_leave_its_amount_out() {
    let text = "[programme]\nid = \"p\"\nname = \"P\"\nreference = \"R\"\n\
                assumption = \"kept short\"\n[[rule]]\nid = \"r\"\nfamily = \"earnings\"\n\
                judged_by = \"claim\"\nreference = \"R\"\n[[rule.version]]\n\
                effective_from = 1900-01-01\nwindow_days = 1\nday_count = \"start_is_day_1\"\n\
                rate_table = \"wage\"\nrate_as_of = \"start\"\n[[rule.version.tier]]\n\
                id = \"lower\"\nhours_per_week = 8\nweeks = 26\n[[fee]]\non = \"r\"\n\
                tier = \"lower\"\n[[fee.version]]\neffective_from = 2100-12-31\n";
    let programme = read_pack("p.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(programme.fees[0].tier, Some("lower".into()));
    assert_eq!(programme.fees[0].versions[0].pence, None);
}

#[test]
fn lines_may_end_as_they_do_on_windows() {
    let (file, text) = bundled_packs()[0];
    let windows = text.replace('\n', "\r\n");
    assert_eq!(read_pack(file, &windows), read_pack(file, text));
    let wrong = windows.replace("within_days = 456", "within_days = \"456\"");
    let line = text.lines().position(|line| line == "within_days = 456").map(|before| before + 1);
    let errors = read_pack(file, &wrong).expect_err("a number in quotes");
    assert_eq!(errors.iter().next().map(|error| error.place().line), line);
}

#[test]
fn a_fee_may_be_paid_on_the_start_and_the_programme_may_assume_something() {
    let text = "[programme]\nid = \"x\"\nname = \"X\"\nreference = \"none\"\n\
                assumption = \"nothing is published\"\n\n\
                [[fee]]\non = \"start\"\n[[fee.version]]\neffective_from = 2020-01-01\npence = 40000\n";
    let programme = read_pack("x.toml", text).expect("a pack");
    assert_eq!(programme.fees[0].on.as_str(), "start");
    let assumptions: Vec<_> = programme.assumptions().collect();
    assert_eq!(assumptions, [("x".to_owned(), "nothing is published")]);
}

#[test]
fn a_window_of_no_days_after_day_0_is_the_start_alone() {
    let day_0 = DayCount::StartIsDay0;
    let within = "within_days = 0\nday_count = \"start_is_day_0\"";
    let window = "window_days = 0\nday_count = \"start_is_day_0\"";
    let Terms::JobStart(read) = terms("job_start", within) else {
        panic!("another family");
    };
    assert_eq!((read.within_days, read.day_count), (Some(0), day_0));

    let threshold = "hours_per_week = 16\nweeks = 26\nrate_table = \"w\"\nrate_as_of = \"start\"";
    let Terms::Earnings(read) = terms("earnings", &format!("{window}\n{threshold}")) else {
        panic!("another family");
    };
    assert_eq!((read.window_days, read.day_count), (0, day_0));

    let read = terms("self_employed_days", &format!("{window}\ndays = 1"));
    let Terms::SelfEmployedDays(read) = read else {
        panic!("another family");
    };
    assert_eq!((read.days, read.window_days, read.day_count), (1, 0, day_0));

    let anchored = format!("{within}\nanchor = \"each_job_start\"\nweeks = 26");
    let anchor =
        Anchor { choice: AnchorChoice::EachJobStart, within_days: Some(0), day_count: day_0 };
    let weeks = format!("{anchored}\nwindow_weeks = 26\nmin_weekly_hours = 16");
    let Terms::WeeksInWindow(read) = terms("weeks_in_window", &weeks) else {
        panic!("another family");
    };
    assert_eq!(read.anchor, anchor);
    let Terms::Continuous(read) = terms("continuous", &format!("{anchored}\nmax_gap_days = 14"))
    else {
        panic!("another family");
    };
    assert_eq!(read.anchor, anchor);
}

#[test]
fn a_gap_allowance_may_say_more_than_can_be_used() {
    for (length, longest, total) in [
        ("weeks = 26", 14, 13),
        ("weeks = 26", 14, 0),
        ("weeks = 26", 182, 182),
        ("months = 6\nmonth_end = \"clamp\"", 14, 181),
        ("months = 1\nmonth_end = \"overflow\"", 36_525, 36_525),
    ] {
        let version = format!(
            "{length}\nmax_gap_days = {longest}\nmax_total_gap_days = {total}\n\
             anchor = \"each_job_start\""
        );
        let Terms::Continuous(read) = terms("continuous", &version) else {
            panic!("another family");
        };
        assert_eq!((read.max_gap_days, read.max_total_gap_days), (longest, Some(total)));
    }
}

#[test]
fn what_a_rule_and_its_tiers_assume_is_said_with_each_version_that_rests_on_it() {
    let version = |from: &str, own: &str, lower: &str, higher: &str| {
        format!(
            "[[rule.version]]\neffective_from = {from}\n{own}\nwindow_days = 638\n\
             day_count = \"start_is_day_0\"\nrate_table = \"wage\"\nrate_as_of = \"start\"\n\
             [[rule.version.tier]]\nid = \"lower\"\nhours_per_week = 8\nweeks = 26\n{lower}\n\
             [[rule.version.tier]]\nid = \"higher\"\nhours_per_week = 16\nweeks = 26\n{higher}\n"
        )
    };
    let said = |of_rule: &str, versions: &[String]| -> Vec<Option<String>> {
        let text = format!(
            "[programme]\nid = \"p\"\nname = \"P\"\nreference = \"R\"\n[[rule]]\nid = \"r\"\n\
             family = \"earnings\"\njudged_by = \"start\"\nreference = \"R\"\n{of_rule}\n{}",
            versions.concat()
        );
        let programme = read_pack("p.toml", &text).unwrap_or_else(|errors| panic!("{errors}"));
        let versions = programme.rules.into_iter().flat_map(|rule| rule.versions);
        versions.map(|version| version.assumption).collect()
    };
    let says = |text: &str| format!("assumption = \"{text}\"");
    let all = [
        version("2018-01-01", &says("own"), &says("half"), &says("full")),
        version("2019-01-01", "", "", &says("full")),
        version("2020-01-01", &says("own"), "", ""),
        version("2021-01-01", "", "", ""),
    ];
    let wanted = [
        "rule; own; tier lower: half; tier higher: full",
        "rule; tier higher: full",
        "rule; own",
        "rule",
    ];
    assert_eq!(said(&says("rule"), &all), wanted.map(|text| Some(text.to_owned())));
    let wanted = [
        Some("own; tier lower: half; tier higher: full"),
        Some("tier higher: full"),
        Some("own"),
        None,
    ];
    assert_eq!(said("", &all), wanted.map(|text| text.map(str::to_owned)));
}

#[test]
fn what_a_table_assumes_stands_in_its_reference() {
    let text = |assumption: &str| {
        format!(
            "[[rate_table]]\nid = \"w\"\nname = \"W\"\nreference = \"R\"\n{assumption}\n\
             [[rate_table.row]]\neffective_from = 2018-04-01\npence = 783\n\
             [[calendar]]\nid = \"c\"\nname = \"C\"\nreference = \"S\"\n{assumption}\n\
             holidays = [2018-12-25]\n"
        )
    };
    let references = |assumption: &str| {
        let tables = read_tables("t.toml", &text(assumption)).expect("tables");
        (tables.rates[0].reference.clone(), tables.calendars[0].reference.clone())
    };
    assert_eq!(references(""), ("R".to_owned(), "S".to_owned()));
    let wanted = ("R (assumed: a guess)".to_owned(), "S (assumed: a guess)".to_owned());
    assert_eq!(references("assumption = \"a guess\""), wanted);
}

/// Returns a pack whose programme has two groups, with `more` in its only rule.
fn of_two_groups(more: &str) -> String {
    format!(
        "[programme]\nid = \"p\"\nname = \"P\"\nreference = \"R\"\n\
         groups = [\"pg1\", \"pg2\"]\n[[rule]]\nid = \"r\"\nfamily = \"job_start\"\n\
         judged_by = \"start\"\nreference = \"R\"\n{more}\n[[rule.version]]\n\
         effective_from = 2020-01-01\n"
    )
}

#[test]
fn a_rule_is_read_for_its_groups_or_for_everybody() {
    let rule = |more| {
        let read = read_pack("p.toml", &of_two_groups(more));
        read.unwrap_or_else(|errors| panic!("{errors}")).rules.remove(0)
    };
    let everybody = rule("");
    assert!(everybody.groups.is_empty());
    for group in [None, Some("pg1"), Some("pg2"), Some("elsewhere")] {
        assert!(everybody.is_read_for(group), "{group:?}");
    }
    let second = rule("groups = [\"pg2\"]");
    assert_eq!(second.groups, ["pg2"]);
    assert!(second.is_read_for(Some("pg2")));
    for group in [None, Some("pg1"), Some("PG2"), Some("")] {
        assert!(!second.is_read_for(group), "{group:?}");
    }
}

#[test]
fn a_mistake_in_the_programme_is_not_told_again_by_its_rules() {
    let text = of_two_groups("groups = [\"pg3\"]").replace("name = \"P\"", "name = 7");
    let errors = read_pack("p.toml", &text).expect_err("a number for a name");
    assert_eq!(errors.iter().len(), 1);
}

#[test]
fn standards_versions_and_fees_keep_references_of_their_own() {
    let fees = "[[fee]]\non = \"r\"\nreference = \"of the fee\"\n[[fee.version]]\n\
                effective_from = 2020-01-01\npence = 100\nreference = \"of the amount\"\n\
                [[standard]]\nid = \"s\"\nfrom = \"received\"\nto = \"started\"\n\
                within_days = 14\nreference = \"of the standard\"\n";
    let text = of_two_groups("") + "reference = \"of the version\"\n" + fees;
    let programme = read_pack("p.toml", &text).unwrap_or_else(|errors| panic!("{errors}"));
    let rule = &programme.rules[0];
    assert_eq!(rule.reference, "R");
    assert_eq!(rule.versions[0].reference.as_deref(), Some("of the version"));
    assert_eq!(programme.standards[0].reference.as_deref(), Some("of the standard"));
    let fee = &programme.fees[0];
    assert_eq!(fee.reference.as_deref(), Some("of the fee"));
    assert_eq!(fee.versions[0].reference.as_deref(), Some("of the amount"));
    let silent = read_pack("p.toml", &of_two_groups("")).expect("a pack");
    assert_eq!(silent.rules[0].versions[0].reference, None);
}
