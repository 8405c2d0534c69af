//! Scenario files: what their edits do to packs, and what the page on the language shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "scenarios/grids.rs"]
mod grids;
#[path = "scenarios/refused.rs"]
mod refused;
#[path = "scenarios/tables.rs"]
mod tables;
#[path = "scenarios/tiers.rs"]
mod tiers;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::id::{JobId, ParticipantId, ProgrammeId};
use waystage_core::journey::Fact;
use waystage_core::journey::correction::Amendment;
use waystage_core::journey::employment::{Employment, Sector, WeeklyMinutes};
use waystage_core::programme::{Family, Programme, Programmes, Rule, Terms};
use waystage_core::scenario::{Change, Scenario};
use waystage_programmes::{
    Files, Names, PackErrors, ScenarioFile, Standing, bundled_packs, bundled_tables, check,
    read_pack, read_scenario,
};

const PAGE: &str = include_str!("../../../docs/SCENARIOS.md");
const HEAD: &str = "[scenario]\nname = \"one\"\npurpose = \"a test\"\n";

/// Finds an id for every reference.
struct Everybody;

impl Names for Everybody {
    fn participant(&self, _reference: &str) -> Option<ParticipantId> {
        Some(ParticipantId::from_bytes([1; 16]))
    }

    fn job(&self, participant: &str, reference: &str) -> Option<JobId> {
        let mut bytes = [0; 16];
        bytes[0] = u8::try_from(participant.len()).unwrap();
        bytes[1] = reference.as_bytes()[reference.len() - 1];
        Some(JobId::from_bytes(bytes))
    }
}

fn read(text: &str) -> Result<ScenarioFile, PackErrors> {
    let (packs, tables) = (bundled_packs(), bundled_tables());
    let programmes = check(&Files { packs, tables }, &Programmes::default()).programmes;
    let texts = packs.iter().map(|(file, text)| {
        let id: ProgrammeId = read_pack(file, text).unwrap().id;
        (id, (*text).to_owned())
    });
    let texts: BTreeMap<ProgrammeId, String> = texts.collect();
    let standing = Standing { programmes: &programmes, packs: &texts, names: &Everybody };
    read_scenario("one.toml", text, &standing)
}

fn in_force() -> Programmes {
    let (packs, tables) = (bundled_packs(), bundled_tables());
    check(&Files { packs, tables }, &Programmes::default()).programmes
}

fn edited(edits: &str) -> Scenario {
    read(&format!("{HEAD}{edits}")).unwrap_or_else(|errors| panic!("{errors}")).scenario
}

fn programme(edits: &str, id: &str) -> Programme {
    edited(edits).overlay(in_force()).programmes[&id.into()].clone()
}

fn rule<'p>(programme: &'p Programme, id: &str) -> &'p Rule {
    programme.rule(&id.into()).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn gap(rule: &Rule, on: &str) -> u32 {
    match &rule.in_force(day(on)).unwrap().terms {
        Terms::Continuous(terms) => terms.max_gap_days,
        other => panic!("{other:?}"),
    }
}

#[test]
fn from_a_day_there_is_a_version_of_that_day_and_earlier_days_stay() {
    let edits = "
        [[pack]]
        programme = \"working-well-expansion\"
        [[pack.rule]]
        id = \"sustained-12-months\"
        from = 2018-01-01
        set = { max_gap_days = 7 }
    ";
    let before = in_force().programmes[&"working-well-expansion".into()].clone();
    let before = rule(&before, "sustained-12-months").clone();
    let after = programme(edits, "working-well-expansion");
    let after = rule(&after, "sustained-12-months");
    assert_eq!(after.versions.len(), before.versions.len() + 1);
    assert_eq!(after.in_force(day("2017-12-31")), before.in_force(day("2017-12-31")));
    assert_eq!((gap(after, "2018-01-01"), gap(after, "2030-01-01")), (7, 7));
    let mut back = after.in_force(day("2018-01-01")).unwrap().clone();
    back.effective_from = before.in_force(day("2018-01-01")).unwrap().effective_from;
    let Terms::Continuous(terms) = &mut back.terms else { panic!("another family") };
    terms.max_gap_days = gap(&before, "2018-01-01");
    assert_eq!(Some(&back), before.in_force(day("2018-01-01")));
}

