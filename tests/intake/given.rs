//! A small valid extract, rows like its rows, and the one check of what comes of an extract.

use std::sync::OnceLock;

use waystage_core::id::{EventId, Source};
use waystage_core::programme::Programmes;
use waystage_core::time::Timestamp;
use waystage_exchange::{Extract, Import, Intake, Known, import, judge};
use waystage_programmes::{Files, bundled_packs, bundled_tables, check as check_packs};
use waystage_store::MemoryStore;

use crate::texts::{HEADERS, Texts, header};

/// One row for each file. A row that a test adds to a file is therefore on line 3.
const ROWS: [&str; 16] = [
    "CL1,2021-01-04,2021-01-04T09:00:00Z,P1,1980,F,level2,E08000003",
    "RF1,2021-01-05,2021-01-05T09:00:00Z,P1,W1,working-well-pilot,2021-01-05,jobcentre,voluntary,\
     esa_wrag,ingeus,E08000003",
    "PG1,2021-01-06,2021-01-06T09:00:00Z,W1,started,",
    "AS1,2021-01-06,2021-01-06T10:00:00Z,W1,A1,swemwbs,7-item,initial,item1,4",
    "ND1,2021-01-07,2021-01-07T09:00:00Z,W1,debt,3",
    "IV1,2021-01-08,2021-01-08T09:00:00Z,W1,I1,debt_advice,in_house,ingeus,started",
    "CT1,2021-01-08,2021-01-08T10:00:00Z,W1,attended,,review,",
    "QL1,2021-01-29,2021-01-29T09:00:00Z,W1,level2,",
    "CC1,2021-01-30,2021-01-30T09:00:00Z,W1,complaint,raised",
    "JB1,2021-02-01,2021-02-02T09:00:00Z,P1,J1,started,16,employed,",
    "EV1,2021-03-01,2021-03-01T09:00:00Z,P1,J1,payslip,2021-02-01,2021-02-28",
    "RT1,2021-02-28,2021-03-05T09:00:00Z,P1,original,120/AB1,2021-02-01,2021-02-28,120000,true",
    "BN1,2021-03-01,2021-03-01T10:00:00Z,P1,universal_credit,2020-01-01,",
    "CS1,2021-03-02,2021-03-02T09:00:00Z,P1,employer_contact,given,email",
    "CM1,2021-04-01,2021-04-01T09:00:00Z,W1,job-start,submitted,100000",
    "CX1,2021-04-02,2021-04-02T09:00:00Z,PG1,amend,detail,first meeting,typing error",
];

/// A programme whose outcome has tiers.
const TIERED: &str = r#"
[programme]
id = "tiered"
name = "Tiered"
reference = "Made up for tests"

[[rule]]
id = "earned"
family = "earnings"
judged_by = "start"
reference = "Made up for tests"

[[rule.version]]
effective_from = 2018-03-01
window_days = 638
day_count = "start_is_day_0"
rate_table = "national-living-wage"
rate_as_of = "start"

[[rule.version.tier]]
id = "lower"
hours_per_week = 8
weeks = 26

[[rule.version.tier]]
id = "higher"
hours_per_week = 16
weeks = 26
"#;

pub(crate) const PARTICIPANTS: &str = "participants.csv";
pub(crate) const REFERRALS: &str = "referrals.csv";
pub(crate) const PROGRESS: &str = "progress.csv";
pub(crate) const ASSESSMENTS: &str = "assessments.csv";
pub(crate) const NEEDS: &str = "needs.csv";
pub(crate) const INTERVENTIONS: &str = "interventions.csv";
pub(crate) const CONTACTS: &str = "contacts.csv";
pub(crate) const QUALIFICATIONS: &str = "qualifications.csv";
pub(crate) const CONCERNS: &str = "concerns.csv";
pub(crate) const JOBS: &str = "jobs.csv";
pub(crate) const EVIDENCE: &str = "evidence.csv";
pub(crate) const EARNINGS: &str = "earnings.csv";
pub(crate) const BENEFITS: &str = "benefits.csv";
pub(crate) const CONSENTS: &str = "consents.csv";
pub(crate) const CLAIMS: &str = "claims.csv";
pub(crate) const CORRECTIONS: &str = "corrections.csv";

/// Files that extracts came to have later; the small extract has none of them.
pub(crate) const LATER: [&str; 4] = [CONTACTS, QUALIFICATIONS, CONCERNS, CONSENTS];

/// Changes to the cells of a row: column and value.
pub(crate) type Changes<'a> = &'a [(&'a str, &'a str)];

/// Returns the small valid extract: twelve files of one row each.
pub(crate) fn base() -> Texts {
    let mut texts = Texts::default();
    for ((file, _), row) in HEADERS.iter().zip(ROWS) {
        if !LATER.contains(file) {
            texts.push(file, row);
        }
    }
    texts
}

