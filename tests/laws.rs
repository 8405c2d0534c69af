//! The laws, as properties over generated worlds; and for each law a planted fault that it finds,
//! so that the law is known to bite.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/models.rs"]
mod every;
#[path = "laws/models.rs"]
mod models;
#[path = "laws/planted.rs"]
mod planted;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use waystage_caseload::KeyWorkers;
use waystage_cohorts::{Ages, Dimension, Eligibility, Fees, Funnel, Standards, Targets};
use waystage_core::id::ParticipantId;
use waystage_core::journey::correction::Correction;
use waystage_core::journey::{Fact, Recorded};
use waystage_core::readings::Case;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::{Answer, RuleReading};
use waystage_core::scenario::{Scenario, Selector};
use waystage_core::view::{Basis, View};
use waystage_replay::Replay;
use waystage_sqlite::SqliteLog;
use waystage_store::{
    Append, EventReader, EventStore, Key, MemoryStore, Receipt, StoreError, StoredEvent,
};
use waystage_testkit::laws::{self, honest, read_all, recorded};
use waystage_testkit::world::{World, far_end, worlds};

/// How many times more worlds than usual are tried: `LAW_FACTOR=50 cargo test --test laws`.
fn factor() -> u32 {
    std::env::var("LAW_FACTOR").ok().and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

/// Tries a law on generated worlds and returns what broke it, if anything did.
fn tried<T: std::fmt::Debug>(
    cases: u32,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> TestCaseResult,
) -> Result<(), String> {
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    runner.run(worlds, law).map_err(|error| error.to_string())
}

fn holds<T: std::fmt::Debug>(
    cases: u32,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> TestCaseResult,
) {
    if let Err(broken) = tried(cases * factor(), worlds, law) {
        panic!("{broken}");
    }
}

/// Asserts that a law finds a planted fault.
fn finds<T: std::fmt::Debug>(
    says: &str,
    worlds: &impl Strategy<Value = T>,
    law: impl Fn(T) -> TestCaseResult,
) {
    let broken = tried(2000, worlds, law).expect_err("the law does not find its planted fault");
    assert!(broken.contains(says), "found something else: {broken}");
}

fn shuffled() -> impl Strategy<Value = (World, Vec<u64>)> {
    (worlds(), prop::collection::vec(any::<u64>(), 0..80))
}

#[test]
fn worlds_are_not_vacuous() {
    let counts = std::cell::RefCell::new(BTreeMap::<Answer, u32>::new());
    let corrected = std::cell::Cell::new(0_u32);
    holds(300, &worlds(), |world| {
        let store = recorded(&world.events)?;
        let readings = read_all(&store, &world, world.view, &Scenario::empty(), &honest)?;
        for reading in readings {
            *counts.borrow_mut().entry(reading.reading.answer()).or_default() += 1;
        }
        let chained = world.events.iter().any(|(_, event)| {
            let target = |corrects| world.events.iter().find(|(_, event)| event.id == corrects);
            matches!(fact(&event.record), Some(Fact::Correction(correction))
                if target(correction.corrects()).is_some_and(|(_, target)|
                    matches!(fact(&target.record), Some(Fact::Correction(_)))))
        });
        corrected.set(corrected.get() + u32::from(chained));
        Ok(())
    });
    for answer in Answer::ALL {
        let count = counts.borrow().get(answer).copied().unwrap_or(0);
        assert!(count > 20, "{answer} was read {count} times in 300 worlds");
    }
    assert!(corrected.get() > 30, "corrections of corrections in {} worlds", corrected.get());
}

fn fact(record: &waystage_core::journey::Record) -> Option<&Fact> {
    match record {
        waystage_core::journey::Record::Fact(fact) => Some(fact),
        _ => None,
    }
}

#[test]
fn l1_the_order_of_arrival_changes_no_reading() {
    holds(400, &shuffled(), |(world, keys)| laws::arrival_order(&world, &keys, &honest));
}

#[test]
fn l1_finds_a_reader_that_lets_the_last_arrival_win() {
    // the planted fault: of several amendments of one fact only the one that arrived last is read
    let last_arrival_wins = |participant: ParticipantId, stream: &[Recorded], lens: &Lens| {
        let mut last: BTreeMap<_, _> = BTreeMap::new();
        for event in stream {
            if let Some(Fact::Correction(Correction::FactAmended(amended))) = event.fact() {
                last.insert(amended.corrects, event.id);
            }
        }
        let kept: Vec<Recorded> = stream
            .iter()
            .filter(|event| match event.fact() {
                Some(Fact::Correction(Correction::FactAmended(amended))) => {
                    last.get(&amended.corrects) == Some(&event.id)
                }
                _ => true,
            })
            .cloned()
            .collect();
        honest(participant, &kept, lens)
    };
    finds("another order of arrival", &shuffled(), |(world, keys)| {
        laws::arrival_order(&world, &keys, &last_arrival_wins)
    });
}

fn sqlite(folder: &tempfile::TempDir, number: u32) -> SqliteLog {
    let path = folder.path().join(format!("{number}.db"));
    SqliteLog::create(&path, "example.org/generated").unwrap()
}

#[test]
fn l2_memory_and_sqlite_hold_and_read_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    holds(24, &worlds(), |world| {
        number.set(number.get() + 1);
        let in_file = sqlite(&folder, number.get());
        let in_memory = MemoryStore::new("example.org/generated");
        laws::same_in_both(&world, &in_memory, &in_file, &honest)?;
        for view in [world.view, far_end(Basis::Recorded)] {
            prop_assert_eq!(funnel(&in_memory, &world, view), funnel(&in_file, &world, view));
        }
        Ok(())
    });
}

