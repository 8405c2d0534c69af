//! Batches of any size, rows in any order and files in any order end in the same facts.

use waystage_core::id::{EventId, Source};
use waystage_core::programme::Programmes;
use waystage_core::time::Timestamp;
use waystage_exchange::{Extract, Import, Known, import, judge};
use waystage_programmes::{Files, bundled_packs, bundled_tables, check};
use waystage_store::{Digest, MemoryStore, facts_digest};

use crate::population::population;
use crate::texts::Texts;

/// Takes files in this order into an empty log, and returns the number of facts and their digest.
fn taken(files: &[(String, String)], batch: usize) -> (u64, Digest) {
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
    let extract = Extract::read(files).expect("an extract");
    let packs = Files { packs: bundled_packs(), tables: bundled_tables() };
    let programmes = check(&packs, &Programmes::default()).programmes;
    let (store, source) = (MemoryStore::new("tests.example/shuffled"), Source::from("s"));
    let known = Known::of(&store, &source).expect("a readable log");
    let correlation = EventId::from_bytes([u8::try_from(batch % 200).expect("small"); 16]);
    let intake = judge(&extract, &source, &known, &programmes, correlation).expect("a log");
    assert_eq!(intake.counted.all().accepted, extract.rows() as u64);
    let now = || Timestamp::from_micros(1_893_456_000_000_000);
    let how = Import { batch, now: &now, watch: &|_, _| {} };
    import(&store, intake, &how).expect("accepted rows can be recorded");
    facts_digest(&store).expect("a readable log")
}

fn files(texts: Texts) -> Vec<(String, String)> {
    texts.files.into_iter().collect()
}

/// Returns a file with its rows in another order. No cell holds a line break.
fn reordered(text: &str, reorder: impl Fn(&mut Vec<&str>)) -> String {
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    let mut rows: Vec<&str> = lines.collect();
    reorder(&mut rows);
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn units_of_any_size_end_in_the_same_facts() {
    let files = files(population());
    let wanted = taken(&files, 7);
    assert!(wanted.0 > 1500, "{wanted:?}");
    for batch in [1, 1000] {
        assert_eq!(taken(&files, batch), wanted, "batch {batch}");
    }
}

#[test]
fn rows_and_files_in_any_order_end_in_the_same_facts() {
    let mut files = files(population());
    let wanted = taken(&files, 7);
    for (turn, stride) in [(0, 1), (1, 7), (5, 11), (9, 97)] {
        let last = files.pop().expect("a file");
        files.insert(turn % 5, last);
        for (_, text) in &mut files {
            *text = reordered(text, |rows| {
                rows.reverse();
                rows.sort_by_key(|row| row.len() * stride % 13);
                let turn = turn % rows.len();
                rows.rotate_left(turn);
            });
        }
        assert_eq!(taken(&files, 7), wanted, "turn {turn}, stride {stride}");
    }
}

#[test]
fn another_value_ends_in_other_facts() {
    let mut files = files(population());
    let wanted = taken(&files, 7);
    let (_, needs) = files.iter_mut().find(|(name, _)| name == "needs.csv").expect("needs");
    *needs = needs.replacen("debt", "housing", 1);
    let other = taken(&files, 7);
    assert_eq!(other.0, wanted.0);
    assert_ne!(other.1, wanted.1);
}
