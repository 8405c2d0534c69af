//! One truth in many representations: they are compared by digest, whichever way each came about.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use waystage::core::contribution::{Contributions, Projection};
use waystage::core::id::ParticipantId;
use waystage::core::journey::Record;
use waystage::core::replayed::Replayed;
use waystage::core::table::{Cell, Model, Table, Tabular, measure, text};
use waystage::core::view::{Basis, View};
use waystage::replay::cells_digest;
use waystage::store::{
    Append, Digest, EventStore, MemoryStore, NewEvent, StoredEvent, ToStream, decode_where,
    read_log, read_stream,
};
use waystage::{AsOf, Engine, Pace, ReadModels, Rebuild};

use crate::doubles::{Numbered, SetClock, a_job, a_referral, chance, digests, three_models};
use crate::given::{VIEWS, day, empty, every, filled, small};
use crate::models::every_model;

/// Adds up every model by its definition, and nothing that is kept.
fn summed(engine: &Engine, models: &[Arc<dyn Model>]) -> Vec<(String, Digest)> {
    let view = View { as_of: day("2021-09-30"), ..engine.today() };
    let lens = engine.lens(view).unwrap();
    let parts = engine
        .replay(&lens)
        .each(|replayed| models.iter().map(|model| model.contribute(replayed)).collect::<Vec<_>>());
    let mut sums = vec![Contributions::none(); models.len()];
    for part in parts.unwrap() {
        for (sum, part) in sums.iter_mut().zip(part) {
            sum.take_in(part);
        }
    }
    let digest = |(model, sum): (&Arc<dyn Model>, Contributions<Cell>)| {
        (model.name().to_owned(), cells_digest(&model.tables(), &sum))
    };
    models.iter().zip(sums).map(digest).collect()
}

/// In step, followed, on demand, rebuilt at once and in the smallest steps, moved there and back,
/// rolled back, made anew, in memory, from a backup, opened again, and added up by hand: every
/// model holds the same, to the last amount.
#[test]
fn every_representation_of_every_model_has_one_digest() {
    let models: Vec<Arc<dyn Model>> = every_model().into_iter().map(Into::into).collect();
    let in_memory = Engine::in_memory("example.org/kept").keep(every()).unwrap();
    in_memory.import(&small(), &|_, _| {}).unwrap();
    let right = summed(&in_memory, &models);
    assert_eq!(right.len(), 13);
    assert_eq!(digests(&in_memory), right, "in memory, in step");
    let (folder, engine) = empty();
    let engine = engine.keep(every()).unwrap();
    engine.import(&small(), &|_, _| {}).unwrap();
    assert_eq!(digests(&engine), right, "in a file, in step");
    let kept = engine.models().unwrap();
    for in_steps_of in [4096, 1] {
        let rebuilt = kept.rebuild(&[], &Rebuild { in_steps_of, ..Rebuild::default() }).unwrap();
        assert_eq!(rebuilt.switched.unwrap().same_behaviour.len(), 13);
        assert_eq!(digests(&engine), right, "rebuilt in steps of {in_steps_of}");
    }
    for as_of in ["2018-03-31", "2024-01-01", "2021-09-30"] {
        kept.move_to(day(as_of)).unwrap();
    }
    assert_eq!(digests(&engine), right, "moved there and back");
    kept.roll_back().unwrap();
    assert_eq!(digests(&engine), right, "rolled back");
    let copy = folder.path().join("copy.db");
    engine.backup(&copy).unwrap();
    drop(engine);
    for pace in [Pace::InStep, Pace::Following, Pace::OnDemand] {
        let engine = Engine::open(folder.path()).unwrap().keep(every().pace(pace)).unwrap();
        assert_eq!(digests(&engine), right, "opened again, {pace:?}");
    }
    let engine = Engine::open(folder.path()).unwrap().keep(every().anew()).unwrap();
    assert_eq!(digests(&engine), right, "made anew");
    let restored = tempfile::tempdir().unwrap();
    let engine = Engine::restore(&copy, restored.path()).unwrap().keep(every()).unwrap();
    assert_eq!(digests(&engine), right, "from a backup");
    std::fs::copy(folder.path().join(VIEWS), restored.path().join("moved.views.db")).unwrap();
    drop(engine);
    let engine = Engine::open(restored.path()).unwrap();
    let engine = engine.keep(every().file("moved.views.db")).unwrap();
    assert_eq!(digests(&engine), right, "a copied file beside a restored log");
    assert_eq!(summed(&engine, &models), right, "added up from it");
}

