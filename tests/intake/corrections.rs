//! Corrections of facts and of corrections: chains in any order, chains that end in nothing,
//! circles, and refs that two rows want.

use std::collections::BTreeMap;

use waystage_core::journey::correction::Correction;
use waystage_core::journey::{Fact, Record};
use waystage_store::NewEvent;

use crate::given::*;

const WITHDRAW: (&str, &str) = ("action", "withdraw");

/// Returns the accepted events by reference.
fn events(texts: &crate::texts::Texts) -> BTreeMap<String, NewEvent> {
    let intake = Log::new().judge("s", texts);
    let events = intake.accepted.into_values().flatten();
    let named = events.map(|event| {
        let sourced = event.sourced.as_ref().expect("a source");
        (sourced.reference.to_string(), event)
    });
    named.collect()
}

/// Checks that the correction under `reference` acts on the event under `target`, in its stream.
fn acts_on(texts: &crate::texts::Texts, reference: &str, target: &str) {
    let intake = Log::new().judge("s", texts);
    let stream = |reference: &str| {
        let holds = |event: &NewEvent| {
            event.sourced.as_ref().is_some_and(|from| from.reference.as_str() == reference)
        };
        let found = intake.accepted.iter().find(|(_, events)| events.iter().any(holds));
        found.map(|(participant, _)| *participant)
    };
    let events = events(texts);
    let Record::Fact(Fact::Correction(correction)) = &events[reference].record else {
        panic!("{reference} is no correction");
    };
    assert_eq!(correction.corrects(), events[target].id, "{reference} acts on {target}");
    assert_eq!(stream(reference), stream(target), "{reference} stands beside {target}");
}

#[test]
fn corrections_of_corrections_stand_in_any_order_of_their_rows() {
    let links: [Changes<'_>; 4] = [
        &[("ref", "C1"), ("corrects", "JB1"), ("field", "weekly_hours"), ("value", "20")],
        &[("ref", "C2"), ("corrects", "C1"), WITHDRAW],
        &[("ref", "C3"), ("corrects", "C2"), WITHDRAW],
        &[("ref", "C4"), ("corrects", "C3"), WITHDRAW],
    ];
    for turn in 0..links.len() {
        let mut rows = links.map(|link| (CORRECTIONS, link));
        rows.rotate_left(turn);
        for rows in [rows.to_vec(), rows.into_iter().rev().collect()] {
            let texts = with(&rows);
            check(&texts, 16, 0, &[]);
            for (reference, target) in [("C1", "JB1"), ("C2", "C1"), ("C3", "C2"), ("C4", "C3")] {
                acts_on(&texts, reference, target);
            }
        }
    }
}

