//! The program as its users see it: commands, exit codes, the shapes of its JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "program/audit.rs"]
mod audit;
#[path = "program/diff.rs"]
mod diff;
#[path = "program/explain.rs"]
mod explain;
#[path = "program/kept.rs"]
mod kept;
#[path = "program/looks.rs"]
mod looks;
#[path = "program/models.rs"]
mod models;
#[path = "program/new_programme.rs"]
mod new_programme;
#[path = "program/supposed.rs"]
mod supposed;
#[path = "support/texts.rs"]
mod texts;
#[path = "program/what_if.rs"]
mod what_if;
#[path = "provision/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// Builds the program once and returns where it is.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "waystage-cli", "--message-format=json"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let output = build.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the executable")
    })
}

struct Store {
    folder: TempDir,
}

impl Store {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let store = self.folder.path().join("store");
        Command::new(program())
            .arg("--store")
            .arg(store)
            .args(arguments)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(&[&["--json"], arguments].concat());
        assert!(output.status.code().is_some_and(|code| code == 0 || code == 3), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn with_extract() -> Self {
        let store = Self::new();
        let output = store.run(&["import", &small(), "--source", "small"]);
        assert_eq!(output.status.code(), Some(3), "rows of the small extract are rejected");
        store
    }
}

fn small() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small");
    folder.to_string_lossy().into_owned()
}

