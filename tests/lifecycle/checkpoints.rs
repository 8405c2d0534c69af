//! Where models stand and what they hold go together, whoever is cut off, overtaken or late.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use waystage::core::contribution::Contributions;
use waystage::core::id::{ParticipantId, Position};
use waystage::core::programme::Adoptions;
use waystage::core::table::Cell;
use waystage::core::view::Basis;
use waystage::replay::cells_digest;
use waystage::replay::models::{Building, Goal, ModelSet, Upkeep};
use waystage::store::models::{Built, Change, ModelError, ModelStore, Slot};
use waystage::store::{EventReader, MemoryStore, StoreError};
use waystage::{AsOf, Engine, EngineError, Pace, ReadModels, Rebuild};
use waystage_sqlite::SqliteModels;

use crate::doubles::{
    FailsAt, Numbered, SetClock, Watched, a_job, a_referral, amounts, by_name, counted, digests,
    somebody, three_models,
};
use crate::given::{ByProvider, VIEWS, day, filled};

fn goal(through: Option<Position>) -> Goal {
    Goal { through, as_of: day("2021-09-30") }
}

/// What upkeep needs beside a store of models.
struct Log<'a> {
    reader: &'a dyn EventReader,
    set: ModelSet,
    adoptions: Arc<Adoptions>,
}

impl<'a> Log<'a> {
    fn of(engine: &'a Engine) -> Self {
        let (set, adoptions) = (by_name(three_models()), engine.adoptions().unwrap());
        Self { reader: engine.reader(), set, adoptions }
    }

    fn upkeep<'b>(&'b self, store: &'b dyn ModelStore) -> Upkeep<'b> {
        Upkeep::new(self.reader, store, &self.set, Arc::clone(&self.adoptions))
    }
}

/// The digests of the models of a generation.
fn held(store: &dyn ModelStore, set: &ModelSet, slot: Slot) -> Vec<String> {
    let snapshot = store.snapshot().unwrap();
    let digest = |shape: &waystage::store::models::Shape| {
        let cells = snapshot.cells(slot, &shape.tables).unwrap();
        cells_digest(&shape.tables, &cells).to_string()
    };
    set.models().iter().map(|model| digest(&model.shape)).collect()
}

/// Copies the file of models with the first bytes of its journal: what is there when a program is
/// killed between two writes, or within one.
fn cut(path: &Path, to: &Path, journal: &[u8]) {
    let beside = |path: &Path, end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        name
    };
    let _ = fs::remove_file(beside(to, "-shm"));
    fs::copy(path, to).unwrap();
    fs::write(beside(to, "-wal"), journal).unwrap();
}

