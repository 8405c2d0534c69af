//! The engine and the second verifier, which was written from `docs/evidence/FORMAT.md` alone, say
//! the same of everything that the program signs, and of everything that it signs with a byte of it
//! changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "evidence_agrees/products.rs"]
mod products;
#[path = "support/program.rs"]
#[allow(dead_code)] // others import
mod program;
#[path = "evidence_agrees/second.rs"]
mod second;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use products::Products;
use second::{Second, Verdict};
use waystage::evidence::{HeldCheckpoint, Trust};
use waystage::evidence_format::{KeyChain, ProofFile, SignedNote};
use waystage::store::StoreError;
use waystage::{Engine, EngineError};
use waystage_cohorts::{Dimension, Funnel};

/// How many changed bytes of each product are tried; `AGREE_FACTOR` multiplies it.
const FLIPS: u64 = 150;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Returns what was signed, which is made once.
fn products() -> &'static Products {
    static PRODUCTS: OnceLock<Products> = OnceLock::new();
    PRODUCTS.get_or_init(Products::made)
}

/// What the engine says of something: the first bad position of what does not fit, if it knows.
type Said = Result<(), (Option<u64>, String)>;

fn says(error: &EngineError) -> (Option<u64>, String) {
    let first = match error {
        EngineError::Store(StoreError::Corrupt { position, .. }) => Some(position.get()),
        EngineError::Store(StoreError::Rewritten { first, .. }) => Some(first.get()),
        EngineError::ExportRefused(refused) => Some(refused.line - 1),
        _ => None,
    };
    (first, error.to_string())
}

/// Takes an export in and verifies it against what is held.
fn export(products: &Products, file: &Path, held: &[(&str, Option<&str>)]) -> Said {
    let folder = tempfile::tempdir_in(&products.at).unwrap();
    let engine = Engine::restore_export(file, folder.path()).map_err(|error| says(&error))?;
    let held = held.iter().map(|(checkpoint, leaves)| HeldCheckpoint {
        checkpoint: fs::read_to_string(products.file(checkpoint)).unwrap().parse().unwrap(),
        leaves: leaves.map(|leaves| fs::read(products.file(leaves)).unwrap()),
        witnesses: Vec::new(),
    });
    let trust = Trust { key: Some(products.key.parse().unwrap()), held: held.collect() };
    engine.verify_log(&trust, &|_| {}).map(|_| ()).map_err(|error| says(&error))
}