/// The same facts in another order of arrival, in other portions, refreshed in between. What was
/// known when is part of some answers (whether a claim was supported when it was made), so the
/// basis is the one on which that does not depend on arrival.
#[test]
fn the_order_in_which_facts_arrive_changes_no_kept_model() {
    let (_folder, engine) = filled();
    let wired = || ReadModels::new().with_all(every_model().into_iter().map(Into::into));
    let wired = || wired().as_of(AsOf::On(day("2021-09-30"))).pace(Pace::OnDemand);
    let wired = || wired().basis(Basis::Reported);
    let engine = engine.keep(wired()).unwrap();
    let right = digests(&engine);
    let rows = engine.reader().rows_after(None, 10_000).unwrap();
    let decoded = decode_where(&rows, &|_| waystage::store::Wanted::Surely).unwrap();
    let events: Vec<(ParticipantId, NewEvent)> = rows
        .iter()
        .zip(decoded)
        .filter(|(row, _)| row.participant != ParticipantId::LOG)
        .map(|(row, event)| (row.participant, as_new(row, event.record)))
        .collect();
    for seed in 0..3 {
        let store = Arc::new(MemoryStore::new("example.org/kept"));
        let clock = SetClock::at("2026-01-01T00:00:00Z");
        let other = Engine::with(
            Arc::clone(&store) as _,
            Box::new(clock.clone()),
            Box::<Numbered>::default(),
        );
        let mut shuffled = events.clone();
        let key = |at: usize| chance(seed * 1_000_000 + at as u64);
        let mut order: Vec<usize> = (0..shuffled.len()).collect();
        order.sort_by_key(|at| key(*at));
        shuffled = order.into_iter().map(|at| shuffled[at].clone()).collect();
        // packs come first: what reads with them is everybody
        other.adopt(&small().adoption).unwrap();
        let other = other.keep(wired()).unwrap();
        for portion in shuffled.chunks(150) {
            for (participant, event) in portion {
                clock.step(0);
                let head = read_stream(&*store, *participant).unwrap().head();
                let streams = vec![ToStream { head, events: vec![event.clone()] }];
                let _ = store.append(Append { now: other.now(), streams }).unwrap();
            }
            other.models().unwrap().refresh().unwrap();
        }
        assert_eq!(digests(&other), right, "seed {seed}");
        other.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
        assert_eq!(digests(&other), right, "seed {seed}, rebuilt");
    }
}

fn as_new(row: &StoredEvent, record: Record) -> NewEvent {
    NewEvent {
        id: row.id,
        on: row.on,
        reported_at: row.reported_at,
        actor: row.actor.clone(),
        sourced: row.sourced.clone(),
        correlation: row.correlation,
        causation: row.causation,
        record,
    }
}

/// Every event that a participant's replay shows, word for word.
struct Facts;

impl Projection for Facts {
    type Key = String;

    fn name(&self) -> &'static str {
        "facts"
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<String> {
        Contributions::of(replayed.stream().iter().map(|event| (format!("{event:?}"), 1)))
    }
}

impl Tabular for Facts {
    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("facts", "Events, as a replay shows them.")
                .column(text("event", "The event, word for word."))
                .measure(measure("times", "How often.")),
        ]
    }

    fn cell(&self, key: String) -> Cell {
        Cell::of(0, vec![key.into()], 0)
    }
}

