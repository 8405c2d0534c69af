//! A log whose counts are set to published ones: Fair Start Scotland's first quarter cohort as
//! published at two data cuts, and its start rate by two numerators. The page
//! `docs/guides/published-figures.md` shows what is computed here; `BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/texts.rs"]
mod texts;

use std::fmt::Write as _;
use std::path::Path;

use chrono::{Days, NaiveDate};
use texts::Texts;
use waystage::core::calendar::Month;
use waystage::core::contribution::{Contributions, Projection};
use waystage::core::id::ProgrammeId;
use waystage::core::journey::Participation;
use waystage::core::replayed::Replayed;
use waystage::core::rules::Answer;
use waystage::core::time::Timestamp;
use waystage::core::view::{Basis, View};
use waystage::{Adoption, Engine, ImportPlan};
use waystage_cohorts::{Dimension, Funnel};

/// Referrals up to the end of 2018, as published.
const REFERRALS: u32 = 12_969;
/// Of these, people who started whenever they did.
const STARTED_EVER: u32 = 7_134;
/// Of these, people who started by the end of 2018.
const STARTED_BY_THEN: u32 = 7_031;
/// The first quarter cohort. Only its percentages are published, so its size is chosen.
const COHORT: u32 = 1_000;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Writes one row of a file; it is told the day after, or on a day that is given.
fn row(texts: &mut Texts, file: &str, kind: &str, number: u32, on: NaiveDate, rest: &str) {
    told(texts, file, (kind, number), (on, on + Days::new(1)), rest);
}

fn told(
    texts: &mut Texts,
    file: &str,
    (kind, number): (&str, u32),
    (on, told): (NaiveDate, NaiveDate),
    rest: &str,
) {
    texts.push(file, &format!("{kind}{number},{on},{told}T09:00:00Z,{rest}"));
}

fn referred(texts: &mut Texts, number: u32, on: NaiveDate) {
    row(texts, "participants.csv", "CL", number, on, &format!("P{number},1980,,,S12000049"));
    let rest =
        format!("P{number},W{number},fair-start-scotland,{on},,voluntary,core,provider,S12000049");
    row(texts, "referrals.csv", "RF", number, on, &rest);
}

fn started(texts: &mut Texts, number: u32, on: NaiveDate) {
    row(texts, "progress.csv", "ST", number, on, &format!("W{number},started,"));
}

/// How long a job of the cohort lasts, by place: 75 for over a year, 95 more for 30 weeks, 50 more
/// for 14, 100 more for 5. The last twelve of those with 30 weeks were told of late.
const fn weeks_of(place: u32) -> Option<u64> {
    match place {
        0..75 => Some(53),
        75..170 => Some(30),
        170..220 => Some(14),
        220..320 => Some(5),
        _ => None,
    }
}

/// One person of the first quarter cohort.
fn of_the_cohort(texts: &mut Texts, place: u32) {
    let start = day("2018-04-01") + Days::new(u64::from(place * 91 / COHORT));
    referred(texts, place, start - Days::new(14));
    started(texts, place, start);
    if let Some(weeks) = weeks_of(place) {
        let begins = start + Days::new(30);
        let rest = format!("P{place},J{place},started,16,employed,");
        row(texts, "jobs.csv", "JS", place, begins, &rest);
        let ends = begins + Days::new(weeks * 7 - 1);
        let rest = format!("P{place},J{place},ended,,employed,");
        let is_late = (158..170).contains(&place);
        let when = if is_late { day("2019-10-15") } else { ends + Days::new(1) };
        told(texts, "jobs.csv", ("JE", place), (ends, when), &rest);
        if is_late {
            // the first fourteen weeks were known in time
            let until = begins + Days::new(14 * 7 - 1);
            let rest = format!("P{place},J{place},payslip,{begins},{until}");
            row(texts, "evidence.csv", "EV", place, until, &rest);
        }
    }
    if place >= 480 {
        let left = start + Days::new(100);
        row(texts, "progress.csv", "EX", place, left, &format!("W{place},exited,"));
    }
}

