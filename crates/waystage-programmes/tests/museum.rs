//! The museum of errors: every kind of error has an exhibit, a file with that mistake and the
//! exact message that it gets. `BLESS=1` writes the messages anew; read the difference.

#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use waystage_core::programme::Programmes;
use waystage_programmes::{
    Files, PackError, Standing, bundled_packs, bundled_tables, check, read_pack, read_scenario,
    read_tables,
};

type Text = (String, String);

fn museum() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/museum")
}

/// Returns the paths of a folder that begin with a word, in order.
fn exhibits(folder: &Path, begins: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|item| item.expect("an item").path())
        .filter(|path| name(path).starts_with(begins))
        .filter(|path| path.extension().is_none_or(|ending| ending == "toml"))
        .collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    let name = path.file_name().expect("a name");
    name.to_str().expect("plain letters").to_owned()
}

fn read(path: &Path) -> Text {
    (name(path), std::fs::read_to_string(path).expect("a text"))
}

/// Compares what an exhibit gets with what stands beside it.
fn compare(path: &Path, given: &str) {
    let beside = path.with_extension("expected");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&beside, given).expect("written");
    }
    let expected = std::fs::read_to_string(&beside).unwrap_or_default();
    assert_eq!(given, expected, "{}", path.display());
}

fn lines<T: ToString>(all: &[T]) -> String {
    let mut lines: Vec<String> = all.iter().map(T::to_string).collect();
    lines.push(String::new());
    lines.join("\n")
}

fn errors_of_packs() -> Vec<PackError> {
    let mut all = Vec::new();
    for path in exhibits(&museum(), "pack-") {
        let (file, text) = read(&path);
        let errors = read_pack(&file, &text).expect_err(&file);
        assert_eq!(errors.to_string() + "\n", lines(&Vec::from_iter(errors.clone())));
        compare(&path, &lines(&Vec::from_iter(errors.clone())));
        all.extend(errors);
    }
    all
}

fn errors_of_tables() -> Vec<PackError> {
    let mut all = Vec::new();
    for path in exhibits(&museum(), "tables-") {
        let (file, text) = read(&path);
        let errors = Vec::from_iter(read_tables(&file, &text).expect_err(&file));
        compare(&path, &lines(&errors));
        all.extend(errors);
    }
    all
}

fn errors_of_scenarios() -> Vec<PackError> {
    let nothing = Programmes::default();
    let (packs, tables) = (bundled_packs(), bundled_tables());
    let programmes = check(&Files { packs, tables }, &nothing).programmes;
    let packs = packs.iter().map(|(file, text)| {
        let id = read_pack(file, text).expect("a bundled pack").id;
        (id, (*text).to_owned())
    });
    let packs = packs.collect();
    let standing = Standing { programmes: &programmes, packs: &packs, names: &() };
    let mut all = Vec::new();
    for path in exhibits(&museum(), "scenario-") {
        let (file, text) = read(&path);
        let errors = Vec::from_iter(read_scenario(&file, &text, &standing).expect_err(&file));
        compare(&path, &lines(&errors));
        assert!(errors.iter().all(|error| error.place().file == file), "{file}");
        all.extend(errors);
    }
    all
}

fn errors_between_files() -> Vec<PackError> {
    let mut all = Vec::new();
    for folder in exhibits(&museum(), "between-") {
        let of = |begins| -> Vec<Text> {
            let paths = exhibits(&folder, begins);
            paths.iter().map(|path| read(path)).collect()
        };
        let (packs, tables) = (of("pack"), of("tables"));
        let files = Files { packs: &packs, tables: &tables };
        let checked = check(&files, &Programmes::default());
        let warnings = checked.warnings.iter();
        let warnings: Vec<String> = warnings.map(|each| format!("warning: {each}")).collect();
        let given = lines(&checked.errors) + &lines(&warnings);
        compare(&folder, &given);
        all.extend(checked.errors);
    }
    all
}

fn every_error() -> Vec<PackError> {
    let files = [errors_of_packs(), errors_of_tables(), errors_of_scenarios()];
    [files.concat(), errors_between_files()].concat()
}

#[test]
fn every_error_of_a_pack_has_its_exact_message() {
    assert!(errors_of_packs().len() > 60);
}

#[test]
fn every_error_of_a_tables_file_has_its_exact_message() {
    assert!(errors_of_tables().len() > 8);
}

#[test]
fn every_error_of_a_scenario_has_its_exact_message_at_a_line_of_the_scenario() {
    assert!(errors_of_scenarios().len() > 50);
}

#[test]
fn every_error_and_warning_between_files_has_its_exact_message() {
    assert!(errors_between_files().len() > 5);
}

#[test]
fn no_kind_of_error_is_without_an_exhibit() {
    let all = every_error();
    let shown: BTreeSet<&str> = all.iter().map(PackError::kind).collect();
    let known: BTreeSet<&str> = PackError::KINDS.iter().copied().collect();
    assert_eq!(shown, known);
}

#[test]
fn every_message_is_one_line_in_lower_case() {
    let all = every_error();
    for error in all {
        let message = error.message();
        let first = message.chars().next().expect("a letter");
        assert!(!first.is_uppercase(), "{message}");
        assert!(!message.contains('\n') && !message.ends_with('.'), "{message}");
        assert!(error.place().line > 0 && error.place().column > 0);
    }
}

#[test]
fn nothing_in_the_museum_is_forgotten() {
    for item in std::fs::read_dir(museum()).expect("a folder") {
        let path = item.expect("an item").path();
        let name = name(&path);
        let begins = ["pack-", "tables-", "scenario-", "between-"];
        assert!(begins.iter().any(|begin| name.starts_with(begin)), "{name}");
        let ending = if name.starts_with("between-") { "" } else { "toml" };
        let exhibit = path.with_extension(ending);
        assert!(exhibit.exists() && path.with_extension("expected").exists(), "{name}");
    }
}