/// One function decodes and brings up to date: by stream, by the log's order, in a replay, in a
/// sum, in a model kept in step, and in one that was rebuilt.
#[test]
fn every_way_of_reading_an_event_gives_the_same_fact_models_included() {
    let (_folder, engine) = filled();
    let engine = engine.keep(ReadModels::new().with(Facts)).unwrap();
    let people = engine.reader().participants().unwrap();
    let mut of_streams = Vec::new();
    for person in &people {
        let stream = read_stream(engine.reader(), *person).unwrap();
        of_streams.extend(stream.events.iter().map(|event| format!("{event:?}")));
    }
    of_streams.sort();
    let rows = engine.reader().rows_after(None, 10_000).unwrap();
    let of_participants = |row: &&StoredEvent| row.participant != ParticipantId::LOG;
    let rows: Vec<StoredEvent> = rows.iter().filter(of_participants).cloned().collect();
    let decoded = decode_where(&rows, &|_| waystage::store::Wanted::Surely).unwrap();
    let mut of_the_log: Vec<String> = decoded.iter().map(|event| format!("{event:?}")).collect();
    of_the_log.sort();
    assert_eq!(of_the_log, of_streams);
    let sum = engine.sum(&Facts, engine.today()).unwrap();
    let of_the_sum: Vec<String> = sum.model.iter().map(|(event, _)| event.clone()).collect();
    assert_eq!(of_the_sum, of_streams);
    let lens = engine.lens(engine.today()).unwrap();
    let each = |replayed: &Replayed<'_>| {
        replayed.stream().iter().map(|event| format!("{event:?}")).collect::<Vec<_>>()
    };
    let mut of_replays = engine.replay(&lens).each(each).unwrap().each.concat();
    of_replays.sort();
    assert_eq!(of_replays, of_streams);
    for rebuilt in [false, true] {
        if rebuilt {
            engine.models().unwrap().rebuild(&[], &Rebuild::default()).unwrap();
        }
        let rows = engine.models().unwrap().read(|at| at.rows("facts")).unwrap();
        let of_the_model: Vec<String> = rows.iter().map(|row| row.row[0].to_string()).collect();
        assert_eq!(of_the_model, of_streams, "rebuilt: {rebuilt}");
        assert!(rows.iter().all(|row| row.amounts == [1]));
    }
}

/// Given the same log, the same ids and the same instants, two engines determine the same, byte for
/// byte; and what is derived a second time is what stands in the log.
#[test]
fn determinations_that_are_derived_twice_are_the_same_bytes() {
    let determined = || {
        let clock = SetClock::at("2026-01-01T00:00:00Z");
        let store = Arc::new(MemoryStore::new("example.org/twice"));
        let engine = Engine::with(store, Box::new(clock.clone()), Box::<Numbered>::default());
        engine.import(&small(), &|_, _| {}).unwrap();
        clock.step(1);
        let run = engine.determine(day("2021-09-30"), Basis::Recorded).unwrap();
        assert!(run.determined > 5);
        (engine, run)
    };
    let ((one, run), (other, _)) = (determined(), determined());
    let rows = |engine: &Engine| engine.reader().rows_after(None, 10_000).unwrap();
    let of_rules = |row: &&StoredEvent| {
        ["OutcomeDetermined", "DeterminationWithdrawn", "DeterminationsMade"].contains(&&*row.kind)
    };
    let payloads = |rows: &[StoredEvent]| -> Vec<Vec<u8>> {
        rows.iter().filter(of_rules).map(|row| row.payload.clone()).collect()
    };
    let (of_one, of_other) = (rows(&one), rows(&other));
    assert_eq!(payloads(&of_one), payloads(&of_other));
    // each carries ids that are drawn in parallel, so only they may tell the two logs apart
    assert_eq!(of_one.len(), of_other.len());
    // derived again as the run saw the log, under the run's id: what stands in the streams
    let lens = one.lens(run.view).unwrap();
    let again = one.replay(&lens).each(|replayed| {
        let determined = waystage::replay::determine(replayed, run.run);
        (replayed.journey.participant, determined)
    });
    let mut count = 0;
    for (participant, determined) in again.unwrap() {
        let stream = read_stream(one.reader(), participant).unwrap();
        let stand: Vec<_> = stream
            .events
            .iter()
            .filter_map(|event| match &event.record {
                Record::Determination(determination) => Some((event.on, determination.clone())),
                _ => None,
            })
            .collect();
        let again: Vec<_> =
            determined.into_iter().map(|each| (each.on, each.determination)).collect();
        count += again.len() as u64;
        assert_eq!(again, stand);
    }
    assert_eq!(count, run.determined);
    assert!(read_log(one.reader()).unwrap().events.len() > 1);
}

