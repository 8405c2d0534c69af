//! The lexical forms of cells: what is taken and what is not, column by column.

use crate::given::*;

/// Every column that holds a date, beside `on`.
const DATES: [(&str, &str); 7] = [
    (REFERRALS, "received_on"),
    (EVIDENCE, "covers_from"),
    (EVIDENCE, "covers_to"),
    (EARNINGS, "period_from"),
    (EARNINGS, "period_to"),
    (BENEFITS, "observed_from"),
    (BENEFITS, "observed_to"),
];

const FILES: [&str; 12] = [
    PARTICIPANTS,
    REFERRALS,
    PROGRESS,
    ASSESSMENTS,
    NEEDS,
    INTERVENTIONS,
    JOBS,
    EVIDENCE,
    EARNINGS,
    BENEFITS,
    CLAIMS,
    CORRECTIONS,
];

fn all_rejected(file: &str, column: &str, code: &str, values: &[&str]) {
    for value in values {
        rejected(file, &[(column, value)], &format!("{column} {code} [{value}]"));
    }
}

fn all_accepted(file: &str, column: &str, values: &[&str]) {
    for value in values {
        accepted(file, &[(column, value)]);
    }
}

#[test]
fn a_date_is_a_day_of_the_calendar_between_1900_and_2100_in_ten_ascii_characters() {
    for (file, column) in DATES {
        all_accepted(file, column, &["1900-01-01", "2100-12-31", "2020-02-29"]);
        let wrong = ["1899-12-31", "2101-01-01", "2021-02-29", "2100-02-29", "2021-04-31"];
        all_rejected(file, column, "bad_date", &wrong);
        let wrong = ["2021-1-04", "20210104", "04/01/2021", "2021-01-04 ", " 2021-01-04", "-"];
        all_rejected(file, column, "bad_date", &wrong);
        let wrong = ["2021-00-04", "2021-01-00", "2021-13-01", "０021-01-04", "2021–01–04"];
        all_rejected(file, column, "bad_date", &wrong);
    }
    for file in FILES {
        all_rejected(file, "on", "bad_date", &["2021-02-29", "1899-12-31", "today"]);
        all_accepted(file, "on", &["1900-01-01"]);
    }
}

#[test]
fn an_instant_is_rfc_3339_with_its_zone() {
    let right = [
        "2021-12-31T00:00:00Z",
        "2021-12-31T23:59:59.999999999Z",
        "2021-12-31T09:15:00+01:00",
        "2021-12-31T09:15:00-11:30",
        "2021-12-31t09:15:00z",
        "2100-12-31T23:59:59-12:00",
        "2016-12-31T23:59:60Z",
    ];
    for instant in right {
        accepted(NEEDS, &[("on", "2000-01-01"), ("reported_at", instant)]);
    }
    let wrong = [
        "2021-12-31",
        "2021-12-31T09:15:00",
        "2021-12-31T09:15Z",
        "2021-12-31T24:00:00Z",
        "2021-12-31T09:60:00Z",
        "2021-12-31T09:15:00+0100",
        "2021-12-31T09:15:00+01",
        "2021-12-31T09:15:00+1:00",
        "2021-12-31T09:15:00+24:00",
        "2021-12-31T09:15:00+01:60",
        "2021-12-31T09:15:00 +01:00",
        "2021-12-31T09:15:00.Z",
        "2021-12-31T09:15:00,5Z",
        "2021-12-31T9:15:00Z",
        "2021-12-31T09:15:00Z ",
        " 2021-12-31T09:15:00Z",
        "2021-12-31T09:15:00 Z",
        "2021-12-31T09:15:00UTC",
        "2021-12-31T09:15:00\u{2212}01:00",
        "2021-12-31T0９:15:00Z",
        "2021-02-29T09:15:00Z",
        "1899-12-31T09:15:00Z",
        "2101-01-01T09:15:00Z",
        "1640941200",
    ];
    for file in FILES {
        all_rejected(file, "reported_at", "bad_timestamp", &wrong[..3]);
    }
    all_rejected(NEEDS, "reported_at", "bad_timestamp", &wrong);
}

#[test]
fn a_birth_year_is_a_whole_number_between_1900_and_2100() {
    all_accepted(PARTICIPANTS, "birth_year", &["1900", "2100"]);
    let wrong = ["1899", "2101", "-1980", "+1980", "1980.0", "198O", "１９８０", " 1980", "1e3"];
    all_rejected(PARTICIPANTS, "birth_year", "bad_number", &wrong);
    all_rejected(PARTICIPANTS, "birth_year", "bad_number", &["99999999999999999999"]);
}

