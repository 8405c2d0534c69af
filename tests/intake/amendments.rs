//! Which columns may be amended, and that the new value is judged like the cell itself.

use crate::given::*;
use crate::texts::header;

/// A fact to amend, the columns that may be, and for each a value that the cell could have and one
/// that it could not, with its code.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str, Wrong)]);
type Wrong = Option<(&'static str, &'static str)>;

const DATE: Wrong = Some(("2021-02-30", "bad_date"));
const NUMBER: Wrong = Some(("1.5", "bad_number"));
const CODE: Wrong = Some(("nothing of the sort", "bad_code"));

const CASES: [Case; 11] = [
    (
        PARTICIPANTS,
        "CL1",
        &[
            ("birth_year", "1981", Some(("1899", "bad_number"))),
            ("sex", "X", CODE),
            ("qualification", "none", CODE),
            ("local_authority", "W06000015", CODE),
        ],
    ),
    (
        REFERRALS,
        "RF1",
        &[
            ("received_on", "2021-01-09", DATE),
            ("referrer", "gp", None),
            ("participation_type", "mandatory", CODE),
            ("group", "anything", None),
            ("provider", "seetec", None),
            ("local_authority", "E08000001", CODE),
        ],
    ),
    (PROGRESS, "PG1", &[("detail", "anything", None)]),
    (
        ASSESSMENTS,
        "AS1",
        &[
            ("instrument", "phq9", None),
            ("version", "2", None),
            ("stage", "exit", CODE),
            ("code", "item2", None),
            ("value", "5", None),
        ],
    ),
    (NEEDS, "ND1", &[("category", "housing", None), ("severity", "6", Some(("7", "bad_number")))]),
    (
        INTERVENTIONS,
        "IV1",
        &[("category", "skills", None), ("delivery", "statutory", CODE), ("provider", "x", None)],
    ),
    (
        JOBS,
        "JB1",
        &[
            ("weekly_hours", "37.5", Some(("168.01", "bad_number"))),
            ("sector", "self_employed", CODE),
            ("reason", "anything", None),
        ],
    ),
    (
        EVIDENCE,
        "EV1",
        &[
            ("method", "hmrc", CODE),
            ("covers_from", "2021-02-02", DATE),
            ("covers_to", "2021-02-03", DATE),
        ],
    ),
    (
        EARNINGS,
        "RT1",
        &[
            ("scheme", "x", None),
            ("period_from", "2021-02-02", DATE),
            ("period_to", "2021-02-03", DATE),
            ("gross_pence", "0", NUMBER),
            ("qualifying", "false", CODE),
        ],
    ),
    (
        BENEFITS,
        "BN1",
        &[
            ("benefit", "pip", None),
            ("observed_from", "2021-02-02", DATE),
            ("observed_to", "2021-02-03", DATE),
        ],
    ),
    (CLAIMS, "CM1", &[("amount_pence", "1", NUMBER)]),
];

fn amend<'a>(target: &'a str, field: &'a str, value: &'a str) -> [(&'a str, &'a str); 3] {
    [("corrects", target), ("field", field), ("value", value)]
}

#[test]
fn every_column_that_may_be_amended_can_be() {
    for (_, target, columns) in CASES {
        accepted(CORRECTIONS, &amend(target, "on", "2020-12-31"));
        for (column, value, _) in columns {
            accepted(CORRECTIONS, &amend(target, column, value));
        }
    }
}

#[test]
fn an_amended_value_is_judged_like_the_cell_itself() {
    for (_, target, columns) in CASES {
        rejected(CORRECTIONS, &amend(target, "on", "2021-13-01"), "value bad_date [2021-13-01]");
        for (column, right, wrong) in columns {
            if let Some((value, code)) = wrong {
                let reject = format!("value {code} [{value}]");
                rejected(CORRECTIONS, &amend(target, column, value), &reject);
            }
            let blank = [("corrects", target), ("field", *column), ("value", "")];
            rejected(CORRECTIONS, &blank, "value missing_value []");
            // what is wrong with the row comes before what is wrong with the reference
            let changes = [("corrects", "NONE"), ("field", *column), ("value", *right)];
            rejected(CORRECTIONS, &changes, "corrects unknown_target [NONE]");
        }
    }
}

#[test]
fn no_other_column_can_be_amended_whatever_the_value() {
    let mut all: Vec<&str> = CASES.iter().flat_map(|(file, ..)| header(file).split(',')).collect();
    all.extend(["corrects", "action", "field", "note", "On", "on ", "weekly_minutes"]);
    all.sort_unstable();
    all.dedup();
    for (_, target, columns) in CASES {
        let may = |field: &str| field == "on" || columns.iter().any(|(name, ..)| *name == field);
        for field in all.iter().filter(|field| !may(field)) {
            // values that a column of this name has elsewhere, and one that no column has
            let values = ["16", "2021-01-01", "true", "E08000001", "payslip", "started", "§"];
            for value in values {
                let reject = format!("field unknown_field [{field}]");
                rejected(CORRECTIONS, &amend(target, field, value), &reject);
            }
        }
    }
}