/// Everybody else who was referred in 2018: first those who started by its end, then those who
/// started in January, then those who never did.
fn of_the_rest(texts: &mut Texts, number: u32) {
    let by_then = STARTED_BY_THEN;
    let since = |place: u32, days: u64| {
        day("2018-07-01") + Days::new(u64::from(place) * days / u64::from(REFERRALS))
    };
    if number < by_then {
        let on = since(number, 150);
        referred(texts, number, on);
        started(texts, number, on + Days::new(10));
    } else if number < STARTED_EVER {
        referred(texts, number, day("2018-12-20"));
        started(texts, number, day("2019-01-10"));
    } else {
        referred(texts, number, since(number - STARTED_EVER, 180));
    }
}

fn engine(folder: &Path) -> Engine {
    let mut texts = Texts::default();
    (0..COHORT).for_each(|place| of_the_cohort(&mut texts, place));
    (COHORT..REFERRALS).for_each(|number| of_the_rest(&mut texts, number));
    texts.write(folder);
    let engine = Engine::in_memory("example.org/fair-start");
    let plan = ImportPlan {
        folder: folder.to_owned(),
        source: "published".into(),
        adoption: Adoption::bundled(),
        batch: 1000,
        dry_run: false,
        strict: true,
    };
    let report = engine.import(&plan, &|_, _| {}).unwrap();
    assert_eq!(report.counted.rejects, []);
    engine
}

/// What was known by the end of a day, read up to that day.
fn as_known_on(cut: &str) -> View {
    let known_at: Timestamp = format!("{cut}T23:59:59Z").parse().unwrap();
    View { basis: Basis::Reported, ..View::new(day(cut), known_at) }
}

/// People who started from April to June 2018, and what became of them.
struct FirstQuarter;

fn is_of_the_quarter(participation: &Participation) -> bool {
    let quarter = ["2018-04", "2018-05", "2018-06"];
    participation.programme == ProgrammeId::from("fair-start-scotland")
        && participation
            .started
            .is_some_and(|start| quarter.contains(&Month::of(start.on).to_string().as_str()))
}

impl Projection for FirstQuarter {
    type Key = &'static str;

    fn name(&self) -> &'static str {
        "first quarter"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<&'static str> {
        let mut counts = Contributions::none();
        let mut participations = replayed.journey.participations.iter();
        for of in participations.by_ref().filter(|of| is_of_the_quarter(of)) {
            counts.count("starts", 1);
            let is_met = |rule: &str| {
                replayed.readings.iter().any(|each| {
                    each.participation == of.id
                        && each.rule.as_str() == rule
                        && each.reading.answer() == Answer::Met
                })
            };
            for (rule, name) in [
                ("job-start", "job starts"),
                ("weeks-13-in-16", "13 weeks"),
                ("weeks-26-in-30", "26 weeks"),
                ("weeks-52-in-60", "52 weeks"),
            ] {
                counts.count(name, i64::from(is_met(rule)));
            }
            let left_early = of.exited.is_some() && !is_met("weeks-13-in-16");
            counts.count("early leavers", i64::from(left_early));
        }
        counts
    }
}

/// Returns a part as a whole per cent, rounded half up.
fn per_cent(part: i64, whole: i64) -> i64 {
    (part * 200 + whole) / (whole * 2)
}

