//! Determinations as known when they were made: an honest log is clean; one that is removed, added
//! or altered is found, and nothing that does not follow from it.

use std::cell::Cell;

use chrono::NaiveDate;
use proptest::prelude::*;
use waystage_core::calendar::days_after;
use waystage_core::determination::{Amounts, Changed, Determination, LogEntry};
use waystage_core::id::{EventId, Position};
use waystage_core::journey::Record;
use waystage_store::{NewEvent, StoredEvent, codec};

use crate::log::{Log, about_determinations, determined, end, harmless, holds};

/// The determinations of a log: where each stands, and what it is.
fn determinations(log: &Log) -> Vec<(StoredEvent, Determination)> {
    let rows = log.rows().into_iter();
    let each = rows.filter_map(|row| match codec::decode(&row).unwrap().record {
        Record::Determination(determination) => Some((row, determination)),
        _ => None,
    });
    each.collect()
}

fn kinds(log: &Log) -> Vec<&'static str> {
    let audited = log.audit(end());
    about_determinations(&audited).iter().map(|finding| finding.kind.as_str()).collect()
}

#[test]
fn an_honest_log_audits_clean_of_determination_findings() {
    let (outcomes, withdrawals) = (Cell::new(0), Cell::new(0));
    holds(400, &determined(), |(world, planned)| {
        let log = Log::of(&world, &planned);
        let audited = log.audit(end());
        let found = about_determinations(&audited);
        prop_assert!(found.is_empty(), "{found:#?}");
        prop_assert_eq!(audited.checked.runs, planned.len() as u64);
        outcomes.set(outcomes.get() + audited.checked.determinations);
        withdrawals.set(withdrawals.get() + audited.checked.withdrawals);
        Ok(())
    });
    assert!(outcomes.get() > 100 && withdrawals.get() > 20, "{outcomes:?} {withdrawals:?}");
}

#[test]
fn skipping_replays_changes_no_finding() {
    let saved = Cell::new(0);
    holds(300, &determined(), |(world, planned)| {
        let log = Log::of(&world, &planned);
        let few = log.audit(end());
        let all = log.audit_all(end());
        prop_assert_eq!(&few.findings, &all.findings);
        saved.set(saved.get() + all.checked.replays - few.checked.replays);
        if let Some((row, _)) = determinations(&log).first() {
            let tampered = log.with(row.position, |event| *event = harmless(event.id));
            let few = tampered.audit(end());
            prop_assert_eq!(few.findings, tampered.audit_all(end()).findings);
        }
        Ok(())
    });
    assert!(saved.get() > 100, "{saved:?} replays were skipped");
}

#[test]
fn a_determination_that_was_removed_is_found_and_nothing_else() {
    let tried = Cell::new([0_u32; 2]);
    holds(150, &determined(), |(world, planned)| {
        let log = Log::of(&world, &planned);
        for (row, determination) in determinations(&log) {
            let tampered = log.with(row.position, |event| *event = harmless(event.id));
            let (which, expected) = match determination {
                Determination::OutcomeDetermined(_) => (0, "determination_missing"),
                Determination::DeterminationWithdrawn(_) => (1, "withdrawal_missing"),
            };
            prop_assert_eq!(kinds(&tampered), vec![expected]);
            let mut count = tried.get();
            count[which] += 1;
            tried.set(count);
        }
        Ok(())
    });
    assert!(tried.get()[0] > 30 && tried.get()[1] > 5, "{tried:?}");
}

/// Returns the harmless facts that stand in the appends of runs.
fn slots(log: &Log) -> Vec<Position> {
    let runs = log.rows().into_iter().filter(|row| &*row.kind == "DeterminationsMade");
    let runs: Vec<_> = runs.map(|row| row.recorded_at).collect();
    let rows = log.rows().into_iter();
    rows.filter(|row| &*row.kind == "ConsentRecorded" && runs.contains(&row.recorded_at))
        .map(|row| row.position)
        .collect()
}

#[test]
fn a_determination_that_was_added_is_found_and_nothing_else() {
    let tried = Cell::new(0);
    holds(60, &determined(), |(world, planned)| {
        let log = Log::with_slots(&world, &planned);
        for (row, determination) in determinations(&log) {
            let Determination::OutcomeDetermined(mut added) = determination else { continue };
            let rows = log.rows();
            for slot in slots(&log) {
                let slot_row = rows.iter().find(|row| row.position == slot).unwrap();
                if slot_row.participant != row.participant || slot < row.position {
                    continue;
                }
                added.run = run_of(&rows, slot_row);
                let record = Record::Determination(Determination::OutcomeDetermined(added.clone()));
                let add = |event: &mut NewEvent| event.record = record.clone();
                prop_assert_eq!(kinds(&log.with(slot, add)), vec!["determination_unfounded"]);
                tried.set(tried.get() + 1);
            }
        }
        Ok(())
    });
    assert!(tried.get() > 30, "{tried:?}");
}

