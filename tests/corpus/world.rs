//! An engine in memory that takes in the rows of journeys, each when it was stored, and says what
//! it keeps of them, an event a line.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde_json::Value;
use waystage::{Adoption, Clock, Engine, IdSource, ImportPlan};
use waystage_core::id::{EventId, ParticipantId, Position, Source, Version};
use waystage_core::journey::Sourced;
use waystage_core::time::Timestamp;
use waystage_store::{
    Append, Digest, EventStore, MemoryStore, NewEvent, StoredEvent, ToStream, codec, line, naming,
    read_stream,
};

use crate::path;
use crate::rows::Row;
use crate::texts::Texts;

/// A programme that is adopted while rows are judged and never afterwards.
const ABSENT: &str =
    "[programme]\nid = \"corpus-absent\"\nname = \"Absent\"\nreference = \"Made up\"\n";

struct Hand(Arc<AtomicI64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

struct Counted(AtomicU64);

impl IdSource for Counted {
    fn next(&self, now: Timestamp) -> EventId {
        id(now, self.0.fetch_add(1, Ordering::SeqCst))
    }
}

fn id(at: Timestamp, number: u64) -> EventId {
    let milliseconds = u128::try_from(at.micros() / 1000).expect("after 1970");
    EventId::from_bytes((milliseconds << 80 | u128::from(number)).to_be_bytes())
}

/// Returns the events of rows that one source supplied, as lines of the corpus.
pub(crate) fn events(source: &str, rows: &[Row]) -> Vec<String> {
    let hand = Arc::new(AtomicI64::new(0));
    let store = Arc::new(MemoryStore::new("example.org/corpus"));
    let engine = Engine::with(
        Arc::clone(&store) as _,
        Box::new(Hand(Arc::clone(&hand))),
        Box::new(Counted(AtomicU64::new(1))),
    );
    let mut adoption = Adoption::read_together(&path("packs")).expect("packs");
    adoption.packs.retain(|(file, _)| !file.contains("revised"));
    adoption.packs.push(("absent.toml".to_owned(), ABSENT.to_owned()));
    let tables = Adoption::read_together(&path("tables")).expect("tables");
    adoption.tables.extend(tables.tables);
    engine.adopt(&adoption).expect("packs that fit");

    let mut batches: BTreeMap<Timestamp, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        batches.entry(row.stored).or_default().push(row);
    }
    let names = Names { source: source.into(), rows };
    for (stored, batch) in batches {
        hand.store(stored.micros(), Ordering::SeqCst);
        let (direct, supplied): (Vec<&Row>, _) =
            batch.into_iter().partition(|row| row.file == "direct");
        import(&engine, source, &supplied);
        for row in direct {
            append(&*store, &names, row);
        }
    }
    let stored = waystage_store::EventReader::rows_after(&*store, None, 1_000_000);
    let stored = stored.expect("a store in memory").into_iter();
    stored
        .filter(|event| event.participant != ParticipantId::LOG)
        // which import an event belongs to is read by nobody
        .map(|event| StoredEvent { correlation: None, ..event })
        .map(|event| line::write(&event).expect("a line"))
        .collect()
}

fn import(engine: &Engine, source: &str, rows: &[&Row]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut texts = Texts::default();
    for row in rows {
        let [cells] = row.cells.as_slice() else { panic!("no cells: {row:?}") };
        let line = format!("{},{},{},{cells}", row.reference, row.on, row.told);
        texts.push(&format!("{}.csv", row.file), &line);
    }
    texts.write(folder.path());
    let plan = ImportPlan {
        folder: folder.path().to_owned(),
        source: source.into(),
        adoption: Adoption::default(),
        batch: 1_000,
        dry_run: false,
        strict: true,
    };
    let report = engine.import(&plan, &|_, _| {}).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.counted.rejects.is_empty(), "{source}: {:#?}", report.counted.rejects);
}

/// What names stand for in direct rows.
struct Names<'a> {
    source: Source,
    rows: &'a [Row],
}

impl Names<'_> {
    /// Returns the id of `P:participation`, `J:participant/job`, `I:intervention`, `A:assessment`
    /// or `E:ref`.
    fn id(&self, name: &str) -> String {
        let (form, name) = name.split_once(':').expect("a form and a name");
        match form {
            "P" => naming::participation(&self.source, name).id.to_string(),
            "J" => {
                let (participant, job) = name.split_once('/').expect("a participant and a job");
                naming::job(&self.source, participant, job).id.to_string()
            }
            "I" => naming::intervention(&self.source, name).id.to_string(),
            "A" => naming::assessment(&self.source, name).id.to_string(),
            "E" => {
                let row = self.rows.iter().find(|row| row.reference == name).expect(name);
                self.event(row).to_string()
            }
            form => panic!("{form:?} is no form of a name"),
        }
    }

    fn event(&self, row: &Row) -> EventId {
        let place = self.rows.iter().position(|each| each.reference == row.reference);
        if row.file == "direct" {
            id(row.told, 1_000_000 + place.expect("a place") as u64)
        } else {
            let reference = row.reference.as_str().into();
            naming::event(&Sourced { source: self.source.clone(), reference }, row.told)
        }
    }

    fn fill(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(name) = text.strip_prefix('@') {
                    *text = self.id(name);
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.fill(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.fill(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Appends a direct row as it is, whatever an engine would say of it.
fn append(store: &dyn EventStore, names: &Names<'_>, row: &Row) {
    let [participant, actor, kind, payload] = row.cells.as_slice() else {
        panic!("a direct row has a participant, an actor, a kind and a payload: {row:?}")
    };
    let mut payload: Value = serde_json::from_str(payload).expect("JSON");
    names.fill(&mut payload);
    let participant = naming::participant(&names.source, participant);
    let stream = read_stream(store, participant).expect("a stream");
    let stored = StoredEvent {
        position: Position::FIRST,
        participant,
        version: Version::FIRST,
        id: names.event(row),
        kind: kind.as_str().into(),
        schema: 1,
        recorded_at: row.stored,
        reported_at: None,
        on: row.on,
        actor: actor.as_str().into(),
        sourced: None,
        correlation: None,
        causation: None,
        payload: payload.to_string().into_bytes(),
        leaf: Digest::from_bytes([0; 32]),
    };
    let recorded = codec::decode(&stored).unwrap_or_else(|error| panic!("{error}"));
    let event = NewEvent {
        id: recorded.id,
        on: recorded.on,
        reported_at: None,
        actor: recorded.actor,
        sourced: None,
        correlation: None,
        causation: None,
        record: recorded.record,
    };
    let streams = vec![ToStream { head: stream.head(), events: vec![event] }];
    store.append(Append { now: row.stored, streams }).unwrap_or_else(|error| panic!("{error}"));
}
