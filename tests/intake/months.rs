//! Extracts that follow each other, other sources, dry runs and strict ones.

use std::path::Path;

use tempfile::TempDir;
use waystage::{Adoption, Engine, ImportPlan, ImportReport};

use crate::given::*;
use crate::texts::Texts;

fn taken(accepted: u64, duplicates: u64, rejects: &[&str]) -> Taken {
    let rejects = rejects.iter().map(|&reject| reject.to_owned()).collect();
    Taken { accepted, duplicates, rejects }
}

#[test]
fn next_months_extract_may_refer_to_everything_that_was_recorded() {
    let log = Log::new();
    assert_eq!(log.take("s", &base()), taken(12, 0, &[]));
    let next = only(&[
        (REFERRALS, &[("ref", "RF2")]),
        (PROGRESS, &[("ref", "PG2"), ("step", "completed")]),
        (NEEDS, &[("ref", "ND2")]),
        (JOBS, &[("ref", "JB2"), ("step", "ended")]),
        (EVIDENCE, &[("ref", "EV2")]),
        (EARNINGS, &[("ref", "RT2")]),
        (BENEFITS, &[("ref", "BN2")]),
        (CLAIMS, &[("ref", "CM2"), ("step", "paid")]),
        (CORRECTIONS, &[("ref", "CX2"), ("corrects", "CX1"), ("action", "withdraw")]),
        (CORRECTIONS, &[("ref", "CX3"), ("corrects", "JB1"), ("field", "sector"), ("value", "x")]),
        (
            CORRECTIONS,
            &[("ref", "CX4"), ("corrects", "JB1"), ("field", "sector"), ("value", "self_employed")],
        ),
    ]);
    let rejects = ["corrections.csv:3 value bad_code [x]"];
    assert_eq!(log.take("s", &next), taken(10, 0, &rejects));
    assert_eq!(log.take("s", &next), taken(0, 10, &rejects));
    assert_eq!(log.take("s", &base()), taken(0, 12, &[]));
}

#[test]
fn next_months_extract_may_state_everything_again() {
    let log = Log::new();
    log.take("s", &base());
    let whole = with(&[
        (JOBS, &[("ref", "JB2"), ("step", "ended")]),
        (JOBS, &[("ref", "JB1"), ("weekly_hours", "16.00")]),
        (NEEDS, &[("ref", "ND1"), ("severity", "0")]),
        (REFERRALS, &[("participation", "W1")]),
        (NEEDS, &[("ref", "PG1")]),
    ]);
    let rejects = [
        "needs.csv:3 ref conflicting_duplicate [ND1]",
        "needs.csv:4 ref conflicting_duplicate [PG1]",
        "referrals.csv:3 participation conflicting_duplicate [W1]",
    ];
    assert_eq!(log.take("s", &whole), taken(1, 13, &rejects));
}

#[test]
fn a_row_that_was_rejected_last_month_is_judged_anew() {
    let log = Log::new();
    let early = only(&[(NEEDS, &[])]);
    let rejects = ["needs.csv:2 participation unknown_participation [W1]"];
    assert_eq!(log.take("s", &early), taken(0, 0, &rejects));
    assert_eq!(log.take("s", &base()), taken(12, 0, &[]));
    assert_eq!(log.take("s", &early), taken(1, 0, &[]));
}

#[test]
fn the_same_refs_of_another_source_are_other_facts() {
    let log = Log::new();
    log.take("s", &base());
    let strange = only(&[(PROGRESS, &[]), (JOBS, &[]), (CORRECTIONS, &[])]);
    let rejects = [
        "corrections.csv:2 corrects unknown_target [PG1]",
        "jobs.csv:2 participant unknown_participant [P1]",
        "progress.csv:2 participation unknown_participation [W1]",
    ];
    assert_eq!(log.take("other", &strange), taken(0, 0, &rejects));
    assert_eq!(log.take("other", &base()), taken(12, 0, &[]));
    assert_eq!(log.take("s", &base()), taken(0, 12, &[]));
    let ended = only(&[(JOBS, &[("step", "ended")])]);
    assert_eq!(log.take("other", &ended), taken(1, 0, &[]));
    assert_eq!(log.take("s", &ended), taken(1, 0, &[]));
}

