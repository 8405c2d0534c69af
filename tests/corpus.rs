//! The golden corpus follows from its journeys: the rows beside it, taken in by an engine, give its
//! events line by line. `BLESS=1` writes them. And it is what it should be: every kind of event is
//! in it, and it is small.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "corpus/rows.rs"]
mod rows;
#[path = "support/texts.rs"]
mod texts;
#[path = "corpus/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use waystage::corpus;
use waystage_core::journey::{Finding, Kind};
use waystage_core::replayed::{Lens, Replayed};

/// Returns a file or folder of the corpus.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/waystage/corpus").join(name)
}

#[test]
fn the_events_are_those_of_the_journeys() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(path("journeys")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let rows = rows::read(&fs::read_to_string(&file).unwrap());
        lines.extend(world::events(&format!("corpus-{name}"), &rows));
    }
    let lines = lines.join("\n") + "\n";
    let there = path("events.jsonl");
    if std::env::var_os("BLESS").is_some() {
        fs::write(there, lines).unwrap();
    } else {
        let kept = fs::read_to_string(there).unwrap();
        let differs = kept.lines().zip(lines.lines()).position(|(one, other)| one != other);
        assert!(kept == lines, "line {differs:?} is another: BLESS=1 writes the events again");
    }
}

#[test]
fn every_kind_of_fact_and_every_finding_is_there() {
    let corpus = corpus::golden().unwrap();
    let of_the_log =
        [Kind::PackAdopted, Kind::TablesAdopted, Kind::DeterminationsMade, Kind::LossDeclared]
            .into_iter()
            .chain([Kind::EventSkipped, Kind::ParticipantRetried])
            .chain([Kind::LogRecovered, Kind::FigurePublished, Kind::AccessRecorded])
            .collect::<BTreeSet<Kind>>();
    let events = corpus.streams.iter().flat_map(|(_, stream)| stream);
    let there: BTreeSet<Kind> = events.map(|event| event.record.kind()).collect();
    let missing: Vec<_> = Kind::ALL
        .iter()
        .filter(|kind| !there.contains(kind) && !of_the_log.contains(kind))
        .collect();
    assert!(missing.is_empty(), "no event of {missing:?}");

    let mut found = BTreeSet::new();
    for view in &corpus.views {
        let lens = Lens::new(*view, corpus.adoptions.clone());
        for (participant, stream) in &corpus.streams {
            let replayed = Replayed::of(*participant, stream, &lens);
            found.extend(replayed.journey.findings.iter().map(|found| found.finding));
        }
    }
    let missing: Vec<_> = Finding::ALL.iter().filter(|each| !found.contains(each)).collect();
    assert!(missing.is_empty(), "no finding {missing:?}");
}

#[test]
fn it_stays_small() {
    let corpus = corpus::golden().unwrap();
    let events: usize = corpus.streams.iter().map(|(_, stream)| stream.len()).sum();
    assert!(corpus.streams.len() <= 150, "{} participants", corpus.streams.len());
    assert!(events <= 2_500, "{events} events");
    let bytes = fs::metadata(path("events.jsonl")).unwrap().len();
    assert!(bytes <= 700_000, "{bytes} bytes");
}
