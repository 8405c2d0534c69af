//! The bundled packs and tables load, alone and together, without an error or a warning.

#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

use std::collections::BTreeSet;

use waystage_core::id::ProgrammeId;
use waystage_core::programme::{Family, GateTest, Programme, Programmes};
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

fn programmes() -> impl Iterator<Item = Programme> {
    checked().programmes.programmes.into_values()
}

#[test]
fn the_diagnostic_of_halton_has_a_hundred_questions_each_with_a_code_of_its_own() {
    for id in ["halton-ways-to-work", "whp-pioneer"] {
        let programme = programmes().find(|each| each.id == id.into()).expect("it");
        let mut instruments = programme.provision.instruments.iter();
        let diagnostic = instruments.find(|each| each.id == "diagnostic").expect("a diagnostic");
        assert_eq!(diagnostic.count(), 100, "{id}");
        let codes = diagnostic.questions.iter().flat_map(|each| &each.codes);
        assert_eq!(codes.collect::<BTreeSet<_>>().len(), 100, "{id}");
        assert!(diagnostic.ground.assumption.is_some(), "neither codes nor split are published");
    }
}

#[test]
fn every_pack_has_a_gate_or_a_limit_or_says_why_not() {
    let mut without = Vec::new();
    for programme in programmes() {
        if programme.provision.gates.is_empty() && programme.provision.limits.is_empty() {
            let assumed = programme.assumption.unwrap_or_default();
            assert!(assumed.contains("neither a gate nor a limit"), "{}", programme.id);
            without.push(programme.id);
        }
    }
    let expected = ["connect-to-work", "construction-careers", "ips-primary-care"];
    assert_eq!(without, expected.map(ProgrammeId::from));
}

#[test]
fn what_a_pack_names_exists() {
    let checked = checked().programmes;
    for programme in checked.programmes.values() {
        let calendar = programme.calendar.as_ref();
        let known = |calendar| checked.calendars.contains_key(calendar);
        assert!(calendar.is_none_or(known), "{}: calendar", programme.id);
        let provision = &programme.provision;
        let of_targets = provision.targets.iter().filter_map(|target| target.area);
        for area in programme.areas.iter().copied().chain(of_targets) {
            let mut geographies = checked.geographies.values();
            assert!(geographies.any(|each| each.knows(area)), "{}: {area}", programme.id);
        }
        for gate in &provision.gates {
            let (GateTest::NeverStarted { programmes } | GateTest::NotAtOnceWith { programmes }) =
                &gate.test
            else {
                continue;
            };
            for named in programmes {
                let known = checked.programmes.contains_key(named);
                assert!(known, "{}: gate {}: {named}", programme.id, gate.id);
            }
        }
        let waits = provision.claims.iter().flat_map(|claim| &claim.versions);
        let waits = waits.filter(|version| version.wait.is_some()).count();
        assert!(waits == 0 || calendar.is_some(), "{}: a wait without calendar", programme.id);
    }
}

#[test]
fn every_group_is_described_from_the_first_day_of_referrals() {
    for programme in programmes() {
        let described = programme.provision.groups.iter().map(|group| &group.id);
        let described: BTreeSet<&String> = described.collect();
        assert_eq!(described, programme.groups.iter().collect(), "{}", programme.id);
        for group in &programme.provision.groups {
            let from = programme.referrals_from.expect("a first day of referrals");
            assert!(group.in_force(from).is_some(), "{}: {}", programme.id, group.id);
        }
    }
}

#[test]
fn the_long_term_unemployed_are_mandated_and_suspended_twice() {
    let mandated = ["whp-national", "working-well-whp", "central-london-works", "london-whp-llw"];
    for id in mandated {
        let programme = programmes().find(|each| each.id == id.into()).expect("it");
        for group in &programme.provision.groups {
            let open: Vec<bool> = group.versions.iter().map(|version| version.open).collect();
            if group.id == "long_term_unemployed" {
                assert_eq!(open, [true, false, true, false], "{id}");
            } else {
                assert_eq!(open, [true], "{id}: {}", group.id);
            }
            let mandatory = group.id == "long_term_unemployed";
            let joins = group.versions.iter().map(|version| version.participation.as_str());
            let expected = if mandatory { "mandatory" } else { "voluntary" };
            assert!(joins.into_iter().all(|each| each == expected), "{id}: {}", group.id);
        }
    }
}

#[test]
fn everything_a_pack_provides_has_a_source_or_an_assumption() {
    for programme in programmes() {
        for (about, ground) in programme.provision.grounds() {
            let grounded = ground.reference.is_some() || ground.assumption.is_some();
            assert!(grounded, "{}: {about}", programme.id);
            let source = ground.reference.as_ref().is_none_or(|source| source.contains("://"));
            assert!(source, "{}: {about}: a reference without an address", programme.id);
        }
        for standard in &programme.standards {
            let grounded = standard.reference.is_some() || standard.assumption.is_some();
            assert!(grounded, "{}: {}", programme.id, standard.id);
        }
    }
}