#[test]
fn a_severity_is_a_whole_number_from_0_to_6() {
    all_accepted(NEEDS, "severity", &["0", "1", "5", "6"]);
    all_rejected(NEEDS, "severity", "bad_number", &["7", "-1", "3.0", "high", "٣", "+3", "3 "]);
}

#[test]
fn weekly_hours_are_digits_with_an_optional_fraction_up_to_168() {
    all_accepted(JOBS, "weekly_hours", &["0", "16", "37.5", "0.000001", "168", "168.000"]);
    let wrong = ["168.01", "169", "-16", "+16", "1e1", ".5", "16.", "16h", "16,5", "１６", "16 "];
    all_rejected(JOBS, "weekly_hours", "bad_number", &wrong);
    all_rejected(JOBS, "weekly_hours", "bad_number", &["99999999999999999999", "1.2.3", "NaN"]);
}

#[test]
fn pence_are_whole_and_negative_for_a_delta_only() {
    all_accepted(EARNINGS, "gross_pence", &["0", "9223372036854775807"]);
    let wrong = ["1.0", "+1", "1,000", "£1", "1 ", "9223372036854775808", "-", "--1", "１"];
    all_rejected(EARNINGS, "gross_pence", "bad_number", &wrong);
    accepted(EARNINGS, &[("statement_kind", "delta"), ("gross_pence", "-120000")]);
    for kind in ["original", "year_to_date"] {
        let changes: Changes<'_> = &[("statement_kind", kind), ("gross_pence", "-1")];
        rejected(EARNINGS, changes, "gross_pence bad_number [-1]");
    }
    all_accepted(CLAIMS, "amount_pence", &["", "0", "300000"]);
    all_rejected(CLAIMS, "amount_pence", "bad_number", &["1.5", "1e3", "£5", " 5"]);
}

#[test]
fn an_area_code_is_one_of_eight_letters_and_eight_digits() {
    let right = ["E08000003", "W06000015", "S12000036", "N09000003", "K02000001", "J01000001"];
    let wrong = ["", "X08000003", "e08000003", "E0800003", "E080000033", "E0800000A", "Manchester"];
    for file in [PARTICIPANTS, REFERRALS] {
        all_accepted(file, "local_authority", &right);
        all_accepted(file, "local_authority", &["L93000001", "M83000003"]);
        all_rejected(file, "local_authority", "missing_value", &wrong[..1]);
        all_rejected(file, "local_authority", "bad_code", &wrong[1..]);
        all_rejected(file, "local_authority", "bad_code", &["E0800000３", "E08000003 "]);
    }
}

#[test]
fn closed_lists_take_their_words_and_no_others() {
    let lists: [(&str, &str, &[&str]); 11] = [
        (PARTICIPANTS, "sex", &["", "F", "M", "X"]),
        (PARTICIPANTS, "qualification", &["", "none", "level1", "level2", "level3", "level4plus"]),
        (REFERRALS, "participation_type", &["voluntary", "mandatory"]),
        (ASSESSMENTS, "stage", &["initial", "intermediate", "exit"]),
        (
            INTERVENTIONS,
            "delivery",
            &[
                "in_house",
                "supply_chain",
                "spot_purchase",
                "signposted",
                "statutory",
                "self_arranged",
            ],
        ),
        (
            INTERVENTIONS,
            "step",
            &[
                "recommended",
                "referred",
                "accepted",
                "declined",
                "wait_listed",
                "started",
                "attended",
                "missed",
                "completed",
                "withdrawn",
            ],
        ),
        (JOBS, "step", &["started", "changed", "ended"]),
        (JOBS, "sector", &["employed", "self_employed"]),
        (
            EVIDENCE,
            "method",
            &[
                "payslip",
                "employer_letter",
                "employer_call",
                "hmrc",
                "self_declaration",
                "contract",
            ],
        ),
        (EARNINGS, "statement_kind", &["original", "delta", "year_to_date"]),
        (EARNINGS, "qualifying", &["true", "false"]),
    ];
    for (file, column, words) in lists {
        all_accepted(file, column, words);
        all_rejected(file, column, "bad_code", &["other", "Started", "TRUE", "employed ", "0"]);
    }
    all_accepted(CLAIMS, "step", &["submitted", "validated", "failed", "paid", "clawed_back"]);
    all_rejected(CLAIMS, "step", "bad_code", &["other", "Paid"]);
    all_rejected(CORRECTIONS, "action", "bad_code", &["undo", "Withdraw"]);
}

