//! The preview of corrections is what recording them brings: the same readings, figures and people,
//! on both bases, for facts recorded directly and for an extract that is taken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/models.rs"]
mod models;
#[path = "support/trials.rs"]
mod trials;

use std::cell::Cell as Counter;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use waystage::core::contribution::Contributions;
use waystage::core::id::{EventId, ParticipantId, ProgrammeId};
use waystage::core::journey::correction::{Correction, FactWithdrawn};
use waystage::core::journey::entry::Entry;
use waystage::core::journey::{Fact, Record};
use waystage::core::table::Model;
use waystage::core::time::Timestamp;
use waystage::core::view::{Basis, View};
use waystage::replay::difference::Difference;
use waystage::store::{MemoryStore, NewEvent, check_structure};
use waystage::{
    Access, Adoption, Clock, Engine, EngineError, IdSource, ImportPlan, NewFact, Preview,
};
use waystage_testkit::laws::record;
use waystage_testkit::world::{OTHER, World, worlds};

use crate::models::every_model;
use crate::trials::holds;

/// A clock that stands still, after every world.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        "2030-01-01T09:00:00Z".parse().unwrap()
    }
}

/// Ids in the order of being asked for.
#[derive(Default)]
struct Counted(AtomicU64);

impl IdSource for Counted {
    fn next(&self, now: Timestamp) -> EventId {
        let mut bytes = [0; 16];
        let milliseconds = u64::try_from(now.micros() / 1000).unwrap();
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
        bytes[8..].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        EventId::from_bytes(bytes)
    }
}

fn engine() -> (Engine, Arc<MemoryStore>) {
    let store = Arc::new(MemoryStore::new("example.org/previewed"));
    let ids = Box::<Counted>::default();
    (Engine::with(Arc::clone(&store) as _, Box::new(Standing), ids), store)
}

/// Asks for something with every model.
fn with_models<T>(ask: impl FnOnce(&[&dyn Model]) -> T) -> T {
    let boxes = every_model();
    let models: Vec<&dyn Model> = boxes.iter().map(|model| &**model).collect();
    ask(&models)
}

fn looking(engine: &Engine) -> Access<'_> {
    engine.access("user:test", "a test")
}

type Batch = Vec<(ParticipantId, Vec<NewFact>)>;

/// Returns the events of a world in an order in which each can be recorded, in bundled programmes.
fn recordable(world: &World) -> Vec<(ParticipantId, NewEvent)> {
    let mut waiting: Vec<_> = world.events.clone();
    for (_, event) in &mut waiting {
        if let Record::Fact(Fact::Entry(Entry::Referred(referred))) = &mut event.record {
            let is_other = referred.programme.as_str() == OTHER;
            let name = if is_other { "working-well-expansion" } else { "working-well-pilot" };
            referred.programme = ProgrammeId::from(name);
        }
    }
    let mut order: Vec<(ParticipantId, NewEvent)> = Vec::new();
    let ready = |order: &[(ParticipantId, NewEvent)], (id, event): &(ParticipantId, NewEvent)| {
        let before = order.iter().filter(|(of, _)| of == id).map(|(_, event)| event.clone());
        let all: Vec<NewEvent> = before.chain([event.clone()]).collect();
        check_structure(&[], &all).is_ok()
    };
    while let Some(next) = waiting.iter().position(|each| ready(&order, each)) {
        order.push(waiting.remove(next));
    }
    order
}

fn batch_of(events: &[(ParticipantId, NewEvent)]) -> Batch {
    let mut batch: BTreeMap<ParticipantId, Vec<NewFact>> = BTreeMap::new();
    for (participant, event) in events {
        let NewEvent { id, on, reported_at, actor, sourced, record, .. } = event.clone();
        let Record::Fact(fact) = record else { continue };
        let fact = NewFact { id, on, fact, actor, reported_at, sourced };
        batch.entry(*participant).or_default().push(fact);
    }
    batch.into_iter().collect()
}

