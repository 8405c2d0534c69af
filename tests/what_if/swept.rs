//! What a grid counts: the readings of the rules that it sweeps and the fees on them, under each
//! value as its scenario alone would have them.

use std::collections::BTreeMap;

use waystage::core::replayed::Lens;
use waystage::replay::what_if::Swept;
use waystage::{Engine, Figures};
use waystage_cohorts::Fees;

use super::isolated::{GRID, imported, read};

const GAP: [(&str, &str); 1] = [("working-well-expansion", "sustained-12-months")];
const TOTAL_GAP: [(&str, &str); 2] = [
    ("working-well-expansion", "sustained-26-weeks"),
    ("working-well-pilot", "sustained-12-months"),
];

/// Returns how often rules read met, not met, not yet and unknown.
fn answers(engine: &Engine, lens: &Lens, rules: &[(&str, &str)]) -> [u64; 4] {
    let counted = engine.replay(lens).each(|replayed| {
        let ours = replayed
            .readings
            .iter()
            .filter(|each| rules.contains(&(each.programme.as_str(), each.rule.as_str())));
        ours.map(|each| each.reading.answer().as_str()).collect::<Vec<_>>()
    });
    let mut counts = BTreeMap::<&str, u64>::new();
    for answer in counted.unwrap().into_iter().flatten() {
        *counts.entry(answer).or_default() += 1;
    }
    ["met", "not_met", "not_yet", "unknown"].map(|answer| counts.get(answer).copied().unwrap_or(0))
}

/// Returns the fees on rules, in pence.
fn fees(engine: &Engine, lens: &Lens, rules: &[(&str, &str)]) -> i64 {
    let sum = engine.replay(lens).sum(&Fees).unwrap();
    let rows = Fees::rows(&sum.model);
    let ours = |row: &&_| {
        let row: &waystage_cohorts::EarnedRow = row;
        rules.contains(&(row.programme.as_str(), row.fee.as_str()))
    };
    rows.iter().filter(ours).map(|row| row.pence).sum()
}

fn counts(swept: &Swept) -> [u64; 4] {
    [swept.met, swept.not_met, swept.not_yet, swept.unknown]
}

/// Checks the table of a grid that sweeps these rules.
fn check(text: &str, rules: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let engine = imported(folder.path());
    let (asked, file) = read(&engine, text);
    let grid = file.grid.unwrap();
    let looking = engine.access("user:analyst-1", "the tender");
    let table = looking.sweep(&grid, asked, &|_| {}).unwrap();
    let plain = engine.lens(asked).unwrap();
    let pence = |swept: &Swept| i64::try_from(swept.fee_pence).unwrap();
    assert_eq!(counts(&table.baseline), answers(&engine, &plain, rules));
    assert_eq!(pence(&table.baseline), fees(&engine, &plain, rules));
    assert!(table.baseline.met > 0 && table.baseline.fee_pence > 0);
    for (point, swept) in grid.points.iter().zip(&table.values) {
        let lens = plain.clone().scenario(point.scenario.clone());
        assert_eq!(counts(swept), answers(&engine, &lens, rules), "{}", point.value);
        assert_eq!(pence(swept), fees(&engine, &lens, rules), "{}", point.value);
        let asked = looking.what_if(&point.scenario, asked, &[], Figures::Changes, &|_| {});
        let people = &asked.unwrap().would_be.difference.people;
        let changed = people.iter().filter(|person| !person.readings.is_empty()).count();
        assert_eq!(swept.participants_changed, changed as u64, "{}", point.value);
    }
    assert!(table.values.iter().any(|swept| swept.readings_changed > 0));
    // each stream is decoded once, whatever the number of values
    let events: u64 = engine.reader().last_position().unwrap().unwrap().get();
    assert!(table.events <= events);
}

#[test]
fn a_grid_counts_what_each_of_its_scenarios_would() {
    check(GRID, &GAP);
}

#[test]
fn a_grid_over_every_rule_counts_only_those_that_have_the_parameter() {
    let text = GRID
        .replace("\"working-well-expansion\"", "\"*\"")
        .replace("\"sustained-12-months\"", "\"*\"")
        .replace("\"max_gap_days\"", "\"max_total_gap_days\"")
        .replace("from = 7", "from = 0");
    check(&text, &TOTAL_GAP);
}
