//! Everything as known now: one case for each thing that an audit can find, with all that it finds
//! there and nothing else.

use std::collections::BTreeSet;

use waystage::replay::audit::{AuditKind, Audited};
use waystage::{Adoption, Engine, ImportPlan};
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};

use crate::texts::Texts;

const PACK: &str = include_str!("pack.toml");
const OTHER: &str = "[programme]\nid = \"other\"\nname = \"Other\"\nreference = \"made up: other\"\n\
    [[rule]]\nid = \"job\"\nfamily = \"job_start\"\njudged_by = \"start\"\nreference = \"made up\"\n\
    [[rule.version]]\neffective_from = 2020-01-01\nday_count = \"start_is_day_0\"\n";
const TABLES: &str = "[[rate_table]]\nid = \"ten-pounds\"\nname = \"Ten pounds\"\n\
    reference = \"made up\"\n[[rate_table.row]]\neffective_from = 2015-01-01\npence = 1000\n";

/// Somebody who is referred, acknowledged, starts with a plan and works from 10 June, proved by a
/// payslip: met on 7 July.
pub(crate) const ALL_RIGHT: &str = "
participants CL 2024-05-01 A,1980,,,E08000001
referrals    RF 2024-05-01 A,PA,paying,2024-05-01,,voluntary,,prov,E08000001
progress     AC 2024-05-02 PA,acknowledged,
progress     ST 2024-05-13 PA,started,
progress     AP 2024-05-23 PA,action_plan,
jobs         JS 2024-06-10 A,JA,started,20,employed,
";
pub(crate) const PAYSLIP: &str = "evidence EV 2024-07-20 A,JA,payslip,2024-06-10,2024-07-15\n";
pub(crate) const CLAIM: &str = "claims CM 2024-07-22 PA,working,submitted,100000\n";
pub(crate) const PAID: &str = "claims PD 2024-08-01 PA,working,paid,100000\n";

/// The same person in another programme, paid for.
pub(crate) const OTHERS: &str = "\
referrals    RF2 2024-05-01 A,PB,other,2024-05-01,,voluntary,,prov,E08000001
progress     AC2 2024-05-02 PB,acknowledged,
progress     ST2 2024-06-03 PB,started,
claims       CM2 2024-07-22 PB,job,submitted,500
claims       PD2 2024-08-01 PB,job,paid,500
";

/// Returns an engine that took these rows: file, ref, day (and after `@` the day on which it was
/// told), cells.
pub(crate) fn taken(rows: &str) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let mut texts = Texts::default();
    for line in rows.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [file, reference, on, cells] = words[..] else { panic!("{line:?}") };
        let (on, told) = on.split_once('@').unwrap_or((on, on));
        texts.push(&format!("{file}.csv"), &format!("{reference},{on},{told}T12:00:00Z,{cells}"));
    }
    texts.write(folder.path());
    let named = |file: &str, text: &str| (file.to_owned(), text.to_owned());
    let engine = Engine::in_memory("example.org/audited");
    let plan = ImportPlan {
        folder: folder.path().to_owned(),
        source: "t".into(),
        adoption: Adoption {
            packs: vec![named("paying.toml", PACK), named("other.toml", OTHER)],
            tables: vec![named("tables.toml", TABLES)],
        },
        batch: 3,
        dry_run: false,
        strict: true,
    };
    let report = engine.import(&plan, &|_, _| {}).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.counted.rejects.is_empty(), "{:?}", report.counted.rejects);
    engine
}

pub(crate) fn audited(rows: &str, as_of: &str) -> Audited {
    let view = View::new(as_of.parse().unwrap(), Timestamp::MAX).basis(Basis::Reported);
    taken(rows).access("user:test", "a test").audit(view, &|_| {}).unwrap()
}

/// Returns what was found: kind and events.
pub(crate) fn found(audited: &Audited) -> Vec<String> {
    let findings = audited.findings.iter().map(|finding| {
        let events: Vec<&str> = finding.events.iter().map(|event| event.label.as_str()).collect();
        format!("{}: {}", finding.kind.as_str(), events.join(" "))
    });
    findings.collect()
}

/// A case: rows beside those that are all right, the day of the view, and all that is found.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) rows: String,
    pub(crate) as_of: &'static str,
    pub(crate) finds: &'static [&'static str],
}