fn plan(folder: &Path) -> ImportPlan {
    ImportPlan {
        folder: folder.to_owned(),
        source: "s".into(),
        adoption: Adoption::bundled(),
        batch: 250,
        dry_run: false,
        strict: false,
    }
}

/// Takes an extract from a folder by an engine; returns the report and how long the log then is.
fn import(texts: &Texts, how: impl Fn(&mut ImportPlan)) -> (ImportReport, u64) {
    let folder = TempDir::new().expect("a folder");
    texts.write(folder.path());
    let engine = Engine::in_memory("tests.example/months");
    let mut plan = plan(folder.path());
    how(&mut plan);
    let report = engine.import(&plan, &|_, _| {}).expect("an import");
    let last = engine.status().expect("a status").last_position;
    (report, last.map_or(0, |last| last.get()))
}

fn flawed() -> Texts {
    with(&[(NEEDS, &[("severity", "7")])])
}

#[test]
fn an_import_stores_what_is_accepted_although_something_is_rejected() {
    let (report, last) = import(&flawed(), |_| {});
    assert_eq!((report.imported.recorded, report.counted.rejects.len()), (12, 1));
    assert_eq!(last, 12 + report.adopted);
    assert!(report.adopted > 0);
}

#[test]
fn a_dry_run_says_all_of_that_and_stores_nothing() {
    let (wet, _) = import(&flawed(), |_| {});
    let (dry, last) = import(&flawed(), |plan| plan.dry_run = true);
    assert_eq!(dry.counted, wet.counted);
    assert_eq!((dry.imported.recorded, dry.imported.units, dry.adopted, last), (0, 0, 0, 0));
}

#[test]
fn a_strict_import_stores_nothing_where_a_row_is_rejected() {
    let (wet, _) = import(&flawed(), |_| {});
    let (strict, last) = import(&flawed(), |plan| plan.strict = true);
    assert_eq!(strict.counted, wet.counted);
    assert_eq!(
        (strict.imported.recorded, strict.imported.units, strict.adopted, last),
        (0, 0, 0, 0)
    );
    let (strict, last) = import(&base(), |plan| plan.strict = true);
    assert_eq!((strict.imported.recorded, last), (12, 12 + strict.adopted));
}

#[test]
fn a_strict_import_takes_duplicates() {
    let again = with(&[(NEEDS, &[("ref", "ND1")])]);
    let (report, _) = import(&again, |plan| plan.strict = true);
    assert_eq!((report.imported.recorded, report.counted.all().duplicates), (12, 1));
}

#[test]
fn an_extract_that_is_refused_stores_nothing() {
    let folder = TempDir::new().expect("a folder");
    let mut texts = base();
    texts.push(NEEDS, "ND2,2021-01-07");
    texts.write(folder.path());
    let engine = Engine::in_memory("tests.example/months");
    let refused = engine.import(&plan(folder.path()), &|_, _| {}).expect_err("a refusal");
    assert_eq!(
        refused.to_string(),
        "the extract is refused: needs.csv:3: the row has 2 cells and the header 6: check its \
         commas and quotes"
    );
    assert_eq!(engine.status().expect("a status").last_position, None);
}

#[test]
fn a_unit_holds_as_many_participants_as_asked_for() {
    let mut texts = base();
    for number in 2..=5 {
        let name = format!("P{number}");
        let reference = format!("CL{number}");
        let changes = [("ref", reference.as_str()), ("participant", name.as_str())];
        texts.push(PARTICIPANTS, &like(PARTICIPANTS, &changes));
    }
    for (batch, units) in [(1, 5), (2, 3), (5, 1), (1000, 1)] {
        let (report, _) = import(&texts, |plan| plan.batch = batch);
        assert_eq!((report.imported.recorded, report.imported.units), (16, units));
    }
}
