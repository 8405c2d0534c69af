//! What rows refer to: rows that stand later, rows that were rejected, jobs that start late.

use crate::given::*;
use crate::texts::Texts;

#[test]
fn order_of_rows_and_of_reporting_never_matters() {
    // every row refers to one that stands later in its file or was reported later
    let early: &str = "2021-12-31T09:00:00Z";
    let late: &str = "2022-12-31T09:00:00Z";
    let rows: [(&str, Changes<'_>); 8] = [
        (CORRECTIONS, &[("ref", "CX3"), ("corrects", "CX2"), ("action", "withdraw")]),
        (
            CORRECTIONS,
            &[("ref", "CX2"), ("corrects", "EV2"), ("field", "on"), ("value", "2020-01-01")],
        ),
        (EVIDENCE, &[("ref", "EV2"), ("job", "J2"), ("participant", "P2"), ("reported_at", early)]),
        (JOBS, &[("ref", "JB3"), ("job", "J2"), ("participant", "P2"), ("step", "ended")]),
        (JOBS, &[("ref", "JB2"), ("job", "J2"), ("participant", "P2"), ("reported_at", late)]),
        (NEEDS, &[("ref", "ND2"), ("participation", "W2"), ("reported_at", early)]),
        (REFERRALS, &[("ref", "RF2"), ("participant", "P2"), ("reported_at", late)]),
        (PARTICIPANTS, &[("ref", "CL2"), ("participant", "P2"), ("reported_at", late)]),
    ];
    check(&with(&rows), 20, 0, &[]);
}

#[test]
fn who_refers_to_a_rejected_row_is_rejected_too() {
    let rows: [(&str, Changes<'_>); 9] = [
        (PARTICIPANTS, &[("ref", "CL2"), ("participant", "P2"), ("birth_year", "1066")]),
        (REFERRALS, &[("ref", "RF2"), ("participant", "P2")]),
        (PROGRESS, &[("ref", "PG2"), ("participation", "W2")]),
        (CORRECTIONS, &[("ref", "CX2"), ("corrects", "PG2")]),
        (CORRECTIONS, &[("ref", "CX3"), ("corrects", "CX2"), ("action", "withdraw")]),
        (JOBS, &[("ref", "JB2"), ("participant", "P2"), ("job", "J2")]),
        (JOBS, &[("ref", "JB3"), ("job", "J3"), ("weekly_hours", "x")]),
        (JOBS, &[("ref", "JB4"), ("job", "J3"), ("step", "ended")]),
        (EVIDENCE, &[("ref", "EV2"), ("job", "J3")]),
    ];
    let rejects = [
        "corrections.csv:3 corrects unknown_target [PG2]",
        "corrections.csv:4 corrects unknown_target [CX2]",
        "evidence.csv:3 job unknown_job [J3]",
        "jobs.csv:3 participant unknown_participant [P2]",
        "jobs.csv:4 weekly_hours bad_number [x]",
        "jobs.csv:5 job unknown_job [J3]",
        "participants.csv:3 birth_year bad_number [1066]",
        "progress.csv:3 participation unknown_participation [W2]",
        "referrals.csv:3 participant unknown_participant [P2]",
    ];
    check(&with(&rows), 12, 0, &rejects);
}

#[test]
fn another_accepted_row_makes_a_participant_known_although_one_was_rejected() {
    let rows: [(&str, Changes<'_>); 3] = [
        (PARTICIPANTS, &[("ref", "CL2"), ("participant", "P2"), ("birth_year", "1066")]),
        (PARTICIPANTS, &[("ref", "CL3"), ("participant", "P2")]),
        (REFERRALS, &[("participant", "P2")]),
    ];
    check(&with(&rows), 14, 0, &["participants.csv:3 birth_year bad_number [1066]"]);
}

#[test]
fn a_job_is_known_wherever_its_start_stands() {
    let ended: Changes<'_> = &[("ref", "JB3"), ("job", "J2"), ("step", "ended")];
    let changed: Changes<'_> = &[("ref", "JB4"), ("job", "J2"), ("step", "changed")];
    let started: Changes<'_> = &[("ref", "JB2"), ("job", "J2"), ("on", "2021-01-31")];
    check(&with(&[(JOBS, ended), (JOBS, changed), (JOBS, started)]), 15, 0, &[]);
}

#[test]
fn a_start_that_was_rejected_starts_no_job() {
    // rejected by form, by reference and by conflict
    let starts: [(Changes<'_>, &str); 3] = [
        (&[("ref", "JB2"), ("job", "J2"), ("sector", "x")], "jobs.csv:3 sector bad_code [x]"),
        (
            &[("ref", "JB2"), ("job", "J2"), ("on", "2022-01-01")],
            "jobs.csv:3 on future_date [2022-01-01]",
        ),
        (&[("ref", "PG1"), ("job", "J2")], "jobs.csv:3 ref conflicting_duplicate [PG1]"),
    ];
    let ended: Changes<'_> = &[("ref", "JB3"), ("job", "J2"), ("step", "ended")];
    let evidence: Changes<'_> = &[("job", "J2")];
    for (start, reject) in starts {
        let rejects =
            ["evidence.csv:3 job unknown_job [J2]", reject, "jobs.csv:4 job unknown_job [J2]"];
        check(&with(&[(JOBS, start), (JOBS, ended), (EVIDENCE, evidence)]), 12, 0, &rejects);
    }
}

#[test]
fn a_job_belongs_to_its_participant() {
    let rows: [(&str, Changes<'_>); 2] = [
        (PARTICIPANTS, &[("ref", "CL2"), ("participant", "P2")]),
        (JOBS, &[("participant", "P2"), ("step", "ended")]),
    ];
    check(&with(&rows), 13, 0, &["jobs.csv:3 job unknown_job [J1]"]);
}

#[test]
fn an_end_under_the_ref_of_its_own_start_conflicts_with_it() {
    // the started row is accepted, so the job is known: what is wrong is the ref
    let rows: [(&str, Changes<'_>); 2] =
        [(JOBS, &[("job", "J2")]), (JOBS, &[("job", "J2"), ("step", "ended")])];
    check(&with(&rows), 13, 0, &["jobs.csv:4 ref conflicting_duplicate [NEW]"]);
}

#[test]
fn of_a_start_and_an_end_that_share_a_ref_one_is_recorded() {
    // no verdict on the end satisfies every sentence; whatever it is, one row stands and stays
    let rows: [(&str, Changes<'_>); 2] =
        [(JOBS, &[("job", "J2"), ("step", "ended")]), (JOBS, &[("job", "J2")])];
    let log = Log::new();
    let taken = log.take("s", &with(&rows));
    assert_eq!((taken.accepted, taken.rejects.len()), (13, 1), "{taken:?}");
    let again = log.take("s", &with(&rows));
    assert_eq!((again.accepted, again.duplicates, again.rejects.len()), (0, 13, 1), "{again:?}");
}

/// Returns jobs that hang on each other: the start of each job has the ref of the end of the one
/// before, so that it stands if and only if that end is rejected. J0 never started.
fn chain(length: usize) -> (Texts, u64, Vec<String>) {
    let (mut texts, mut accepted, mut rejects) = (base(), 12, Vec::new());
    let mut stands = false;
    for job in 0..length {
        let (this, next) = (format!("K{job}"), format!("K{}", job + 1));
        let reference = format!("R{job}");
        texts.push(JOBS, &like(JOBS, &[("ref", &reference), ("job", &this), ("step", "ended")]));
        texts.push(JOBS, &like(JOBS, &[("ref", &reference), ("job", &next)]));
        let line = 3 + 2 * job;
        rejects.push(if stands {
            format!("jobs.csv:{} ref conflicting_duplicate [{reference}]", line + 1)
        } else {
            format!("jobs.csv:{line} job unknown_job [{this}]")
        });
        stands = !stands;
        accepted += 1;
    }
    (texts, accepted, rejects)
}

#[test]
fn jobs_that_hang_on_each_other_are_settled_from_the_first_to_the_last() {
    for length in [1, 2, 3, 6, 7] {
        let (texts, accepted, rejects) = chain(length);
        let rejects: Vec<&str> = rejects.iter().map(String::as_str).collect();
        check(&texts, accepted, 0, &rejects);
    }
}

#[test]
fn jobs_that_hang_on_each_other_are_settled_however_many_they_are() {
    for length in [9, 20, 40] {
        let (texts, accepted, rejects) = chain(length);
        let rejects: Vec<&str> = rejects.iter().map(String::as_str).collect();
        check(&texts, accepted, 0, &rejects);
    }
}

#[test]
fn a_claim_may_name_a_tier_of_its_rule() {
    let referral: Changes<'_> = &[("ref", "RF2"), ("programme", "tiered")];
    let cases = [
        ("earned", None),
        ("earned/lower", None),
        ("earned/higher", None),
        ("earned/middle", Some("claims.csv:3 rule unknown_rule [earned/middle]")),
        ("earned/", Some("claims.csv:3 rule unknown_rule [earned/]")),
        ("/lower", Some("claims.csv:3 rule unknown_rule [/lower]")),
        ("lower", Some("claims.csv:3 rule unknown_rule [lower]")),
        ("job-start/lower", Some("claims.csv:3 rule unknown_rule [job-start/lower]")),
    ];
    for (rule, reject) in cases {
        let claim: Changes<'_> = &[("participation", "W2"), ("rule", rule)];
        let rejects: Vec<&str> = reject.into_iter().collect();
        let accepted = 14 - rejects.len() as u64;
        check(&with(&[(REFERRALS, referral), (CLAIMS, claim)]), accepted, 0, &rejects);
    }
    rejected(CLAIMS, &[("rule", "job-start/lower")], "rule unknown_rule [job-start/lower]");
}

#[test]
fn dates_out_of_sequence_are_facts() {
    let rows: [(&str, Changes<'_>); 5] = [
        (JOBS, &[("ref", "JB2"), ("job", "J2"), ("on", "2020-01-01")]),
        (JOBS, &[("ref", "JB3"), ("job", "J2"), ("step", "ended"), ("on", "2019-01-01")]),
        (PROGRESS, &[("ref", "PG2"), ("step", "exited"), ("on", "2020-01-01")]),
        (ASSESSMENTS, &[("ref", "AS2"), ("on", "2021-01-06")]),
        (EVIDENCE, &[("ref", "EV2"), ("covers_from", "2021-02-28"), ("covers_to", "2021-02-01")]),
    ];
    check(&with(&rows), 17, 0, &[]);
}

#[test]
fn the_date_that_is_written_decides_what_lies_in_the_future() {
    // it is still the 17th in UTC, and the 18th where it was reported
    accepted(NEEDS, &[("on", "2023-09-18"), ("reported_at", "2023-09-18T00:21:50+01:00")]);
    // it is the 18th in UTC, and still the 17th where it was reported
    let changes: Changes<'_> =
        &[("on", "2023-09-18"), ("reported_at", "2023-09-17T23:30:00-05:00")];
    rejected(NEEDS, changes, "on future_date [2023-09-18]");
    accepted(NEEDS, &[("on", "2023-09-17"), ("reported_at", "2023-09-17T00:00:00+14:00")]);
}