fn cohort_table(engine: &Engine, page: &mut String) -> Vec<[i64; 6]> {
    page.push_str(
        "| known at | starts | job starts | 13 weeks | 26 weeks | 52 weeks | early leavers |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut cuts = Vec::new();
    for cut in ["2019-09-30", "2019-12-31"] {
        let counts = engine.sum(&FirstQuarter, as_known_on(cut)).unwrap();
        let names = ["starts", "job starts", "13 weeks", "26 weeks", "52 weeks", "early leavers"];
        let found = names.map(|name| counts.get(&name));
        let [starts, jobs, w13, w26, w52, early] = found;
        let of_starts = |part| format!("{part} ({} %)", per_cent(part, starts));
        let of_13 = |part| format!("{part} ({} % of 13 weeks)", per_cent(part, w13));
        writeln!(
            page,
            "| {cut} | {starts} | {} | {} | {}, {} % of starts | {} | {} |",
            of_starts(jobs),
            of_starts(w13),
            of_13(w26),
            per_cent(w26, starts),
            of_13(w52),
            of_starts(early)
        )
        .unwrap();
        cuts.push(found);
    }
    cuts
}

/// Returns referrals up to the end of 2018 and the starts that a view sees of them.
fn start_rate(engine: &Engine, as_of: &str) -> (i64, i64) {
    let funnel = Funnel { by: vec![Dimension::Month] };
    let model = engine.sum(&funnel, as_known_on(as_of)).unwrap();
    let rows = Funnel::rows(&model);
    let until_then = rows.iter().filter(|row| row.row[0].as_deref() <= Some("2018-12"));
    until_then.fold((0, 0), |sum, row| (sum.0 + row.referrals, sum.1 + row.starts))
}

fn page(cohort: &str, rates: &str) -> String {
    format!(
        "# Published figures, computed again\n\n\
         Fair Start Scotland published its first quarter cohort (people who started from April to \
         June\n2018) twice, with data to two days. The figures below are read by the bundled pack \
         from a log that\nwas made so that its counts are the published ones; `cargo test --test \
         fair_start` makes the log,\ncomputes them and compares them with this page. The cohort \
         has 1,000 made-up people, because only\npercentages are published for it.\n\n\
         ## The same cohort as known at two data cuts\n\n{cohort}\n\
         Nobody's journey changed between the two: the ends of twelve jobs were reported in \
         October 2019.\nUntil then it was unknown whether these jobs had reached 26 weeks, and \
         unknown is not \"no\". A view of\nthe first cut reads the same for ever.\n\n\
         ## 55 % or 54 %\n\n\
         One release gives a start rate of 55 %; dividing its published starts by its published \
         referrals\ngives 54 %. Both divide by the same {REFERRALS} referrals. The numerators \
         differ:\n\n{rates}\n\
         A rate says what its numerator and its denominator count, or it cannot be computed \
         again.\n"
    )
}

#[test]
fn the_first_quarter_cohort_and_the_start_rate_come_out_as_published() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let mut cohort = String::new();
    let cuts = cohort_table(&engine, &mut cohort);
    let rates = |[starts, jobs, w13, w26, w52, early]: [i64; 6]| {
        let of_13 = |part| per_cent(part, w13);
        let of_starts = |part| per_cent(part, starts);
        (of_starts(jobs), of_starts(w13), of_starts(w26), of_13(w26), of_13(w52), of_starts(early))
    };
    // published: 22 % of starts at 13 weeks; of these 72 % at 26 weeks and 34 % at 52; 52 % left
    let (_, w13, _, w26_of_13, w52_of_13, early) = rates(cuts[0]);
    assert_eq!((w13, w26_of_13, w52_of_13, early), (22, 72, 34, 52));
    // published: 32 % in a job, 22 % at 13 weeks, 17 % at 26 weeks, which is 77 % of those at 13
    let (jobs, w13, w26, w26_of_13, ..) = rates(cuts[1]);
    assert_eq!((jobs, w13, w26, w26_of_13), (32, 22, 17, 77));

    let (referrals, by_then) = start_rate(&engine, "2018-12-31");
    let (same_referrals, ever) = start_rate(&engine, "2019-03-31");
    assert_eq!((referrals, by_then), (i64::from(REFERRALS), i64::from(STARTED_BY_THEN)));
    assert_eq!((same_referrals, ever), (referrals, i64::from(STARTED_EVER)));
    assert_eq!((per_cent(ever, referrals), per_cent(by_then, referrals)), (55, 54));
    let table = format!(
        "| starts counted | starts | of referrals |\n|---|--:|--:|\n\
         | of people referred by 31 December 2018, whenever they started | {ever} | {} % |\n\
         | by 31 December 2018 | {by_then} | {} % |\n\n\
         The difference is {} people who were referred in December and started in January.\n",
        per_cent(ever, referrals),
        per_cent(by_then, referrals),
        ever - by_then
    );
    let page = page(&cohort, &table);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/published-figures.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(page, written, "run with BLESS=1 and look at what changes");
}
