//! Golden journeys as data: facts, views, and what each rule reads. The files under `journeys/`
//! hold them; every expected value there is worked out by hand from the rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

#[path = "journeys/lines.rs"]
mod lines;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lines::{Line, Person, day, instant};
use toml::Table;
use waystage_core::id::{Actor, Position, Version};
use waystage_core::journey::{Record, Recorded};
use waystage_core::programme::{Adopted, Adoption, Adoptions};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Reading, RuleReading};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_programmes::{Tables, bundled_packs, bundled_tables, read_pack, read_tables};
use waystage_store::naming;

/// Makes a list of files, and of each a test that checks its journeys.
macro_rules! golden {
    ($list:ident: $($sentence:ident: $file:literal;)*) => {
        const $list: &[&str] = &[$($file),*];
        $(
            #[test]
            fn $sentence() {
                check($file);
            }
        )*
    };
}

golden! { FILES:
    what_a_rule_reads_of_a_participation: "inputs.toml";
    what_days_and_windows_and_months_are: "days.toml";
    what_belief_in_a_silent_job_is: "silence.toml";
    what_job_start_reads: "job_start.toml";
    what_earnings_reads: "earnings.toml";
    what_earnings_reads_at_which_rate: "earnings_rates.toml";
    what_self_employed_days_reads: "self_employed_days.toml";
    what_weeks_in_window_reads: "weeks_in_window.toml";
    what_continuous_reads: "continuous.toml";
    what_status_at_point_reads: "status_at_point.toml";
    what_several_anchors_read: "anchors.toml";
    which_version_is_read: "judged_by.toml";
    what_corrections_change: "corrections.toml";
    what_groups_read: "groups.toml";
    what_the_bundled_packs_read: "bundled.toml";
}

golden! { PACKS:
    what_central_london_works_reads: "packs/central-london-works.toml";
    what_connect_to_work_reads: "packs/connect-to-work.toml";
    what_construction_careers_reads: "packs/construction-careers.toml";
    what_fair_start_scotland_reads: "packs/fair-start-scotland.toml";
    what_halton_ways_to_work_reads: "packs/halton-ways-to-work.toml";
    what_ipes_reads: "packs/ipes.toml";
    what_ips_primary_care_reads: "packs/ips-primary-care.toml";
    what_jets_reads: "packs/jets.toml";
    what_london_whp_llw_reads: "packs/london-whp-llw.toml";
    what_restart_reads: "packs/restart.toml";
    what_specialist_employment_service_reads: "packs/specialist-employment-service.toml";
    what_whp_national_reads: "packs/whp-national.toml";
    what_whp_pioneer_reads: "packs/whp-pioneer.toml";
    what_work_programme_reads: "packs/work-programme.toml";
    what_working_capital_reads: "packs/working-capital.toml";
    what_working_well_early_help_reads: "packs/working-well-early-help.toml";
    what_working_well_expansion_reads: "packs/working-well-expansion.toml";
    what_working_well_pilot_reads: "packs/working-well-pilot.toml";
    what_working_well_whp_reads: "packs/working-well-whp.toml";
}

#[test]
fn every_file_of_golden_journeys_is_checked() {
    assert_eq!(files_in(""), listed(FILES));
    assert_eq!(files_in("packs/"), listed(PACKS));
}

#[test]
fn every_bundled_pack_has_at_least_five_golden_journeys() {
    let bundled: Vec<&str> = bundled_packs().iter().map(|(file, _)| *file).collect();
    let of_packs = files_in("packs/");
    assert_eq!(of_packs, bundled.iter().map(|file| format!("packs/{file}")).collect());
    for file in of_packs {
        let table = table_of(&file);
        let journeys = table["journey"].as_array().expect("journeys").len();
        assert!(journeys >= 5, "{file}: {journeys} journeys");
        let pack = file.trim_start_matches("packs/").trim_end_matches(".toml");
        assert_eq!(text_of(&table, "programme"), pack, "{file}: journeys of another programme");
    }
}

