//! A row is rejected once, for its first fault. Each case is a row with every fault that a row of
//! its file can have; mending the first shows the next.

use crate::given::*;

/// A fault: the column, the value that it gets, and the code.
type Fault = (&'static str, &'static str, &'static str);

const REF: Fault = ("ref", "", "missing_value");
const ON_MISSING: Fault = ("on", "", "missing_value");
const ON: Fault = ("on", "2021-02-30", "bad_date");
const TOLD_MISSING: Fault = ("reported_at", "", "missing_value");
const TOLD: Fault = ("reported_at", "yesterday", "bad_timestamp");
const FUTURE: Fault = ("on", "2021-12-31", "future_date");
const PARTICIPANT_MISSING: Fault = ("participant", "", "missing_value");
const PARTICIPANT: Fault = ("participant", "P9", "unknown_participant");
const PARTICIPATION_MISSING: Fault = ("participation", "", "missing_value");
const PARTICIPATION: Fault = ("participation", "W9", "unknown_participation");

/// Checks that the faults of a row are found in this order: those of the columns that every file
/// has, then its own. What is not said of a cell is as in `mended`.
fn in_order(file: &str, mended: Changes<'_>, own: &[Fault]) {
    let first = [REF, ON_MISSING, ON, TOLD_MISSING, TOLD];
    let faults: Vec<Fault> = first.iter().chain(own).copied().collect();
    for at in 0..faults.len() {
        let (column, value, code) = faults[at];
        let mut changes: Vec<(&str, &str)> = Vec::new();
        for (column, value, _) in &faults[at..] {
            if changes.iter().all(|(changed, _)| changed != column) {
                changes.push((column, value));
            }
        }
        for change in mended {
            if changes.iter().all(|(changed, _)| *changed != change.0) {
                changes.push(*change);
            }
        }
        rejected(file, &changes, &format!("{column} {code} [{value}]"));
    }
}

#[test]
fn faults_of_participants_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        ("birth_year", "", "missing_value"),
        ("birth_year", "x", "bad_number"),
        ("sex", "f", "bad_code"),
        ("qualification", "phd", "bad_code"),
        ("local_authority", "", "missing_value"),
        ("local_authority", "Bury", "bad_code"),
        FUTURE,
        ("ref", "CL1", "conflicting_duplicate"),
    ];
    in_order(PARTICIPANTS, &[("birth_year", "1981")], &own);
}

#[test]
fn faults_of_referrals_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        PARTICIPATION_MISSING,
        ("programme", "", "missing_value"),
        ("received_on", "", "missing_value"),
        ("received_on", "soon", "bad_date"),
        ("participation_type", "", "missing_value"),
        ("participation_type", "maybe", "bad_code"),
        ("provider", "", "missing_value"),
        ("local_authority", "", "missing_value"),
        ("local_authority", "E0", "bad_code"),
        FUTURE,
        PARTICIPANT,
        ("programme", "nowhere", "unknown_programme"),
        ("ref", "RF1", "conflicting_duplicate"),
        ("participation", "W1", "conflicting_duplicate"),
    ];
    in_order(REFERRALS, &[("provider", "seetec")], &own);
}

#[test]
fn faults_of_progress_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("step", "", "missing_value"),
        ("step", "dance", "bad_code"),
        ("detail", "", "missing_value"),
        ("detail", "perhaps", "bad_code"),
        FUTURE,
        PARTICIPATION,
        ("ref", "PG1", "conflicting_duplicate"),
    ];
    in_order(PROGRESS, &[("step", "eligibility"), ("detail", "eligible")], &own);
}

#[test]
fn faults_of_assessments_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("assessment", "", "missing_value"),
        ("instrument", "", "missing_value"),
        ("version", "", "missing_value"),
        ("stage", "", "missing_value"),
        ("stage", "middle", "bad_code"),
        ("code", "", "missing_value"),
        FUTURE,
        PARTICIPATION,
        ("ref", "AS1", "conflicting_duplicate"),
    ];
    in_order(ASSESSMENTS, &[("value", "5")], &own);
}

#[test]
fn faults_of_needs_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("category", "", "missing_value"),
        ("severity", "", "missing_value"),
        ("severity", "7", "bad_number"),
        FUTURE,
        PARTICIPATION,
        ("ref", "ND1", "conflicting_duplicate"),
    ];
    in_order(NEEDS, &[("severity", "4")], &own);
}

#[test]
fn faults_of_interventions_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("intervention", "", "missing_value"),
        ("category", "", "missing_value"),
        ("delivery", "", "missing_value"),
        ("delivery", "post", "bad_code"),
        ("step", "", "missing_value"),
        ("step", "dance", "bad_code"),
        FUTURE,
        PARTICIPATION,
        ("ref", "IV1", "conflicting_duplicate"),
    ];
    in_order(INTERVENTIONS, &[("step", "completed")], &own);
}