/// Returns a difference without what a preview cannot know, the instants of recording, and without
/// the mark that something is assumed.
fn settled(mut difference: Difference) -> Difference {
    difference.folded = 0;
    difference.participants = 0;
    difference.events = 0;
    difference.assumed_facts = 0;
    for model in &mut difference.models {
        model.before = None;
        model.assumed = Contributions::none();
    }
    for person in &mut difference.people {
        for fact in &mut person.facts {
            fact.assumed = false;
            for event in fact.corrections.iter_mut().chain([&mut fact.event]) {
                event.recorded_at = Timestamp::MIN;
            }
        }
        for reading in &mut person.readings {
            reading.assumed = false;
        }
    }
    difference
}

/// Returns the effect of what was recorded after a place, in a view.
fn effect(engine: &Engine, (before, after): (View, View)) -> Difference {
    with_models(|models| looking(engine).compare(before, after, models, &|_| {}).unwrap())
}

/// Returns views, each asked of now and of the middle of the world.
fn views(world: &World, now: View) -> Vec<View> {
    let days = [now.as_of, world.view.as_of];
    let of = |basis| days.map(|as_of| View { as_of, ..now.basis(basis) });
    let past = View { known_at: world.view.known_at, ..now };
    [of(Basis::Recorded), of(Basis::Reported), [past, past.basis(Basis::Reported)]].concat()
}

#[test]
fn a_preview_is_what_recording_brings() {
    let (people, unknown) = (Counter::new(0), Counter::new(0));
    holds(60, &(worlds(), 0_usize..60), |(world, split)| {
        let events = recordable(&world);
        let (before, then) = events.split_at(split % (events.len() + 1));
        let (engine, store) = engine();
        record(&*store, before)?;
        engine.adopt(&Adoption::bundled()).unwrap();
        let batch = batch_of(then);
        let tip = engine.reader().last_position().unwrap().unwrap();
        let now = engine.today();
        let previews: Vec<(View, Preview)> = views(&world, now)
            .into_iter()
            .map(|view| (view, previewed(&engine, &batch, view).unwrap()))
            .collect();
        prop_assert_eq!(engine.reader().last_position().unwrap(), Some(tip));
        for (participant, facts) in &batch {
            engine.record(*participant, facts.clone()).unwrap();
        }
        let knows = engine.today().known_at;
        for (view, preview) in previews {
            let new = batch.iter().map(|(_, facts)| facts.len() as u64).sum::<u64>();
            prop_assert_eq!((preview.new, preview.duplicates), (new, 0));
            // what is recorded now was not known in the past
            let known_at = if view.known_at < now.known_at { view.known_at } else { knows };
            let view = View { known_at, ..view };
            let real = effect(&engine, (view.through(tip), view));
            people.set(people.get() + real.people.len());
            let is_past = known_at != knows;
            if is_past && view.basis == Basis::Recorded {
                prop_assert!(preview.difference.is_empty());
                unknown.set(unknown.get() + 1);
            }
            prop_assert_eq!(settled(preview.difference), settled(real));
        }
        // told again it is all duplicates, and nothing changes
        let again = previewed(&engine, &batch, engine.today()).unwrap();
        prop_assert_eq!(again.new, 0);
        prop_assert!(again.difference.is_empty());
        Ok(())
    });
    assert!(people.get() > 150, "only {} people differed", people.get());
    assert!(unknown.get() > 10);
}

fn previewed(engine: &Engine, batch: &Batch, view: View) -> Result<Preview, EngineError> {
    with_models(|models| looking(engine).preview(batch, view, models, &|_| {}))
}

#[test]
fn a_preview_is_refused_as_recording_is() {
    let refused = Counter::new(0);
    holds(100, &(worlds(), 0_usize..60), |(world, split)| {
        // in the order of being told: what is named may come later
        let (before, then) = world.events.split_at(split % (world.events.len() + 1));
        let (engine, store) = engine();
        record(&*store, before)?;
        for (participant, facts) in batch_of(then) {
            let of = |answer: Result<(), EngineError>| answer.map_err(|error| error.to_string());
            let batch = vec![(participant, facts.clone())];
            let preview = of(previewed(&engine, &batch, engine.today()).map(|_| ()));
            refused.set(refused.get() + usize::from(preview.is_err()));
            prop_assert_eq!(preview, of(engine.record(participant, facts).map(|_| ())));
        }
        Ok(())
    });
    assert!(refused.get() > 5, "only {} were refused", refused.get());
}