/// Returns the row of the small extract with other cells. Unless they are given, its `ref` is
/// `NEW`, and a referral's participation `W2`.
pub(crate) fn like(file: &str, changes: Changes<'_>) -> String {
    let at = HEADERS.iter().position(|(name, _)| *name == file).expect("a file of an extract");
    let cells = header(file).split(',').zip(ROWS[at].split(',')).map(|(column, value)| {
        let value = match column {
            "ref" => "NEW",
            "participation" if file == REFERRALS => "W2",
            _ => value,
        };
        let given = changes.iter().find(|(name, _)| *name == column);
        quoted(given.map_or(value, |(_, value)| value))
    });
    for (column, _) in changes {
        assert!(header(file).split(',').any(|name| name == *column), "{file} has no {column}");
    }
    cells.collect::<Vec<_>>().join(",")
}

/// Returns a cell as it is written in CSV.
pub(crate) fn quoted(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

/// Returns the small extract with rows like its own, in this order.
pub(crate) fn with(rows: &[(&str, Changes<'_>)]) -> Texts {
    let mut texts = base();
    for (file, changes) in rows {
        texts.push(file, &like(file, changes));
    }
    texts
}

/// Returns an extract of nothing but rows like those of the small one.
pub(crate) fn only(rows: &[(&str, Changes<'_>)]) -> Texts {
    let mut texts = Texts::default();
    for (file, changes) in rows {
        texts.push(file, &like(file, changes));
    }
    texts
}

/// What came of an extract: rows accepted, duplicates, and `file:line column code [value]` of each
/// rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    pub(crate) rejects: Vec<String>,
}

/// A log that extracts are taken into.
pub(crate) struct Log(pub(crate) MemoryStore);

impl Log {
    pub(crate) fn new() -> Self {
        Self(MemoryStore::new("tests.example/intake"))
    }

    /// Judges an extract; nothing is stored.
    pub(crate) fn judge(&self, source: &str, texts: &Texts) -> Intake {
        let files = texts.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
        let extract = Extract::read(files).expect("an extract");
        let source = Source::from(source);
        let known = Known::of(&self.0, &source).expect("a readable log");
        let correlation = EventId::from_bytes([9; 16]);
        judge(&extract, &source, &known, programmes(), correlation).expect("a readable log")
    }

    /// Judges an extract and records what is accepted.
    pub(crate) fn take(&self, source: &str, texts: &Texts) -> Taken {
        let intake = self.judge(source, texts);
        let taken = counted(&intake);
        let now = || Timestamp::from_micros(1_893_456_000_000_000);
        let how = Import { batch: 2, now: &now, watch: &|_, _| {} };
        let imported = import(&self.0, intake, &how).expect("accepted rows can be recorded");
        assert_eq!(imported.recorded, taken.accepted, "accepted rows are recorded");
        taken
    }
}

/// Returns what came of the rows. Every row is counted once, and every rejected one is named.
pub(crate) fn counted(intake: &Intake) -> Taken {
    let all = intake.counted.all();
    assert_eq!(all.accepted + all.duplicates + all.rejected, all.rows, "{:?}", intake.counted);
    assert_eq!(all.rejected, intake.counted.rejects.len() as u64);
    let events: usize = intake.accepted.values().map(Vec::len).sum();
    assert_eq!(all.accepted, events as u64);
    let rejects = intake.counted.rejects.iter().map(|reject| {
        let (file, line, column) = (reject.file, reject.line, reject.column);
        format!("{file}:{line} {column} {} [{}]", reject.code, reject.value)
    });
    Taken { accepted: all.accepted, duplicates: all.duplicates, rejects: rejects.collect() }
}

/// Checks what comes of an extract in an empty log, and that taking it again ends in the same
/// store: what was accepted is now a duplicate, what was rejected still is.
pub(crate) fn check(texts: &Texts, accepted: u64, duplicates: u64, rejects: &[&str]) {
    let log = Log::new();
    let taken = log.take("s", texts);
    let rejects: Vec<String> = rejects.iter().map(|&reject| reject.to_owned()).collect();
    assert_eq!(taken, Taken { accepted, duplicates, rejects: rejects.clone() });
    let again = log.take("s", texts);
    let duplicates = accepted + duplicates;
    assert_eq!(again, Taken { accepted: 0, duplicates, rejects }, "taken again");
}

/// Checks that a row like that of the small extract is rejected, as `column code [value]`.
pub(crate) fn rejected(file: &str, changes: Changes<'_>, reject: &str) {
    // where the small extract has no such file, the row is its first
    let line = if LATER.contains(&file) { 2 } else { 3 };
    check(&with(&[(file, changes)]), 12, 0, &[&format!("{file}:{line} {reject}")]);
}

/// Checks that a row like that of the small extract is accepted.
pub(crate) fn accepted(file: &str, changes: Changes<'_>) {
    check(&with(&[(file, changes)]), 13, 0, &[]);
}

/// Returns the bundled programmes, and one whose outcome has tiers.
pub(crate) fn programmes() -> &'static Programmes {
    static PROGRAMMES: OnceLock<Programmes> = OnceLock::new();
    PROGRAMMES.get_or_init(|| {
        let mut packs = bundled_packs().to_vec();
        packs.push(("tiered.toml", TIERED));
        let files = Files { packs: &packs, tables: bundled_tables() };
        let checked = check_packs(&files, &Programmes::default());
        assert!(checked.errors.is_empty(), "{:?}", checked.errors);
        checked.programmes
    })
}