fn funnel(store: &dyn EventReader, world: &World, view: View) -> impl PartialEq + std::fmt::Debug {
    let lens = Lens::new(view, world.adoptions.clone().into());
    let model = Funnel { by: vec![Dimension::Programme, Dimension::Area, Dimension::Month] };
    Replay::new(store, &lens).sum(&model).unwrap()
}

/// A store with a planted fault: it forgets what a change of hours said.
struct Forgetful(MemoryStore);

impl EventReader for Forgetful {
    fn origin(&self) -> &str {
        self.0.origin()
    }
    fn last_position(&self) -> Result<Option<waystage_core::id::Position>, StoreError> {
        self.0.last_position()
    }
    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        self.0.participants()
    }
    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        self.0.rows_of(participant).map(forgotten)
    }
    fn rows_after(
        &self,
        position: Option<waystage_core::id::Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.0.rows_after(position, count_max).map(forgotten)
    }
    fn find(&self, key: &Key) -> Result<Option<StoredEvent>, StoreError> {
        self.0.find(key)
    }
}

impl EventStore for Forgetful {
    fn append(&self, append: Append) -> Result<Vec<Receipt>, StoreError> {
        self.0.append(append)
    }
}

fn forgotten(mut rows: Vec<StoredEvent>) -> Vec<StoredEvent> {
    for row in rows.iter_mut().filter(|row| &*row.kind == "JobStarted") {
        let text = String::from_utf8(row.payload.clone()).unwrap();
        row.payload = text.replace("\"weekly_minutes\":960", "\"weekly_minutes\":961").into_bytes();
    }
    rows
}

#[test]
fn l2_finds_a_store_that_gives_back_other_bytes() {
    finds("the stores hold other facts", &worlds(), |world| {
        let right = MemoryStore::new("example.org/generated");
        let wrong = Forgetful(MemoryStore::new("example.org/generated"));
        laws::same_in_both(&world, &right, &wrong, &honest)
    });
}

