//! The golden corpus: made-up participants, packs and tables, frozen beside this crate, on whom
//! every read model shows what it does. `corpus/README.md` says what may be changed there: nothing
//! that is released; it only grows.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use waystage_core::id::{ParticipantId, Position};
use waystage_core::journey::Recorded;
use waystage_core::programme::{self, Adopted, Adoptions};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_programmes::{PackErrors, Tables, read_pack, read_tables};
use waystage_replay::Corpus;
use waystage_store::{codec, line, sha256};

use crate::error::EngineError;

/// The stored events, one a line.
const EVENTS: &str = include_str!("../corpus/events.jsonl");

/// So many places stand before the first event, for adoptions: there will be more of them, and no
/// event may move by that.
const LEFT_TO_ADOPTIONS: u64 = 1_000;

/// A text that the corpus adopts.
enum Text {
    Pack(&'static str),
    Tables(&'static str),
}

macro_rules! adopted {
    ($at:literal, $form:ident, $file:literal) => {
        ($at, $file, Text::$form(include_str!(concat!("../corpus/", $file))))
    };
}

/// Packs and tables in the order of their adoption, with the instant of each. The calendar of the
/// south comes late and one pack twice, so that views differ in what they read with.
const ADOPTED: &[(&str, &str, Text)] = &[
    adopted!("2010-01-01T00:00:00Z", Tables, "tables/corpus-tables.toml"),
    adopted!("2010-01-01T00:00:01Z", Pack, "packs/corpus-north.toml"),
    adopted!("2010-01-01T00:00:02Z", Pack, "packs/corpus-south.toml"),
    adopted!("2010-01-01T00:00:03Z", Pack, "packs/corpus-east.toml"),
    adopted!("2010-01-01T00:00:04Z", Pack, "packs/corpus-west.toml"),
    adopted!("2010-01-01T00:00:05Z", Pack, "packs/corpus-twice.toml"),
    adopted!("2021-11-01T00:00:00Z", Tables, "tables/corpus-late.toml"),
    adopted!("2022-07-01T00:00:00Z", Pack, "packs/corpus-twice-revised.toml"),
];

/// The views: last day, known at, basis, and how many lines of the events are reached where not
/// all are.
const VIEWS: &[(&str, &str, Basis, Option<u64>)] = &[
    ("2024-03-31", "2024-12-31T00:00:00Z", Basis::Recorded, None),
    ("2021-09-30", "2024-12-31T00:00:00Z", Basis::Reported, None),
    ("2021-06-30", "2021-07-15T00:00:00Z", Basis::Recorded, None),
    ("2022-06-30", "2022-05-31T00:00:00Z", Basis::Reported, None),
    ("2020-08-15", "2023-01-31T00:00:00Z", Basis::Recorded, Some(600)),
];

/// Returns the golden corpus: what a [fingerprint](waystage_replay::fingerprint) is taken of.
///
/// # Errors
///
/// Only where this engine cannot read what an engine before it stored: a broken build.
pub fn golden() -> Result<Corpus, EngineError> {
    Ok(Corpus { streams: streams(EVENTS)?, adoptions: Arc::new(adoptions()?), views: views()? })
}

/// Reads the events, each at the place that follows from its line.
fn streams(text: &str) -> Result<Vec<(ParticipantId, Vec<Recorded>)>, EngineError> {
    let mut streams: BTreeMap<ParticipantId, Vec<Recorded>> = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let what = || format!("line {number} of its events");
        let stored = line::read(line, place(number)).map_err(|error| broken(what(), error))?;
        let recorded = codec::decode(&stored).map_err(|error| broken(what(), error))?;
        streams.entry(recorded.participant).or_default().push(recorded);
    }
    Ok(streams.into_iter().collect())
}

fn place(line: u64) -> Position {
    Position::new(LEFT_TO_ADOPTIONS.saturating_add(line)).unwrap_or(Position::FIRST)
}

fn adoptions() -> Result<Adoptions, EngineError> {
    let mut adoptions = Vec::new();
    let mut position = None;
    for (at, file, text) in ADOPTED {
        let refused = |errors: PackErrors| EngineError::Packs(errors.into_iter().collect());
        let (adopted, text) = match text {
            Text::Pack(text) => (Adopted::Programme(read_pack(file, text).map_err(refused)?), text),
            Text::Tables(text) => {
                let Tables { rates, calendars, geographies } =
                    read_tables(file, text).map_err(refused)?;
                (Adopted::Tables { rates, calendars, geographies }, text)
            }
        };
        let this = Position::after(position);
        position = Some(this);
        adoptions.push(programme::Adoption {
            position: this,
            recorded_at: at.parse().map_err(|error| broken((*file).to_owned(), error))?,
            digest: sha256(text.as_bytes()).to_string(),
            adopted,
        });
    }
    Ok(Adoptions::new(adoptions))
}

fn views() -> Result<Vec<View>, EngineError> {
    let views = VIEWS.iter().map(|(as_of, known_at, basis, lines)| {
        let what = || format!("the view of {as_of}");
        let day: NaiveDate = as_of.parse().map_err(|error| broken(what(), error))?;
        let known_at: Timestamp = known_at.parse().map_err(|error| broken(what(), error))?;
        let view = View::new(day, known_at).basis(*basis);
        Ok(lines.map_or(view, |lines| view.through(place(lines))))
    });
    views.collect()
}

fn broken(what: String, error: impl std::fmt::Display) -> EngineError {
    EngineError::CorpusUnreadable { what, says: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_event_is_named() {
        let error = streams("\n").expect_err("no event");
        assert_eq!(
            error.to_string(),
            "the golden corpus of this engine is broken: line 1 of its events: not a stored event as \
             a line of JSON: EOF while parsing a value at line 1 column 0"
        );
    }

    #[test]
    fn a_kind_that_nobody_knows_is_named() {
        let line = EVENTS.lines().next().expect("an event");
        let kind =
            line.split("\"kind\":\"").nth(1).expect("a kind").split('"').next().expect("one");
        let error = streams(&line.replacen(kind, "Telepathy", 1)).expect_err("no such kind");
        assert!(error.to_string().contains("line 1 of its events"), "{error}");
        assert!(error.to_string().contains("does not know the kind"), "{error}");
    }

    #[test]
    fn every_view_sees_something_else_and_every_stream_has_its_versions_in_order() {
        let corpus = golden().expect("the corpus");
        for (place, view) in corpus.views.iter().enumerate() {
            assert!(!corpus.views[..place].contains(view));
        }
        for (participant, stream) in &corpus.streams {
            let versions = stream.iter().map(|event| event.version.get());
            assert!(versions.eq((1..).take(stream.len())), "{participant}");
        }
    }
}
