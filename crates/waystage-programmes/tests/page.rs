//! The page on the pack language shows a valid pack and a valid tables file, with every section.
#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

use waystage_programmes::{read_pack, read_tables};

const PAGE: &str = include_str!("../../../docs/PACKS.md");

/// Returns the examples of a kind, one after the other.
fn examples(kind: &str) -> String {
    let fence = format!("```toml {kind}\n");
    let blocks = PAGE.split(fence.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().expect("an end")).collect()
}

#[test]
fn the_examples_are_one_valid_pack_with_every_section() {
    let pack = read_pack("PACKS.md", &examples("pack")).unwrap_or_else(|errors| panic!("{errors}"));
    let provision = &pack.provision;
    for (section, count) in [
        ("rules", pack.rules.len()),
        ("fees", pack.fees.len()),
        ("standards", pack.standards.len()),
        ("groups", provision.groups.len()),
        ("gates", provision.gates.len()),
        ("limits", provision.limits.len()),
        ("instruments", provision.instruments.len()),
        ("severe", provision.severe.len()),
        ("interventions", provision.interventions.len()),
        ("claims", provision.claims.len()),
        ("deliveries", provision.deliveries.len()),
        ("accelerators", provision.accelerators.len()),
        ("targets", provision.targets.len()),
        ("retentions", provision.retentions.len()),
    ] {
        assert!(count > 0, "the page shows no {section}");
    }
    // 28 over twelve months: two or three each, 28 in all
    let profile = &provision.targets[0].profile;
    assert_eq!(profile.values().sum::<u32>(), 28);
    assert!(profile.len() == 12 && profile.values().all(|count| [2, 3].contains(count)));
}

#[test]
fn the_examples_are_one_valid_tables_file() {
    let tables =
        read_tables("PACKS.md", &examples("tables")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((tables.rates.len(), tables.calendars.len(), tables.geographies.len()), (1, 1, 1));
    let geography = &tables.geographies[0];
    let day = |text: &str| text.parse().expect("a day");
    let [old, new] = [geography.areas[0].code, geography.areas[1].code];
    assert_eq!(geography.name_on(old, day("2019-03-31")), Some("Glasgow City"));
    assert_eq!(geography.name_on(old, day("2019-04-01")), None);
    assert_eq!(geography.name_on(new, day("2019-04-01")), Some("Glasgow City"));
    assert_eq!(geography.areas[0].followed_by, [new]);
}