#[test]
fn l2_gates_standards_limits_and_fees_are_read_in_generated_worlds() {
    let counts = std::cell::RefCell::new(BTreeMap::<&'static str, usize>::new());
    holds(60, &worlds(), |world| {
        let store = recorded(&world.events)?;
        let lens = Lens::new(far_end(Basis::Recorded), world.adoptions.clone().into());
        let replay = Replay::new(&store, &lens);
        let mut counts = counts.borrow_mut();
        let mut saw = |name, length: usize| *counts.entry(name).or_default() += length;
        saw("standards", replay.sum(&Standards { by: Vec::new() }).unwrap().iter().count());
        saw("eligibility", replay.sum(&Eligibility).unwrap().iter().count());
        saw("fees", replay.sum(&Fees).unwrap().iter().count());
        saw("targets", replay.sum(&Targets).unwrap().iter().count());
        saw("ages", replay.sum(&Ages).unwrap().iter().count());
        saw("key_workers", replay.sum(&KeyWorkers).unwrap().iter().count());
        let limits = replay.each(|replayed| {
            let cases = Case::all(replayed);
            cases.flat_map(|case| case.limits().collect::<Vec<_>>()).count()
        });
        saw("limits", limits.unwrap().into_iter().sum());
        Ok(())
    });
    for (name, count) in counts.into_inner() {
        assert!(count > 60, "{name} counted {count} keys in 60 worlds");
    }
}

fn with_choice() -> impl Strategy<Value = (World, usize)> {
    (worlds(), any::<usize>())
}

#[test]
fn l4_imagining_without_a_fact_is_withdrawing_it_and_nothing_changes_nothing() {
    holds(400, &with_choice(), |(world, chosen)| laws::scenario(&world, chosen, &honest));
}

#[test]
fn l4_finds_a_reader_that_drops_events_without_undoing_what_they_undid() {
    // the planted fault: events are dropped before replay, and with a dropped withdrawal the
    // amendments of what it withdrew are dropped too
    let drops = |participant: ParticipantId, stream: &[Recorded], lens: &Lens| {
        let away = lens.scenario.away(participant, stream);
        let dropped: BTreeSet<_> = stream
            .iter()
            .filter(|event| away.contains(&event.id))
            .flat_map(|event| match event.fact() {
                Some(Fact::Correction(correction)) => vec![event.id, correction.corrects()],
                _ => vec![event.id],
            })
            .collect();
        let kept: Vec<Recorded> =
            stream.iter().filter(|event| !dropped.contains(&event.id)).cloned().collect();
        let plain = lens.clone().scenario(Scenario::empty());
        honest(participant, &kept, &plain)
    };
    finds("imagining without a fact", &with_choice(), |(world, chosen)| {
        laws::scenario(&world, chosen, &drops)
    });
}

#[test]
fn l8_readings_rest_on_what_was_known_and_not_yet_ends() {
    holds(400, &worlds(), |world| laws::readings(&world, &honest));
}

#[test]
fn l8_finds_a_reader_that_knows_the_future() {
    // the planted fault: withdrawals are seen whenever they were learned
    let knows_too_much = |participant: ParticipantId, stream: &[Recorded], lens: &Lens| {
        let later: BTreeSet<_> = stream
            .iter()
            .filter_map(|event| match event.fact() {
                Some(Fact::Correction(Correction::FactWithdrawn(fact))) => Some(fact.corrects),
                _ => None,
            })
            .collect();
        let kept: Vec<Recorded> =
            stream.iter().filter(|event| !later.contains(&event.id)).cloned().collect();
        honest(participant, &kept, lens)
    };
    finds("a fact learned later", &worlds(), |world| laws::readings(&world, &knows_too_much));
}

#[test]
fn l8_finds_a_reader_that_never_gives_up_hope() {
    // the planted fault: what is not met may always still be met
    let hopes = |participant: ParticipantId, stream: &[Recorded], lens: &Lens| {
        let mut readings: Vec<RuleReading> = honest(participant, stream, lens);
        for reading in &mut readings {
            if reading.reading.answer() == Answer::NotMet {
                let until = Some(lens.view.as_of);
                reading.reading = waystage_core::rules::Reading::NotYet { until };
            }
        }
        readings
    };
    finds("a not-yet is not over", &worlds(), |world| laws::readings(&world, &hopes));
}

#[test]
fn l6_the_events_named_for_a_reading_alone_give_it() {
    holds(300, &worlds(), |world| laws::because_alone(&world, &honest));
}

#[test]
fn l6_finds_a_because_that_leaves_out_the_start() {
    let forgets = |participant: ParticipantId, stream: &[Recorded], lens: &Lens| {
        let mut readings = honest(participant, stream, lens);
        for reading in &mut readings {
            if let waystage_core::rules::Reading::Met(met) = &mut reading.reading {
                met.because.remove(1);
            }
        }
        readings
    };
    finds("they alone read otherwise", &worlds(), |world| laws::because_alone(&world, &forgets));
}

#[test]
fn a_scenario_by_kind_removes_every_event_of_the_kind() {
    holds(60, &worlds(), |world| {
        let store = recorded(&world.events)?;
        let no_jobs = Selector::kind(waystage_core::journey::Kind::JobStarted);
        let no_jobs = Scenario::without("no job ever started", no_jobs);
        let lens = Lens::new(world.view, world.adoptions.clone().into()).scenario(no_jobs);
        for jobs in Replay::new(&store, &lens)
            .each(|replayed: &Replayed<'_>| replayed.journey.jobs.len())
            .unwrap()
        {
            prop_assert_eq!(jobs, 0);
        }
        Ok(())
    });
}
