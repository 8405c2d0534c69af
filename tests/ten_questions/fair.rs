//! Fair Start Scotland's strict window, beside others: one table at the end of the guide to
//! what-ifs.

use std::fmt::Write as _;
use std::path::Path;

use waystage::core::rules::Answer;
use waystage_cohorts::{DefinitionRow, Definitions};
use waystage_testkit::{given, person};

use crate::world::World;

const BASE: &str = "fair-start-scotland/weeks-52-in-60";
const OTHERS: [(&str, &str); 4] = [
    ("fair-start-scotland/months-12-gaps-0", "12 months, no gap"),
    ("fair-start-scotland/months-12-gaps-14", "12 months, gaps of up to 14 days"),
    ("fair-start-scotland/months-12-gaps-28", "12 months, gaps of up to 28 days"),
    ("fair-start-scotland/weeks-52-open", "52 weeks, an open window"),
];
const HEADING: &str = "## The case of Fair Start Scotland\n";

fn rows(world: &World) -> Vec<DefinitionRow> {
    let asked = world.ask("fair-start-scotland.toml");
    let sum = world.engine.replay(&asked.lens).sum(&Definitions).unwrap();
    Definitions::rows(&sum)
}

fn table(rows: &[DefinitionRow]) -> String {
    let of = |name: &str| rows.iter().find(|row| row.definition == name).unwrap();
    let base = of(BASE);
    let mut table = String::from(
        "| a year in work | met | not met | not yet | unknown | met here alone | met by 52 of 60 alone |\n\
         |---|--:|--:|--:|--:|--:|--:|\n",
    );
    for (name, called) in [(BASE, "52 weeks of 60, as printed")].iter().chain(&OTHERS) {
        let row = of(name);
        let counts = row.counts;
        let both = row.also.get(BASE).copied().unwrap_or(0);
        let both = if *name == BASE { counts.met } else { both };
        let (gained, lost) = (counts.met - both, base.counts.met - both);
        writeln!(
            table,
            "| {called} | {} | {} | {} | {} | {gained} | {lost} |",
            counts.met, counts.not_met, counts.not_yet, counts.unknown
        )
        .unwrap();
    }
    table
}

fn section(rows: &[DefinitionRow]) -> String {
    let starts = rows[0].counts.all();
    format!(
        "{HEADING}\nIts evaluation says that strict windows left out people who were sustained in \
         work, so that outcomes\nwere undercounted and providers not paid. The same journeys, read \
         under five definitions of a year in\nwork which differ in nothing but the window: the \
         {starts} started participations of `waystage demo`,\neach read as if it had been referred \
         to Fair Start Scotland, whose rules are read from March 2014 on.\n\n\
         ```console\n$ cargo run --release -- --store DIR/store what-if \\\n      \
         --model definitions --scenario docs/scenarios/fair-start-scotland.toml\n```\n\n{}\n\
         The last two columns are who moves: met here and not by 52 of 60, and the other way \
         about. Whoever\nworked a year with a break of more than eight weeks is met under the open \
         window alone. Under it\nnobody fails who started a job in time, so what is not met and \
         not yet may not be compared with the\nother rows; what is unknown was not reported, \
         under any of them. `cargo test --test ten_questions`\ncomputes the table and compares \
         it with this page; `BLESS=1` writes it.\nTen more questions are \
         [asked of the demo](ten-questions.md).\n",
        table(rows)
    )
}

#[test]
fn the_case_of_fair_start_scotland_stands_in_the_guide() {
    let section = section(&rows(World::demo()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/what-if.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let place = page.find(HEADING).unwrap_or(page.len());
    if std::env::var_os("BLESS").is_some() {
        let before = page[..place].trim_end();
        std::fs::write(&path, format!("{before}\n\n{section}")).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    let place = page.find(HEADING).unwrap_or(page.len());
    assert!(page[place..] == section, "run with BLESS=1 and look at what changes");
}

#[test]
fn a_longer_gap_allowance_never_loses_anybody_and_an_open_window_loses_nobody_of_52_in_60() {
    let rows = rows(World::demo());
    let of = |name: &str| rows.iter().find(|row| row.definition == name).unwrap();
    let [none, two, four, open] = OTHERS.map(|(name, _)| of(name));
    let both = |one: &DefinitionRow, other: &DefinitionRow| one.also[&other.definition];
    assert_eq!(both(none, two), none.counts.met);
    assert_eq!(both(two, four), two.counts.met);
    assert_eq!(both(of(BASE), open), of(BASE).counts.met);
    assert!(open.counts.met > of(BASE).counts.met);
    let all = [none, two, four, open, of(BASE)].map(|row| row.counts.all());
    assert!(all.iter().all(|count| *count == all[0] && *count > 3000), "{all:?}");
}

#[test]
fn a_year_in_work_with_a_long_break_is_left_out_by_the_strict_window_alone() {
    let world = World::demo();
    let asked = world.ask("fair-start-scotland.toml");
    let life = || {
        let life = person("P1").referred("2018-06-01", "fair-start-scotland");
        let life = life.acknowledged("2018-06-04").started("2018-06-11");
        let life = life.job("2018-07-02", 20).ended("2019-01-27");
        life.job("2019-04-15", 20).ended("2019-12-15").verified("2019-12-15", "2019-12-15")
    };
    let read = |rule| given(life()).as_of("2020-12-31").under(asked.lens.programmes()).reads(rule);
    read("weeks-52-in-60").then_not_met();
    read("months-12-gaps-28").then_not_met();
    read("weeks-52-open").then(Answer::Met);
}
