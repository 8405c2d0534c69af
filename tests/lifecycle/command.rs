//! One command, whatever became of the file: `waystage rebuild` leads to models that hold what the
//! log gives, and says what it did.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;
use waystage::core::view::Basis;
use waystage::{AsOf, Engine, Pace, ReadModels, Rebuild};
use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};

use crate::doubles::{a_job, chance, somebody};
use crate::given::{day, filled};
use crate::unguarded::of_schema;

/// The file in which the program keeps its models.
const VIEWS: &str = "waystage.views.db";

fn plain(folder: &TempDir) -> Connection {
    Connection::open(folder.path().join(VIEWS)).unwrap()
}

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

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(program())
        .args(["--quiet", "--store"])
        .arg(folder.path())
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// Runs the command, and returns what it says without the folder, which is another each time.
fn told(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(folder, arguments);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let place = folder.path().canonicalize().unwrap();
    let text = text.replace(&*place.to_string_lossy(), "STORE");
    (output.status.code(), text.replace(&*folder.path().to_string_lossy(), "STORE"))
}

const REBUILD: &[&str] = &["rebuild", "--as-of", "2021-09-30"];

/// What a rebuild of the small extract says where nothing is out of the ordinary.
const BUILT: &str = "\
built 13 read models from 665 events of 60 participants
they stand at position 677, as of 2021-09-30, basis recorded
in STORE/waystage.views.db: open it with any SQL tool
";

/// Asserts that the models hold what the log gives, by the command that says so.
fn holds_what_the_log_gives(folder: &TempDir, state: &str) {
    let (code, says) = told(folder, &["rebuild", "--verify"]);
    assert_eq!(code, Some(0), "{state}: {says}");
    assert!(says.ends_with("all of them hold what the log gives\n"), "{state}: {says}");
}

/// The models of the program, as another program would wire them.
fn of_the_program() -> ReadModels {
    let by = vec![
        Dimension::Programme,
        Dimension::Area,
        Dimension::Month,
        Dimension::Group,
        Dimension::Provider,
    ];
    ReadModels::new()
        .file(VIEWS)
        .with(Caseload)
        .with(KeyWorkers)
        .with(Funnel { by })
        .with(Standards { by: vec![Dimension::Area, Dimension::Month, Dimension::Provider] })
        .with(Eligibility)
        .with(Needs)
        .with(Provision)
        .with(Claims)
        .with(Fees)
        .with(Accelerated)
        .with(Targets)
        .with(Ages)
        .with(Definitions)
        .as_of(AsOf::On(day("2021-09-30")))
        .basis(Basis::Recorded)
        .pace(Pace::OnDemand)
        .leaving_missing()
}

/// A store whose models were built by the command.
fn built() -> TempDir {
    let (folder, engine) = filled();
    drop(engine);
    let said = told(&folder, REBUILD);
    assert_eq!(said, (Some(0), BUILT.to_owned()));
    holds_what_the_log_gives(&folder, "built");
    folder
}

fn anew(why: &str) -> String {
    format!(
        "made the file anew: STORE/waystage.views.db cannot be used ({why}): rebuild the read \
         models, which makes it anew\n{BUILT}"
    )
}