/// A long life by chance, the same in memory and in a file: whatever is done to the models, both
/// answer the same, and at the end both hold what the log gives.
#[test]
fn models_in_memory_and_in_a_file_live_the_same_life() {
    let wired = || ReadModels::new().with_all(three_models()).as_of(AsOf::On(day("2021-09-30")));
    let (_folder, in_a_file) = filled();
    let in_memory = Engine::in_memory("example.org/kept");
    in_memory.import(&small(), &|_, _| {}).unwrap();
    let engines = [in_memory, in_a_file].map(|engine| engine.keep(wired()).unwrap());
    for number in 0..60_u8 {
        let drawn = chance(u64::from(number) + 900);
        let told = engines.each_ref().map(|engine| live(engine, number, drawn));
        assert_eq!(told[0], told[1], "turn {number}");
        assert_eq!(digests(&engines[0]), digests(&engines[1]), "turn {number}");
    }
    for engine in &engines {
        assert!(engine.models().unwrap().verify(&[], &|_| {}).unwrap().is_clean());
    }
}

/// Does one thing to the models of an engine and says what came of it.
fn live(engine: &Engine, number: u8, drawn: u64) -> String {
    let models = engine.models().unwrap();
    let people = engine.reader().participants().unwrap();
    match drawn % 7 {
        0 => {
            let person = people[usize::try_from(drawn / 7).unwrap() % people.len()];
            format!("{}", engine.record(person, a_job(engine, number)).unwrap()[0].position)
        }
        1 => {
            let (person, facts) = a_referral(engine, 100 + number);
            format!("{}", engine.record(person, facts).unwrap()[0].position)
        }
        2 => {
            let ahead = u32::try_from(drawn / 7 % 4000).unwrap();
            let to = waystage::core::calendar::days_after(day("2015-01-01"), ahead);
            format!("{}", models.move_to(to).unwrap().stand)
        }
        3 => {
            let cancel = AtomicBool::new(false);
            let watch = |_| cancel.store(true, Ordering::Relaxed);
            let in_steps_of = 1 + usize::try_from(drawn / 7 % 20).unwrap();
            let how = Rebuild { watch: &watch, cancel: Some(&cancel), in_steps_of };
            let built = models.rebuild(&[], &how).unwrap().built;
            format!("{} {} {}", built.stand, built.resumed, built.finished)
        }
        4 => match models.roll_back() {
            Ok(switched) => format!("{} {:?}", switched.stand, switched.differences),
            Err(error) => error.to_string(),
        },
        5 => {
            let names: &[&str] = if drawn.is_multiple_of(2) { &["funnel"] } else { &[] };
            let rebuilt = models.rebuild(names, &Rebuild::default()).unwrap();
            format!("{:?}", rebuilt.switched.map(|switched| switched.models))
        }
        _ => {
            let status = models.status().unwrap();
            let stand = |stand: Option<waystage::store::models::Stand>| {
                stand.map(|stand| (stand.to_string(), stand.built))
            };
            format!("{:?} {:?}", stand(status.building), stand(status.previous))
        }
    }
}
