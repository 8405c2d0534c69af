//! A programme is added by a file alone: the one that the page on the pack language shows.

use crate::Store;
use crate::texts::Texts;

const PAGE: &str = include_str!("../../docs/PACKS.md");

/// Returns the examples of the page: the pack, or the tables file.
fn example(kind: &str) -> String {
    let fence = format!("```toml {kind}\n");
    let blocks = PAGE.split(fence.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// One person: referred on 2 March 2020, met on the tenth, started, in work for thirty weeks.
fn extract() -> Texts {
    let mut texts = Texts::default();
    for (file, row) in [
        ("participants.csv", "C1,2020-03-02,2020-03-02T09:00:00Z,P1,1980,F,level2,E08000003"),
        (
            "referrals.csv",
            "R1,2020-03-02,2020-03-02T09:00:00Z,P1,W1,example,2020-03-02,jobcentre,voluntary,\
             disability,provider,E08000003",
        ),
        ("contacts.csv", "A1,2020-03-10,2020-03-10T09:00:00Z,W1,attended,,first,"),
        ("progress.csv", "S1,2020-03-10,2020-03-10T10:00:00Z,W1,started,"),
        ("jobs.csv", "J1,2020-04-01,2020-04-02T09:00:00Z,P1,J,started,20,employed,"),
        ("jobs.csv", "J2,2020-10-27,2020-10-28T09:00:00Z,P1,J,ended,,employed,"),
        ("consents.csv", "N1,2020-03-10,2020-03-10T11:00:00Z,P1,employer_contact,given,"),
    ] {
        texts.push(file, row);
    }
    texts
}

#[test]
fn a_programme_is_added_by_a_file_alone() {
    let store = Store::new();
    let folder = store.folder.path();
    let file = folder.join("example.toml");
    std::fs::write(&file, example("pack")).unwrap();
    let checked = store.run(&["programmes", "check", file.to_str().unwrap()]);
    assert!(checked.status.success(), "{checked:?}");

    let taken = folder.join("extract");
    extract().write(&taken);
    std::fs::create_dir(taken.join("packs")).unwrap();
    std::fs::copy(&file, taken.join("packs/example.toml")).unwrap();
    std::fs::create_dir(taken.join("tables")).unwrap();
    std::fs::write(taken.join("tables/tables.toml"), example("tables")).unwrap();
    let taken = taken.to_str().unwrap();
    let report = &store.json(&["import", taken, "--source", "new"])[0];
    assert_eq!((&report["accepted"], &report["rejected"]), (&7.into(), &0.into()), "{report}");

    let view = ["--as-of", "2021-01-31", "--basis", "reported"];
    let with_view = |command: &'static str| [&[command], &view[..]].concat();
    let readings = store.json(&with_view("readings"));
    assert_eq!(readings.len(), 1);
    // 26 whole weeks from Wednesday 1 April: the last day of the 26th is 29 September
    assert_eq!(
        (readings[0]["reading"].as_str(), readings[0]["on"].as_str()),
        (Some("met"), Some("2020-09-29"))
    );
    let standards = &store.json(&with_view("standards"))[0]["rows"];
    let answers: Vec<_> = standards.as_array().unwrap().iter().collect();
    // met within 15 working days; nobody made an affordability exercise, and nothing asked for it
    let met = answers.iter().find(|row| row["standard"] == "first-appointment").unwrap();
    assert_eq!((&met["met"], &met["late"]), (&1.into(), &0.into()), "{met}");
    let shown = store.run(&["programmes", "show", "example"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    for part in ["long_term_unemployed", "pre-work", "gad7", "Talking Therapies", "esf-2014-2020"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}