#[test]
fn one_command_rebuilds_from_every_state_and_says_what_it_did() {
    let folder = built();
    let path = folder.path().join(VIEWS);
    let whole = fs::read(&path).unwrap();
    let again = |state: &str, expected: &str| {
        assert_eq!(told(&folder, REBUILD), (Some(0), expected.to_owned()), "{state}");
        holds_what_the_log_gives(&folder, state);
    };
    again("as it was left", BUILT);
    fs::remove_file(&path).unwrap();
    again("no file", BUILT);
    fs::write(&path, "").unwrap();
    again("an empty file", BUILT);
    fs::write(&path, "no database, but a text that is long enough to be taken for one".repeat(99))
        .unwrap();
    again("garbage", &anew("file is not a database"));
    fs::remove_file(&path).unwrap();
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("PRAGMA application_id = 7; CREATE TABLE funnel (referrals)").unwrap();
    drop(foreign);
    again("another application's file", &anew("it is no file of read models"));
    fs::write(&path, &whole).unwrap();
    let raw = plain(&folder);
    raw.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(raw);
    let other = "its layout is version 99 and this engine reads version 1";
    again("another layout", &anew(other));
    let raw = plain(&folder);
    raw.execute("UPDATE read_model SET fingerprint = ?1", ["ab".repeat(32)]).unwrap();
    drop(raw);
    again("made by other definitions", BUILT);
    let engine = Engine::open(folder.path()).unwrap().keep(of_the_program()).unwrap();
    let cancel = AtomicBool::new(false);
    let watch = |_| cancel.store(true, Ordering::Relaxed);
    let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of: 3 };
    assert!(engine.models().unwrap().rebuild(&[], &how).unwrap().switched.is_none());
    drop(engine);
    let (code, says) = told(&folder, REBUILD);
    assert_eq!(code, Some(0));
    assert!(says.contains("participants, going on with an earlier build\n"), "half built: {says}");
    holds_what_the_log_gives(&folder, "half built");
    let raw = plain(&folder);
    raw.execute("UPDATE caseload SET participations = participations + 1 WHERE rowid = 1", [])
        .unwrap();
    drop(raw);
    let (code, says) = told(&folder, REBUILD);
    assert_eq!(code, Some(1), "what answered had gone wrong: {says}");
    assert!(says.contains("what answered before differed"), "{says}");
    holds_what_the_log_gives(&folder, "a wrong row");
}

/// Cut off anywhere, also where the file still opens and only its last pages are gone.
#[test]
fn a_file_that_was_cut_off_anywhere_is_rebuilt_by_the_same_command() {
    let folder = built();
    let path = folder.path().join(VIEWS);
    let whole = fs::read(&path).unwrap();
    let page = 4096;
    let pages = whole.len() / page;
    let mut anew = 0;
    for cut in [1, 2, 3, pages / 4, pages / 2, pages * 3 / 4, pages - 1] {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.path().join(format!("{VIEWS}{end}")));
        }
        fs::write(&path, &whole[..cut * page - 7]).unwrap();
        let (code, says) = told(&folder, REBUILD);
        assert_eq!(code, Some(0), "{cut} of {pages} pages: {says}");
        assert!(says.ends_with(BUILT), "{cut} of {pages} pages: {says}");
        anew += usize::from(says.starts_with("made the file anew"));
        holds_what_the_log_gives(&folder, &format!("{cut} of {pages} pages"));
    }
    assert!(anew > 3, "{anew} files were beyond use");
}

/// A model that is asked for alone is built alone; where the file has to be made anew, all are.
#[test]
fn a_damaged_file_is_made_anew_with_all_models_also_where_one_was_asked_for() {
    let folder = built();
    fs::write(folder.path().join(VIEWS), "garbage, and enough of it to be no header".repeat(99))
        .unwrap();
    let (code, says) = told(&folder, &["rebuild", "--model", "ages", "--as-of", "2021-09-30"]);
    assert_eq!(code, Some(0), "{says}");
    assert!(says.ends_with(BUILT), "{says}");
    let twice = ["rebuild", "--model", "ages", "--model", "ages", "--as-of", "2021-09-30"];
    let (code, says) = told(&folder, &twice);
    assert_eq!(code, Some(0), "{says}");
    assert!(says.starts_with("built 1 read models"), "{says}");
    holds_what_the_log_gives(&folder, "one of them");
}

/// Built as of a day to come, they come back to today where no other day is asked for.
#[test]
fn a_rebuild_without_a_day_stands_at_today() {
    let folder = built();
    assert_eq!(told(&folder, &["rebuild", "--as-of", "2093-01-01"]).0, Some(0));
    let output = run(&folder, &["--json", "rebuild"]);
    let built: Value = serde_json::from_slice(&output.stdout).unwrap();
    let as_of = built["stand"]["as_of"].as_str().unwrap();
    assert!(as_of < "2093-01-01", "{as_of}");
    holds_what_the_log_gives(&folder, "today");
}

