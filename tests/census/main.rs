//! A census of wrong event stores, made without knowledge of the suite's rules: each breaks the
//! contract in a way that an adapter could, and the suite has to notice every one of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may
// the stores are short tables of closures, and wrong on purpose
#![allow(clippy::pedantic, clippy::collapsible_if)]

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

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use parts::Wrong;
use waystage_testkit::store_suite::{Rule, StoreUnderTest, first_broken};

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

/// The page that shows what the suite says of the census, and where on it.
const PAGE: &str = "docs/STORE_SUITE.md";
const BEGIN: &str = "| store of the census | one rule that it breaks |\n|---|---|\n";

type Make = fn() -> Box<dyn StoreUnderTest>;

/// Does a piece of work on a thread of its own; none where it has no end.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (say, hear) = mpsc::channel();
    thread::spawn(move || say.send(work()));
    hear.recv_timeout(PATIENCE).ok()
}

/// Returns the first rule that a store breaks, and what the suite says of it.
fn verdict(make: Make) -> Option<(&'static str, String)> {
    let broken = in_time(move || first_broken(make));
    broken.expect("the suite does not end").map(|(rule, says)| (rule.name, says))
}

/// Returns the rule that the page names for a store, where the store breaks that in one of three
/// trials: among threads the first rule is not the same each time.
fn named_and_broken(page: &str, wrong: &Wrong) -> Option<&'static str> {
    let row = page.lines().find(|line| line.starts_with(&format!("| {} |", wrong.does)))?;
    let rule = Rule::named(row.rsplit('`').nth(1)?);
    let make = wrong.make;
    let broken = in_time(move || (0..3).any(|_| rule.broken_by(&mut *make()).is_some()));
    broken.filter(|broken| *broken).map(|_| rule.name)
}

/// Returns the rule that catches each store, in the order of the census.
fn caught(page: &str) -> Vec<(&'static str, Option<&'static str>)> {
    let alone = CENSUS.iter().copied().flatten().map(|wrong| (wrong, false));
    let among = AMONG_THREADS.iter().copied().flatten().map(|wrong| (wrong, true));
    let census: Vec<(&Wrong, bool)> = alone.chain(among).collect();
    let next = AtomicUsize::new(0);
    let rules = Mutex::new(vec![None; census.len()]);
    let work = || {
        while let Some((number, (wrong, among))) = {
            let number = next.fetch_add(1, Ordering::Relaxed);
            census.get(number).map(|each| (number, each))
        } {
            let named = if *among { named_and_broken(page, wrong) } else { None };
            let found = named.map(|rule| (rule, String::new())).or_else(|| verdict(wrong.make));
            let said = found.as_ref().map_or("SURVIVES".to_owned(), |(rule, says)| {
                format!("{rule}: {}", says.lines().next().unwrap_or(""))
            });
            println!("{:3} {} [{said}]", number + 1, wrong.does);
            rules.lock().unwrap()[number] = found.map(|(rule, _)| rule);
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(work);
        }
    });
    let rules = rules.into_inner().unwrap();
    census.iter().zip(rules).map(|((wrong, _), rule)| (wrong.does, rule)).collect()
}

#[test]
fn every_store_of_the_census_breaks_a_rule() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let caught = caught(&page);
    let survivors: Vec<_> = caught.iter().filter(|(_, rule)| rule.is_none()).collect();
    let (all, left) = (caught.len(), survivors.len());
    assert!(left == 0, "{left} of {all} wrong stores break no rule: {survivors:#?}");
    let names: BTreeSet<_> = caught.iter().map(|(does, _)| does).collect();
    assert_eq!(names.len(), all, "two stores of the census have one name");
    let row = |(does, rule): &(&str, Option<&str>)| format!("| {does} | `{}` |\n", rule.unwrap());
    let rows: String = caught.iter().map(row).collect();
    let at = page.find(BEGIN).expect("the page has no table of the census") + BEGIN.len();
    let end = page[at..].find("\n\n").map_or(page.len(), |end| at + end + 1);
    let new = format!("{}{rows}{}", &page[..at], &page[end..]);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, new).unwrap();
    } else {
        assert!(page == new, "{PAGE} is old: BLESS=1 writes it");
    }
}

#[test]
fn right_stores_of_the_same_parts_break_no_rule() {
    for make in [|| parts::site(|| parts::Right), files::right] {
        assert_eq!(verdict(make), None);
    }
}