/// Two refreshes, a build in steps and a switch are cut off at every page that they write, and
/// within some of them.
#[test]
fn cut_off_at_any_write_rows_and_place_are_both_old_or_both_new() {
    let (folder, engine) = filled();
    let path = folder.path().join(VIEWS);
    let last = engine.reader().last_position().unwrap();
    let log = Log::of(&engine);
    let store = SqliteModels::open(&path).unwrap();
    let early = goal(Position::new(300));
    log.upkeep(&store).build(&[], Building::to(early, Basis::Recorded)).unwrap();
    log.upkeep(&store).switch(early).unwrap();
    drop(store);
    // from here on nothing leaves the journal: the file itself is as it is when it is copied
    let store = SqliteModels::open(&path).unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM read_model").unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM read_model", [], |row| row.get(0)).unwrap();
    log.upkeep(&store).refresh(Slot::Live, goal(Position::new(420))).unwrap();
    log.upkeep(&store).refresh(Slot::Live, goal(Position::new(500))).unwrap();
    let building = Building::to(goal(Position::new(500)), Basis::Recorded).in_steps_of(20);
    log.upkeep(&store).build(&[], building).unwrap();
    log.upkeep(&store).switch(goal(last)).unwrap();
    let whole = held(&store, &log.set, Slot::Live);
    let copy = folder.path().join("copy.views.db");
    let journal = fs::read(folder.path().join(format!("{VIEWS}-wal"))).unwrap();
    let (header, frame) = (32, 24 + 4096);
    let frames = (journal.len() - header) / frame;
    let mut places = Vec::new();
    let mut built = Vec::new();
    for at in 0..=frames {
        // every seventh is torn: part of the page was written
        let torn = if at % 7 == 3 && at < frames { 1000 } else { 0 };
        cut(&path, &copy, &journal[..header + at * frame + torn]);
        let store = SqliteModels::open(&copy).unwrap();
        let checked = log.upkeep(&store).verify(&[]).unwrap();
        assert!(checked.is_clean(), "cut at {at} of {frames}: {:#?}", checked.differences);
        places.push(checked.stand.position().map(Position::get));
        built.push(store.stand(Slot::Next).unwrap().map(|next| next.built));
        if at % 5 == 0 {
            let rebuilt = log.upkeep(&store).build(&[], building).unwrap();
            assert!(rebuilt.finished);
            let switched = log.upkeep(&store).switch(goal(last)).unwrap();
            assert_eq!(switched.differences, [], "cut at {at} of {frames}");
        } else {
            log.upkeep(&store).refresh(Slot::Live, goal(last)).unwrap();
        }
        assert_eq!(held(&store, &log.set, Slot::Live), whole, "cut at {at} of {frames}");
    }
    places.dedup();
    built.dedup();
    let end = last.map(Position::get);
    assert_eq!(places, [Some(300), Some(420), Some(500), end], "each place in its turn");
    assert!(built.len() > 4, "the build was met at each of its steps: {built:?}");
}

/// A log that fails at one participant: a build stands before the first window that is not whole,
/// and holds exactly whom it says; a refresh stays where it was.
#[test]
fn work_that_fails_part_way_never_stands_beyond_the_first_who_was_not_finished() {
    let (folder, engine) = filled();
    let last = engine.reader().last_position().unwrap();
    let log = Log::of(&engine);
    let people = engine.reader().participants().unwrap();
    for (number, fails) in people.iter().enumerate().step_by(11) {
        let store = SqliteModels::open(&folder.path().join(format!("{number}.views.db"))).unwrap();
        let failing = FailsAt { reader: engine.reader(), participant: *fails };
        let failing = Log { reader: &failing, ..Log::of(&engine) };
        let building = Building::to(goal(last), Basis::Recorded).in_steps_of(4);
        let error = failing.upkeep(&store).build(&[], building).unwrap_err();
        assert!(matches!(error, ModelError::Store(StoreError::Busy)), "{error}");
        let stand = store.stand(Slot::Next).unwrap().unwrap();
        let Built::Through(through) = stand.built else { panic!("it is not whole") };
        assert!(through < Some(*fails), "{through:?}");
        let windows = (number / 4 * 4).checked_sub(1).map(|before| people[before]);
        assert_eq!(through, windows, "the windows before it are written");
        let whom: Vec<ParticipantId> =
            people.iter().copied().filter(|each| Some(*each) <= through).collect();
        assert_eq!(sums_of(&engine, &log.set, &whom, last), cells_of(&store, &log.set, Slot::Next));
        let built = log.upkeep(&store).build(&[], building).unwrap();
        assert_eq!((built.resumed, built.finished), (true, true));
        log.upkeep(&store).switch(goal(last)).unwrap();
        assert!(log.upkeep(&store).verify(&[]).unwrap().is_clean());
        // and a refresh of everybody
        let stand = store.stand(Slot::Live).unwrap();
        let before = held(&store, &log.set, Slot::Live);
        let back = Goal { through: last, as_of: day("2016-01-01") };
        assert!(failing.upkeep(&store).refresh(Slot::Live, back).is_err());
        assert_eq!(store.stand(Slot::Live).unwrap(), stand);
        assert_eq!(held(&store, &log.set, Slot::Live), before);
    }
}