#[test]
fn progress_takes_fifteen_steps_and_six_of_them_need_a_detail() {
    let free = [
        "acknowledged",
        "not_started",
        "started",
        "action_plan",
        "paused",
        "resumed",
        "rejoined",
        "completed",
        "exited",
    ];
    for step in free {
        accepted(PROGRESS, &[("step", step)]);
        accepted(PROGRESS, &[("step", step), ("detail", "whatever, \"it\" is\nlong")]);
    }
    let needing: [(&str, &[&str], &[&str]); 6] = [
        ("eligibility", &["eligible", "ineligible"], &["Eligible", "yes"]),
        ("allocated", &["treatment", "control"], &["treated"]),
        ("better_off", &["better", "same", "worse"], &["rich"]),
        ("key_worker", &["KW1", "anyone at all"], &[]),
        ("group_changed", &["esa_wrag", "no such group"], &[]),
        (
            "transferred",
            &["provider=seetec", "area=E08000001", "provider=a=b"],
            &["seetec", "provider=", "area=", "area=Bolton", "Area=E08000001", "town=X"],
        ),
    ];
    for (step, right, wrong) in needing {
        rejected(PROGRESS, &[("step", step)], "detail missing_value []");
        for detail in right {
            accepted(PROGRESS, &[("step", step), ("detail", detail)]);
        }
        for detail in wrong {
            let changes: Changes<'_> = &[("step", step), ("detail", detail)];
            rejected(PROGRESS, changes, &format!("detail bad_code [{detail}]"));
        }
    }
    all_rejected(PROGRESS, "step", "bad_code", &["start", "Started", "referred"]);
}

#[test]
fn weekly_hours_may_be_blank_for_a_job_that_ended_only() {
    accepted(JOBS, &[("step", "ended"), ("weekly_hours", "")]);
    accepted(JOBS, &[("step", "ended"), ("weekly_hours", "16")]);
    for step in ["started", "changed"] {
        let changes: Changes<'_> = &[("step", step), ("weekly_hours", "")];
        rejected(JOBS, changes, "weekly_hours missing_value []");
    }
    rejected(JOBS, &[("step", "ended"), ("weekly_hours", "x")], "weekly_hours bad_number [x]");
}

#[test]
fn what_may_be_blank_may_be_blank_and_nothing_else() {
    let optional: [(&str, &[&str]); 8] = [
        (PARTICIPANTS, &["sex", "qualification"]),
        (REFERRALS, &["referrer", "group"]),
        (PROGRESS, &["detail"]),
        (ASSESSMENTS, &["value"]),
        (INTERVENTIONS, &["provider"]),
        (JOBS, &["reason"]),
        (BENEFITS, &["observed_to"]),
        (CLAIMS, &["amount_pence"]),
    ];
    for file in FILES {
        let columns = crate::texts::header(file).split(',');
        for column in columns {
            let may = optional.iter().any(|(name, free)| *name == file && free.contains(&column));
            match (may, file, column) {
                (true, ..) | (_, CORRECTIONS, "reason") => accepted(file, &[(column, "")]),
                _ => rejected(file, &[(column, "")], &format!("{column} missing_value []")),
            }
        }
    }
    accepted(CORRECTIONS, &[("action", "withdraw"), ("field", ""), ("value", "")]);
}

#[test]
fn open_text_is_taken_whatever_it_says() {
    let open = [
        (REFERRALS, "group"),
        (REFERRALS, "referrer"),
        (REFERRALS, "provider"),
        (ASSESSMENTS, "instrument"),
        (ASSESSMENTS, "code"),
        (ASSESSMENTS, "value"),
        (NEEDS, "category"),
        (INTERVENTIONS, "category"),
        (JOBS, "reason"),
        (EARNINGS, "scheme"),
        (BENEFITS, "benefit"),
        (CORRECTIONS, "reason"),
        (CORRECTIONS, "value"),
    ];
    for (file, column) in open {
        all_accepted(
            file,
            column,
            &["no such word", "=1+1", "naïve, \"quoted\"", "\u{202e}x", " "],
        );
    }
}

#[test]
fn a_long_reference_that_is_accepted_can_be_recorded() {
    for length in [1, 1024] {
        accepted(NEEDS, &[("ref", &"x".repeat(length))]);
    }
}

#[test]
fn long_texts_that_are_accepted_can_be_recorded() {
    // written as JSON, each of these characters takes six
    let long = "\u{1}".repeat(16 * 1024);
    accepted(NEEDS, &[("category", &long)]);
    let changes: Changes<'_> =
        &[("instrument", &long), ("version", &long), ("code", &long), ("value", &long)];
    accepted(ASSESSMENTS, changes);
}