#[test]
fn a_forbidden_column_is_forbidden_in_its_own_file() {
    let forbidden = [
        "ref",
        "reported_at",
        "participant",
        "participation",
        "job",
        "assessment",
        "intervention",
        "step",
        "statement_kind",
        "programme",
        "rule",
    ];
    for (file, target, columns) in CASES {
        for column in header(file).split(',') {
            let listed = columns.iter().any(|(name, ..)| *name == column) || column == "on";
            assert_ne!(listed, forbidden.contains(&column), "{file} {column}");
            if !listed {
                let reject = format!("field unknown_field [{column}]");
                rejected(CORRECTIONS, &amend(target, column, "X"), &reject);
            }
        }
    }
}

/// Each step of progress with a detail of its own, another that it may have, and a wrong one.
const STEPS: [(&str, &str, &str, Wrong); 15] = [
    ("acknowledged", "", "x", None),
    ("eligibility", "eligible", "ineligible", CODE),
    ("allocated", "control", "treatment", CODE),
    ("not_started", "", "x", None),
    ("started", "", "x", None),
    ("better_off", "same", "worse", CODE),
    ("key_worker", "KW1", "KW2", None),
    ("action_plan", "", "x", None),
    ("paused", "x", "y", None),
    ("resumed", "", "x", None),
    ("transferred", "provider=a", "area=E08000001", CODE),
    ("group_changed", "esa_wrag", "anything", None),
    ("rejoined", "", "x", None),
    ("completed", "", "x", None),
    ("exited", "", "x", None),
];

#[test]
fn the_detail_of_every_step_is_judged_as_that_step_has_it() {
    for (step, detail, right, wrong) in STEPS {
        let fact: Changes<'_> = &[("ref", "PG2"), ("step", step), ("detail", detail)];
        let rows = |value| {
            let changes = amend("PG2", "detail", value);
            with(&[(PROGRESS, fact), (CORRECTIONS, &changes)])
        };
        check(&rows(right), 14, 0, &[]);
        if let Some((value, code)) = wrong {
            let reject = format!("corrections.csv:3 value {code} [{value}]");
            check(&rows(value), 13, 0, &[&reject]);
        }
    }
}

#[test]
fn progress_has_no_column_of_other_files_to_amend_whatever_the_step() {
    for (step, detail, ..) in STEPS {
        let fact: Changes<'_> = &[("ref", "PG2"), ("step", step), ("detail", detail)];
        for field in ["provider", "delivery", "category", "group", "step"] {
            let changes = amend("PG2", field, "§");
            let reject = format!("corrections.csv:3 field unknown_field [{field}]");
            check(&with(&[(PROGRESS, fact), (CORRECTIONS, &changes)]), 13, 0, &[&reject]);
        }
    }
}

#[test]
fn every_step_of_a_job_and_an_intervention_can_be_amended() {
    for step in ["changed", "ended"] {
        let fact: Changes<'_> = &[("ref", "JB2"), ("step", step)];
        for (field, value) in [("weekly_hours", "20"), ("sector", "self_employed"), ("reason", "x")]
        {
            check(&with(&[(JOBS, fact), (CORRECTIONS, &amend("JB2", field, value))]), 14, 0, &[]);
        }
    }
    for step in ["recommended", "referred", "declined", "attended", "withdrawn"] {
        let fact: Changes<'_> = &[("ref", "IV2"), ("step", step)];
        for (field, value) in [("category", "x"), ("delivery", "statutory"), ("provider", "x")] {
            check(
                &with(&[(INTERVENTIONS, fact), (CORRECTIONS, &amend("IV2", field, value))]),
                14,
                0,
                &[],
            );
        }
    }
}

#[test]
fn an_amended_amount_may_be_negative_for_a_delta_only() {
    let kinds = [("original", false), ("year_to_date", false), ("delta", true)];
    for (kind, may) in kinds {
        let fact: Changes<'_> = &[("ref", "RT2"), ("statement_kind", kind)];
        let texts = with(&[(EARNINGS, fact), (CORRECTIONS, &amend("RT2", "gross_pence", "-1"))]);
        if may {
            check(&texts, 14, 0, &[]);
        } else {
            check(&texts, 13, 0, &["corrections.csv:3 value bad_number [-1]"]);
        }
    }
}

#[test]
fn a_withdrawal_needs_neither_field_nor_value() {
    for (_, target, _) in CASES {
        let changes = [
            ("corrects", target),
            ("action", "withdraw"),
            ("field", ""),
            ("value", ""),
            ("reason", ""),
        ];
        accepted(CORRECTIONS, &changes);
    }
}

#[test]
fn of_the_later_files_the_detail_of_an_appointment_may_be_amended() {
    let appointment = with(&[
        (CONTACTS, &[("ref", "CT1")]),
        (CORRECTIONS, &[("corrects", "CT1"), ("field", "detail"), ("value", "by telephone")]),
    ]);
    check(&appointment, 14, 0, &[]);
    for (file, field) in [
        (CONTACTS, "purpose"),
        (QUALIFICATIONS, "level"),
        (CONCERNS, "concern"),
        (CONSENTS, "method"),
    ] {
        let rows = with(&[
            (file, &[("ref", "X1")]),
            (CORRECTIONS, &[("corrects", "X1"), ("field", field), ("value", "anything")]),
        ]);
        let reject = format!("corrections.csv:3 field unknown_field [{field}]");
        check(&rows, 13, 0, &[reject.as_str()]);
    }
}