#[test]
fn every_rule_of_a_bundled_pack_has_golden_readings() {
    for (file, text) in bundled_packs() {
        let programme = read_pack(file, text).unwrap_or_else(|error| panic!("{error}"));
        let rules = programme.rules.iter().flat_map(|rule| {
            let tiers = rule.tiers().into_iter();
            tiers.map(|tier| tier.map_or(rule.id.to_string(), |tier| format!("{}/{tier}", rule.id)))
        });
        let read = rules_read(&table_of(&format!("packs/{file}")));
        assert_eq!(read, rules.collect(), "{file}: rules with readings, and rules");
    }
}

/// Returns the rules, with their tiers, that the journeys of a file expect readings of.
fn rules_read(table: &Table) -> BTreeSet<String> {
    let journeys = table["journey"].as_array().expect("journeys").iter();
    journeys
        .flat_map(|journey| lines_of(text_of(journey.as_table().expect("a journey"), "reads")))
        .map(|line| Expected::parse(line).rule)
        .collect()
}

/// Returns the lines of a text that say something, without remarks.
fn lines_of(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).collect()
}

fn listed(files: &[&str]) -> BTreeSet<String> {
    files.iter().map(|file| (*file).to_owned()).collect()
}

/// Returns the files of golden journeys in the folder or in one inside it.
fn files_in(inside: &str) -> BTreeSet<String> {
    std::fs::read_dir(folder().join(inside))
        .expect("the folder of golden journeys")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| format!("{inside}{}", path.file_name().unwrap().to_string_lossy()))
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("journeys")
}

/// Checks every journey of a file and says everything that is read otherwise than written.
fn check(file: &str) {
    let table = table_of(file);
    let adoptions = Arc::new(adopted(&table));
    let person = Person { name: "A".to_owned(), programme: programme_of(&table, &adoptions) };
    let mut names = BTreeSet::new();
    let mut otherwise = Vec::new();
    for journey in table["journey"].as_array().expect("journeys") {
        let journey = journey.as_table().expect("a journey");
        let name = text_of(journey, "name");
        assert!(names.insert(name), "{file}: two journeys are called {name:?}");
        let shared = if journey.contains_key("alone") { "" } else { text_of(&table, "facts") };
        let facts = format!("{shared}\n{}", text_of(journey, "facts"));
        let recorded = recorded(&person, person.read(&facts));
        let lines = lines_of(text_of(journey, "reads"));
        assert!(!lines.is_empty(), "{file}: {name:?} expects nothing");
        for line in lines {
            let expected = Expected::parse(line);
            let read = expected.read(&recorded, &adoptions);
            if read != expected.answer {
                otherwise.push(format!("{name}\n  expected {line}\n  read     {read}"));
            }
        }
    }
    let all = otherwise.join("\n");
    assert!(otherwise.is_empty(), "{file}: read otherwise\n{all}");
}

fn table_of(file: &str) -> Table {
    let text = std::fs::read_to_string(folder().join(file)).expect("a file of golden journeys");
    text.parse().unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn text_of<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).map_or("", |value| value.as_str().expect("a text"))
}

/// Returns what a file's pack and tables say, adopted before everything else.
fn adopted(table: &Table) -> Adoptions {
    let bundled = text_of(table, "bundled");
    let (packs, tables) = if bundled.is_empty() {
        (vec![text_of(table, "pack")], vec![text_of(table, "tables")])
    } else {
        let texts = |files: &'static [(&str, &str)]| files.iter().map(|(_, text)| *text).collect();
        (texts(bundled_packs()), texts(bundled_tables()))
    };
    let packs = packs.into_iter().map(|text| {
        let programme = read_pack("pack", text).unwrap_or_else(|error| panic!("{error}"));
        Adopted::Programme(programme)
    });
    let tables = tables.into_iter().filter(|text| !text.is_empty()).map(|text| {
        let read = read_tables("tables", text).unwrap_or_else(|error| panic!("{error}"));
        let Tables { rates, calendars, geographies } = read;
        Adopted::Tables { rates, calendars, geographies }
    });
    let adoptions = packs.chain(tables).zip(1..).map(|(adopted, number)| Adoption {
        position: Position::new(number).unwrap(),
        recorded_at: Timestamp::MIN,
        digest: String::new(),
        adopted,
    });
    Adoptions::new(adoptions.collect())
}

