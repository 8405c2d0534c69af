//! The same row again, the same `ref` with other content, and the same row in another dress.

use crate::given::*;
use crate::texts::{HEADERS, Texts};

/// Checks that a row under the `ref` of one that stands already is a duplicate.
fn duplicate(file: &str, changes: Changes<'_>) {
    check(&with(&[(file, changes)]), 12, 1, &[]);
}

#[test]
fn a_row_that_stands_twice_is_a_duplicate() {
    for (file, row) in HEADERS
        .iter()
        .filter(|(file, _)| !LATER.contains(file))
        .map(|(file, _)| (*file, first_ref(file)))
    {
        let changes: Vec<(&str, &str)> = match file {
            REFERRALS => vec![("ref", row), ("participation", "W1")],
            _ => vec![("ref", row)],
        };
        duplicate(file, &changes);
    }
}

fn first_ref(file: &str) -> &'static str {
    match file {
        PARTICIPANTS => "CL1",
        REFERRALS => "RF1",
        PROGRESS => "PG1",
        ASSESSMENTS => "AS1",
        NEEDS => "ND1",
        INTERVENTIONS => "IV1",
        JOBS => "JB1",
        EVIDENCE => "EV1",
        EARNINGS => "RT1",
        BENEFITS => "BN1",
        CLAIMS => "CM1",
        _ => "CX1",
    }
}

#[test]
fn sixteen_hours_are_the_same_however_they_are_written() {
    for hours in ["16", "16.0", "16.000", "016"] {
        duplicate(JOBS, &[("ref", "JB1"), ("weekly_hours", hours)]);
    }
    let changes: Changes<'_> = &[("ref", "JB1"), ("weekly_hours", "16.5")];
    rejected(JOBS, changes, "ref conflicting_duplicate [JB1]");
}

#[test]
fn an_instant_is_the_same_in_whatever_zone_it_is_written() {
    for told in
        ["2021-01-07T09:00:00+00:00", "2021-01-07T09:00:00.000Z", "2021-01-07T10:00:00+01:00"]
    {
        duplicate(NEEDS, &[("ref", "ND1"), ("reported_at", told)]);
    }
    for told in ["2021-01-07T09:00:01Z", "2021-01-07T09:00:00+01:00"] {
        let changes: Changes<'_> = &[("ref", "ND1"), ("reported_at", told)];
        rejected(NEEDS, changes, "ref conflicting_duplicate [ND1]");
    }
}

