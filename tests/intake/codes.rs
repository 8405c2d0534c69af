//! Each reject code: the row that earns it, with line, column and value.

use std::collections::BTreeSet;

use waystage_exchange::Code;

use crate::given::*;

#[test]
fn there_are_fourteen_codes_and_each_is_spelt_as_documented() {
    let spelt: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let documented = [
        "bad_date",
        "bad_timestamp",
        "bad_number",
        "bad_code",
        "missing_value",
        "unknown_participant",
        "unknown_participation",
        "unknown_programme",
        "unknown_rule",
        "unknown_job",
        "unknown_target",
        "future_date",
        "conflicting_duplicate",
        "unknown_field",
    ];
    assert_eq!(spelt, BTreeSet::from(documented));
}

#[test]
fn the_small_extract_is_accepted_as_a_whole() {
    check(&base(), 12, 0, &[]);
}

#[test]
fn a_day_that_does_not_exist_is_a_bad_date() {
    rejected(BENEFITS, &[("observed_from", "2021-02-29")], "observed_from bad_date [2021-02-29]");
}

#[test]
fn a_time_without_its_zone_is_a_bad_timestamp() {
    let reject = "reported_at bad_timestamp [2021-03-04T10:15:00]";
    rejected(NEEDS, &[("reported_at", "2021-03-04T10:15:00")], reject);
}

#[test]
fn a_severity_over_six_is_a_bad_number() {
    rejected(NEEDS, &[("severity", "7")], "severity bad_number [7]");
}

#[test]
fn a_word_that_is_not_in_the_closed_list_is_a_bad_code() {
    rejected(JOBS, &[("sector", "Employed")], "sector bad_code [Employed]");
}

#[test]
fn a_blank_where_a_value_is_needed_is_a_missing_value() {
    rejected(BENEFITS, &[("benefit", "")], "benefit missing_value []");
}

#[test]
fn a_participant_without_a_row_of_its_own_is_unknown() {
    rejected(BENEFITS, &[("participant", "P9")], "participant unknown_participant [P9]");
}

#[test]
fn a_participation_without_a_referral_is_unknown() {
    rejected(NEEDS, &[("participation", "W9")], "participation unknown_participation [W9]");
}

#[test]
fn a_programme_without_a_pack_is_unknown() {
    rejected(REFERRALS, &[("programme", "pilot")], "programme unknown_programme [pilot]");
}

#[test]
fn a_rule_that_the_participations_own_programme_does_not_have_is_unknown() {
    rejected(CLAIMS, &[("rule", "earned")], "rule unknown_rule [earned]");
    let tiered: Changes<'_> = &[("programme", "tiered")];
    let claims: Changes<'_> = &[("ref", "CM2"), ("participation", "W2")];
    let rejects = ["claims.csv:3 rule unknown_rule [job-start]"];
    check(&with(&[(REFERRALS, tiered), (CLAIMS, claims)]), 13, 0, &rejects);
}

#[test]
fn a_job_without_a_started_row_is_unknown() {
    rejected(JOBS, &[("job", "J9"), ("step", "changed")], "job unknown_job [J9]");
    rejected(JOBS, &[("job", "J9"), ("step", "ended")], "job unknown_job [J9]");
    rejected(EVIDENCE, &[("job", "J9")], "job unknown_job [J9]");
}

#[test]
fn a_correction_of_nothing_has_an_unknown_target() {
    rejected(CORRECTIONS, &[("corrects", "PG9")], "corrects unknown_target [PG9]");
}

#[test]
fn a_day_after_the_one_on_which_it_was_reported_is_a_future_date() {
    rejected(NEEDS, &[("on", "2021-01-08")], "on future_date [2021-01-08]");
}

#[test]
fn a_ref_that_is_taken_by_other_content_is_a_conflicting_duplicate() {
    rejected(NEEDS, &[("ref", "ND1"), ("severity", "4")], "ref conflicting_duplicate [ND1]");
}

#[test]
fn a_second_referral_of_a_participation_is_a_conflicting_duplicate() {
    let reject = "participation conflicting_duplicate [W1]";
    rejected(REFERRALS, &[("participation", "W1")], reject);
    // though it comes later, says something else, or is about somebody else
    let changes: Changes<'_> =
        &[("participation", "W1"), ("on", "2021-01-04"), ("programme", "tiered")];
    rejected(REFERRALS, changes, reject);
    let somebody: Changes<'_> = &[("ref", "CL2"), ("participant", "P2")];
    let referral: Changes<'_> = &[("participant", "P2"), ("participation", "W1")];
    let rejects = ["referrals.csv:3 participation conflicting_duplicate [W1]"];
    check(&with(&[(PARTICIPANTS, somebody), (REFERRALS, referral)]), 13, 0, &rejects);
}

#[test]
fn a_field_that_may_not_be_amended_is_unknown() {
    rejected(CORRECTIONS, &[("field", "step")], "field unknown_field [step]");
    rejected(CORRECTIONS, &[("field", "severity")], "field unknown_field [severity]");
    rejected(CORRECTIONS, &[("field", "colour")], "field unknown_field [colour]");
}