fn says(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const VIEW: &[&str] =
    &["--as-of", "2021-09-30", "--known-at", "2021-10-14T23:59:59Z", "--basis", "reported"];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn import_counts_and_lists_rejects_in_its_json() {
    let store = Store::new();
    let report = store.json(&["import", &small(), "--source", "small"]);
    let [report] = &report[..] else { panic!("one document") };
    let expected = ["accepted", "duplicates", "files", "rejected", "rejects", "source"];
    assert_eq!(keys(report), expected);
    assert_eq!(report["accepted"], 665);
    assert_eq!(keys(&report["rejects"][0]), ["code", "column", "file", "line", "value"]);
    assert_eq!(keys(&report["files"]["jobs.csv"]), ["accepted", "duplicates", "rejected", "rows"]);
    let again = store.json(&["import", &small(), "--source", "small"]);
    assert_eq!(again[0]["accepted"], 0);
    assert_eq!(again[0]["duplicates"], 665 + 17);
}

#[test]
fn a_dry_run_and_a_strict_run_store_nothing() {
    let store = Store::new();
    let output = store.run(&["import", &small(), "--source", "small", "--dry-run"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(!store.folder.path().join("store").exists());
    let output = store.run(&["import", &small(), "--source", "small", "--strict"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(!store.folder.path().join("store").exists());
    assert_eq!(store.run(&["init"]).status.code(), Some(0));
    let output = store.run(&["import", &small(), "--source", "small", "--strict"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(store.json(&["status"])[0]["facts"], 0);
    let output = store.run(&["import", "no/such/folder", "--source", "small"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn two_sources_that_use_the_same_references_stay_apart() {
    let store = Store::with_extract();
    let count = |command: &str| store.json(&[command, "--basis", "reported"]).len();
    let (claims, caseload) = (count("claims"), count("caseload"));
    store.run(&["import", &small(), "--source", "another"]);
    assert_eq!(count("claims"), 2 * claims);
    assert_eq!(count("caseload"), 2 * caseload);
}

/// Writes an extract of one participant with a claim and what else is given.
fn extract(store: &Store, files: &[(&str, &str)]) -> String {
    let folder = store.folder.path().join("extract");
    std::fs::create_dir_all(&folder).unwrap();
    let participants = "ref,on,reported_at,participant,birth_year,sex,qualification,local_authority\n\
        CL1,2015-05-01,2015-05-01T09:00:00Z,P1,1980,,,E08000002\n";
    let referrals = "ref,on,reported_at,participant,participation,programme,received_on,referrer,\
        participation_type,group,provider,local_authority\n\
        RF1,2015-05-18,2015-05-18T09:00:00Z,P1,R1,working-well-pilot,2015-05-18,,voluntary,,p,E08000002\n";
    for (name, text) in [("participants.csv", participants), ("referrals.csv", referrals)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder.to_string_lossy().into_owned()
}

#[test]
fn sums_of_huge_claims_neither_panic_nor_wrap() {
    let store = Store::new();
    assert!(store.run(&["programmes", "adopt"]).status.success());
    let head = "ref,on,reported_at,participation,rule,step,amount_pence\n";
    let row = |number| {
        format!(
            "CM{number},2017-01-01,2017-01-01T09:00:00Z,R1,job-start,submitted,9223372036854775807\n"
        )
    };
    let claims = format!("{head}{}{}", row(1), row(2));
    let folder = extract(&store, &[("claims.csv", &claims)]);
    assert!(store.run(&["import", &folder, "--source", "s"]).status.success());
    let output = store.run(&["claims", "--basis", "reported"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("£184,467,440,737,095,516.14"), "{text}");
}

#[test]
fn what_a_source_writes_does_not_steer_the_terminal() {
    let store = Store::new();
    assert!(store.run(&["programmes", "adopt"]).status.success());
    let participants = "ref,on,reported_at,participant,birth_year,sex,qualification,local_authority\n\
        CL2,2015-05-01,2015-05-01T09:00:00Z,\u{1b}[31mP2,1980,,,E08000002\n\
        CL1,2015-05-01,2015-05-01T09:00:00Z,P1,1980,,,E08000002\n";
    let folder = extract(&store, &[("participants.csv", participants)]);
    assert!(store.run(&["import", &folder, "--source", "s"]).status.success());
    let output = store.run(&["show", "\u{1b}[31mP2", "--basis", "reported"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!output.stdout.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn going_back_to_an_earlier_tables_file_adopts_it_again() {
    let store = Store::new();
    let folder = store.folder.path().join("tables");
    std::fs::create_dir_all(&folder).unwrap();
    let table = |id: &str, pence: u32| {
        format!(
            "[[rate_table]]\nid = \"{id}\"\nname = \"{id}\"\nreference = \"none\"\n\
                 [[rate_table.row]]\neffective_from = 2016-04-01\npence = {pence}\n"
        )
    };
    let name = folder.to_string_lossy().into_owned();
    let adopt = |text: String| {
        std::fs::write(folder.join("rates.toml"), text).unwrap();
        store.json(&["programmes", "adopt", &name])[0]["adopted"].clone()
    };
    let first = table("one", 700) + &table("two", 800);
    assert_eq!(adopt(first.clone()), 1);
    assert_eq!(adopt(first.clone()), 0);
    assert_eq!(adopt(table("one", 900)), 1);
    assert_eq!(adopt(first), 1, "one of its tables was replaced");
}

#[test]
fn a_store_that_several_create_at_once_is_whole() {
    let store = Store::new();
    let folder = store.folder.path().join("store");
    let creators: Vec<_> = (0..6)
        .map(|_| Command::new(program()).arg("--store").arg(&folder).arg("init").spawn().unwrap())
        .collect();
    let codes = creators.into_iter().map(|mut creator| creator.wait().unwrap().code().unwrap());
    assert_eq!(codes.filter(|code| *code == 0).count(), 1, "one of them created it");
    assert_eq!(store.json(&["status"])[0]["facts"], 0);
}

#[test]
fn the_rejects_file_has_a_line_for_each_rejected_row() {
    let store = Store::new();
    let file = store.folder.path().join("rejects.csv");
    let name = file.to_string_lossy().into_owned();
    store.run(&["import", &small(), "--source", "small", "--rejects", &name]);
    let mut reader = csv::Reader::from_path(&file).unwrap();
    let header = reader.headers().unwrap().clone();
    assert_eq!(header.iter().collect::<Vec<_>>().join(","), "file,line,column,code,value,says");
    assert_eq!(reader.records().map(Result::unwrap).count(), 81);
}

#[test]
fn readings_are_sorted_and_name_their_because_as_the_source_does() {
    let store = Store::with_extract();
    let readings = store.json(&[&["readings"], VIEW].concat());
    assert_eq!(readings.len(), 134);
    let order: Vec<_> = readings
        .iter()
        .map(|each| (each["participation"].as_str().unwrap(), each["rule"].as_str().unwrap()))
        .collect();
    assert!(order.is_sorted());
    let met = readings.iter().find(|each| each["reading"] == "met").unwrap();
    let expected = ["because", "on", "participation", "programme", "reading", "rule", "version"];
    assert_eq!(keys(met), expected);
    assert!(met["because"].as_array().unwrap().len() >= 3);
    assert!(
        readings.iter().any(|each| each["reading"] == "unknown" && each["missing"].is_string())
    );
    assert!(readings.iter().any(|each| each["reading"] == "not_yet" && each["until"].is_string()));
}

#[test]
fn the_funnel_names_its_view_its_grouping_and_all_four_readings() {
    let store = Store::with_extract();
    let funnel = store.json(&[&["funnel", "--by", "programme,area,month"], VIEW].concat());
    let funnel = &funnel[0];
    assert_eq!(keys(funnel), ["assumptions", "by", "parked", "rows", "view"]);
    assert!(funnel["assumptions"][0]["says"].is_string());
    assert_eq!(funnel["by"], serde_json::json!(["programme", "area", "month"]));
    assert_eq!(keys(&funnel["view"]), ["as_of", "basis", "known_at", "through"]);
    let row = &funnel["rows"][0];
    let expected = [
        "area",
        "individuals",
        "job_starts",
        "month",
        "outcomes",
        "programme",
        "referrals",
        "starts",
    ];
    assert_eq!(keys(row), expected);
    let rule = row["outcomes"].as_object().unwrap().values().next().unwrap();
    assert_eq!(keys(rule), ["met", "not_met", "not_yet", "unknown"]);
}

#[test]
fn claims_say_whether_they_were_supported_then_and_are_now() {
    let store = Store::with_extract();
    let claims = store.json(&["claims", "--basis", "reported"]);
    assert_eq!(claims.len(), 30);
    let expected = [
        "amount_pence",
        "claim",
        "participation",
        "rule",
        "submitted_on",
        "supported_now",
        "supported_then",
    ];
    assert_eq!(keys(&claims[0]), expected);
}

#[test]
fn show_reads_like_a_case_file_and_knows_less_at_an_earlier_instant() {
    let store = Store::with_extract();
    let caseload = store.json(&["caseload"]);
    assert!(caseload.len() > 60);
    let corrected = "PXS85SGS";
    let now = store.run(&["show", corrected, "--basis", "reported"]);
    let now = String::from_utf8(now.stdout).unwrap();
    assert!(now.contains("~~"), "a correction is struck through:\n{now}");
    assert!(now.contains("what the rules read:"));
    let known = ["show", corrected, "--basis", "reported", "--known-at", "2021-06-01T00:00:00Z"];
    let then = String::from_utf8(store.run(&known).stdout).unwrap();
    assert!(then.lines().count() < now.lines().count());
}

#[test]
fn determine_and_status_tell_what_they_did() {
    let store = Store::with_extract();
    let run = store.json(&["determine", "--as-of", "2025-09-09"]);
    assert!(run[0]["determined"].as_u64().unwrap() > 60);
    let again = store.json(&["determine", "--as-of", "2025-09-09"]);
    assert_eq!((&again[0]["determined"], &again[0]["withdrawn"]), (&0.into(), &0.into()));
    let status = store.json(&["status"]);
    assert_eq!(status[0]["facts"], 665);
    assert_eq!(status[0]["facts_digest"].as_str().unwrap().len(), 64);
}

#[test]
fn what_is_asked_wrongly_is_answered_with_what_to_write_and_exit_code_2() {
    let store = Store::with_extract();
    let (code, text) = says(&store.run(&["funnel", "--by", "colour"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("programme, area, month, group, provider, participation_type"), "{text}");
    let (code, text) = says(&store.run(&["readings", "--known-at", "yesterday"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("write it with its zone, such as 2026-01-31T09:00:00Z"), "{text}");
    let (code, text) = says(&store.run(&["show", "nobody"]));
    assert_eq!(code, Some(2));
    assert_eq!(
        text,
        "waystage: no participant or participation is called \"nobody\": `waystage caseload` lists them\n"
    );
    let (code, text) = says(&store.run(&["determine", "--as-of", "2999-01-01"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("2999-01-01 has not come yet"), "{text}");
}

#[test]
fn a_store_that_is_not_there_or_is_there_already_is_exit_code_6() {
    let store = Store::new();
    let (code, text) = says(&store.run(&["status"]));
    assert_eq!(code, Some(6));
    assert!(text.contains("create one with `init`"), "{text}");
    assert_eq!(store.run(&["init"]).status.code(), Some(0));
    let (code, text) = says(&store.run(&["init"]));
    assert_eq!(code, Some(6));
    assert!(text.contains("there is something at"), "{text}");
}

#[test]
fn a_pack_with_errors_is_refused_with_file_and_line_and_exit_code_3() {
    let store = Store::new();
    let file = store.folder.path().join("wrong.toml");
    std::fs::write(&file, "[programme]\nid = \"x\"\nnaem = \"y\"\n").unwrap();
    let name = file.to_string_lossy().into_owned();
    let (code, text) = says(&store.run(&["programmes", "check", &name]));
    assert_eq!(code, Some(3));
    assert!(text.contains("wrong.toml:3:1: unknown key \"naem\""), "{text}");
    assert!(text.contains("did you mean \"name\"?"), "{text}");
}

#[test]
fn help_completions_and_man_pages_come_from_one_definition() {
    let store = Store::new();
    let help = String::from_utf8(store.run(&["--help"]).stdout).unwrap();
    let commands = [
        "demo",
        "init",
        "import",
        "determine",
        "show",
        "readings",
        "funnel",
        "caseload",
        "claims",
        "standards",
        "eligibility",
        "needs",
        "provision",
        "key-workers",
        "targets",
        "fees",
    ];
    for command in commands {
        assert!(help.contains(&format!("  {command} ")), "{command} in:\n{help}");
        let output = store.run(&[command, "--help"]);
        assert!(output.status.success() && output.stdout.len() > 300, "{command} --help");
    }
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let completions = String::from_utf8(store.run(&["completions", shell]).stdout).unwrap();
        assert!(completions.contains("known-at"), "{shell}");
    }
    let folder = store.folder.path().join("man");
    assert!(store.run(&["man", &folder.to_string_lossy()]).status.success());
    assert!(folder.join("waystage-import.1").is_file());
}

#[test]
fn the_demo_walks_through_a_small_population() {
    let store = Store::new();
    let out = store.folder.path().join("demo");
    let out = out.to_string_lossy().into_owned();
    let output = store.run(&["demo", "--participants", "200", "--seed", "3", "--out", &out]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["1. A population", "7. One person", "What to try next"] {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(store.run(&["demo", "--out", &out]).status.code(), Some(2), "it is there already");
}
#[path = "support/unguarded.rs"]
mod unguarded;