/// Another value for every column of each file's first row.
const OTHERS: [(&str, Changes<'static>); 12] = [
    (
        PARTICIPANTS,
        &[
            ("participant", "P9"),
            ("birth_year", "1981"),
            ("sex", ""),
            ("qualification", "none"),
            ("local_authority", "E08000001"),
        ],
    ),
    (
        REFERRALS,
        &[
            ("participant", "P9"),
            ("participation", "W3"),
            ("programme", "tiered"),
            ("received_on", "2021-01-06"),
            ("referrer", ""),
            ("participation_type", "mandatory"),
            ("group", ""),
            ("provider", "seetec"),
            ("local_authority", "E08000001"),
        ],
    ),
    (PROGRESS, &[("participation", "W9"), ("step", "completed"), ("detail", "x")]),
    (
        ASSESSMENTS,
        &[
            ("participation", "W9"),
            ("assessment", "A2"),
            ("instrument", "phq9"),
            ("version", "14-item"),
            ("stage", "exit"),
            ("code", "item2"),
            ("value", ""),
        ],
    ),
    (NEEDS, &[("participation", "W9"), ("category", "housing"), ("severity", "4")]),
    (
        INTERVENTIONS,
        &[
            ("participation", "W9"),
            ("intervention", "I2"),
            ("category", "skills"),
            ("delivery", "statutory"),
            ("provider", ""),
            ("step", "completed"),
        ],
    ),
    (
        JOBS,
        &[
            ("participant", "P9"),
            ("job", "J2"),
            ("step", "changed"),
            ("weekly_hours", "17"),
            ("sector", "self_employed"),
            ("reason", "x"),
        ],
    ),
    (
        EVIDENCE,
        &[
            ("participant", "P9"),
            ("job", "J2"),
            ("method", "hmrc"),
            ("covers_from", "2021-02-02"),
            ("covers_to", "2021-02-27"),
        ],
    ),
    (
        EARNINGS,
        &[
            ("participant", "P9"),
            ("statement_kind", "delta"),
            ("scheme", "x"),
            ("period_from", "2021-02-02"),
            ("period_to", "2021-02-27"),
            ("gross_pence", "120001"),
            ("qualifying", "false"),
        ],
    ),
    (
        BENEFITS,
        &[
            ("participant", "P9"),
            ("benefit", "pip"),
            ("observed_from", "2020-01-02"),
            ("observed_to", "2021-01-01"),
        ],
    ),
    (
        CLAIMS,
        &[
            ("participation", "W9"),
            ("rule", "sustained-12-months"),
            ("step", "paid"),
            ("amount_pence", ""),
        ],
    ),
    (CORRECTIONS, &[("corrects", "CL1"), ("action", "withdraw"), ("value", "x"), ("reason", "")]),
];

#[test]
fn another_value_in_any_column_under_the_same_ref_is_a_conflict() {
    // W9 of P9, both their jobs and a second start of J1 make every reference a known one
    let more: [(&str, Changes<'_>); 5] = [
        (PARTICIPANTS, &[("ref", "CL9"), ("participant", "P9")]),
        (REFERRALS, &[("ref", "RF9"), ("participant", "P9"), ("participation", "W9")]),
        (JOBS, &[("ref", "JB9"), ("participant", "P9")]),
        (JOBS, &[("ref", "JB8"), ("job", "J2")]),
        (JOBS, &[("ref", "JB7")]),
    ];
    for (file, changes) in OTHERS {
        let common: Changes<'_> = &[("on", "2020-12-31"), ("reported_at", "2021-09-09T09:00:00Z")];
        for &(column, value) in common.iter().chain(changes) {
            let taken = first_ref(file);
            let mut cells = vec![("ref", taken), (column, value)];
            match (file, column) {
                (REFERRALS, "participation") => {}
                (REFERRALS, _) => cells.push(("participation", "W1")),
                (CORRECTIONS, "corrects") => cells.push(("field", "on")),
                _ => {}
            }
            if (file, column) == (CORRECTIONS, "corrects") {
                cells.push(("value", "2020-12-30"));
            }
            let mut rows = more.to_vec();
            rows.push((file, &cells));
            let line = 2 + rows.iter().filter(|(name, _)| *name == file).count();
            let reject = format!("{file}:{line} ref conflicting_duplicate [{taken}]");
            check(&with(&rows), 17, 0, &[&reject]);
        }
    }
}

#[test]
fn the_first_acceptable_row_of_a_ref_stands() {
    let rows: [(&str, Changes<'_>); 5] = [
        (NEEDS, &[("severity", "9")]),
        (NEEDS, &[("participation", "W9")]),
        (NEEDS, &[("severity", "5")]),
        (NEEDS, &[("severity", "6")]),
        (NEEDS, &[("severity", "5")]),
    ];
    let rejects = [
        "needs.csv:3 severity bad_number [9]",
        "needs.csv:4 participation unknown_participation [W9]",
        "needs.csv:6 ref conflicting_duplicate [NEW]",
    ];
    check(&with(&rows), 13, 1, &rejects);
}

#[test]
fn a_ref_that_stands_in_two_files_is_taken_in_the_order_of_the_files() {
    // each file's row loses against all files before it; corrections come last
    let order = [
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
    for pair in order.windows(2) {
        let [first, second] = [pair[0], pair[1]];
        let reject = format!("{second}:3 ref conflicting_duplicate [NEW]");
        check(&with(&[(second, &[]), (first, &[])]), 13, 0, &[&reject]);
    }
}

#[test]
fn a_rejected_row_does_not_take_its_ref_from_a_later_file() {
    let rows: [(&str, Changes<'_>); 2] =
        [(PARTICIPANTS, &[("birth_year", "x")]), (CORRECTIONS, &[])];
    check(&with(&rows), 13, 0, &["participants.csv:3 birth_year bad_number [x]"]);
}

/// Returns an extract whose cells hold commas, quotes and line breaks.
fn plain() -> Texts {
    let mut texts = with(&[
        (JOBS, &[("ref", "JB2"), ("reason", "a, b\nand \"c\"")]),
        (PROGRESS, &[("ref", "PG2"), ("step", "exited"), ("detail", "x\r\ny")]),
    ]);
    texts.push(NEEDS, "ND2,2021-01-07,2021-01-07T09:00:00Z,W1,\"\",3");
    texts
}

fn dressed(dress: impl Fn(&str) -> String) -> Texts {
    let mut texts = plain();
    for text in texts.files.values_mut() {
        *text = dress(text);
    }
    texts
}

/// Checks that a file in another dress states the same facts: rejected rows stay on their lines.
fn same_facts(dressed: &Texts) {
    let rejects = vec!["needs.csv:3 category missing_value []".to_owned()];
    let log = Log::new();
    let taken = log.take("s", &plain());
    assert_eq!(taken, Taken { accepted: 14, duplicates: 0, rejects: rejects.clone() });
    let again = log.take("s", dressed);
    assert_eq!(again, Taken { accepted: 0, duplicates: 14, rejects });
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    same_facts(&dressed(|text| format!("\u{feff}{text}")));
}

#[test]
fn line_ends_change_nothing() {
    // a line break inside a cell belongs to the cell, so that only those between rows are changed
    same_facts(&dressed(|text| {
        let mut inside = false;
        text.chars()
            .map(|c| {
                inside ^= c == '"';
                if c == '\n' && !inside { "\r\n".to_owned() } else { c.to_string() }
            })
            .collect()
    }));
    same_facts(&dressed(|text| text.trim_end().to_owned()));
    same_facts(&dressed(|text| format!("{}\r\n", text.trim_end())));
}

/// Reads rows as cells, for writing them in another way.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.expect("a row"));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

#[test]
fn quoting_every_cell_changes_nothing() {
    same_facts(&dressed(|text| {
        let rows = cells(text).into_iter().map(|row| {
            let cells = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
            cells.collect::<Vec<_>>().join(",") + "\n"
        });
        rows.collect()
    }));
}

#[test]
fn the_order_of_columns_changes_nothing() {
    for turn in 1..12 {
        same_facts(&dressed(|text| {
            let rows = cells(text).into_iter().map(|mut row| {
                let turn = turn % row.len();
                row.rotate_left(turn);
                row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n"
            });
            rows.collect()
        }));
    }
}

#[test]
fn a_line_is_the_physical_one_on_which_the_row_starts() {
    let long = "one\ntwo\r\nthree, \"four\"\n";
    let rows: [(&str, Changes<'_>); 4] = [
        (JOBS, &[("ref", "JB2"), ("reason", long)]),
        (JOBS, &[("ref", "JB3"), ("reason", long), ("sector", "x")]),
        (JOBS, &[("ref", "JB4"), ("weekly_hours", "x\ny")]),
        (JOBS, &[("ref", "JB5"), ("job", "")]),
    ];
    let rejects = [
        "jobs.csv:7 sector bad_code [x]",
        "jobs.csv:11 weekly_hours bad_number [x\ny]",
        "jobs.csv:13 job missing_value []",
    ];
    check(&with(&rows), 13, 0, &rejects);
}

#[test]
fn a_header_alone_is_a_file_without_rows() {
    let mut texts = Texts::default();
    for (file, header) in HEADERS {
        texts.files.insert(file.to_owned(), header.to_owned());
    }
    check(&texts, 0, 0, &[]);
    let counted = Log::new().judge("s", &texts).counted;
    assert_eq!(counted.files.len(), 16);
    assert!(counted.files.values().all(|file| file.rows == 0));
}

#[test]
fn counts_are_kept_file_by_file() {
    let rows: [(&str, Changes<'_>); 3] =
        [(NEEDS, &[]), (NEEDS, &[("ref", "ND1")]), (NEEDS, &[("severity", "x")])];
    let counted = Log::new().judge("s", &with(&rows)).counted;
    let of = |file: &str| {
        let found = counted.files.iter().find(|(name, _)| name.as_str() == file);
        found.map(|(_, of)| (of.rows, of.accepted, of.duplicates, of.rejected))
    };
    assert_eq!(of(NEEDS), Some((4, 2, 1, 1)));
    assert_eq!(of(JOBS), Some((1, 1, 0, 0)));
}
