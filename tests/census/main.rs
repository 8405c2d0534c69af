//! A census of wrong event stores, made without knowledge of the suite's rules: each breaks the
//! contract in a way that an adapter could, and the suite has to notice every one of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

mod chain;
mod clock;
mod columns;
mod compare;
mod files;
mod heads;
mod keys;
mod names;
mod partial;
mod parts;
mod races;
mod reads;
mod receipts;
mod reopen;
mod wake;
mod witness;

use std::sync::mpsc;
use std::time::Duration;

use parts::Wrong;
use waystage_testkit::store_suite::broken;

/// Every wrong store, by theme.
const CENSUS: &[&[Wrong]] = &[
    reads::WRONG,
    columns::WRONG,
    names::WRONG,
    keys::WRONG,
    compare::WRONG,
    heads::WRONG,
    partial::WRONG,
    receipts::WRONG,
    clock::WRONG,
    chain::WRONG,
    wake::WRONG,
    reopen::WRONG,
    files::WRONG,
];

/// Those that only a second thread can tell from a right one.
const AMONG_THREADS: &[&[Wrong]] = &[wake::AMONG_THREADS, races::WRONG];

/// How long the suite may take over one store before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// Returns what the suite says of a store: the rules that it breaks, or how the suite ended.
fn verdict(make: fn() -> Box<dyn waystage_testkit::store_suite::StoreUnderTest>) -> Vec<String> {
    let (say, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let rules = broken(make).into_iter().map(|(rule, says)| format!("{rule}: {says}"));
        let _ = say.send(rules.collect());
    });
    match hear.recv_timeout(PATIENCE) {
        Ok(rules) => rules,
        Err(mpsc::RecvTimeoutError::Timeout) => vec!["(the suite does not end)".to_owned()],
        Err(mpsc::RecvTimeoutError::Disconnected) => vec!["(the suite panicked)".to_owned()],
    }
}

#[test]
fn every_wrong_store_is_caught() {
    let mut survivors = Vec::new();
    let census: Vec<&Wrong> = CENSUS.iter().chain(AMONG_THREADS).copied().flatten().collect();
    for (number, wrong) in census.iter().enumerate() {
        let rules = verdict(wrong.make);
        let first = rules.first().map_or("SURVIVES", String::as_str);
        println!("{:3} {} [{}] {first}", number + 1, wrong.does, rules.len());
        if rules.is_empty() {
            survivors.push(wrong.does);
        }
    }
    let (all, left) = (census.len(), survivors.len());
    assert!(left == 0, "{left} of {all} wrong stores break no rule:\n{}", survivors.join("\n"));
}

#[test]
fn right_stores_of_the_same_parts_break_no_rule() {
    for make in [|| parts::site(|| parts::Right), files::right] {
        assert_eq!(verdict(make), Vec::<String>::new());
    }
}

#[test]
#[ignore = "slow: whether every wrong store of one thread differs from a right one"]
fn every_wrong_store_can_be_told_from_a_right_one() {
    let right = Wrong { does: "nothing wrong", make: || parts::site(|| parts::Right) };
    assert_eq!(witness::difference(&right), None);
    let mut same = Vec::new();
    for wrong in CENSUS.iter().copied().flatten() {
        match witness::difference(wrong) {
            Some(answer) => println!("{} -> {answer}", wrong.does),
            None => same.push(wrong.does),
        }
    }
    assert!(same.is_empty(), "these answer as a right store does:\n{}", same.join("\n"));
}