fn ask_export(
    products: &Products,
    second: &Second,
    file: &Path,
    held: &[(&str, Option<&str>)],
) -> Verdict {
    let mut arguments: Vec<String> =
        ["export", text(file), "--key", &products.key].into_iter().map(str::to_owned).collect();
    for (checkpoint, leaves) in held {
        arguments.extend(["--checkpoint".to_owned(), text(&products.file(checkpoint)).to_owned()]);
        if let Some(leaves) = leaves {
            arguments.extend(["--leaves".to_owned(), text(&products.file(leaves)).to_owned()]);
        }
    }
    second.ask(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the chain of each epoch, from the log's first key on.
fn chains(products: &Products) -> Vec<KeyChain> {
    let mut chains = vec![KeyChain::trusting(products.key.parse().unwrap())];
    let mut notes: Vec<SignedNote> = products
        .changes
        .iter()
        .map(|file| fs::read_to_string(file).unwrap().parse().unwrap())
        .collect();
    // rotations stand before recoveries: the first rotation, the recovery, the second rotation
    notes.swap(1, 2);
    for note in notes {
        let last = chains.last().unwrap().clone();
        match last.rotated(&note) {
            Ok(rotated) => *chains.last_mut().unwrap() = rotated,
            Err(_) => chains.push(last.recovered(&note).unwrap()),
        }
    }
    chains
}

fn proof(chains: &[KeyChain], file: &Path) -> Said {
    let refused = |error: &dyn ToString| (None, error.to_string());
    let text = fs::read_to_string(file).map_err(|error| refused(&error))?;
    let proof: ProofFile = text.parse().map_err(|error| refused(&error))?;
    let of_epoch = |chain: &&KeyChain| chain.origin() == proof.note.checkpoint.origin;
    let chain = chains.iter().find(of_epoch).ok_or((None, "another log".to_owned()))?;
    proof.verify(chain).map(|_| ()).map_err(|error| refused(&error))
}

fn ask_proof(products: &Products, second: &Second, file: &Path) -> Verdict {
    let mut arguments = vec!["proof", text(file), "--key", &products.key];
    for change in &products.changes {
        arguments.extend(["--rotations", text(change)]);
    }
    second.ask(&arguments)
}

fn certificate(products: &Products, engine: &Engine, file: &Path) -> Said {
    let refused = |error: &dyn ToString| (None, error.to_string());
    let text = fs::read_to_string(file).map_err(|error| refused(&error))?;
    let note: SignedNote = text.parse().map_err(|error| refused(&error))?;
    let by = vec![
        Dimension::Programme,
        Dimension::Area,
        Dimension::Month,
        Dimension::Group,
        Dimension::Provider,
    ];
    let key = products.key.parse().unwrap();
    let differs = engine
        .check_certificate(&note, Some(&key), &Funnel { by })
        .map_err(|error| says(&error))?;
    if differs.is_empty() { Ok(()) } else { Err((None, format!("{differs:?}"))) }
}

fn ask_certificate(products: &Products, second: &Second, file: &Path) -> Verdict {
    let log = products.file("log");
    second.ask(&["certificate", text(file), "--key", &products.key, "--export", text(&log)])
}

fn agree(what: &str, engine: &Said, second: &Verdict) {
    assert_eq!(engine.is_ok(), second.fits, "{what}: {engine:?}, and {second:?}");
    assert_eq!(second.fits, second.says.is_empty(), "{what}: {second:?}");
    if let (Err((Some(first), _)), Some(theirs)) = (engine, second.first) {
        assert_eq!(*first, theirs, "{what}: {engine:?}, and {second:?}");
    }
}

/// Numbers that depend on nothing but the seed.
struct Picks(u64);

impl Picks {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Changes one byte of a file in many ways, with both verdicts on each; returns how many fitted.
fn flip(
    products: &Products,
    file: &Path,
    places: &dyn Fn(&mut Picks, usize) -> usize,
    verdicts: &dyn Fn(&Path) -> (Said, Verdict),
) -> u64 {
    let factor = std::env::var("AGREE_FACTOR").map_or(1, |factor| factor.parse().unwrap());
    let good = fs::read(file).unwrap();
    let scratch = tempfile::tempdir_in(&products.at).unwrap();
    let changed = scratch.path().join("changed");
    let mut picks = Picks(good.len() as u64);
    let mut fitted = 0;
    for _ in 0..FLIPS * factor {
        let mut bytes = good.clone();
        let place = places(&mut picks, bytes.len());
        let bit = picks.below(16);
        bytes[place] ^=
            if bit < 8 { 1 << bit } else { u8::try_from(1 + picks.below(255)).unwrap() };
        fs::write(&changed, &bytes).unwrap();
        let (engine, second) = verdicts(&changed);
        let was = String::from_utf8_lossy(&good[place.saturating_sub(20)..=place]).into_owned();
        let what = format!("{} at {place} ({was:?} to {})", file.display(), bytes[place]);
        agree(&what, &engine, &second);
        fitted += u64::from(second.fits);
        if second.fits {
            eprintln!("not seen by either: {what}");
        }
    }
    fitted
}

fn anywhere(picks: &mut Picks, length: usize) -> usize {
    picks.below(length)
}

#[test]
fn both_say_the_same_of_all_that_the_program_signs() {
    let (products, second) = (products(), Second::start());
    let log = products.file("log");
    let held: [&[(&str, Option<&str>)]; 6] = [
        &[],
        &[("c1", Some("l1")), ("c2", None)],
        &[("c3", None), ("c4", None), ("c5", None)],
        &[("c3", Some("l3"))],
        &[("c5", None)],
        &[("c1", None)],
    ];
    for held in held {
        let (engine, theirs) =
            (export(products, &log, held), ask_export(products, &second, &log, held));
        assert!(engine.is_ok() && theirs.fits, "{held:?}: {engine:?}, {theirs:?}");
    }
    // the export from before the loss has neither what came after nor what it says
    let before = products.file("before");
    for (held, fits) in [("c1", true), ("c3", false), ("c4", false)] {
        let held = [(held, None)];
        let engine = export(products, &before, &held);
        let theirs = ask_export(products, &second, &before, &held);
        assert_eq!((engine.is_ok(), theirs.fits), (fits, fits), "{engine:?}, {theirs:?}");
    }
    let unsaid = [("c6", None)];
    let engine = export(products, &log, &unsaid);
    let theirs = ask_export(products, &second, &log, &unsaid);
    assert_eq!((engine.is_ok(), theirs.fits), (false, false), "{engine:?}, {theirs:?}");
    let chains = chains(products);
    assert!(products.proofs.len() > 2);
    for file in &products.proofs {
        let (engine, theirs) = (proof(&chains, file), ask_proof(products, &second, file));
        assert!(engine.is_ok() && theirs.fits, "{engine:?}, {theirs:?}");
    }
    let engine = Engine::open(&products.at.join("demo/store")).unwrap();
    for (number, fits) in [(1, true), (2, false), (3, true)] {
        let (note, result) = products.figure(number);
        let said = certificate(products, &engine, &note);
        let theirs = ask_certificate(products, &second, &note);
        assert_eq!((said.is_ok(), theirs.fits), (fits, fits), "{number}: {said:?}, {theirs:?}");
        let arguments = ["certificate", text(&note), "--key", &products.key];
        let alone = second.ask(&[&arguments[..], &["--result", text(&result)]].concat());
        // only the first is signed by the first key
        assert_eq!(alone.fits, number == 1, "{alone:?}");
    }
}

#[test]
fn both_say_the_same_of_an_export_with_a_changed_byte() {
    let (products, second) = (products(), Second::start());
    let log = products.file("log");
    let good = fs::read_to_string(&log).unwrap();
    let header = good.find('\n').unwrap() + 1;
    let notes = good.find("\n{\"rotation\"").unwrap() + 1;
    let places = |picks: &mut Picks, length: usize| match picks.below(8) {
        0 => picks.below(header),
        1..4 => notes + picks.below(length - notes),
        _ => picks.below(length),
    };
    let held = [("c1", Some("l1"))];
    let verdicts = |changed: &Path| {
        let ours = export(products, changed, &held);
        (ours, ask_export(products, &second, changed, &held))
    };
    let fitted = flip(products, &log, &places, &verdicts);
    assert!(fitted < FLIPS / 4, "{fitted} changes were not seen");
}

fn let_go(_: &str) {}

/// Returns lines that stand elsewhere, are missing, doubled or written in another way, and whether
/// that is still an export.
fn laid_out_otherwise(good: &str) -> Vec<(&'static str, String, bool)> {
    let lines: Vec<&str> = good.lines().collect();
    let events = lines.iter().filter(|line| line.starts_with("{\"actor\"")).count();
    let told = |lines: &[&str]| lines.join("\n") + "\n";
    let mut found = Vec::new();
    let mut with = |what, change: &dyn Fn(&mut Vec<&str>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        found.push((what, told(&changed), false));
    };
    let note = |sort: &str| lines.iter().position(|line| line.starts_with(&format!("{{\"{sort}")));
    let [rotation, recovery, checkpoint] =
        ["rotation", "recovery", "checkpoint"].map(|sort| note(sort).unwrap());
    with("an event is missing", &|lines| let_go(lines.remove(9)));
    with("the last event is missing", &|lines| let_go(lines.remove(events)));
    with("an event is doubled", &|lines| lines.insert(9, lines[9]));
    with("events have changed places", &|lines| lines.swap(8, 9));
    with("there is an empty line", &|lines| lines.insert(9, ""));
    with("a rotation is missing", &|lines| let_go(lines.remove(rotation)));
    with("the last rotation is missing", &|lines| let_go(lines.remove(rotation + 1)));
    with("rotations have changed places", &|lines| lines.swap(rotation, rotation + 1));
    with("the recovery is missing", &|lines| let_go(lines.remove(recovery)));
    with("the recovery is doubled", &|lines| lines.insert(recovery, lines[recovery]));
    with("checkpoints are not in order", &|lines| lines.swap(checkpoint, checkpoint + 1));
    with("a note stands among the events", &|lines| lines.insert(9, lines[checkpoint]));
    let mut as_text = |what, text: String, fits| {
        assert_ne!(text, good, "{what}");
        found.push((what, text, fits));
    };
    as_text("line ends of another system", good.replace('\n', "\r\n"), false);
    as_text("the last line does not end", good.trim_end().to_owned(), false);
    as_text(
        "a rotation is none",
        good.replacen("waystage/rotation", "waystage/notation", 1),
        false,
    );
    as_text("a rotation is a recovery", good.replacen("{\"rotation\"", "{\"recovery\"", 1), false);
    as_text(
        "a member stands twice",
        good.replacen("\"version\":1", "\"version\":1,\"version\":1", 1),
        false,
    );
    as_text("a fraction", good.replacen("\"version\":1", "\"version\":1.0", 1), false);
    as_text("another member", good.replacen("\"version\":1", "\"version\":1,\"more\":1", 1), false);
    as_text("a space", good.replacen("\"version\":1", "\"version\": 1", 1), true);
    as_text(
        "the last epoch is missing",
        good.replacen("},{\"first\"", "}],\"epochs\":[{\"first\"", 1),
        false,
    );
    as_text("without checkpoints", told(&lines[..checkpoint]), true);
    found
}

#[test]
fn both_say_the_same_of_an_export_that_is_laid_out_otherwise() {
    let (products, second) = (products(), Second::start());
    let good = fs::read_to_string(products.file("log")).unwrap();
    let changed = products.file("otherwise");
    for (what, text, fits) in laid_out_otherwise(&good) {
        fs::write(&changed, text).unwrap();
        let engine = export(products, &changed, &[]);
        let theirs = ask_export(products, &second, &changed, &[]);
        assert_eq!((engine.is_ok(), theirs.fits), (fits, fits), "{what}: {engine:?}, {theirs:?}");
    }
}

#[test]
fn both_say_the_same_of_a_proof_with_a_changed_byte() {
    let (products, second) = (products(), Second::start());
    let chains = chains(products);
    for file in products.proofs.iter().take(3) {
        let verdicts =
            |changed: &Path| (proof(&chains, changed), ask_proof(products, &second, changed));
        assert_eq!(flip(products, file, &anywhere, &verdicts), 0);
    }
}

#[test]
fn both_say_the_same_of_a_certificate_with_a_changed_byte() {
    let (products, second) = (products(), Second::start());
    let engine = Engine::open(&products.at.join("demo/store")).unwrap();
    let file: PathBuf = products.figure(3).0;
    let verdicts = |changed: &Path| {
        let ours = certificate(products, &engine, changed);
        (ours, ask_certificate(products, &second, changed))
    };
    assert_eq!(flip(products, &file, &anywhere, &verdicts), 0);
}
