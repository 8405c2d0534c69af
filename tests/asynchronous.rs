//! The asynchronous face: futures that are dropped, timed out or aborted, runtimes that are shut
//! down, callbacks that panic. What was recorded is settled by sending the same facts again.
//! `FUTURES` sets how many futures are dropped; 2,000 where it is not set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use waystage::asynchronous::Engine;
use waystage::core::id::{JobId, Named, ParticipantId};
use waystage::core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage::store::{Receipt, verify};
use waystage::{Adoption, EngineError, NewFact};

const PEOPLE: u64 = 7;

fn person(number: u64) -> ParticipantId {
    ParticipantId::from_bytes([u8::try_from(number % PEOPLE + 1).unwrap(); 16])
}

fn fact(engine: &Engine, number: u64) -> Vec<NewFact> {
    let id = u128::from(number).to_be_bytes();
    let job = Named::new(JobId::from_bytes(id), "a job");
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(16));
    let on = "2026-01-01".parse().unwrap();
    vec![engine.blocking().fact(on, "user:1", Employment::JobStarted(start))]
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

struct Store {
    folder: TempDir,
    engine: Engine,
}

impl Store {
    fn new() -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = made.unwrap();
        let engine = waystage::Engine::create(folder.path(), "example.org/async").unwrap();
        Self { folder, engine: Engine::of(engine) }
    }

    /// Sends facts again until they are answered, in a runtime of its own, and checks that each is
    /// in the log exactly once.
    fn settle(self, sent: &[(u64, Vec<NewFact>)]) -> Vec<Receipt> {
        let receipts: Vec<Receipt> = runtime().block_on(async {
            let mut receipts = Vec::new();
            for (number, facts) in sent {
                let answer = self.engine.record(person(*number), facts.clone()).await;
                receipts.extend(answer.unwrap());
            }
            receipts
        });
        assert_eq!(self.engine.free_to_write(), 64, "a place in line was not given back");
        drop(self.engine);
        // the handle is only given back once every call that was begun has ended
        let log = (0..500)
            .find_map(|_| {
                let opened = waystage::Engine::open(self.folder.path());
                if opened.is_err() {
                    std::thread::sleep(Duration::from_millis(10));
                }
                opened.ok()
            })
            .expect("the store is given back");
        let count = verify(log.reader()).unwrap();
        assert_eq!(count, sent.len() as u64, "something was recorded twice, or is missing");
        for (receipt, (_, facts)) in receipts.iter().zip(sent) {
            assert_eq!(receipt.id, facts[0].id);
        }
        receipts
    }
}

fn futures() -> u64 {
    std::env::var("FUTURES").map_or(2_000, |text| text.parse().expect("FUTURES: a number"))
}