pub(crate) fn case(name: &'static str, rows: &[&str], finds: &'static [&'static str]) -> Case {
    Case { name, rows: [&[ALL_RIGHT], rows].concat().concat(), as_of: "2024-09-30", finds }
}

/// Without one row of those that are all right.
fn without(row: &str) -> String {
    ALL_RIGHT
        .lines()
        .filter(|line| !line.contains(row))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[allow(clippy::too_many_lines)] // cases are data
fn cases() -> Vec<Case> {
    let earned = "earnings E1 2024-06-20 A,original,S,2024-06-01,2024-06-20,110000,true\n\
        claims CE 2024-07-01 PA,earning,submitted,5000\n";
    let self_declared = "evidence EV 2024-07-20 A,JA,self_declaration,2024-06-10,2024-07-15\n";
    vec![
        case("all is right", &[PAYSLIP, CLAIM, PAID], &[]),
        case("never claimed", &[PAYSLIP], &["outcome_never_claimed: RF ST JS"]),
        case(
            "claimed before it was met",
            &[PAYSLIP, "claims CM 2024-07-02 PA,working,submitted,100000\n"],
            &["claim_not_supported_then: CM", "claim_too_early: CM"],
        ),
        case(
            "claimed before the waiting time was over",
            &[PAYSLIP, "claims CM 2024-07-10 PA,working,submitted,100000\n"],
            &["claim_too_early: CM"],
        ),
        case(
            "corrected after the claim",
            &[PAYSLIP, CLAIM, "corrections CX 2024-08-05 JS,amend,weekly_hours,8,wrong\n"],
            &["claim_no_longer_supported: CM CX"],
        ),
        case(
            "paid twice",
            &[PAYSLIP, CLAIM, PAID, "claims PE 2024-08-02 PA,working,paid,100000\n"],
            &["claim_paid_twice: PE PD CM"],
        ),
        case(
            "paid under two programmes",
            &[PAYSLIP, CLAIM, PAID, OTHERS],
            &["paid_under_two_programmes: PD2 CM2 PD"],
        ),
        case("no evidence at all", &[CLAIM], &["claim_without_accepted_evidence: CM JS"]),
        case(
            "self-declaration alone",
            &[self_declared, CLAIM],
            &["claim_on_self_declaration: CM EV"],
        ),
        case(
            "evidence that ends too early",
            &["evidence EV 2024-07-20 A,JA,payslip,2024-06-10,2024-06-30\n", CLAIM],
            &["claim_without_accepted_evidence: CM EV"],
        ),
        case(
            "a third attempt",
            &[
                PAYSLIP,
                CLAIM,
                "claims CN 2024-07-23 PA,working,submitted,100000\n",
                "claims CO 2024-07-24 PA,working,submitted,100000\n",
            ],
            &["claim_attempts_exceeded: CO"],
        ),
        Case {
            as_of: "2025-01-31",
            ..case(
                "after the line closed",
                &[PAYSLIP, "claims CM 2025-01-01 PA,working,submitted,100000\n"],
                &["claim_after_line_closed: CM"],
            )
        },
        Case {
            rows: [&without("acknowledged"), PAYSLIP, CLAIM].concat(),
            ..case("no acknowledgement", &[], &["start_without_acknowledgement: ST CM"])
        },
        Case {
            rows: [
                &without("acknowledged"),
                "progress AC 2024-05-14 PA,acknowledged,\n",
                PAYSLIP,
                CLAIM,
            ]
            .concat(),
            ..case("acknowledged after the start", &[], &["acknowledged_after_start: ST AC CM"])
        },
        Case {
            rows: [
                &without("acknowledged"),
                "progress AC 2024-05-04 PA,acknowledged,\n",
                PAYSLIP,
                CLAIM,
            ]
            .concat(),
            ..case("acknowledged late", &[], &["acknowledged_late: RF AC"])
        },
        Case {
            rows: [&without("action_plan"), PAYSLIP, CLAIM].concat(),
            ..case("no action plan", &[], &["standard_missing: RF"])
        },
        Case {
            rows: [
                &without("action_plan"),
                "progress AP 2024-06-13 PA,action_plan,\n",
                PAYSLIP,
                CLAIM,
            ]
            .concat(),
            ..case("a late action plan", &[], &["standard_late: RF AP"])
        },
        Case {
            rows: [
                &without("jobs"),
                "jobs JS 2024-06-10@2024-07-28 A,JA,started,20,employed,\n",
                PAYSLIP,
                CLAIM,
            ]
            .concat(),
            ..case(
                "a job start told after the claim",
                &[],
                &["claim_not_supported_then: CM", "job_start_told_after_claim: JS CM"],
            )
        },
        Case {
            rows: [
                &without("jobs"),
                "jobs JS 2024-06-10@2024-07-11 A,JA,started,20,employed,\n",
                PAYSLIP,
                CLAIM,
            ]
            .concat(),
            ..case(
                "a job start told after the outcome",
                &[],
                &["job_start_told_after_outcome: JS CM"],
            )
        },
        case(
            "earnings corrected together with what changes nothing",
            &[
                PAYSLIP,
                CLAIM,
                earned,
                "earnings E2 2024-06-25@2024-08-05 A,delta,S,2024-06-01,2024-06-20,-20000,true\n",
                "earnings E9 2024-06-26@2024-08-05 A,year_to_date,T,2024-06-21,2024-06-26,500,true\n",
            ],
            &["claim_no_longer_supported: CE E2", "earnings_corrected_below_threshold: E2 CE"],
        ),
        case(
            "earnings corrected",
            &[
                PAYSLIP,
                CLAIM,
                earned,
                "corrections CX 2024-08-05 E1,amend,gross_pence,99999,typo\n",
            ],
            &["claim_no_longer_supported: CE CX", "earnings_corrected_below_threshold: CX E1 CE"],
        ),
        case(
            "a negative difference",
            &[
                PAYSLIP,
                CLAIM,
                earned,
                "earnings E2 2024-06-25@2024-08-05 A,delta,S,2024-06-01,2024-06-20,-20000,true\n",
            ],
            &["claim_no_longer_supported: CE E2", "earnings_corrected_below_threshold: E2 CE"],
        ),
        Case {
            as_of: "2026-01-01",
            ..case(
                "kept by one duty",
                &[PAYSLIP, CLAIM, "progress EX 2024-12-01 PA,exited,\n"],
                &["record_kept_by_one_tag: RF ST EX"],
            )
        },
        Case {
            as_of: "2026-01-01",
            ..case(
                "kept while somebody is back",
                &[
                    PAYSLIP,
                    CLAIM,
                    "progress EX 2024-08-01 PA,exited,\n",
                    "progress RJ 2024-08-20 PA,rejoined,\n",
                ],
                &[],
            )
        },
        Case {
            as_of: "2035-01-01",
            ..case(
                "kept by no duty",
                &[PAYSLIP, CLAIM, "progress EX 2024-12-01 PA,exited,\n"],
                &["record_past_retention: RF ST EX"],
            )
        },
        case(
            "what looks wrong in the journey",
            &[PAYSLIP, CLAIM, "claims XX 2024-08-01 PA,earning,paid,5\n"],
            &["claim_never_submitted: XX"],
        ),
    ]
}

#[test]
fn each_thing_is_found_with_its_events_and_nothing_beside_it() {
    let mut kinds = BTreeSet::new();
    for Case { name, rows, as_of, finds } in cases() {
        let audited = audited(&rows, as_of);
        assert_eq!(found(&audited), finds, "{name}: {:#?}", audited.findings);
        kinds.extend(audited.findings.iter().map(|finding| finding.kind));
    }
    let never: Vec<&AuditKind> = AuditKind::OWN
        .iter()
        .filter(|kind| !kinds.contains(kind))
        .filter(|kind| {
            let about = ["determination_", "withdrawal_", "packs_", "payment_"];
            !about.iter().any(|about| kind.as_str().starts_with(about))
        })
        .collect();
    assert!(never.is_empty(), "no case finds {never:?}");
}

#[test]
fn findings_say_who_by_which_rule_and_where_it_is_written() {
    let declared = "evidence EV 2024-07-20 A,JA,self_declaration,2024-06-10,2024-07-15\n";
    let audited = audited(&[ALL_RIGHT, declared, CLAIM].concat(), "2024-09-30");
    let [finding] = audited.findings.as_slice() else { panic!("{:#?}", audited.findings) };
    assert_eq!(finding.participant.as_ref().unwrap().reference.as_str(), "A");
    assert_eq!(finding.participation.as_ref().unwrap().reference.as_str(), "PA");
    assert_eq!(finding.programme.as_ref().unwrap().as_str(), "paying");
    assert_eq!(finding.rule.as_ref().unwrap().as_str(), "working");
    assert_eq!(finding.rule_version, Some("2020-01-01".parse().unwrap()));
    assert_eq!(finding.source.as_deref(), Some("made up: what a claim needs"));
    assert_eq!(
        finding.says,
        "the work rests on self-declaration alone, and payslip or hmrc is asked for"
    );
    assert!(finding.puts_in_error(audited.claims[0].claim.id));
}

#[test]
fn a_back_dated_job_start_names_who_told_it_and_how_late() {
    let rows = [
        &without("jobs"),
        "jobs JS 2024-06-10@2024-07-28 A,JA,started,20,employed,\n",
        PAYSLIP,
        CLAIM,
    ];
    let audited = audited(&rows.concat(), "2024-09-30");
    let told = audited.findings.iter();
    let told = told.clone().find(|it| it.kind == AuditKind::JobStartToldAfterClaim).unwrap();
    assert_eq!(
        told.says,
        "job JA of 2024-06-10 was told on 2024-07-28, 48 days after it, by system:import for t, \
         after CM was made"
    );
}

/// A job start, as it was first told to begin on a day of 2024, and corrections of it: the day that
/// each names (or that it withdraws the one before), and the day on which it was told.
fn corrected(first: &str, corrections: &[(&str, &str)]) -> String {
    let start = format!("jobs JS 2024-{first} A,JA,started,20,employed,\n");
    let corrections = corrections.iter().enumerate().map(|(place, (on, told))| {
        let correction = match *on {
            "withdrawn" => format!("C{},withdraw,,,wrong", place - 1),
            on => format!("JS,amend,on,2024-{on},wrong"),
        };
        format!("corrections C{place} 2024-{told} {correction}\n")
    });
    let corrections: Vec<String> = corrections.collect();
    [&without("jobs"), &start, &corrections.concat(), PAYSLIP, CLAIM].concat()
}

#[test]
fn a_start_is_told_by_what_moved_it_back_last_and_for_good() {
    let found_of = |first, corrections: &[(&str, &str)]| {
        let found = found(&audited(&corrected(first, corrections), "2024-09-30"));
        let told = found.into_iter().filter(|it| it.starts_with("job_start_told_after_claim"));
        told.map(|it| it.replace("job_start_told_after_claim: ", "")).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(found_of("07-15", &[("06-10", "08-05")]), ["JS C0 CM"]);
    // the day was told before the claim, and told once more after it
    assert_eq!(found_of("06-20", &[("06-10", "06-25"), ("06-10", "08-05")]), none);
    // moved forward after the claim
    assert_eq!(found_of("06-20", &[("06-01", "06-25"), ("06-10", "08-05")]), none);
    // moved away before the claim, and back after it, though not as far as at first
    assert_eq!(found_of("06-10", &[("07-12", "07-15"), ("06-15", "08-05")]), ["JS C1 CM"]);
    assert_eq!(found_of("06-10", &[("07-12", "07-15"), ("withdrawn", "08-05")]), ["JS C1 CM"]);
    assert_eq!(found_of("06-10", &[]), none);
    let audited = audited(&corrected("07-15", &[("06-10", "08-05")]), "2024-09-30");
    let told = audited.findings.iter().find(|it| it.kind == AuditKind::JobStartToldAfterClaim);
    assert_eq!(
        told.unwrap().says,
        "job JA, of 2024-07-15 as told before, was moved back to 2024-06-10 by C0 on 2024-08-05, 56 \
         days after it, by system:import for t, after CM was made"
    );
}

#[test]
fn an_earnings_version_has_its_own_source() {
    let earned = "earnings E1 2024-06-20 A,original,S,2024-06-01,2024-06-20,110000,true\n\
        corrections CX 2024-08-05 E1,withdraw,,,never_paid\n";
    let audited = audited(&[ALL_RIGHT, PAYSLIP, CLAIM, earned].concat(), "2024-09-30");
    let [finding] = audited.findings.as_slice() else { panic!("{:#?}", audited.findings) };
    assert_eq!(finding.source.as_deref(), Some("made up: of 2020"));
    assert_eq!(
        finding.says,
        "earning read met on 2024-06-20 with 110000 pence until CX corrected E1; now earning \
         reads not yet, days can count until 2025-03-09"
    );
}