#[test]
fn a_whole_pack_can_be_edited_section_by_section() {
    let edits = "
        [[pack]]
        programme = \"working-well-pilot\"
        set = { name = \"Another\" }
        remove = [\"areas\"]
        [[pack.fee]]
        on = \"sustained-12-months\"
        set = { pence = 5 }
        [[pack.standard]]
        id = \"acknowledge-referral\"
        set = { within_days = 3 }
        remove = [\"within_working_days\"]
        [[pack.target]]
        id = \"imagined\"
        add = { measure = \"starts\", period = [{ from = 2015-01-01, until = 2015-12-31, count = 12 }] }
        [[pack.rule]]
        id = \"early\"
        add = { family = \"job_start\", judged_by = \"start\", reference = \"imagined\", \
                version = [{ effective_from = 2014-03-01 }] }
    ";
    let after = programme(edits, "working-well-pilot");
    assert_eq!((after.name.as_str(), after.areas.len()), ("Another", 0));
    let fee = after.fees.iter().find(|fee| fee.on.as_str() == "sustained-12-months").unwrap();
    assert!(fee.versions.iter().all(|version| version.pence == Some(5)));
    let standard = &after.standards[0];
    assert_eq!(standard.within, waystage_core::programme::Within::Days(3));
    assert!(after.provision.targets.iter().any(|target| target.id == "imagined"));
    assert_eq!(rule(&after, "early").family, Family::JobStart);
}

#[test]
fn every_rule_of_every_programme_can_be_reached_at_once() {
    let edits = "
        [[pack]]
        programme = \"*\"
        [[pack.rule]]
        id = \"*\"
        where = { family = \"continuous\" }
        set = { silence_days = 11 }
    ";
    let scenario = edited(edits);
    let [overlay] = &scenario.overlays[..] else { panic!("one overlay") };
    let mut seen = 0;
    for programme in scenario.overlay(in_force()).programmes.values() {
        for version in programme.rules.iter().flat_map(|rule| &rule.versions) {
            if let Terms::Continuous(terms) = &version.terms {
                assert_eq!(terms.test.silence_days, Some(11));
                seen += 1;
            }
        }
    }
    let has = |programme: &&Programme| {
        programme.rules.iter().any(|rule| rule.family == Family::Continuous)
    };
    assert!(seen > 3);
    assert_eq!(overlay.programmes.len(), in_force().programmes.values().filter(has).count());
}

#[test]
fn what_an_edit_of_a_pack_makes_doubtful_is_a_warning() {
    let edits = "
        [[pack]]
        programme = \"working-well-whp\"
        [[pack.rule]]
        id = \"job-outcome\"
        set = { rate_table = \"real-living-wage-london\" }
    ";
    let plain = read(&format!("{HEAD}{edits}")).unwrap().warnings;
    let table = "[[rates]]\nid = \"real-living-wage-london\"\nwhole = true\n\
                 [[rates.row]]\neffective_from = 2024-01-01\npence = 1300\n";
    let late = read(&format!("{HEAD}{edits}{table}")).unwrap().warnings;
    assert!(plain.is_empty(), "{plain:?}");
    let begins = late.iter().find(|each| each.message().contains("begins on 2024-01-01"));
    assert_eq!(begins.unwrap().place().file, "one.toml", "{late:?}");
}

#[test]
fn edits_that_set_what_is_there_leave_every_pack_as_it_is() {
    let sections = ["rule", "fee", "standard", "target", "gate", "limit", "intervention"];
    for section in sections {
        let name = match section {
            "fee" => "on",
            "intervention" => "category",
            _ => "id",
        };
        let edits = bundled_packs().iter().flat_map(|(_, text)| {
            let pack: toml::Table = text.parse().unwrap();
            let items = pack.get(section).and_then(|items| items.as_array()).cloned();
            items.unwrap_or_default().into_iter().map(move |item| {
                let (id, tier) = (&item[name], item.get("tier"));
                let tier = tier.map_or_else(String::new, |tier| format!("tier = {tier}\n"));
                format!(
                    "[[pack]]\nprogramme = {}\n[[pack.{section}]]\n{name} = {id}\n{tier}\
                     set = {{ {name} = {id} }}\n",
                    pack["programme"]["id"]
                )
            })
        });
        let edits: String = edits.collect();
        let scenario = edited(&edits);
        assert!(!scenario.overlays[0].programmes.is_empty(), "{section}");
        assert_eq!(scenario.overlay(in_force()), in_force(), "{section}");
    }
    let named = bundled_packs().iter().map(|(_, text)| {
        let pack: toml::Table = text.parse().unwrap();
        let (id, name) = (&pack["programme"]["id"], &pack["programme"]["name"]);
        format!("[[pack]]\nprogramme = {id}\nset = {{ name = {name} }}\n")
    });
    let scenario = edited(&named.collect::<String>());
    assert_eq!(scenario.overlays[0].programmes.len(), bundled_packs().len());
    assert_eq!(scenario.overlay(in_force()), in_force());
}

/// Reads a text against two packs; whatever is wrong is told at a line of it.
fn read_somehow(text: &str, (programmes, packs): (&Programmes, &BTreeMap<ProgrammeId, String>)) {
    let standing = Standing { programmes, packs, names: &Everybody };
    if let Err(errors) = read_scenario("one.toml", text, &standing) {
        let lines = text.lines().count() + 1;
        for error in &errors {
            assert!(error.place().file == "one.toml", "{error}");
            assert!((1..=lines).contains(&error.place().line), "{error}");
        }
    }
}

#[test]
fn a_file_that_is_changed_anywhere_is_read_or_refused_at_one_of_its_lines() {
    let values = [
        "0",
        "-1",
        "9999999999999",
        "7.5",
        "true",
        "\"\"",
        "\"*\"",
        "\"start\"",
        "[]",
        "[{}]",
        "{}",
        "{ a = 1 }",
        "2018-01-01",
        "2018-01-01T00:00:00Z",
        "[\"*\", \"id\"]",
    ];
    let own = ["working-well-expansion", "working-well-pilot"].map(ProgrammeId::from);
    let texts = bundled_packs().iter().filter_map(|(file, text)| {
        let id = read_pack(file, text).unwrap().id;
        own.contains(&id).then(|| (id, (*text).to_owned()))
    });
    let packs: BTreeMap<ProgrammeId, String> = texts.collect();
    let programmes = in_force();
    let standing = (&programmes, &packs);
    let text = examples();
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        read_somehow(&lines[..number].join("\n"), standing);
        let mut other = lines.clone();
        other.remove(number);
        read_somehow(&other.join("\n"), standing);
        other.insert(number, line);
        other.insert(number, line);
        read_somehow(&other.join("\n"), standing);
        let Some((key, _)) = line.split_once(" = ") else { continue };
        for value in values.iter().skip(number % 3).step_by(3) {
            let changed = format!("{key} = {value}");
            let mut other = lines.clone();
            other[number] = &changed;
            read_somehow(&other.join("\n"), standing);
        }
    }
}

/// Returns the examples, one after the other.
fn examples() -> String {
    let blocks = PAGE.split("```toml scenario\n").skip(1);
    blocks.map(|block| block.split("```").next().expect("an end")).collect()
}

#[test]
fn the_examples_of_the_page_are_one_valid_scenario() {
    let file = read(&examples()).unwrap_or_else(|errors| panic!("{errors}"));
    let scenario = &file.scenario;
    let kinds = scenario.changes.iter().map(std::mem::discriminant);
    let kinds: BTreeSet<String> = kinds.map(|kind| format!("{kind:?}")).collect();
    assert_eq!(kinds.len(), 6, "the page shows every change");
    let [.., Change::Amend(_, amendment), Change::Instead(..), Change::Also(also)] =
        &scenario.changes[..]
    else {
        panic!("other changes");
    };
    assert_eq!(*amendment, Amendment::WeeklyMinutes(WeeklyMinutes(960)));
    assert_eq!(also.participant, ParticipantId::from_bytes([1; 16]));
    let Fact::Employment(Employment::JobStarted(started)) = &also.fact else { panic!("no start") };
    assert_eq!((started.sector, started.job.reference.as_str()), (Sector::Employed, "J-3"));
    assert_eq!(started.job.id, Everybody.job("P-0003", "J-3").unwrap());
    let grid = file.grid.unwrap();
    let values: Vec<&str> = grid.points.iter().map(|point| point.value.as_str()).collect();
    assert_eq!(values, ["7", "14", "21", "28"]);
    assert!(grid.points.iter().all(|point| point.scenario.changes == scenario.changes));
    let canonical: BTreeSet<String> =
        grid.points.iter().map(|point| point.scenario.canonical()).collect();
    assert_eq!(canonical.len(), 4);
}

/// Returns the words that may stand in a place, as the loader lists them.
fn allowed(wrong: &str) -> Vec<String> {
    let errors = read(&format!("{HEAD}{wrong}")).unwrap_err();
    let unknown = errors.iter().find(|error| error.message().contains("\"zzzzzzzzzz\"")).unwrap();
    let message = unknown.message();
    let listed = message.split("write ").last().unwrap();
    listed.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_page_has_every_word_of_the_language() {
    let change = "[[change]]\ndo = \"without\"\nwhere = { zzzzzzzzzz = 1 }\n";
    let pack = "[[pack]]\nprogramme = \"*\"\nzzzzzzzzzz = 1\n";
    let item = "[[pack]]\nprogramme = \"*\"\n[[pack.rule]]\nid = \"*\"\nzzzzzzzzzz = 1\n";
    let condition = "[[pack]]\nprogramme = \"*\"\n[[pack.rule]]\nid = \"*\"\noff = true\n\
                     where = { zzzzzzzzzz = 1 }\n";
    let does = "[[change]]\ndo = \"zzzzzzzzzz\"\n";
    let also = "[[change]]\ndo = \"also\"\nzzzzzzzzzz = 1\n";
    let amend = "[[change]]\ndo = \"amend\"\nzzzzzzzzzz = 1\n";
    let grid = "[grid]\nzzzzzzzzzz = 1\n";
    let rates = "[[rates]]\nzzzzzzzzzz = 1\n";
    let holidays = "[[holidays]]\nzzzzzzzzzz = 1\n";
    for wrong in [change, pack, item, condition, does, also, amend, grid, rates, holidays] {
        let words = allowed(wrong);
        assert!(words.len() > 1, "{wrong}");
        for word in words {
            let shown = [format!("`{word}`"), format!("{word} ="), format!(".{word}]")];
            assert!(shown.iter().any(|shown| PAGE.contains(shown)), "the page has no {word}");
        }
    }
}