/// Numbers that look random and are the same on each run.
fn chance(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

struct Counting(AtomicU64);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// More than the runtime has threads: were each asleep for its hour, nothing could be recorded.
#[test]
fn followers_that_nobody_waits_for_any_more_give_their_threads_back() {
    let store = Store::new();
    let engine = store.engine.clone();
    let facts = fact(&engine, 1);
    let sent = facts.clone();
    let runtime = Builder::new_multi_thread().max_blocking_threads(80).enable_all().build();
    runtime.unwrap().block_on(async move {
        for _ in 0..600 {
            let follower = pin!(engine.read_after(None, Duration::from_secs(3_600)));
            assert!(follower.poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        let still = engine.clone();
        let waits =
            tokio::spawn(async move { still.read_after(None, Duration::from_secs(60)).await });
        let receipts = engine.record(person(1), facts).await.unwrap();
        assert_eq!(receipts.len(), 1);
        assert_eq!(waits.await.unwrap().unwrap().len(), 1, "who still waits is told");
    });
    assert_eq!(store.settle(&[(1, sent)]).len(), 1);
}

#[test]
fn a_future_that_is_dropped_after_any_poll_is_settled_by_sending_the_same_facts_again() {
    let store = Store::new();
    let mut sent = Vec::new();
    let (mut never_polled, mut answered) = (0, 0);
    let runtime = runtime();
    for number in 0..futures() {
        let facts = fact(&store.engine, number);
        sent.push((number, facts.clone()));
        let _inside = runtime.enter();
        let waker = Waker::from(Arc::new(Counting(AtomicU64::new(0))));
        let mut future = pin!(store.engine.record(person(number), facts));
        let polls = chance(number) % 4;
        never_polled += u64::from(polls == 0);
        for poll in 0..polls {
            if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                answer.unwrap();
                answered += 1;
                break;
            }
            std::thread::sleep(Duration::from_micros(chance(number + poll) % 200));
        }
    }
    drop(runtime);
    let receipts = store.settle(&sent);
    let before = receipts.iter().filter(|receipt| receipt.duplicate).count() as u64;
    println!(
        "{} futures: {never_polled} never polled, {answered} answered, {before} had been recorded",
        sent.len()
    );
    assert!(never_polled > 0 && before > 0 && before < sent.len() as u64);
}

#[test]
fn timed_out_and_aborted_calls_are_settled_by_sending_the_same_facts_again() {
    let store = Store::new();
    let runtime = runtime();
    let sent: Vec<_> =
        (0..futures() / 2).map(|number| (number, fact(&store.engine, number))).collect();
    let (mut timed_out, mut aborted) = (0, 0);
    runtime.block_on(async {
        for (number, facts) in &sent {
            let call = {
                let (engine, facts) = (store.engine.clone(), facts.clone());
                let who = person(*number);
                async move { engine.record(who, facts).await }
            };
            let patience = Duration::from_micros(chance(*number) % 300);
            if number % 2 == 0 {
                timed_out += u64::from(tokio::time::timeout(patience, call).await.is_err());
            } else {
                let task = tokio::spawn(call);
                tokio::time::sleep(patience).await;
                task.abort();
                aborted += u64::from(task.await.is_err());
            }
        }
    });
    drop(runtime);
    println!("{} calls: {timed_out} timed out, {aborted} aborted", sent.len());
    store.settle(&sent);
}

#[test]
fn a_runtime_that_is_shut_down_leaves_what_can_be_settled_by_sending_again() {
    let store = Store::new();
    let mut sent = Vec::new();
    for round in 0..20 {
        let runtime = runtime();
        for number in round * 100..round * 100 + 100 {
            let facts = fact(&store.engine, number);
            sent.push((number, facts.clone()));
            let engine = store.engine.clone();
            runtime.spawn(async move { engine.record(person(number), facts).await });
        }
        std::thread::sleep(Duration::from_micros(chance(round) % 2_000));
        match round % 3 {
            0 => drop(runtime),
            1 => runtime.shutdown_background(),
            _ => runtime.shutdown_timeout(Duration::from_micros(100)),
        }
    }
    store.settle(&sent);
}

#[test]
fn a_callback_that_panics_takes_nothing_with_it() {
    let store = Store::new();
    let runtime = runtime();
    let ended: Result<(), EngineError> =
        runtime.block_on(store.engine.read(|_| panic!("a callback of the caller's")));
    let error = ended.unwrap_err();
    assert!(error.to_string().starts_with("the call ended without an answer (task "), "{error}");
    let sent = vec![(1, fact(&store.engine, 1))];
    runtime.block_on(store.engine.record(person(1), sent[0].1.clone())).unwrap();
    drop(runtime);
    assert!(store.settle(&sent)[0].duplicate);
}

#[test]
fn many_callers_share_the_line_and_a_follower_sees_every_event_once() {
    let store = Store::new();
    let runtime = runtime();
    let sent: Vec<_> = (0..500).map(|number| (number, fact(&store.engine, number))).collect();
    let seen = runtime.block_on(async {
        let follower = {
            let engine = store.engine.clone();
            tokio::spawn(async move {
                let (mut last, mut seen) = (None, Vec::new());
                while seen.len() < 500 {
                    for row in engine.read_after(last, Duration::from_secs(30)).await.unwrap() {
                        last = Some(row.position);
                        seen.push(row.position.get());
                    }
                }
                seen
            })
        };
        let callers: Vec<_> = sent
            .iter()
            .map(|(number, facts)| {
                let (engine, who, facts) = (store.engine.clone(), person(*number), facts.clone());
                tokio::spawn(async move {
                    // contended: the same few streams; who loses its turn too often tries again
                    loop {
                        match engine.record(who, facts.clone()).await {
                            Err(EngineError::Contended { .. }) => {}
                            answer => return answer.unwrap(),
                        }
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        follower.await.unwrap()
    });
    assert_eq!(seen, (1..=500).collect::<Vec<_>>());
    drop(runtime);
    store.settle(&sent);
}

#[test]
fn every_verb_answers_as_its_blocking_twin_does() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let place = folder.path().join("store");
        let engine = Engine::create(place.clone(), "example.org/verbs".to_owned()).await.unwrap();
        assert!(engine.adopt(Adoption::bundled()).await.unwrap() > 0);
        let facts = fact(&engine, 1);
        let receipt = engine.record(person(1), facts.clone()).await.unwrap()[0];
        assert_eq!(engine.blocking().record(person(1), facts).unwrap()[0].leaf, receipt.leaf);
        assert_eq!(engine.status().await.unwrap(), engine.blocking().status().unwrap());
        let copy = folder.path().join("copy.db");
        assert_eq!(engine.backup(copy).await.unwrap(), receipt.position.get());
        let today = engine.blocking().today();
        let run = engine.determine(today.as_of, today.basis).await.unwrap();
        assert_eq!((run.participants, run.determined), (1, 0));
        drop(engine);
        let engine = Engine::open_knowing(place.clone(), receipt.into()).await.unwrap();
        drop(engine);
        Engine::open(place).await.unwrap();
    });
}