/// A person with a referral, as a world has them, and the engine that holds them.
fn one_person() -> (Engine, Batch) {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let world = worlds().new_tree(&mut runner).unwrap().current();
    let (engine, _) = engine();
    engine.adopt(&Adoption::bundled()).unwrap();
    let events = recordable(&world);
    let first = events[0].0;
    let events: Vec<_> = events.into_iter().filter(|(id, _)| *id == first).collect();
    (engine, batch_of(&events))
}

#[test]
fn every_refusal_of_recording_is_one_of_the_preview() {
    let (engine, batch) = one_person();
    let (participant, facts) = batch.into_iter().next().unwrap();
    engine.record(participant, facts.clone()).unwrap();
    let refusal = |fact: NewFact| {
        let batch = vec![(participant, vec![fact.clone()])];
        let preview = previewed(&engine, &batch, engine.today()).unwrap_err().to_string();
        assert_eq!(preview, engine.record(participant, vec![fact]).unwrap_err().to_string());
        preview
    };
    let withdrawn = |corrects| {
        Fact::Correction(Correction::FactWithdrawn(FactWithdrawn { corrects, reason: None }))
    };
    let today = engine.now().date();
    let nothing = engine.fact(today, "user:kw-1", withdrawn(EventId::from_bytes([8; 16])));
    assert!(refusal(nothing).contains("is not recorded"), "an unknown event");
    let tomorrow = today + chrono::Days::new(2);
    let future = engine.fact(tomorrow, "user:kw-1", withdrawn(facts[0].id));
    assert!(refusal(future).contains("2030-01-03"), "a day in the future");
    let used = NewFact { on: today, ..facts[0].clone() };
    assert!(refusal(used).contains("other content"), "a key used for other content");
}

#[test]
fn a_correction_of_a_fact_of_the_same_batch_is_read_and_a_look_is_recorded() {
    let (engine, batch) = one_person();
    let (participant, facts) = batch.into_iter().next().unwrap();
    let fact = facts.iter().find(|fact| matches!(fact.fact, Fact::Entry(Entry::Referred(_))));
    let fact = fact.unwrap().clone();
    let withdrawn = FactWithdrawn { corrects: fact.id, reason: None };
    let withdrawn = Fact::Correction(Correction::FactWithdrawn(withdrawn));
    let withdrawal = engine.fact(engine.now().date(), "user:kw-1", withdrawn);
    let alone = previewed(&engine, &vec![(participant, vec![fact.clone()])], engine.today());
    assert_eq!(alone.unwrap().difference.people.len(), 1);
    // given in two parts, as a caller may
    let both = vec![(participant, vec![fact]), (participant, vec![withdrawal])];
    let both = previewed(&engine, &both, engine.today()).unwrap();
    assert_eq!((both.new, both.difference.people.len()), (2, 0));
    let looks = engine.accesses().unwrap();
    assert_eq!((looks.len(), looks[0].what.as_str()), (2, "preview"));
    assert_eq!(looks[1].about.as_deref(), Some("2 facts"));
}

fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("extracts/small")
}

fn plan(folder: &Path) -> ImportPlan {
    let (packs, tables) = (small().join("packs"), small().join("tables"));
    ImportPlan {
        folder: folder.to_owned(),
        source: "small".into(),
        adoption: Adoption::read(Some(&packs), Some(&tables)).unwrap(),
        batch: 20,
        dry_run: false,
        strict: false,
    }
}