/// Returns the programme of a referral that names none: the one of the file, else the first.
fn programme_of(table: &Table, adoptions: &Adoptions) -> String {
    let named = text_of(table, "programme");
    if !named.is_empty() {
        return named.to_owned();
    }
    let programmes = adoptions.in_force(&View::new(day("2000-01-01"), Timestamp::MAX));
    let first = programmes.programmes.keys().next();
    first.expect("a programme").to_string()
}

/// Returns the events of a log that recorded these lines in their order.
fn recorded(person: &Person, lines: Vec<Line>) -> Vec<Recorded> {
    let participant = naming::participant(&person.source(), &person.name);
    let events = lines.into_iter().zip(1..).map(|(line, number)| Recorded {
        position: Position::new(number).unwrap(),
        version: Version::new(number).unwrap(),
        participant,
        id: line.id,
        on: line.on,
        recorded_at: line.stored,
        reported_at: Some(line.told),
        actor: Actor::from("system:golden"),
        sourced: Some(line.sourced),
        correlation: None,
        causation: None,
        record: Record::Fact(line.fact),
    });
    events.collect()
}

/// One line of what is expected: a view, a rule, and the answer as it is written.
struct Expected {
    view: View,
    participation: String,
    rule: String,
    answer: String,
}

impl Expected {
    /// Reads `AS-OF [known INSTANT [BASIS]] [PARTICIPATION:]RULE ANSWER`.
    fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (view, words) = match words.as_slice() {
            [as_of, "known", known, basis @ ("recorded" | "reported"), rest @ ..] => {
                let basis = Basis::parse(basis).unwrap();
                (View::new(day(as_of), instant(known)).basis(basis), rest)
            }
            [as_of, "known", known, rest @ ..] => (View::new(day(as_of), instant(known)), rest),
            [as_of, rest @ ..] => (View::new(day(as_of), Timestamp::MAX), rest),
            [] => panic!("an expectation begins with its day"),
        };
        let [rule, answer @ ..] = words else {
            panic!("an expectation names its rule: {line:?}");
        };
        let (participation, rule) = rule.split_once(':').unwrap_or(("P1", rule));
        Self {
            view,
            participation: participation.to_owned(),
            rule: rule.to_owned(),
            answer: answer.join(" "),
        }
    }

    /// Returns what is read, written with the parts that the expectation has.
    fn read(&self, stream: &[Recorded], adoptions: &Arc<Adoptions>) -> String {
        let lens = Lens::new(self.view, Arc::clone(adoptions));
        let replayed = Replayed::of(stream[0].participant, stream, &lens);
        let journey = &replayed.journey;
        let mut named = journey.participations.iter();
        let Some(found) = named.find(|each| each.reference.as_str() == self.participation) else {
            return "nothing".to_owned();
        };
        let asked = |each: &&RuleReading| each.participation == found.id && name(each) == self.rule;
        let Some(read) = replayed.readings.iter().find(asked) else {
            let (rule, programme) = (self.rule.as_str().into(), replayed.programme(found));
            let is_known = programme.is_some_and(|programme| programme.rule(&rule).is_some());
            assert!(is_known, "the pack has no rule {}", self.rule);
            return "nothing".to_owned(); // the rule is for other client groups
        };
        let mut says = match &read.reading {
            Reading::Met(met) => format!("met {}", met.on),
            Reading::NotMet => "not met".to_owned(),
            Reading::NotYet { until: Some(until) } => format!("not yet until {until}"),
            Reading::NotYet { until: None } => "not yet".to_owned(),
            Reading::Unknown { missing, .. } => format!("unknown from {missing}"),
        };
        if self.answer.contains(" by ") {
            let version = read.version.map_or("none".to_owned(), |day| day.to_string());
            says = format!("{says} by {version}");
        }
        if let (true, Reading::Met(met)) = (self.answer.contains(" because "), &read.reading) {
            let labels: Vec<String> = met.because.iter().map(|id| replayed.label(*id)).collect();
            says = format!("{says} because {}", labels.join(" "));
        }
        says
    }
}

fn name(reading: &RuleReading) -> String {
    match &reading.tier {
        Some(tier) => format!("{}/{tier}", reading.rule),
        None => reading.rule.to_string(),
    }
}