/// What these participants contribute to each model, by the definitions themselves.
fn sums_of(
    engine: &Engine,
    set: &ModelSet,
    whom: &[ParticipantId],
    last: Option<Position>,
) -> Vec<Contributions<Cell>> {
    let view = engine.today().through(last.unwrap());
    let lens =
        engine.lens(waystage::core::view::View { as_of: day("2021-09-30"), ..view }).unwrap();
    let mut sums = vec![Contributions::none(); set.models().len()];
    for participant in whom {
        engine
            .replay(&lens)
            .one(*participant, |replayed| {
                for (sum, model) in sums.iter_mut().zip(set.models()) {
                    sum.take_in(model.model.contribute(replayed));
                }
            })
            .unwrap();
    }
    sums
}

fn cells_of(store: &dyn ModelStore, set: &ModelSet, slot: Slot) -> Vec<Contributions<Cell>> {
    let snapshot = store.snapshot().unwrap();
    let cells =
        |shape: &waystage::store::models::Shape| snapshot.cells(slot, &shape.tables).unwrap();
    set.models().iter().map(|model| cells(&model.shape)).collect()
}

/// One refresher is stopped when it is about to write, another takes over and finishes, the first
/// goes on: what it would write is refused, in a refresh and in a build.
#[test]
fn a_refresher_that_was_overtaken_writes_nothing_when_it_goes_on() {
    let (folder, engine) = filled();
    let path = folder.path().join(VIEWS);
    let last = engine.reader().last_position().unwrap();
    let log = Log::of(&engine);
    let (one, other) = (SqliteModels::open(&path).unwrap(), SqliteModels::open(&path).unwrap());
    let early = goal(Position::new(300));
    let building = Building::to(early, Basis::Recorded).in_steps_of(9);
    log.upkeep(&one).build(&[], building).unwrap();
    log.upkeep(&one).switch(early).unwrap();
    for of_a_build in [false, true] {
        let overtaken = AtomicBool::new(false);
        let overtake = |slot: Slot, _: &Change| {
            if !overtaken.swap(true, Ordering::Relaxed) {
                if slot == Slot::Next {
                    log.upkeep(&other).build(&[], building)?;
                } else {
                    log.upkeep(&other).refresh(slot, goal(last))?;
                }
            }
            Ok(())
        };
        let stopped = Watched { store: &one, before: &overtake };
        let refused = if of_a_build {
            log.upkeep(&stopped).build(&[], building).map(|_| ())
        } else {
            log.upkeep(&stopped).refresh(Slot::Live, goal(Position::new(450))).map(|_| ())
        };
        assert!(matches!(refused, Err(ModelError::Moved)), "{refused:?}");
        assert!(overtaken.load(Ordering::Relaxed));
        assert!(log.upkeep(&other).verify(&[]).unwrap().is_clean());
    }
    let switched = log.upkeep(&other).switch(goal(last)).unwrap();
    assert_eq!(switched.differences, [], "nothing was written twice");
    assert_eq!(held(&one, &log.set, Slot::Live), held(&other, &log.set, Slot::Live));
}

/// Rebuilds follow one another while somebody records and waits for their receipts: whenever the
/// wait says yes, the fact is in what answers.
#[test]
fn a_receipt_that_was_waited_for_is_in_the_models_during_and_after_rebuilds() {
    let (_folder, engine) = filled();
    let wired = ReadModels::new().with(ByProvider { version: 1 }).with(counted());
    let engine =
        engine.keep(wired.as_of(AsOf::On(day("2021-09-30"))).pace(Pace::Following)).unwrap();
    let models = engine.models().unwrap();
    let everyone = amounts(&engine, "counted")[0];
    let referrals: i64 = amounts(&engine, "by_provider").iter().sum();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let rebuilder = scope.spawn(|| {
            let mut rebuilds = 0;
            while !done.load(Ordering::Relaxed) {
                let how = Rebuild { in_steps_of: 7, ..Rebuild::default() };
                let switched = models.rebuild(&[], &how).unwrap().switched.unwrap();
                assert_eq!(switched.differences, []);
                rebuilds += 1;
            }
            rebuilds
        });
        for number in 1..=30 {
            let (person, facts) = a_referral(&engine, number);
            let receipt = engine.record(person, facts).unwrap()[0];
            assert!(models.wait_for(&receipt, Duration::from_secs(60)).unwrap());
            assert_eq!(amounts(&engine, "counted")[0], everyone + i64::from(number));
            let now: i64 = amounts(&engine, "by_provider").iter().sum();
            assert_eq!(now, referrals + i64::from(number));
        }
        done.store(true, Ordering::Relaxed);
        assert!(rebuilder.join().unwrap() > 3);
    });
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
}