#[test]
fn a_correction_may_be_reported_before_the_row_that_it_corrects() {
    let rows: [(&str, Changes<'_>); 2] = [
        (
            CORRECTIONS,
            &[
                ("corrects", "ND2"),
                WITHDRAW,
                ("on", "2021-01-01"),
                ("reported_at", "2021-01-01T09:00:00Z"),
            ],
        ),
        (NEEDS, &[("ref", "ND2"), ("reported_at", "2022-01-01T09:00:00Z")]),
    ];
    check(&with(&rows), 14, 0, &[]);
    acts_on(&with(&rows), "NEW", "ND2");
}

#[test]
fn every_link_of_a_chain_that_ends_in_nothing_has_an_unknown_target() {
    let rows: [(&str, Changes<'_>); 3] = [
        (CORRECTIONS, &[("ref", "C3"), ("corrects", "C2"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C2"), ("corrects", "C1"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C1"), ("corrects", "NONE")]),
    ];
    let rejects = [
        "corrections.csv:3 corrects unknown_target [C2]",
        "corrections.csv:4 corrects unknown_target [C1]",
        "corrections.csv:5 corrects unknown_target [NONE]",
    ];
    check(&with(&rows), 12, 0, &rejects);
}

#[test]
fn every_link_of_a_chain_that_ends_in_a_rejected_correction_has_an_unknown_target() {
    let rows: [(&str, Changes<'_>); 3] = [
        (CORRECTIONS, &[("ref", "C3"), ("corrects", "C2"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C2"), ("corrects", "C1"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C1"), ("corrects", "JB1"), ("field", "sector")]),
    ];
    let rejects = [
        "corrections.csv:3 corrects unknown_target [C2]",
        "corrections.csv:4 corrects unknown_target [C1]",
        "corrections.csv:5 value bad_code [first meeting]",
    ];
    check(&with(&rows), 12, 0, &rejects);
}

#[test]
fn corrections_that_correct_each_other_have_unknown_targets() {
    let rows: [(&str, Changes<'_>); 4] = [
        (CORRECTIONS, &[("ref", "C1"), ("corrects", "C2"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C2"), ("corrects", "C1"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C3"), ("corrects", "C3"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C4"), ("corrects", "C1"), WITHDRAW]),
    ];
    let rejects = [
        "corrections.csv:3 corrects unknown_target [C2]",
        "corrections.csv:4 corrects unknown_target [C1]",
        "corrections.csv:5 corrects unknown_target [C3]",
        "corrections.csv:6 corrects unknown_target [C1]",
    ];
    check(&with(&rows), 12, 0, &rejects);
}

#[test]
fn a_correction_can_be_withdrawn_and_not_amended() {
    accepted(CORRECTIONS, &[("corrects", "CX1"), WITHDRAW]);
    for field in ["reason", "value", "on", "field", "corrects", "action", "ref", "detail"] {
        let changes: Changes<'_> =
            &[("corrects", "CX1"), ("field", field), ("value", "2021-01-01")];
        rejected(CORRECTIONS, changes, &format!("field unknown_field [{field}]"));
    }
}

#[test]
fn several_amendments_may_share_one_target() {
    let rows: [(&str, Changes<'_>); 3] = [
        (CORRECTIONS, &[("ref", "C1"), ("corrects", "ND1"), ("field", "category")]),
        (CORRECTIONS, &[("ref", "C2"), ("corrects", "ND1"), ("field", "severity"), ("value", "1")]),
        (CORRECTIONS, &[("ref", "C3"), ("corrects", "ND1"), ("field", "severity"), ("value", "2")]),
    ];
    check(&with(&rows), 15, 0, &[]);
}

#[test]
fn a_correction_states_the_same_fact_again_or_conflicts() {
    let rows: [(&str, Changes<'_>); 4] = [
        (
            CORRECTIONS,
            &[("ref", "C1"), ("corrects", "JB1"), ("field", "weekly_hours"), ("value", "20")],
        ),
        (
            CORRECTIONS,
            &[("ref", "C1"), ("corrects", "JB1"), ("field", "weekly_hours"), ("value", "20.0")],
        ),
        (
            CORRECTIONS,
            &[("ref", "C1"), ("corrects", "JB1"), ("field", "weekly_hours"), ("value", "21")],
        ),
        (CORRECTIONS, &[("ref", "C1"), ("corrects", "JB1"), WITHDRAW]),
    ];
    let rejects = [
        "corrections.csv:5 ref conflicting_duplicate [C1]",
        "corrections.csv:6 ref conflicting_duplicate [C1]",
    ];
    check(&with(&rows), 13, 1, &rejects);
}

#[test]
fn a_correction_that_lost_its_ref_to_a_fact_does_not_stand_before_that_fact() {
    // the row on line 3 wants the ref of a need and is rejected; who names that ref means the need
    let rows: [(&str, Changes<'_>); 3] = [
        (CORRECTIONS, &[("ref", "ND1"), ("corrects", "PG1"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C2"), ("corrects", "ND1"), ("field", "severity"), ("value", "1")]),
        (CORRECTIONS, &[("ref", "C3"), ("corrects", "ND1"), WITHDRAW]),
    ];
    let texts = with(&rows);
    check(&texts, 14, 0, &["corrections.csv:3 ref conflicting_duplicate [ND1]"]);
    acts_on(&texts, "C2", "ND1");
    acts_on(&texts, "C3", "ND1");
}

#[test]
fn of_two_corrections_with_one_ref_the_first_is_meant_by_who_names_it() {
    // the first one's target stands later in the file; the second, about somebody else, is rejected
    let rows: [(&str, Changes<'_>); 6] = [
        (PARTICIPANTS, &[("ref", "CL2"), ("participant", "P2")]),
        (CORRECTIONS, &[("ref", "C1"), ("corrects", "C9"), WITHDRAW]),
        (
            CORRECTIONS,
            &[
                ("ref", "C1"),
                ("corrects", "CL2"),
                WITHDRAW,
                ("reported_at", "2022-01-01T09:00:00Z"),
            ],
        ),
        (CORRECTIONS, &[("ref", "C9"), ("corrects", "PG1"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C3"), ("corrects", "C1"), WITHDRAW]),
        (CORRECTIONS, &[("ref", "C4"), ("corrects", "C3"), WITHDRAW]),
    ];
    let texts = with(&rows);
    check(&texts, 17, 0, &["corrections.csv:4 ref conflicting_duplicate [C1]"]);
    for (reference, target) in [("C9", "PG1"), ("C1", "C9"), ("C3", "C1"), ("C4", "C3")] {
        acts_on(&texts, reference, target);
    }
}

#[test]
fn a_correction_that_conflicts_with_a_recorded_one_does_not_stand_before_it() {
    let log = Log::new();
    log.take("s", &base());
    let rows: [(&str, Changes<'_>); 2] = [
        (
            CORRECTIONS,
            &[
                ("ref", "CX1"),
                ("corrects", "ND1"),
                WITHDRAW,
                ("reported_at", "2022-01-01T09:00:00Z"),
            ],
        ),
        (CORRECTIONS, &[("ref", "C2"), ("corrects", "CX1"), WITHDRAW]),
    ];
    let intake = log.judge("s", &only(&rows));
    let rejects = vec!["corrections.csv:2 ref conflicting_duplicate [CX1]".to_owned()];
    assert_eq!(counted(&intake), Taken { accepted: 1, duplicates: 0, rejects });
    let recorded = events(&base())["CX1"].id;
    let event = intake.accepted.into_values().flatten().next().expect("an event");
    let Record::Fact(Fact::Correction(Correction::FactWithdrawn(withdrawn))) = event.record else {
        panic!("a withdrawal");
    };
    assert_eq!(withdrawn.corrects, recorded);
}

#[test]
fn an_amended_day_is_judged_against_the_day_on_which_the_correction_was_reported() {
    // the need was reported on 2021-01-07; the correction on 2021-04-02, which is what counts
    let amend = |value, told| {
        let changes: Changes<'_> = &[
            ("corrects", "ND1"),
            ("field", "on"),
            ("value", value),
            ("reported_at", told),
            ("on", "2021-01-01"),
        ];
        with(&[(CORRECTIONS, changes)])
    };
    check(&amend("2021-04-02", "2021-04-02T09:00:00Z"), 13, 0, &[]);
    let reject = "corrections.csv:3 value future_date [2021-04-03]";
    check(&amend("2021-04-03", "2021-04-02T09:00:00Z"), 12, 0, &[reject]);
    // the date that is written decides
    check(&amend("2021-04-03", "2021-04-03T00:30:00+01:00"), 13, 0, &[]);
    check(&amend("2021-04-03", "2021-04-02T23:30:00-05:00"), 12, 0, &[reject]);
    let reject = "corrections.csv:3 value bad_date [2021-02-30]";
    check(&amend("2021-02-30", "2021-04-02T09:00:00Z"), 12, 0, &[reject]);
}
