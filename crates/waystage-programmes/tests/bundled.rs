//! The bundled packs and tables load, alone and together, without an error or a warning.

#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

use std::collections::BTreeSet;

use waystage_core::programme::{Family, Programmes};
use waystage_programmes::{
    Checked, Files, bundled_packs, bundled_tables, check, read_pack, read_tables,
};

fn checked() -> Checked {
    let files = Files { packs: bundled_packs(), tables: bundled_tables() };
    check(&files, &Programmes::default())
}

#[test]
fn every_bundled_pack_loads_under_the_name_of_its_file() {
    assert_eq!(bundled_packs().len(), 19);
    for (file, text) in bundled_packs() {
        let programme = read_pack(file, text).expect("a programme");
        assert_eq!(format!("{}.toml", programme.id), *file);
        assert!(!programme.rules.is_empty(), "{file}");
        assert!(programme.rules.iter().all(|rule| !rule.versions.is_empty()));
    }
}

#[test]
fn every_bundled_tables_file_loads() {
    let tables = bundled_tables().iter();
    let read = tables.map(|(file, text)| read_tables(file, text).expect("tables"));
    let counted: Vec<_> = read
        .map(|tables| (tables.rates.len(), tables.calendars.len(), tables.geographies.len()))
        .collect();
    assert_eq!(counted, [(0, 0, 1), (0, 1, 0), (3, 0, 0)]);
}

#[test]
fn nothing_is_left_out_of_the_bundle() {
    let names = |folder: &str, bundled: &[(&str, &str)]| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let found: BTreeSet<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|item| item.expect("an item").file_name())
            .map(|name| name.into_string().expect("plain letters"))
            .collect();
        let bundled: BTreeSet<String> = bundled.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(found, bundled);
    };
    names("packs", bundled_packs());
    names("tables", bundled_tables());
}

#[test]
fn the_bundle_checks_without_an_error_or_a_warning() {
    let checked = checked();
    assert_eq!(checked.errors, []);
    assert_eq!(checked.warnings, []);
    let programmes = checked.programmes;
    assert_eq!(programmes.programmes.len(), 19);
    assert_eq!(programmes.rates.len(), 3);
    assert_eq!(programmes.calendars.len(), 1);
    for programme in programmes.programmes.values() {
        let unnamed = programme
            .areas
            .iter()
            .find(|area| !programmes.geographies.values().any(|geography| geography.knows(**area)));
        assert_eq!(unnamed, None, "{} has an area without a name", programme.id);
    }
}

#[test]
fn the_bundle_shows_every_family() {
    let programmes = checked().programmes.programmes;
    let rules = programmes.values().flat_map(|each| &each.rules);
    let shown: BTreeSet<Family> = rules.map(|rule| rule.family).collect();
    assert_eq!(shown, Family::ALL.iter().copied().collect());
}

#[test]
fn what_stands_already_may_be_named_and_is_replaced_by_name() {
    let standing = checked().programmes;
    let (file, text) = bundled_packs()[0];
    let renamed = text.replace("name = \"Central", "name = \"Greater Central");
    let files = Files { packs: &[(file, renamed.as_str())], tables: &[] };
    let again = check(&files, &standing);
    assert_eq!(again.errors, []);
    assert_eq!(again.programmes.programmes.len(), 19);
    let changed = again.programmes.get(&"central-london-works".into());
    assert!(changed.expect("it").name.starts_with("Greater"));
}