/// Returns the run in whose append an event stands.
fn run_of(rows: &[StoredEvent], of: &StoredEvent) -> EventId {
    let with = |row: &&StoredEvent| row.recorded_at == of.recorded_at;
    let run = |row: &&StoredEvent| &*row.kind == "DeterminationsMade";
    rows.iter().filter(with).find(run).unwrap().id
}

type Alter = fn(&mut NewEvent);

fn outcome(event: &mut NewEvent) -> &mut waystage_core::determination::OutcomeDetermined {
    match &mut event.record {
        Record::Determination(Determination::OutcomeDetermined(outcome)) => outcome,
        other => panic!("{other:?}"),
    }
}

/// How an outcome is altered, and which kinds are found for it.
const ALTERED: &[(Alter, &[&str])] = &[
    (|event| event.on = days_after(event.on, 1), &["determination_differs"]),
    (
        |event| outcome(event).rule_version = NaiveDate::from_ymd_opt(1999, 1, 1).unwrap(),
        &["determination_differs"],
    ),
    (
        |event| outcome(event).amounts = Amounts::JobStart { weekly_minutes: 1 },
        &["determination_differs"],
    ),
    (|event| outcome(event).because.truncate(1), &["determination_differs"]),
    (|event| outcome(event).programme = "another".into(), &["determination_differs"]),
    (|event| outcome(event).run = EventId::from_bytes([7; 16]), &["determination_of_no_run"]),
    (
        |event| outcome(event).rule = "another".into(),
        &["determination_missing", "determination_unfounded"],
    ),
];

#[test]
fn a_determination_that_was_altered_is_found_and_nothing_else() {
    let tried = Cell::new(0);
    holds(30, &determined(), |(world, planned)| {
        let log = Log::of(&world, &planned);
        for (row, determination) in determinations(&log) {
            match determination {
                Determination::OutcomeDetermined(_) => {
                    for (alter, expected) in ALTERED {
                        prop_assert_eq!(&kinds(&log.with(row.position, alter)), expected);
                        tried.set(tried.get() + 1);
                    }
                }
                Determination::DeterminationWithdrawn(_) => {
                    let otherwise = log.with(row.position, |event| match &mut event.record {
                        Record::Determination(Determination::DeterminationWithdrawn(it)) => {
                            let reads = "nothing".to_owned();
                            it.changed = Changed::NoLongerMet { reads };
                        }
                        other => panic!("{other:?}"),
                    });
                    prop_assert_eq!(kinds(&otherwise), vec!["withdrawal_differs"]);
                    let later = log.with(row.position, |event| event.on = days_after(event.on, 1));
                    prop_assert_eq!(kinds(&later), vec!["withdrawal_differs"]);
                }
            }
        }
        Ok(())
    });
    assert!(tried.get() > 100, "{tried:?}");
}

#[test]
fn a_run_that_was_removed_or_names_other_packs_is_found_and_its_determinations_are_carried_on() {
    holds(60, &determined(), |(world, planned)| {
        let log = Log::of(&world, &planned);
        let rows = log.rows();
        let determined = determinations(&log);
        for run in rows.iter().filter(|row| &*row.kind == "DeterminationsMade") {
            let other = log.with(run.position, |event| {
                if let Record::Log(LogEntry::DeterminationsMade(made)) = &mut event.record {
                    made.packs_digest = "0".repeat(64);
                }
            });
            prop_assert_eq!(kinds(&other), vec!["packs_differ"]);
            let gone = log.with(run.position, |event| {
                event.record = Record::Log(LogEntry::LossDeclared(loss()));
            });
            let of_run = determined.iter().filter(|(row, _)| row.recorded_at == run.recorded_at);
            let found = kinds(&gone);
            prop_assert_eq!(found.len(), of_run.count(), "{:?}", found);
            prop_assert!(found.iter().all(|kind| kind.ends_with("_of_no_run")), "{:?}", found);
        }
        Ok(())
    });
}

fn loss() -> waystage_core::determination::LossDeclared {
    waystage_core::determination::LossDeclared {
        known_position: Position::FIRST,
        known_leaf: String::new(),
        through: None,
        reason: "a test".to_owned(),
    }
}

#[test]
fn a_view_that_ends_in_the_midst_of_a_run_does_not_see_it() {
    holds(40, &determined(), |(world, planned)| {
        let log = Log::of(&world, &planned);
        for row in log.rows() {
            let audited = log.audit(end().through(row.position));
            let found = about_determinations(&audited);
            prop_assert!(found.is_empty(), "through {}: {found:#?}", row.position);
        }
        Ok(())
    });
}