/// The clock steps by ten years, forwards and back, between all that is recorded: the models miss
/// nothing of what was recorded, and at a given day they hold what they would without the steps.
#[test]
fn clock_steps_of_ten_years_leave_no_event_out_of_the_models() {
    let steady = SetClock::at("2021-06-01T09:00:00Z");
    let control = in_memory(&steady);
    let clock = SetClock::at("2021-06-01T09:00:00Z");
    let engine = in_memory(&clock);
    let models = engine.models().unwrap();
    let (mut refused, mut day_reached) = (0, day("0001-01-01"));
    for (number, years) in (1..=8).zip([10, 0, -10, 0, 0, 10, 0, 10]) {
        clock.step(years * 3652);
        steady.step(0);
        let (person, facts) = a_referral(&engine, number);
        match engine.record(person, facts.clone()) {
            Ok(receipts) => {
                let _ = control.record(person, facts).unwrap();
                let stand = models.read(|at| Ok(at.stand().clone())).unwrap();
                assert_eq!(stand.position(), Some(receipts[0].position));
                assert!(stand.as_of >= day_reached, "the day never goes back");
                day_reached = stand.as_of;
            }
            Err(EngineError::Store(StoreError::ClockWentBack { .. })) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        assert!(models.verify(&[], &|_| {}).unwrap().is_clean(), "after step {number}");
        models.rebuild(&[], &Rebuild::default()).unwrap();
    }
    assert_eq!(refused, 3, "a step back is told, and nothing is recorded then");
    for engine in [&engine, &control] {
        engine.models().unwrap().move_to(day("2021-09-30")).unwrap();
    }
    assert_eq!(digests(&engine), digests(&control));
}

fn in_memory(clock: &SetClock) -> Engine {
    let store = Arc::new(MemoryStore::new("example.org/clock"));
    let engine = Engine::with(store, Box::new(clock.clone()), Box::<Numbered>::default());
    engine.adopt(&waystage::Adoption::bundled()).unwrap();
    engine.keep(ReadModels::new().with_all(three_models())).unwrap()
}

/// A follower that falls behind, is dropped and starts again: the place that it left says all.
#[test]
fn a_follower_that_is_dropped_at_any_time_leaves_models_that_are_caught_up() {
    let (folder, engine) = filled();
    drop(engine);
    let wired = || ReadModels::new().with_all(three_models()).as_of(AsOf::On(day("2021-09-30")));
    for number in 1..=6 {
        let engine = Engine::open(folder.path()).unwrap();
        let engine = engine.keep(wired().pace(Pace::Following)).unwrap();
        let (person, _) = somebody(&engine);
        for job in 0..5 {
            let _ = engine.record(person, a_job(&engine, number * 10 + job)).unwrap();
        }
        // dropped at once: the follower may have seen all, some or nothing of it
        drop(engine);
        let engine = Engine::open(folder.path()).unwrap();
        let engine = engine.keep(wired().pace(Pace::OnDemand)).unwrap();
        let models = engine.models().unwrap();
        assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
        models.refresh().unwrap();
        assert_eq!(models.status().unwrap().behind, 0);
        let rebuilt = models.rebuild(&[], &Rebuild::default()).unwrap();
        assert_eq!(rebuilt.switched.unwrap().differences, []);
    }
}