/// Writes the small extract into a folder without the rows that are chosen.
fn without_rows(folder: &Path, left_out: impl Fn(&str, usize) -> bool) {
    for entry in std::fs::read_dir(small()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|ending| ending != "csv") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let kept = text.lines().enumerate().filter(|(row, _)| *row == 0 || !left_out(&name, *row));
        let kept: Vec<&str> = kept.map(|(_, line)| line).collect();
        std::fs::write(folder.join(name), kept.join("\n") + "\n").unwrap();
    }
}

#[test]
fn a_preview_of_a_changed_extract_is_what_taking_it_brings() {
    let people = Counter::new(0);
    holds(6, &(any::<u64>(), 2_u64..9), |(salt, every)| {
        let folder = tempfile::tempdir().unwrap();
        without_rows(folder.path(), |name, row| {
            let mixed = (row as u64 * 31 + name.len() as u64 * 7).wrapping_add(salt);
            name != "participants.csv" && mixed.is_multiple_of(every)
        });
        let (engine, _) = engine();
        engine.import(&plan(folder.path()), &|_, _| {}).unwrap();
        let tip = engine.reader().last_position().unwrap().unwrap();
        let day = "2021-09-30".parse().unwrap();
        let views = [Basis::Recorded, Basis::Reported]
            .map(|basis| View { as_of: day, ..engine.today().basis(basis) });
        let previews = views.map(|view| import_previewed(&engine, &small(), view));
        let report = engine.import(&plan(&small()), &|_, _| {}).unwrap();
        for (view, preview) in views.into_iter().zip(previews) {
            prop_assert_eq!(preview.new, report.imported.recorded);
            let view = View { known_at: engine.today().known_at, ..view };
            let real = effect(&engine, (view.through(tip), view));
            prop_assert!(!real.is_empty());
            people.set(people.get() + real.people.len());
            prop_assert_eq!(settled(preview.difference), settled(real));
        }
        Ok(())
    });
    assert!(people.get() > 100, "only {} people differed", people.get());
}

fn import_previewed(engine: &Engine, folder: &Path, view: View) -> Preview {
    let (_, preview) = with_models(|models| {
        looking(engine).preview_import(&plan(folder), view, models, &|_| {}).unwrap()
    });
    preview.unwrap()
}

#[test]
fn a_preview_counts_in_the_packs_that_an_extract_brings() {
    let (engine, _) = engine();
    let plan = |text: &dyn Fn(String) -> String| {
        let mut plan = plan(&small());
        for (_, pack) in &mut plan.adoption.packs {
            *pack = text(std::mem::take(pack));
        }
        plan
    };
    engine.import(&plan(&|pack| pack), &|_, _| {}).unwrap();
    let tip = engine.reader().last_position().unwrap().unwrap();
    let day = "2021-09-30".parse().unwrap();
    let view = View { as_of: day, ..engine.today().basis(Basis::Reported) };
    let plan = plan(&|pack| pack.replace("max_gap_days = ", "max_gap_days = 1"));
    let (_, preview) = with_models(|models| {
        looking(&engine).preview_import(&plan, view, models, &|_| {}).unwrap()
    });
    let preview = preview.unwrap();
    assert_eq!(preview.new, 0);
    assert!(preview.adopted > 0 && !preview.difference.is_empty());
    let people: BTreeSet<bool> =
        preview.difference.people.iter().map(|each| each.rules.is_empty()).collect();
    assert_eq!(people, [false].into(), "rules are behind all of it");
    engine.import(&plan, &|_, _| {}).unwrap();
    let real = effect(&engine, (view.through(tip), view));
    assert_eq!(settled(preview.difference), settled(real));
}

#[test]
fn a_strict_plan_that_would_store_nothing_has_no_preview() {
    let (engine, _) = engine();
    let strict = ImportPlan { strict: true, ..plan(&small()) };
    let view = engine.today();
    let looked = looking(&engine).preview_import(&strict, view, &[], &|_| {});
    let (report, preview) = looked.unwrap();
    assert!(!report.counted.rejects.is_empty() && preview.is_none());
    assert_eq!(engine.reader().last_position().unwrap(), None);
}