#[test]
fn faults_of_jobs_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        ("job", "", "missing_value"),
        ("step", "", "missing_value"),
        ("step", "paused", "bad_code"),
        ("weekly_hours", "many", "bad_number"),
        ("sector", "", "missing_value"),
        ("sector", "public", "bad_code"),
        // whether hours may be blank is a rule across cells
        ("weekly_hours", "", "missing_value"),
        FUTURE,
        PARTICIPANT,
        ("job", "J9", "unknown_job"),
        // taken by progress
        ("ref", "PG1", "conflicting_duplicate"),
    ];
    in_order(JOBS, &[("step", "changed")], &own);
}

#[test]
fn faults_of_evidence_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        ("job", "", "missing_value"),
        ("method", "", "missing_value"),
        ("method", "hearsay", "bad_code"),
        ("covers_from", "", "missing_value"),
        ("covers_from", "x", "bad_date"),
        ("covers_to", "", "missing_value"),
        ("covers_to", "x", "bad_date"),
        FUTURE,
        PARTICIPANT,
        ("job", "J9", "unknown_job"),
        ("ref", "EV1", "conflicting_duplicate"),
    ];
    in_order(EVIDENCE, &[("method", "hmrc")], &own);
}

#[test]
fn faults_of_earnings_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        ("statement_kind", "", "missing_value"),
        ("statement_kind", "first", "bad_code"),
        ("scheme", "", "missing_value"),
        ("period_from", "", "missing_value"),
        ("period_from", "x", "bad_date"),
        ("period_to", "", "missing_value"),
        ("period_to", "x", "bad_date"),
        ("gross_pence", "", "missing_value"),
        ("gross_pence", "1.5", "bad_number"),
        ("qualifying", "", "missing_value"),
        ("qualifying", "yes", "bad_code"),
        // which sign pence may have is a rule across cells
        ("gross_pence", "-1", "bad_number"),
        FUTURE,
        PARTICIPANT,
        ("ref", "RT1", "conflicting_duplicate"),
    ];
    in_order(EARNINGS, &[("scheme", "other")], &own);
}

#[test]
fn faults_of_benefits_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        ("benefit", "", "missing_value"),
        ("observed_from", "", "missing_value"),
        ("observed_from", "x", "bad_date"),
        ("observed_to", "x", "bad_date"),
        FUTURE,
        PARTICIPANT,
        ("ref", "BN1", "conflicting_duplicate"),
    ];
    in_order(BENEFITS, &[("benefit", "pip")], &own);
}

#[test]
fn faults_of_claims_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("rule", "", "missing_value"),
        ("step", "", "missing_value"),
        ("step", "sent", "bad_code"),
        ("amount_pence", "1.5", "bad_number"),
        FUTURE,
        PARTICIPATION,
        ("rule", "nothing", "unknown_rule"),
        ("ref", "CM1", "conflicting_duplicate"),
    ];
    in_order(CLAIMS, &[("step", "paid")], &own);
}

#[test]
fn faults_of_corrections_are_found_from_left_to_right() {
    let own = [
        ("corrects", "", "missing_value"),
        ("action", "", "missing_value"),
        ("action", "undo", "bad_code"),
        ("field", "", "missing_value"),
        ("value", "", "missing_value"),
        FUTURE,
        ("corrects", "NONE", "unknown_target"),
        ("field", "job", "unknown_field"),
        ("value", "169", "bad_number"),
        ("ref", "CX1", "conflicting_duplicate"),
    ];
    let mended: Changes<'_> = &[("corrects", "JB1"), ("field", "weekly_hours"), ("value", "20")];
    in_order(CORRECTIONS, mended, &own);
}

#[test]
fn a_row_that_is_wrong_in_every_way_is_one_rejected_row() {
    let blank = with(&[(NEEDS, &[("on", ""), ("severity", "9"), ("participation", "W9")])]);
    check(&blank, 12, 0, &["needs.csv:3 on missing_value []"]);
}

#[test]
fn faults_of_contacts_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("step", "", "missing_value"),
        ("step", "phoned", "bad_code"),
        ("purpose", "", "missing_value"),
        FUTURE,
        PARTICIPATION,
    ];
    in_order(CONTACTS, &[], &own);
    let made = [PARTICIPATION_MISSING, ("channel", "", "missing_value")];
    in_order(CONTACTS, &[("step", "made")], &made);
}

#[test]
fn faults_of_qualifications_are_found_from_left_to_right() {
    let own = [PARTICIPATION_MISSING, ("level", "", "missing_value"), FUTURE, PARTICIPATION];
    in_order(QUALIFICATIONS, &[], &own);
}

#[test]
fn faults_of_concerns_are_found_from_left_to_right() {
    let own = [
        PARTICIPATION_MISSING,
        ("concern", "", "missing_value"),
        ("concern", "gossip", "bad_code"),
        ("step", "", "missing_value"),
        ("step", "opened", "bad_code"),
        FUTURE,
        PARTICIPATION,
    ];
    in_order(CONCERNS, &[], &own);
}

#[test]
fn faults_of_consents_are_found_from_left_to_right() {
    let own = [
        PARTICIPANT_MISSING,
        ("purpose", "", "missing_value"),
        ("step", "", "missing_value"),
        ("step", "perhaps", "bad_code"),
        FUTURE,
        PARTICIPANT,
    ];
    in_order(CONSENTS, &[], &own);
}