#[test]
fn a_rebuild_counts_and_names_whom_it_is_without() {
    let folder = built();
    let engine = Engine::open(folder.path()).unwrap();
    let (person, position) = somebody(&engine);
    drop(engine);
    of_schema(folder.path(), position, 99);
    let (_, says) = told(&folder, REBUILD);
    assert!(says.contains("\nwithout 1 participants, who cannot be read:\n"), "{says}");
    assert!(says.contains(&person.to_string()), "{says}");
    let output = run(&folder, &[&["--json"], REBUILD].concat());
    let built: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(built["parked"], 1);
    let without = built["without"].as_array().unwrap();
    assert_eq!(without.len(), 13, "of each model");
    assert_eq!(without[0]["participant"], person.to_string());
    assert_eq!(without[0]["position"], position.get());
    holds_what_the_log_gives(&folder, "with somebody parked");
}

/// A flipped bit is refused, found by a comparison, or changes nothing that is answered; and the
/// command leads out of it. `FLIPS` sets how many bits are flipped; 40 where it is not set.
#[test]
fn a_flipped_bit_in_the_file_is_refused_or_found_and_never_hides() {
    let folder = built();
    let path = folder.path().join(VIEWS);
    let whole = fs::read(&path).unwrap();
    let open = || Engine::open(folder.path()).unwrap().keep(of_the_program());
    let digests = |engine: &Engine| {
        let models = engine.models().unwrap();
        let names = models.status()?.models.into_iter().map(|model| model.name);
        models.read(|at| names.map(|name| at.digest(&name)).collect::<Result<Vec<_>, _>>())
    };
    let right = digests(&open().unwrap()).unwrap();
    let (mut refused, mut found, mut same) = (0, 0, 0);
    let flips = std::env::var("FLIPS").map_or(40, |text| text.parse().expect("FLIPS: a number"));
    for flip in 0..flips {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.path().join(format!("{VIEWS}{end}")));
        }
        let mut flipped = whole.clone();
        let bit = usize::try_from(chance(flip)).unwrap() % (flipped.len() * 8);
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &flipped).unwrap();
        let Ok(engine) = open() else {
            refused += 1;
            continue;
        };
        let checked = engine.models().unwrap().verify(&[], &|_| {});
        match (checked, digests(&engine)) {
            (Err(_), _) | (_, Err(_)) => refused += 1,
            (Ok(checked), Ok(_)) if !checked.is_clean() => found += 1,
            (Ok(_), Ok(answered)) => {
                assert_eq!(answered, right, "bit {bit} changed an answer and was not found");
                same += 1;
            }
        }
        if flip % 20 == 0 {
            drop(engine);
            let (code, says) = told(&folder, REBUILD);
            assert!(code == Some(0) || code == Some(1), "bit {bit}: {says}");
            holds_what_the_log_gives(&folder, &format!("bit {bit}"));
        }
    }
    println!("{refused} refused, {found} found, {same} changed nothing");
    assert!(refused > 0 && found > 0);
}

/// A command that records goes on where the models cannot be used, and says so.
#[test]
fn a_command_that_records_goes_on_where_the_models_cannot_be_used() {
    let folder = built();
    fs::write(folder.path().join(VIEWS), "garbage, and enough of it to be no header".repeat(99))
        .unwrap();
    let output = run(&folder, &["programmes", "adopt"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(says.contains("the read models are left as they are"), "{says}");
    let engine = Engine::open(folder.path()).unwrap();
    let (person, _) = somebody(&engine);
    let _ = engine.record(person, a_job(&engine, 9)).unwrap();
    drop(engine);
    assert_eq!(told(&folder, REBUILD).0, Some(0));
    holds_what_the_log_gives(&folder, "garbage");
}
